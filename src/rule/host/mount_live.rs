//! What `host/mount-option` answers of a running host: the options that are in force, beside those that the next boot gives.

use super::question::{Question, fail, joined, not_determined, pass, shown};
use crate::finding::{State, Subject};
use crate::host::running::{Known, mounts::Mount};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Adds what files say of a mount point, and what is in force where that says more. One answer is given: what files say
/// wrongly is to be mended there, and else what is in force counts.
pub(super) fn add(
    question: &Question<'_>,
    expected: &Expected<'_>,
    path: &str,
    by_files: Answers,
    answers: &mut Answers,
) {
    let in_force = TreePath::root().join(path.trim_start_matches('/').as_bytes());
    let in_force = in_force.map_or(InForce::NotAsked, |path| InForce::of(question, expected, &path));
    let by_files = by_files.drafts.into_iter().next();
    let state = by_files.as_ref().map(|draft| draft.state);
    match (state, in_force) {
        (Some(State::Fail), InForce::Weak(weak)) => {
            let found = weak.evidence.get("found").cloned().unwrap_or_default();
            answers.add(by_files.map_or(weak, |draft| draft.with("in force", found)));
        }
        (Some(State::Fail), _) | (_, InForce::NotAsked) => give(expected, by_files, answers),
        (_, InForce::Weak(weak)) => answers.add(weak),
        (None, InForce::Unknown(unknown)) => answers.add(unknown),
        // What files say of the next boot is no less known.
        (Some(State::NotApplicable), InForce::Good) | (None, _) => pass(expected, answers),
        (Some(_), _) => give(expected, by_files, answers),
    }
}

fn give(expected: &Expected<'_>, draft: Option<Draft>, answers: &mut Answers) {
    match draft {
        Some(draft) => answers.add(draft),
        None => pass(expected, answers),
    }
}

/// What is in force at a mount point.
enum InForce {
    /// Nobody asked.
    NotAsked,
    /// No file system of its own is mounted there.
    NotMounted,
    /// The options that are expected.
    Good,
    /// Others.
    Weak(Draft),
    /// It cannot be known.
    Unknown(Draft),
}

impl InForce {
    fn of(question: &Question<'_>, expected: &Expected<'_>, path: &TreePath) -> Self {
        let Some(running) = &question.host.running else { return Self::NotAsked };
        let subject = Subject::new("mount point", shown(path));
        let mount = match &running.mounts.mounts {
            Known::Is(mounts) => mounts.get(path),
            Known::Absent => return Self::NotAsked,
            Known::Unknown(reason) => {
                let message = text!("how {} is mounted now is not known: {}", shown(path), *reason);
                return Self::Unknown(not_determined(expected, subject, message));
            }
        };
        let Some(mount) = mount else { return Self::NotMounted };
        let has = |option: &&String| option.split('|').any(|one| mount.has(one));
        let missing: Vec<&String> = expected.fact.options.iter().filter(|option| !has(option)).collect();
        if missing.is_empty() {
            return Self::Good;
        }
        let names: Vec<&str> = missing.iter().map(|option| option.split('|').next().unwrap_or(option)).collect();
        let message = text!(
            "{} is mounted now without {}: {} with {}",
            shown(path),
            joined(&missing),
            mount.kind,
            options(mount)
        );
        let help = text!(
            "run `mount -o remount,{} {}`, and give the options in /etc/fstab or in its mount unit",
            names.join(","),
            shown(path)
        );
        Self::Weak(fail(expected, subject, message).help(help).found(options(mount)))
    }
}

fn options(mount: &Mount) -> Text {
    let options: Vec<&Text> = mount.options.iter().collect();
    let words: Vec<&str> = options.iter().map(|option| option.as_str()).collect();
    // Each was neutralised when it was read.
    Text::trusted(words.join(","))
}

/// Fails for each file system that is mounted and of a type that is not expected any more; files may not name it.
pub(super) fn kinds(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let Some(mounts) = question.host.running.as_ref().and_then(|running| running.mounts.mounts.value()) else { return };
    let obsolete = expected.list();
    for (path, mount) in mounts {
        let is_told = question.host.mounts.at(path).is_some_and(|by_files| by_files.kind == mount.kind);
        if is_told || !obsolete.iter().any(|kind| kind == mount.kind.as_str()) {
            continue;
        }
        let message = text!(
            "a file system of the type {}, which nobody looks after any more, is mounted at {}",
            mount.kind,
            shown(path)
        );
        let help = text!("run `umount {}`, and forbid the module `{}` in /etc/modprobe.d", shown(path), mount.kind);
        let subject = Subject::new("mount point", shown(path));
        answers.add(fail(expected, subject, message).help(help).found(mount.kind.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::host::Place;
    use crate::host::mounts;
    use crate::rule::host::live::tests::{answers_of, host};
    use crate::rule::host::mount_option::RULE;

    fn set(options: &str) -> BTreeSet<Text> {
        options.split(',').map(Text::of).collect()
    }

    #[test]
    fn one_answer_is_given_of_a_mount_point() {
        let path = TreePath::new(b"tmp").unwrap();
        let fstab = Place::file(&TreePath::new(b"etc/fstab").unwrap());
        let check = |in_force: Option<&str>, by_files: Option<&str>, expected: &str| {
            let mut host = host(|running| {
                let mount =
                    |options| Mount { kind: Text::of("tmpfs"), source: Text::of("tmpfs"), options: set(options) };
                running.mounts.mounts =
                    Known::Is(in_force.iter().map(|options| (path.clone(), mount(options))).collect());
            });
            host.mounts.mounts.extend(by_files.map(|options| mounts::Mount {
                path: path.clone(),
                kind: Text::of("tmpfs"),
                options: set(options),
                source: mounts::Source::Fstab,
                starts: mounts::Starts::Boot,
                place: fstab.clone(),
                losers: Vec::new(),
            }));
            assert_eq!(answers_of(&RULE, &host, "host.mount.tmp"), [expected], "{in_force:?} {by_files:?}");
        };
        check(Some("nodev,noexec,nosuid,rw"), Some("nodev,noexec,nosuid"), "pass");
        check(Some("nodev,noexec,nosuid,rw"), None, "pass");
        check(Some("nodev,nosuid,rw"), Some("nodev,noexec,nosuid"), "fail /tmp");
        check(Some("nodev,nosuid,rw"), None, "fail /tmp");
        check(Some("nodev,noexec,nosuid,rw"), Some("nosuid"), "fail /tmp");
        check(Some("rw"), Some("nosuid"), "fail /tmp");
        check(None, None, "not-applicable /tmp");
        check(None, Some("nodev,noexec,nosuid"), "pass");
    }
}
