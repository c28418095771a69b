//! `host/file-immutable`: a file cannot be changed, not even by root.

use super::question::{Question, fail, pass, shown};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::OF_THE_ROOT;
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/file-immutable",
    level: Level::Deny,
    summary: "a file cannot be changed, not even by root",
    why: "what an update cannot replace keeps its flaws, and what an intruder locks stays",
    help: "take the attribute away: `chattr -ia FILE`; let what is meant to be locked pass by the rule's `allow`",
    page: include_str!("file_immutable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: OF_THE_ROOT, judge },
};

/// Fails for each file that families asked about which is locked; an archive does not keep that.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.fs.immutable") else { return };
    let mut is_one = false;
    for (path, _) in question.host.files.iter().filter(|(_, file)| file.is_locked) {
        is_one = true;
        let message = text!(
            "`{}` has the attribute immutable or append-only: nobody may change it until that is taken back",
            shown(path)
        );
        let help = text!("`lsattr {}`, and `chattr -ia {}` where nobody meant it", shown(path), shown(path));
        answers.add(
            fail(&expected, Question::subject_of_file(path), message).at(Some(Location::file(path.clone()))).help(help),
        );
    }
    if !is_one {
        pass(&expected, answers);
    }
}
