//! `policy/waiver-expired`: a waiver has expired, or is about to.

use jiff::ToSpan as _;

use super::{is_removed, place_of_waiver};
use crate::finding::{Level, Reference, Subject};
use crate::policy::{Parameter, ParameterKind};
use crate::rule::{Answers, Context, Draft, Judge, Rule, WaiverUse};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "policy/waiver-expired",
    level: Level::Warn,
    summary: "a waiver has expired, or is about to",
    why: "an exception was granted for a time; when that is over somebody has to decide again",
    help: "mend what the waiver excuses and remove it, or have its owner renew it with a reason",
    page: include_str!("waiver_expired.md"),
    needs: &[],
    parameters: &[Parameter {
        name: "days",
        kind: ParameterKind::AtLeast(14),
        help: "how many days before its end a waiver is named",
    }],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Waivers(judge),
};

/// Fails for each waiver whose last day is over or less than `days` away.
fn judge(uses: &[WaiverUse<'_>], context: &Context<'_>, answers: &mut Answers) {
    let days = context.policy.rules.get(RULE.id).and_then(|setting| setting.number("days")).unwrap_or(0);
    let soon = context.today.checked_add(i64::from(days).days()).unwrap_or(context.today);
    for WaiverUse { waiver, .. } in uses {
        let one = &waiver.value;
        let expires = one.expires.to_string();
        let message = if is_removed(one, context) {
            answers.pass();
            continue;
        } else if !one.holds(context.today) {
            text!("the waiver for {} expired on {} and excuses nothing any more", one.quoted(), expires)
        } else if one.expires < soon {
            text!("the waiver for {} expires on {}", one.quoted(), expires)
        } else {
            answers.pass();
            continue;
        };
        answers.add(
            Draft::fail(Subject::new("waiver", one.label()), message)
                .at(place_of_waiver(waiver, context))
                .with("owner", text!("{}", one.owner))
                .with("reason", text!("{}", one.reason))
                .with("expires", text!("{}", expires))
                .with("policy", text!("{}", waiver.origin.to_string()))
                .fact(expires),
        );
    }
}
