//! Asks every rule, and turns the answers into findings.

use std::collections::BTreeSet;

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::civil::Date;

use super::answer::{Answers, Draft};
use super::host::Question;
use super::{Judge, Rule, against_tag, custom, rules};
use crate::artifact::{Artifact, FaultKind, Objection};
use crate::component::KnownSources;
use crate::diff::{Change, Sighting};
use crate::evidence::Evidence;
use crate::fact::{FactKind, Gap};
use crate::finding::{Baseline, Finding, Level, Reference, RuleLevel, State, Subject, WaiverNote, fingerprint};
use crate::parallel;
use crate::policy::{Custom, Policy, PolicyError, Setting, Sourced, Waiver, Weakening};
use crate::text;
use crate::text::Text;

/// Everything a rule may look at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is known of the tree.
    pub now: &'a Evidence,
    /// What was known before, where there is something to compare with.
    pub before: Option<&'a Evidence>,
    /// What became of the components.
    pub changes: &'a [Change<'a>],
    /// Where components were taken from before.
    pub known: &'a KnownSources,
    /// The policy in force.
    pub policy: &'a Policy,
    /// What the change does to the policy, where there is something to compare with.
    pub policies: Option<&'a PolicyChange<'a>>,
    /// The artifacts, with what their signatures say.
    pub artifacts: &'a [Artifact],
    /// The day of the judgement.
    pub today: Date,
}

/// The policy before and now.
pub struct PolicyChange<'a> {
    /// The policy file before, `None` where there was none.
    pub before: Option<&'a Policy>,
    /// The policy file now, `None` where there is none.
    pub now: Option<&'a Result<Policy, PolicyError>>,
    /// The policy that holds where there is no file.
    pub builtin: &'a Policy,
    /// Where the policy became weaker.
    pub weakenings: Vec<Weakening>,
    /// Whether somebody outside the tree accepted this very file.
    pub accepted: bool,
}

/// A waiver and the findings it is for.
pub struct WaiverUse<'a> {
    /// The waiver.
    pub waiver: &'a Sourced<Waiver>,
    /// How many findings it is for, whatever the date.
    pub findings: usize,
    /// Whether it is for what a change may do, and this one does not touch its subject.
    pub waits: bool,
}

/// What the rules answered.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, in no order yet.
    pub findings: Vec<Finding>,
    /// How many subjects passed.
    pub passes: u64,
    /// The facts of hosts that are as expected, of one subject at least.
    pub passed: BTreeSet<&'static str>,
    /// How many rules came to an answer about any subject, or found that there was none to be answered for.
    pub judged: usize,
}

/// Asks the rules that are selected, but those about waivers.
#[must_use]
pub fn judge(context: &Context<'_>, select: impl Fn(&Rule) -> bool) -> Outcome {
    let mut outcome = Outcome::default();
    let selected: Vec<&Rule> = rules().filter(|rule| select(rule)).collect();
    for (rule, answered) in selected.iter().zip(parallel::map(&selected, |rule| answer(rule, context))) {
        let Some((answers, is_judged)) = answered else { continue };
        outcome.judged += usize::from(is_judged);
        outcome.add(rule, answers, context);
        outcome.add_gaps(rule, gaps_of(rule, context.now), context);
    }
    for rule in &context.policy.custom {
        let mut answers = Answers::default();
        custom::judge(&rule.value, context, &mut answers);
        outcome.add_custom(rule, answers);
        outcome.judged += 1;
    }
    outcome
}

/// Returns what a rule answers, and whether it was asked; `None` where nobody wants to know.
fn answer(rule: &Rule, context: &Context<'_>) -> Option<(Answers, bool)> {
    let mut answers = Answers::default();
    let about_itself = || Subject::new("rule", text!("{}", rule.id));
    match (rule.judge, context.before) {
        (Judge::Waivers(_), _) => return None,
        (judge, None) if judge.needs_baseline() => {
            let reason = Text::trusted("there is nothing to compare with: give --base, --staged or --baseline");
            answers.add(Draft::not_applicable(about_itself(), reason));
        }
        (Judge::Policy(_), Some(_)) if context.policies.is_none() => {
            let reason = Text::trusted("a snapshot holds no policy to compare with");
            answers.add(Draft::not_applicable(about_itself(), reason));
        }
        // Nobody asked about a host.
        (Judge::Host { .. }, _) if context.now.host.is_none() => return None,
        (judge, _) => {
            ask(rule.id, judge, context, &mut answers);
            return Some((answers, true));
        }
    }
    Some((answers, false))
}

