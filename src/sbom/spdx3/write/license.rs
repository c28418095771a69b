//! Licences: each expression and each licence with a name once.

use super::{Writer, element};
use crate::document::{Node, Object};
use crate::sbom::model::{Component, License, Stated, Words};

impl<'n> Writer<'n> {
    /// Adds the licences that the document explains itself.
    pub(super) fn explain_licenses(&mut self) {
        for license in &self.bom.license_texts {
            let id = self.iris.of_element(&license.id, "license");
            // A text is demanded: what it is called stands for one that is not known.
            let text = license.text.as_ref().or(license.name.as_ref()).unwrap_or(&license.id);
            let node = element("expandedlicensing_CustomLicense", id.clone())
                .with_some("name", license.name.as_ref())
                .with_some("comment", license.comment.as_ref())
                .with("simplelicensing_licenseText", text)
                .with_list("expandedlicensing_seeAlso", license.urls.iter().map(Node::from).collect());
            self.licenses.push(node.into());
            self.license_texts.entry(&license.id).or_insert(id);
        }
    }

    /// Adds what is said of the licences of a component.
    pub(super) fn licenses(&mut self, component: &'n Component<'n>, of: &str) {
        let said = [("hasDeclaredLicense", &component.declared), ("hasConcludedLicense", &component.concluded)];
        for (kind, stated) in said {
            let to: Vec<Node<'n>> = match stated {
                Stated::Absent | Stated::Withheld => continue,
                Stated::Unknown => vec!["expandedlicensing_NoAssertionLicense".into()],
                Stated::None => vec!["expandedlicensing_NoneLicense".into()],
                Stated::Value(all) => all.iter().map(|license| self.license(license).into()).collect(),
            };
            if !to.is_empty() {
                let relationship = self.relationship("Relationship", kind, of, to);
                self.relationships.push(relationship.into());
            }
        }
    }

    /// Returns the identifier of the element that a licence is, and adds it where it is new.
    fn license(&mut self, license: &'n License<'n>) -> String {
        if let Some(id) = self.license_ids.get(license) {
            return id.clone();
        }
        let id = self.iris.of_element("", "license");
        let node = match license {
            License::Expression(text) => self.expression(id.clone(), text),
            License::Named { name, url, text } => element("expandedlicensing_CustomLicense", id.clone())
                .with("name", name)
                .with("simplelicensing_licenseText", text.as_ref().unwrap_or(name))
                .with_list("expandedlicensing_seeAlso", url.iter().map(Node::from).collect())
                .into(),
        };
        self.licenses.push(node);
        self.license_ids.insert(license, id.clone());
        id
    }

    /// Adds the licence of the document's own data, and returns its identifier.
    pub(super) fn data_license(&mut self, text: &'n Words<'n>) -> String {
        let known =
            self.license_ids.iter().find(|(license, _)| matches!(license, License::Expression(known) if known == text));
        if let Some((_, id)) = known {
            return id.clone();
        }
        let id = self.iris.of_element("", "license");
        let node = self.expression(id.clone(), text);
        self.licenses.push(node);
        id
    }

    fn expression(&self, id: String, text: &'n Words<'n>) -> Node<'n> {
        let terms = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
        let mut own: Vec<&str> = terms.filter(|term| self.license_texts.contains_key(term)).collect();
        own.sort_unstable();
        own.dedup();
        let own = own.into_iter().filter_map(|term| {
            let (term, element) = self.license_texts.get_key_value(term)?;
            let entry = Object::new().with("type", "DictionaryEntry").with("key", *term).with("value", element.clone());
            Some(entry.into())
        });
        element("simplelicensing_LicenseExpression", id)
            .with_list("simplelicensing_customIdToUri", own.collect())
            .with("simplelicensing_licenseExpression", text)
            .with_some(
                "simplelicensing_licenseListVersion",
                self.bom.license_list_version.as_deref().map(three_numbers),
            )
            .into()
    }
}

/// Returns the version of the licence list as a semantic version, which SPDX 2 writes with two numbers.
fn three_numbers(version: &str) -> Node<'_> {
    let is_of_two =
        version.split('.').count() == 2 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_of_two { format!("{version}.0").into() } else { version.into() }
}
