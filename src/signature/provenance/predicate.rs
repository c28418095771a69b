//! What statements say: provenances (SLSA v0.2 and v1), summaries of verifications, and, to be shown, OpenVEX and SBOMs.

use std::collections::BTreeMap;

use super::GITHUB;
use super::name::ref_of;
use crate::document::{Node, Value};
use crate::signature::attestation::{at, items, string, string_at};
use crate::signature::description::{Part, Parts};
use crate::signature::statement::Statement;
use crate::signature::{Claim, Fault, FaultKind};
use crate::text;
use crate::text::Text;

/// How many parameters of a build are read.
const MAX_PARAMETERS: usize = 10_000;

/// What a provenance says of a build.
#[derive(Clone, Debug, Default)]
pub(in crate::signature) struct Provenance {
    pub(super) builder: Option<String>,
    pub(super) build_type: Option<String>,
    /// Where the build was told to take its source from.
    pub(super) source: Option<String>,
    /// The branch or tag.
    pub(super) source_ref: Option<String>,
    /// The definition of the build.
    pub(super) build_config: Option<String>,
    /// The branch a tag was pushed from.
    pub(super) base_ref: Option<String>,
    /// What the build was told, by the whole name of each parameter.
    pub(super) parameters: Vec<(String, String)>,
    /// What was used, with its commits.
    pub(super) materials: Vec<(String, Vec<String>)>,
    pub(super) invocation: Option<String>,
}

/// Says what a statement's predicate says that concerns the judgement, and what in it speaks against the artifact.
pub(in crate::signature) fn read(statement: &Statement, node: &Node<'_>, claim: &mut Claim) -> Option<Provenance> {
    let predicate = node.get("predicate")?;
    let provenance = match statement.predicate_type.as_str() {
        "https://slsa.dev/provenance/v0.2" => Provenance::of_v02(predicate),
        "https://slsa.dev/provenance/v1" => Provenance::of_v1(predicate),
        "https://slsa.dev/verification_summary/v1" => {
            summary(predicate, claim);
            return None;
        }
        _ => return None,
    };
    let shown = [
        ("builder", &provenance.builder),
        ("build-type", &provenance.build_type),
        ("provenance-source", &provenance.source),
        ("provenance-ref", &provenance.source_ref),
        ("invocation", &provenance.invocation),
    ];
    for (name, value) in shown {
        add(&mut claim.details, name, value.as_deref());
    }
    Some(provenance)
}

/// Adds a detail.
pub(in crate::signature) fn add(details: &mut BTreeMap<&'static str, Text>, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        details.insert(name, Text::of(value));
    }
}

/// Reads a summary of somebody else's verification (SLSA, "Verification Summary Attestation").
fn summary(predicate: &Node<'_>, claim: &mut Claim) {
    let result = string(predicate, "verificationResult").unwrap_or_default();
    let levels: Vec<&str> =
        items(predicate, "verifiedLevels").iter().filter_map(|level| level.string("a level").ok()).collect();
    let details = &mut claim.details;
    add(details, "verifier", string_at(predicate, &["verifier", "id"]));
    add(details, "resource", string(predicate, "resourceUri"));
    add(details, "policy", string_at(predicate, &["policy", "uri"]));
    add(details, "verification-result", Some(result));
    add(details, "verified-levels", Some(&levels.join(", ")));
    add(details, "verified-at", string(predicate, "timeVerified"));
    if result != "PASSED" {
        let message = text!("the summary says `{}` of the artifact, not `PASSED`", result);
        claim.faults.push(Fault::new(FaultKind::SubjectMismatch, message).finally());
    }
}

impl Provenance {
    fn of_v02(predicate: &Node<'_>) -> Self {
        let source = string_at(predicate, &["invocation", "configSource", "uri"]).map(str::to_owned);
        let payload = &["invocation", "environment", "github_event_payload", "base_ref"];
        Self {
            builder: owned(predicate, &["builder", "id"]),
            build_type: owned(predicate, &["buildType"]),
            source_ref: source.as_deref().and_then(ref_of).map(str::to_owned),
            source,
            build_config: owned(predicate, &["invocation", "configSource", "entryPoint"]),
            base_ref: owned(predicate, payload),
            parameters: at(predicate, &["invocation", "parameters"]).map(parameters).unwrap_or_default(),
            materials: materials(items(predicate, "materials")),
            invocation: owned(predicate, &["metadata", "buildInvocationID"])
                .or_else(|| owned(predicate, &["metadata", "buildInvocationId"])),
        }
    }

