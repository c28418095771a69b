//! `workflow/unpinned-action`: an action is used by a name that can be moved.

use std::collections::BTreeMap;

use crate::fact::FactKind;
use crate::finding::{Level, Reference as Known, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;
use crate::workflow::{Job, Reference, Target, Use, Workflow};

pub(super) static RULE: Rule = Rule {
    id: "workflow/unpinned-action",
    level: Level::Deny,
    summary: "an action is used by a tag or branch",
    why: "whoever can move the tag or branch decides what runs with your secrets and your token",
    help: "name the full commit id, and the version behind it as a comment",
    page: include_str!("unpinned_action.md"),
    needs: &[FactKind::Workflow],
    parameters: &[],
    references: &[Known { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Tree(judge),
};

/// Fails once for each action of a job that is used by something else than a full commit id.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    for workflow in &context.now.workflows {
        for job in &workflow.jobs {
            // The ref is no part of the subject: an update from one tag to another is nothing new.
            let mut unpinned: BTreeMap<String, Vec<(&Use, &Reference)>> = BTreeMap::new();
            for used in job.uses() {
                match (&used.target, used.target.repository()) {
                    (Target::Repository { reference: Reference::Commit(_), .. }, _) => answers.pass(),
                    (Target::Repository { reference, .. }, Some(repository)) => {
                        unpinned.entry(repository).or_default().push((used, reference));
                    }
                    _ => {}
                }
            }
            for (repository, uses) in &unpinned {
                if let [(first, reference), others @ ..] = uses.as_slice() {
                    let draft = finding(workflow, job, repository, first, reference);
                    answers.add(draft.with_related(others.iter().map(|(used, _)| used.place.clone())));
                }
            }
        }
    }
}

fn finding(workflow: &Workflow, job: &Job, repository: &str, used: &Use, reference: &Reference) -> Draft {
    let id = text!("{} {} {}", workflow.path, job.id, repository);
    Draft::fail(
        Subject::new("action", id).named(text!("{}", repository)),
        text!("`{}` of the job `{}` is whatever `{}` is today", used.text, job.id, reference.as_str()),
    )
    .at(Some(used.place.clone()))
    .help(text!("name the commit: `{}@` and its full id, ` # {}` behind it", repository, reference.as_str()))
    .found(text!("{}", reference.as_str()))
    .label(text!("no full commit id"))
}
