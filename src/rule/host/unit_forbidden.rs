//! `host/unit-forbidden`: a unit starts that should not.

use super::hardening::flag;
use super::question::{Question, at, fail, pass, shown, unread};
use super::running::{no_systemd, open_question, unit_named, unit_subject};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::kernel::{Argument, BootEntry};
use crate::host::systemd::Unit;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-forbidden",
    level: Level::Deny,
    summary: "a unit starts that should not",
    why: "it gives a shell without a login, or speaks a protocol without protection",
    help: "`systemctl disable --now UNIT`, and `systemctl mask UNIT` so that nothing starts it again",
    page: include_str!("unit_forbidden.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1188" }],
    judge: Judge::Host { family: "systemd", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.systemd.forbidden_enabled") else { return };
    let systemd = &question.host.systemd;
    if !systemd.is_there && systemd.units.is_empty() {
        return answers.add(no_systemd(&expected));
    }
    for name in expected.list() {
        let name = unit_named(&name);
        let unit = systemd.unit(&name).filter(|unit| unit.is_startable());
        let by_kernel = unit.and_then(|unit| argument(question, unit));
        let starter = unit.and_then(|unit| starter(question, unit));
        match (unit, by_kernel, starter) {
            (Some(unit), Some((argument, entry)), _) => {
                let message = text!(
                    "`{}` starts by itself: the argument `{}` of the boot entry `{}` starts it",
                    unit.name,
                    argument,
                    entry.name
                );
                let draft = fail(&expected, unit_subject(&Text::of(&name)), message);
                let mend = text!("take `{}` out of the arguments of the kernel", argument);
                answers.add(at(draft, &entry.place).help(mend).found(argument));
            }
            (Some(unit), None, Some(by)) => {
                let message = text!("`{}` starts by itself: {}", unit.name, by);
                let place = unit.wanted_by.first().or(unit.file.as_ref().map(|file| &file.path));
                let place = place.map(|path| Location::file(path.clone()));
                let mend = text!("`systemctl disable --now {0}` and `systemctl mask {0}`", unit.name);
                let draft = fail(&expected, unit_subject(&Text::of(&name)), message);
                answers.add(draft.at(place).help(mend).found(Text::trusted("enabled")));
            }
            (_, _, None) | (None, _, _) => match open_question(question, &name) {
                // A mask is known, whatever else could not be read.
                Some(gap) if systemd.unit(&name).is_none_or(|unit| unit.mask.is_none()) => {
                    answers.add(unread(&expected, unit_subject(&Text::of(&name)), gap));
                }
                _ => pass(&expected, answers),
            },
        }
    }
}

/// Returns the argument of a boot entry that starts a unit (`systemd-debug-generator(8)`), and the entry.
fn argument<'a>(question: &Question<'a>, unit: &Unit) -> Option<(Text, &'a BootEntry)> {
    let says_no = |value: &str| !value.is_empty() && flag(value) == Some(false);
    question.host.kernel.boot.entries.iter().find_map(|entry| {
        let shell = entry.arguments.last("systemd.debug_shell").filter(|argument| {
            unit.name.as_str() == "debug-shell.service"
                && !argument.value.as_ref().is_some_and(|value| says_no(value.as_str()))
        });
        let is_it = |argument: &&Argument| {
            argument.value.as_ref().is_some_and(|value| unit_named(value.as_str()) == unit.name.as_str())
        };
        let found = shell.or_else(|| entry.arguments.named("systemd.wants").find(is_it))?;
        Some((found.shown(), entry))
    })
}

/// Returns what starts a unit, in words.
fn starter(question: &Question<'_>, unit: &Unit) -> Option<Text> {
    let systemd = &question.host.systemd;
    if let Some(link) = unit.wanted_by.first() {
        return Some(text!("the link `{}` has it started", shown(link)));
    }
    if systemd.is_enabled(unit) {
        let by = unit.pulled_by.first();
        return Some(
            by.map_or_else(|| text!("a link to its other name wants it"), |by| text!("`{}` asks for it", *by)),
        );
    }
    // A socket, a timer or a path starts the service of its name.
    let stem = unit.name.as_str().strip_suffix(".service")?;
    let other = ["socket", "timer", "path"].iter().filter_map(|ending| systemd.unit(&format!("{stem}.{ending}")));
    other.filter(|other| other.is_startable() && systemd.is_enabled(other)).find_map(|other| {
        let file = other.file.as_ref()?;
        Some(text!("`{}` in `{}` starts it, and is enabled", other.name, shown(&file.path)))
    })
}
