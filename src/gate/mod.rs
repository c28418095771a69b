//! The straight line: request, trees, evidence, rules under a policy, findings, verdict.
#![warn(clippy::wildcard_enum_match_arm)]

mod baseline;
mod controls;
mod documents;
mod error;
mod excerpt;
mod hosts;
mod policies;
mod target;
mod waivers;
mod window;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

pub use controls::{ControlFact, ControlLine, Controls};
pub use documents::judge_documents;
pub use error::GateError;
pub use excerpt::lines;
pub use hosts::{FactLine, HostLine, HostRequest, host_evidence, judge_host};
pub use policies::{PolicyChoice, load_policy, policy_in, policy_of};
pub use target::{Against, Before, Judged, Opened, Target, open, snapshot_input};
pub use waivers::excuse;
pub use window::Window;
pub use words::plural;

use crate::artifact::TimeSource;
use crate::component::KnownSources;
use crate::diff::{self, Change};
use crate::evidence::{self, Comparison, Evidence};
use crate::finding::{Finding, Level, State, Verdict};
use crate::host::HostWants;
use crate::policy::Policy;
use crate::rule::{self, Context, Outcome};
use crate::sbom::profile::Score;
use crate::text::Text;
use crate::tree::root::Root;
use crate::tree::{self, Input, Wants};

/// What is asked of the gate.
pub struct Request {
    /// What is judged, and against what.
    pub target: Target,
    /// Which policy judges.
    pub policy: PolicyChoice,
    /// Whether findings that were there before count, and whether they are listed.
    pub old_findings: OldFindings,
    /// The digest of a changed policy that somebody outside the tree accepts.
    pub accept_policy: Option<String>,
    /// The day of the judgement, by which waivers expire.
    pub today: Date,
    /// The time the report states, where the user gave one, or a format must state one.
    pub at: Option<Text>,
    /// The root of the host that is judged as well, and how it is read.
    pub host: Option<(Root, HostWants)>,
}

/// What becomes of findings that were there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldFindings {
    /// Listed, and not counted.
    Listed,
    /// Neither listed nor counted.
    LeftOut,
    /// Listed and counted.
    Counted,
}

/// What the gate answers.
#[derive(Debug)]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// The policy that judged.
    pub policy: PolicySummary,
    /// What was judged, and what it was compared with.
    pub inputs: Vec<Input>,
    /// The time the user gave; where a format must state one, and the user gave none, that of the run.
    pub at: Option<Text>,
    /// Counts.
    pub summary: Summary,
    /// The findings, in the order of their places.
    pub findings: Vec<Finding>,
    /// What became of components, as a reader lists it.
    pub changes: Option<Vec<ChangeLine>>,
    /// What a reader must know to understand the report.
    pub notes: Vec<Text>,
    /// The lines that findings point to.
    pub excerpts: BTreeMap<(tree::TreePath, u32), String>,
    /// Whether findings that were there before count.
    pub counts_old: bool,
    /// The artifacts that were judged, where these were asked for rather than a tree.
    pub artifacts: Option<Vec<ArtifactLine>>,
    /// The SBOMs that were judged, where these were asked for rather than a tree.
    pub sboms: Option<Vec<SbomLine>>,
    /// The facts of the host that was judged, and how each ended.
    pub facts: Option<Vec<FactLine>>,
    /// The controls of the benchmark by which it was judged, and how each ended.
    pub controls: Option<Controls>,
    /// The host that was judged.
    pub host: Option<HostLine>,
}

/// An SBOM that was judged.
#[derive(Clone, Debug, Serialize)]
pub struct SbomLine {
    /// Its file, as it was named.
    pub path: Text,
    /// The digest of the file.
    pub digest: Text,
    /// Whether nothing of it is denied.
    pub verdict: Verdict,
    /// The id of its format, where it is of one that is known.
    pub format: Option<Text>,
    /// The version it states, where that is one that is known.
    pub version: Option<Text>,
    /// The version of the list by which its licences are judged.
    pub license_list_version: Text,
    /// How far it fulfils each profile it was held against.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
}

