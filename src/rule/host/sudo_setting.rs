//! `host/sudo-setting`: sudo is set more loosely than it should be.

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Question, at, fail, octal, pass};
use super::sudo_nopasswd::{each_fact, scope};
use crate::finding::{Level, Reference, Subject};
use crate::host::accounts::sudo::{DefaultLine, Grant, Sudo};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/sudo-setting",
    level: Level::Deny,
    summary: "sudo is set more loosely than it should be",
    why: "what sudo grants too widely, or does not log, is how one account becomes all of them",
    help: "mend the statement with `visudo -f FILE`, which checks it before it counts",
    page: include_str!("sudo_setting.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-269" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Judges each fact about settings and grants of sudo.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    each_fact(question, answers, |expected, sudo, answers| match expected.fact.id.as_str() {
        "host.sudoers.all_all" => everything(expected, sudo, answers),
        "host.sudoers.writable_command" => commands(question, expected, sudo, answers),
        "host.sudoers.timestamp" => timestamp(expected, sudo, answers),
        _ => switch(expected, sudo, answers),
    });
}

/// The last setting of a name in each scope.
fn last<'a>(sudo: &'a Sudo, name: &str) -> BTreeMap<&'a str, &'a DefaultLine> {
    let of_name = sudo.defaults.iter().filter(|line| line.name.as_str() == name);
    of_name.map(|line| (line.scope.as_str(), line)).collect()
}

/// Judges a setting that must be on for everybody.
fn switch(expected: &Expected<'_>, sudo: &Sudo, answers: &mut Answers) {
    let name = expected.fact.key.as_deref().unwrap_or_default();
    let subject = Subject::new("setting", text!("{}", *name));
    let lines = last(sudo, name);
    if let Some(off) = lines.values().find(|line| line.is_off) {
        let message = text!("`!{}` in {} switches it off for {}", *name, off.place.shown(), scope(&off.scope));
        answers.add(at(fail(expected, subject, message).found(text!("!{}", *name)), &off.place));
    } else if lines.contains_key("") || (name == "use_pty" && uses_pty(sudo)) {
        pass(expected, answers);
    } else if sudo.unread.is_empty() {
        let file = sudo.file.clone().unwrap_or_default();
        let message = text!("no `Defaults {}` stands in /{} or what it includes", *name, file);
        let value = if name == "logfile" { "logfile=/var/log/sudo.log" } else { name };
        let help = text!("add `Defaults {}` with `visudo`", *value);
        let draft = fail(expected, subject, message).found(Text::trusted("nothing")).help(help);
        answers.add(draft.at(Some(crate::fact::Location::file(file))));
    }
}

/// Whether sudo runs commands in a terminal of their own by itself: since 1.9.14.
fn uses_pty(sudo: &Sudo) -> bool {
    sudo.version.as_ref().is_some_and(|version| is_new(version.as_str()))
}

fn is_new(version: &str) -> bool {
    let mut numbers = version.split(|character: char| !character.is_ascii_digit()).map(str::parse::<u32>);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
    (next(), next(), next()) >= (1, 9, 14)
}

/// Judges how long a password once given counts.
fn timestamp(expected: &Expected<'_>, sudo: &Sudo, answers: &mut Answers) {
    let most = expected.list().first().and_then(|most| most.parse::<f64>().ok()).unwrap_or(15.0);
    let mut is_clean = true;
    for line in last(sudo, "timestamp_timeout").into_values() {
        let value = line.value.clone().unwrap_or_default();
        let minutes = value.as_str().parse::<f64>().ok();
        // Switched off is 0.
        if line.is_off || minutes.is_some_and(|minutes| minutes >= 0.0 && minutes <= most) {
            continue;
        }
        is_clean = false;
        let what = if minutes.is_some_and(|minutes| minutes < 0.0) { "for ever" } else { "that many minutes" };
        let message = text!(
            "`timestamp_timeout={}` in {} lets a password once given count {} for {}: expected {}",
            value,
            line.place.shown(),
            *what,
            scope(&line.scope),
            expected.words()
        );
        let draft = fail(expected, Subject::new("setting", Text::trusted("timestamp_timeout")), message).found(value);
        answers.add(at(draft, &line.place));
    }
    if is_clean {
        pass(expected, answers);
    }
}

/// Judges grants of every command as root.
fn everything(expected: &Expected<'_>, sudo: &Sudo, answers: &mut Answers) {
    let may = expected.list();
    let mut first: BTreeMap<&Text, &Grant> = BTreeMap::new();
    for grant in &sudo.grants {
        let is_whole = grant.is_all && grant.as_root && !grant.is_denied && !grant.is_root;
        if is_whole && !may.iter().any(|name| *name == grant.user.as_str()) {
            first.entry(&grant.user).or_insert(grant);
        } else {
            pass(expected, answers);
        }
    }
    for (name, grant) in first {
        let message = text!("`{}` may run every command as {}, by {}", *name, grant.run_as, grant.place.shown());
        let help = text!("name the commands that it needs, or let the rule's `allow` list name `{}`", *name);
        let draft = fail(expected, Subject::new("principal", name.clone()), message).help(help);
        answers.add(at(draft.found(grant.command.clone()), &grant.place));
    }
}

/// Judges programs that others may write, and programs that run another by their own means.
fn commands(question: &Question<'_>, expected: &Expected<'_>, sudo: &Sudo, answers: &mut Answers) {
    let escapes = expected.list();
    let mut told: BTreeSet<&Text> = BTreeSet::new();
    for grant in sudo.grants.iter().filter(|grant| grant.as_root && !grant.is_denied && !grant.is_root) {
        for program in grant.programs.iter().take(1_000) {
            let writable = sudo.programs.get(program).and_then(|real| question.file(real)?.writable.as_ref());
            let name = program.as_str().rsplit('/').next().unwrap_or_default();
            let message = if let Some(writable) = writable {
                text!(
                    "`{}` may run {} as {} ({}), and {} may write it: /{} has the mode {}",
                    grant.user,
                    *program,
                    grant.run_as,
                    grant.place.shown(),
                    writable.by,
                    writable.path,
                    octal(writable.mode)
                )
            } else if escapes.iter().any(|escape| escape == name) {
                text!(
                    "`{}` may run {} as {} ({}), which starts any other program when asked",
                    grant.user,
                    *program,
                    grant.run_as,
                    grant.place.shown()
                )
            } else {
                pass(expected, answers);
                continue;
            };
            if told.insert(program) {
                let help =
                    text!("give {} and its folders to root alone, or grant a command that does one thing", *program);
                let draft = fail(expected, Subject::new("file", program.clone()), message).help(help);
                answers.add(at(draft.found(program.clone()), &grant.place));
            }
        }
    }
    pass(expected, answers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_of_its_own_is_the_default_since_a_version() {
        let check = |version: &str, expected: bool| assert_eq!(is_new(version), expected, "{version}");
        check("1.9.15p5-3ubuntu5", true);
        check("1.9.14_p1-r0", true);
        check("1.9.13p3-1+deb12u1", false);
        check("1.10", true);
        check("new", false);
    }
}
