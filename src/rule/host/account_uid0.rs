//! `host/account-uid0`: another account than root has the number 0.

use super::question::{Question, at, fail, not_applicable, pass, shown};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-uid0",
    level: Level::Deny,
    summary: "another account than root has the number 0",
    why: "it is root under another name, with a password and keys of its own that nobody looks for",
    help: "give the account a number of its own, or remove it: `usermod -u NUMBER NAME`, `userdel NAME`",
    page: include_str!("account_uid0.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-250" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each account with the number 0 whose name is not expected to have it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.uid0") else { return };
    let accounts = &question.host.accounts;
    let Some(passwd) = TreePath::new(b"etc/passwd") else { return };
    let subject = Question::subject_of_file(&passwd);
    if accounts.is_unread("etc/passwd") {
        return answers.add(rests_on(question, &expected, subject, &passwd));
    }
    if accounts.accounts.is_empty() {
        let reason = text!("`{}` holds no account", shown(&passwd));
        return answers.add(not_applicable(&expected, subject, reason));
    }
    let may = expected.list();
    for account in &accounts.accounts {
        if account.user != 0 || may.iter().any(|name| *name == account.name.as_str()) {
            pass(&expected, answers);
            continue;
        }
        let subject = Subject::new("account", account.name.clone());
        let message = text!(
            "the account `{}` has the number 0 in /{}: it is root under another name",
            account.name,
            account.place.path
        );
        answers.add(at(fail(&expected, subject, message), &account.place).found(account.name.clone()));
    }
}
