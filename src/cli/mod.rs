//! The command line: arguments turned into requests, reports into bytes. One file a subcommand.

mod baseline;
mod changes;
mod environment;
mod explain;
mod gate;
mod generated;
#[cfg(feature = "signatures")]
mod growing_file;
mod hook;
mod host;
mod output;
mod policy;
mod progress;
mod sbom;
mod schema;
mod target;
mod usage;
#[cfg(feature = "signatures")]
mod verify;
#[cfg(feature = "signatures")]
mod verify_show;
mod waive;

use std::process::ExitCode;

use anyhow::Error;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory as _, Parser, Subcommand};

use environment::Environment;

use crate::gate::GateError;
use crate::text::Text;

/// The exit code of a request that could not be carried out.
const FAILED: u8 = 2;

/// One gate for the software supply chain.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    about = "One gate for the software supply chain, judged by one policy",
    long_about = None,
    styles = STYLES,
    after_help = "Exit codes: 0 passed, 1 policy violated, 2 the request could not be carried out.",
    disable_help_subcommand = true,
    max_term_width = 100,
    infer_subcommands = false,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge a tree, or what a change does to it
    Gate(gate::Gate),
    /// List what a change does to dependencies
    Changes(changes::Changes),
    /// Write software bills of materials
    Sbom(sbom::Sbom),
    /// Judge who signed artifacts, and whether they may
    #[cfg(feature = "signatures")]
    Verify(Box<verify::Verify>),
    /// Judge how a host is hardened, by its files
    Host(host::Host),
    /// Start, show, check and list the policy
    Policy(policy::Policy),
    /// Write what is known of a tree, to compare with later
    Baseline(baseline::Baseline),
    /// Add a waiver for a finding to the policy
    Waive(waive::Waive),
    /// Guard every commit as a git hook
    Hook(hook::Hook),
    /// Explain a rule, or list all rules
    Explain(explain::Explain),
    /// Print the JSON schema of reports or policies
    Schema(schema::Schema),
    /// Print a completion script for a shell
    Completions(generated::Completions),
    /// Print the manual page
    Man(generated::Man),
}

/// Runs the program on the process's own arguments and environment.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::answer(&error),
    };
    let environment = Environment::of_process();
    match arguments.command.run(&environment) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::complain(&error_lines(&error));
            ExitCode::from(FAILED)
        }
    }
}

impl Command {
    fn run(self, environment: &Environment) -> Result<u8, Error> {
        match self {
            Self::Gate(command) => command.run(environment),
            Self::Changes(command) => command.run(environment),
            Self::Sbom(command) => command.run(environment),
            #[cfg(feature = "signatures")]
            Self::Verify(command) => command.run(environment),
            Self::Host(command) => command.run(environment),
            Self::Policy(command) => command.run(environment),
            Self::Baseline(command) => command.run(environment),
            Self::Waive(command) => command.run(environment),
            Self::Hook(command) => command.run(environment),
            Self::Explain(command) => command.run(environment),
            Self::Schema(command) => command.run(),
            Self::Completions(command) => command.run(Arguments::command()),
            Self::Man(command) => command.run(Arguments::command()),
        }
    }
}

/// An error with a way out.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Complaint {
    message: Text,
    hint: Option<Text>,
}

impl Complaint {
    fn new(message: Text) -> Self {
        Self { message, hint: None }
    }

    fn hint(self, hint: Text) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Returns it as it is shown.
    fn lines(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("error: {}{hint}", self.message)
    }
}

/// Returns an error in one line, and a hint where there is one.
fn error_lines(error: &Error) -> String {
    if let Some(complaint) = error.downcast_ref::<Complaint>() {
        return complaint.lines();
    }
    let hint = error.downcast_ref::<GateError>().and_then(GateError::hint);
    let hint = hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("error: {error:#}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_fits_a_terminal() {
        let help = Arguments::command().term_width(80).render_help().to_string();
        assert!(help.lines().count() <= 24, "{} lines", help.lines().count());
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
