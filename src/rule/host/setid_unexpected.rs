//! `host/setid-unexpected`: a program is setuid or setgid that its distribution does not ship so.

use super::question::{Question, fail, not_determined, octal, pass};
use super::setid::{Distribution, finished, gives_away, other_names, program_words, rights, subject};
use crate::finding::{Level, Reference};
use crate::host::Belongs;
use crate::host::setid::{Program, SETID};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/setid-unexpected",
    level: Level::Deny,
    summary: "a program is setuid or setgid that its distribution does not ship so",
    why: "each such program is a way to its owner's rights; the fewer there are, the fewer have to be without a fault",
    help: "take the bits away: `chmod ug-s FILE`, with `dpkg-statoverride` on Debian so that they stay away; \
           or let it pass by the rule's `allow`",
    page: include_str!("setid_unexpected.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-250" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each setid file that stands in no table of its distribution; harder where it is a shell or an interpreter.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let distribution = Distribution::of(question);
    for (path, program) in &question.host.setid.programs {
        let is_shipped = distribution.ships(path, program)
            || (matches!(distribution, Distribution::None(_)) && is_recorded(question, path, program));
        for id in ["host.setid.unexpected", "host.setid.gives_away"] {
            let Some(expected) = question.fact(id) else { continue };
            let is_of_shells = id == "host.setid.gives_away";
            if is_shipped || (is_of_shells && !gives_away(path)) {
                pass(&expected, answers);
                continue;
            }
            let names = other_names(&program.other_names);
            let what = program_words(path, program);
            let draft = match (is_of_shells, distribution.doubt()) {
                (true, _) => {
                    let message = text!(
                        "{} gives {} to whoever runs it: it can start any other program{}",
                        what,
                        rights(program),
                        names
                    );
                    fail(&expected, subject(path), message)
                }
                (false, None) => {
                    let shipped = distribution.row(path).map_or_else(
                        || Text::trusted("its distribution ships no such program"),
                        |row| text!("its distribution ships it as {} {}:{}", row.mode, row.owner, row.group),
                    );
                    fail(
                        &expected,
                        subject(path),
                        text!("{} gives {}, and {}{}", what, rights(program), shipped, names),
                    )
                }
                (false, Some(_)) if let Some((package, mode)) = recorded(question, path) => {
                    let shipped = text!("its package {} records {}", *package, octal(mode));
                    fail(
                        &expected,
                        subject(path),
                        text!("{} gives {}, and {}{}", what, rights(program), shipped, names),
                    )
                }
                (false, Some(_)) if question.has_no_packages() => Question::without_packages(&expected, subject(path)),
                (false, Some(doubt)) => not_determined(
                    &expected,
                    subject(path),
                    text!("{} gives {}: {}{}", what, rights(program), doubt, names),
                ),
            };
            let draft = match discouraged(path) {
                true => draft.with("remark", Text::trusted("better done without (dev-sec linux-baseline os-06)")),
                false => draft,
            };
            answers.add(finished(question, draft, path, program));
        }
    }
}

/// Whether the package's own database records at least these rights.
fn is_recorded(question: &Question<'_>, path: &TreePath, program: &Program) -> bool {
    recorded(question, path).is_some_and(|(_, mode)| program.mode & !mode & (SETID | 0o022) == 0)
}

/// Returns the package of a file and the mode that its database records.
fn recorded<'a>(question: &Question<'a>, path: &TreePath) -> Option<(&'a Text, u32)> {
    match question.file(path).map(|file| &file.belongs) {
        Some(Belongs::Package { name, mode: Some(mode), .. }) => Some((name, *mode)),
        _ => None,
    }
}

fn discouraged(path: &TreePath) -> bool {
    let list = &crate::policy::host::table().discouraged;
    list.iter().any(|known| known.trim_start_matches('/').as_bytes() == path.as_bytes())
}
