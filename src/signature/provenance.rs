//! Where an artifact was built, by whom and from what: what a certificate and a provenance say, against what is
//! expected. Names are compared whole: `github.com/acme/app` is not the beginning of `github.com/acme/app2`.

use std::collections::BTreeMap;

use super::attestation::{at, items, string, string_at};
use super::statement::Statement;
use super::{Claim, Expected, Fault, FaultKind};
use crate::document::{Node, Value};
use crate::text;
use crate::text::Text;

const GITHUB: &str = "https://github.com/";
const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";
const GITLAB: &str = "https://gitlab.com/";
const GITLAB_ISSUER: &str = "https://gitlab.com";

/// The builder of a provenance that npm has its workflows write: not a workflow, but the machine it runs on.
const GITHUB_RUNNER: &str = "https://github.com/actions/runner";

/// The workflows that sign for builders they were called by, and put the builder's name into the provenance only after
/// they verified it. Nobody else may speak for a builder.
const DELEGATORS: [&str; 2] = [
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_generic_slsa3.yml",
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_lowperms-generic_slsa3.yml",
];

/// What a certificate says of the build in which its key was used.
#[derive(Clone, Debug, Default)]
pub(super) struct Certified {
    /// Who: a workflow, a person, a service.
    pub(super) identity: String,
    /// Who vouches for that.
    pub(super) issuer: String,
    /// The repository built from.
    pub(super) source: Option<String>,
    /// The branch or tag built from.
    pub(super) source_ref: Option<String>,
    /// The commit built from.
    pub(super) source_digest: Option<String>,
    /// The definition of the build.
    pub(super) build_config: Option<String>,
    /// On what it ran.
    pub(super) runner: Option<String>,
}

/// What a provenance says of a build.
#[derive(Clone, Debug, Default)]
pub(super) struct Provenance {
    builder: Option<String>,
    build_type: Option<String>,
    /// Where the build was told to take its source from.
    source: Option<String>,
    /// The branch or tag.
    source_ref: Option<String>,
    /// The definition of the build.
    build_config: Option<String>,
    /// The branch a tag was pushed from.
    base_ref: Option<String>,
    /// What was used, with its commits.
    materials: Vec<(String, Vec<String>)>,
    invocation: Option<String>,
}

/// Says what a statement's predicate says that concerns the judgement, and what in it speaks against the artifact.
pub(super) fn read(statement: &Statement, node: &Node<'_>, claim: &mut Claim) -> Option<Provenance> {
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
pub(super) fn add(details: &mut BTreeMap<&'static str, Text>, name: &'static str, value: Option<&str>) {
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
        claim.faults.push(Fault::new(FaultKind::SubjectMismatch, message));
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
            materials: materials(dependencies.unwrap_or_default()),
            invocation: owned(predicate, &["runDetails", "metadata", "invocationId"]),
        }
    }
}

fn owned(node: &Node<'_>, path: &[&str]) -> Option<String> {
    string_at(node, path).filter(|text| !text.is_empty()).map(str::to_owned)
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

/// Judges who signed and where it was built. The weightiest comes first.
pub(super) fn judge(expected: &Expected, certified: Option<&Certified>, stated: Option<&Provenance>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(certified) = certified {
        identity(expected, certified, &mut faults);
    }
    let none = Provenance::default();
    let build = Build { expected, certified, stated: stated.unwrap_or(&none) };
    build.builder(&mut faults);
    build.source(&mut faults);
    build.source_ref(&mut faults);
    build.build_config(&mut faults);
    faults
}

/// Judges who a certificate names, and whether anything says who it should be.
fn identity(expected: &Expected, certified: &Certified, faults: &mut Vec<Fault>) {
    if let Some(pattern) = &expected.identity
        && !matches(pattern, &certified.identity)
    {
        let message = text!("signed by `{}`, expected `{}`", certified.identity, pattern);
        faults.push(Fault::new(FaultKind::IdentityMismatch, message));
    }
    // A builder's name means something only by the word of who runs it.
    let issuer = expected.issuer.as_deref().or_else(|| match expected.builder.as_deref() {
        Some(builder) if builder.starts_with(GITHUB) => Some(GITHUB_ISSUER),
        Some(builder) if builder.starts_with(GITLAB) => Some(GITLAB_ISSUER),
        _ => None,
    });
    if let Some(issuer) = issuer
        && issuer != certified.issuer
    {
        let message = text!("`{}` vouches for the identity, expected `{}`", certified.issuer, issuer);
        faults.push(Fault::new(FaultKind::IssuerMismatch, message));
    }
    let by_identity = expected.identity.is_some() && expected.issuer.is_some();
    let by_build = expected.source.is_some() && expected.builder.is_some();
    if by_build && !by_identity && issuer.is_none() && !expected.any_identity {
        let message = Text::trusted("nothing says who vouches for the builder");
        faults.push(Fault::new(FaultKind::IssuerMismatch, message).help(Text::trusted("give --issuer")));
    }
    if !(by_identity || by_build || expected.any_identity) {
        let message = text!("nothing says that `{}` may sign", certified.identity);
        let help = "give --identity and --issuer, or --source and --builder, or --any-identity if anybody may sign";
        faults.push(Fault::new(FaultKind::IdentityMismatch, message).help(Text::trusted(help)));
    }
}

struct Build<'a> {
    expected: &'a Expected,
    certified: Option<&'a Certified>,
    stated: &'a Provenance,
}