/// Asks the rules about waivers, once it is known which finding each is for.
#[must_use]
pub fn judge_waivers(context: &Context<'_>, uses: &[WaiverUse<'_>]) -> Outcome {
    let mut outcome = Outcome::default();
    for rule in rules() {
        if let Judge::Waivers(ask) = rule.judge {
            let mut answers = Answers::default();
            ask(uses, context, &mut answers);
            outcome.add(rule, answers, context);
        }
    }
    outcome
}

fn ask(id: &'static str, judge: Judge, context: &Context<'_>, answers: &mut Answers) {
    match judge {
        Judge::ComponentChange(ask) => context.changes.iter().for_each(|change| answers.add(ask(change, context))),
        Judge::Changes(ask) | Judge::Tree(ask) => ask(context, answers),
        Judge::Component(ask) => {
            for inventory in &context.now.inventories {
                for component in &inventory.components {
                    answers.add(ask(Sighting { inventory, component }, context));
                }
            }
        }
        Judge::Sbom(ask) => context.now.sboms.iter().for_each(|sbom| ask(sbom, context, answers)),
        Judge::Policy(ask) => {
            if let Some(policies) = context.policies {
                ask(policies, context, answers);
            }
        }
        Judge::Artifact(kinds) => context.artifacts.iter().for_each(|artifact| about(artifact, kinds, answers)),
        Judge::AgainstTag(kinds) => {
            let allowed = context.policy.rules.get(id).map(allow_list).unwrap_or_default();
            context.artifacts.iter().for_each(|artifact| against_tag::judge(artifact, kinds, &allowed, answers));
        }
        Judge::Host { family, judge } => {
            let Some(host) = context.now.host.as_deref().filter(|host| host.has(family)) else { return };
            judge(&Question { rule: id, host, policy: &context.policy.host, today: context.today }, answers);
        }
        Judge::Waivers(_) => {}
    }
}

/// Answers for one artifact, as far as what speaks against it is of some kinds.
fn about(artifact: &Artifact, kinds: &[FaultKind], answers: &mut Answers) {
    // Nothing is compared where nothing is recorded: that is no pass.
    if artifact.ledger.is_none() && kinds.iter().all(|kind| kind.is_of_ledger()) {
        return;
    }
    let objections: Vec<Objection<'_>> =
        artifact.objections().into_iter().filter(|objection| kinds.contains(&objection.fault.kind)).collect();
    if objections.is_empty() {
        return answers.pass();
    }
    for Objection { fault, claim } in objections {
        let subject = Subject::new(artifact.kind, artifact.name.clone());
        let draft = match fault.is_undetermined {
            true => Draft::not_determined(subject, fault.message.clone()),
            false => Draft::fail(subject, fault.message.clone()),
        };
        let mut draft = match fault.help.clone().or(fault.kind.help()) {
            Some(help) => draft.help(help),
            None => draft,
        };
        if let Some((function, value)) = &artifact.digest {
            draft = draft.with("digest", text!("{}:{}", *function, *value));
        }
        if let Some(claim) = claim {
            draft = draft.with("scheme", Text::trusted(claim.scheme)).with("signature", claim.file.clone());
            draft = draft.fact(claim.scheme);
            if let Some(signer) = &claim.signer {
                draft = draft.with("signer", signer.name.clone()).with("fingerprint", signer.fingerprint.clone());
                draft = draft.fact(signer.fingerprint.as_str());
            }
            for (name, value) in &claim.details {
                draft = draft.with(name, value.clone());
            }
        }
        answers.add(draft);
    }
}

fn gaps_of<'a>(rule: &Rule, evidence: &'a Evidence) -> Vec<&'a Gap> {
    evidence.gaps.iter().filter(|gap| rule.needs.contains(&gap.kind)).collect()
}

impl Outcome {
    fn add(&mut self, rule: &Rule, answers: Answers, context: &Context<'_>) {
        let Some(setting) = context.policy.rules.get(rule.id) else { return };
        let allowed = allow_list(setting);
        self.passes += answers.passes;
        self.passed.extend(answers.passed);
        for draft in answers.drafts {
            if draft.state == State::Fail && !draft.is_never_allowed && allowed.is_match(draft.subject.name.as_str()) {
                self.passes += 1;
                continue;
            }
            let level = level_of(setting, &draft);
            self.findings.push(finding(rule, draft, level));
        }
    }

