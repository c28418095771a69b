//! `host/walk-incomplete`: a part of the host could not be read.

use super::question::{Question, not_determined, pass, shown};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/walk-incomplete",
    level: Level::Deny,
    summary: "a part of the host could not be read",
    why: "what nobody could look at may hold anything; a check that passes over it says nothing about the host",
    help: "run it as root, mend the file, leave the place out by [tree] exclude or the family by --skip, or let the rule's \
           `undetermined` level decide",
    page: include_str!("walk_incomplete.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-754" }],
    judge: Judge::Host { family: crate::host::OF_THE_ROOT, judge },
};

/// Is not determined for each file or folder that could not be read, whichever family asked for it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.walk.complete") else { return };
    let mut gaps: Vec<_> = question.host.gaps.values().flatten().collect();
    gaps.sort();
    gaps.dedup();
    if gaps.is_empty() {
        pass(&expected, answers);
    }
    for gap in gaps {
        let path = &gap.location.path;
        let message = text!("`{}` could not be read: expected {}, found {}", shown(path), gap.expected, gap.found);
        answers.add(
            not_determined(&expected, Subject::new("file", shown(path)), message)
                .at(Some(gap.location.clone()))
                .with("wanted", gap.expected.clone())
                .found(gap.found.clone())
                .fact(gap.expected.as_str()),
        );
    }
    let Some(expected) = question.fact("host.walk.remote") else { return };
    if question.host.setid.remote.is_empty() {
        pass(&expected, answers);
    }
    for (path, remote) in &question.host.setid.remote {
        let message = text!(
            "`{}` was not walked: {} lies on another machine or in another program, which may not answer",
            shown(path),
            remote.kind
        );
        let help = Text::trusted("check it on the machine that holds it, and mount it with nosuid and nodev here");
        answers.add(not_determined(&expected, Subject::new("file", shown(path)), message).help(help));
    }
}