impl Build<'_> {
    fn builder(&self, faults: &mut Vec<Fault>) {
        let Some(expected) = &self.expected.builder else { return };
        let stated = self.stated.builder.as_deref();
        let found = match self.certified {
            None => match stated {
                Some(stated) if is_builder(expected, stated) => return,
                Some(stated) => text!("`{}`", stated),
                None => Text::trusted("an unnamed builder"),
            },
            Some(certified) => match Self::signed_by(expected, certified, stated) {
                Ok(()) => return,
                Err(found) => found,
            },
        };
        faults.push(Fault::new(FaultKind::Builder, text!("built by {}, expected `{}`", found, expected)));
    }

    /// Whether the signer may speak for the builder. A provenance alone proves nothing: anybody can write a name.
    fn signed_by(expected: &str, certified: &Certified, stated: Option<&str>) -> Result<(), Text> {
        let signer = certified.identity.as_str();
        let is_delegated = |stated: &str| {
            let (workflow, reference) = split_ref(signer);
            let is_released = reference.is_some_and(|at| at.starts_with("refs/tags/v") || at == "refs/heads/main");
            is_released && DELEGATORS.contains(&workflow) && is_builder(expected, stated)
        };
        let is_runner = |stated: &str| {
            let source = certified.source.as_deref().unwrap_or_default().trim_end_matches('/');
            let runner = stated.strip_prefix(GITHUB_RUNNER).and_then(|rest| rest.strip_prefix('/'));
            runner.is_some_and(|runner| certified.runner.as_deref() == Some(runner))
                && !source.is_empty()
                && signer.strip_prefix(source).is_some_and(|rest| rest.starts_with('/'))
        };
        match stated {
            None if is_builder(expected, signer) => Ok(()),
            Some(stated) if is_builder(expected, signer) && (stated == signer || is_runner(stated)) => Ok(()),
            Some(stated) if stated == expected && is_runner(stated) => Ok(()),
            Some(stated) if is_delegated(stated) => Ok(()),
            Some(stated) if stated != signer => Err(text!("`{}`, who names `{}`", signer, stated)),
            _ => Err(text!("`{}`", signer)),
        }
    }

    fn source(&self, faults: &mut Vec<Fault>) {
        let Some(expected) = &self.expected.source else { return };
        let mut wrong = |found: Text| {
            faults.push(Fault::new(FaultKind::Source, text!("built from {}, expected `{}`", found, expected)));
        };
        let stated = self.stated.source.as_deref();
        match self.certified {
            Some(certified) => match certified.source.as_deref() {
                Some(source) if same_repository(expected, source) => {}
                Some(source) => return wrong(text!("`{}`", source)),
                None => return wrong(Text::trusted("a source the certificate does not name")),
            },
            None if stated.is_none() => return wrong(Text::trusted("a source that is not named")),
            None => {}
        }
        if let Some(stated) = stated
            && !same_repository(expected, stated)
        {
            return wrong(text!("`{}`", stated));
        }
        self.commit(expected, faults);
    }

    /// What was used of the source must be the commit that the certificate names.
    fn commit(&self, expected: &str, faults: &mut Vec<Fault>) {
        let Some(commit) = self.certified.and_then(|certified| certified.source_digest.as_deref()) else { return };
        let of_source = self.stated.materials.iter().filter(|(uri, _)| same_repository(expected, uri));
        let commits: Vec<&String> = of_source.flat_map(|(_, commits)| commits).collect();
        if !commits.is_empty() && !commits.iter().any(|found| found.eq_ignore_ascii_case(commit)) {
            let found = commits.first().map_or("", |found| found.as_str());
            let message = text!("the provenance used commit {}, the certificate names {}", found, commit);
            faults.push(Fault::new(FaultKind::Source, message));
        }
    }

    fn source_ref(&self, faults: &mut Vec<Fault>) {
        let certified = self.certified.and_then(|certified| certified.source_ref.as_deref());
        let stated = self.stated.source_ref.as_deref();
        let found = certified.or(stated).unwrap_or_default();
        let mut wrong = |what: &str, expected: &str| {
            let shown = if found.is_empty() { Text::trusted("no ref that is named") } else { text!("`{}`", found) };
            let message = text!("built from {}, expected the {} `{}`", shown, what, expected);
            faults.push(Fault::new(FaultKind::Source, message));
        };
        let agrees = certified.is_none() || stated.is_none_or(|stated| stated == found);
        if let Some(branch) = &self.expected.source_branch {
            let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
            // A tag is built without a branch: the event that started the build names the one it was pushed from.
            let built = if found.starts_with("refs/tags/") { self.stated.base_ref.as_deref() } else { Some(found) };
            if !agrees || built.and_then(|built| built.strip_prefix("refs/heads/")) != Some(branch) {
                wrong("branch", branch);
            }
        }
        let built = found.strip_prefix("refs/tags/");
        if let Some(tag) = &self.expected.source_tag {
            let tag = tag.strip_prefix("refs/tags/").unwrap_or(tag);
            if !agrees || built != Some(tag) {
                wrong("tag", tag);
            }
        }
        if let Some(version) = &self.expected.source_versioned_tag {
            let version = version.strip_prefix("refs/tags/").unwrap_or(version);
            if !agrees || !built.is_some_and(|built| is_version(version, built)) {
                wrong("version", version);
            }
        }
    }

    fn build_config(&self, faults: &mut Vec<Fault>) {
        let Some(expected) = &self.expected.build_config else { return };
        let found = match self.certified {
            Some(certified) => certified.build_config.as_deref().map(|config| {
                let (whole, _) = split_ref(config);
                let source = certified.source.as_deref().unwrap_or_default();
                (config, whole, whole.strip_prefix(source).map(|path| path.trim_start_matches('/')))
            }),
            None => self.stated.build_config.as_deref().map(|path| (path, path, None)),
        };
        let is_expected = found.is_some_and(|(config, whole, path)| {
            [Some(config), Some(whole), path].contains(&Some(expected.trim_start_matches('/')))
        });
        if !is_expected {
            let found = found.map_or("a definition that is not named", |(config, ..)| config);
            let message = text!("built by the definition `{}`, expected `{}`", found, expected);
            faults.push(Fault::new(FaultKind::Builder, message));
        }
    }
}