    fn of_v1(predicate: &Node<'_>) -> Self {
        let definition = at(predicate, &["buildDefinition"]);
        let get = |path: &[&str]| owned(definition?, path);
        // Where the source stands depends on the build's type: GitHub's workflows, the container-based builder, and
        // builders that give no more than one URI.
        let source = get(&["externalParameters", "workflow", "repository"])
            .or_else(|| get(&["externalParameters", "source", "uri"]))
            .or_else(|| get(&["externalParameters", "source"]));
        let source_ref = get(&["externalParameters", "workflow", "ref"])
            .or_else(|| source.as_deref().and_then(ref_of).map(str::to_owned))
            .or_else(|| get(&["internalParameters", "GITHUB_REF"]));
        let source = source.or_else(|| {
            let repository = get(&["internalParameters", "GITHUB_REPOSITORY"])?;
            Some(format!("{GITHUB}{repository}"))
        });
        let dependencies = definition.map(|definition| items(definition, "resolvedDependencies"));
        Self {
            builder: owned(predicate, &["runDetails", "builder", "id"]),
            build_type: get(&["buildType"]),
            source,
            source_ref,
            build_config: get(&["externalParameters", "workflow", "path"]),
            base_ref: get(&["internalParameters", "GITHUB_EVENT_PAYLOAD", "base_ref"]),
            parameters: at(predicate, &["buildDefinition", "externalParameters"]).map(parameters).unwrap_or_default(),
            materials: materials(dependencies.unwrap_or_default()),
            invocation: owned(predicate, &["runDetails", "metadata", "invocationId"]),
        }
    }
}

