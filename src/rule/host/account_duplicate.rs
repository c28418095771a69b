//! `host/account-duplicate`: two accounts or groups share a number or a name.

use std::collections::HashMap;

use super::question::{Question, at, fail, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-duplicate",
    level: Level::Deny,
    summary: "two accounts or groups share a number or a name",
    why: "what one of them owns and runs is the other's too, and who did what cannot be told",
    help: "give the later one a number of its own and its files to it: `usermod -u NUMBER NAME`, `groupmod -g NUMBER NAME`",
    page: include_str!("account_duplicate.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-286" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// A record with what it is known by.
struct Named<'a> {
    name: &'a Text,
    number: u32,
    place: &'a Place,
}

/// Fails for each later record that shares what must be its own.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let accounts = &question.host.accounts;
    let users: Vec<Named<'_>> = accounts
        .accounts
        .iter()
        .map(|account| Named { name: &account.name, number: account.user, place: &account.place })
        .collect();
    let groups: Vec<Named<'_>> = accounts
        .groups
        .iter()
        .map(|group| Named { name: &group.name, number: group.group, place: &group.place })
        .collect();
    for expected in question.facts() {
        let (kind, file, records) = match expected.fact.key.as_deref() {
            Some("gid") => ("group", "etc/group", &groups),
            _ => ("account", "etc/passwd", &users),
        };
        if let (true, Some(path)) = (accounts.is_unread(file), TreePath::new(file.as_bytes())) {
            let subject = Question::subject_of_file(&path);
            answers.add(rests_on(question, &expected, subject, &path));
            continue;
        }
        if expected.fact.key.as_deref() == Some("name") {
            names(&expected, kind, records, answers);
        } else {
            numbers(&expected, kind, records, answers);
        }
    }
}

fn numbers(expected: &Expected<'_>, kind: &'static str, records: &[Named<'_>], answers: &mut Answers) {
    let mut first: HashMap<u32, &Named<'_>> = HashMap::new();
    for record in records {
        let before = *first.entry(record.number).or_insert(record);
        // The same name twice is told of its name.
        if before.name == record.name {
            pass(expected, answers);
            continue;
        }
        let message = text!(
            "the {} `{}` has the number {} of `{}` ({}), in {}",
            *kind,
            *record.name,
            record.number,
            *before.name,
            before.place.shown(),
            record.place.shown()
        );
        let draft = fail(expected, Subject::new(kind, record.name.clone()), message);
        let draft = draft.with_related([before.place.location()]).found(text!("{}", record.number));
        answers.add(at(draft, record.place));
    }
}

fn names(expected: &Expected<'_>, kind: &'static str, records: &[Named<'_>], answers: &mut Answers) {
    let mut first: HashMap<&Text, &Named<'_>> = HashMap::new();
    for record in records {
        let before = *first.entry(record.name).or_insert(record);
        if std::ptr::eq(before, record) {
            pass(expected, answers);
            continue;
        }
        let message = text!(
            "the {} `{}` stands in {} and once more in {}: only the first counts",
            *kind,
            *record.name,
            before.place.shown(),
            record.place.shown()
        );
        let help = text!("remove the later line: `vipw` opens the file, `pwck` finds what else is wrong with it");
        let draft = fail(expected, Subject::new(kind, record.name.clone()), message).help(help);
        let draft = draft.with_related([before.place.location()]).found(record.name.clone());
        answers.add(at(draft, record.place));
    }
}
