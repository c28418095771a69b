//! Waivers laid over findings.

use super::GateError;
use crate::finding::{Baseline, Finding, State, WaiverNote};
use crate::rule::{Context, WaiverUse};

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
    let mut uses: Vec<WaiverUse<'a>> = Vec::new();
    for waiver in &context.policy.waivers {
        let mut count = 0;
        // What is no longer there needs no excuse.
        let current = |finding: &Finding| is_open(finding) && finding.baseline != Some(Baseline::Absent);
        for finding in findings.iter_mut().filter(|finding| current(finding) && waiver.value.is_for(finding)) {
            count += 1;
            if waiver.value.holds(context.today) {
                finding.state = State::Waived;
                finding.waiver = Some(WaiverNote::of(&waiver.value));
            }
        }
        uses.push(WaiverUse { waiver, findings: count });
    }
    if uses.iter().any(|one| one.findings == 0) {
        let all = all()?;
        for one in uses.iter_mut().filter(|one| one.findings == 0) {
            one.findings = all.iter().filter(|finding| is_open(finding) && one.waiver.value.is_for(finding)).count();
        }
    }
    Ok(uses)
}

/// Whether a finding is one that can be excused; one that was excused by another waiver counts as well.
fn is_open(finding: &Finding) -> bool {
    match finding.state {
        State::Fail | State::NotDetermined | State::Waived => true,
        State::NotApplicable | State::Error => false,
    }
}
