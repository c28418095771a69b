//! Help, and complaints about the command line in the form of all others: one line, and a hint.

use std::error::Error as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Complaint, FAILED, output};
use crate::report::Color;
use crate::text;
use crate::text::Text;

/// Prints help, or a complaint of the argument parser.
pub(super) fn answer(error: &clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if !is_help {
        output::complain(&complaint(error).lines());
        return ExitCode::from(FAILED);
    }
    let help = error.render();
    if error.use_stderr() {
        output::complain(help.to_string().trim_end());
        return ExitCode::from(FAILED);
    }
    let help = match output::stdout_style().color {
        Color::Ansi => help.ansi().to_string(),
        Color::Plain => help.to_string(),
    };
    match output::print(help.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            output::complain(&complaint.lines());
            ExitCode::from(FAILED)
        }
    }
}

fn complaint(error: &clap::Error) -> Complaint {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => text!("{}", *word),
        Some(ContextValue::Strings(words)) => text!("{}", words.join(", ")),
        _ => Text::default(),
    };
    let argument = word(ContextKind::InvalidArg);
    let value = word(ContextKind::InvalidValue);
    let complaint = match error.kind() {
        ErrorKind::UnknownArgument => {
            let what = if argument.as_str().starts_with('-') { "option" } else { "argument" };
            Complaint::new(text!("unknown {} `{}`", what, argument))
        }
        ErrorKind::InvalidSubcommand => {
            Complaint::new(text!("unknown command `{}`", word(ContextKind::InvalidSubcommand)))
        }
        ErrorKind::InvalidValue if value.as_str().is_empty() => {
            Complaint::new(text!("{}: expected a value, found none", argument))
        }
        ErrorKind::InvalidValue => {
            Complaint::new(text!("{}: expected one of {}, found `{}`", argument, word(ContextKind::ValidValue), value))
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            Complaint::new(text!("{}: {}, found `{}`", argument, why, value))
        }
        ErrorKind::TooManyValues => Complaint::new(text!("{}: expected no value, found `{}`", argument, value)),
        ErrorKind::MissingRequiredArgument => Complaint::new(text!("expected {}, found none", argument)),
        ErrorKind::ArgumentConflict => match word(ContextKind::PriorArg) {
            prior if prior == argument => Complaint::new(text!("{}: expected once, found twice", argument)),
            prior => Complaint::new(text!("expected either {} or {}, found both", argument, prior)),
        },
        ErrorKind::MissingSubcommand => {
            Complaint::new(text!("expected one of the commands {}, found none", word(ContextKind::ValidSubcommand)))
        }
        _ => Complaint::new(text!("{}", first_line(error))),
    };
    match suggestion(error) {
        Some(hint) => complaint.hint(hint),
        None => complaint.hint(Text::trusted("`--help` shows what there is")),
    }
}

fn suggestion(error: &clap::Error) -> Option<Text> {
    let kinds = [
        (ContextKind::SuggestedArg, ContextKind::InvalidArg),
        (ContextKind::SuggestedSubcommand, ContextKind::InvalidSubcommand),
        (ContextKind::SuggestedValue, ContextKind::InvalidValue),
    ];
    kinds.into_iter().find_map(|(kind, found)| match (error.get(kind)?, error.get(found)?) {
        (ContextValue::String(word), _) => Some(text!("did you mean `{}`?", *word)),
        (ContextValue::Strings(words), ContextValue::String(found)) => {
            let nearest = words.iter().min_by_key(|word| strsim::damerau_levenshtein(found, word))?;
            Some(text!("did you mean `{}`?", *nearest))
        }
        _ => None,
    })
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
