//! `host/account-nis`: a line lets in accounts from NIS.

use super::question::{Question, at, fail, not_applicable, pass, shown};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-nis",
    level: Level::Deny,
    summary: "a line lets in accounts from NIS",
    why: "whoever answers the host's question on the network decides who may log in",
    help: "remove the lines that begin with `+`, and `compat` from /etc/nsswitch.conf",
    page: include_str!("account_nis.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1188" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each file of accounts with a line that begins with `+`.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.nis_plus") else { return };
    let accounts = &question.host.accounts;
    for file in ["etc/passwd", "etc/shadow", "etc/group"] {
        let Some(path) = TreePath::new(file.as_bytes()) else { continue };
        let subject = Question::subject_of_file(&path);
        if accounts.is_unread(file) {
            answers.add(rests_on(question, &expected, subject, &path));
            continue;
        }
        let Some(line) = accounts.nis.iter().find(|line| line.path == path) else {
            pass(&expected, answers);
            continue;
        };
        let counts = if accounts.is_compat {
            "nsswitch.conf says `compat`, so that it counts"
        } else {
            "it counts as soon as nsswitch.conf says `compat`"
        };
        let name = line.name.clone().unwrap_or(Text::trusted("+"));
        let message = text!(
            "the line `{}` in {} begins with `+`, which lets in names from NIS: {}",
            name,
            line.place.shown(),
            *counts
        );
        answers.add(at(fail(&expected, subject, message).found(name), &line.place));
    }
    if accounts.accounts.is_empty() && accounts.nis.is_empty() && accounts.unread.is_empty() {
        let path = TreePath::new(b"etc/passwd").unwrap_or_default();
        let reason = text!("`{}` holds no account", shown(&path));
        answers.add(not_applicable(&expected, Question::subject_of_file(&path), reason));
    }
}
