//! `host/sysctl-drift`: a kernel setting in force is another than the one that files set.

use std::collections::BTreeSet;

use super::live;
use super::question::{Question, at, fail, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::running::Known;
use crate::host::running::sysctl::{ID, Values};
use crate::host::sysctl::{Effective, dotted, normal};
use crate::policy::host::{Expected, number};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/sysctl-drift",
    level: Level::Deny,
    summary: "a kernel setting in force is another than the one that files set",
    why: "either somebody changed it by hand or the next boot takes it away, and who reads the files believes what is \
           not so",
    help: "apply the files (`sysctl --system`), or write what is in force into a file of `/etc/sysctl.d`; find out \
           who changed it",
    page: include_str!("sysctl_drift.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-665" }],
    judge: Judge::Host { family: ID, judge },
};

/// Compares each key that files set with what is in force.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        compare(question, &running.sysctl, &expected, answers);
    }
}

fn compare(question: &Question<'_>, values: &Values, expected: &Expected<'_>, answers: &mut Answers) {
    let sysctl = &question.host.sysctl;
    let whole = Question::subject_of_fact(expected);
    if let Some(place) = &sysctl.is_off {
        let reason = text!("no file sets anything: {} masks systemd-sysctl.service", place.shown());
        return answers.add(at(not_applicable(expected, whole, reason), place));
    }
    if !values.is_shown() {
        let message = text!("what is in force is not known: /proc/sys shows no setting");
        return answers.add(not_determined(expected, whole, message));
    }
    for unread in &sysctl.unread {
        let subject = Subject::new("file", text!("/{}", unread.path));
        let message =
            text!("what the next boot sets is not known: `/{}` could not be read, found {}", unread.path, unread.found);
        answers.add(not_determined(expected, subject, message));
    }
    // Keys that lines name, and those in force that a pattern may mean.
    let named = sysctl.settings.keys().map(|key| key.as_str().to_owned());
    let met = values.values.keys().chain(values.unknown.keys()).map(|key| normal(key.as_str()));
    let keys: BTreeSet<String> = match sysctl.patterns.is_empty() {
        true => named.collect(),
        false => named.chain(met).collect(),
    };
    let mut shared = None;
    for key in keys {
        let Effective::Set { value, place, .. } = sysctl.effective(&key) else { continue };
        let key = dotted(&key);
        if values.is_of_host(&key) {
            shared = shared.or(Some(key));
            continue;
        }
        one(values, expected, &key, value, place, answers);
    }
    if let Some(key) = shared {
        let reason = text!("`{}` and others are the host's: the files of a container do not set them", key);
        answers.add(not_applicable(expected, whole, reason));
    }
}

fn one(values: &Values, expected: &Expected<'_>, key: &str, set: &Text, place: &Place, answers: &mut Answers) {
    let subject = Subject::new("key", text!("{}", *key));
    match values.get(key) {
        Known::Is(found) if is_same(set.as_str(), found.as_str()) => pass(expected, answers),
        Known::Is(found) => {
            let message = text!("`{}` is `{}` now, and {} sets it to `{}`", *key, *found, place.shown(), *set);
            let help = text!(
                "find out who changed it; then run `sysctl -w {}={}`, or write `{} = {}` into a file that is read last",
                *key,
                *set,
                *key,
                *found
            );
            let draft = fail(expected, subject, message).found(found.clone()).with("persisted", set.clone());
            answers.add(at(draft, place).help(help));
        }
        Known::Unknown(reason) => {
            let message = text!("whether `{}` is what {} sets is not known: {}", *key, place.shown(), reason);
            answers.add(at(not_determined(expected, subject, message), place));
        }
        // A module that is not loaded yet brings the key, or the key may only be written.
        Known::Absent => {
            let reason = text!("{} sets `{}`, of which the running kernel shows nothing", place.shown(), *key);
            answers.add(at(not_applicable(expected, subject, reason), place));
        }
    }
}

/// Whether what a file sets gives what is in force: numbers as the kernel reads them, as many as it has, all else to the
/// letter.
fn is_same(set: &str, found: &str) -> bool {
    // Tabs were made visible when the file was read.
    let set = &*set.replace("\\t", " ");
    let numbers = |text: &str| -> Option<Vec<i64>> { text.split_ascii_whitespace().map(number).collect() };
    let Some(found_numbers) = numbers(found).filter(|found| !found.is_empty()) else {
        return set.trim() == found.trim();
    };
    let words: Vec<&str> = set.split_ascii_whitespace().collect();
    let set_numbers: Option<Vec<i64>> = words.iter().take(found_numbers.len()).copied().map(number).collect();
    set.trim() == found.trim() || set_numbers.is_some_and(|set| !set.is_empty() && found_numbers.starts_with(&set))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_in_other_spellings() {
        let check = |set: &str, found: &str, expected: bool| assert_eq!(is_same(set, found), expected, "{set} {found}");
        check("1", "1", true);
        check("0x1", "1", true);
        check("1 # text", "1", true);
        check("2", "1", false);
        check("4 4 1 7", "4 4 1 7", true);
        check("4\t4  1 7", "4 4 1 7", true);
        // Fewer numbers leave the others as they are.
        check("4\\t4\\t1\\t7", "4 4 1 7", true);
        check("4", "4 4 1 7", true);
        check("3", "4 4 1 7", false);
        check("core", "core", true);
        check("core", "core.%p", false);
        check("", "1", false);
        check("x", "1", false);
        check("18446744073709551615", "18446744073709551615", true);
        check("32768 60999", "32768 60999", true);
    }
}
