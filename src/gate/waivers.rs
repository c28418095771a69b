//! Waivers laid over findings.

use jiff::civil::Date;

use super::GateError;
use crate::diff::Change;
use crate::finding::{Baseline, Finding, State, WaiverNote};
use crate::policy::{CustomSubject, Policy, Waiver};
use crate::rule::{self, Context, Outcome, WaiverUse};
use crate::text;

/// Excuses what a waiver is for that holds today, and counts for each waiver the findings it is for. Those of
/// the whole tree are asked for only when a waiver is for none of the change's.
///
/// # Errors
/// When the whole tree cannot be read.
pub(super) fn apply<'a>(
    findings: &mut [Finding],
    context: &Context<'a>,
    all: impl FnOnce() -> Result<Vec<Finding>, GateError>,
) -> Result<Vec<WaiverUse<'a>>, GateError> {
    let mut uses: Vec<WaiverUse<'a>> = context
        .policy
        .waivers
        .iter()
        .map(|waiver| WaiverUse { waiver, findings: 0, waits: waits(&waiver.value, context) })
        .collect();
    lay(findings, &mut uses, context);
    let is_idle = |one: &WaiverUse<'_>| one.findings == 0 && !one.waits;
    if uses.iter().any(is_idle) {
        let all = all()?;
        for one in uses.iter_mut().filter(|one| is_idle(one)) {
            one.findings = all.iter().filter(|finding| is_open(finding) && one.waiver.value.is_for(finding)).count();
        }
    }
    Ok(uses)
}

/// Whether a waiver is for what a change may do, and this change does not touch its subject. Since waivers are
/// read from the base, such a one stands there before the change it is for.
fn waits(waiver: &Waiver, context: &Context<'_>) -> bool {
    let of_rules = rule::rules().any(|rule| rule.judge.needs_baseline() && waiver.is_for_rule(rule.id));
    let customs = context.policy.custom.iter().map(|custom| &custom.value);
    let of_customs =
        customs.into_iter().any(|custom| custom.on == CustomSubject::Change && waiver.is_for_rule(&custom.rule_id()));
    let touches = |change: &Change<'_>| {
        let sides = [change.before, change.after].into_iter().flatten();
        waiver.subject.is_some()
            && sides.into_iter().any(|side| {
                [&*side.component.purl, side.component.versionless_purl()]
                    .into_iter()
                    .any(|purl| waiver.names(text!("{}", *purl).as_str()))
            })
    };
    (of_rules || of_customs) && !context.changes.iter().any(touches)
}

/// Asks the rules about waivers. What they answer can be excused as well, and a waiver that does so is in use.
pub(super) fn judge(mut uses: Vec<WaiverUse<'_>>, context: &Context<'_>) -> Outcome {
    let mut first = rule::judge_waivers(context, &uses);
    lay(&mut first.findings, &mut uses, context);
    let mut outcome = rule::judge_waivers(context, &uses);
    lay(&mut outcome.findings, &mut uses, context);
    outcome
}

fn lay(findings: &mut [Finding], uses: &mut [WaiverUse<'_>], context: &Context<'_>) {
    for one in uses {
        let waiver = &one.waiver.value;
        // What is no longer there needs no excuse.
        let current = |finding: &Finding| is_open(finding) && finding.baseline != Some(Baseline::Absent);
        for finding in findings.iter_mut().filter(|finding| current(finding) && waiver.is_for(finding)) {
            one.findings += 1;
            if waiver.holds(context.today) {
                finding.state = State::Waived;
                finding.waiver = Some(WaiverNote::of(waiver));
            }
        }
    }
}

/// Excuses what a waiver of a policy is for that holds on a day: where files are named, a waiver that is for none of
/// them is for others.
pub fn excuse(findings: &mut [Finding], policy: &Policy, today: Date) {
    for waiver in policy.waivers.iter().map(|waiver| &waiver.value).filter(|waiver| waiver.holds(today)) {
        let open = |finding: &&mut Finding| matches!(finding.state, State::Fail | State::NotDetermined);
        for finding in findings.iter_mut().filter(open).filter(|finding| waiver.is_for(finding)) {
            finding.state = State::Waived;
            finding.waiver = Some(WaiverNote::of(waiver));
        }
    }
}

/// Whether a finding is one that can be excused; one that was excused by another waiver counts as well.
fn is_open(finding: &Finding) -> bool {
    match finding.state {
        State::Fail | State::NotDetermined | State::Waived => true,
        State::NotApplicable | State::Error => false,
    }
}
