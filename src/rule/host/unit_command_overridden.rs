//! `host/unit-command-overridden`: a packaged unit starts another program than its package says.

use std::collections::BTreeSet;

use super::question::{Question, at, fail, joined, not_determined, pass, shown, unread};
use super::running::{gap_at, is_nobodys, is_packaged, unit_subject};
use crate::finding::{Level, Reference};
use crate::host::systemd::{Command, Unit};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-command-overridden",
    level: Level::Deny,
    summary: "a packaged unit starts another program than its package says",
    why: "the package still verifies, and the service runs something else",
    help: "remove the drop-in, or the unit that stands in the place of the packaged one: `systemctl revert UNIT`",
    page: include_str!("unit_command_overridden.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Host { family: "systemd", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact_of_packages("host.systemd.command_overridden", answers) else { return };
    let in_force = |unit: &&Unit| unit.mask.is_none() && unit.alias_of.is_none();
    for unit in question.host.systemd.units.iter().filter(in_force) {
        let files = unit.file.iter().map(|file| &file.path);
        let paths = files.chain(unit.drop_ins.iter().map(|drop_in| &drop_in.path));
        if let Some(gap) = paths.into_iter().find_map(|path| gap_at(question, "systemd", path)) {
            answers.add(unread(&expected, unit_subject(&unit.name), gap));
            continue;
        }
        of_unit(question, &expected, unit, answers);
    }
}

fn of_unit(question: &Question<'_>, expected: &Expected<'_>, unit: &Unit, answers: &mut Answers) {
    let files = unit.file.iter().chain(&unit.hidden);
    let drop_ins = unit.drop_ins.iter().filter_map(|one| Some((&one.path, one.real.as_ref()?)));
    let all = files.map(|file| (&file.path, &file.real)).chain(drop_ins);
    let packaged: BTreeSet<&TreePath> =
        all.filter(|(path, real)| is_packaged(question, path, real)).map(|(path, _)| path).collect();
    let has_base = unit.file.iter().chain(&unit.hidden).any(|file| packaged.contains(&file.path));
    if !has_base {
        return pass(expected, answers);
    }
    let (theirs, others): (Vec<&Command>, Vec<&Command>) =
        unit.commands.iter().partition(|command| packaged.contains(&command.place.path));
    let known: BTreeSet<&TreePath> = theirs
        .iter()
        .flat_map(|command| [Some(&command.program.path), command.program.real.as_ref()])
        .flatten()
        .collect();
    let is_new = |command: &&&Command| {
        let is_known = command.program.real.as_ref().is_some_and(|real| known.contains(real));
        command.replaced_by.is_none() && !is_known && !known.contains(&command.program.path)
    };
    let replaced: Vec<Text> = theirs
        .iter()
        .filter(|command| command.setting.as_str() == "ExecStart" && command.is_main)
        .map(|command| text!("`{}`", shown(&command.program.path)))
        .collect();
    let mut is_as_expected = true;
    for command in others.iter().filter(is_new) {
        let owned = command.program.real.as_ref().filter(|_| command.program.is_there);
        let is_nobodys = owned.map_or(Some(true), |real| question.file(real).and_then(is_nobodys));
        let is_start = command.setting.as_str() == "ExecStart" && command.is_main && !replaced.is_empty();
        let (program, place) = (shown(&command.program.path), command.place.shown());
        match is_nobodys {
            _ if is_start => {
                let message = text!(
                    "`{}` starts `{}` instead of {}: {} replaces the command of the package",
                    unit.name,
                    program,
                    joined(&replaced),
                    place
                );
                let draft = at(fail(expected, unit_subject(&unit.name), message), &command.place);
                let mend = text!("take {} back, or name `{}` under `allow`; `systemctl revert {1}`", place, unit.name);
                answers.add(draft.help(mend).found(program).was(joined(&replaced)));
                return;
            }
            Some(true) => {
                let message = text!(
                    "`{}` also starts `{}`, which no package owns, by {} in {}",
                    unit.name,
                    program,
                    command.setting,
                    place
                );
                answers.add(at(fail(expected, unit_subject(&unit.name), message), &command.place).found(program));
                return;
            }
            Some(false) => {}
            None => {
                is_as_expected = false;
                let message = text!(
                    "`{}` also starts `{}`, by {} in {}: no database tells whether a package owns that",
                    unit.name,
                    program,
                    command.setting,
                    place
                );
                answers.add(at(not_determined(expected, unit_subject(&unit.name), message), &command.place));
                break;
            }
        }
    }
    if is_as_expected {
        pass(expected, answers);
    }
}
