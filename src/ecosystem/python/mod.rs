//! Python: the lock files of uv, poetry, Pipenv and PEP 751, pip's requirements, `pyproject.toml`, `Pipfile`, and what
//! installed packages leave of themselves.

mod artifact;
mod git;
pub(super) mod installed;
mod name;
pub(super) mod pipfile;
pub(super) mod pipfile_lock;
pub(super) mod poetry;
pub(super) mod pylock;
pub(super) mod pyproject;
mod requirement;
pub(super) mod requirements;
pub(super) mod uv;

use super::{File, Format};
use crate::component::{Inventory, InventoryBuilder, Project};
use crate::document::{Fault, Node};
use crate::fact::Location;
use crate::text;
use crate::text::Text;

#[cfg(test)]
mod tests;

/// The ecosystem's name, which is also the purl type of its packages.
const ECOSYSTEM: &str = "pypi";

/// Returns the project of a lock file that says nothing of it: what it asks for stands in the manifest beside the file.
fn project_beside(file: &File<'_>) -> Project {
    Project { folder: file.path.parent(), ..Project::new(Location::file(file.path.clone())) }
}

/// Returns the inventory of a file whose projects have manifests of the name `manifest`.
fn inventory(builder: InventoryBuilder, file: &File<'_>, format: &Format, manifest: &str) -> Inventory {
    let inventory = builder.finish(file.path.clone(), format.id, format.ecosystem, format.capability);
    Inventory { manifest: Some(manifest.into()), ..inventory }
}

/// Returns what stands under a key that has to be there.
fn required<'a, 'b>(node: &'b Node<'a>, key: &str) -> Result<&'b Node<'a>, Fault> {
    node.get(key).ok_or_else(|| Fault::new(node.span, text!("a table with `{}`", key), Text::trusted("one without")))
}
