//! `host/world-writable`: everyone may change a file, or replace files in a folder.

use super::question::{Question, fail, octal, owner, pass, shown};
use super::setid::subject;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/world-writable",
    level: Level::Deny,
    summary: "everyone may change a file, or replace files in a folder",
    why: "whatever reads or runs it does what any account of the host, be it a service's, wants",
    help: "take the right away: `chmod o-w FILE`; a folder that everyone must write gets the sticky bit: `chmod +t FOLDER`",
    page: include_str!("world_writable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each file that everyone may write, and each folder that everyone may write and that is not sticky.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    for (id, is_of_folders) in [("host.fs.world_writable", false), ("host.fs.sticky", true)] {
        let Some(expected) = question.fact(id) else { continue };
        let mut is_one = false;
        for (path, found) in question.host.setid.writable.iter().filter(|(_, found)| found.is_folder == is_of_folders) {
            is_one = true;
            let owner = owner(&found.user, &found.group);
            let message = if is_of_folders {
                text!(
                    "everyone may put files into `{}` ({} {}) and replace those of others: it has no sticky bit",
                    shown(path),
                    octal(found.mode),
                    owner
                )
            } else {
                text!("everyone may change `{}` ({} {})", shown(path), octal(found.mode), owner)
            };
            let help = if is_of_folders {
                text!("`chmod o-w {}`, or `chmod +t {}` where everyone must write there", shown(path), shown(path))
            } else {
                text!("`chmod o-w {}`", shown(path))
            };
            answers.add(
                fail(&expected, subject(path), message)
                    .at(Some(crate::fact::Location::file(path.clone())))
                    .found(octal(found.mode))
                    .help(help),
            );
        }
        if !is_one {
            pass(&expected, answers);
        }
    }
}