/// Whether a text matches a pattern whole; `*` stands for any characters.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.split_once(part) {
            _ if part.is_empty() => {}
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a builder is the expected one: the same, or, where none is expected, at any ref. A release may be named by
/// its tag alone, as slsa-verifier has it.
fn is_builder(expected: &str, found: &str) -> bool {
    let (wanted, wanted_ref) = split_ref(expected);
    let (builder, reference) = split_ref(found);
    wanted == builder
        && wanted_ref.is_none_or(|wanted| {
            reference.is_some_and(|found| wanted == found || found.strip_prefix("refs/tags/") == Some(wanted))
        })
}

/// Parts a workflow from the ref it was taken from.
fn split_ref(text: &str) -> (&str, Option<&str>) {
    match text.find("@refs/").or_else(|| text.find('@')) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

/// Returns the ref of a source's URI.
fn ref_of(uri: &str) -> Option<&str> {
    let (_, reference) = split_ref(uri);
    reference.filter(|reference| reference.starts_with("refs/"))
}

/// Whether two URIs name one repository.
fn same_repository(one: &str, other: &str) -> bool {
    let (one, other) = (repository(one), repository(other));
    one != "/" && one == other
}

/// Returns a repository's URI without what may be left out of it. GitHub tells no capitals from small letters.
fn repository(uri: &str) -> String {
    let (uri, _) = split_ref(uri);
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.strip_prefix("https://").unwrap_or(uri).trim_end_matches('/');
    let uri = uri.strip_suffix(".git").unwrap_or(uri);
    let (host, path) = uri.split_once('/').unwrap_or((uri, ""));
    let host = host.to_ascii_lowercase();
    let path = if host == "github.com" { path.to_ascii_lowercase() } else { path.to_owned() };
    format!("{host}/{path}")
}

/// Whether a tag is of a version of which parts may be left out: `v14` is `v14.2.0`, but no release candidate of it.
fn is_version(expected: &str, tag: &str) -> bool {
    let parts = |text: &str| -> Option<(Vec<u64>, String)> {
        let text = text.strip_prefix('v')?;
        // What is built does not make another version.
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, pre) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Vec<u64> = numbers
            .split('.')
            .map(|part| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())))
            .collect::<Option<_>>()?;
        (numbers.len() <= 3 && (pre.is_empty() || numbers.len() == 3)).then(|| (numbers, pre.to_owned()))
    };
    let (Some((expected, expected_pre)), Some((found, found_pre))) = (parts(expected), parts(tag)) else {
        return false;
    };
    let found = found.into_iter().chain(std::iter::repeat(0));
    expected.into_iter().zip(found).all(|(expected, found)| expected == found) && expected_pre == found_pre
}

