//! References: what they lead to, and whether that may stand there.

use super::classes::is_a;
use super::{Examiner, Place, shown};
use crate::document::Node;
use crate::sbom::Violation;
use crate::sbom::spdx3::graph::reference_id;
use crate::text::Text;

/// The individuals of the model, and their classes.
const INDIVIDUALS: &[(&str, &str)] = &[
    ("NoAssertionElement", "IndividualElement"),
    ("NoneElement", "IndividualElement"),
    ("SpdxOrganization", "Organization"),
    ("expandedlicensing_NoAssertionLicense", "expandedlicensing_IndividualLicensingInfo"),
    ("expandedlicensing_NoneLicense", "expandedlicensing_IndividualLicensingInfo"),
];

/// What begins the identifiers of the elements that SPDX itself publishes.
const PUBLISHED: &[&str] = &["https://spdx.org/licenses/", "http://spdx.org/licenses/", "https://spdx.org/rdf/3.0.1/"];

impl<'n> Examiner<'n> {
    /// Judges an identifier that stands where an object of a class is wanted.
    pub(super) fn reference(&mut self, node: &'n Node<'n>, place: Place<'_>) {
        let (Some(id), Some((wanted, source))) = (reference_id(node), place.wanted) else { return };
        self.iri(Some(node), &Text::of(place.pointer));
        if let Some((_, class)) = INDIVIDUALS.iter().find(|(individual, _)| *individual == id) {
            if !is_a(class, wanted) {
                self.wrong_class(node, place.pointer, wanted, source, class);
            }
            return;
        }
        match self.graph.find(&id) {
            Some(element) if is_a(&element.class, wanted) => {}
            // An element of a class that is not known is told of where it stands.
            Some(element) if !super::classes::is_class(&element.class) => {}
            Some(element) => {
                let class = element.class.to_string();
                self.wrong_class(node, place.pointer, wanted, source, &class);
            }
            None => self.nowhere(node, &id, place, wanted, source),
        }
    }

    /// Judges that an identifier holds no character that none may hold.
    pub(super) fn iri(&mut self, node: Option<&Node<'_>>, pointer: &Text) {
        let Some(node) = node else { return };
        let forbidden = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        };
        if node.string("").is_ok_and(|id| id.contains(forbidden)) {
            let expected = Text::trusted("an IRI, in which no blank, quotation mark or bracket stands");
            let violation = Violation::invalid(node.span, pointer.clone(), expected, shown(node));
            self.found.push(violation.by("SPDX 3.0.1, Core, Element, spdxId; RFC 3987, section 2.2"));
        }
    }

    /// Tells of an identifier that no object of the document has. A blank node cannot stand elsewhere, nor what is no
    /// element: only those are imported.
    fn nowhere(&mut self, node: &Node<'_>, id: &str, place: Place<'_>, wanted: &str, source: &'static str) {
        let expected = || crate::text!("the identifier of an object of the class `{}`", wanted);
        let pointer = Text::of(place.pointer);
        if id.starts_with("_:") || !is_a(wanted, "Element") {
            let violation = Violation::invalid(node.opening(), pointer, expected(), shown(node));
            self.found.push(violation.by(source));
            return;
        }
        if self.imports.contains(id) || PUBLISHED.iter().any(|start| id.starts_with(start)) {
            return;
        }
        let expected = Text::trusted("the identifier of an element of the document, or of one that it imports");
        self.found.push(Violation::inconsistent(node.opening(), pointer, expected, shown(node)).by(source));
    }
}
