//! Licences: one expression where the model has a list (SPDX 2.3, sections 7.13, 10 and annex D).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::id::{Taken, sanitised};
use crate::document::{Node, Object};
use crate::sbom::model::{Bom, Fields, License, LicenseText, Losses, Stated, Words};
use crate::sbom::spdx2::expression::{self, as_operand, operands};
use crate::sbom::spdx2::{NO_ASSERTION, NONE};

/// What begins the identifier of a licence that had a name and no identifier.
const NAMED: &str = "LicenseRef-name-";

/// What begins an identifier that the document explains itself.
const OWN: &str = "LicenseRef-";

/// The licences that a document explains.
pub(super) struct Explained<'n> {
    /// Those with an identifier of theirs.
    pub(super) texts: Vec<LicenseText<'n>>,
    /// Those that have only a name, by the identifier they were given.
    named: HashMap<Words<'n>, License<'n>>,
}

impl<'n> Explained<'n> {
    /// Reads them.
    pub(super) fn read(top: &Fields<'n, '_>) -> Self {
        let mut out = Self { texts: Vec::new(), named: HashMap::new() };
        for one in top.objects("hasExtractedLicensingInfos") {
            let Some(id) = one.text("licenseId") else { continue };
            let name = one.text("name").filter(|name| name != NO_ASSERTION);
            let text = one.text("extractedText").filter(|text| text != NO_ASSERTION);
            let urls = one.texts("seeAlsos");
            let comment = one.text("comment");
            match name {
                Some(name) if id.starts_with(NAMED) => {
                    let text = text.filter(|text| *text != name);
                    out.named.insert(id, License::Named { name, url: urls.into_iter().next(), text });
                }
                name => out.texts.push(LicenseText { id, name, text, urls, comment }),
            }
        }
        out
    }

    /// Returns what an expression says: of one that requires all of plain identifiers, each apart.
    pub(super) fn stated(&self, expression: Option<Words<'n>>) -> Stated<Vec<License<'n>>> {
        match expression {
            None => Stated::Absent,
            Some(text) if text == NO_ASSERTION => Stated::Unknown,
            Some(text) if text == NONE => Stated::None,
            Some(text) => match operands(&text).as_slice() {
                [] | [_] => Stated::Value(vec![self.one(text)]),
                several => Stated::Value(several.iter().map(|id| self.one(Cow::Owned((*id).to_owned()))).collect()),
            },
        }
    }

    /// Returns what the list of licences found in a file says.
    pub(super) fn found(&self, list: Vec<Words<'n>>) -> Stated<Vec<License<'n>>> {
        match list.as_slice() {
            [] => Stated::Absent,
            [one] => self.stated(Some(one.clone())),
            _ => Stated::Value(list.into_iter().map(|id| self.one(id)).collect()),
        }
    }

    fn one(&self, text: Words<'n>) -> License<'n> {
        self.named.get(&text).cloned().unwrap_or(License::Expression(text))
    }
}

/// The licences of a model, as they are written.
pub(super) struct Licenses {
    /// The identifiers of those that have only a name, by name, address and text.
    ids: HashMap<(String, Option<String>, Option<String>), String>,
    /// What explains the identifiers that the model does not, by identifier: name, text and address.
    explained: BTreeMap<String, (String, String, Option<String>)>,
    /// Identifiers that are taken.
    taken: Taken,
    /// The documents that are referred to.
    documents: HashSet<String>,
}

impl Licenses {
    /// Returns those of a model; `documents` are the identifiers (`DocumentRef-…`) of the documents it refers to.
    pub(super) fn of(bom: &Bom<'_>, documents: HashSet<String>) -> Self {
        let mut taken = Taken::default();
        for text in &bom.license_texts {
            taken.take(&text.id);
        }
        Self { ids: HashMap::new(), explained: BTreeMap::new(), taken, documents }
    }

    /// Returns one expression for what is stated; `None` where nothing is.
    pub(super) fn expression(&mut self, stated: &Stated<Vec<License<'_>>>) -> Option<String> {
        match stated {
            Stated::Absent => None,
            Stated::Unknown | Stated::Withheld => Some(NO_ASSERTION.to_owned()),
            Stated::None => Some(NONE.to_owned()),
            Stated::Value(licenses) => match self.list(licenses).as_slice() {
                [] => None,
                [one] => Some(one.clone()),
                several => Some(several.iter().map(|one| as_operand(one)).collect::<Vec<_>>().join(" AND ")),
            },
        }
    }

    /// Returns an expression for each licence.
    pub(super) fn list(&mut self, licenses: &[License<'_>]) -> Vec<String> {
        licenses.iter().map(|license| self.one(license)).collect()
    }

    fn one(&mut self, license: &License<'_>) -> String {
        match license {
            License::Expression(text) => {
                let Ok(parsed) = expression::parse(text) else { return self.named(text, None, None) };
                for requirement in parsed.requirements() {
                    let spdx::LicenseItem::Other(own) = &requirement.req.license else { continue };
                    if own.doc_ref.as_ref().is_some_and(|at| !self.documents.contains(&format!("DocumentRef-{at}"))) {
                        return self.named(text, None, None);
                    }
                    if own.doc_ref.is_none() {
                        self.explain(&format!("{OWN}{}", own.lic_ref));
                    }
                }
                text.trim().to_owned()
            }
            License::Named { name, url, text } => self.named(name, url.as_deref(), text.as_deref()),
        }
    }

    /// Sees to it that an identifier of the document's own is explained.
    fn explain(&mut self, id: &str) {
        if self.taken.take(id) {
            self.explained.insert(id.to_owned(), (NO_ASSERTION.to_owned(), NO_ASSERTION.to_owned(), None));
        }
    }

    fn named(&mut self, name: &str, url: Option<&str>, text: Option<&str>) -> String {
        let key = (name.to_owned(), url.map(str::to_owned), text.map(str::to_owned));
        if let Some(id) = self.ids.get(&key) {
            return id.clone();
        }
        let id = self.taken.unique(&format!("{NAMED}{}", sanitised(name)));
        let words = text.filter(|text| !text.is_empty()).unwrap_or(name);
        self.explained.insert(id.clone(), (name.to_owned(), words.to_owned(), url.map(str::to_owned)));
        self.ids.insert(key, id.clone());
        id
    }

    /// Returns what explains the identifiers that were written.
    pub(super) fn nodes<'n>(self, bom: &'n Bom<'_>, losses: &mut Losses) -> Vec<Node<'n>> {
        let mut out = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for one in &bom.license_texts {
            if !is_own(&one.id) || !seen.insert(&one.id) {
                losses.note("license texts");
                continue;
            }
            let text = one.text.as_ref().map_or(Node::from(NO_ASSERTION), Node::from);
            let urls: Vec<Node<'n>> = one.urls.iter().map(Node::from).collect();
            out.push(
                Object::new()
                    .with_some("comment", one.comment.as_ref())
                    .with("extractedText", text)
                    .with("licenseId", &one.id)
                    .with_some("name", one.name.as_ref())
                    .with_list("seeAlsos", urls)
                    .into(),
            );
        }
        for (id, (name, text, url)) in self.explained {
            let urls = url.into_iter().map(Node::from).collect();
            out.push(
                Object::new()
                    .with("extractedText", text)
                    .with("licenseId", id)
                    .with("name", name)
                    .with_list("seeAlsos", urls)
                    .into(),
            );
        }
        out
    }
}

/// Whether an identifier is one that a document may explain (section 10.1).
pub(in crate::sbom::spdx2) fn is_own(id: &str) -> bool {
    id.strip_prefix(OWN).is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    })
}
