//! The minimum elements of CISA and its partners, 2026.

use super::about_component as component;
use super::about_document as document;
use super::element::{Element, Hint, Judge, Level, Profile};
use super::facts::{Facts, Found, is_mere_file};
use super::score::State;
use super::told::Told;
use crate::sbom::model::{Aggregate, Component, Hash, Stated};

pub(super) static PROFILE: Profile = Profile {
    id: "cisa-2026",
    edition: "cisa-2026@2.1",
    title: "2026 Minimum Elements for a Software Bill of Materials (SBOM)",
    source: "CISA, NSA, FBI and partners, version 2.1, 2026-07-29; replaces ntia",
    elements: ELEMENTS,
};

const METADATA: &str = "CISA 2026, SBOM metadata";
const COMPONENT: &str = "CISA 2026, component data";
const PRACTICES: &str = "CISA 2026, practices and processes";

/// What passes where an author may say that he does not know, or does not tell.
const SILENT: &[Told] = &[Told::None, Told::Unknown, Told::Withheld];

static ELEMENTS: &[Element] = &[
    Element {
        id: "cisa/author",
        level: Level::Must,
        meaning: "who makes the data of the SBOM: whoever runs the tool, never the tool",
        hint: Hint {
            cyclonedx: "`metadata.authors`, or from 1.6 `metadata.manufacturer`, before `metadata.manufacture`",
            spdx2: "`creationInfo.creators` with `Person:` or `Organization:`",
            spdx3: "`createdBy`, a `Person` or `Organization` with a name",
        },
        source: METADATA,
        accepts: &[],
        judge: Judge::Document(author),
    },
    Element {
        id: "cisa/author-signature",
        level: Level::Should,
        meaning: "a signature that leads to the author",
        hint: Hint {
            cyclonedx: "`signature`, or from 1.6 an external reference `digital-signature`; or a signature beside the file",
            spdx2: "a signature beside the file, as the format has no place for one",
            spdx3: "a signature beside the file, as the format has no place for one",
        },
        source: METADATA,
        accepts: &[],
        judge: Judge::Document(signature),
    },
    Element {
        id: "cisa/format-name",
        level: Level::Must,
        meaning: "the name of the data format",
        hint: Hint::all(""),
        source: METADATA,
        accepts: &[],
        judge: Judge::Document(document::format),
    },
    Element {
        id: "cisa/format-version",
        level: Level::Must,
        meaning: "the version of the data format, none that is given up",
        hint: Hint { cyclonedx: "`specVersion`, 1.4 or later", spdx2: "`spdxVersion`, 2.3", spdx3: "`specVersion`" },
        source: METADATA,
        accepts: &[],
        judge: Judge::Document(format_version),
    },
    Element {
        id: "cisa/generation-context",
        level: Level::Should,
        meaning: "when in its life the data was put together: before, during or after the build, or closer",
        hint: Hint {
            cyclonedx: "`metadata.lifecycles`, from 1.5",
            spdx2: "`creationInfo.comment` with Design, Source, Build, Analyzed, Deployed or Runtime",
            spdx3: "`software_sbomType`",
        },
        source: METADATA,
        accepts: SILENT,
        judge: Judge::Document(generation_context),
    },
    Element {
        id: "cisa/timestamp",
        level: Level::Must,
        meaning: "the date and time of the last change to the data",
        hint: Hint { cyclonedx: "`metadata.timestamp`", spdx2: "`creationInfo.created`", spdx3: "`created`" },
        source: METADATA,
        accepts: &[],
        judge: Judge::Document(document::timestamp),
    },
    Element {
        id: "cisa/tool-name",
        level: Level::Must,
        meaning: "the tools that made or amended the SBOM",
        hint: Hint {
            cyclonedx: "`metadata.tools`",
            spdx2: "`creationInfo.creators` with `Tool:`",
            spdx3: "`createdUsing`, a `Tool` with a name",
        },
        source: METADATA,
        accepts: SILENT,
        judge: Judge::Document(tool_name),
    },
    Element {
        id: "cisa/tool-version",
        level: Level::Must,
        meaning: "the versions of these tools",
        hint: Hint {
            cyclonedx: "`version` of each of `metadata.tools`",
            spdx2: "`Tool: name-version` in `creationInfo.creators`",
            spdx3: "behind the name of the `Tool`, as it has no version of its own",
        },
        source: METADATA,
        accepts: SILENT,
        judge: Judge::Document(tool_version),
    },
    Element {
        id: "cisa/sbom-version",
        level: Level::Should,
        meaning: "what tells this SBOM from earlier ones of the same",
        hint: Hint {
            cyclonedx: "`serialNumber`, and `version` that grows with each edition",
            spdx2: "`documentNamespace`",
            spdx3: "`spdxId` of the `software_Sbom`, and a relation `amendedBy` or `descendantOf`",
        },
        source: METADATA,
        accepts: &[],
        judge: Judge::Document(sbom_version),
    },
    Element {
        id: "cisa/machine-processable",
        level: Level::Must,
        meaning: "a format that machines read: SPDX or CycloneDX",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Document(document::format),
    },
    Element {
        id: "cisa/name",
        level: Level::Must,
        meaning: "the name its producer gives it",
        hint: Hint::all("`name`"),
        source: COMPONENT,
        accepts: &[],
        judge: Judge::Component(component::name),
    },
    Element {
        id: "cisa/version",
        level: Level::Must,
        meaning: "the version its producer gives it",
        hint: Hint { cyclonedx: "`version`", spdx2: "`versionInfo`", spdx3: "`software_packageVersion`" },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(version),
    },
    Element {
        id: "cisa/producer",
        level: Level::Must,
        meaning: "the one who creates, defines and identifies the component, not who distributes it",
        hint: Hint {
            cyclonedx: "from 1.6 `manufacturer.name` of the component or its `authors`, before `author` or `publisher`",
            spdx2: "`originator` of the package",
            spdx3: "`originatedBy` of the package",
        },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(producer),
    },
    Element {
        id: "cisa/identifier",
        level: Level::Must,
        meaning: "at least one common identifier that machines read",
        hint: Hint {
            cyclonedx: "`purl`, `cpe`, `swid`, from 1.6 `swhid` and `omniborId`, or the property `cdx:cisa:component-identifier`",
            spdx2: "`externalRefs` of the types purl, cpe22Type, cpe23Type, swid, swh or gitoid",
            spdx3: "`software_packageUrl`, `externalIdentifier` or `software_contentIdentifier`",
        },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(identifier),
    },
    Element {
        id: "cisa/hash-value",
        level: Level::Must,
        meaning: "a digest of the executable artifact in hexadecimal digits",
        hint: Hint {
            cyclonedx: "`hashes`, or the property `cdx:cisa:unknown-information` where there is no artifact",
            spdx2: "`checksums` of the package",
            spdx3: "`verifiedUsing` of the package or of its distribution artifact",
        },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(hash_value),
    },
    Element {
        id: "cisa/hash-algorithm",
        level: Level::Must,
        meaning: "the algorithm of that digest, one that is still held to be sound",
        hint: Hint {
            cyclonedx: "`hashes[].alg`",
            spdx2: "`checksums[].algorithm`",
            spdx3: "`algorithm` of the `Hash`",
        },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(hash_algorithm),
    },
    Element {
        id: "cisa/licence",
        level: Level::Must,
        meaning: "the licences of the component, or where their terms are",
        hint: Hint {
            cyclonedx: "`licenses`",
            spdx2: "`licenseDeclared` or `licenseConcluded`",
            spdx3: "`hasDeclaredLicense` or `hasConcludedLicense`",
        },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(licence),
    },
    Element {
        id: "cisa/dependency",
        level: Level::Must,
        meaning: "what each component needs to work, or what needs it",
        hint: Hint {
            cyclonedx: "an entry of `dependencies` for each component, or of `compositions`",
            spdx2: "relationships DEPENDS_ON and CONTAINS, to NONE or NOASSERTION where there is nothing to tell",
            spdx3: "a `Relationship` `dependsOn` or `contains`",
        },
        source: COMPONENT,
        accepts: SILENT,
        judge: Judge::Component(dependency),
    },
    Element {
        id: "cisa/coverage",
        level: Level::Should,
        meaning: "that every component is listed, those that others bring included",
        hint: Hint {
            cyclonedx: "`compositions` with `complete` for `metadata.component`",
            spdx2: "a relationship to NONE from each package that needs nothing",
            spdx3: "`completeness` of each `Relationship`",
        },
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Document(coverage),
    },
    Element {
        id: "cisa/unknowns",
        level: Level::Must,
        meaning: "that each gap says whether it is unknown or withheld, and whom to ask",
        hint: Hint {
            cyclonedx: "the properties `cdx:cisa:unknown-information` and `cdx:cisa:withheld-information`, with `cdx:cisa:withheld-information-inquiry` in `metadata`",
            spdx2: "NOASSERTION",
            spdx3: "`NoAssertionElement`, `NoAssertionLicense`",
        },
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Component(unknowns),
    },
    Element {
        id: "cisa/frequency",
        level: Level::Must,
        meaning: "a new SBOM for every release",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("how often an SBOM is made anew is not told by one of them"),
    },
    Element {
        id: "cisa/distribution",
        level: Level::Must,
        meaning: "that it is passed on in time to those who need it",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("how an SBOM is passed on is not told by its text"),
    },
    Element {
        id: "cisa/updates",
        level: Level::Must,
        meaning: "that what changes or was wrong is brought up to date",
        hint: Hint::all(""),
        source: PRACTICES,
        accepts: &[],
        judge: Judge::Outside("how changes are dealt with is not told by one SBOM"),
    },
];

