//! `config/verification-disabled`: a file switches off a check of a package manager.

use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::variable::{Check, DisabledCheck};

pub(super) static RULE: Rule = Rule {
    id: "config/verification-disabled",
    level: Level::Deny,
    summary: "a file switches off a check of a package manager",
    why: "the check is what tells a package from one that somebody put in its place",
    help: "remove the setting, or limit it to names that only you can publish under",
    page: include_str!("verification_disabled.md"),
    needs: &[FactKind::Variable],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Tree(judge),
};

/// Fails for each variable that is set to a value which switches off a check.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    let disabled = &context.now.disabled_checks;
    // One value may switch off two checks: it is one line to remove.
    for of_one in disabled.chunk_by(|a, b| (&a.place, &a.variable) == (&b.place, &b.variable)) {
        let Some(first) = of_one.first() else { continue };
        let what: Vec<Text> = of_one.iter().map(switched_off).collect();
        let what = Text::trusted(what.iter().map(Text::as_str).collect::<Vec<_>>().join(", and "));
        let path = &first.place.path;
        let message = text!("`{}={}` in `{}` switches off {}", first.variable, first.value, *path, what);
        answers.add(
            Draft::fail(Subject::new("setting", text!("{} in {}", first.variable, *path)), message)
                .at(Some(first.place.clone()))
                .label(text!("switches off {}", what))
                .with("variable", text!("{}", first.variable))
                .found(first.value.clone())
                .fact(first.value.as_str()),
        );
    }
}

fn switched_off(off: &DisabledCheck) -> Text {
    let what = match off.check {
        Check::Encryption => "the encryption of what is fetched",
        Check::Publication => "the check that everybody is given the same contents",
    };
    match &off.only_for {
        Some(only_for) => text!("{} for `{}`", what, *only_for),
        None => Text::trusted(what),
    }
}
