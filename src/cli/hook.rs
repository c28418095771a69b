//! `portcullis hook`.
use super::environment::Environment;
use anyhow::Error;
use clap::Args;
/// x
#[derive(Debug, Args)]
pub(super) struct Hook {}
impl Hook {
    pub(super) fn run(self, _: &Environment) -> Result<u8, Error> {
        Ok(0)
    }
}
