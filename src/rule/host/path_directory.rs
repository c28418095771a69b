//! `host/path-directory`: root looks for commands where others may put some.

use super::question::{Question, at, fail, octal, pass};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/path-directory",
    level: Level::Deny,
    summary: "root looks for commands where others may put some",
    why: "a program of the right name in such a folder runs as root the next time somebody types it",
    help: "take the folder out of the search path, or give it to root: `chown root:root DIR; chmod go-w DIR`",
    page: include_str!("path_directory.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-427" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each folder of root's search path that is relative, or that others than root may write.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.fs.path_dirs") else { return };
    for folder in &question.host.accounts.login.folders {
        let name = if folder.name.as_str().is_empty() { Text::trusted("(empty)") } else { folder.name.clone() };
        let subject = Subject::new("file", name.clone());
        if !folder.name.as_str().starts_with('/') {
            let message = text!(
                "the search path in {} holds `{}`: commands are looked for in the folder at hand",
                folder.place.shown(),
                name
            );
            let help =
                text!("take `{}` out of the search path; an empty part stands between two colons or at an end", name);
            answers.add(at(fail(&expected, subject, message).found(name).help(help), &folder.place));
            continue;
        }
        let Some(writable) = folder.real.as_ref().and_then(|real| question.file(real)?.writable.as_ref()) else {
            pass(&expected, answers);
            continue;
        };
        let message = text!(
            "{} may put programs into `{}`, where root looks for commands ({}): `/{}` has the mode {}",
            writable.by,
            folder.name,
            folder.place.shown(),
            writable.path,
            octal(writable.mode)
        );
        let draft = fail(&expected, subject, message).with_related([folder.place.location()]);
        answers.add(draft.at(Some(crate::fact::Location::file(writable.path.clone()))).found(octal(writable.mode)));
    }
}
