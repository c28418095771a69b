//! What the model says in prose of the members of its classes.

use super::classes::is_a;
use super::{Examiner, shown};
use crate::document::{Node, Value};
use crate::sbom::Violation;
use crate::sbom::model::HashAlgorithm;
use crate::sbom::spdx3::graph::{Element, reference_id};
use crate::text::Text;

/// What a type of relationships leads from and to.
struct Ends {
    kind: &'static str,
    /// The class of the relationship itself.
    class: &'static str,
    from: &'static str,
    to: &'static str,
}

const fn ends(kind: &'static str, class: &'static str, from: &'static str, to: &'static str) -> Ends {
    Ends { kind, class, from, to }
}

const LICENSE: &str = "simplelicensing_AnyLicenseInfo";
const VULNERABILITY: &str = "security_Vulnerability";

/// Which elements each type of relationships is between: SPDX 3.0.1, Core, RelationshipType. The others take any.
const RELATIONSHIPS: &[Ends] = &[
    ends("affects", "security_VexAffectedVulnAssessmentRelationship", VULNERABILITY, "Element"),
    ends("coordinatedBy", "Relationship", VULNERABILITY, "Agent"),
    ends("delegatedTo", "Relationship", "Agent", "Element"),
    ends("doesNotAffect", "security_VexNotAffectedVulnAssessmentRelationship", VULNERABILITY, "Element"),
    ends("exploitCreatedBy", "Relationship", VULNERABILITY, "Agent"),
    ends("fixedBy", "Relationship", VULNERABILITY, "Agent"),
    ends("fixedIn", "security_VexFixedVulnAssessmentRelationship", VULNERABILITY, "Element"),
    ends("foundBy", "Relationship", VULNERABILITY, "Agent"),
    ends("hasAssessmentFor", "security_VulnAssessmentRelationship", VULNERABILITY, "Element"),
    ends("hasAssociatedVulnerability", "Relationship", "Artifact", VULNERABILITY),
    ends("hasConcludedLicense", "Relationship", "software_SoftwareArtifact", LICENSE),
    ends("hasDeclaredLicense", "Relationship", "software_SoftwareArtifact", LICENSE),
    ends("hasHost", "Relationship", "build_Build", "Element"),
    ends("hasInput", "Relationship", "build_Build", "Element"),
    ends("hasOutput", "Relationship", "build_Build", "Element"),
    ends("invokedBy", "Relationship", "Element", "Agent"),
    ends("publishedBy", "Relationship", VULNERABILITY, "Agent"),
    ends("reportedBy", "Relationship", VULNERABILITY, "Agent"),
    ends("republishedBy", "Relationship", VULNERABILITY, "Agent"),
    ends("serializedInArtifact", "Relationship", "SpdxDocument", "Artifact"),
    ends("underInvestigationFor", "security_VexUnderInvestigationVulnAssessmentRelationship", VULNERABILITY, "Element"),
];

impl<'n> Examiner<'n> {
    /// Judges what stands in an object.
    pub(super) fn contents(&mut self, element: &Element<'n>, pointer: &str) {
        let class = &*element.class;
        if is_a(class, "ElementCollection") {
            self.collection(element.node, pointer);
        } else if is_a(class, "Relationship") {
            self.relationship(element, pointer);
        } else if class == "simplelicensing_LicenseExpression" {
            self.expression(element.node, pointer);
        } else if class == "Hash" {
            self.hash(element.node, pointer);
        } else if is_a(class, "software_Package") && element.node.get("name").is_none() {
            let expected = Text::trusted("the member `name`");
            let violation =
                Violation::invalid(element.node.opening(), Text::of(pointer), expected, Text::trusted("none"));
            self.found.push(violation.by("SPDX 3.0.1, Software, Package, external property restrictions"));
        }
    }

    /// A collection that holds elements says which is its root, and holds no document.
    fn collection(&mut self, node: &'n Node<'n>, pointer: &str) {
        let source = "SPDX 3.0.1, Core, ElementCollection";
        let is_filled = |key: &str| !items(node, key).is_empty();
        if is_filled("element") && !is_filled("rootElement") {
            let expected = Text::trusted("the member `rootElement`, as the collection holds elements");
            let found = Text::trusted("none");
            self.found.push(Violation::invalid(node.opening(), Text::of(pointer), expected, found).by(source));
        }
        for key in ["element", "rootElement"] {
            for (at, item) in items(node, key).iter().enumerate() {
                if self.graph.resolve(item).is_some_and(|held| held.class == "SpdxDocument") {
                    let pointer = crate::text!("{}/{}/{}", pointer, key, at);
                    let expected = Text::trusted("an element that is no `SpdxDocument`");
                    self.found.push(Violation::invalid(item.opening(), pointer, expected, shown(item)).by(source));
                }
            }
        }
    }

