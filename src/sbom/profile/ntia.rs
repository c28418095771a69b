//! The minimum elements of NTIA, 2021.

use super::about_component as component;
use super::about_document as document;
use super::element::{Element, Hint, Judge, Level, Profile};
use super::facts::{Facts, Found, is_mere_file};
use super::told::Told;
use crate::sbom::model::{Component, RelationKind};

pub(super) static PROFILE: Profile = Profile {
    id: "ntia",
    edition: "ntia@2021",
    title: "The Minimum Elements For a Software Bill of Materials (SBOM)",
    source: "NTIA, 2021-07-12; replaced by cisa-2026, and still asked for",
    elements: ELEMENTS,
};

/// The section of the text that lists the data fields.
const FIELDS: &str = "NTIA 2021, section IV, data fields";

/// The section on what makes the data usable by machines.
const AUTOMATION: &str = "NTIA 2021, section IV, automation support";

/// The section on how an SBOM is made and passed on.
const PRACTICES: &str = "NTIA 2021, section IV, practices and processes";

/// The section on what may be added.
const BEYOND: &str = "NTIA 2021, section V";

/// What is judged of each component, in NTIA's order.
static ELEMENTS: &[Element] = &[
    Element {
        id: "ntia/supplier",
        level: Level::Must,
        meaning: "who creates, defines and identifies the component",
        hint: Hint {
            cyclonedx: "`supplier.name` of the component; `manufacturer` or `publisher` count",
            spdx2: "`supplier` of the package; `originator` counts",
            spdx3: "`suppliedBy` of the package; `originatedBy` counts",
        },
        source: FIELDS,
        accepts: &[],
        judge: Judge::Component(supplier),
    },
    Element {
        id: "ntia/name",
        level: Level::Must,
        meaning: "the name its supplier gives it",
        hint: Hint::all("`name`"),
        source: FIELDS,
        accepts: &[],
        judge: Judge::Component(component::name),
    },
    Element {
        id: "ntia/version",
        level: Level::Must,
        meaning: "the version by which its supplier tells it from an earlier one",
        hint: Hint { cyclonedx: "`version`", spdx2: "`versionInfo`", spdx3: "`software_packageVersion`" },
        source: FIELDS,
        accepts: &[],
        judge: Judge::Component(version),
    },
    Element {
        id: "ntia/identifier",
        level: Level::Must,
        meaning: "another identifier, or a key to look it up by",
        hint: Hint {
            cyclonedx: "`purl`, `cpe`, `swid`, or from 1.6 `swhid` and `omniborId`",
            spdx2: "`externalRefs` of the types purl, cpe22Type, cpe23Type, swid, swh or gitoid",
            spdx3: "`software_packageUrl`, `externalIdentifier` or `software_contentIdentifier`",
        },
        source: FIELDS,
        accepts: &[],
        judge: Judge::Component(identifier),
    },
    Element {
        id: "ntia/dependency",
        level: Level::Must,
        meaning: "that one thing is included in another, at least for what the document is about",
        hint: Hint {
            cyclonedx: "an entry of `dependencies` with `dependsOn`, or of `compositions`, for `metadata.component`",
            spdx2: "a relationship DEPENDS_ON or CONTAINS from what the document describes, to NONE where there is none",
            spdx3: "a `Relationship` `dependsOn` or `contains` from the root element",
        },
        source: FIELDS,
        accepts: &[Told::None, Told::Unknown],
        judge: Judge::Document(document::subject_edges),
    },
    Element {
        id: "ntia/author",
        level: Level::Must,
        meaning: "who made the data of the SBOM",
        hint: Hint {
            cyclonedx: "`metadata.authors`, from 1.6 `metadata.manufacturer`, before `metadata.manufacture` or `metadata.supplier`",
            spdx2: "`creationInfo.creators` with `Person:` or `Organization:`",
            spdx3: "`createdBy`, a `Person` or `Organization` with a name",
        },
        source: FIELDS,
        accepts: &[],
        judge: Judge::Document(author),
    },
    Element {
        id: "ntia/timestamp",
        level: Level::Must,
        meaning: "the date and time at which the data was put together",
        hint: Hint { cyclonedx: "`metadata.timestamp`", spdx2: "`creationInfo.created`", spdx3: "`created`" },
        source: FIELDS,
        accepts: &[],
        judge: Judge::Document(document::timestamp),
    },
    Element {
        id: "ntia/format",
        level: Level::Must,
        meaning: "a format that machines read: SPDX, CycloneDX or SWID tags",
        hint: Hint::all(""),
        source: AUTOMATION,
        accepts: &[],
        judge: Judge::Document(document::format),
    },
    Element {
        id: "ntia/known-unknowns",
        level: Level::Should,
        meaning: "that a component without dependencies is told from one nobody looked into",
        hint: Hint {
            cyclonedx: "`compositions`",
            spdx2: "a relationship to NONE or NOASSERTION",
            spdx3: "`completeness` of a `Relationship`",
        },
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Document(document::known_unknowns),
    },
    Element {
        id: "ntia/hash",
        level: Level::May,
        meaning: "a digest of the component",
        hint: Hint { cyclonedx: "`hashes`", spdx2: "`checksums`", spdx3: "`verifiedUsing`" },
        source: BEYOND,
        accepts: &[],
        judge: Judge::Component(hash),
    },
    Element {
        id: "ntia/licence",
        level: Level::May,
        meaning: "its licences",
        hint: Hint {
            cyclonedx: "`licenses`",
            spdx2: "`licenseDeclared`, `licenseConcluded`",
            spdx3: "`hasDeclaredLicense`, `hasConcludedLicense`",
        },
        source: BEYOND,
        accepts: &[Told::None],
        judge: Judge::Component(licence),
    },
    Element {
        id: "ntia/lifecycle",
        level: Level::May,
        meaning: "when in its life the data was put together",
        hint: Hint {
            cyclonedx: "`metadata.lifecycles`, from 1.5",
            spdx2: "`creationInfo.comment` with Design, Source, Build, Analyzed, Deployed or Runtime",
            spdx3: "`software_sbomType`",
        },
        source: BEYOND,
        accepts: &[],
        judge: Judge::Document(document::lifecycle),
    },
    Element {
        id: "ntia/other-relationships",
        level: Level::May,
        meaning: "how components relate otherwise: what they derive from",
        hint: Hint { cyclonedx: "`pedigree`", spdx2: "`relationships`", spdx3: "`Relationship`" },
        source: BEYOND,
        accepts: &[],
        judge: Judge::Document(other_relationships),
    },
    Element {
        id: "ntia/frequency",
        level: Level::Must,
        meaning: "a new SBOM for every release",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("how often an SBOM is made anew is not told by one of them"),
    },
    Element {
        id: "ntia/distribution",
        level: Level::Must,
        meaning: "that it is available in time to those who need it",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("how an SBOM is passed on is not told by its text"),
    },
    Element {
        id: "ntia/access-control",
        level: Level::Must,
        meaning: "the terms on which it may be read, where it is not public",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("who may read an SBOM is not told by its text"),
    },
    Element {
        id: "ntia/mistakes",
        level: Level::Must,
        meaning: "that mistakes are allowed for and corrected",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("how mistakes are dealt with is not told by one SBOM"),
    },
];

