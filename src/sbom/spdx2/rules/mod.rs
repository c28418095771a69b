//! What SPDX 2 demands beyond its JSON schema, and where a document contradicts itself.
//!
//! The same is asked of the tree of every format. A reference that leads nowhere, an identifier that a list does not have,
//! and fields that gainsay each other are contradictions; all else is a breach.

mod document;
mod element;
mod license;
mod package;
mod place;
mod pointer;
mod reference;
mod report;

use report::Report;

use super::revise::text;
use super::syntax;
use crate::document::{Node, Value};
use crate::sbom::violation::Kind;
use crate::sbom::{Document, Violation, schema};

/// Returns where a document breaks its specification.
pub(super) fn judge(document: &Document<'_>) -> Vec<Violation> {
    let mut found = schema::spdx(document.version).map(|schema| schema.judge(&document.root)).unwrap_or_default();
    // What a schema says of a value is not said twice.
    let told: std::collections::HashSet<(usize, usize)> =
        found.iter().map(|one| (one.span.start, one.span.end)).collect();
    let beyond = report(document, Kind::Invalid).into_iter().filter(|one| {
        let is_told = told.contains(&(one.span.start, one.span.end));
        !is_told || (one.span.end - one.span.start <= 1 && !found.iter().any(|other| other.expected == one.expected))
    });
    let beyond: Vec<Violation> = beyond.collect();
    found.extend(beyond);
    found.sort_by_key(|one| one.span.start);
    pointer::named(document, found)
}

/// Returns where it contradicts itself.
pub(super) fn contradictions(document: &Document<'_>) -> Vec<Violation> {
    pointer::named(document, report(document, Kind::Inconsistent))
}

fn report(document: &Document<'_>, kind: Kind) -> Vec<Violation> {
    let mut report = Report::of(kind);
    document::judge(&document.root, document.version, &mut report);
    report.found
}

/// Returns the items of the list under a key.
fn items<'n, 'a>(node: &'n Node<'a>, key: &str) -> &'n [Node<'a>] {
    match node.get(key) {
        Some(Node { value: Value::Sequence(items), .. }) => items,
        _ => &[],
    }
}
