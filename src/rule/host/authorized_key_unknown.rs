//! `host/authorized-key-unknown`: a key logs in that nobody listed.

use super::authorized_key_option::no_keys;
use super::question::{Question, at, fail};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/authorized-key-unknown",
    level: Level::Deny,
    summary: "a key logs in that nobody listed",
    why: "keys that were added and forgotten, or added by an intruder, look like all others",
    help: "remove the key, or let the rule's `allow` list name its fingerprint",
    page: include_str!("authorized_key_unknown.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-284" }],
    judge: Judge::Host { family: "ssh-keys", judge },
};

/// Fails for each key; those that the policy's list names are let pass.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.persistence.authorized_keys") else { return };
    let keys = &question.host.ssh_keys;
    for path in &keys.unread {
        answers.add(rests_on(question, &expected, Question::subject_of_file(path), path));
    }
    if keys.files.is_empty() && keys.unread.is_empty() {
        answers.add(no_keys(&expected));
    }
    let files_without =
        keys.files.iter().filter(|file| !keys.keys.iter().any(|key| key.place.path == file.path)).take(1);
    files_without.for_each(|_| super::question::pass(&expected, answers));
    for key in &keys.keys {
        let message = text!(
            "the key {} ({}) logs in as `{}` by {}, and no list names it",
            key.fingerprint,
            key.kind,
            key.account,
            key.place.shown()
        );
        let help = text!(
            "remove the line, or write to the policy: [rules] \"host/authorized-key-unknown\" = {{ allow = [\"{}\"] }}",
            key.fingerprint
        );
        let draft = fail(&expected, Subject::new("key", key.fingerprint.clone()), message).help(help);
        answers.add(at(draft.found(key.fingerprint.clone()).with("account", key.account.clone()), &key.place));
    }
}
