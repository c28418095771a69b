//! Licences: expressions, sets of them, and those that a document explains itself.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Reader, many};
use crate::document::Node;
use crate::sbom::model::{Fields, License, LicenseText, Stated, Words, words};
use crate::sbom::spdx3::graph::{Element, reference_id};

/// How deep sets of licences may stand in one another.
const MAX_DEPTH: usize = 32;

/// How long an expression may become that sets of licences are written as: sets that share others grow without end.
const MAX_LENGTH: usize = 64 << 10;

/// What begins the addresses of the licences and exceptions on SPDX's list.
const LISTS: &[&str] = &[
    "https://spdx.org/licenses/",
    "http://spdx.org/licenses/",
    "https://spdx.org/rdf/3.0.1/terms/Licenses/",
    "https://spdx.org/rdf/3.0.1/terms/Exceptions/",
];

impl<'n> Reader<'n> {
    /// Returns the identifiers that expressions give to licences of the document's own, by the elements they lead to.
    pub(super) fn own_license_ids(&self) -> HashMap<Cow<'n, str>, Words<'n>> {
        let mut out = HashMap::new();
        for expression in self.graph.of_class("simplelicensing_LicenseExpression") {
            for entry in many(expression.node.get("simplelicensing_customIdToUri")) {
                let (Some(key), Some(value)) = (entry.get("key"), entry.get("value")) else { continue };
                if let (Some(id), Some(element)) = (words(key), reference_id(value)) {
                    out.entry(element).or_insert(id);
                }
            }
        }
        out
    }

