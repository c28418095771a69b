//! The binary run on real trees, by user story.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise"
)]

mod action;
mod adoption;
mod archives;
mod bad_input;
mod bad_signatures;
mod baseline;
mod cargo;
mod changes;
mod command_line;
mod container;
mod custom_rules;
mod documents;
mod events;
mod fleet_example;
mod gate;
mod go;
mod hook;
mod host_commands;
mod host_coverage;
mod host_debian;
mod host_drift;
mod host_example;
mod host_kernel;
mod host_processes;
mod host_reports;
mod host_root;
mod host_tools;
mod hosts;
mod ledger;
mod lock_files;
mod policy;
mod policy_command;
mod pre_commit;
mod python;
mod release;
mod release_tag;
mod report_formats;
mod reports;
mod roots;
mod rules;
mod sbom;
mod sbom_documents;
mod sbom_formats;
mod sbom_validate;
mod signature_tools;
mod signers;
mod support;
mod trees;
mod verify;
mod verify_show;
mod waivers;
