//! `portcullis waive`.
use super::environment::Environment;
use anyhow::Error;
use clap::Args;
/// x
#[derive(Debug, Args)]
pub(super) struct Waive {}
impl Waive {
    pub(super) fn run(self, _: &Environment) -> Result<u8, Error> {
        Ok(0)
    }
}