    /// Adds what could not be determined, for want of facts.
    fn add_gaps(&mut self, rule: &Rule, gaps: Vec<&Gap>, context: &Context<'_>) {
        let Some(setting) = context.policy.rules.get(rule.id) else { return };
        for gap in &gaps {
            let mut finding = finding(rule, gap_draft(gap, gap.message()), setting.undetermined_from());
            // Rules about a tree are asked of the tree before as well; of these nobody else tells.
            if rule.judge.needs_baseline()
                && context.before.is_some_and(|before| before.gaps.iter().any(|old| is_same(old, gap)))
            {
                finding.baseline = Some(Baseline::Unchanged);
            }
            self.findings.push(finding);
        }
        // What could not be read before is an old fault, and the change may be what mends it.
        let Some(before) = context.before.filter(|_| rule.judge.needs_baseline()) else { return };
        for gap in gaps_of(rule, before) {
            if gaps.iter().any(|known| known.location.path == gap.location.path) {
                continue;
            }
            let draft = gap_draft(gap, text!("before the change, {}", gap.message()));
            let mut finding = finding(rule, draft, setting.undetermined_from());
            finding.baseline = Some(Baseline::Unchanged);
            self.findings.push(finding);
        }
    }

    fn add_custom(&mut self, rule: &Sourced<Custom>, answers: Answers) {
        self.passes += answers.passes;
        let level = Sourced { value: rule.value.level, origin: rule.origin.clone() };
        let help = Text::trusted("change what the rule matches, or the rule in the policy");
        for draft in answers.drafts {
            self.findings.push(finished(&rule.value.rule_id(), help.clone(), &[], draft, &level));
        }
    }
}

/// Whether two gaps are one: of the same file, for the same reason, with the same contents.
fn is_same(a: &Gap, b: &Gap) -> bool {
    (a.kind, &a.location.path, a.reason, &a.contents) == (b.kind, &b.location.path, b.reason, &b.contents)
}

fn gap_draft(gap: &Gap, message: Text) -> Draft {
    let subject = Subject::new("file", Text::of(&gap.location.path));
    Draft::not_determined(subject, message)
        .at(Some(gap.location.clone()))
        .with("expected", gap.expected.clone())
        .with("found", gap.found.clone())
        .with("reason", reason_word(gap))
        .help(Text::trusted(match gap.kind {
            FactKind::Component | FactKind::Requirement | FactKind::Workflow | FactKind::Variable | FactKind::Sbom => {
                "mend the file, leave it out by [tree] exclude, or let the rule's `undetermined` level decide"
            }
            FactKind::Link | FactKind::Policy | FactKind::Host => {
                "mend it, or let the rule's `undetermined` level decide"
            }
        }))
        .fact(reason_word(gap).as_str())
        .fact(gap.contents.as_deref().unwrap_or_default())
        .label(text!("expected {}, found {}", gap.expected, gap.found))
}

fn reason_word(gap: &Gap) -> Text {
    serde_json::to_value(gap.reason)
        .ok()
        .and_then(|value| value.as_str().map(|word| text!("{}", word)))
        .unwrap_or_default()
}

pub(super) fn allow_list(setting: &Setting) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    // The policy's reader has made sure that these are patterns.
    for glob in setting.patterns("allow").iter().filter_map(|pattern| Glob::new(pattern).ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_default()
}

fn level_of<'a>(setting: &'a Setting, draft: &Draft) -> &'a Sourced<Level> {
    match draft.state {
        State::NotDetermined => setting.undetermined_from(),
        State::Fail | State::NotApplicable | State::Error | State::Waived => &setting.level,
    }
}

fn finding(rule: &Rule, draft: Draft, level: &Sourced<Level>) -> Finding {
    finished(rule.id, Text::trusted(rule.help), rule.references, draft, level)
}

fn finished(id: &str, help: Text, references: &[Reference], draft: Draft, level: &Sourced<Level>) -> Finding {
    let references = references.iter().chain(&draft.references).copied().collect();
    let fingerprint = fingerprint(id, &draft.subject, draft.location.as_ref(), &draft.facts);
    Finding {
        rule: text!("{}", id),
        level: draft.at_most.map_or(level.value, |at_most| at_most.min(level.value)),
        state: draft.state,
        subject: draft.subject,
        location: draft.location,
        related: draft.related,
        message: draft.message,
        help: draft.help.unwrap_or(help),
        evidence: draft.evidence,
        references,
        fingerprint,
        baseline: None,
        waiver: None,
        label: draft.label,
        rule_level: RuleLevel { level: level.value, from: text!("{}", level.origin.to_string()) },
    }
}

impl WaiverNote {
    /// Returns what a report says of a waiver.
    #[must_use]
    pub fn of(waiver: &Waiver) -> Self {
        Self {
            owner: text!("{}", waiver.owner),
            reason: text!("{}", waiver.reason),
            expires: waiver.expires.to_string(),
        }
    }
}
