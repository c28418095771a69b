//! `portcullis explain`.

use anyhow::Error;
use clap::Args;

use super::environment::Environment;
use super::{Complaint, output};
use crate::rule;
use crate::text;

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
            let nearest = rule::rules().map(|rule| (strsim::damerau_levenshtein(&id, rule.id), rule.id)).min();
            return Err(match nearest {
                Some((distance, nearest)) if distance <= id.len() / 2 => {
                    complaint.hint(text!("did you mean `{}`?", nearest))
                }
                _ => complaint.hint(text::Text::trusted("`portcullis explain` lists all rules")),
            }
            .into());
        };
        output::print(rule.page.as_bytes())?;
        Ok(0)
    }
}
