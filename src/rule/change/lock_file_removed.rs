//! `change/lock-file-removed`: a lock file is gone while its manifest stays.

use crate::diff::keyed;
use crate::ecosystem::Role;
use crate::evidence::{Evidence, LockFile};
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "change/lock-file-removed",
    level: Level::Deny,
    summary: "a lock file is gone while its manifest stays",
    why: "without it every build takes whatever versions are newest that day",
    help: "restore the lock file, or delete the manifest with it",
    page: include_str!("lock_file_removed.md"),
    needs: &[FactKind::Component, FactKind::Requirement],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1357" }],
    judge: Judge::Changes(judge),
};

/// Fails for each lock file that is gone, unless its manifest went with it or another lock file of the
/// ecosystem stands beside or above it; and for a file of digests that is gone while they are still needed. A file that
/// asks for components and pinned them counts as gone when it pins none.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let Some(before) = context.before else { return };
    // Of what cannot be read it is not known whether it still pins.
    let is_unread = |path: &TreePath| context.now.unread().any(|unread| unread == path);
    for pair in keyed(&before.lock_files, &context.now.lock_files, |file| file.path.clone()) {
        match (pair.before, pair.now) {
            (Some(gone), None) if !is_unread(&gone.path) => answer(gone, context.now, answers),
            _ => answers.pass(),
        }
    }
}

fn answer(gone: &LockFile, now: &Evidence, answers: &mut Answers) {
    let folder = gone.path.parent().unwrap_or_default();
    let Some(manifest) = manifest_in(&folder, &gone.ecosystem, now) else { return answers.pass() };
    let replaced = now.lock_files.iter().any(|file| {
        file.ecosystem == gone.ecosystem
            && file.role == gone.role
            && file.path.parent().is_some_and(|other| folder.ancestors().any(|above| above == other))
    });
    let is_needed = match gone.role {
        Role::Lock | Role::Manifest | Role::Mixed | Role::Workflow => !replaced,
        // They are for the components in their very folder.
        Role::Digests => needs_digests(&folder, &gone.ecosystem, now),
        Role::Workspace => false,
    };
    if !is_needed {
        return answers.pass();
    }
    let message = match *manifest == gone.path {
        true => text!("`{}` asks for components and pins none of them any more", gone.path),
        false => text!("`{}` is gone while `{}` stays", gone.path, manifest),
    };
    answers.add(
        Draft::fail(Subject::new("file", text!("{}", gone.path)), message)
            .at(Some(Location::file(gone.path.clone())))
            .with_related(Some(Location::file(manifest.clone())).filter(|other| other.path != gone.path)),
    );
}

/// Whether what is locked in a folder has digests by nature, or cannot be read, and no other file there holds them.
fn needs_digests(folder: &TreePath, ecosystem: &str, now: &Evidence) -> bool {
    let is_here = |path: &TreePath| path.parent().as_ref() == Some(folder);
    let mut inventories = now.inventories.iter().filter(|one| *one.ecosystem == *ecosystem && is_here(&one.path));
    inventories.any(|inventory| inventory.components.iter().any(|it| it.source.is_digested() && it.digests.is_empty()))
        || now.gaps.iter().any(|gap| gap.kind == FactKind::Component && is_here(&gap.location.path))
}

/// Returns the manifest of an ecosystem in a folder, read or not.
fn manifest_in<'a>(folder: &TreePath, ecosystem: &str, now: &'a Evidence) -> Option<&'a TreePath> {
    let read = now.manifests.iter().filter(|manifest| *manifest.ecosystem == *ecosystem).map(|manifest| &manifest.path);
    let unread = now.gaps.iter().filter(|gap| gap.kind == FactKind::Requirement).map(|gap| &gap.location.path);
    read.chain(unread).find(|path| path.parent().as_ref() == Some(folder))
}