/// An artifact that was judged.
#[derive(Clone, Debug, Serialize)]
pub struct ArtifactLine {
    /// Its name, as it was given.
    pub path: Text,
    /// Its digest, `None` where it could not be hashed.
    pub digest: Option<Text>,
    /// Whether it is accepted.
    pub verdict: Verdict,
    /// Who signed it.
    pub signers: Vec<SignerLine>,
    /// What a reader should know although nothing speaks against it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text>,
}

/// Who signed an artifact.
#[derive(Clone, Debug, Serialize)]
pub struct SignerLine {
    /// Whose key it is.
    pub name: Text,
    /// The scheme of the signature.
    pub scheme: &'static str,
    /// The whole fingerprint of the key.
    pub fingerprint: Text,
    /// When it was signed.
    pub time: Option<Text>,
    /// Who says so.
    pub time_source: Option<TimeSource>,
}

/// The policy that judged.
#[derive(Clone, Debug, Serialize)]
pub struct PolicySummary {
    /// Its name.
    pub name: Text,
    /// Its digest.
    pub digest: Text,
    /// Where it was read: `builtin`, `tree`, `base` or `file`.
    pub origin: &'static str,
}

impl PolicySummary {
    /// Returns what a report says of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self { name: policy.name.clone(), digest: Text::of(&policy.digest), origin: policy.origin }
    }
}

/// Counts over a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Subjects for which a rule holds.
    pub pass: u64,
    /// Violations that count, by level.
    pub fail: Levels,
    /// What could not be determined and counts, by level.
    pub not_determined: Levels,
    /// Rules without a subject.
    pub not_applicable: u64,
    /// Findings that a waiver excuses.
    pub waived: u64,
    /// Checks that could not be carried out.
    pub error: u64,
    /// Findings that were there before.
    pub unchanged: u64,
    /// Findings that were there before and are no longer.
    pub absent: u64,
    /// Files met.
    pub files: u64,
    /// Components in the evidence.
    pub components: u64,
    /// Folders passed over by name.
    pub skipped_folders: u64,
    /// Files that policy excludes.
    pub excluded_files: u64,
}

/// Counts by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// At level deny.
    pub deny: u64,
    /// At level warn.
    pub warn: u64,
    /// At level allow.
    pub allow: u64,
}

/// One line of what became of components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLine {
    /// `added`, `removed` or `changed`.
    pub kind: diff::ChangeKind,
    /// The package.
    pub name: Text,
    /// The version before.
    pub before: Option<Text>,
    /// The version now.
    pub after: Option<Text>,
    /// What else differs.
    pub fields: Vec<&'static str>,
    /// The lock file.
    pub path: tree::TreePath,
}

