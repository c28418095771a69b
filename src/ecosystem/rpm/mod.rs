//! rpm, the package manager of Fedora, SUSE and their kin.

pub(super) mod manifest;
