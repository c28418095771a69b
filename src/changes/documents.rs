//! What differs between two SBOM documents.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::tree::{GapListing, gap_listing};
use crate::diff::ChangeKind;
use crate::diff::document::{Difference, DocumentChange, DocumentChanges, What};
use crate::fact::Gap;
use crate::sbom::model::{Component, License};
use crate::text::Text;

/// The version of the list's JSON form.
const SCHEMA_VERSION: &str = "1.0";

/// How many characters of a value people are shown.
const SHOWN: usize = 60;

/// One of the documents.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Its name, as it was given.
    pub name: Text,
    /// Its format and version; `tree` where it is a tree.
    pub format: Text,
    /// How many components it lists.
    pub components: usize,
}

/// What differs between two documents.
#[derive(Debug, Serialize)]
pub struct Documents {
    schema_version: &'static str,
    before: Side,
    after: Side,
    /// The changes.
    pub changes: Vec<DocumentListing>,
    /// What only one of the documents states, and so was not compared.
    pub not_compared: Vec<NotCompared>,
    /// What could not be read of a tree.
    pub gaps: Vec<GapListing>,
}

/// What was not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    what: &'static str,
    stated_by: &'static str,
}

/// What became of one component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentListing {
    kind: ChangeKind,
    direction: Option<&'static str>,
    before: Option<Listed>,
    after: Option<Listed>,
    differences: Vec<Differing>,
}

/// A component of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Listed {
    name: Text,
    version: Option<Text>,
    purl: Option<Text>,
    license: Option<Text>,
    supplier: Option<Text>,
    digests: Vec<Text>,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Differing {
    what: &'static str,
    before: Option<Text>,
    after: Option<Text>,
}

impl Documents {
    /// Lists what differs.
    #[must_use]
    pub fn of(before: Side, after: Side, found: &DocumentChanges<'_>, gaps: [&[Gap]; 2]) -> Self {
        let stated_by = |first: bool| if first { "before" } else { "after" };
        Self {
            schema_version: SCHEMA_VERSION,
            before,
            after,
            changes: found.changes.iter().map(listing).collect(),
            not_compared: found
                .incomparable
                .iter()
                .map(|(what, first)| NotCompared { what: what.word(), stated_by: stated_by(*first) })
                .collect(),
            gaps: gaps
                .into_iter()
                .zip(["before", "after"])
                .flat_map(|(gaps, side)| gaps.iter().map(move |gap| gap_listing(gap, side)))
                .collect(),
        }
    }

    /// Returns the list as JSON.
    ///
    /// # Errors
    /// Never for a list made by this module; the serialiser's own are passed on.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Returns a line a change, what differs below it.
    #[must_use]
    pub fn human(&self) -> String {
        let mut out = String::new();
        for change in &self.changes {
            out.push_str(&format!("{} {}\n", change.sign(), change.title(" -> ")));
            for one in change.beside_version() {
                out.push_str(&format!("    {}: {}\n", one.what, one.shown(" -> ")));
            }
        }
        for one in &self.not_compared {
            out.push_str(&format!(
                "? {} is stated by the document {} only, and was not compared\n",
                one.what, one.stated_by
            ));
        }
        for gap in &self.gaps {
            out.push_str(&format!("? {gap}\n"));
        }
        out.push_str(&self.summary());
        out.push('\n');
        out
    }

    /// Returns a table in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("### SBOM changes\n\n{}\n", self.summary());
        if !self.changes.is_empty() {
            out.push_str("\n| | component | what differs |\n|---|---|---|\n");
        }
        for change in &self.changes {
            let differences: Vec<String> =
                change.beside_version().map(|one| format!("{}: {}", one.what, inert(&one.shown(" → ")))).collect();
            out.push_str(&format!(
                "| {} | {} | {} |\n",
                change.word(),
                inert(&change.title(" → ")),
                differences.join("<br>")
            ));
        }
        for one in &self.not_compared {
            out.push_str(&format!(
                "\n{} is stated by the document {} only, and was not compared.\n",
                one.what, one.stated_by
            ));
        }
        out
    }

    fn summary(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.word()).or_insert(0) += 1;
        }
        let count = |word: &str| counts.get(word).copied().unwrap_or(0);
        format!(
            "{} added, {} removed, {} upgraded, {} downgraded, {} otherwise changed",
            count("added"),
            count("removed"),
            count("upgraded"),
            count("downgraded"),
            count("changed")
        )
    }
}

