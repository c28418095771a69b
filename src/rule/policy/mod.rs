//! Rules about the policy itself.

mod waiver_expired;
mod waiver_unused;
mod weakened;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&waiver_expired::RULE, &waiver_unused::RULE, &weakened::RULE];

use super::Context;
use crate::fact::Location;
use crate::policy::{BUILTIN_PREFIX, DEFAULT_ORIGIN, Origin, Sourced, Waiver};
use crate::text::unescaped;
use crate::tree::TreePath;

/// Returns the place of a value in a policy file; built-in policies have none.
fn place(origin: &Origin) -> Option<Location> {
    let file = origin.file.as_str();
    let is_file = !file.starts_with(BUILTIN_PREFIX) && file != DEFAULT_ORIGIN;
    let path = TreePath::new(&unescaped(file)?)?;
    is_file.then_some(Location { path, position: origin.position, width: origin.width })
}

/// Whether a waiver of the base is removed by the very change that is judged: nobody has anything left to do.
fn is_removed(waiver: &Waiver, context: &Context<'_>) -> bool {
    let now = context.policies.and_then(|policies| policies.now);
    context.policy.origin == "base"
        && match now {
            Some(Ok(now)) => !now.waivers.iter().any(|one| one.value.same_subject(waiver)),
            Some(Err(_)) => false,
            None => true,
        }
}

/// Returns the place to edit of a waiver of the policy in force. Where that is the one of the base, it is the same
/// waiver in the tree; where it came with the request, it has no place in the tree.
fn place_of_waiver(waiver: &Sourced<Waiver>, context: &Context<'_>) -> Option<Location> {
    match context.policy.origin {
        "tree" => place(&waiver.origin),
        "base" => match context.policies.and_then(|policies| policies.now) {
            Some(Ok(now)) => {
                let same = now.waivers.iter().find(|one| one.value.same_subject(&waiver.value));
                same.map_or_else(|| place(&Origin::whole(waiver.origin.file.clone())), |same| place(&same.origin))
            }
            Some(Err(_)) | None => None,
        },
        _ => None,
    }
}
