//! `host/process-name`: a process bears the name of another.

use super::live;
use super::question::{Question, fail, pass};
use super::unseen::unseen;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/process-name",
    level: Level::Deny,
    summary: "a process bears the name of another",
    why: "who looks at the list of processes passes over what is called like a thread of the kernel or a part of systemd",
    help: "find out what it is: `ls -l /proc/PID/exe`, `cat /proc/PID/cgroup`; keep a copy of the program before you \
           end it",
    page: include_str!("process_name.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-451" }],
    judge: Judge::Host { family: crate::host::running::process::ID, judge },
};

/// Fails for each program that bears the name of a thread of the kernel or of a part of systemd, and is none.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let Some(expected) = question.fact("host.process.name_mimic") else { return };
    let told = &running.process;
    let mut is_one = false;
    for program in told.programs.iter().filter(|program| !program.poses_as.is_none()) {
        is_one = true;
        let found = program.poses_as.listed();
        let message = text!(
            "`{}` ({}) bears the name `{}`, which is that of a thread of the kernel or a part of systemd",
            program.program,
            program.poses_as.processes,
            found
        );
        let name = program.program.clone();
        answers.add(fail(&expected, Subject::new("program", name), message).found(found));
    }
    // A thread of the kernel has no memory of its own, which everyone sees; what systemd runs is not shown to everyone.
    if let Some(reason) = told.hidden.as_ref().or(told.denied.as_ref()) {
        unseen(&expected, answers, reason);
    } else if !is_one {
        pass(&expected, answers);
    }
}
