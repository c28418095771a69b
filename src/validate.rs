//! SBOMs that are named, judged one by one: what is asked, and the report.
#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::component::KnownSources;
use crate::evidence::Evidence;
use crate::finding::{Level, Verdict};
use crate::gate::{self, PolicySummary, Report, SbomLine, Summary};
use crate::policy::{Origin, Policy, Sourced};
use crate::rule::{self, Context, Rule};
use crate::sbom::profile::Profile;
use crate::sbom::{self, Asked, Judged, Name, SbomFile};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{Input, TreePath};

/// What is asked of documents.
pub struct Request {
    /// Whether they are held against the specification of their versions.
    pub by_specification: bool,
    /// The profiles they are held against.
    pub profiles: Vec<&'static Profile>,
    /// Whether a document that contradicts itself is not valid.
    pub is_strict: bool,
    /// The policy that judges.
    pub policy: Policy,
    /// The day of the judgement.
    pub today: Date,
    /// The time the report states, where the user gave one.
    pub stated_at: Option<Text>,
}

/// Documents that are being judged. Each is read and let go before the next one.
pub struct Validation {
    request: Request,
    rules: Vec<&'static Rule>,
    evidence: Evidence,
    lines: Vec<SbomLine>,
    excerpts: BTreeMap<(TreePath, u32), String>,
}

impl Validation {
    /// Begins to judge.
    #[must_use]
    pub fn new(mut request: Request) -> Self {
        let mut rules = Vec::new();
        if request.by_specification {
            rules.extend(rule::of_specification());
        }
        for rule in request.profiles.iter().filter_map(|profile| rule::of_profile(profile.id)) {
            raise(&mut request.policy, rule, "--profile");
            rules.push(rule);
        }
        if request.is_strict {
            rule::of_specification().iter().for_each(|rule| raise(&mut request.policy, rule, "--strict"));
        }
        Self { request, rules, evidence: Evidence::default(), lines: Vec::new(), excerpts: BTreeMap::new() }
    }

    /// Reads a document from the bytes of a file.
    pub fn add(&mut self, path: &TreePath, bytes: &[u8]) {
        let asked = Asked { listing: false, profiles: &self.request.profiles };
        // Whatever its name: it was given as one.
        let Some(Judged { file: sbom, scores }) = sbom::read(path, Name::Certain, bytes, asked) else { return };
        if let Ok(text) = sbom::decode(bytes) {
            let numbers: BTreeSet<u32> = sbom.spots().map(|spot| spot.position.line).collect();
            self.excerpts.extend(gate::lines(path, &text, &numbers));
        }
        self.lines.push(SbomLine {
            path: text!("{}", *path),
            digest: text!("sha256:{}", hex(&Sha256::digest(bytes))),
            verdict: Verdict::Pass,
            format: sbom.stated.as_ref().map(|stated| text!("{}", stated.format)),
            version: sbom.stated.as_ref().map(|stated| text!("{}", stated.version)),
            scores,
            license_list_version: Text::trusted(sbom::license_list_version()),
        });
        self.evidence.sboms.push(sbom);
    }

    /// Judges what was read.
    #[must_use]
    pub fn report(self) -> Report {
        let Self { request, rules, evidence, mut lines, excerpts } = self;
        let policy = &request.policy;
        let context = Context {
            now: &evidence,
            before: None,
            changes: &[],
            known: &KnownSources::of(&[]),
            policy,
            policies: None,
            artifacts: &[],
            today: request.today,
        };
        let mut outcome = rule::judge(&context, |rule| rules.iter().any(|asked| asked.id == rule.id));
        gate::excuse(&mut outcome.findings, policy, request.today);
        outcome.findings.sort_by_cached_key(crate::finding::Finding::order);
        let denied: BTreeSet<&str> = outcome
            .findings
            .iter()
            .filter(|finding| finding.blocks(true))
            .map(|finding| finding.subject.id.as_str())
            .collect();
        for line in &mut lines {
            if denied.contains(line.path.as_str()) {
                line.verdict = Verdict::Fail;
            }
        }
        let mut summary = Summary { pass: outcome.passes, files: lines.len() as u64, ..Summary::default() };
        outcome.findings.iter().for_each(|finding| summary.count(finding, true));
        Report {
            verdict: Verdict::over(&outcome.findings, true),
            policy: PolicySummary::of(policy),
            inputs: lines
                .iter()
                .map(|line| Input { kind: "sbom", name: line.path.clone(), digest: Some(line.digest.clone()) })
                .collect(),
            at: request.stated_at,
            summary,
            findings: outcome.findings,
            changes: None,
            notes: Vec::new(),
            excerpts,
            counts_old: true,
            artifacts: None,
            sboms: Some(lines),
            facts: None,
            controls: None,
            host: None,
        }
    }
}

/// Lets a rule deny, since the command line asks for it.
fn raise(policy: &mut Policy, rule: &Rule, option: &'static str) {
    if let Some(setting) = policy.rules.get_mut(rule.id).filter(|setting| setting.level.value < Level::Deny) {
        let origin = Origin { file: Text::trusted(option), position: None, width: 1 };
        setting.level = Sourced { value: Level::Deny, origin };
        setting.undetermined = None;
    }
}

impl SbomFile {
    /// Returns the places that findings on it may point to.
    fn spots(&self) -> impl Iterator<Item = crate::fact::Spot> {
        let complaints = self.violations.told.iter().chain(&self.inconsistencies.told).map(|one| one.at);
        let lacking =
            self.profiles.iter().flat_map(|profile| &profile.lacks).filter_map(|lack| lack.short.first.first());
        complaints.chain(lacking.map(|first| first.at))
    }
}
