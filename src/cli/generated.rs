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
    /// Prints one page: the program, and a section a command.
    pub(super) fn run(self, command: clap::Command) -> Result<u8, Error> {
        let Self {} = self;
        let mut command = command;
        command.build();
        let mut bytes = Vec::new();
        let page = clap_mangen::Man::new(command.clone());
        page.render_title(&mut bytes)?;
        page.render_name_section(&mut bytes)?;
        page.render_synopsis_section(&mut bytes)?;
        page.render_description_section(&mut bytes)?;
        page.render_options_section(&mut bytes)?;
        let mut text = String::from_utf8(bytes)?;
        text.push_str(&extra(&command, "SH"));
        for subcommand in command.get_subcommands() {
            section(subcommand, subcommand.get_name(), &mut text)?;
        }
        output::print(text.as_bytes())?;
        Ok(0)
    }
}

/// Adds the section of a command, and those of the commands below it.
fn section(command: &clap::Command, name: &str, out: &mut String) -> Result<(), Error> {
    let full = format!("portcullis {name}");
    let command = command.clone().bin_name(&full).display_name(&full);
    let page = clap_mangen::Man::new(command.clone());
    let mut bytes = Vec::new();
    page.render_synopsis_section(&mut bytes)?;
    page.render_description_section(&mut bytes)?;
    page.render_options_section(&mut bytes)?;
    out.push_str(&format!(".SH {}\n", full.to_uppercase()));
    for line in String::from_utf8(bytes)?.lines() {
        match line.strip_prefix(".SH ") {
            Some(heading) => out.push_str(&format!(".SS {heading}\n")),
            // Two lines of set-up that stand at the head of the page once.
            None if line.starts_with(".ie ") || line.starts_with(".el ") => {}
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out.push_str(&extra(&command, "SS"));
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        section(subcommand, &format!("{name} {}", subcommand.get_name()), out)?;
    }
    Ok(())
}

/// Returns what stands at the end of a command's help, its lines as they are.
fn extra(command: &clap::Command, heading: &str) -> String {
    let Some(text) = command.get_after_help() else { return String::new() };
    let lines: String = text
        .to_string()
        .lines()
        .map(|line| format!("{}\n", line.replace('\\', "\\e").replace('-', "\\-")))
        // A line that begins with a dot or an apostrophe is a request.
        .map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line })
        .collect();
    format!(".{heading} NOTES\n.nf\n{lines}.fi\n")
}
