//! A host judged: its evidence, the rules about hosts, and the report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{GateError, OldFindings, PolicySummary, Report, Summary, baseline, controls, excuse};
use crate::component::KnownSources;
use crate::evidence::Evidence;
use crate::finding::{Baseline, Finding, Reference, State, Verdict};
use crate::host::{Host, HostError, HostWants, collect_host, host_name};
use crate::parallel;
use crate::policy::Policy;
use crate::policy::host::table;
use crate::rule::{self, Context};
use crate::text::Text;
use crate::tree::Input;
use crate::tree::root::Root;

/// What is asked about a host.
pub struct HostRequest<'a> {
    /// Its root.
    pub root: &'a Root,
    /// How it is read.
    pub wants: HostWants,
    /// The policy that judges.
    pub policy: Policy,
    /// What was known of it before, and what that is called.
    pub before: Option<(Input, Evidence)>,
    /// What becomes of findings that were there before.
    pub old_findings: OldFindings,
    /// The day of the judgement.
    pub today: Date,
    /// The time the report states, where the user gave one.
    pub at: Option<Text>,
}

/// A fact that a host was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct FactLine {
    /// Its id.
    pub id: &'static str,
    /// The rule that judges it.
    pub rule: &'static str,
    /// How it ended: `pass`, or the worst state of its findings.
    pub state: &'static str,
    /// How much it weighs.
    pub severity: &'static str,
    /// The published controls that want it.
    pub references: Vec<Reference>,
}

/// The host that was judged, as a report about many hosts names it.
#[derive(Clone, Debug, Default)]
pub struct HostLine {
    /// What it calls itself.
    pub name: Option<Text>,
    /// The `ID` of its operating system: `debian`.
    pub system: Option<Text>,
    /// What that is called: `Debian GNU/Linux 12 (bookworm)`.
    pub system_name: Option<Text>,
    /// Its version.
    pub system_version: Option<Text>,
}

impl HostLine {
    /// Returns what a report says of a host.
    pub(super) fn of(root: &Root, wants: &HostWants, host: &Host) -> Self {
        let system = host.system.as_ref();
        let version = system.and_then(|system| system.version.as_deref());
        let name = system.and_then(|system| system.name.as_deref());
        Self {
            name: host_name(root, wants),
            system: system.map(|system| Text::of(&*system.id)),
            system_name: name.map(Text::of),
            system_version: version.map(Text::of),
        }
    }
}

/// Returns what is known of a host, as evidence.
///
/// # Errors
/// When the root as a whole cannot be read.
pub fn host_evidence(root: &Root, wants: &HostWants) -> Result<Evidence, GateError> {
    let (host, census) = collect_host(root, wants)?;
    Ok(Evidence { host: Some(Box::new(host)), census, ..Evidence::default() })
}

impl From<HostError> for GateError {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Tree(error) => Self::Tree(error),
            HostError::Wants(error) => Self::Wants(error),
        }
    }
}

/// Judges a host.
///
/// # Errors
/// When it cannot be read, or no rule could be judged.
pub fn judge_host(request: HostRequest<'_>) -> Result<Report, GateError> {
    let HostRequest { root, wants, policy, before, old_findings, today, at } = request;
    let now = std::thread::scope(|scope| {
        // The facts of the built-in policies are read in the meantime.
        drop(std::thread::Builder::new().spawn_scoped(scope, table).ok());
        host_evidence(root, &wants)
    })?;
    let (changes, known) = (Vec::new(), KnownSources::of(&[]));
    let (input_before, before) = before.unzip();
    let context = Context {
        now: &now,
        before: before.as_ref(),
        changes: &changes,
        known: &known,
        policy: &policy,
        policies: None,
        artifacts: &[],
        today,
    };
    let rule::Outcome { mut findings, passes, passed, .. } = rule::judge(&context, |rule| rule.judge.is_of_host());
    let is_judged = |finding: &Finding| finding.state != State::NotApplicable;
    if passes == 0 && !findings.iter().any(is_judged) {
        return Err(GateError::NothingJudged);
    }
    if let Some(before) = &before {
        baseline::compare_hosts(&mut findings, before, &context);
    }
    excuse(&mut findings, &policy, today);
    let facts = fact_lines(&policy, &findings, &passed);
    let controls = controls::controls(&policy, &facts);
    let counts_old = old_findings == OldFindings::Counted;
    let verdict = Verdict::over(&findings, counts_old);
    let mut summary = Summary { pass: passes, files: now.census.files, ..Summary::default() };
    summary.skipped_folders = now.census.skipped_folders.len() as u64;
    summary.excluded_files = now.census.excluded_files.len() as u64;
    findings.iter().for_each(|finding| summary.count(finding, counts_old));
    if old_findings == OldFindings::LeftOut {
        findings.retain(baseline::is_current);
    }
    findings.sort_by_cached_key(Finding::order);
    let skipped: Vec<String> = wants.skip.iter().map(ToString::to_string).collect();
    let mut notes = match skipped.as_slice() {
        [] => Vec::new(),
        skipped => vec![crate::text!("not asked for, by --skip: {}", skipped.join(", "))],
    };
    let host = now.host.as_deref();
    notes.extend(controls::note(&policy, host));
    let host = host.map(|host| HostLine::of(root, &wants, host));
    parallel::drop_aside(now);
    Ok(Report {
        verdict,
        policy: PolicySummary::of(&policy),
        inputs: std::iter::once(root.input()).chain(input_before).collect(),
        at,
        summary,
        findings,
        changes: None,
        notes,
        // A line of a host may hold a secret: none is shown but what a rule states.
        excerpts: BTreeMap::new(),
        counts_old,
        artifacts: None,
        sboms: None,
        facts: Some(facts),
        controls,
        host,
    })
}

/// Lists how the facts of a profile ended that rules came to an answer about.
pub(super) fn fact_lines(policy: &Policy, findings: &[Finding], passed: &BTreeSet<&'static str>) -> Vec<FactLine> {
    let mut worst: BTreeMap<&str, State> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.baseline != Some(Baseline::Absent)) {
        let Some(fact) = finding.evidence.get("fact") else { continue };
        let known = worst.entry(fact.as_str()).or_insert(finding.state);
        *known = (*known).min(finding.state);
    }
    let line = |fact: &'static crate::policy::host::Fact| {
        let state = match (worst.get(fact.id.as_str()), passed.contains(fact.id.as_str())) {
            (None, false) => return None,
            (None | Some(State::NotApplicable), true) => "pass",
            (Some(state), _) => state.word(),
        };
        let (severity, references) = (fact.severity.word(), fact.references().collect());
        Some(FactLine { id: &fact.id, rule: &fact.rule, state, severity, references })
    };
    table().facts.iter().filter(|fact| policy.host.expects(fact)).filter_map(line).collect()
}
