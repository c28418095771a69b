//! `portcullis waive`.

use anyhow::Error;
use clap::Args;
use jiff::civil::Date;

use super::environment::Environment;
use super::policy::{proved, toml_string};
use super::progress::Progress;
use super::target::{self, Compare, Place};
use super::{Complaint, output};
use crate::finding::{Finding, State};
use crate::gate::{self, OldFindings, Request};
use crate::policy::POLICY_FILE;
use crate::text;
use crate::text::Text;

/// Adds a waiver for a finding to the policy. The finding is looked for with the same options as `gate`.
#[derive(Debug, Args)]
#[command(
    override_usage = "portcullis waive [OPTIONS] --owner <OWNER> --reason <REASON> --expires <DATE>\n       \
                      <FINGERPRINT> [PATH]",
    after_help = "Example:\n  \
    portcullis waive 4c4dc77c8f28 --base main --owner @release-team \\\n    \
    --reason 'the registry confirmed the new upload' --expires 2027-01-31"
)]
pub(super) struct Waive {
    /// The finding's fingerprint, or its first twelve digits or more
    #[arg(value_name = "FINGERPRINT")]
    fingerprint: String,

    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    compare: Compare,

    /// Who answers for the exception
    #[arg(long)]
    owner: String,

    /// Why it is right
    #[arg(long)]
    reason: String,

    /// The last day it holds
    #[arg(long, value_name = "DATE", value_parser = date)]
    expires: Date,
}

fn date(text: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", text).map_err(|_error| "expected a date such as 2027-01-31".to_owned())
}

/// How many digits of a fingerprint name a finding.
const MIN_DIGITS: usize = 12;

impl Waive {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let today = environment.day(None)?;
        if self.fingerprint.len() < MIN_DIGITS {
            return Err(Complaint::new(text!(
                "waive: expected at least {} digits of a fingerprint, found `{}`",
                MIN_DIGITS,
                self.fingerprint
            ))
            .into());
        }
        if self.expires < today {
            return Err(Complaint::new(text!(
                "--expires: expected a day that is not over, found {}",
                self.expires.to_string()
            ))
            .into());
        }
        for (option, value) in [("--owner", &self.owner), ("--reason", &self.reason)] {
            if value.trim().is_empty() {
                return Err(Complaint::new(text!("{}: expected a text, found an empty one", option)).into());
            }
        }
        let target = self.place.target(self.compare.head.clone(), self.compare.against()?, environment)?;
        let root = match (gate::open(&target)?.root, &target.repository) {
            (Some(root), _) => root,
            (None, None) => target.absolute.clone(),
            (None, Some((repository, _))) => {
                return Err(Complaint::new(text!(
                    "{}: expected a work tree to write {} to, found a bare repository",
                    output::shown(repository),
                    POLICY_FILE
                ))
                .into());
            }
        };
        let request = Request {
            target,
            policy: target::policy(None, environment)?,
            old_findings: OldFindings::Counted,
            accept_policy: None,
            today,
            at: None,
            host: None,
        };
        let report = {
            let _progress = Progress::start("reading the tree");
            gate::run(&request)?
        };
        let open = |finding: &&Finding| {
            matches!(finding.state, State::Fail | State::NotDetermined)
                && finding.fingerprint.starts_with(&self.fingerprint)
        };
        let Some(finding) = report.findings.iter().find(open) else {
            return Err(Complaint::new(text!(
                "waive: expected a finding with the fingerprint `{}`, found none",
                self.fingerprint
            ))
            .hint(Text::trusted("give the options of the run that reported it: --base, --staged or --baseline"))
            .into());
        };
        let file = root.join(POLICY_FILE);
        let old = match output::read_file(&file, 4 << 20) {
            Ok(bytes) => String::from_utf8(bytes)
                .map_err(|_error| Complaint::new(text!("{}: expected UTF-8 text", POLICY_FILE)))?,
            Err(_) if !output::is_there(&file) => "extends = [\"builtin:recommended\"]\n".to_owned(),
            Err(complaint) => return Err(complaint.into()),
        };
        let waiver = format!(
            "\n[[waiver]]\nrule = {}\nsubject = {}\nfingerprint = {}\nowner = {}\nreason = {}\nexpires = {}\n",
            toml_string(finding.rule.as_str()),
            toml_string(finding.subject.id.as_str()),
            toml_string(&finding.fingerprint),
            toml_string(&self.owner),
            toml_string(&self.reason),
            self.expires,
        );
        let new = format!("{}{}{waiver}", old, if old.ends_with('\n') || old.is_empty() { "" } else { "\n" });
        proved(&old, &root)?;
        proved(&new, &root).map_err(|_error| {
            Complaint::new(text!("{}: expected waivers as tables, found `waiver` in another form", POLICY_FILE))
                .hint(Text::trusted("write each in double brackets: [[waiver]]"))
        })?;
        output::write_file(&file, new.as_bytes())?;
        output::print(waiver.trim_start().as_bytes())?;
        Ok(0)
    }
}