/// Carries out a request.
///
/// # Errors
/// When the request cannot be carried out.
pub fn run(request: &Request) -> Result<Report, GateError> {
    let opened = open(&request.target)?;
    let policies = policies::load(&opened, &request.policy)?;
    let policy = &policies.in_force;
    let wants = evidence::wants(&policy.excluded())?.below(opened.folder.clone());

    let mut compared = evidence(&opened, &wants, request.host.is_some())?;
    let mut host = None;
    if let Some((root, wants)) = &request.host {
        let wants = HostWants { exclude: policy.excluded(), ..wants.clone() };
        compared.evidence.now.host = host_evidence(root, &wants)?.host;
        host = compared.evidence.now.host.as_ref().map(|facts| HostLine::of(root, &wants, facts));
    }
    let evidence = &compared.evidence;
    let before = compared.has_before.then_some(&evidence.before);
    let changes = before.map(|before| diff::changes(before, &evidence.now)).unwrap_or_default();
    let known = known_sources(&opened, &compared, policy, &wants)?;
    // A snapshot holds no policy to compare with.
    let change = opened.policy_before.as_ref().map(|_| policies.change(request.accept_policy.as_deref()));
    let context = Context {
        now: &evidence.now,
        before,
        changes: &changes,
        known: &known,
        policy,
        policies: change.as_ref(),
        artifacts: &[],
        today: request.today,
    };
    let Outcome { mut findings, mut passes, judged, passed } =
        rule::judge(&context, |rule| !rule.judge.is_of_artifacts());
    if judged == 0 {
        return Err(GateError::NothingJudged);
    }
    if let Some(before) = before {
        baseline::compare(&mut findings, baseline::findings(before, &context));
    } else if compared.of_host_alone.is_some() {
        baseline::compare_hosts(&mut findings, &evidence.before, &context);
    }
    let uses = waivers::apply(&mut findings, &context, || full_findings(&opened, &compared, &context, &wants))?;
    let of_waivers = waivers::judge(uses, &context);
    passes += of_waivers.passes;
    findings.extend(baseline::as_new(of_waivers.findings, before.is_some()));

    let facts = request.host.as_ref().map(|_| hosts::fact_lines(policy, &findings, &passed));
    let controls = facts.as_ref().and_then(|facts| controls::controls(policy, facts));
    let on_benchmark = controls::note(policy, evidence.now.host.as_deref());
    let notes = policies.notes(&opened).into_iter().chain(compared.note()).chain(on_benchmark);
    let counts_old = request.old_findings == OldFindings::Counted;
    let verdict = Verdict::over(&findings, counts_old);
    let summary = summary(&findings, passes, counts_old, &evidence.now);
    if request.old_findings == OldFindings::LeftOut {
        findings.retain(baseline::is_current);
    }
    findings.sort_by_cached_key(Finding::order);
    Ok(Report {
        verdict,
        excerpts: excerpt::excerpts(opened.now.as_tree(), &findings),
        policy: PolicySummary::of(policy),
        inputs: opened.inputs().into_iter().chain(request.host.iter().map(|(root, _)| root.input())).collect(),
        at: request.at.clone(),
        summary,
        findings,
        changes: before.map(|before| change_lines(&changes, [before, &evidence.now])),
        notes: notes.collect(),
        counts_old,
        artifacts: None,
        sboms: None,
        facts,
        controls,
        host,
    })
}

/// The evidence of a run.
struct Compared {
    evidence: Comparison,
    has_before: bool,
    /// The snapshot of a host alone that is compared with, rather than one of a tree.
    of_host_alone: Option<Text>,
    /// Whether only what differs was read.
    partial: bool,
}

impl Compared {
    /// Returns what a reader must know of the baseline.
    fn note(&self) -> Option<Text> {
        let file = self.of_host_alone.as_ref()?;
        Some(crate::text!("{} knows the host alone: the tree is judged without a baseline", *file))
    }
}

fn evidence(opened: &Opened, wants: &Wants, with_host: bool) -> Result<Compared, GateError> {
    let now = opened.now.as_tree();
    match &opened.before {
        None => {
            let now = evidence::collect(now, wants)?;
            let census = &now.census;
            if census.files == 0 && census.skipped_folders.is_empty() && now.gaps.is_empty() {
                return Err(GateError::EmptyTree { tree: opened.now.as_tree().input().name });
            }
            Ok(Compared {
                evidence: Comparison { before: Evidence::default(), now },
                has_before: false,
                of_host_alone: None,
                partial: false,
            })
        }
        Some(Before::Snapshot { evidence: before, input }) => {
            let mut before = (**before).clone();
            let is_of_host_alone = before.host.is_some() && !before.has_tree();
            if !with_host {
                if is_of_host_alone {
                    return Err(GateError::HostAlone { file: input.name.clone() });
                }
                // Nobody asked about the host: what was known of it is not gone.
                before.host = None;
            }
            let now = evidence::collect(now, wants)?;
            Ok(Compared {
                evidence: Comparison { before, now },
                has_before: !is_of_host_alone,
                of_host_alone: is_of_host_alone.then(|| input.name.clone()),
                partial: false,
            })
        }
        Some(Before::Revision { tree, .. }) => {
            let evidence = opened.compare(Some(tree), wants)?;
            Ok(Compared { evidence, has_before: true, of_host_alone: None, partial: true })
        }
        Some(Before::Nothing) => {
            let evidence = opened.compare(None, wants)?;
            Ok(Compared { evidence, has_before: true, of_host_alone: None, partial: false })
        }
    }
}

