//! `host/login-umask`: files made after a login are open to others.

use super::question::{Question, at, fail, not_determined, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/login-umask",
    level: Level::Deny,
    summary: "files made after a login are open to others",
    why: "a key or dump that somebody forgets to close is then readable by every account",
    help: "set `UMASK 027` in /etc/login.defs, and `umask 027` in the scripts of shells that set another",
    page: include_str!("login_umask.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-276" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each file that sets a mask which leaves a bit that must be taken away.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.umask") else { return };
    let login = &question.host.accounts.login;
    let words = expected.words();
    let Some(least) = expected.list().first().and_then(|mask| u32::from_str_radix(mask, 8).ok()) else { return };
    let definitions = TreePath::new(b"etc/login.defs").unwrap_or_default();
    if let Some(unread) = &login.unread {
        let subject = Question::subject_of_file(unread);
        answers.add(rests_on(question, &expected, subject, unread));
    } else if login.masks.is_empty() {
        let subject = Question::subject_of_file(&definitions);
        let message =
            text!("neither `/etc/login.defs` nor a script of shells sets a mask: what starts the session decides");
        return answers.add(not_determined(&expected, subject, message).found(Text::trusted("nothing")));
    }
    let mut told: Vec<&TreePath> = Vec::new();
    for mask in &login.masks {
        if mask.mask & least == least {
            pass(&expected, answers);
        } else if !told.contains(&&mask.path) {
            told.push(&mask.path);
            let message = text!("{} sets the mask {}: expected {}", mask.place.shown(), mask.value, words);
            let draft = fail(&expected, Question::subject_of_file(&mask.path), message).found(mask.value.clone());
            answers.add(at(draft, &mask.place));
        }
    }
}
