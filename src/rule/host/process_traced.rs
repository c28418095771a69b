//! `host/process-traced`: a process is in the hands of a tracer, or reads what is typed.

use super::live;
use super::question::{Question, fail, pass};
use super::unseen::{file_name, patterns, unseen};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/process-traced",
    level: Level::Deny,
    summary: "a process is in the hands of a tracer, or reads what is typed",
    why: "the tracer reads and changes all of its memory, keys and passwords included, and may steer what it does",
    help: "find out who traces (`grep TracerPid /proc/PID/status`) and end it; let nobody do it again: \
           `kernel.yama.ptrace_scope=2`",
    page: include_str!("process_traced.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-668" }],
    judge: Judge::Host { family: crate::host::running::process::ID, judge },
};

/// Fails for each program that another traces, and each that reads an input device and is not meant to.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let told = &running.process;
    for expected in question.facts() {
        let is_of_tracers = expected.fact.id == "host.process.traced";
        let may = patterns(&expected.list());
        let mut is_one = false;
        for program in &told.programs {
            let aspect = if is_of_tracers { &program.tracers } else { &program.inputs };
            if aspect.is_none() || (!is_of_tracers && may.is_match(file_name(program.program.as_str()))) {
                continue;
            }
            is_one = true;
            let found = aspect.listed();
            let message = match is_of_tracers {
                true => text!("`{}` ({}) is traced by {}", program.program, aspect.processes, found),
                false => text!(
                    "`{}` ({}) reads what is typed: it holds a device below {}",
                    program.program,
                    aspect.processes,
                    found
                ),
            };
            answers.add(fail(&expected, Subject::new("program", program.program.clone()), message).found(found));
        }
        // Who traces a process is shown to everyone, what it holds is not.
        let reason = if is_of_tracers { told.hidden.as_ref() } else { told.hidden.as_ref().or(told.denied.as_ref()) };
        match reason {
            Some(reason) => unseen(&expected, answers, reason),
            None if is_one => {}
            None => pass(&expected, answers),
        }
    }
}
