//! Actions: `action.yml`.

use super::{CAPABILITY, ECOSYSTEM, Reader, document, required};
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
    let Some(root) = document(file)? else {
        Reader::new(file, facts).finish(FORMAT.id, WorkflowKind::GithubAction, Vec::new());
        return Ok(());
    };
    let members = root.members("an action")?;
    required(&root, "runs", "an action")?;
    let mut reader = Reader::new(file, facts);
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
        let place = file.places.at(member.key_span);
        jobs.push(Job { id: "runs".into(), place, calls: None, images, steps });
    }
    reader.finish(FORMAT.id, WorkflowKind::GithubAction, jobs);
    Ok(())
}
