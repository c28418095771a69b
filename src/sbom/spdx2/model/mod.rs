//! SPDX 2 and the model: each notion in a file of its own, where it is read and written.

mod component;
mod document;
mod file;
pub(super) mod id;
pub(super) mod license;
mod package;
mod party;
mod place;
mod property;
mod purpose;
mod reference;
pub(super) mod relation;
mod relations;
mod verification;

pub(super) use document::{read, write};
