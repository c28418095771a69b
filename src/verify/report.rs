//! The report over artifacts: the rules asked, waivers laid over, and a line for each artifact.

use std::collections::BTreeSet;

use super::{Request, against};
use crate::component::KnownSources;
use crate::evidence::Evidence;
use crate::finding::Verdict;
use crate::gate::{self, ArtifactLine, PolicySummary, Report, SignerLine, Summary};
use crate::policy::Policy;
use crate::rule::{self, BUILD_SCRIPT, Context};
use crate::signature::Artifact;
use crate::text;
use crate::text::Text;
use crate::tree::Input;

/// Asks the rules, and puts the report together.
pub(super) fn report(request: &Request, artifacts: &[Artifact], notes: Vec<Text>) -> Report {
    let policy = &request.policy;
    let (nothing, known) = (Evidence::default(), KnownSources::of(&[]));
    let context = Context {
        now: &nothing,
        before: None,
        changes: &[],
        known: &known,
        policy,
        policies: None,
        artifacts,
        today: request.today,
    };
    let mut outcome = rule::judge(&context, |rule| rule.judge.is_of_artifacts());
    gate::excuse(&mut outcome.findings, policy, request.today);
    outcome.findings.sort_by_cached_key(|finding| (!finding.evidence.contains_key(BUILD_SCRIPT), finding.order()));
    let mut summary = Summary { pass: outcome.passes, files: artifacts.len() as u64, ..Summary::default() };
    outcome.findings.iter().for_each(|finding| summary.count(finding, true));
    let denied = outcome.findings.iter().filter(|finding| finding.blocks(true));
    let denied: Denied<'_> = denied.map(|finding| (finding.subject.kind, finding.subject.id.as_str())).collect();
    Report {
        verdict: Verdict::over(&outcome.findings, true),
        policy: PolicySummary::of(policy),
        inputs: artifacts.iter().map(input).collect(),
        at: request.stated_at.clone(),
        summary,
        artifacts: Some(artifacts.iter().map(|artifact| line(artifact, &denied, policy)).collect()),
        findings: outcome.findings,
        changes: None,
        notes,
        excerpts: std::collections::BTreeMap::new(),
        counts_old: true,
        sboms: None,
        facts: None,
        controls: None,
        host: None,
    }
}

fn digest_of(artifact: &Artifact) -> Option<Text> {
    artifact.digest.as_ref().map(|(function, value)| text!("{}:{}", *function, *value))
}

fn input(artifact: &Artifact) -> Input {
    Input { kind: "artifact", name: artifact.name.clone(), digest: digest_of(artifact) }
}

/// The subjects of findings that deny, by their kinds and ids.
type Denied<'a> = BTreeSet<(&'a str, &'a str)>;

/// Whether an artifact is denied, or a file in it.
fn is_denied(artifact: &Artifact, denied: &Denied<'_>) -> bool {
    let files = format!("{}!", artifact.name);
    let mut from_files = denied.range((artifact.kind, files.as_str())..);
    let is_of_file = |(kind, id): &(&str, &str)| *kind == artifact.kind && id.starts_with(&files);
    denied.contains(&(artifact.kind, artifact.name.as_str()))
        || (artifact.against_tag.is_some() && from_files.next().is_some_and(is_of_file))
}

fn line(artifact: &Artifact, denied: &Denied<'_>, policy: &Policy) -> ArtifactLine {
    let mut notes: Vec<Text> = artifact.good_claims().flat_map(|claim| claim.notes.iter().cloned()).collect();
    notes.dedup();
    notes.extend(against::notes(artifact));
    notes.extend(rule::let_pass(artifact, policy));
    ArtifactLine {
        path: artifact.name.clone(),
        digest: digest_of(artifact),
        verdict: match is_denied(artifact, denied) {
            true => Verdict::Fail,
            false => Verdict::Pass,
        },
        signers: artifact
            .good_claims()
            .filter_map(|claim| {
                let signer = claim.signer.as_ref()?;
                Some(SignerLine {
                    name: signer.name.clone(),
                    scheme: claim.scheme,
                    fingerprint: signer.fingerprint.clone(),
                    time: claim.time.map(|time| text!("{}", time.at.to_string())),
                    time_source: claim.time.map(|time| time.source),
                })
            })
            .collect(),
        notes,
    }
}
