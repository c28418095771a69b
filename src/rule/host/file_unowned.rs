//! `host/file-unowned`: a file belongs to a user or a group that there is not.

use super::question::{Question, fail, pass, shown};
use super::setid::subject;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/file-unowned",
    level: Level::Deny,
    summary: "a file belongs to a user or a group that there is not",
    why: "the next account that gets the number inherits the file",
    help: "give it an owner or remove it: `chown root:root FILE`",
    page: include_str!("file_unowned.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-282" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each file or folder whose user or group has no name in the root's own files, nor stands in a range of numbers
/// that somebody may use without one.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.fs.unowned") else { return };
    if question.host.setid.unowned.is_empty() {
        pass(&expected, answers);
    }
    for (path, found) in &question.host.setid.unowned {
        let message = text!(
            "`{}` belongs to {}:{}, and /etc/passwd and /etc/group do not have both",
            shown(path),
            found.user,
            found.group
        );
        answers.add(fail(&expected, subject(path), message).at(Some(crate::fact::Location::file(path.clone()))));
    }
}
