//! `host/sshd-setting`: the SSH server allows what it should not.

use super::question::{Question, at, fail, not_applicable, not_determined, pass};
use super::unreadable::rests_on;
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::sshd::Setting;
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/sshd-setting",
    level: Level::Deny,
    summary: "the SSH server allows what it should not",
    why: "it is the door that the network sees",
    help: "set the keyword in a file that is read before, and look at what counts with `sshd -T`",
    page: include_str!("sshd_setting.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-16" }],
    judge: Judge::Host { family: "sshd", judge },
};

/// Judges each setting in force for everybody.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let sshd = &question.host.sshd;
    for expected in question.facts() {
        let Some(key) = expected.fact.key.as_deref() else { continue };
        let subject = Subject::new("setting", text!("{}", *key));
        if !sshd.is_there {
            answers.add(no_server(&expected, subject));
            continue;
        }
        match sshd.settings.get(&key.to_ascii_lowercase()) {
            Some(Setting::File { value, place, word }) => {
                let from = text!("in {}{}", place.shown(), by_word(word.as_ref()));
                match verdict(&expected, key, value, &from, subject) {
                    Some(draft) => answers.add(at(draft.help(help(question, &expected, key)), place)),
                    None => pass(&expected, answers),
                }
            }
            Some(Setting::Default { value }) => {
                let version =
                    sshd.version.as_ref().map_or_else(Text::default, |version| text!(" of OpenSSH {}", *version));
                let from = text!("by default{}, as no file sets it", version);
                match verdict(&expected, key, value, &from, subject) {
                    Some(draft) => {
                        let place = sshd.file.clone().map(Location::file);
                        answers.add(draft.help(help(question, &expected, key)).at(place));
                    }
                    None => pass(&expected, answers),
                }
            }
            Some(Setting::Unread { path }) => answers.add(rests_on(question, &expected, subject, path)),
            Some(Setting::Version) | None => {
                let message = text!(
                    "{} is set in no file, and the version of the server, which decides then, is not known: expected {}",
                    *key,
                    expected.words()
                );
                answers.add(not_determined(&expected, subject, message));
            }
        }
    }
}

/// The answer where there is no server.
pub(super) fn no_server(expected: &Expected<'_>, subject: Subject) -> Draft {
    let reason = Text::trusted("there is no SSH server: neither `/usr/sbin/sshd` nor `/etc/ssh/sshd_config` is there");
    not_applicable(expected, subject, reason)
}

fn verdict(expected: &Expected<'_>, key: &str, value: &Text, from: &Text, subject: Subject) -> Option<Draft> {
    let words = expected.words();
    match expected.accepts(value.as_str()) {
        Some(true) => None,
        Some(false) => {
            let shown = shown(expected, value);
            Some(
                fail(expected, subject, text!("{} is {} {}: expected {}", *key, shown, *from, words))
                    .found(value.clone()),
            )
        }
        None => {
            let message = text!("{} is {} {}, which cannot be compared: expected {}", *key, *value, *from, words);
            Some(not_determined(expected, subject, message).found(value.clone()))
        }
    }
}

/// Says by which older name a setting stands where it does.
pub(super) fn by_word(word: Option<&Text>) -> Text {
    word.map_or_else(Text::default, |word| text!(" by its older name `{}`", *word))
}

/// Returns of a list of algorithms what is not expected in it, and any other value as it is.
pub(super) fn shown(expected: &Expected<'_>, value: &Text) -> Text {
    let unwanted = expected.list();
    let found: Vec<&str> =
        value.as_str().split(',').filter(|name| unwanted.iter().any(|unwanted| unwanted == name)).collect();
    match (found.as_slice(), value.as_str().contains(',')) {
        ([], _) | (_, false) => text!("`{}`", *value),
        (found, true) => text!("a list with {}", found.join(", ")),
    }
}

fn help(question: &Question<'_>, expected: &Expected<'_>, key: &str) -> Text {
    let id = question.host.system.as_ref().map(|system| &*system.id);
    let reload = match id {
        Some("debian" | "ubuntu") => "systemctl reload ssh",
        Some("alpine") => "rc-service sshd reload",
        _ => "systemctl reload sshd",
    };
    text!(
        "set {} ({}) at the top of /etc/ssh/sshd_config, or in the first file that it includes; then `sshd -t && {}`",
        *key,
        expected.words(),
        *reload
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_name_is_told() {
        let word = Text::trusted("ChallengeResponseAuthentication");
        assert_eq!(by_word(Some(&word)).as_str(), " by its older name `ChallengeResponseAuthentication`");
        assert_eq!(by_word(None), Text::default());
    }
}