fn owned(node: &Node<'_>, path: &[&str]) -> Option<String> {
    string_at(node, path).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Lists parameters by their names; one that stands in another has the names of both, with a dot between them.
fn parameters(node: &Node<'_>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open = vec![(String::new(), node)];
    while let Some((name, node)) = open.pop() {
        let value = match &node.value {
            Value::String(value) | Value::Number(value) | Value::Datetime(value) => value.to_string(),
            Value::Boolean(value) => value.to_string(),
            Value::Null => continue,
            Value::Sequence(items) => {
                let below = items.iter().enumerate();
                open.extend(below.map(|(at, item)| (joined(&name, &at.to_string()), item)));
                continue;
            }
            Value::Mapping(members) => {
                open.extend(members.iter().map(|member| (joined(&name, &member.key), &member.value)));
                continue;
            }
        };
        if out.len() == MAX_PARAMETERS {
            break;
        }
        out.push((name, value));
    }
    out
}

fn joined(name: &str, below: &str) -> String {
    if name.is_empty() { below.to_owned() } else { format!("{name}.{below}") }
}

fn materials(nodes: &[Node<'_>]) -> Vec<(String, Vec<String>)> {
    nodes
        .iter()
        .filter_map(|node| {
            let commits = ["gitCommit", "sha1"].iter().filter_map(|name| string_at(node, &["digest", name]));
            Some((string(node, "uri")?.to_owned(), commits.map(str::to_owned).collect()))
        })
        .collect()
}

/// Says what a predicate of one kind holds.
type Describe = fn(&Node<'_>, &mut Parts);
/// Tells a kind of predicates by its type, and says what one of them holds.
type Known = (fn(&str) -> bool, Describe);

/// Says what a predicate holds, where it is of a kind that is known. Nothing is judged.
pub(in crate::signature) fn describe(predicate_type: &str, predicate: &Node<'_>) -> Part {
    let known: [Known; 6] = [
        (|kind| kind == "https://slsa.dev/provenance/v0.2", |node, out| Provenance::of_v02(node).describe(out)),
        (|kind| kind == "https://slsa.dev/provenance/v1", |node, out| Provenance::of_v1(node).describe(out)),
        (|kind| kind == "https://slsa.dev/verification_summary/v1", describe_summary),
        (|kind| kind.starts_with("https://openvex.dev/ns"), describe_openvex),
        (
            |kind| kind == "https://cyclonedx.org/bom" || kind.starts_with("https://cyclonedx.org/bom/"),
            describe_cyclonedx,
        ),
        (|kind| kind.starts_with("https://spdx.dev/Document"), describe_spdx),
    ];
    let mut part = Part::new("predicate", Text::of(predicate_type));
    match known.iter().find(|(is_of_it, _)| is_of_it(predicate_type)) {
        Some((_, describe)) => describe(predicate, &mut part.parts),
        None => describe_members(predicate, &mut part.parts),
    }
    part
}

impl Provenance {
    fn describe(&self, out: &mut Parts) {
        out.add_stated("builder", self.builder.as_deref());
        out.add_stated("build-type", self.build_type.as_deref());
        out.add_stated("source", self.source.as_deref());
        out.add_stated("ref", self.source_ref.as_deref());
        out.add_stated("definition", self.build_config.as_deref());
        out.list(&self.materials, |(uri, commits)| {
            let mut part = Part::new("material", Text::of(uri));
            part.parts.list(commits, |commit| Part::new("commit", Text::of(commit)));
            part
        });
        out.add_stated("run", self.invocation.as_deref());
    }
}

fn describe_summary(predicate: &Node<'_>, out: &mut Parts) {
    out.add_stated("verifier", string_at(predicate, &["verifier", "id"]));
    out.add_stated("resource", string(predicate, "resourceUri"));
    out.add_stated("policy", string_at(predicate, &["policy", "uri"]));
    out.add_stated("result", string(predicate, "verificationResult"));
    let levels = items(predicate, "verifiedLevels").iter().filter_map(|level| level.string("a level").ok());
    out.list(levels, |level| Part::new("level", Text::of(level)));
    out.add_stated("verified-at", string(predicate, "timeVerified"));
}

/// Says what an OpenVEX document holds.
pub(in crate::signature) fn describe_openvex(document: &Node<'_>, out: &mut Parts) {
    out.add_stated("id", string(document, "@id"));
    out.add_stated("author", string(document, "author"));
    out.add_stated("time", string(document, "timestamp"));
    out.list(items(document, "statements"), |stated| {
        let name = string_at(stated, &["vulnerability", "name"]).or_else(|| string(stated, "vulnerability"));
        let mut part = Part::new("vulnerability", Text::of(name.unwrap_or_default()));
        part.parts.add_stated("status", string(stated, "status"));
        part.parts.add_stated("justification", string(stated, "justification"));
        let products = items(stated, "products");
        let id = |product| string(product, "@id").or_else(|| product.string("a product").ok()).unwrap_or_default();
        part.parts.list(products, |product| Part::new("product", Text::of(id(product))));
        part
    });
}

/// Says what an SBOM of CycloneDX holds.
pub(in crate::signature) fn describe_cyclonedx(document: &Node<'_>, out: &mut Parts) {
    out.add_stated("version", string(document, "specVersion"));
    out.add_stated("id", string(document, "serialNumber"));
    out.add_stated("time", string_at(document, &["metadata", "timestamp"]));
    out.add_stated("of", string_at(document, &["metadata", "component", "name"]));
    let components = items(document, "components");
    out.add("components", text!("{}", components.len()));
    out.list(components, |one| {
        let mut part = Part::new("component", Text::of(string(one, "name").unwrap_or_default()));
        part.parts.add_stated("version", string(one, "version"));
        part.parts.add_stated("purl", string(one, "purl"));
        part
    });
}

/// Says what an SBOM of SPDX holds.
pub(in crate::signature) fn describe_spdx(document: &Node<'_>, out: &mut Parts) {
    out.add_stated("version", string(document, "spdxVersion"));
    out.add_stated("id", string(document, "documentNamespace"));
    out.add_stated("time", string_at(document, &["creationInfo", "created"]));
    out.add_stated("of", string(document, "name"));
    let packages = items(document, "packages");
    out.add("packages", text!("{}", packages.len()));
    out.list(packages, |one| {
        let mut part = Part::new("package", Text::of(string(one, "name").unwrap_or_default()));
        part.parts.add_stated("version", string(one, "versionInfo"));
        part
    });
}

/// Says of a predicate that is not known what its outermost members are.
fn describe_members(predicate: &Node<'_>, out: &mut Parts) {
    let Value::Mapping(members) = &predicate.value else { return };
    out.list(members, |member| {
        let value = match &member.value.value {
            Value::String(value) | Value::Number(value) | Value::Datetime(value) => Text::of(value),
            Value::Boolean(value) => Text::trusted(if *value { "true" } else { "false" }),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => Text::trusted(member.value.kind()),
        };
        Part::new("member", text!("{} = {}", member.key, value))
    });
}
