//! `host/cron-writable`: others may write a crontab, or a program that it starts.

use std::collections::BTreeSet;

use super::question::{Question, fail, octal, pass, shown};
use super::running::{CRON_PLACES, is_below, is_own, unread_files, writable_words};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::persistence::{Crontab, CrontabKind, Job};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/cron-writable",
    level: Level::Deny,
    summary: "others may write a crontab, or a program that it starts",
    why: "whoever writes it has a command of their own run as another user at the next turn",
    help: "give it to root and take the right to write from others: `chown root:root FILE`, `chmod go-w FILE`",
    page: include_str!("cron_writable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: "persistence", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.persistence.cron_writable") else { return };
    let mut seen = BTreeSet::new();
    for crontab in &question.host.persistence.crontabs {
        of_crontab(question, &expected, crontab, answers);
        for job in &crontab.jobs {
            for program in job.programs.iter().filter(|program| seen.insert((&program.path, &job.user))) {
                of_program(question, &expected, crontab, job, program, answers);
            }
        }
    }
    let programs: BTreeSet<_> = question
        .host
        .persistence
        .crontabs
        .iter()
        .flat_map(|crontab| &crontab.jobs)
        .flat_map(|job| job.programs.iter().map(|program| &program.path))
        .collect();
    unread_files(
        question,
        "persistence",
        &expected,
        |path| is_below(path, &CRON_PLACES) || programs.contains(path),
        answers,
    );
}

fn of_crontab(question: &Question<'_>, expected: &Expected<'_>, crontab: &Crontab, answers: &mut Answers) {
    let Some(real) = &crontab.real else { return };
    let user = crontab.owner.as_ref().map_or("root", Text::as_str);
    let Some(writable) = question.file(real).and_then(|file| file.writable.as_ref()) else {
        return pass(expected, answers);
    };
    // The spool of at belongs to its daemon.
    let is_spool = crontab.kind == CrontabKind::Once && is_own(writable, "daemon");
    if is_own(writable, user) || is_spool {
        return pass(expected, answers);
    }
    let what = match crontab.kind {
        CrontabKind::System | CrontabKind::User => "the crontab",
        CrontabKind::Script => "the script, which runs at times,",
        CrontabKind::Once => "the job of at",
    };
    let words = writable_words(real, writable);
    let message = text!("{} `{}`, whose commands run as {}, {}", *what, shown(&crontab.path), user, words);
    let mend = text!("`chown root:root /{0}` and `chmod go-w /{0}`", writable.path);
    let draft = fail(expected, Question::subject_of_file(&crontab.path), message);
    answers.add(draft.at(Some(Location::file(crontab.path.clone()))).help(mend).found(words));
}

fn of_program(
    question: &Question<'_>,
    expected: &Expected<'_>,
    crontab: &Crontab,
    job: &Job,
    program: &crate::host::command::Program,
    answers: &mut Answers,
) {
    let Some(real) = &program.real else { return };
    let writable = question.file(real).and_then(|file| file.writable.as_ref());
    let Some(writable) = writable.filter(|writable| !is_own(writable, job.user.as_str())) else {
        return pass(expected, answers);
    };
    let words = if program.is_there {
        writable_words(real, writable)
    } else {
        text!("is not there, and {} may put it there: mode {} of `{}`", writable.by, octal(writable.mode), shown(real))
    };
    let path = shown(&program.path);
    let message = text!("`{}`, which a job of {} in {} starts, {}", path, job.user, job.place.shown(), words);
    let mend = text!("`chown root:root /{0}` and `chmod go-w /{0}`", writable.path);
    let draft = fail(expected, Question::subject_of_file(&program.path), message);
    let draft = draft.at(Some(Location::file(program.path.clone()))).with_related([job.place.location()]);
    answers.add(draft.help(mend).found(words).with("crontab", shown(&crontab.path)));
}
