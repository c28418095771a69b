//! Actions: `action.yml`.

use super::{CAPABILITY, ECOSYSTEM, Reader, read, required};
use crate::document::{Fault, Node};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::workflow::{Job, WorkflowKind};

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "github-action",
    ecosystem: ECOSYSTEM,
    role: Role::Workflow,
    names: &["action.yml", "action.yaml"],
    capability: CAPABILITY,
    summary: "actions of GitHub Actions",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    read(file, facts, (FORMAT.id, WorkflowKind::GithubAction), jobs)
}

fn jobs(reader: &mut Reader<'_, '_>, root: &Node<'_>) -> Result<Vec<Job>, Fault> {
    let members = root.members("an action")?;
    required(root, "runs", "an action")?;
    let mut jobs = Vec::new();
    for member in members.iter().filter(|member| member.key == "runs") {
        let runs = &member.value;
        let mut images = Vec::new();
        // Any other image is a Dockerfile of the action's own.
        let image = runs.get("image").filter(|image| image.string("").is_ok_and(|text| text.starts_with("docker://")));
        if let Some(image) = image {
            images.extend(reader.images("image", image, None));
        }
        let steps = runs.get("steps").map(|steps| reader.steps(steps)).unwrap_or_default();
        let place = reader.file.places.at(member.key_span);
        jobs.push(Job { id: "runs".into(), place, calls: None, images, steps });
    }
    Ok(jobs)
}