    /// Returns the version of the licence list that the expressions were made with: the first that is stated. Another stays
    /// unread.
    pub(super) fn license_list_version(&self) -> Option<Words<'n>> {
        let key = "simplelicensing_licenseListVersion";
        let mut version = None;
        for expression in self.graph.of_class("simplelicensing_LicenseExpression") {
            let stated = expression.node.get(key).and_then(words);
            if stated.is_some() && (version.is_none() || version == stated) {
                Fields::of(expression.node, self.unread).enter(&[key]);
                version = stated;
            }
        }
        version
    }

    /// Returns the licences that the document explains under identifiers of their own.
    pub(super) fn license_texts(&self) -> Vec<LicenseText<'n>> {
        let is_text = |element: &&Element<'n>| {
            matches!(&*element.class, "expandedlicensing_CustomLicense" | "simplelicensing_SimpleLicensingText")
        };
        let texts = self.graph.elements.iter().filter(is_text);
        texts
            .filter_map(|element| {
                let id = self.license_ref(element)?;
                let fields = self.fields(element);
                let name = fields.text("name");
                // A text is demanded: one that only repeats what it is called stands for none.
                let text = fields.text("simplelicensing_licenseText");
                let text = text.filter(|text| Some(text) != name.as_ref() && *text != id);
                let urls = many(fields.get("expandedlicensing_seeAlso")).iter().filter_map(words).collect();
                Some(LicenseText { id, name, text, urls, comment: fields.text("comment") })
            })
            .collect()
    }

    /// Returns the identifier of a licence that the document explains itself.
    fn license_ref(&self, element: &Element<'n>) -> Option<Words<'n>> {
        if let Some(id) = self.license_ids.get(&element.id) {
            return Some(id.clone());
        }
        let (_, fragment) = element.id.rsplit_once(['#', '/'])?;
        fragment.starts_with("LicenseRef-").then(|| Cow::Owned(fragment.to_owned()))
    }

    /// Returns the licence that a value names, as far as that can be told in the model.
    pub(super) fn license(&self, reference: &'n Node<'n>) -> Option<Stated<License<'n>>> {
        match reference_id(reference).as_deref() {
            Some("expandedlicensing_NoAssertionLicense") => return Some(Stated::Unknown),
            Some("expandedlicensing_NoneLicense") => return Some(Stated::None),
            _ => {}
        }
        let element = self.graph.resolve(reference);
        if let Some(element) = element.as_ref().filter(|one| one.class == "expandedlicensing_CustomLicense") {
            if self.license_ref(element).is_none() {
                return Some(Stated::Value(self.named(element)));
            }
        }
        match self.expression(reference, 0)?.0 {
            text if text == "NOASSERTION" => Some(Stated::Unknown),
            text if text == "NONE" => Some(Stated::None),
            text => Some(Stated::Value(License::Expression(text))),
        }
    }

    /// Returns what a licence is called.
    pub(super) fn license_label(&self, reference: &'n Node<'n>) -> Option<Words<'n>> {
        match self.license(reference)? {
            Stated::Value(License::Expression(name) | License::Named { name, .. }) => Some(name),
            Stated::Unknown => Some(Cow::Borrowed("NOASSERTION")),
            Stated::None => Some(Cow::Borrowed("NONE")),
            Stated::Absent | Stated::Withheld => None,
        }
    }

    fn named(&self, element: &Element<'n>) -> License<'n> {
        let fields = self.fields(element);
        let name = fields.text("name");
        let text = fields.text("simplelicensing_licenseText");
        let url = many(fields.node().get("expandedlicensing_seeAlso"))
            .first()
            .and_then(|_| many(fields.get("expandedlicensing_seeAlso")).first().and_then(words));
        match name {
            Some(name) => License::Named { text: text.filter(|text| *text != name), name, url },
            // Without a name it is called by its address.
            None => License::Named { name: element.id.clone(), url, text },
        }
    }

    /// Returns the expression that a licence is, and whether it is a single term.
    fn expression(&self, reference: &'n Node<'n>, depth: usize) -> Option<(Words<'n>, bool)> {
        let Some(element) = self.graph.resolve(reference) else {
            let id = reference_id(reference)?;
            return listed(&id).map(|id| (Cow::Owned(id.to_owned()), true));
        };
        if depth > MAX_DEPTH {
            return None;
        }
        let part = |key: &str| self.expression(element.node.get(key)?, depth + 1);
        let read = || self.fields(&element);
        match &*element.class {
            "simplelicensing_LicenseExpression" => {
                let fields = read();
                fields.pass_over(&["simplelicensing_customIdToUri"]);
                let text = fields.text("simplelicensing_licenseExpression")?;
                let is_single = !text.contains(' ');
                Some((text, is_single))
            }
            "expandedlicensing_CustomLicense"
            | "expandedlicensing_CustomLicenseAddition"
            | "simplelicensing_SimpleLicensingText" => self.license_ref(&element).map(|id| (id, true)),
            "expandedlicensing_ListedLicense" | "expandedlicensing_ListedLicenseException" => {
                let id = listed(&element.id)?.to_owned();
                // What the list says of it is known without the document.
                self.unread.note_all(element.node);
                Some((Cow::Owned(id), true))
            }
            "expandedlicensing_OrLaterOperator" => {
                let (license, _) = part("expandedlicensing_subjectLicense")?;
                read().enter(&["expandedlicensing_subjectLicense"]);
                Some((Cow::Owned(format!("{license}+")), true))
            }
            "expandedlicensing_WithAdditionOperator" => {
                let (license, _) = part("expandedlicensing_subjectExtendableLicense")?;
                let (addition, _) = part("expandedlicensing_subjectAddition")?;
                let fields = read();
                fields.enter(&["expandedlicensing_subjectExtendableLicense"]);
                fields.enter(&["expandedlicensing_subjectAddition"]);
                bounded(format!("{license} WITH {addition}")).map(|text| (text, true))
            }
            "expandedlicensing_ConjunctiveLicenseSet" => self.set(&element, " AND ", depth),
            "expandedlicensing_DisjunctiveLicenseSet" => self.set(&element, " OR ", depth),
            _ => None,
        }
    }

    fn set(&self, element: &Element<'n>, word: &str, depth: usize) -> Option<(Words<'n>, bool)> {
        let mut out = String::new();
        for member in many(element.node.get("expandedlicensing_member")) {
            let (text, is_single) = self.expression(member, depth + 1)?;
            if !out.is_empty() {
                out.push_str(word);
            }
            out.push_str(&if is_single { text } else { Cow::Owned(format!("({text})")) });
            if out.len() > MAX_LENGTH {
                return None;
            }
        }
        self.fields(element).enter(&["expandedlicensing_member"]);
        bounded(out).filter(|text| !text.is_empty()).map(|text| (text, false))
    }
}

fn bounded<'n>(text: String) -> Option<Words<'n>> {
    (text.len() <= MAX_LENGTH).then_some(Cow::Owned(text))
}

/// Returns the identifier of a licence or exception on SPDX's list.
fn listed(address: &str) -> Option<&str> {
    let id = LISTS.iter().find_map(|list| address.strip_prefix(list))?;
    Some(id).filter(|id| !id.is_empty() && !id.contains(['/', ' ']))
}
