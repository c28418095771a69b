//! What is asked of a document, whatever the profile.

use super::facts::{Facts, Found};
use super::score::State;
use super::told::Told;
use crate::sbom::model::{Party, PartyKind, Tool};
use crate::sbom::sound;

/// Returns when the data was put together: a date and time of RFC 3339, or RFC 9557.
pub(super) fn timestamp(facts: &Facts<'_>) -> Found {
    let Some(text) = facts.bom.created.as_deref() else { return Found::absent() };
    // RFC 9557 adds a zone in brackets.
    let plain = text.split_once('[').map_or(text, |(plain, _)| plain);
    match Told::text(text) {
        Told::Value if sound::is_timestamp(plain) => Found::value(),
        Told::Value => {
            Found::of(Told::Malformed).detailed(crate::text!("expected a date and time of RFC 3339, found `{}`", text))
        }
        told => Found::of(told),
    }
}

/// Returns who made the data: a person or an organisation by name.
pub(super) fn author(facts: &Facts<'_>) -> Found {
    let people = facts.bom.authors.iter().filter(|party| party.kind != PartyKind::Software);
    people.map(party).min().map_or(Found::absent(), Found::of)
}

/// Returns what is told by a party: its name.
pub(super) fn party(party: &Party<'_>) -> Told {
    party.name.as_deref().map_or(Told::Absent, Told::text)
}

/// Whether a program made the data, alone or not.
pub(super) fn is_made_by_a_tool(facts: &Facts<'_>) -> bool {
    !facts.bom.tools.is_empty() || facts.bom.authors.iter().any(|party| party.kind == PartyKind::Software)
}

/// Returns the version of a tool, be it written behind its name: `scanner-2.1`, `scanner 2.1`, `scanner: 2.1`.
pub(super) fn tool_version<'t>(tool: &'t Tool<'_>) -> Option<&'t str> {
    let version = tool.version.as_deref().or_else(|| {
        let (_, last) = tool.name.rsplit_once(['-', ' ', ':'])?;
        last.starts_with(|c: char| c.is_ascii_digit()).then_some(last)
    })?;
    (Told::text(version) == Told::Value).then_some(version)
}

/// Returns whether an edge leads from the subject of the document, or it is said that there is none, or that this is not
/// known.
pub(super) fn subject_edges(facts: &Facts<'_>) -> Found {
    if facts.bom.roots.is_empty() {
        return Found::absent().noted("the document names no subject, so nothing can depend from it");
    }
    let lead = |at: &usize| {
        let links = facts.links(*at);
        if links.leads_on() {
            Told::Value
        } else if links.has_none {
            Told::None
        } else if links.is_unknown || links.is_completeness_told() || facts.whole().is_completeness_told() {
            Told::Unknown
        } else {
            Told::Absent
        }
    };
    // Of several subjects each has to tell.
    let Some((told, at)) = facts.bom.roots.iter().map(|at| (lead(at), *at)).max() else { return Found::absent() };
    let place = facts.bom.components.get(at).map(|component| component.span).unwrap_or_default();
    Found::of(told).at(place).noted_if(
        told == Told::Absent,
        "that a document describes something is no dependency: an edge has to lead from it",
    )
}

/// Returns whether it is told how complete the document is, or what nothing is known of.
pub(super) fn known_unknowns(facts: &Facts<'_>) -> Found {
    let is_told = facts.whole().is_completeness_told()
        || (0..facts.bom.components.len())
            .map(|at| facts.links(at))
            .any(|links| links.is_completeness_told() || links.is_unknown || (links.has_none && !facts.is_cyclonedx()));
    Found::where_(is_told)
}

/// Returns the format, which was read.
pub(super) fn format(facts: &Facts<'_>) -> Found {
    Found::value().detailed(crate::text!("{} {}", facts.document.format.summary, facts.document.version))
}

/// Returns when in the life of the product the data was put together.
pub(super) fn lifecycle(facts: &Facts<'_>) -> Found {
    let stated = facts.bom.lifecycles.iter().map(|word| (is_lifecycle(word), word));
    if let Some((is_known, word)) = stated.max_by_key(|(is_known, _)| *is_known) {
        let wrong = || crate::text!("expected a phase such as `build`, found `{}`", &**word);
        return if is_known { Found::value() } else { Found::of(Told::Placeholder).detailed(wrong()) };
    }
    let comment = facts.bom.comment.as_deref().filter(|_| facts.family() == "spdx2").unwrap_or_default();
    let is_named = comment.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        ["design", "source", "build", "analyzed", "deployed", "runtime"].contains(&&*word.to_ascii_lowercase())
    });
    Found::where_(is_named).noted_if(is_named, "named in the comment on the document's creation")
}

/// Whether a word names a phase: those of CycloneDX, the six types of CISA, and before, during or after the build.
fn is_lifecycle(word: &str) -> bool {
    let folded: String = word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    [
        "afterbuild",
        "analyzed",
        "beforebuild",
        "build",
        "decommission",
        "deployed",
        "design",
        "discovery",
        "duringbuild",
        "operations",
        "postbuild",
        "prebuild",
        "runtime",
        "source",
    ]
    .contains(&&*folded)
}

/// Returns what a document's own properties say in place of a value, in the words of the `cdx:cisa` taxonomy.
pub(super) fn or_silence(facts: &Facts<'_>, found: Found, field: &str) -> Found {
    if found.told == Told::Value {
        return found;
    }
    match super::about_component::silence(&facts.bom.properties, field) {
        Some(told) => Found::of(told),
        None => found,
    }
}

/// Returns it as a warning where a family has no other place for it.
pub(super) fn only_warned_in(facts: &Facts<'_>, families: &[&str], found: Found) -> Found {
    let is_lacking = found.told != Told::Value && families.contains(&facts.family());
    if is_lacking { found.judged(State::Warn) } else { found }
}
