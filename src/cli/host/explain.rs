//! `portcullis host explain`.

use std::fmt::Write as _;

use anyhow::Error;
use clap::Args;

use super::super::{Complaint, output};
use crate::policy::host::{Control, Fact, Profile, table};
use crate::text;
use crate::text::Text;

/// Explains a fact: what is expected, why, by which published controls; without a name, lists all facts.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis host explain host.sysctl.kernel.kptr_restrict")]
pub(super) struct Explain {
    /// The fact, or what its id ends in
    #[arg(value_name = "FACT")]
    fact: Option<String>,
}

impl Explain {
    pub(super) fn run(self) -> Result<u8, Error> {
        let Some(named) = self.fact else {
            let mut out = String::new();
            for fact in &table().facts {
                writeln!(out, "{:<58} {:<8} {}", fact.id, fact.severity.word(), fact.why)?;
            }
            output::print(out.as_bytes())?;
            return Ok(0);
        };
        let ends =
            |fact: &&Fact| fact.id == named || fact.id.strip_suffix(&named).is_some_and(|rest| rest.ends_with('.'));
        let found: Vec<&Fact> = match table().fact(&named) {
            Some(fact) => vec![fact],
            None => table().facts.iter().filter(ends).collect(),
        };
        let [fact] = found.as_slice() else {
            let complaint = match found.as_slice() {
                [] => Complaint::new(text!("{}: expected the id of a fact, found none of that name", named))
                    .hint(Text::trusted("`portcullis host explain` lists them")),
                several => {
                    let ids: Vec<&str> = several.iter().map(|fact| fact.id.as_str()).collect();
                    Complaint::new(text!("{}: expected the id of one fact, found that of several", named))
                        .hint(text!("name one of {}", ids.join(", ")))
                }
            };
            return Err(complaint.into());
        };
        output::print(page(fact)?.as_bytes())?;
        Ok(0)
    }
}

fn page(fact: &Fact) -> Result<String, std::fmt::Error> {
    let mut out = format!("{}\n\n", fact.id);
    let mut line = |name: &str, value: &str| match value {
        "" => Ok(()),
        value => writeln!(out, "{name:<12} {value}"),
    };
    line("why", &fact.why)?;
    let subject = [("key", &fact.key), ("path", &fact.path), ("most mode", &fact.max_mode)];
    for (name, value) in subject.into_iter().chain([("owner", &fact.owner), ("group", &fact.group)]) {
        line(name, value.as_deref().unwrap_or_default())?;
    }
    line("options", &fact.options.join(", "))?;
    let base = fact.operator.words(fact.value(Profile::Base));
    let strict = fact.operator.words(fact.value(Profile::Strict));
    line("expected", &base)?;
    if strict != base {
        line("strict", &strict)?;
    }
    line("hardest", fact.hardest.as_deref().unwrap_or_default())?;
    line("profile", fact.profile.name())?;
    line("severity", fact.severity.word())?;
    line("level", fact.level(Profile::Base.max(fact.profile)).word())?;
    line("note", fact.note.as_deref().unwrap_or_default())?;
    line("caution", fact.caution.as_deref().unwrap_or_default())?;
    line("rule", &format!("{}   (portcullis explain {})", fact.rule, fact.rule))?;
    for Control { scheme, id, wants, .. } in fact.controls() {
        let wants = wants.as_ref().map(|wants| format!(" (wants {wants})")).unwrap_or_default();
        line("reference", &format!("{scheme} {id}{wants}"))?;
    }
    Ok(out)
}
