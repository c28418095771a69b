//! `host/mount-option`: a file system is mounted without an option that keeps programs and devices out of it.

use std::collections::BTreeSet;

use super::mount_live;
use super::question::{Question, at, fail, joined, not_applicable, not_determined, pass, shown};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::mounts::{Loser, Mount, Source, Starts};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/mount-option",
    level: Level::Deny,
    summary: "a file system is mounted without an option that it should have",
    why: "where everybody may write, programs with setuid and device nodes should count for nothing",
    help: "add the options to the line of /etc/fstab, or to `Options=` of the mount unit",
    page: include_str!("mount_option.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "man", id: "mount(8)" }],
    judge: Judge::Host { family: "mounts", judge },
};

/// Judges the mount of each mount point that has a fact, and the types of all file systems.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    for expected in question.facts() {
        match &expected.fact.path {
            Some(path) => {
                let mut by_files = Answers::default();
                mount_point(question, &expected, path, &mut by_files);
                mount_live::add(question, &expected, path, by_files, answers);
            }
            None => {
                kinds(question, &expected, answers);
                mount_live::kinds(question, &expected, answers);
            }
        }
    }
}

fn mount_point(question: &Question<'_>, expected: &Expected<'_>, path: &str, answers: &mut Answers) {
    let mounts = &question.host.mounts;
    let Some(path) = TreePath::root().join(path.trim_start_matches('/').as_bytes()) else { return };
    let subject = || Subject::new("mount point", shown(&path));
    let mount = mounts.at(&path).filter(|mount| mount.starts != Starts::OnRequest);
    if let Some(unread) = mounts.unread.iter().find(|unread| may_mount(&unread.path, &path)) {
        let message = text!(
            "how {} is mounted is not known: `/{}` could not be read, found {}",
            shown(&path),
            unread.path,
            unread.found
        );
        return answers.add(not_determined(expected, subject(), message));
    }
    let Some(mount) = mount else { return not_mounted(question, expected, &path, answers) };
    let missing: Vec<&String> = expected.fact.options.iter().filter(|option| !has(&mount.options, option)).collect();
    let is_separate = expected.fact.separate_mount.is_some_and(|from| expected.profile >= from);
    if missing.is_empty() && (mount.starts == Starts::Boot || !is_separate) {
        return pass(expected, answers);
    }
    if mount.starts == Starts::Unknown {
        let words = if missing.is_empty() { text!("") } else { text!("; it lacks {}", joined(&missing)) };
        let message = text!(
            "whether {} is mounted is not known: no unit wants the one in {}{}",
            shown(&path),
            mount.place.shown(),
            words
        );
        return answers.add(at(not_determined(expected, subject(), message), &mount.place));
    }
    let lost = lost(mount, &missing);
    let message = text!(
        "{} is mounted without {}: {} gives it {}{}",
        shown(&path),
        joined(&missing),
        mount.place.shown(),
        options(mount),
        lost.as_ref().map_or_else(Text::default, |(words, _)| words.clone())
    );
    let names: Vec<&str> = missing.iter().map(|option| option.split('|').next().unwrap_or(option)).collect();
    let help = match mount.source {
        Source::Fstab => text!(
            "add `{}` to the options of {} in {}, then run `mount -o remount {}`",
            names.join(","),
            shown(&path),
            mount.place.shown(),
            shown(&path)
        ),
        Source::Unit => text!(
            "add `{}` to `Options=` of the unit, in a drop-in of your own where a package ships it",
            names.join(",")
        ),
    };
    let found = text!("{}", options(mount));
    let draft = at(fail(expected, subject(), message), &mount.place);
    answers.add(draft.with_related(lost.map(|(_, loser)| loser.place.location())).help(help).found(found));
}

/// Says what would give a mount point an option that is missing, and does not count.
fn lost<'a>(mount: &'a Mount, missing: &[&String]) -> Option<(Text, &'a Loser)> {
    mount.losers.iter().find_map(|loser| {
        let given: Vec<&&String> = missing.iter().filter(|option| has(&loser.options, option)).collect();
        let words = text!(", and {}, which has {}, does not count", loser.place.shown(), joined(&given));
        (!given.is_empty()).then_some((words, loser))
    })
}

