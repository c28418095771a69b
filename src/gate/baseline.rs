//! Findings compared with those of the tree before.

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::finding::{Baseline, Finding, State};
use crate::rule::{self, Context};

/// Returns the findings that the rules about a tree have on what was known before.
pub(super) fn findings(before: &Evidence, context: &Context<'_>) -> Vec<Finding> {
    let context = Context { now: before, before: None, changes: &[], policies: None, ..*context };
    let mut findings = rule::judge(&context, |rule| rule.judge.is_of_state()).findings;
    findings.retain(|finding| matches!(finding.state, State::Fail | State::NotDetermined));
    findings
}

/// Marks each finding as new or unchanged, and adds those that are there no longer.
///
/// Findings of one fingerprint are counted: one more of them than before is new.
pub(super) fn compare(now: &mut Vec<Finding>, before: Vec<Finding>) {
    let mut old: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in before {
        old.entry(finding.fingerprint.clone()).or_default().push(finding);
    }
    for finding in now.iter_mut().filter(|finding| finding.baseline.is_none()) {
        let partner = old.get_mut(&finding.fingerprint).and_then(|partners| partner(finding, partners));
        finding.baseline = Some(if partner.is_some() { Baseline::Unchanged } else { Baseline::New });
    }
    now.extend(old.into_values().flatten().map(|finding| Finding { baseline: Some(Baseline::Absent), ..finding }));
}

/// Compares what rules about hosts found with what was known of a host before. All else has nothing to be compared with, and
/// stays as it is.
pub(super) fn compare_hosts(now: &mut Vec<Finding>, before: &Evidence, context: &Context<'_>) {
    let is_of_host = |finding: &Finding| rule::domain(finding.rule.as_str()) == rule::host::DOMAIN;
    let mut old = findings(before, context);
    old.retain(is_of_host);
    let (mut of_host, of_tree): (Vec<Finding>, Vec<Finding>) = now.drain(..).partition(is_of_host);
    compare(&mut of_host, old);
    now.extend(of_tree);
    now.append(&mut of_host);
}

/// Takes the finding of before that one of now is. What could not be determined then, and is violated now, is new: nobody
/// has seen it before.
fn partner(finding: &Finding, partners: &mut Vec<Finding>) -> Option<Finding> {
    let fits = |old: &Finding| old.state == State::Fail || finding.state != State::Fail;
    let at = partners.iter().rposition(fits)?;
    Some(partners.remove(at))
}

/// Marks findings as new where there is something to compare with: of what is judged by the day alone.
pub(super) fn as_new(findings: Vec<Finding>, has_before: bool) -> impl Iterator<Item = Finding> {
    findings.into_iter().map(move |finding| Finding { baseline: has_before.then_some(Baseline::New), ..finding })
}

/// Whether a finding is one of now, rather than only of before.
pub(super) fn is_current(finding: &Finding) -> bool {
    matches!(finding.baseline, None | Some(Baseline::New))
}
