//! `host/setid-unpackaged`: a setuid or setgid program is of no package.

use super::databases::why_unknown;
use super::question::{Question, fail, not_determined, pass, shown};
use super::setid::{finished, other_names, program_words, rights, subject};
use crate::finding::{Level, Reference};
use crate::host::Belongs;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/setid-unpackaged",
    level: Level::Deny,
    summary: "a setuid or setgid program is of no package",
    why: "it gives its owner's rights to whoever runs it, and nobody updates or verifies it",
    help: "take the bits away or remove the file: `chmod ug-s FILE`; else install it by a package",
    page: include_str!("setid_unpackaged.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-250" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each setid file that no package owns.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact_of_packages("host.setid.unpackaged", answers) else { return };
    for (path, program) in &question.host.setid.programs {
        let draft = match question.file(path).map(|file| &file.belongs) {
            Some(Belongs::Package { .. }) => {
                pass(&expected, answers);
                continue;
            }
            Some(Belongs::Nobody { diverted_to }) => {
                let moved = match diverted_to {
                    Some(place) => text!("; a diversion moved the file of the package to `{}`", shown(place)),
                    None => Text::default(),
                };
                let message = text!(
                    "{} gives {}, and no package owns it{}{}",
                    program_words(path, program),
                    rights(program),
                    other_names(&program.other_names),
                    moved
                );
                fail(&expected, subject(path), message)
            }
            Some(Belongs::Unknown | Belongs::Unasked) | None => {
                let message = text!(
                    "{} gives {}, and no database of packages can be read that would tell whose it is{}: {}",
                    program_words(path, program),
                    rights(program),
                    other_names(&program.other_names),
                    why_unknown(question)
                );
                not_determined(&expected, subject(path), message)
            }
        };
        answers.add(finished(question, draft, path, program));
    }
}
