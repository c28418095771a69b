//! `host/setid-writable`: others than root may change a setuid or setgid program, or put another in its place.

use super::question::{Question, fail, octal, pass, shown};
use super::setid::{finished, other_names, program_words, subject};
use crate::finding::{Level, Reference};
use crate::host::Writable;
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/setid-writable",
    level: Level::Deny,
    summary: "others than root may change a setuid or setgid program",
    why: "whoever writes the file, or puts another in its place, has the rights it gives",
    help: "take the right to write away from the file and from the folders above it: `chmod go-w`, `chown root:root`",
    page: include_str!("setid_writable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each setid file that others may write, be it through a folder above it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.setid.writable") else { return };
    for (path, program) in &question.host.setid.programs {
        let Some(file) = question.file(path) else { continue };
        // A program that only gives its own owner's rights: the owner has them already.
        let is_own = |writable: &&Writable| {
            writable.path == *path
                && program.mode & 0o022 == 0
                && program.mode & 0o6000 == 0o4000
                && program.user.id != 0
        };
        let Some(Writable { path: through, mode, by }) = file.writable.as_ref().filter(|writable| !is_own(writable))
        else {
            pass(&expected, answers);
            continue;
        };
        let message = if through == path {
            text!("{} may be changed by {}{}", program_words(path, program), *by, other_names(&program.other_names))
        } else {
            text!(
                "{} may be replaced by {}, who may write `{}` ({}){}",
                program_words(path, program),
                *by,
                shown(through),
                octal(*mode),
                other_names(&program.other_names)
            )
        };
        answers.add(finished(question, fail(&expected, subject(path), message), path, program).with("by", by.clone()));
    }
}
