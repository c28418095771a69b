//! `workflow/unpinned-image`: an image is run by a name that can be moved.

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference as Known, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;
use crate::tree::TreePath;
use crate::workflow::{ImageReference, Job, Target};

pub(super) static RULE: Rule = Rule {
    id: "workflow/unpinned-image",
    level: Level::Deny,
    summary: "a job runs an image by a tag",
    why: "whoever can push to the tag decides what runs in the job, beside your sources and secrets",
    help: "name the digest: `image:tag@sha256:…`",
    page: include_str!("unpinned_image.md"),
    needs: &[FactKind::Workflow],
    parameters: &[],
    references: &[Known { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Tree(judge),
};

/// Fails once for each image of a job without a digest: at most a warning, unless the image had one before.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    for workflow in &context.now.workflows {
        for job in &workflow.jobs {
            let mut unpinned: BTreeMap<&str, Vec<(&ImageReference, &Location)>> = BTreeMap::new();
            for (reference, place) in images(job) {
                if reference.is_pinned() {
                    answers.pass();
                } else {
                    unpinned.entry(reference.name()).or_default().push((reference, place));
                }
            }
            for (name, uses) in &unpinned {
                let [(reference, place), others @ ..] = uses.as_slice() else { continue };
                let lost = context.before.is_some_and(|before| was_pinned(before, &workflow.path, name));
                let draft = finding(&workflow.path, job, reference, place, lost);
                answers.add(draft.with_related(others.iter().map(|(_, place)| (*place).clone())));
            }
        }
    }
}

fn finding(path: &TreePath, job: &Job, reference: &ImageReference, place: &Location, lost: bool) -> Draft {
    let shown = reference.to_string();
    let subject =
        Subject::new("image", text!("{} {} {}", *path, job.id, reference.name())).named(text!("{}", reference.name()));
    let draft = match reference {
        ImageReference::Expression { .. } => {
            let message = text!("what the job `{}` runs is known only when it runs: `{}`", job.id, shown);
            Draft::not_determined(subject, message).label(text!("an expression"))
        }
        ImageReference::Named { .. } if lost => {
            Draft::fail(subject, text!("the job `{}` no longer pins the image `{}`", job.id, shown))
                .label(text!("had a digest before"))
        }
        ImageReference::Named { .. } => {
            Draft::fail(subject, text!("the job `{}` runs whatever `{}` is today", job.id, shown))
                .label(text!("no digest"))
        }
    };
    let draft = draft.at(Some(place.clone())).found(text!("{}", shown));
    if lost { draft } else { draft.at_most(Level::Warn) }
}

/// Returns the images that a job runs, in the order of the file.
fn images(job: &Job) -> impl Iterator<Item = (&ImageReference, &Location)> {
    let beside = job.images.iter().map(|image| (&image.reference, &image.place));
    beside.chain(job.uses().filter_map(|used| match &used.target {
        Target::Image { reference } => Some((reference, &used.place)),
        Target::Local { .. } | Target::Repository { .. } => None,
    }))
}

/// Whether an image was pinned in a file before.
fn was_pinned(before: &Evidence, path: &TreePath, name: &str) -> bool {
    let jobs = before.workflows.iter().filter(|workflow| workflow.path == *path).flat_map(|workflow| &workflow.jobs);
    let mut images = jobs.flat_map(images);
    images.any(|(reference, _)| reference.name() == name && reference.is_pinned())
}
