//! `portcullis explain`.

use anyhow::Error;
use clap::Args;

use super::environment::Environment;
use super::{Complaint, output};
use crate::rule;
use crate::text;
use crate::text::Text;

/// Shows what a rule means, why it matters, a case that fires and one that does not, and how to fix it.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis explain change/same-version-new-digest")]
pub(super) struct Explain {
    /// The rule (default: a list of all)
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

impl Explain {
    pub(super) fn run(self, _: &Environment) -> Result<u8, Error> {
        let Some(id) = self.rule else {
            let mut list = String::new();
            for rule in rule::rules() {
                list.push_str(&format!("{:<34} {:<5} {}\n", rule.id, rule.level.word(), rule.summary));
            }
            output::print(list.as_bytes())?;
            return Ok(0);
        };
        let Some(rule) = rule::rule(&id) else {
            let complaint = Complaint::new(text!("explain: unknown rule `{}`", id));
            let hint = match nearest(&id) {
                Some(nearest) => text!("did you mean `{}`?", nearest),
                None => Text::trusted("`portcullis explain` lists all rules"),
            };
            return Err(complaint.hint(hint).into());
        };
        output::print(rule.page.as_bytes())?;
        Ok(0)
    }
}

/// Returns the rule that somebody most likely meant: one whose name alone was given, else the nearest.
fn nearest(word: &str) -> Option<&'static str> {
    let distance = |id: &'static str| {
        let name = id.split('/').nth(1).unwrap_or(id);
        (strsim::damerau_levenshtein(word, id).min(strsim::damerau_levenshtein(word, name)), id)
    };
    let (distance, id) = rule::rules().map(|rule| distance(rule.id)).min()?;
    (distance <= 2 + word.chars().count() / 4).then_some(id)
}