/// Why only a name is asked of some components.
const FILE: &str = "of a file or cryptographic asset only the name is asked";

/// The properties that say whom to ask for what is withheld; the second is of an earlier draft of the taxonomy.
const INQUIRY: [&str; 2] = ["cdx:cisa:withheld-information-inquiry", "cdx:cisa:redacted-information-inquiry"];

fn author(facts: &Facts<'_>) -> Found {
    let found = document::or_silence(facts, document::author(facts), "SBOM Author");
    match found.told {
        Told::Value => found,
        Told::Unknown => found.doubted().noted("its author is said to be unknown"),
        told => found.noted_if(
            told == Told::Absent && document::is_made_by_a_tool(facts),
            "only a tool is named, which is no author",
        ),
    }
}

fn signature(facts: &Facts<'_>) -> Found {
    let is_beside = facts.bom.references.iter().any(|reference| reference.kind == "digital-signature");
    let found = Found::where_(facts.bom.is_signed || is_beside);
    found.noted_if(!facts.bom.is_signed && !is_beside, "a signature beside the file is not looked for here")
}

fn format_version(facts: &Facts<'_>) -> Found {
    let version = facts.document.version;
    let is_old = matches!((facts.family(), version), ("cyclonedx", "1.2" | "1.3") | ("spdx2", "2.0" | "2.1" | "2.2"));
    if is_old {
        return Found::value().doubted().detailed(crate::text!("{} is given up for new software", version));
    }
    Found::value().detailed(crate::text!("{}", version))
}

