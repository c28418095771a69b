//! `host/selinux-enforcing`: the next boot leaves SELinux permissive or without a policy.

use super::question::{Question, at, fail, pass};
use super::selinux_words::{CONFIG, answered};
use crate::finding::{Level, Reference, Subject};
use crate::host::mac::selinux::{ConfigLine, Mode};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/selinux-enforcing",
    level: Level::Deny,
    summary: "the configuration of SELinux does not enforce its policy",
    why: "a policy that is not enforced logs what it should have refused",
    help: "set `SELINUX=enforcing` in /etc/selinux/config, at the start of a line and before any other such line",
    page: include_str!("selinux_enforcing.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "mac", judge },
};

/// Fails where the first line that libselinux understands asks for another mode, or none does.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.selinux.config") else { return };
    let subject = Subject::new("setting", Text::trusted("SELINUX"));
    if answered(question, &expected, &subject, answers) {
        return;
    }
    let Some(config) = &question.host.mac.selinux.config else {
        let message = text!("a policy of SELinux is installed and there is no /{}: SELinux is permissive", *CONFIG);
        return answers.add(fail(&expected, subject, message));
    };
    if config.mode == Some(Mode::Enforcing) {
        return pass(&expected, answers);
    }
    let message = match (config.mode, &config.line) {
        (Some(mode), Some(line)) => text!(
            "the next boot leaves SELinux {}: `SELINUX={}` in {} is the first line that libselinux understands",
            *mode.name(),
            line.text,
            line.place.shown()
        ),
        (_, Some(line)) => text!(
            "the next boot leaves SELinux permissive: `SELINUX={}` in {} is no mode that libselinux understands",
            line.text,
            line.place.shown()
        ),
        (_, None) => text!(
            "the next boot leaves SELinux permissive: no line of /{} begins with `SELINUX=`, without a blank before either{}",
            config.path,
            config.meant.as_ref().map_or_else(Text::default, passed_over)
        ),
    };
    let line = config.line.as_ref().or(config.meant.as_ref());
    let place = line.map_or_else(|| crate::host::Place::file(&config.path), |line| line.place.clone());
    let found = config.mode.map_or("permissive", Mode::name);
    answers.add(at(fail(&expected, subject, message), &place).found(Text::trusted(found)));
}

/// Says that a line was passed over that looks as if it was meant.
fn passed_over(meant: &ConfigLine) -> Text {
    text!("; `{}` in {} is passed over", meant.text, meant.place.shown())
}
