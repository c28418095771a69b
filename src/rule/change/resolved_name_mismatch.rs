//! `change/resolved-name-mismatch`: a lock entry resolves to another package than its key says.

use crate::component::{RemoteUrl, npm};
use crate::diff::Sighting;
use crate::fact::FactKind;
use crate::finding::{Level, Reference};
use crate::rule::{Answer, Context, Draft, Judge, Rule, package_subject};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "change/resolved-name-mismatch",
    level: Level::Deny,
    summary: "a lock entry resolves to another package than its key says",
    why: "the reviewer reads the key, the package manager installs what the address names",
    help: "restore the address, or let the package manager write the entry anew",
    page: include_str!("resolved_name_mismatch.md"),
    needs: &[FactKind::Component],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-345" }],
    judge: Judge::Component(judge),
};

/// Fails when the address of a registry's tarball names another package or version than its entry.
fn judge(seen: Sighting<'_>, _: &Context<'_>) -> Answer {
    let component = seen.component;
    let Some((url, tarball)) = component.resolved.as_ref().and_then(|url| Some((url, npm::tarball(url)?))) else {
        return Answer::Nothing;
    };
    if tarball.name != *component.name {
        return draft(seen, url, text!("`{}` resolves to the package `{}`", component.label(), tarball.name))
            .fact(tarball.name)
            .into();
    }
    // Build metadata does not reach the file's name.
    let plain = |version: &str| version.split('+').next().unwrap_or(version).to_owned();
    let expected = component.version.as_deref().map(plain);
    match tarball.version.as_deref().map(plain) {
        found if found == expected => Answer::Pass,
        Some(found) => {
            draft(seen, url, text!("`{}` resolves to version {}", component.label(), found)).fact(found).into()
        }
        None => draft(seen, url, text!("`{}` resolves to a file of another name", component.label()))
            .fact(url.as_str())
            .into(),
    }
}

fn draft(seen: Sighting<'_>, url: &RemoteUrl, message: Text) -> Draft {
    Draft::fail(package_subject(seen.component), message)
        .at(seen.component.at(seen.component.source_at))
        .label(text!("expected an address of `{}`", seen.component.label()))
        .with("expected", text!("{}", seen.component.label()))
        .found(text!("{}", url))
}
