//! `host/file-permission`: a file that must be held back is open, of another owner, or there at all.

use super::question::{Question, fail, not_applicable, octal, owner, pass, shown};
use super::unreadable::rests_on;
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::Principal;
use crate::host::permissions::{LOOKED_AT, Standing};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/file-permission",
    level: Level::Deny,
    summary: "a file that must be held back is open, of another owner, or there at all",
    why: "whoever may read it has the secret in it, and whoever may write it decides what the system does",
    help: "give it back: `chown OWNER:GROUP FILE; chmod MODE FILE`",
    page: include_str!("file_permission.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: "permissions", judge },
};

/// Judges the files of each fact.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let permissions = &question.host.permissions;
    for expected in question.facts() {
        let Some(pattern) = expected.fact.path.as_deref().filter(|pattern| LOOKED_AT.contains(pattern)) else {
            continue;
        };
        let unread: Vec<_> = permissions.unread.iter().filter(|unseen| unseen.pattern.as_str() == pattern).collect();
        for unseen in &unread {
            answers.add(rests_on(question, &expected, Question::subject_of_file(&unseen.path), &unseen.path));
        }
        let found: Vec<&Standing> = permissions.files.iter().filter(|file| file.pattern.as_str() == pattern).collect();
        if found.is_empty() && unread.is_empty() {
            nothing(&expected, pattern, answers);
        }
        for file in found {
            judge_file(question, &expected, file, answers);
        }
    }
}

/// Answers where no file is there.
fn nothing(expected: &Expected<'_>, pattern: &str, answers: &mut Answers) {
    let is_good = expected.fact.absent.as_deref() == Some("pass");
    if is_good || expected.fact.max_mode(expected.profile).is_none() {
        return pass(expected, answers);
    }
    let reason = text!("nothing stands at `{}`", *pattern);
    answers.add(not_applicable(expected, Subject::new("file", text!("{}", *pattern)), reason));
}

fn judge_file(question: &Question<'_>, expected: &Expected<'_>, file: &Standing, answers: &mut Answers) {
    let subject = Question::subject_of_file(&file.path);
    let at = Location::file(file.path.clone());
    let path = shown(&file.path);
    let Some(most) = expected.fact.max_mode(expected.profile) else {
        let message = text!("`{}` is there: it lets in others by name, or holds passwords in clear", path);
        let help = text!("remove it: `rm {}`", path);
        let found = octal(file.mode);
        return answers.add(fail(expected, subject, message).found(found).help(help).at(Some(at)));
    };
    let group = file.group.name.as_ref().map(Text::as_str).unwrap_or_default();
    let of_group = expected.fact.group_mode.get(group).map(String::as_str);
    let Ok(most) = u32::from_str_radix(of_group.unwrap_or(most), 8) else { return };
    let mut faults: Vec<Text> = Vec::new();
    if file.mode & !most & 0o7777 != 0 {
        faults.push(text!("has the mode {}, expected at most {}", octal(file.mode), octal(most)));
    }
    let owners = expected.fact.owner.as_deref().unwrap_or("root");
    if !is_of(&file.user, owners, file.of.as_ref().map(|of| of.1)) {
        faults.push(text!("is owned by {}, expected {}", file.user, whom(owners, file)));
    }
    let groups = expected.fact.group.as_deref().unwrap_or("root");
    // A group that may do nothing with it is no matter.
    if file.mode & 0o070 != 0 && !is_of(&file.group, groups, file.of.as_ref().map(|of| of.2)) {
        faults.push(text!("is of the group {}, expected {}", file.group, whom(groups, file)));
    }
    if let Some((folder, mode)) = &file.open_folder {
        let message = text!("stands below `{}`, which others may write ({})", shown(folder), octal(*mode));
        faults.push(message);
    }
    if faults.is_empty() {
        return pass(expected, answers);
    }
    let message = text!("`{}` {}", path, super::question::joined(&faults));
    let names = (whom(owners, file), whom(groups, file));
    let kept = octal(file.mode & most);
    let help = match (question.host.system.as_ref().map(|system| &*system.id), &file.of) {
        (Some("debian" | "ubuntu"), None) => {
            text!(
                "`chown {}:{} {} && chmod {} {}`; `dpkg-statoverride --list` shows a mode that is meant",
                names.0,
                names.1,
                path,
                kept,
                path
            )
        }
        _ => text!("`chown {}:{} {} && chmod {} {}`", names.0, names.1, path, kept, path),
    };
    let found = text!("{} {}", octal(file.mode), owner(&file.user, &file.group));
    answers.add(fail(expected, subject, message).found(found).help(help).at(Some(at)));
}

/// Whether a user or group is one of those that are named; `self` is the account itself, for which root stands in.
fn is_of(principal: &Principal, names: &str, own: Option<u32>) -> bool {
    names.split('|').any(|name| match name {
        "root" => principal.id == 0,
        "self" => principal.id == 0 || own == Some(principal.id),
        name => principal.name.as_ref().is_some_and(|found| found.as_str() == name),
    })
}

/// Returns the first of those that are named.
fn whom(names: &str, file: &Standing) -> Text {
    match (names.split('|').next().unwrap_or("root"), &file.of) {
        ("self", Some((name, ..))) => name.clone(),
        (name, _) => text!("{}", *name),
    }
}
