//! `host/log-gap`: a log has a hole, was cut off or was overwritten.

use std::collections::BTreeSet;

use super::live;
use super::question::{Question, at, fail, not_applicable, not_determined, pass, unread};
use super::unseen::subject;
use crate::finding::{Level, Reference};
use crate::host::Place;
use crate::host::running::logging::{Log, Logging, Logins};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/log-gap",
    level: Level::Deny,
    summary: "a log has a hole, was cut off or was overwritten",
    why: "the last step of a break-in is to take the ones before it out of the logs",
    help: "keep the file as it is, compare it with the copy on the log host, and let logs go there as they are written",
    page: include_str!("log_gap.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-778" }],
    judge: Judge::Host { family: crate::host::running::logging::ID, judge },
};

/// Fails for each log in which something is missing, once a kind of what is.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let told = &running.logging;
    for (id, is_of_logins) in [("host.evidence.log_gaps", false), ("host.evidence.login_records", true)] {
        let Some(expected) = question.fact(id) else { continue };
        let is_asked = |path: &&TreePath| is_login(path) == is_of_logins;
        for path in told.unread.iter().filter(is_asked) {
            let subject = Question::subject_of_file(path);
            match question.host.gap_at(path) {
                Some(gap) => answers.add(unread(&expected, subject, gap)),
                None => answers.add(not_determined(&expected, subject, text!("`/{}` could not be read", *path))),
            }
        }
        let mut faulty = BTreeSet::new();
        if is_of_logins {
            for log in &told.logins {
                faulty.insert(&log.path);
                logins(&expected, log, answers);
            }
        } else {
            for log in &told.logs {
                faulty.insert(&log.path);
                lines(&expected, log, answers);
            }
        }
        for _ in told.looked.iter().filter(is_asked).filter(|path| !faulty.contains(path)) {
            pass(&expected, answers);
        }
        if !told.looked.iter().chain(&told.unread).any(|path| is_asked(&path)) {
            let reason = text!("none of these is there: {}", Logging::sought(is_of_logins));
            answers.add(not_applicable(&expected, subject(&expected), reason));
        }
    }
}

fn is_login(path: &TreePath) -> bool {
    matches!(path.file_name(), b"wtmp" | b"btmp" | b"lastlog")
}

fn lines(expected: &Expected<'_>, log: &Log, answers: &mut Answers) {
    let about = |message: Text, line: Option<u32>, kind: &'static str| {
        let place = Place { path: log.path.clone(), line };
        at(fail(expected, Question::subject_of_file(&log.path), message), &place).fact(kind)
    };
    if log.told.zeroes > 0 {
        let found = text!("{} runs of zero bytes", log.told.zeroes);
        let message = text!("`/{}` holds {}, where lines should be", log.path, found);
        answers.add(about(message, log.told.zeroes_line, "zeroes").found(found));
    }
    for (leaps, kind) in [(&log.told.back, "back"), (&log.told.silences, "silence")] {
        let Some(first) = leaps.first() else { continue };
        let more = match leaps.len() {
            1 => Text::default(),
            count => text!(", and {} times more", count - 1),
        };
        let message = match kind {
            "back" => text!("the times in `/{}` go back from {} to {}{}", log.path, first.from, first.to, more),
            _ => text!(
                "`/{}`, which is written all day, is silent from {} to {}{}, and neither a start nor sleep explains it",
                log.path,
                first.from,
                first.to,
                more
            ),
        };
        answers.add(about(message, first.line, kind).found(text!("{} to {}", first.from, first.to)));
    }
    if let Some(before) = &log.emptied_after {
        let message = text!(
            "`/{}` is empty; `/{}` before it is not, and other logs have gone on for more than a day since",
            log.path,
            *before
        );
        answers.add(about(message, None, "emptied").found(Text::trusted("empty")));
    }
}

fn logins(expected: &Expected<'_>, log: &Logins, answers: &mut Answers) {
    let records = &log.records;
    let told = [
        (records.zeroed, "records of zeroes between others", "zeroed"),
        (records.back, "records that are earlier than the one before, though nobody set the clock", "back"),
        (records.timeless, "records with a name and without a time", "timeless"),
        (records.rest, "bytes at its end that are no whole record", "rest"),
    ];
    let counted = told.into_iter().filter(|(count, ..)| *count > 0);
    let counted = counted.map(|(count, what, kind)| (text!("{} {}", count, what), kind));
    let emptied = log.is_emptied.then(|| (Text::trusted("nothing, though the system noted its start"), "emptied"));
    for (found, kind) in counted.chain(emptied) {
        let message = text!("`/{}` holds {}", log.path, found);
        let place = Place::file(&log.path);
        let draft = at(fail(expected, Question::subject_of_file(&log.path), message), &place);
        answers.add(draft.found(found).fact(kind));
    }
}
