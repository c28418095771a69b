//! The binary run on real trees, by user story.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise"
)]

mod baseline;
mod cargo;
mod command_line;
mod custom_rules;
mod documents;
mod hook;
mod policy;
mod policy_command;
mod reports;
mod rules;
mod sbom;
mod support;
mod trees;
mod waivers;