/// Why only a name is asked of some components.
const FILE: &str = "of a file or cryptographic asset only the name is asked";

fn supplier(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    // What is said of the supplier in place of him outweighs that the others are not there.
    Found::of(component::supplier(one).or(|| component::producer(one)).or(|| component::publisher(one)))
}

fn version(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) { Found::exempt(FILE) } else { Found::of(component::version(one)) }
}

fn identifier(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) { Found::exempt(FILE) } else { component::identifier(one) }
}

fn hash(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    Found::of(component::hashes(facts, at, one))
}

fn licence(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) { Found::exempt(FILE) } else { Found::of(component::licenses(one)) }
}

fn author(facts: &Facts<'_>) -> Found {
    let found = document::author(facts);
    let supplier = facts.bom.supplier.as_ref().map_or(Told::Absent, document::party);
    match found.told {
        Told::Value => found,
        _ if supplier == Told::Value => Found::value().noted("the supplier of the subject taken for the author"),
        Told::Absent if document::is_made_by_a_tool(facts) => {
            found.doubted().noted("only a tool is named, which is no author")
        }
        _ => found,
    }
}

fn other_relationships(facts: &Facts<'_>) -> Found {
    let is_other = facts.bom.relations.iter().any(|relation| match &relation.kind {
        RelationKind::Other(word) => word != "DESCRIBES",
        RelationKind::Provides => true,
        RelationKind::DependsOn | RelationKind::Contains => false,
    });
    let components = || facts.node(&["components"]).and_then(|all| all.items("").ok()).unwrap_or_default();
    Found::where_(is_other || (facts.is_cyclonedx() && components().iter().any(|one| one.get("pedigree").is_some())))
}
