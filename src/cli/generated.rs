//! `portcullis completions` and `portcullis man`: what follows from the arguments themselves.

use anyhow::Error;
use clap::Args;
use clap_complete::Shell;

use super::output;

/// Prints a completion script.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis completions bash > /etc/bash_completion.d/portcullis")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the manual page, in roff.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis man | man -l -")]
pub(super) struct Man {}

impl Completions {
    pub(super) fn run(self, mut command: clap::Command) -> Result<u8, Error> {
        let mut bytes = Vec::new();
        clap_complete::generate(self.shell, &mut command, "portcullis", &mut bytes);
        output::print(&bytes)?;
        Ok(0)
    }
}

impl Man {
    /// Prints the page of the program and one section a subcommand.
    pub(super) fn run(self, command: clap::Command) -> Result<u8, Error> {
        let Self {} = self;
        let mut bytes = Vec::new();
        clap_mangen::Man::new(command.clone()).render(&mut bytes)?;
        for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
            let name = format!("portcullis {}", subcommand.get_name());
            let subcommand = subcommand.clone().bin_name(name.clone()).display_name(name);
            let page = clap_mangen::Man::new(subcommand);
            page.render_synopsis_section(&mut bytes)?;
            page.render_description_section(&mut bytes)?;
            page.render_options_section(&mut bytes)?;
        }
        output::print(&bytes)?;
        Ok(0)
    }
}
