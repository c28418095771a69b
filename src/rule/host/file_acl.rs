//! `host/file-acl`: an access control list lets somebody write a file that only root should.

use super::question::{Question, fail, joined, octal, pass, shown};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::OF_THE_ROOT;
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/file-acl",
    level: Level::Deny,
    summary: "an access control list lets somebody write a file that only root should",
    why: "the mode of the file says that only root writes it, and `ls` shows no more of the list than a plus sign",
    help: "take the list away: `setfacl -b FILE`",
    page: include_str!("file_acl.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: OF_THE_ROOT, judge },
};

/// Fails for each file that families asked about whose list lets others than root write by name.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.fs.acl") else { return };
    let mut is_one = false;
    for (path, file) in &question.host.files {
        if file.list_lets_write.is_empty() {
            continue;
        }
        is_one = true;
        let message = text!(
            "the access control list of `{}` lets {} write it, whatever its mode {} says",
            shown(path),
            joined(&file.list_lets_write),
            octal(file.mode)
        );
        let help = text!("take the list away: `setfacl -b {}`", shown(path));
        answers.add(
            fail(&expected, Question::subject_of_file(path), message)
                .at(Some(Location::file(path.clone())))
                .found(joined(&file.list_lets_write))
                .help(help),
        );
    }
    if !is_one {
        pass(&expected, answers);
    }
}
