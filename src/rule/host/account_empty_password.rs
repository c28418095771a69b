//! `host/account-empty-password`: an account asks for no password.

use super::question::{Question, at, fail, not_applicable, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::accounts::Password;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-empty-password",
    level: Level::Deny,
    summary: "an account asks for no password",
    why: "whoever knows its name becomes it",
    help: "lock the account or give it a password: `passwd -l NAME`, `passwd NAME`",
    page: include_str!("account_empty_password.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-258" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each account whose password is empty where it counts: in passwd, or in shadow where passwd points there.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.empty_password") else { return };
    let accounts = &question.host.accounts;
    let (Some(passwd), Some(shadow)) = (TreePath::new(b"etc/passwd"), TreePath::new(b"etc/shadow")) else { return };
    if accounts.is_unread("etc/passwd") {
        return answers.add(rests_on(question, &expected, Question::subject_of_file(&passwd), &passwd));
    }
    if accounts.accounts.is_empty() {
        let reason = Text::trusted("`/etc/passwd` holds no account");
        return answers.add(not_applicable(&expected, Question::subject_of_file(&passwd), reason));
    }
    for account in &accounts.accounts {
        let subject = Subject::new("account", account.name.clone());
        let place = match (&account.password, &account.secret) {
            (Password::Empty, _) => &account.place,
            (Password::Shadowed, Some(secret)) if secret.password == Password::Empty => &secret.place,
            (Password::Shadowed, None) if accounts.is_unread("etc/shadow") => {
                answers.add(rests_on(question, &expected, subject, &shadow));
                continue;
            }
            // Nobody logs in who stands in no line of shadow.
            _ => {
                pass(&expected, answers);
                continue;
            }
        };
        let message =
            text!("the account `{}` has no password in /{}: nobody needs one to become it", account.name, place.path);
        answers.add(at(fail(&expected, subject, message).found(Text::trusted("an empty field")), place));
    }
}