/// Answers where nothing mounts a file system at a mount point.
fn not_mounted(question: &Question<'_>, expected: &Expected<'_>, path: &TreePath, answers: &mut Answers) {
    let mounts = &question.host.mounts;
    let subject = Subject::new("mount point", shown(path));
    let because = match (mounts.masked.get(path), mounts.at(path)) {
        (Some(place), _) => text!("{} masks its unit", place.shown()),
        (None, Some(mount)) => text!("{} mounts it on request alone", mount.place.shown()),
        (None, None) => text!("neither /etc/fstab nor a mount unit names it"),
    };
    let is_asked = expected.fact.separate_mount.is_some_and(|from| expected.profile >= from);
    if is_asked || expected.fact.absent.as_deref() == Some("fail") {
        let what =
            if is_asked { "no file system of its own is mounted at" } else { "nothing gives options to the mount of" };
        let message = text!("{} {}: {}", *what, shown(path), because);
        let options: Vec<&str> = expected.fact.options.iter().filter_map(|option| option.split('|').next()).collect();
        let help = text!("add a line for {} to /etc/fstab, with the options `{}`", shown(path), options.join(","));
        let fstab = TreePath::root().join(b"etc/fstab").map(|fstab| Place::file(&fstab).location());
        answers.add(fail(expected, subject, message).at(fstab).help(help));
    } else {
        let message = text!("no file system of its own is mounted at {}: {}", shown(path), because);
        answers.add(not_applicable(expected, subject, message));
    }
}

/// Fails for each file system of a type that is not expected any more.
fn kinds(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let mounts = &question.host.mounts;
    let obsolete = expected.list();
    for mount in &mounts.mounts {
        if !obsolete.iter().any(|kind| *kind == mount.kind.as_str()) {
            pass(expected, answers);
            continue;
        }
        let subject = Subject::new("mount point", shown(&mount.path));
        let message = text!(
            "{} is a file system of the type {}, which nobody looks after any more: {}",
            shown(&mount.path),
            mount.kind,
            mount.place.shown()
        );
        let help = text!("move what is on it to another file system, and take the line out");
        answers.add(at(fail(expected, subject, message), &mount.place).help(help).found(mount.kind.clone()));
    }
    if let Some(unread) = mounts.unread.first() {
        let message =
            text!("what is mounted is not known: `/{}` could not be read, found {}", unread.path, unread.found);
        let subject = Subject::new("file", text!("/{}", unread.path));
        answers.add(not_determined(expected, subject, message));
    }
}

/// Whether a file that could not be read may say how a mount point is mounted: `/etc/fstab`, a folder, or its own unit.
fn may_mount(unread: &TreePath, path: &TreePath) -> bool {
    let units = unread.parts().filter(|part| part.ends_with(b".mount") || part.ends_with(b".mount.d"));
    let mut points = units.filter_map(|part| {
        let name = part.strip_suffix(b".d").unwrap_or(part);
        crate::host::mounts::mount_point(name)
    });
    match points.next() {
        Some(point) => point.strip_prefix(b"/").is_some_and(|point| point == path.as_bytes()),
        None => true,
    }
}

fn has(options: &BTreeSet<Text>, option: &str) -> bool {
    option.split('|').any(|one| options.iter().any(|option| option.as_str() == one))
}

fn options(mount: &Mount) -> Text {
    let options: Vec<Text> = mount.options.iter().cloned().collect();
    if options.is_empty() {
        Text::trusted("the defaults: suid, dev and exec")
    } else {
        text!("only {}", joined(&options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_with_the_option_that_does_not_count_is_named() {
        let check = |missing: &[&str], losers: &[(&str, &[&str])], expected: Option<&str>| {
            let place = |path: &str| Place { path: TreePath::new(path.as_bytes()).unwrap(), line: Some(1) };
            let options = |options: &[&str]| options.iter().map(|option| Text::of(*option)).collect();
            let loser = |(path, given): &(&str, &[&str])| Loser { options: options(given), place: place(path) };
            let mount = Mount {
                path: TreePath::new(b"tmp").unwrap(),
                kind: Text::trusted("tmpfs"),
                options: BTreeSet::new(),
                source: Source::Unit,
                starts: Starts::Boot,
                place: place("etc/systemd/system/tmp.mount"),
                losers: losers.iter().map(loser).collect(),
            };
            let missing: Vec<String> = missing.iter().map(|option| (*option).to_owned()).collect();
            let found = lost(&mount, &missing.iter().collect::<Vec<_>>()).map(|(words, _)| words.to_string());
            assert_eq!(found.as_deref(), expected);
        };
        check(&["nosuid"], &[], None);
        check(&["nosuid"], &[("etc/fstab", &["nodev"])], None);
        check(
            &["nosuid", "hidepid=2|hidepid=invisible"],
            &[("etc/fstab", &[]), ("usr/lib/systemd/system/tmp.mount", &["nosuid", "nodev", "hidepid=invisible"])],
            Some(
                ", and /usr/lib/systemd/system/tmp.mount:1, which has nosuid and hidepid=2|hidepid=invisible, does not count",
            ),
        );
    }
}
