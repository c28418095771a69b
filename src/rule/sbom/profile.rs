//! What an SBOM lacks of a profile.

use super::{subject, unread};
use crate::fact::Location;
use crate::finding::Level;
use crate::rule::{Answers, Context, Draft, Rule};
use crate::sbom::{Lack, SbomFile};
use crate::text;
use crate::text::Text;

/// Fails for each element of a profile that an SBOM does not tell; of what only should be told it warns at most.
///
/// At level `allow` it is not asked: whoever did not ask for a profile has no use for all that a document lacks of it.
pub(super) fn judge(sbom: &SbomFile, profile: &'static str, rule: &Rule, context: &Context<'_>, answers: &mut Answers) {
    if context.policy.rules.get(rule.id).is_some_and(|setting| setting.level.value == Level::Allow) {
        return;
    }
    if sbom.stated.is_none() {
        return answers.add(unread(sbom));
    }
    let Some(lacking) = sbom.profiles.iter().find(|one| *one.profile == *profile) else {
        let message = text!("`{}` was not held against the profile {}", sbom.path, profile);
        return answers.add(Draft::not_determined(subject(sbom), message));
    };
    if lacking.lacks.is_empty() {
        return answers.pass();
    }
    for lack in &lacking.lacks {
        answers.add(draft(sbom, lack));
    }
}

fn draft(sbom: &SbomFile, lack: &Lack) -> Draft {
    let message = match lack.short.first.first() {
        Some(first) if lack.of_components => text!(
            "`{}`: {} of {} components do not tell `{}` as they should, the first is `{}`: {}",
            sbom.path,
            lack.short.count,
            lack.short.of,
            lack.element,
            first.label,
            first.told
        ),
        Some(first) => text!("`{}` does not tell `{}` as it should: {}", sbom.path, lack.element, first.told),
        None => text!("`{}` does not tell `{}`", sbom.path, lack.element),
    };
    let first = lack.short.first.first();
    let named = lack.short.first.iter().map(|one| text!("{}: {}", one.label, one.told).to_string()).collect::<Vec<_>>();
    let draft = Draft::fail(subject(sbom), message)
        .at(Some(first.map_or_else(|| Location::file(sbom.path.clone()), |first| sbom.at(first.at))))
        .label(lack.meaning.clone())
        .with("element", text!("{}", lack.element))
        .with("count", text!("{} of {}", lack.short.count, lack.short.of))
        .with("first", Text::trusted(named.join("; ")))
        .fact(&*lack.element);
    let draft = match lack.hint.as_str() {
        "" => draft,
        hint => draft.help(text!("state it: {}", hint)),
    };
    if lack.is_must { draft } else { draft.at_most(Level::Warn) }
}