/// Returns what a predicate of a known kind holds, a line each. Nothing is judged.
pub(super) fn describe(predicate_type: &str, predicate: &Node<'_>) -> Vec<Text> {
    let mut out = Vec::new();
    let mut line = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.push(text!("{}: {}", name, Text::of(value).shortened(300)));
        }
    };
    let provenance = match predicate_type {
        "https://slsa.dev/provenance/v0.2" => Some(Provenance::of_v02(predicate)),
        "https://slsa.dev/provenance/v1" => Some(Provenance::of_v1(predicate)),
        _ => None,
    };
    if let Some(provenance) = provenance {
        line("builder", provenance.builder.as_deref());
        line("build type", provenance.build_type.as_deref());
        line("source", provenance.source.as_deref());
        line("ref", provenance.source_ref.as_deref());
        line("definition", provenance.build_config.as_deref());
        for (uri, commits) in provenance.materials.iter().take(20) {
            line("used", Some(&[uri.as_str(), &commits.join(" ")].join(" ")));
        }
        line("run", provenance.invocation.as_deref());
        return out;
    }
    match predicate_type {
        "https://slsa.dev/verification_summary/v1" => {
            line("verifier", string_at(predicate, &["verifier", "id"]));
            line("resource", string(predicate, "resourceUri"));
            line("result", string(predicate, "verificationResult"));
            for level in items(predicate, "verifiedLevels").iter().take(20) {
                line("level", level.string("a level").ok());
            }
        }
        kind if kind.starts_with("https://openvex.dev/ns") => {
            line("author", string(predicate, "author"));
            for stated in items(predicate, "statements").iter().take(50) {
                let name = string_at(stated, &["vulnerability", "name"]).or_else(|| string(stated, "vulnerability"));
                let status = string(stated, "status").unwrap_or_default();
                let why = string(stated, "justification").unwrap_or_default();
                line("vulnerability", Some([name.unwrap_or_default(), status, why].join(" ").trim_end()));
            }
        }
        "https://cyclonedx.org/bom" => {
            line("CycloneDX", string(predicate, "specVersion"));
            line("of", string_at(predicate, &["metadata", "component", "name"]));
            line("components", Some(&items(predicate, "components").len().to_string()));
        }
        kind if kind.starts_with("https://spdx.dev/Document") => {
            line("SPDX", string(predicate, "spdxVersion"));
            line("of", string(predicate, "name"));
            line("packages", Some(&items(predicate, "packages").len().to_string()));
        }
        _ => {
            if let Value::Mapping(members) = &predicate.value {
                for member in members.iter().take(20) {
                    let value = match &member.value.value {
                        Value::String(value) | Value::Number(value) | Value::Datetime(value) => value.clone(),
                        Value::Null | Value::Boolean(_) | Value::Sequence(_) | Value::Mapping(_) => {
                            member.value.kind().into()
                        }
                    };
                    line(&Text::of(&member.key).to_string(), Some(&value));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_anchored_at_both_ends() {
        let checks = [
            ("a@b", "a@b", true),
            ("a@b", "a@bc", false),
            ("a@b", "xa@b", false),
            ("*@b", "who@b", true),
            ("*@b", "who@b.evil", false),
            ("https://github.com/acme/*@refs/tags/v*", "https://github.com/acme/app/x.yml@refs/tags/v1", true),
            ("https://github.com/acme/*@refs/tags/v*", "https://github.com/acme2/app/x.yml@refs/tags/v1", false),
            ("a*a", "a", false),
            ("a*b*a", "aba", true),
            ("**", "", true),
            ("*", "anything", true),
            ("", "", true),
            ("", "x", false),
        ];
        for (pattern, text, expected) in checks {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn repositories_are_compared_whole() {
        let checks = [
            ("github.com/acme/app", "https://github.com/acme/app", true),
            ("github.com/acme/app", "git+https://github.com/acme/app@refs/heads/main", true),
            ("git+https://github.com/acme/app.git", "https://github.com/Acme/App/", true),
            ("github.com/acme/app", "https://github.com/acme/app2", false),
            ("github.com/acme/app", "https://github.com/acme", false),
            ("github.com/acme", "https://github.com/acme/app", false),
            ("github.com/acme/app", "https://github.com.evil/acme/app", false),
            ("gitlab.com/acme/app", "https://gitlab.com/Acme/app", false),
            ("github.com/acme/app", "http://github.com/acme/app", false),
            ("", "", false),
        ];
        for (one, other, expected) in checks {
            assert_eq!(same_repository(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn parts_of_a_version_may_be_left_out() {
        let checks = [
            ("v14", "v14.2", true),
            ("v14.2", "v14.2.0", true),
            ("v14.2.0", "v14.2", true),
            ("v14.1", "v14.2", false),
            ("v1", "v14", false),
            ("v14", "v14.0.0-rc1", false),
            ("v14.0.0-rc1", "v14.0.0-rc1", true),
            ("14", "v14", false),
            ("v14", "main", false),
            ("v", "v", false),
        ];
        for (expected, tag, result) in checks {
            assert_eq!(is_version(expected, tag), result, "{expected} {tag}");
        }
    }

    #[test]
    fn a_builder_is_named_with_or_without_its_ref() {
        let found = "https://github.com/acme/b/.github/workflows/x.yml@refs/tags/v1.2.0";
        let checks = [
            ("https://github.com/acme/b/.github/workflows/x.yml", true),
            ("https://github.com/acme/b/.github/workflows/x.yml@refs/tags/v1.2.0", true),
            ("https://github.com/acme/b/.github/workflows/x.yml@v1.2.0", true),
            ("https://github.com/acme/b/.github/workflows/x.yml@v1.2", false),
            ("https://github.com/acme/b/.github/workflows/x.yml@refs/heads/main", false),
            ("https://github.com/acme/b/.github/workflows/x", false),
        ];
        for (expected, result) in checks {
            assert_eq!(is_builder(expected, found), result, "{expected}");
        }
    }

    #[test]
    fn only_a_delegator_speaks_for_another_builder() {
        let builder = "https://github.com/acme/b/.github/workflows/x.yml";
        let stated = format!("{builder}@refs/tags/v1");
        let by = |signer: String| Certified { identity: signer, ..Certified::default() };
        let delegated = by(format!("{}@refs/tags/v2.1.0", DELEGATORS[0]));
        assert_eq!(Build::signed_by(builder, &delegated, Some(&stated)), Ok(()));
        let branch = by(format!("{}@refs/heads/evil", DELEGATORS[0]));
        assert!(Build::signed_by(builder, &branch, Some(&stated)).is_err());
        let forged = by("https://github.com/evil/e/.github/workflows/x.yml@refs/heads/main".to_owned());
        assert!(Build::signed_by(builder, &forged, Some(&stated)).is_err());
        // The builder itself, who says it was somebody else.
        let own = by(stated);
        assert!(Build::signed_by(builder, &own, Some("https://example.com/other")).is_err());
    }
}
