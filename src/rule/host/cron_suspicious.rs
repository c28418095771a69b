//! `host/cron-suspicious`: a timed job does what implants do.

use std::collections::BTreeSet;

use super::question::{Question, at, fail, joined, pass, shown};
use super::running::{CRON_PLACES, is_below, unread_files};
use crate::finding::{Level, Reference};
use crate::host::command::Sign;
use crate::host::persistence::{Crontab, Job};
use crate::host::{Belongs, Contents};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/cron-suspicious",
    level: Level::Deny,
    summary: "a timed job does what implants do",
    why: "a job that fetches its code at each turn, or hides it, is how an intruder comes back",
    help: "find out who wrote the job, and what it ran; then remove it",
    page: include_str!("cron_suspicious.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Host { family: "persistence", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.persistence.cron") else { return };
    let named = |word: &String| Sign::NAMES.iter().find(|(name, _)| name == word).map(|(_, sign)| *sign);
    let wanted: BTreeSet<Sign> = expected.fact.pattern.iter().filter_map(named).collect();
    for crontab in &question.host.persistence.crontabs {
        let told: Vec<(&Job, Vec<Text>)> = crontab
            .jobs
            .iter()
            .map(|job| (job, job.signs.intersection(&wanted).map(|sign| Text::trusted(sign.words())).collect()))
            .filter(|(_, signs): &(&Job, Vec<Text>)| !signs.is_empty())
            .collect();
        let [(first, signs), rest @ ..] = told.as_slice() else {
            pass(&expected, answers);
            continue;
        };
        if is_as_packaged(question, crontab) {
            pass(&expected, answers);
            continue;
        }
        let message = text!("{}: a job of {} {}: `{}`", first.place.shown(), first.user, joined(signs), first.name);
        let draft = fail(&expected, Question::subject_of_file(&crontab.path), message);
        let mend = text!("find out who wrote {}, and what it ran; then remove the line", shown(&crontab.path));
        let related = rest.iter().map(|(job, _)| job.place.location());
        answers.add(at(draft, &first.place).with_related(related).help(mend).found(first.name.clone()));
    }
    let is_meant = |path: &crate::tree::TreePath| is_below(path, &CRON_PLACES);
    unread_files(question, "persistence", &expected, is_meant, answers);
}

/// Whether a package ships the table, and its contents are the package's.
fn is_as_packaged(question: &Question<'_>, crontab: &Crontab) -> bool {
    let file = crontab.real.as_ref().and_then(|real| question.file(real));
    file.is_some_and(|file| {
        matches!(file.belongs, Belongs::Package { .. }) && matches!(file.contents, Contents::AsPackaged)
    })
}
