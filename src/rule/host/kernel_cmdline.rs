//! `host/kernel-cmdline`: a boot entry takes a protection away, or does not ask for one.

use std::collections::BTreeMap;

use super::boot::{Fault, Mend, judge as judge_entries};
use super::question::{Question, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::kernel::BootEntry;
use crate::policy::host::{Expected, Operator};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/kernel-cmdline",
    level: Level::Deny,
    summary: "a boot entry gives the kernel an argument that weakens it, or lacks one that it needs",
    why: "what the kernel is started with holds before any other setting is read",
    help: "change the arguments of the kernel where the boot loader's entries are made of, and make them anew",
    page: include_str!("kernel_cmdline.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "kernel", judge },
};

/// Judges every boot entry by each fact: arguments that must not be there, and the value of those that must.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    for expected in question.facts() {
        match &expected.fact.key {
            Some(name) => setting(question, &expected, name, answers),
            None => {
                let mut names: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
                for argument in expected.list() {
                    let (name, value) = match argument.split_once('=') {
                        Some((name, value)) => (name, Some(value.to_owned())),
                        None => (argument.as_str(), None),
                    };
                    names.entry(name.to_owned()).or_default().push(value);
                }
                for (name, values) in names {
                    forbidden(question, &expected, &name, &values, answers);
                }
            }
        }
    }
}

/// An argument that must not be there, compared whole: at all, or with one of these values.
fn forbidden(
    question: &Question<'_>,
    expected: &Expected<'_>,
    name: &str,
    values: &[Option<String>],
    answers: &mut Answers,
) {
    let mend = Mend { remove: name, add: "" };
    judge_entries(question, expected, subject(name), &mend, answers, |entry| {
        let last = entry.arguments.last(name)?;
        let found = last.value.as_ref().map(Text::as_str);
        let is_it = values.iter().any(|value| match value {
            Some(value) => found == Some(value),
            // A word that says no takes it back.
            None => !found.is_some_and(|found| ["0", "n", "no", "off", "false"].contains(&found)),
        });
        // Debian has an entry for recovery that asks for root's password.
        let at_most = (entry.is_for_recovery && name == "single").then_some(Level::Warn);
        is_it.then(|| Fault { found: Some(last.shown()), effect: text!("{}", expected.fact.why), at_most, built: None })
    });
}

/// An argument that must have a value, or be there at all.
fn setting(question: &Question<'_>, expected: &Expected<'_>, name: &str, answers: &mut Answers) {
    let wanted = expected.list().into_iter().next().unwrap_or_default();
    let is_flag = expected.operator() == Operator::Own;
    let add = match expected.operator() {
        Operator::NoneOf => String::new(),
        Operator::Own => name.to_owned(),
        _ => format!("{name}={wanted}"),
    };
    let absent = Absent::of(question, expected);
    if absent == Absent::BuiltIn
        && question.host.kernel.boot.entries.iter().all(|entry| entry.arguments.last(name).is_none())
    {
        return pass(expected, answers);
    }
    let remove = question.host.kernel.boot.entries.iter().find_map(|entry| entry.arguments.last(name));
    let remove = remove.map(|argument| argument.shown().to_string()).unwrap_or_default();
    let mend = Mend { remove: &remove, add: &add };
    let why = |found: &str| {
        let words = if is_flag { String::from("to be there") } else { expected.words() };
        text!("{}, expected {}; {}", *found, words, expected.fact.why)
    };
    judge_entries(question, expected, subject(name), &mend, answers, |entry: &BootEntry| {
        let Some(argument) = entry.arguments.last(name) else {
            let effect = why("the argument is missing");
            return (absent == Absent::Fault).then_some(Fault { found: None, effect, at_most: None, built: None });
        };
        let value = argument.value.as_ref().map(Text::as_str).unwrap_or_default();
        let is_good = is_flag || expected.accepts(value) == Some(true);
        let effect = why("the last of its name counts");
        (!is_good).then(|| Fault { found: Some(argument.shown()), effect, at_most: None, built: None })
    });
}

/// What it means that an argument is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// Nothing.
    Fine,
    /// The kernel was built to behave so.
    BuiltIn,
    /// A fault.
    Fault,
}

impl Absent {
    /// Reads `pass`, `fail`, or `kconfig:OPTION=y->pass`: what holds where every kernel was built so.
    fn of(question: &Question<'_>, expected: &Expected<'_>) -> Self {
        let told = expected.fact.absent.as_deref().unwrap_or("fail");
        if told == "pass" {
            return Self::Fine;
        }
        let built = told
            .strip_prefix("kconfig:")
            .and_then(|rest| rest.split_once("->"))
            .and_then(|(built, _)| built.split_once('='));
        let Some((option, value)) = built else { return Self::Fault };
        let kernel = &question.host.kernel;
        let is_known = !kernel.configs.is_empty() && kernel.unread_configs.is_empty();
        let is_so = kernel.configs.iter().all(|config| config.value(option).unwrap_or("n") == value);
        if is_known && is_so { Self::BuiltIn } else { Self::Fault }
    }
}

fn subject(name: &str) -> Subject {
    Subject::new("kernel argument", text!("{}", *name))
}
