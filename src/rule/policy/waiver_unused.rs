//! `policy/waiver-unused`: a waiver excuses nothing.

use super::{is_removed, place_of_waiver};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule, WaiverUse};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "policy/waiver-unused",
    level: Level::Warn,
    summary: "a waiver excuses nothing",
    why: "an exception that outlives its reason excuses the next fault of the same name",
    help: "remove the waiver, or mend its rule and subject so that they name the finding",
    page: include_str!("waiver_unused.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Waivers(judge),
};

/// Fails for each waiver that is for no finding, new or old.
fn judge(uses: &[WaiverUse<'_>], context: &Context<'_>, answers: &mut Answers) {
    for WaiverUse { waiver, findings, waits } in uses {
        // What has expired is named by its own rule.
        let is_settled = !waiver.value.holds(context.today) || is_removed(&waiver.value, context);
        if *findings > 0 || *waits || is_settled {
            answers.pass();
            continue;
        }
        let one = &waiver.value;
        answers.add(
            Draft::fail(
                Subject::new("waiver", one.label()),
                text!("the waiver for {} matches no finding", one.quoted()),
            )
            .at(place_of_waiver(waiver, context))
            .with("owner", text!("{}", one.owner))
            .with("reason", text!("{}", one.reason))
            .with("policy", text!("{}", waiver.origin.to_string())),
        );
    }
}
