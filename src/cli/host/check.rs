//! `portcullis host check`.

use std::path::PathBuf;

use anyhow::Error;
use clap::Args;

use super::super::environment::Environment;
use super::super::gate::{Output, deliver, output_of, stated, usual};
use super::super::progress::Progress;
use super::super::target;
use super::source::{self, Source};
use crate::gate::{HostRequest, OldFindings, judge_host, load_policy};
use crate::policy::host::Chosen;
use crate::policy::{Origin, Sourced};
use crate::text::Text;

/// Judges how a host is hardened, by what its files say. Changes nothing, runs nothing, opens no connection.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis host check                           this host\n  \
    portcullis host check --root rootfs             a root filesystem\n  \
    portcullis host check --root image.tar          an image\n  \
    portcullis host check --baseline host.json      only what got worse counts\n  \
    portcullis host check --profile cis-debian12    the controls of a benchmark, each with its state\n  \
    portcullis host check --skip setid --skip package")]
pub(super) struct Check {
    #[command(flatten)]
    source: Source,

    /// How strictly, `base`, `strict` or `fips`; or by which benchmark: `cis-debian12`, `kspp`, …
    #[arg(long, value_name = "NAME", value_parser = profile_of)]
    profile: Option<Chosen>,

    /// The policy: a file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// Compare with what `portcullis host snapshot` wrote
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Leave findings out of the report that were there before
    #[arg(long, conflicts_with = "all", requires = "baseline")]
    new_only: bool,

    /// Count findings that were there before
    #[arg(long, requires = "baseline")]
    all: bool,

    /// Judge as of this day or time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// The report's format, on stdout or into a file; may be repeated
    #[arg(long = "format", value_name = "FMT[=FILE]", value_parser = output_of)]
    formats: Vec<Output>,
}

fn profile_of(text: &str) -> Result<Chosen, String> {
    Chosen::named(text).ok_or_else(|| format!("expected one of the profiles {}", Chosen::names().join(", ")))
}

impl Check {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let mut policy = load_policy(&target::policy(self.policy.as_deref(), environment)?)?;
        if let Some(profile) = self.profile {
            let origin = Origin::whole(Text::trusted("--profile"));
            policy.host.profile = Some(Sourced { value: profile, origin });
        }
        let before = self.baseline.as_deref().map(source::snapshot).transpose()?;
        let root = self.source.open(environment)?;
        let request = HostRequest {
            root: &root,
            wants: self.source.wants(environment, policy.excluded()),
            policy,
            before,
            old_findings: match (self.new_only, self.all) {
                (true, _) => OldFindings::LeftOut,
                (_, true) => OldFindings::Counted,
                _ => OldFindings::Listed,
            },
            today: environment.day(self.at.as_deref())?,
            at: stated(&self.formats, self.at.as_deref(), environment)?,
        };
        let report = {
            let _progress = Progress::start("reading the host");
            judge_host(request)?
        };
        let mut outputs = self.formats;
        if outputs.iter().all(Output::is_file) {
            outputs.extend(usual(environment));
        }
        deliver(&report, &outputs, None)
    }
}
