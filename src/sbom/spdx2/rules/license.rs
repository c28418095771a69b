//! Licence expressions of a document, and the licences that it explains itself.

use std::collections::HashSet;

use spdx::LicenseItem;
use spdx::error::Reason;

use super::place::Place;
use super::report::Report;
use crate::document::Node;
use crate::sbom::spdx2::expression;
use crate::sbom::spdx2::{NO_ASSERTION, NONE};
use crate::sbom::violation::Kind;

/// What licences may refer to.
pub(super) struct Known<'n> {
    /// The identifiers of the licences that the document explains.
    pub(super) licenses: HashSet<&'n str>,
    /// The identifiers of the documents that it refers to.
    pub(super) documents: HashSet<&'n str>,
}

/// Judges an expression.
pub(super) fn judge(node: &Node<'_>, place: &Place<'_>, known: &Known<'_>, source: &'static str, report: &mut Report) {
    let Ok(text) = node.string("") else { return };
    if text == NO_ASSERTION || text == NONE {
        return;
    }
    let parsed = match expression::parse(text) {
        Ok(parsed) => parsed,
        // Which identifiers there are is told by a list that grows.
        Err(error) if is_unknown(&error.reason) && expression::is_formed(text) => {
            return report.inconsistent(node, place, "identifiers of the SPDX licence list", source);
        }
        Err(_) => return report.invalid(node, place, "a licence expression, NONE or NOASSERTION", source),
    };
    if !report.wants(Kind::Inconsistent) {
        return;
    }
    for requirement in parsed.requirements() {
        let LicenseItem::Other(own) = &requirement.req.license else { continue };
        match &own.doc_ref {
            None if !known.licenses.contains(format!("LicenseRef-{}", own.lic_ref).as_str()) => {
                report.inconsistent(node, place, "licences that hasExtractedLicensingInfos explains", source);
            }
            Some(document) if !known.documents.contains(format!("DocumentRef-{document}").as_str()) => {
                report.inconsistent(node, place, "documents that externalDocumentRefs names", source);
            }
            _ => {}
        }
    }
}

fn is_unknown(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::UnknownLicense | Reason::UnknownException | Reason::UnknownTerm | Reason::DeprecatedLicenseId
    )
}

/// Judges the members that hold expressions.
pub(super) fn members(
    node: &Node<'_>,
    place: &Place<'_>,
    keys: &[(&str, &'static str)],
    known: &Known<'_>,
    report: &mut Report,
) {
    for (key, source) in keys {
        if let Some(value) = node.get(key) {
            judge(value, &place.key(key), known, source, report);
            for (at, item) in super::items(node, key).iter().enumerate() {
                judge(item, &place.key(key).item(at), known, source, report);
            }
        }
    }
}
