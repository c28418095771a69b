//! The binary run on real trees, by user story.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise"
)]

mod bad_input;
mod changes;
mod documents;
mod gate;
mod lock_files;
mod rules;
mod sbom;
mod support;
