//! `host/ld-preload`: a library is loaded into every program, or may be.

use std::collections::BTreeSet;

use super::question::{Question, at, fail, not_applicable, octal, pass, shown};
use super::running::{UNIT_FOLDERS, is_below, is_packaged, unread_files, writable_words};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::command::Variable;
use crate::host::persistence::LibraryFolder;
use crate::host::{Belongs, Contents};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/ld-preload",
    level: Level::Deny,
    summary: "a library is loaded into every program, or may be",
    why: "code in a preloaded library runs in every program, and hides files and processes from all of them",
    help: "remove the line, and find out which package or person put the library there",
    page: include_str!("ld_preload.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-427" }],
    judge: Judge::Host { family: "persistence", judge },
};

const PRELOAD: &str = "etc/ld.so.preload";
const CONFIGURATION: [&str; 2] = ["etc/ld.so.conf", "etc/ld.so.conf.d"];
const ENVIRONMENT: [&str; 12] = [
    "etc/environment",
    "etc/environment.d",
    "usr/lib/environment.d",
    "etc/security/pam_env.conf",
    "etc/profile",
    "etc/profile.d",
    "etc/bash.bashrc",
    "etc/bashrc",
    "etc/zsh",
    "etc/zshenv",
    "etc/csh.cshrc",
    "etc/csh.login",
];

fn judge(question: &Question<'_>, answers: &mut Answers) {
    if let Some(expected) = question.fact("host.preload.ld_so_preload") {
        preload(question, &expected, answers);
        unread_files(question, "persistence", &expected, |path| is_below(path, &[PRELOAD]), answers);
    }
    if let Some(expected) = question.fact("host.preload.ld_so_conf") {
        folders(question, &expected, answers);
        unread_files(question, "persistence", &expected, |path| is_below(path, &CONFIGURATION), answers);
    }
    if let Some(expected) = question.fact("host.preload.environment") {
        environment(question, &expected, answers);
        unread_files(question, "persistence", &expected, |path| is_below(path, &ENVIRONMENT), answers);
        // What units name beside programs: files of variables.
        let is_meant = |path: &TreePath| !is_below(path, &UNIT_FOLDERS) && is_below(path, &["etc"]);
        unread_files(question, "systemd", &expected, is_meant, answers);
    }
}

fn preload(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let Some(preload) = &question.host.persistence.preload else { return pass(expected, answers) };
    let subject = Question::subject_of_file(&preload.path);
    let path = shown(&preload.path);
    // The loader of musl knows no such file.
    if question.host.system.as_ref().is_some_and(|system| &*system.id == "alpine") {
        let reason = text!("the loader of this distribution, musl's, does not read `{}`", path);
        return answers.add(not_applicable(expected, subject, reason));
    }
    if let Some(first) = preload.libraries.first() {
        let names: Vec<Text> = preload.libraries.iter().map(|library| text!("`{}`", library.name)).collect();
        let words = super::question::joined(&names);
        let message = text!("`{}` has {} loaded into every program, at {}", path, words, first.place.shown());
        let mend = text!("take the line out of `{}` with a program that is linked statically, such as busybox", path);
        return answers.add(at(fail(expected, subject, message), &first.place).help(mend).found(words));
    }
    let real = preload.real.as_ref();
    let writable = real.and_then(|real| Some((real, question.file(real)?.writable.as_ref()?)));
    match writable {
        Some((real, writable)) => {
            let words = writable_words(real, writable);
            let message = text!("`{}` names no library, and {}", path, words);
            let mend = text!("`rm {}`, or `chown root:root {0}` and `chmod 0644 {0}`", path);
            let draft = fail(expected, subject, message).at(Some(Location::file(preload.path.clone())));
            answers.add(draft.help(mend).found(words));
        }
        None => pass(expected, answers),
    }
}

fn folders(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let mut told = BTreeSet::new();
    for one in &question.host.persistence.library_folders {
        match folder_fault(question, one) {
            Some(words) if told.insert(&one.place.path) => {
                let message =
                    text!("{} has libraries looked for in `{}`, which {}", one.place.shown(), one.written, words);
                let mend = text!("take `{}` out, or give it to root alone; then run `ldconfig`", one.written);
                let draft = fail(expected, Question::subject_of_file(&one.place.path), message);
                answers.add(at(draft, &one.place).help(mend).found(words));
            }
            // One finding a file is enough: it names the first.
            Some(_) => {}
            None => pass(expected, answers),
        }
    }
}

fn folder_fault(question: &Question<'_>, one: &LibraryFolder) -> Option<Text> {
    let Some(folder) = &one.folder else { return Some(Text::trusted("is relative to wherever `ldconfig` runs")) };
    let real = folder.real.as_ref()?;
    let writable = question.file(real)?.writable.as_ref()?;
    Some(if folder.is_there {
        writable_words(real, writable)
    } else {
        text!("is not there, and {} may make it: mode {} of `{}`", writable.by, octal(writable.mode), shown(real))
    })
}

fn environment(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let wanted = expected.list();
    let is_wanted = |variable: &&Variable| wanted.iter().any(|name| *name == variable.variable.as_str());
    let mut by_file: BTreeSet<&TreePath> = BTreeSet::new();
    let own = question.host.persistence.environment.iter().filter(|one| !is_as_packaged(question, &one.place.path));
    for variable in own.filter(is_wanted) {
        if by_file.insert(&variable.place.path) {
            answers.add(set(expected, variable, Text::trusted("for everyone who logs in")));
        }
    }
    let systemd = &question.host.systemd;
    for variable in systemd.environment.iter().filter(is_wanted) {
        if by_file.insert(&variable.place.path) {
            answers.add(set(expected, variable, Text::trusted("for every service")));
        }
    }
    for unit in systemd.units.iter().filter(|unit| unit.mask.is_none()) {
        // What a maker sets for their own service is part of it.
        let file = unit.file.iter().map(|file| (&file.path, &file.real));
        let drop_ins = unit.drop_ins.iter().filter_map(|one| Some((&one.path, one.real.as_ref()?)));
        let packaged: BTreeSet<&TreePath> = file
            .chain(drop_ins)
            .filter(|(path, real)| is_packaged(question, path, real))
            .map(|(path, _)| path)
            .collect();
        for variable in unit.environment.iter().filter(is_wanted) {
            if !packaged.contains(&variable.place.path) && by_file.insert(&variable.place.path) {
                answers.add(set(expected, variable, text!("for `{}`", unit.name)));
            }
        }
    }
    if by_file.is_empty() {
        pass(expected, answers);
    }
}

fn set(expected: &Expected<'_>, variable: &Variable, whom: Text) -> Draft {
    let Variable { variable: name, value, place, .. } = variable;
    let message = text!("{} sets {} to `{}` {}: programs load code from there", place.shown(), *name, *value, whom);
    let mend = text!(
        "take {} out of `{}`; where one program needs it, set it for that program alone",
        *name,
        shown(&place.path)
    );
    at(fail(expected, Question::subject_of_file(&place.path), message), place)
        .help(mend)
        .found(text!("{}={}", *name, *value))
}

/// Whether a package ships a file, and its contents are the package's.
fn is_as_packaged(question: &Question<'_>, path: &TreePath) -> bool {
    question.file(path).is_some_and(|file| {
        matches!(file.belongs, Belongs::Package { .. }) && matches!(file.contents, Contents::AsPackaged)
    })
}
