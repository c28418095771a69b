//! `host/account-uid0`: another account than root has the number 0.

use super::question::{Question, at, fail, pass};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

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
    let may = expected.list();
    for account in &question.host.accounts.accounts {
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
