//! Rules about what a change does to dependencies.

mod digest_removed;
mod digest_weakened;
mod downgrade;
mod floating_git_ref;
mod index_added;
mod insecure_source;
mod lock_file_removed;
mod lock_out_of_sync;
mod new_git_source;
mod new_install_script;
mod resolved_name_mismatch;
mod same_version_new_digest;
mod source_changed;
mod untrusted_registry;
mod verification_weakened;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[
    &digest_removed::RULE,
    &digest_weakened::RULE,
    &downgrade::RULE,
    &floating_git_ref::RULE,
    &index_added::RULE,
    &insecure_source::RULE,
    &lock_file_removed::RULE,
    &lock_out_of_sync::RULE,
    &new_git_source::RULE,
    &new_install_script::RULE,
    &resolved_name_mismatch::RULE,
    &same_version_new_digest::RULE,
    &source_changed::RULE,
    &untrusted_registry::RULE,
    &verification_weakened::RULE,
];