impl DocumentListing {
    fn word(&self) -> &'static str {
        match (self.kind, self.direction) {
            (ChangeKind::Added, _) => "added",
            (ChangeKind::Removed, _) => "removed",
            (ChangeKind::Changed, Some("up")) => "upgraded",
            (ChangeKind::Changed, Some(_)) => "downgraded",
            (ChangeKind::Changed, None) => "changed",
        }
    }

    fn sign(&self) -> char {
        match (self.kind, self.direction) {
            (ChangeKind::Added, _) => '+',
            (ChangeKind::Removed, _) => '-',
            (ChangeKind::Changed, Some("up")) => '^',
            (ChangeKind::Changed, Some(_)) => 'v',
            (ChangeKind::Changed, None) => '~',
        }
    }

    /// Returns the name and the version, or both where it changed.
    fn title(&self, arrow: &str) -> String {
        let version = |side: &Option<Listed>| {
            let side = side.as_ref()?;
            Some(side.version.as_ref().map_or("(no version)".to_owned(), ToString::to_string))
        };
        let name = self.after.as_ref().or(self.before.as_ref()).map(|side| side.name.clone()).unwrap_or_default();
        match (version(&self.before), version(&self.after)) {
            (Some(was), Some(is)) if was != is => format!("{name} {was}{arrow}{is}"),
            (was, is) => format!("{name} {}", is.or(was).unwrap_or_default()),
        }
    }

    fn beside_version(&self) -> impl Iterator<Item = &Differing> {
        self.differences.iter().filter(|one| one.what != What::Version.word())
    }
}

impl Differing {
    fn shown(&self, arrow: &str) -> String {
        let short = |text: &Text| text.clone().shortened(SHOWN).to_string();
        let is_list = self.what == What::Needs.word() || self.what == What::Contents.word();
        match (&self.before, &self.after) {
            (before, after) if is_list => {
                let gone = before.as_ref().map(|text| format!("-({})", short(text)));
                let come = after.as_ref().map(|text| format!("+({})", short(text)));
                gone.into_iter().chain(come).collect::<Vec<_>>().join(" ")
            }
            (Some(before), Some(after)) => format!("{}{arrow}{}", short(before), short(after)),
            (Some(before), None) => format!("{}{arrow}(none)", short(before)),
            (None, Some(after)) => format!("(none){arrow}{}", short(after)),
            (None, None) => String::new(),
        }
    }
}

fn listing(change: &DocumentChange<'_>) -> DocumentListing {
    DocumentListing {
        kind: match (change.before, change.after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        },
        direction: change.direction.and_then(|direction| match direction {
            Ordering::Greater => Some("up"),
            Ordering::Less => Some("down"),
            Ordering::Equal => None,
        }),
        before: change.before.map(listed),
        after: change.after.map(listed),
        differences: change.differences.iter().map(differing).collect(),
    }
}

fn differing(difference: &Difference) -> Differing {
    Differing {
        what: difference.what.word(),
        before: difference.before.as_deref().map(Text::of),
        after: difference.after.as_deref().map(Text::of),
    }
}

fn listed(component: &Component<'_>) -> Listed {
    let labels = |all: &[License<'_>]| all.iter().map(|one| one.label().to_owned()).collect::<Vec<_>>().join(" AND ");
    Listed {
        name: Text::of(&component.full_name()),
        version: component.version.value().map(|version| Text::of(&**version)),
        purl: component.purls.first().map(|purl| Text::of(&**purl)),
        license: component.licenses().map(|all| Text::of(&labels(all))),
        supplier: component.supplier.value().and_then(|party| party.name.as_deref()).map(Text::of),
        digests: component
            .hashes
            .iter()
            .map(|hash| Text::of(&format!("{}:{}", hash.algorithm.name(), hash.value)))
            .collect(),
    }
}

/// Makes text inert in a table of Markdown.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
