//! Rules about the policy itself.

mod waiver_expired;
mod waiver_unused;
mod weakened;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&waiver_expired::RULE, &waiver_unused::RULE, &weakened::RULE];

use crate::fact::Location;
use crate::policy::Origin;
use crate::text::unescaped;
use crate::tree::TreePath;

/// Returns the place of a value in a policy file; built-in policies have none.
fn place(origin: &Origin) -> Option<Location> {
    let is_file = !origin.file.as_str().starts_with("builtin:") && origin.file.as_str() != "default";
    let path = TreePath::new(&unescaped(origin.file.as_str())?)?;
    is_file.then_some(Location { path, position: origin.position, width: 1 })
}
