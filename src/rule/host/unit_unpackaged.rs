//! `host/unit-unpackaged`: no package owns a unit.

use super::question::{Question, fail, not_determined, pass, shown};
use super::running::{gap_at, is_nobodys, owner_query, unit_subject};
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::systemd::{Unit, UnitFile};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/unit-unpackaged",
    level: Level::Deny,
    summary: "no package owns a unit",
    why: "what starts by itself and came with no package was put there by somebody",
    help: "find out who put it there; name it under `allow` where it is meant",
    page: include_str!("unit_unpackaged.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Host { family: "systemd", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact_of_packages("host.systemd.unpackaged_unit", answers) else { return };
    let mut unknown = 0_usize;
    for (unit, file) in own_units(question) {
        match question.file(&file.real).and_then(is_nobodys) {
            Some(false) => pass(&expected, answers),
            Some(true) => {
                let when = if question.host.systemd.is_enabled(unit) { "starts by itself" } else { "is there" };
                let message = text!("`{}` {}, and no package owns `{}`", unit.name, *when, shown(&file.path));
                let draft = fail(&expected, unit_subject(&unit.name), message);
                let mend = text!(
                    "`{} {}` tells who owns it; name `{}` under `allow` of the rule where it is meant",
                    *owner_query(question),
                    shown(&file.path),
                    unit.name
                );
                answers.add(draft.at(Some(Location::file(file.path.clone()))).help(mend).found(shown(&file.path)));
            }
            None => unknown += 1,
        }
    }
    if unknown > 0 {
        let message = text!("no database of packages tells which package owns {} units", unknown);
        answers.add(not_determined(&expected, Subject::new("unit", Text::trusted("units")), message));
    }
}

/// Returns the units that stand in files of their own, and are no work of the running system.
fn own_units<'a>(question: &Question<'a>) -> impl Iterator<Item = (&'a Unit, &'a UnitFile)> + use<'a> {
    let question = *question;
    let units = question.host.systemd.units.iter().filter(|unit| unit.mask.is_none() && unit.alias_of.is_none());
    units.filter_map(|unit| Some((unit, unit.file.as_ref()?))).filter(move |(_, file)| {
        let is_generated = file.path.as_bytes().starts_with(b"run/");
        !is_generated && gap_at(&question, "systemd", &file.path).is_none()
    })
}