    /// A relationship to nothing leads to nothing else, and its type says which elements it is between.
    fn relationship(&mut self, element: &Element<'n>, pointer: &str) {
        let to = items(element.node, "to");
        let nothing = to.iter().position(|end| reference_id(end).is_some_and(|id| id == "NoneElement"));
        if let Some((at, end)) = nothing.filter(|_| to.len() > 1).and_then(|at| Some((at, to.get(at)?))) {
            let expected = Text::trusted("`NoneElement` alone, or other elements");
            let found = Text::trusted("both");
            let violation = Violation::invalid(end.span, crate::text!("{}/to/{}", pointer, at), expected, found);
            self.found.push(violation.by("SPDX 3.0.1, Core, Relationship, description"));
        }
        let source = "SPDX 3.0.1, Core, RelationshipType";
        let Some(word) = element.node.get("relationshipType") else { return };
        let Some(ends) = RELATIONSHIPS.iter().find(|known| word.string("") == Ok(known.kind)) else { return };
        if !is_a(&element.class, ends.class) {
            let expected = crate::text!("`{}` in an element of the class `{}`", ends.kind, ends.class);
            let found = crate::text!("one of the class `{}`", &*element.class);
            let pointer = crate::text!("{}/relationshipType", pointer);
            self.found.push(Violation::inconsistent(word.span, pointer, expected, found).by(source));
        }
        for (key, wanted) in [("from", ends.from), ("to", ends.to)] {
            for end in items(element.node, key) {
                let Some(reached) = self.graph.resolve(end) else { continue };
                if !is_a(&reached.class, wanted) && super::classes::is_class(&reached.class) {
                    let expected = crate::text!("an element of the class `{}` as `{}` of `{}`", wanted, key, ends.kind);
                    let found = crate::text!("one of the class `{}`", &*reached.class);
                    let pointer = crate::text!("{}/{}", pointer, key);
                    self.found.push(Violation::inconsistent(end.opening(), pointer, expected, found).by(source));
                }
            }
        }
    }

    /// An expression is one of SPDX, and the licences that it names of its own are explained in the document.
    fn expression(&mut self, node: &'n Node<'n>, pointer: &str) {
        let key = "simplelicensing_licenseExpression";
        if let Some(text) = node.get(key) {
            let written = text.string("").unwrap_or_default();
            let is_word = matches!(written, "" | "NOASSERTION" | "NONE");
            if !is_word && spdx::Expression::parse(written).is_err() {
                let expected = Text::trusted("a licence expression of SPDX");
                let pointer = crate::text!("{}/{}", pointer, key);
                let violation = Violation::inconsistent(text.span, pointer, expected, shown(text));
                self.found.push(violation.by("SPDX 3.0.1, SimpleLicensing, LicenseExpression, licenseExpression"));
            }
        }
        for entry in items(node, "simplelicensing_customIdToUri") {
            let Some(value) = entry.get("value") else { continue };
            let Some(id) = reference_id(value) else { continue };
            if self.graph.find(&id).is_none() && !self.imports.contains(&*id) {
                let expected = Text::trusted("the identifier of an element of the document, or of one that it imports");
                let pointer = crate::text!("{}/simplelicensing_customIdToUri", pointer);
                let violation = Violation::inconsistent(value.span, pointer, expected, shown(value));
                self.found.push(violation.by("SPDX 3.0.1, SimpleLicensing, LicenseExpression, customIdToUri"));
            }
        }
    }

    /// A digest has as many digits as its algorithm makes.
    fn hash(&mut self, node: &'n Node<'n>, pointer: &str) {
        let text = |key: &str| node.get(key).and_then(|value| value.string("").ok());
        let (Some(algorithm), Some(value)) = (text("algorithm"), node.get("hashValue")) else { return };
        let Some(digits) = HashAlgorithm::named(algorithm.into()).spelling().and_then(|known| known.digits) else {
            return;
        };
        let written = value.string("").unwrap_or_default();
        if written.len() != digits || !written.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let expected = crate::text!("{} hexadecimal digits of `{}`", digits, algorithm);
            let pointer = crate::text!("{}/hashValue", pointer);
            let violation = Violation::inconsistent(value.span, pointer, expected, shown(value));
            self.found.push(violation.by("SPDX 3.0.1, Core, Hash, hashValue"));
        }
    }
}

/// Returns the values under a key, a single one too.
fn items<'n>(node: &'n Node<'n>, key: &str) -> &'n [Node<'n>] {
    match node.get(key) {
        Some(Node { value: Value::Sequence(items), .. }) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}