/// Returns the places components were taken from before. Only where some component comes from elsewhere are the
/// lock files read that the change does not touch.
fn known_sources(
    opened: &Opened,
    compared: &Compared,
    policy: &Policy,
    wants: &Wants,
) -> Result<KnownSources, GateError> {
    let of = |before: &Evidence| KnownSources::of(&before.inventories).with_homes(&before.manifests);
    let near = of(&compared.evidence.before);
    let Some(Before::Revision { tree, .. }) = &opened.before else { return Ok(near) };
    let strange = compared.evidence.now.inventories.iter().any(|inventory| {
        inventory.components.iter().any(|component| {
            let named = |place| policy.sources.trusts_registry(&place) || policy.sources.trusts_git(&place);
            !near.covers(&inventory.ecosystem, component) && !component.origin().is_some_and(named)
        })
    });
    if !strange {
        return Ok(near);
    }
    Ok(of(&evidence::collect(tree, wants)?))
}

/// Returns the findings of the whole tree, for waivers that no finding of the change is for.
fn full_findings(
    opened: &Opened,
    compared: &Compared,
    context: &Context<'_>,
    wants: &Wants,
) -> Result<Vec<Finding>, GateError> {
    if !compared.partial {
        return Ok(Vec::new());
    }
    let all = evidence::collect(opened.now.as_tree(), wants)?;
    let context = Context { now: &all, before: None, changes: &[], ..*context };
    Ok(rule::judge(&context, |rule| rule.judge.is_of_state()).findings)
}

fn summary(findings: &[Finding], pass: u64, all: bool, now: &Evidence) -> Summary {
    let count = |number: usize| number as u64;
    let mut summary = Summary {
        pass,
        files: now.census.files,
        components: count(now.inventories.iter().map(|inventory| inventory.components.len()).sum()),
        skipped_folders: count(now.census.skipped_folders.len()),
        excluded_files: count(now.census.excluded_files.len()),
        ..Summary::default()
    };
    findings.iter().for_each(|finding| summary.count(finding, all));
    summary
}

impl Summary {
    /// Counts a finding. Those that were there before count for the verdict only where `all` do.
    pub fn count(&mut self, finding: &Finding, all: bool) {
        match finding.baseline {
            Some(crate::finding::Baseline::Unchanged) => self.unchanged += 1,
            Some(crate::finding::Baseline::Absent) => self.absent += 1,
            Some(crate::finding::Baseline::New) | None => {}
        }
        match finding.state {
            State::NotApplicable => self.not_applicable += 1,
            State::Waived => self.waived += 1,
            State::Error => self.error += 1,
            State::Fail if finding.counts(all) => self.fail.add(finding.level),
            State::NotDetermined if finding.counts(all) => self.not_determined.add(finding.level),
            State::Fail | State::NotDetermined => {}
        }
    }
}

impl Levels {
    fn add(&mut self, level: Level) {
        match level {
            Level::Deny => self.deny += 1,
            Level::Warn => self.warn += 1,
            Level::Allow => self.allow += 1,
        }
    }
}

/// Lists what became of components, but for lock files that cannot be read on one of the sides: what stands in
/// them there is not known.
fn change_lines(changes: &[Change<'_>], sides: [&Evidence; 2]) -> Vec<ChangeLine> {
    let unread: BTreeSet<&tree::TreePath> = sides.iter().flat_map(|side| side.unread()).collect();
    let line = |change: &Change<'_>| {
        let seen = change.after.or(change.before).filter(|seen| !unread.contains(&seen.inventory.path))?;
        let version = |side: Option<diff::Sighting<'_>>| {
            side.map(|side| crate::text!("{}", side.component.version.as_deref().unwrap_or_default()))
        };
        Some(ChangeLine {
            kind: change.kind(),
            name: crate::text!("{}", seen.component.name),
            before: version(change.before),
            after: version(change.after),
            fields: change.fields.iter().map(|field| field.word()).collect(),
            path: seen.inventory.path.clone(),
        })
    };
    changes.iter().filter_map(line).collect()
}
