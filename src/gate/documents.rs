//! Two documents judged as a change: what the rules about components say of the one against the other.

use jiff::civil::Date;

use super::{PolicySummary, Report, Summary, baseline, change_lines, excuse};
use crate::component::KnownSources;
use crate::diff;
use crate::evidence::Evidence;
use crate::finding::{Finding, Verdict};
use crate::policy::Policy;
use crate::rule::{self, Context, Judge, Rule};
use crate::text::Text;
use crate::tree::Input;

/// Judges what became of components between two documents by the rules that judge a change of a tree.
#[must_use]
pub fn judge_documents(
    before: &Evidence,
    now: &Evidence,
    policy: &Policy,
    today: Date,
    at: Option<Text>,
    inputs: Vec<Input>,
) -> Report {
    let changes = diff::changes(before, now);
    let known = KnownSources::of(&before.inventories);
    let context = Context {
        now,
        before: Some(before),
        changes: &changes,
        known: &known,
        policy,
        policies: None,
        artifacts: &[],
        today,
    };
    let mut outcome = rule::judge(&context, is_of_components);
    let mut old = baseline::findings(before, &context);
    old.retain(|finding| rule::rule(finding.rule.as_str()).is_some_and(is_of_components));
    baseline::compare(&mut outcome.findings, old);
    excuse(&mut outcome.findings, policy, today);
    outcome.findings.sort_by_cached_key(Finding::order);
    let components: usize = now.inventories.iter().map(|inventory| inventory.components.len()).sum();
    let mut summary = Summary { pass: outcome.passes, files: 2, components: components as u64, ..Summary::default() };
    outcome.findings.iter().for_each(|finding| summary.count(finding, false));
    Report {
        verdict: Verdict::over(&outcome.findings, false),
        policy: PolicySummary::of(policy),
        inputs,
        at,
        summary,
        findings: outcome.findings,
        changes: Some(change_lines(&changes, [before, now])),
        notes: Vec::new(),
        excerpts: std::collections::BTreeMap::new(),
        counts_old: false,
        artifacts: None,
        sboms: None,
        facts: None,
        controls: None,
        host: None,
    }
}

/// Whether a rule judges components, whatever file they stand in.
fn is_of_components(rule: &Rule) -> bool {
    matches!(rule.judge, Judge::ComponentChange(_) | Judge::Changes(_) | Judge::Component(_))
}
