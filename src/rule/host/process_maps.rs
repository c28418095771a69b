//! `host/process-maps`: a process has memory that it may both write and execute.

use super::live;
use super::question::{Question, fail, pass};
use super::unseen::{file_name, patterns, unseen};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/process-maps",
    level: Level::Deny,
    summary: "a process has memory that it may both write and execute",
    why: "a fault that lets somebody write there lets them run what they wrote, at once",
    help: "build the program without executable stacks and trampolines, or let the unit refuse: \
           `MemoryDenyWriteExecute=yes`",
    page: include_str!("process_maps.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: crate::host::running::process::ID, judge },
};

/// Fails for each program with memory that may be both written and executed, but those that translate code as they run.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let Some(expected) = question.fact("host.process.rwx_map") else { return };
    let may = patterns(&expected.list());
    let told = &running.process;
    let mut is_one = false;
    for program in told.programs.iter().filter(|program| !program.regions.is_none()) {
        if may.is_match(file_name(program.program.as_str())) {
            continue;
        }
        is_one = true;
        let found = program.regions.listed();
        let message =
            text!("`{}` ({}) may both write and execute {}", program.program, program.regions.processes, found);
        answers.add(fail(&expected, Subject::new("program", program.program.clone()), message).found(found));
    }
    if let Some(reason) = told.hidden.as_ref().or(told.denied.as_ref()) {
        unseen(&expected, answers, reason);
    } else if !is_one {
        pass(&expected, answers);
    }
}
