//! Two SBOM documents compared: their components paired, and what differs between the two of each pair.
//!
//! What one of the documents states nowhere, because its format has no place for it or its maker did not know, is not
//! compared: it is told once, not a thousand times as a change.

mod differing;
mod pairing;

use std::cmp::Ordering;

use crate::component::version;
use crate::sbom::model::{Bom, Component, ComponentScope, Stated};

use differing::Compared;

/// What became of one component between two documents.
#[derive(Clone, Debug)]
pub struct DocumentChange<'a> {
    /// The component before.
    pub before: Option<&'a Component<'a>>,
    /// The component now.
    pub after: Option<&'a Component<'a>>,
    /// Whether the version went up or down, where it changed and its ecosystem tells.
    pub direction: Option<Ordering>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// What differs between the two sides of a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What.
    pub what: What,
    /// What is told before, where something is.
    pub before: Option<String>,
    /// What is told now, where something is.
    pub after: Option<String>,
}

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The version.
    Version,
    /// A digest, of one algorithm.
    Digest,
    /// The licence.
    License,
    /// The supplier.
    Supplier,
    /// Whether it is needed.
    Scope,
    /// What it needs.
    Needs,
    /// What it holds.
    Contents,
}

impl What {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Version, Self::Digest, Self::License, Self::Supplier, Self::Scope, Self::Needs, Self::Contents];

    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Digest => "digest",
            Self::License => "license",
            Self::Supplier => "supplier",
            Self::Scope => "scope",
            Self::Needs => "needs",
            Self::Contents => "contents",
        }
    }
}

/// What became of the components between two documents.
#[derive(Debug)]
pub struct DocumentChanges<'a> {
    /// The changes, in the order of the components' names.
    pub changes: Vec<DocumentChange<'a>>,
    /// What only one of the documents states, so that it was not compared: what, and whether the first has it.
    pub incomparable: Vec<(What, bool)>,
}

/// Compares two documents.
#[must_use]
pub fn document_changes<'a>(before: &'a Bom<'a>, now: &'a Bom<'a>) -> DocumentChanges<'a> {
    let paired = pairing::pair(before, now);
    let (told, incomparable) = told(before, now);
    let compared = Compared::new(before, now, &paired, told);
    let component = |bom: &'a Bom<'a>, at: Option<usize>| at.and_then(|at| bom.components.get(at));
    let mut changes: Vec<DocumentChange<'a>> = paired
        .pairs
        .iter()
        .filter_map(|(old, new)| {
            let (was, is) = (component(before, *old), component(now, *new));
            let (Some(from), Some(to)) = (was, is) else {
                return Some(DocumentChange { before: was, after: is, direction: None, differences: Vec::new() });
            };
            let differences = compared.differences((*old)?, (*new)?);
            (!differences.is_empty()).then(|| DocumentChange {
                before: was,
                after: is,
                direction: direction(from, to),
                differences,
            })
        })
        .collect();
    let order = |change: &DocumentChange<'a>| {
        let one = change.after.or(change.before);
        one.map(|one| (one.group.as_deref(), &*one.name, one.purls.first(), one.version.value()))
    };
    changes.sort_by(|a, b| order(a).cmp(&order(b)));
    DocumentChanges { changes, incomparable }
}

/// Whether a version went up or down.
fn direction(before: &Component<'_>, after: &Component<'_>) -> Option<Ordering> {
    let (was, is) = (before.version.value()?, after.version.value()?);
    if was == is {
        return None;
    }
    version::compare(after.purl_type()?, was, is).map(Ordering::reverse)
}

/// What both documents tell, and so can be compared.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    digest: bool,
    license: bool,
    supplier: bool,
    scope: bool,
    needs: bool,
    contents: bool,
}

fn told(before: &Bom<'_>, now: &Bom<'_>) -> (Told, Vec<(What, bool)>) {
    use crate::sbom::model::{End, RelationKind};
    let one = |bom: &Bom<'_>, what: What| match what {
        What::Version => true,
        What::Digest => bom.components.iter().any(|one| !one.hashes.is_empty()),
        What::License => bom.components.iter().any(|one| {
            !matches!(
                (&one.declared, &one.concluded),
                (Stated::Absent | Stated::Unknown, Stated::Absent | Stated::Unknown)
            )
        }),
        What::Supplier => bom.components.iter().any(|one| one.supplier.value().is_some()),
        What::Scope => {
            bom.components.iter().any(|one| one.scope.is_some_and(|scope| scope != ComponentScope::Required))
        }
        What::Needs | What::Contents => bom.relations.iter().any(|relation| {
            let kind = if what == What::Needs { RelationKind::DependsOn } else { RelationKind::Contains };
            relation.kind == kind && matches!(relation.from, End::Component(_))
        }),
    };
    let mut incomparable = Vec::new();
    let mut both = |what: What| {
        let (first, second) = (one(before, what), one(now, what));
        if first != second && !matches!(what, What::Contents | What::Scope) {
            incomparable.push((what, first));
        }
        first && second
    };
    let told = Told {
        digest: both(What::Digest),
        license: both(What::License),
        supplier: both(What::Supplier),
        scope: one(before, What::Scope) || one(now, What::Scope),
        needs: both(What::Needs),
        contents: both(What::Contents),
    };
    (told, incomparable)
}
