//! `host/apparmor-profile-mode`: a profile of AppArmor does not refuse what it does not allow.

use super::question::{Question, TOLD, at, fail, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::mac::apparmor::{FOLDER, Mode};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/apparmor-profile-mode",
    level: Level::Deny,
    summary: "a profile of AppArmor is not enforced",
    why: "a profile that complains, or is not loaded, confines nothing",
    help: "run `aa-enforce PROFILE`, which takes its links out of disable and force-complain",
    page: include_str!("apparmor_profile_mode.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "mac", judge },
};

/// Fails for each profile that complains, is disabled, or confines nothing.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.apparmor.profiles") else { return };
    let apparmor = &question.host.mac.apparmor;
    for profile in &apparmor.profiles {
        let effect = match profile.mode {
            Mode::Enforce => {
                pass(&expected, answers);
                continue;
            }
            Mode::Complain => "what it does not allow is logged, and goes on",
            Mode::Unconfined => "it allows everything",
            Mode::Disabled => "it is not loaded",
        };
        let subject = Subject::new("profile", profile.name.clone());
        let by = profile.link.as_ref().map_or_else(Text::default, |link| text!(" through the link {}", link.shown()));
        let message = text!(
            "the profile `{}` in {} is in the mode `{}`{}: {}",
            profile.name,
            profile.place.shown(),
            *profile.mode.name(),
            by,
            *effect
        );
        let help =
            text!("run `aa-enforce {}` once its log shows nothing that it should have allowed", shown(&profile.place));
        let place = profile.link.as_ref().unwrap_or(&profile.place);
        let head = profile.link.as_ref().map(|_| profile.place.location());
        let draft = at(fail(&expected, subject, message), place).with_related(head).help(help);
        // A profile that allows everything is there to give its program a name.
        let draft = if profile.mode == Mode::Unconfined { draft.at_most(TOLD) } else { draft };
        answers.add(draft.found(Text::trusted(profile.mode.name())));
    }
    let all = Subject::new("profile", text!("/{}", *FOLDER));
    if let Some(unread) = apparmor.unread.first() {
        let message = text!("`/{}` could not be read: found {}", unread.path, unread.found);
        answers.add(not_determined(&expected, all, message));
    } else if apparmor.profiles.is_empty() {
        let message = text!("AppArmor is not used here: there is no profile in /{}", *FOLDER);
        answers.add(not_applicable(&expected, all, message));
    }
}

fn shown(place: &crate::host::Place) -> Text {
    text!("/{}", place.path)
}
