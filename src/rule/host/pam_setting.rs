//! `host/pam-setting`: the check of logins lets in whom it should not.

use std::collections::BTreeMap;

use super::question::{Question, at, fail, joined, not_applicable, not_determined, pass, shown};
use super::unreadable::rests_on;
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::Belongs;
use crate::host::pam::{Pam, PamLine};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/pam-setting",
    level: Level::Deny,
    summary: "the check of logins lets in whom it should not",
    why: "one line in a stack of PAM opens every login that goes through it, and leaves no other trace",
    help: "remove the line or the argument from the file; `pam-auth-update` and `authselect` write it anew",
    page: include_str!("pam_setting.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-287" }],
    judge: Judge::Host { family: "pam", judge },
};

/// Judges each fact about stacks and modules.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let pam = &question.host.pam;
    for expected in question.facts() {
        for path in &pam.unread {
            answers.add(rests_on(question, &expected, Question::subject_of_file(path), path));
        }
        if !pam.is_there {
            if pam.unread.is_empty() {
                answers.add(no_pam(&expected));
            }
            continue;
        }
        match expected.fact.id.as_str() {
            "host.pam.nullok" => lines(&expected, pam, answers, |line| {
                let argument = line.arguments.iter().find(|word| word.as_str().starts_with("nullok"))?;
                let is_login = matches!(line.kind.as_str(), "auth" | "password") && is_module(line, "pam_unix.so");
                let words = text!("`{}` of {} accepts an empty password", *argument, line.module);
                is_login.then(|| (words, argument.clone()))
            }),
            "host.pam.permit" => lines(&expected, pam, answers, |line| {
                let is_open = line.kind.as_str() == "auth" && line.is_sufficient && is_module(line, "pam_permit.so");
                let words = text!("`{}` pam_permit.so lets everybody in, whatever the password", line.control);
                is_open.then(|| (words, text!("{} {}", line.control, line.module)))
            }),
            "host.pam.pam_exec" => lines(&expected, pam, answers, |line| {
                let command = joined(&line.arguments);
                let words = text!("pam_exec.so runs `{}` at each {}", command, line.kind);
                is_module(line, "pam_exec.so").then_some((words, command))
            }),
            "host.pam.unpackaged_module" => modules(question, &expected, pam, answers),
            _ => failures(&expected, pam, answers),
        }
    }
}

fn no_pam(expected: &Expected<'_>) -> Draft {
    let path = TreePath::new(b"etc/pam.d").unwrap_or_default();
    let reason = Text::trusted("there is no PAM: nothing stands in `/etc/pam.d`, `/usr/lib/pam.d` or `/etc/pam.conf`");
    not_applicable(expected, Question::subject_of_file(&path), reason)
}

fn is_module(line: &PamLine, name: &str) -> bool {
    line.module.as_str().rsplit('/').next() == Some(name)
}

/// Fails once for each file with a line of which something is told.
fn lines(expected: &Expected<'_>, pam: &Pam, answers: &mut Answers, tell: impl Fn(&PamLine) -> Option<(Text, Text)>) {
    let mut told: BTreeMap<&TreePath, Draft> = BTreeMap::new();
    for line in &pam.lines {
        let Some((words, found)) = tell(line) else {
            pass(expected, answers);
            continue;
        };
        told.entry(&line.place.path).or_insert_with(|| {
            let message = text!("{} in {}", words, line.place.shown());
            at(fail(expected, Question::subject_of_file(&line.place.path), message).found(found), &line.place)
        });
    }
    told.into_values().for_each(|draft| answers.add(draft));
}

/// Judges whether each module is of a package.
fn modules(question: &Question<'_>, expected: &Expected<'_>, pam: &Pam, answers: &mut Answers) {
    let mut first: BTreeMap<&Text, &PamLine> = BTreeMap::new();
    for line in &pam.lines {
        first.entry(&line.module).or_insert(line);
    }
    let mut unknown: Vec<&TreePath> = Vec::new();
    for (module, real) in pam.modules.iter().flat_map(|(module, files)| files.iter().map(move |real| (module, real))) {
        let (Some(file), Some(line)) = (question.file(real), first.get(module)) else { continue };
        let subject = Question::subject_of_file(real);
        let draft = match &file.belongs {
            Belongs::Package { .. } => {
                pass(expected, answers);
                continue;
            }
            Belongs::Nobody { .. } => {
                let message = text!(
                    "the module `{}`, which {} runs, is of no package: it sees every password",
                    shown(real),
                    line.place.shown()
                );
                let help = match question.host.system.as_ref().map(|system| &*system.id) {
                    Some("debian" | "ubuntu") => text!(
                        "ask `dpkg -S {}`, and remove the line and the file if nobody put them there",
                        shown(real)
                    ),
                    Some("alpine") => text!(
                        "ask `apk info -W {}`, and remove the line and the file if nobody put them there",
                        shown(real)
                    ),
                    _ => text!(
                        "ask `rpm -qf {}`, and remove the line and the file if nobody put them there",
                        shown(real)
                    ),
                };
                fail(expected, subject, message).help(help).found(Text::trusted("no package"))
            }
            Belongs::Unknown | Belongs::Unasked => {
                unknown.push(real);
                continue;
            }
        };
        answers.add(draft.at(Some(Location::file(real.clone()))).with_related([line.place.location()]));
    }
    if question.has_no_packages() {
        answers.add(Question::without_packages(expected, Question::subject_of_fact(expected)));
    } else if let Some(first) = unknown.first() {
        let message = text!(
            "no database of packages tells whose the {} modules are, the first of which is `{}`",
            unknown.len(),
            shown(first)
        );
        let folder = TreePath::new(b"etc/pam.d").unwrap_or_default();
        answers.add(not_determined(expected, Question::subject_of_file(&folder), message));
    } else {
        pass(expected, answers);
    }
}

/// Judges how many failures lock an account.
fn failures(expected: &Expected<'_>, pam: &Pam, answers: &mut Answers) {
    let subject = Subject::new("setting", Text::trusted("pam_faillock"));
    let line = pam.lines.iter().find(|line| {
        line.kind.as_str() == "auth" && (is_module(line, "pam_faillock.so") || is_module(line, "pam_tally2.so"))
    });
    let Some(line) = line else {
        if pam.unread.is_empty() {
            let message = text!(
                "no stack runs pam_faillock.so: passwords may be guessed without end, expected {}",
                expected.words()
            );
            answers.add(fail(expected, subject, message).found(Text::trusted("nothing")));
        }
        return;
    };
    let argument = line.arguments.iter().find_map(|word| word.as_str().strip_prefix("deny="));
    let (value, place) = match (argument, &pam.failures) {
        (Some(value), _) => (text!("{}", *value), &line.place),
        (None, Some((deny, place))) => (text!("{}", *deny), place),
        // The default of faillock.conf(5).
        (None, None) => (Text::trusted("3"), &line.place),
    };
    if expected.accepts(value.as_str()) == Some(true) {
        return pass(expected, answers);
    }
    let message = text!("{} lets {} passwords be guessed: expected {}", place.shown(), value, expected.words());
    answers.add(at(fail(expected, subject, message).found(value), place));
}
