//! External references of a package (SPDX 2.3, section 7.21 and annex F): its identifiers, and what leads to more of it.

use std::borrow::Cow;

use crate::document::{Node, Object};
use crate::sbom::model::{Component, Fields, Losses, Reference, Words};

/// What a reference means in the model.
enum Meaning {
    Purl,
    Cpe,
    /// An identifier of this kind.
    Identifier(&'static str),
    /// A reference of this kind.
    Reference(&'static str),
}

/// The types that annex F names, with their categories.
static TYPES: &[(&str, &str, Meaning)] = &[
    ("PACKAGE-MANAGER", "purl", Meaning::Purl),
    ("SECURITY", "cpe22Type", Meaning::Cpe),
    ("SECURITY", "cpe23Type", Meaning::Cpe),
    ("SECURITY", "swid", Meaning::Identifier("swid")),
    ("PERSISTENT-ID", "swh", Meaning::Identifier("swhid")),
    ("PERSISTENT-ID", "gitoid", Meaning::Identifier("gitoid")),
    ("PACKAGE-MANAGER", "maven-central", Meaning::Identifier("maven-central")),
    ("PACKAGE-MANAGER", "npm", Meaning::Identifier("npm")),
    ("PACKAGE-MANAGER", "nuget", Meaning::Identifier("nuget")),
    ("PACKAGE-MANAGER", "bower", Meaning::Identifier("bower")),
    ("SECURITY", "advisory", Meaning::Reference("advisories")),
];

/// The kinds of references of CycloneDX, which are types of the category `OTHER` here.
static KINDS: &[&str] = &[
    "vcs",
    "issue-tracker",
    "website",
    "advisories",
    "bom",
    "mailing-list",
    "social",
    "chat",
    "documentation",
    "support",
    "source-distribution",
    "distribution",
    "distribution-intake",
    "license",
    "build-meta",
    "build-system",
    "release-notes",
    "security-contact",
    "model-card",
    "log",
    "configuration",
    "evidence",
    "formulation",
    "attestation",
    "threat-model",
    "adversary-model",
    "risk-assessment",
    "vulnerability-assertion",
    "exploitability-statement",
    "pentest-report",
    "static-analysis-report",
    "dynamic-analysis-report",
    "runtime-analysis-report",
    "component-analysis-report",
    "maturity-report",
    "certification-report",
    "codified-infrastructure",
    "quality-metrics",
    "poam",
    "electronic-signature",
    "digital-signature",
    "rfc-9116",
    "patent",
    "patent-family",
    "patent-assertion",
    "citation",
    "other",
];

/// The comment by which an identifier that annex F does not know is told from a reference.
const IDENTIFIER: &str = "an identifier";

/// What begins a tag of SWID where it is written as a locator.
const SWID: &str = "swid:";

/// Reads the references of a package.
pub(super) fn read<'n>(fields: &Fields<'n, '_>, component: &mut Component<'n>) {
    for one in fields.objects("externalRefs") {
        // The type says all that the category does.
        one.pass_over(&["referenceCategory"]);
        let kind = one.text("referenceType").unwrap_or_default();
        let Some(locator) = one.text("referenceLocator") else { continue };
        // A type may be written as its address.
        let word = kind.rsplit(['/', '#']).next().unwrap_or_default();
        let meaning = TYPES.iter().find(|(_, known, _)| *known == word).map(|(_, _, meaning)| meaning);
        match meaning {
            Some(Meaning::Purl) => component.purls.push(locator),
            Some(Meaning::Cpe) => component.cpes.push(locator),
            Some(Meaning::Identifier("swid")) => {
                let tag = locator.strip_prefix(SWID).map(|tag| Cow::Owned(tag.to_owned()));
                component.identifiers.push((Cow::Borrowed("swid"), tag.unwrap_or(locator)));
            }
            Some(Meaning::Identifier(kind)) => component.identifiers.push((Cow::Borrowed(kind), locator)),
            Some(Meaning::Reference(kind)) => {
                component.references.push(reference(Cow::Borrowed(kind), None, locator, one.text("comment")));
            }
            None => match one.text("comment") {
                Some(comment) if comment == IDENTIFIER => component.identifiers.push((kind, locator)),
                comment if KINDS.contains(&&*kind) => {
                    component.references.push(reference(kind, None, locator, comment));
                }
                comment => component.references.push(reference(Cow::Borrowed("other"), Some(kind), locator, comment)),
            },
        }
    }
}

/// Returns a reference.
pub(super) fn reference<'n>(
    kind: Words<'n>,
    other_kind: Option<Words<'n>>,
    url: Words<'n>,
    comment: Option<Words<'n>>,
) -> Reference<'n> {
    Reference { kind, other_kind, url, comment, hashes: Vec::new() }
}

/// Writes the references of a package, but for those that a member of its own holds.
pub(super) fn nodes<'n>(
    component: &'n Component<'_>,
    elsewhere: &[&Reference<'_>],
    losses: &mut Losses,
) -> Vec<Node<'n>> {
    let mut out = Vec::new();
    for purl in &component.purls {
        out.extend(node("PACKAGE-MANAGER", "purl".into(), purl.into(), None, losses));
    }
    for cpe in &component.cpes {
        let kind = if cpe.starts_with("cpe:2.3:") { "cpe23Type" } else { "cpe22Type" };
        out.extend(node("SECURITY", kind.into(), cpe.into(), None, losses));
    }
    for (kind, value) in &component.identifiers {
        let known = TYPES
            .iter()
            .find(|(_, _, meaning)| matches!(meaning, Meaning::Identifier(known) if *known == kind.as_ref()));
        let value = if kind == "swid" { Node::from(format!("{SWID}{value}")) } else { value.into() };
        out.extend(match known {
            Some((category, word, _)) => node(category, (*word).into(), value, None, losses),
            None => node("OTHER", kind.into(), value, Some(IDENTIFIER.into()), losses),
        });
    }
    for one in &component.references {
        if elsewhere.iter().any(|known| std::ptr::eq(*known, one)) {
            continue;
        }
        losses.note_many("references.hashes", one.hashes.len());
        let kind = one.other_kind.as_ref().unwrap_or(&one.kind);
        let comment = one.comment.as_ref().map(Node::from);
        let known = TYPES
            .iter()
            .find(|(_, _, meaning)| matches!(meaning, Meaning::Reference(known) if *known == kind.as_ref()));
        out.extend(match (known, &**kind) {
            (Some((category, word, _)), _) => node(category, (*word).into(), (&one.url).into(), comment, losses),
            (None, "fix" | "url") => node("SECURITY", kind.into(), (&one.url).into(), comment, losses),
            (None, _) => node("OTHER", kind.into(), (&one.url).into(), comment, losses),
        });
    }
    out
}

/// Neither a type nor a locator holds a blank.
fn node<'n>(
    category: &'static str,
    kind: Node<'n>,
    locator: Node<'n>,
    comment: Option<Node<'n>>,
    losses: &mut Losses,
) -> Option<Node<'n>> {
    let is_word = |node: &Node<'_>| {
        node.string("").is_ok_and(|text| !text.is_empty() && !text.contains(|c: char| c.is_whitespace()))
    };
    if !is_word(&kind) || !is_word(&locator) {
        losses.note("references with blanks in them");
        return None;
    }
    Some(
        Object::new()
            .with_some("comment", comment)
            .with("referenceCategory", category)
            .with("referenceLocator", locator)
            .with("referenceType", kind)
            .into(),
    )
}
