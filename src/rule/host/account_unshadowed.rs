//! `host/account-unshadowed`: the hash of a password stands where everybody may read it.

use super::question::{Question, at, fail, not_applicable, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::accounts::Password;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-unshadowed",
    level: Level::Deny,
    summary: "the hash of a password stands where everybody may read it",
    why: "`/etc/passwd` is open to every user, and hashes are guessed offline",
    help: "move the hashes to /etc/shadow with `pwconv`, and change the passwords that stood there",
    page: include_str!("account_unshadowed.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-522" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each account whose line in passwd holds a hash, be it behind a lock.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.unshadowed") else { return };
    let accounts = &question.host.accounts;
    let Some(passwd) = TreePath::new(b"etc/passwd") else { return };
    if accounts.is_unread("etc/passwd") {
        return answers.add(rests_on(question, &expected, Question::subject_of_file(&passwd), &passwd));
    }
    if accounts.accounts.is_empty() {
        let reason = Text::trusted("`/etc/passwd` holds no account");
        return answers.add(not_applicable(&expected, Question::subject_of_file(&passwd), reason));
    }
    for account in &accounts.accounts {
        let method = match &account.password {
            Password::Hash { method } | Password::Locked { behind: Some(method) } => method,
            Password::Empty | Password::Shadowed | Password::Locked { behind: None } => {
                pass(&expected, answers);
                continue;
            }
        };
        let message = text!(
            "the hash of the password of `{}` (method {}) stands in {}, which everybody may read: expected `x`",
            account.name,
            *method,
            account.place.shown()
        );
        let draft = fail(&expected, Subject::new("account", account.name.clone()), message).found(method.clone());
        answers.add(at(draft, &account.place));
    }
}