fn generation_context(facts: &Facts<'_>) -> Found {
    document::or_silence(facts, document::lifecycle(facts), "SBOM Generation Context")
}

fn tool_name(facts: &Facts<'_>) -> Found {
    let told = facts.bom.tools.iter().map(|tool| Told::text(&tool.name)).max().unwrap_or(Told::Absent);
    document::or_silence(facts, Found::of(told), "SBOM Tool Name")
}

fn tool_version(facts: &Facts<'_>) -> Found {
    let lacking = facts.bom.tools.iter().find(|tool| document::tool_version(tool).is_none());
    let found = match lacking {
        None if facts.bom.tools.is_empty() => Found::absent(),
        None => Found::value(),
        Some(tool) => {
            let told = tool.version.as_deref().map_or(Told::Absent, Told::text);
            Found::of(told).detailed(crate::text!("the tool `{}` has no version", &*tool.name))
        }
    };
    // SPDX has no place of its own for the version of a tool.
    document::only_warned_in(facts, &["spdx2", "spdx3"], document::or_silence(facts, found, "SBOM Tool Version"))
}

fn sbom_version(facts: &Facts<'_>) -> Found {
    match facts.bom.id.as_deref().map(Told::text) {
        Some(Told::Value) if facts.bom.edition == Some(0) => {
            Found::of(Told::Malformed).noted("expected a version from 1, found 0")
        }
        Some(told) => Found::of(told),
        None => Found::absent(),
    }
}

fn version(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) { Found::exempt(FILE) } else { Found::of(component::version(one)) }
}

fn producer(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    let told = component::producer(one).or(|| component::authors(one)).or(|| component::publisher(one));
    match (told, component::supplier(one)) {
        (Told::Value, _) => Found::value(),
        (_, Told::Value) => Found::value().noted("supplier taken for producer"),
        (told, supplier) => Found::of(told.min(supplier)),
    }
}

fn identifier(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) { Found::exempt(FILE) } else { component::identifier(one) }
}

fn hash_value(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    let told = component::hashes(facts, at, one);
    Found::of(told).noted_if(told == Told::Malformed, "the value is no digest of its algorithm")
}

fn hash_algorithm(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    let hashes: Vec<&Hash<'_>> = component::all_hashes(facts, at, one).collect();
    let Some(first) = hashes.first() else { return Found::of(component::hashes(facts, at, one)) };
    if hashes.iter().any(|hash| hash.algorithm.spelling().is_some() && !is_weak(hash)) {
        return Found::value();
    }
    match hashes.iter().find(|hash| is_weak(hash)) {
        Some(hash) => Found::value().doubted().detailed(crate::text!("{} is broken", hash.algorithm.name())),
        None => Found::of(Told::Malformed)
            .detailed(crate::text!("expected an algorithm with a name, found `{}`", first.algorithm.name())),
    }
}

