//! `change/downgrade`: the version of a component goes down.

use std::cmp::Ordering;

use crate::component::{Relation, version};
use crate::diff::Change;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, package_subject};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/downgrade",
    level: Level::Warn,
    summary: "the version of a component goes down",
    why: "an older version brings back the faults that newer ones mended",
    help: "take the newer version, or say in the commit why the older one is right",
    page: include_str!("downgrade.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1395" }],
    judge: Judge::ComponentChange(judge),
};

/// Fails when the version is lower by the ecosystem's own order.
fn judge(change: &Change<'_>, _: &Context<'_>) -> Answer {
    let (Some(before), Some(after)) = (change.before, change.after) else { return Answer::Nothing };
    let (old, new) = (before.component, after.component);
    let (Some(was), Some(now)) = (old.version.as_deref(), new.version.as_deref()) else { return Answer::Pass };
    // The versions of two packages say nothing of each other.
    if was == now || new.relation == Relation::Member || old.name != new.name {
        return Answer::Pass;
    }
    match version::compare(&after.inventory.ecosystem, was, now) {
        Some(Ordering::Greater) => {
            Draft::fail(package_subject(new), text!("`{}` goes down from {} to {}", new.name, was, now))
                .at(new.at(new.version_at))
                .was(text!("{}", was))
                .found(text!("{}", now))
                .fact(now)
                .into()
        }
        Some(Ordering::Equal | Ordering::Less) => Answer::Pass,
        None => Draft::not_determined(
            package_subject(new),
            text!("the versions {} and {} of `{}` cannot be put in order", was, now, new.name),
        )
        .at(new.at(new.version_at))
        .at_most(Level::Allow)
        .was(text!("{}", was))
        .found(text!("{}", now))
        .fact(now)
        .into(),
    }
}
