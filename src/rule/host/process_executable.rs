//! `host/process-executable`: a process runs a program that does not stand where programs do.

use super::live;
use super::question::{Question, fail, joined, pass};
use super::unseen::{patterns, subject, unseen};
use crate::finding::{Level, Reference, Subject};
use crate::host::Belongs;
use crate::host::running::process::Program;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/process-executable",
    level: Level::Deny,
    summary: "a process runs a program that does not stand where programs do",
    why: "a program that is deleted, in memory alone or in a folder that everyone may write is of no package, and no \
           check of files finds it",
    help: "look at it before you end it: `ls -l /proc/PID/exe`, `cp /proc/PID/exe FILE`; a service after an update \
           only needs a restart",
    page: include_str!("process_executable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Host { family: crate::host::running::process::ID, judge },
};

/// Fails for each program that runs though its file is gone, was never there, stands where everyone may write, is of no
/// package, sees another root, or was given a library.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let told = &running.process;
    for expected in question.facts() {
        let list = expected.list();
        let allowed = patterns(&list);
        let mut is_one = false;
        for program in &told.programs {
            let found = match expected.fact.id.as_str() {
                "host.process.deleted_exe" => deleted(question, program),
                "host.process.memfd_exe" => in_memory(program, &allowed),
                "host.process.exe_location" => in_open_folder(program, &list),
                "host.process.unpackaged_exe" => unpackaged(question, program),
                "host.process.root_dir" => in_other_root(program),
                "host.process.preload" => preloaded(program, &list),
                _ => None,
            };
            let Some(Fault { message, found, at_most }) = found else { continue };
            is_one = true;
            let draft = fail(&expected, Subject::new("program", program.program.clone()), message);
            let draft = draft.found(found).with("processes", text!("{}", program.processes));
            let location = program.real.clone().filter(|_| !program.is_deleted).map(crate::fact::Location::file);
            answers.add(draft.at_most(expected.level().min(at_most)).at(location));
        }
        let is_of_packages = expected.fact.id == "host.process.unpackaged_exe";
        if is_of_packages && question.has_no_packages() {
            answers.add(Question::without_packages(&expected, subject(&expected)));
        } else if is_of_packages && told.is_ownership_unknown {
            unseen(
                &expected,
                answers,
                &Text::trusted("no database of packages can be read that tells whose programs are"),
            );
        } else if let Some(reason) = told.hidden.as_ref().or(told.denied.as_ref()) {
            unseen(&expected, answers, reason);
        } else if !is_one {
            pass(&expected, answers);
        }
    }
}

/// What is wrong with a program.
struct Fault {
    message: Text,
    found: Text,
    at_most: Level,
}

fn fault(message: Text, found: Text) -> Option<Fault> {
    Some(Fault { message, found, at_most: Level::Deny })
}

/// Returns whose a program is, as far as systemd tells.
fn of_units(program: &Program) -> Text {
    let units: Vec<&Text> = program.units.iter().collect();
    match units.as_slice() {
        [] => Text::default(),
        units => text!(" of {}", joined(units)),
    }
}

fn deleted(question: &Question<'_>, program: &Program) -> Option<Fault> {
    if !program.is_deleted {
        return None;
    }
    let newer = program.real.as_ref().and_then(|real| question.file(real)).and_then(|file| file.belongs.package());
    let (processes, units) = (&program.processes, of_units(program));
    let message = match newer {
        Some(package) => text!(
            "`{}` runs ({}{}) and its file is gone: the package `{}` put another in its place",
            program.program,
            *processes,
            units,
            *package
        ),
        None => text!("`{}` runs ({}{}) and its file is gone", program.program, *processes, units),
    };
    let at_most = if newer.is_some() { Level::Allow } else { Level::Deny };
    Some(Fault { message, found: Text::trusted("no file"), at_most })
}

fn in_memory(program: &Program, allowed: &globset::GlobSet) -> Option<Fault> {
    let name = program.program.as_str().strip_prefix("memfd:").filter(|_| program.is_in_memory)?;
    if allowed.is_match(name) {
        return None;
    }
    let message = text!("`{}` runs ({}{}) and was never a file", program.program, program.processes, of_units(program));
    fault(message, program.program.clone())
}

fn in_open_folder(program: &Program, folders: &[String]) -> Option<Fault> {
    let path = program.program.as_str();
    let is_below = |folder: &&String| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let folder = folders.iter().find(is_below).filter(|_| !program.is_in_memory)?;
    let message = text!(
        "`{}` runs ({}{}) from `{}`, where others than root may put files",
        program.program,
        program.processes,
        of_units(program),
        *folder
    );
    fault(message, text!("{}", *folder))
}

fn unpackaged(question: &Question<'_>, program: &Program) -> Option<Fault> {
    let file = question.file(program.real.as_ref()?).filter(|_| !program.is_deleted)?;
    let Belongs::Nobody { .. } = file.belongs else { return None };
    let message = text!("`{}` runs ({}{}) and is of no package", program.program, program.processes, of_units(program));
    fault(message, Text::trusted("no package"))
}

fn in_other_root(program: &Program) -> Option<Fault> {
    if program.roots.is_none() {
        return None;
    }
    let roots = program.roots.listed();
    let message = text!("`{}` runs ({}) in another root: `{}`", program.program, program.roots.processes, roots);
    fault(message, roots)
}

fn preloaded(program: &Program, variables: &[String]) -> Option<Fault> {
    let words = &program.preloads.words;
    let found: Vec<&Text> = words.iter().filter(|word| variables.iter().any(|name| *name == word.as_str())).collect();
    if found.is_empty() {
        return None;
    }
    let found = joined(&found);
    let message = text!(
        "`{}` was started ({}) with {}: the loader puts a library into it",
        program.program,
        program.preloads.processes,
        found
    );
    fault(message, found)
}