/// Whether collisions of an algorithm can be made.
fn is_weak(hash: &Hash<'_>) -> bool {
    matches!(hash.algorithm.name(), "MD2" | "MD4" | "MD5" | "MD6" | "SHA-1" | "ADLER32")
}

fn licence(facts: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    let told = component::licenses(one);
    if told == Told::Absent && is_licence_implied(facts, one) {
        return Found::of(Told::Unknown)
            .doubted()
            .noted("implied unknown: in SPDX 2.3 a licence that is not there means NOASSERTION");
    }
    Found::of(told)
}

/// Whether the format says that a licence that is not there is unknown.
fn is_licence_implied(facts: &Facts<'_>, one: &Component<'_>) -> bool {
    facts.family() == "spdx2"
        && facts.document.version.ends_with("2.3")
        && one.declared == Stated::Absent
        && one.concluded == Stated::Absent
}

fn dependency(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    let links = facts.links(at);
    let is_alone = facts.bom.components.len() == 1;
    // What others need and what says nothing itself needs nothing: a component that is not listed is not there.
    let is_placed = links.leads_on() || (links.is_led_to && !facts.is_root(at));
    if is_placed {
        return Found::value().noted_if(!facts.has_needs, "no dependency edges: it is only told what holds what");
    }
    if links.has_none && (is_alone || !facts.is_root(at) || !facts.is_cyclonedx()) {
        Found::of(Told::None)
    } else if links.is_unknown || links.is_completeness_told() || facts.whole().is_completeness_told() {
        Found::of(Told::Unknown)
    } else if links.has_none {
        Found::absent().noted("the subject is said to need nothing, though more is listed")
    } else {
        Found::absent().noted("nothing leads to it or from it")
    }
}

fn coverage(facts: &Facts<'_>) -> Found {
    let places = || 0..facts.bom.components.len();
    let aggregates = facts.bom.roots.iter().map(|at| facts.links(*at)).chain([facts.whole()]);
    let of_root = aggregates.flat_map(|links| [links.needs_told, links.holds_told]).flatten().max();
    match of_root {
        Some(Aggregate::Incomplete) => return Found::absent().noted("the document says that it is incomplete"),
        Some(Aggregate::Unknown) => {
            return Found::of(Told::Unknown).noted("the document says that its completeness is unknown");
        }
        Some(Aggregate::Complete) if facts.family() != "spdx3" => return Found::value(),
        _ => {}
    }
    match facts.family() {
        // Each end of the graph has to say that it is one.
        "spdx2" => {
            let open = places().filter(|at| !facts.bom.components.get(*at).is_none_or(is_mere_file)).find(|at| {
                let links = facts.links(*at);
                !links.leads_on() && !links.has_none && !links.is_unknown
            });
            match open.and_then(|at| facts.bom.components.get(at)) {
                Some(one) => Found::absent().at(one.span).noted("not every end of the graph says that nothing follows"),
                None => Found::value(),
            }
        }
        "spdx3" => {
            let open = places().find(|at| {
                let links = facts.links(*at);
                links.leads_on() && ![links.needs_told, links.holds_told].contains(&Some(Aggregate::Complete))
            });
            let is_any = places().any(|at| facts.links(at).leads_on());
            match open.and_then(|at| facts.bom.components.get(at)) {
                Some(one) => Found::absent().at(one.span).noted("not every relationship is said to be complete"),
                None => Found::where_(is_any),
            }
        }
        _ => Found::absent(),
    }
}

fn unknowns(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    if is_mere_file(one) {
        return Found::exempt(FILE);
    }
    // SPDX has a word for what is unknown only in some places; what it cannot say is not asked of it.
    let is_told_apart = facts.is_cyclonedx();
    let asked: [(&str, bool, Told); 5] = [
        ("version", is_told_apart, component::version(one)),
        ("producer", true, producer(facts, at, one).told),
        ("identifier", is_told_apart, component::identifier(one).told),
        ("digest", is_told_apart, component::hashes(facts, at, one)),
        ("licence", true, licence(facts, at, one).told),
    ];
    let silent: Vec<&str> = asked
        .iter()
        .filter(|(_, is_asked, told)| *is_asked && matches!(told, Told::Absent | Told::Placeholder | Told::Malformed))
        .map(|(what, ..)| *what)
        .collect();
    let is_withheld = asked.iter().any(|(.., told)| *told == Told::Withheld);
    let has_inquiry =
        facts.bom.properties.iter().any(|(key, value)| INQUIRY.contains(&&**key) && Told::text(value) == Told::Value);
    if !silent.is_empty() {
        return Found::absent().detailed(crate::text!("neither told nor said to be unknown: {}", silent.join(", ")));
    }
    if is_withheld && !has_inquiry {
        return Found::of(Told::Withheld).judged(State::Fail).noted("it is not told whom to ask for what is withheld");
    }
    Found::value()
}
