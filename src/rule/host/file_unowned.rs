//! `host/file-unowned`: a file belongs to a user or a group that there is not.

use std::collections::BTreeMap;

use super::question::{Question, fail, not_determined, pass, shown, unread};
use super::setid::subject;
use crate::fact::{Gap, Location};
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::tree::TreePath;

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

/// Where stands who there is.
const ACCOUNTS: [&[u8]; 2] = [b"etc/passwd", b"etc/group"];

/// Where stands whose are numbers without a name.
const RANGES: [&[u8]; 2] = [b"etc/subuid", b"etc/subgid"];

/// Fails for each file or folder whose user or group has no name in the root's own files, nor stands in a range of numbers
/// that somebody may use without one.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.fs.unowned") else { return };
    let unread_accounts = unread_of(question, ACCOUNTS);
    for (path, gap) in &unread_accounts {
        answers.add(unread(&expected, subject(path), gap));
    }
    let unread_ranges = unread_of(question, RANGES);
    if question.host.setid.unowned.is_empty() && unread_accounts.is_empty() {
        pass(&expected, answers);
    }
    for (path, found) in &question.host.setid.unowned {
        let draft = match unread_ranges.values().next() {
            None => {
                let message = text!(
                    "`{}` belongs to {}:{}, and /etc/passwd and /etc/group do not have both",
                    shown(path),
                    found.user,
                    found.group
                );
                fail(&expected, subject(path), message)
            }
            Some(gap) => {
                let message = text!(
                    "`{}` belongs to {}:{}, and `{}`, which may say whose that is, could not be read: found {}",
                    shown(path),
                    found.user,
                    found.group,
                    shown(&gap.location.path),
                    gap.found
                );
                not_determined(&expected, subject(path), message)
            }
        };
        answers.add(draft.at(Some(Location::file(path.clone()))));
    }
}

/// Returns those of some files that could not be read.
fn unread_of<'a>(question: &Question<'a>, files: [&[u8]; 2]) -> BTreeMap<&'a TreePath, &'a Gap> {
    let gaps = question.host.gaps.values().flatten();
    gaps.map(|gap| (&gap.location.path, gap)).filter(|(path, _)| files.contains(&path.as_bytes())).collect()
}
