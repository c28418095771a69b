//! `change/verification-weakened`: a project tells its package manager to check less.

use std::collections::BTreeSet;

use crate::component::SettingKind;
use crate::evidence::Evidence;
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "change/verification-weakened",
    level: Level::Deny,
    summary: "a project tells its package manager to check less",
    why: "what is not checked can be replaced on the way, or by whoever serves it",
    help: "restore the check, and give the host a certificate that can be verified",
    page: include_str!("verification_weakened.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-295" }, Reference { scheme: "cwe", id: "CWE-353" }],
    judge: Judge::Tree(judge),
};

/// Fails for each check that is left out, and for each that was asked for before in a file that is still there and asks
/// for it no longer.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    for setting in &context.now.settings {
        let SettingKind::Unchecked { option, what } = &setting.kind else { continue };
        let subject = Subject::new("file", text!("{}", setting.place.path));
        answers.add(
            Draft::fail(subject, text!("`{}` leaves out a check: {}", option, what))
                .at(Some(setting.place.clone()))
                .label(text!("{} is not checked", what))
                .found(option.clone())
                .fact(option.as_str()),
        );
    }
    let Some(before) = context.before else { return };
    let asked: BTreeSet<_> = checks(context.now).collect();
    for (path, option) in checks(before) {
        if asked.contains(&(path, option)) || !is_there(path, context.now) {
            answers.pass();
            continue;
        }
        let subject = Subject::new("file", text!("{}", path));
        answers.add(
            Draft::fail(subject, text!("`{}` asks no longer for `{}`", path, option))
                .at(Some(Location::file(path.clone())))
                .was(text!("{}", option))
                .fact(option),
        );
    }
}

/// Returns the checks that files ask for.
fn checks(evidence: &Evidence) -> impl Iterator<Item = (&TreePath, &str)> {
    evidence.settings.iter().filter_map(|setting| match &setting.kind {
        SettingKind::Checked { option } => Some((&setting.place.path, &**option)),
        SettingKind::Index { .. } | SettingKind::FurtherIndex { .. } | SettingKind::Unchecked { .. } => None,
    })
}

/// Whether a file still pins or asks for something. Of one that cannot be read a gap tells.
fn is_there(path: &TreePath, now: &Evidence) -> bool {
    now.inventory(path).is_some()
        || now.manifests.iter().any(|manifest| manifest.path == *path)
        || now.settings.iter().any(|setting| setting.place.path == *path)
}
