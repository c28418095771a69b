//! `host/unit-writable`: others than root may write a unit, or a program that it starts.

use std::collections::BTreeSet;

use super::question::{Question, fail, not_determined, octal, pass, shown};
use super::running::{UNIT_FOLDERS, is_below, is_own, unread_files, writable_words};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::systemd::{Command, Unit};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-writable",
    level: Level::Deny,
    summary: "others than root may write a unit, or a program that it starts",
    why: "whoever writes it has a command of their own run as root at the next start",
    help: "give it to root and take the right to write from others: `chown root:root FILE`, `chmod go-w FILE`",
    page: include_str!("unit_writable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: "systemd", judge },
};

/// Fails for each file of a unit in force, and each program that it starts, that others may write.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.systemd.unit_writable") else { return };
    let mut seen = BTreeSet::new();
    // What masks a unit is never written through, and another name of a unit is that unit.
    let in_force = |unit: &&Unit| unit.mask.is_none() && unit.alias_of.is_none();
    for unit in question.host.systemd.units.iter().filter(in_force) {
        let file = unit.file.iter().map(|file| (&file.path, Some(&file.real)));
        let drop_ins = unit.drop_ins.iter().filter(|one| one.mask.is_none());
        for (path, real) in file.chain(drop_ins.map(|one| (&one.path, one.real.as_ref()))) {
            if let Some(real) = real.filter(|_| seen.insert(path)) {
                of_file(question, &expected, (path, real), &unit.name, answers);
            }
        }
        for command in unit.commands.iter().filter(|command| command.replaced_by.is_none()) {
            if seen.insert(&command.program.path) {
                of_program(question, &expected, unit, command, answers);
            }
        }
    }
    let programs: BTreeSet<&TreePath> = question
        .host
        .systemd
        .units
        .iter()
        .flat_map(|unit| unit.commands.iter().map(|command| &command.program.path))
        .collect();
    let is_meant = |path: &TreePath| is_below(path, &UNIT_FOLDERS) || programs.contains(path);
    unread_files(question, "systemd", &expected, is_meant, answers);
}

fn of_file(
    question: &Question<'_>,
    expected: &Expected<'_>,
    (path, real): (&TreePath, &TreePath),
    unit: &Text,
    answers: &mut Answers,
) {
    let subject = Question::subject_of_file(path);
    let Some(file) = question.file(real) else {
        let message = text!("it cannot be told who may write `{}`, of the unit `{}`", shown(path), *unit);
        return answers.add(not_determined(expected, subject, message));
    };
    let Some(writable) = &file.writable else { return pass(expected, answers) };
    let words = writable_words(real, writable);
    let message = text!("`{}`, of the unit `{}`, {}; only root should write it", shown(path), *unit, words);
    let mend = text!("`chown root:root /{0}` and `chmod go-w /{0}`, then `systemctl daemon-reload`", writable.path);
    answers.add(fail(expected, subject, message).at(Some(Location::file(path.clone()))).help(mend).found(words));
}

fn of_program(question: &Question<'_>, expected: &Expected<'_>, unit: &Unit, command: &Command, answers: &mut Answers) {
    let Command { program, setting, place, .. } = command;
    let Some(real) = &program.real else { return };
    let Some(writable) = question.file(real).and_then(|file| file.writable.as_ref()) else {
        return pass(expected, answers);
    };
    // A service that runs as a user may start what is that user's.
    let user = unit.user.as_ref().filter(|_| !command.is_privileged).map_or("root", Text::as_str);
    if is_own(writable, user) {
        return pass(expected, answers);
    }
    let words = if program.is_there {
        writable_words(real, writable)
    } else {
        text!("is not there, and {} may put it there: mode {} of `{}`", writable.by, octal(writable.mode), shown(real))
    };
    let path = shown(&program.path);
    let message =
        text!("`{}`, which `{}` starts as {} by {} in {}, {}", path, unit.name, user, *setting, place.shown(), words);
    let mend = text!("`chown root:root /{0}` and `chmod go-w /{0}`", writable.path);
    let draft = fail(expected, Question::subject_of_file(&program.path), message);
    let draft = draft.at(Some(Location::file(program.path.clone()))).with_related([place.location()]);
    answers.add(draft.help(mend).found(words));
}
