//! `portcullis sbom validate`.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use anyhow::Error;
use clap::Args;

use super::super::environment::Environment;
use super::super::gate::{Output, deliver, output_of, stated, usual};
use super::super::target;
use super::file;
use crate::gate::{PolicyChoice, load_policy};
use crate::sbom::profile::{self, Profile};
use crate::tree::TreePath;
use crate::validate::{Request, Validation};

/// The word for the specification of the version that a document states.
const SPECIFICATION: &str = "spec";

/// Judges SBOMs by the specification of their versions, and by profiles. Exits with 0 when all are valid, with 1 when
/// one is not or is of no known format, and with 2 when one cannot be opened.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom validate bom.json\n  \
    portcullis sbom validate --profile spec --profile ntia supplier/*.spdx.json\n  \
    curl -s https://example.com/bom.json | portcullis sbom validate --strict -")]
pub(super) struct Validate {
    /// The documents, of at most 1 GiB each; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// By what they are judged; may be repeated (default: spec)
    #[arg(long = "profile", value_name = "PROFILE", value_parser = by)]
    profiles: Vec<By>,

    /// A document that contradicts itself is not valid; judges by `spec` as well
    #[arg(long)]
    strict: bool,

    /// The policy whose levels and waivers hold: a file, or the name of a built-in one (default: builtin:recommended)
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// Judge waivers as of this day or time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// The report's format, on stdout or into a file; may be repeated
    #[arg(long = "format", value_name = "FMT[=FILE]", value_parser = output_of)]
    formats: Vec<Output>,
}

/// By what documents are judged.
#[derive(Clone, Copy, Debug)]
enum By {
    Specification,
    Profile(&'static Profile),
}

fn by(text: &str) -> Result<By, String> {
    match profile::profile(text) {
        _ if text == SPECIFICATION => Ok(By::Specification),
        Some(profile) => Ok(By::Profile(profile)),
        None => {
            let known: Vec<&str> = profile::PROFILES.iter().map(|profile| profile.id).collect();
            Err(format!("expected one of {SPECIFICATION}, {}", known.join(", ")))
        }
    }
}

impl Validate {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let choice = match self.policy.as_deref() {
            // A policy that lies in the current folder says nothing of files that come from elsewhere.
            None => PolicyChoice::Builtin("recommended".to_owned()),
            named => target::policy(named, environment)?,
        };
        let mut by_specification = self.profiles.is_empty() || self.strict;
        let mut profiles: Vec<&'static Profile> = Vec::new();
        for by in &self.profiles {
            match by {
                By::Specification => by_specification = true,
                By::Profile(profile) if profiles.iter().any(|known| known.id == profile.id) => {}
                By::Profile(profile) => profiles.push(profile),
            }
        }
        let mut validation = Validation::new(Request {
            by_specification,
            profiles,
            is_strict: self.strict,
            policy: load_policy(&choice)?,
            today: environment.day(self.at.as_deref())?,
            stated_at: stated(&self.formats, self.at.as_deref(), environment)?,
        });
        for path in &self.files {
            let bytes = file::read(path)?;
            validation.add(&TreePath::named(path.as_os_str().as_bytes()), &bytes);
        }
        let mut outputs = self.formats;
        if outputs.iter().all(Output::is_file) {
            outputs.extend(usual(environment));
        }
        deliver(&validation.report(), &outputs, None)
    }
}
