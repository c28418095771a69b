//! Workflows: `.github/workflows/*.yml`.

use super::{CAPABILITY, ECOSYSTEM, Place, Reader, read, required};
use crate::document::Member;
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::workflow::{Job, WorkflowKind};

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "github-workflow",
    ecosystem: ECOSYSTEM,
    role: Role::Workflow,
    names: &[".github/workflows/*.yml", ".github/workflows/*.yaml"],
    capability: CAPABILITY,
    summary: "workflows of GitHub Actions",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    read(file, facts, (FORMAT.id, WorkflowKind::GithubWorkflow), |reader, root| {
        root.members("a workflow")?;
        let jobs = required(root, "jobs", "a workflow")?;
        Ok(jobs.iter().filter_map(|member| job(reader, member)).collect())
    })
}

fn job(reader: &mut Reader<'_, '_>, member: &Member<'_>) -> Option<Job> {
    let node = &member.value;
    reader.noted(node.members("a job"), member.span())?;
    let calls = node.get("uses").and_then(|uses| {
        let used = uses.string("`uses`").and_then(|text| reader.used(text, uses, Place::Job));
        reader.noted(used, uses.span)
    });
    let mut images = Vec::new();
    let matrix = node.get("strategy").and_then(|strategy| strategy.get("matrix"));
    if let Some(container) = node.get("container") {
        images.extend(reader.images("container", container, matrix));
    }
    let services = node.optional_members("services");
    for service in reader.noted(services, member.span()).unwrap_or_default() {
        images.extend(reader.images(&service.key, &service.value, matrix));
    }
    let steps = node.get("steps").map(|steps| reader.steps(steps)).unwrap_or_default();
    let place = reader.file.places.at(member.key_span);
    Some(Job { id: member.key.as_ref().into(), place, calls, images, steps })
}
