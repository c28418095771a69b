//! `host/account-system-shell`: an account of the system can log in.

use super::question::{Question, at, fail, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::accounts::Account;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-system-shell",
    level: Level::Deny,
    summary: "an account of the system can log in",
    why: "a service's account with a shell is one password or key away from a login",
    help: "take the shell away: `usermod -s /usr/sbin/nologin NAME`",
    page: include_str!("account_system_shell.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-284" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Programs that are another by the name they are called by.
const MANY_IN_ONE: [&[u8]; 3] = [b"busybox", b"toybox", b"coreutils"];

/// Fails for each account below the first number of people, other than root, whose shell is one.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.system_shell") else { return };
    let accounts = &question.host.accounts;
    if let (true, Some(passwd)) = (accounts.is_unread("etc/passwd"), TreePath::new(b"etc/passwd")) {
        return answers.add(rests_on(question, &expected, Question::subject_of_file(&passwd), &passwd));
    }
    let may = expected.list();
    for account in &accounts.accounts {
        if account.user == 0 || is_no_shell(account, &may) {
            pass(&expected, answers);
            continue;
        }
        let subject = Subject::new("account", account.name.clone());
        if let Some(unread) = &accounts.login.unread {
            answers.add(rests_on(question, &expected, subject, unread));
            continue;
        }
        if account.user >= accounts.login.first_person {
            pass(&expected, answers);
            continue;
        }
        let leads = match &account.shell_file {
            Some(file) if Some(file.as_bytes()) != account.shell.as_str().as_bytes().strip_prefix(b"/") => {
                text!(", which leads to /{}", *file)
            }
            Some(_) => text!(""),
            None => text!(", which is not there yet"),
        };
        let message = text!(
            "the account `{}` (number {}, below {}) has the shell {}{} in {}: expected no shell, such as /usr/sbin/nologin",
            account.name,
            account.user,
            accounts.login.first_person,
            account.shell,
            leads,
            account.place.shown()
        );
        answers.add(at(fail(&expected, subject, message).found(account.shell.clone()), &account.place));
    }
}

/// Whether what is started at login is no shell: by its name, and by what stands there.
fn is_no_shell(account: &Account, may: &[String]) -> bool {
    let is_named = |path: &[u8]| may.iter().any(|may| may.strip_prefix('/').is_some_and(|may| may.as_bytes() == path));
    let written = account.shell.as_str().as_bytes();
    let is_written = written.strip_prefix(b"/").is_some_and(is_named);
    match &account.shell_file {
        None => is_written,
        Some(file) => is_named(file.as_bytes()) || (is_written && MANY_IN_ONE.contains(&file.file_name())),
    }
}
