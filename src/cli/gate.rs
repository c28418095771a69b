//! `portcullis gate`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::Args;

use super::environment::Environment;
use super::progress::Progress;
use super::target::{self, Compare, Place};
use super::{Complaint, output};
use crate::gate::{self, OldFindings, Report, Request};
use crate::report::{self, Format, Style};
use crate::text;
use crate::text::Text;

/// Judges a tree, or what a change does to it, by the policy.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(super) struct Gate {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    compare: Compare,

    /// The policy: a file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// Leave findings out of the report that were there before
    #[arg(long, conflicts_with = "all")]
    new_only: bool,

    /// Count findings that were there before
    #[arg(long)]
    all: bool,

    /// Accept the changed policy file of this digest
    #[arg(long, value_name = "sha256:DIGEST", value_parser = digest)]
    accept_policy: Option<String>,

    /// Judge waivers as of this day or time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// The report's format, on stdout or into a file; may be repeated
    #[arg(long = "format", value_name = "FMT[=FILE]", value_parser = output_of)]
    formats: Vec<Output>,

    /// Judge this host as well, as `host check` does
    #[arg(long)]
    host: bool,

    /// Append the report in Markdown to the page of a GitHub Actions job
    #[arg(long)]
    summary: bool,
}

/// What stands below the options: the formats there are, and examples.
fn after_help() -> String {
    let mut out = "Formats:\n".to_owned();
    for format in report::FORMATS {
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "  {:<13}{}", format.id, format.summary);
    }
    out.push_str(
        "Without one `human` is printed, and in GitHub Actions `github` behind it.\n\n\
         Examples:\n  \
         portcullis gate                           judge the directory as it is\n  \
         portcullis gate --base main               judge what a branch changes\n  \
         portcullis gate --staged                  judge what is about to be committed\n  \
         portcullis gate --repo R.git --base A --head B\n  \
         portcullis gate --base main --format human --format sarif=portcullis.sarif",
    );
    out
}

/// A format and where it goes.
#[derive(Clone)]
pub(super) struct Output {
    format: &'static Format,
    file: Option<PathBuf>,
}

impl Output {
    /// Whether it goes into a file.
    pub(super) fn is_file(&self) -> bool {
        self.file.is_some()
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.format.id)
    }
}

/// Reads `FMT[=FILE]`.
pub(super) fn output_of(text: &str) -> Result<Output, String> {
    let (id, file) = text.split_once('=').map_or((text, None), |(id, file)| (id, Some(PathBuf::from(file))));
    let known: Vec<&str> = report::FORMATS.iter().map(|format| format.id).collect();
    match report::format(id) {
        Some(_) if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) => {
            Err("expected a file behind `=`".to_owned())
        }
        Some(format) => Ok(Output { format, file }),
        None => Err(format!("expected one of the formats {}", known.join(", "))),
    }
}

fn digest(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    let sound = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if sound { Ok(text.to_owned()) } else { Err("expected `sha256:` and 64 hexadecimal digits".to_owned()) }
}

impl Gate {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let summary = self.summary.then(|| summary_file(environment)).transpose()?;
        let request = Request {
            target: self.place.target(self.compare.head.clone(), self.compare.against()?, environment)?,
            policy: target::policy(self.policy.as_deref(), environment)?,
            old_findings: match (self.new_only, self.all) {
                (true, _) => OldFindings::LeftOut,
                (_, true) => OldFindings::Counted,
                _ => OldFindings::Listed,
            },
            accept_policy: self.accept_policy,
            today: environment.day(self.at.as_deref())?,
            at: stated(&self.formats, self.at.as_deref(), environment)?,
            host: self.host.then(|| super::host::of_machine(environment)).transpose()?,
        };
        let report = {
            let _progress = Progress::start("reading the tree");
            gate::run(&request)?
        };
        let mut outputs = self.formats;
        if outputs.iter().all(Output::is_file) {
            outputs.extend(usual(environment));
        }
        deliver(&report, &outputs, summary)
    }
}

/// Returns the time that a report states: that of the user, and that of the clock where a format must state one.
pub(super) fn stated(
    outputs: &[Output],
    at: Option<&str>,
    environment: &Environment,
) -> Result<Option<Text>, Complaint> {
    let must = outputs.iter().any(|output| output.format.states_time);
    let time = environment.stated_time(at)?.or_else(|| environment.now_in_seconds().filter(|_| must));
    Ok(time.map(|time| text!("{}", time.to_string())))
}

/// Returns what is printed where no format is asked for on stdout. Whoever asks for one gets it alone, so that a
/// document stays one.
pub(super) fn usual(environment: &Environment) -> Vec<Output> {
    let ids: &[&str] = if environment.in_github_actions { &["human", "github"] } else { &["human"] };
    ids.iter().filter_map(|id| report::format(id)).map(|format| Output { format, file: None }).collect()
}

/// Returns the file that the step's summary is written to.
fn summary_file(environment: &Environment) -> Result<&Path, Complaint> {
    let missing = || {
        Complaint::new(Text::trusted("--summary: expected GITHUB_STEP_SUMMARY to name a file, found none"))
            .hint(Text::trusted("outside of GitHub Actions `--format markdown=FILE` writes the page"))
    };
    environment.step_summary.as_deref().ok_or_else(missing)
}

/// Writes a report in every format asked for, appends it to a summary, and returns the exit code. A report that
/// cannot be written is never a verdict.
pub(super) fn deliver(report: &Report, outputs: &[Output], summary: Option<&Path>) -> Result<u8, Error> {
    let mut failure: Option<Complaint> = None;
    for output in outputs {
        let style = if output.file.is_some() { output::FILE_STYLE } else { output::stdout_style() };
        let written = rendered(report, output.format, style).and_then(|bytes| match &output.file {
            Some(file) => output::write_file(file, &bytes),
            None => output::print(&bytes),
        });
        // The other reports are still of use.
        failure = failure.or(written.err());
    }
    if let (Some(file), Some(format)) = (summary, report::format("markdown")) {
        let written = rendered(report, format, output::FILE_STYLE).and_then(|page| {
            // What stands there already may not end its last line, and a heading needs one of its own.
            output::append_to_file(file, &[b"\n", page.as_slice()].concat())
        });
        failure = failure.or(written.err());
    }
    match failure {
        Some(complaint) => Err(complaint.into()),
        None => Ok(report.verdict.exit_code()),
    }
}

fn rendered(report: &Report, format: &Format, style: Style) -> Result<Vec<u8>, Complaint> {
    let mut bytes = Vec::new();
    match (format.render)(report, style, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(Complaint::new(text!("{}: {}", format.id, error.to_string()))),
    }
}
