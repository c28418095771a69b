//! `change/index-added`: a project asks another index for its components.

use std::collections::BTreeSet;

use crate::component::{Place, Setting, SettingKind};
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "change/index-added",
    level: Level::Deny,
    summary: "a project asks an index for its components that nothing has named before",
    why: "whoever runs a further index may answer for any name, and the higher version wins",
    help: "leave the index out, let it serve only what is named for it, or name it under [sources] registries in the policy first",
    page: include_str!("index_added.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-427" }],
    judge: Judge::Tree(judge),
};

/// Fails for each index that is known neither from before nor from the policy, once a place. An ecosystem of which
/// nothing was there before has no other index yet, and names its first.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let mut told: BTreeSet<(&str, Place)> = BTreeSet::new();
    for setting in &context.now.settings {
        let (url, option, is_further) = match &setting.kind {
            SettingKind::Index { url, option } => (url, option, false),
            SettingKind::FurtherIndex { url, option } => (url, option, true),
            SettingKind::Unchecked { .. } | SettingKind::Checked { .. } => continue,
        };
        let place = url.place();
        let is_known = context.policy.sources.trusts_registry(&place)
            || is_named_before(&place, setting, context)
            || context.known.ecosystem(&setting.ecosystem).is_some_and(|known| known.has_registry(&place));
        if is_known || (!is_further && is_first(setting, context)) {
            answers.pass();
            continue;
        }
        if !told.insert((&setting.ecosystem, place.clone())) {
            continue;
        }
        let message = match is_further {
            true => text!("`{}` names a further index, `{}`", option, url),
            false => text!("`{}` names another index, `{}`", option, url),
        };
        let subject = Subject::new("index", text!("{}", place)).named(text!("{}", place));
        answers.add(
            Draft::fail(subject, message)
                .at(Some(setting.place.clone()))
                .label(text!("`{}` is not known", place))
                .found(text!("{}", url))
                .with("option", text!("{}", option))
                .fact(place.as_str()),
        );
    }
}

/// Whether a file named the place before.
fn is_named_before(place: &Place, setting: &Setting, context: &Context<'_>) -> bool {
    let before = context.before.into_iter().flat_map(|before| &before.settings);
    before
        .filter(|before| before.ecosystem == setting.ecosystem)
        .filter_map(|before| before.kind.url())
        .any(|url| place.is_within(&url.place()))
}

/// Whether nothing of the setting's ecosystem was there before, or there is no before.
fn is_first(setting: &Setting, context: &Context<'_>) -> bool {
    context.before.is_none_or(|before| {
        let manifests = before.manifests.iter().map(|manifest| &manifest.ecosystem);
        let locks = before.lock_files.iter().map(|file| &file.ecosystem);
        let settings = before.settings.iter().map(|setting| &setting.ecosystem);
        !manifests.chain(locks).chain(settings).any(|ecosystem| *ecosystem == setting.ecosystem)
    })
}
