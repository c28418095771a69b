//! What is asked of a component, whatever the profile.

use super::about_document::party;
use super::facts::{Facts, Found};
use super::told::Told;
use crate::sbom::model::{Component, Hash, License, Words};
use crate::sbom::sound;

/// The property that says what an author does not know (the `cdx:cisa` taxonomy of CycloneDX).
const UNKNOWN: &str = "cdx:cisa:unknown-information";

/// The property that says what an author does not tell (the same taxonomy).
const WITHHELD: &str = "cdx:cisa:withheld-information";

/// The property of an identifier that has no place of its own (the same taxonomy).
const IDENTIFIER: &str = "cdx:cisa:component-identifier";

/// Returns what properties say in place of a field: `Component Hash Value`, or the same without its first word.
pub(super) fn silence(properties: &[(Words<'_>, Words<'_>)], field: &str) -> Option<Told> {
    let short = field.split_once(' ').map_or(field, |(_, short)| short);
    let names = |value: &str| {
        let value = value.replace(['-', '_'], " ");
        value.eq_ignore_ascii_case(field) || value.eq_ignore_ascii_case(short)
    };
    let told = properties.iter().filter_map(|(key, value)| match &**key {
        UNKNOWN if names(value) => Some(Told::Unknown),
        WITHHELD if names(value) => Some(Told::Withheld),
        _ => None,
    });
    told.max()
}

/// Returns what a component tells, or says in place of it.
pub(super) fn or_silence(component: &Component<'_>, told: Told, field: &str) -> Told {
    match told {
        Told::Value => told,
        told => silence(&component.properties, field).unwrap_or(told),
    }
}

/// Returns its name.
pub(super) fn name(_: &Facts<'_>, _: usize, component: &Component<'_>) -> Found {
    let told = match Told::text(&component.name) {
        // Packages are called `-`, `latest` and `none`; what names them says so.
        Told::Placeholder | Told::Unknown if !component.purls.is_empty() => Told::Value,
        told => told,
    };
    Found::of(told)
}

/// Returns its version.
pub(super) fn version(component: &Component<'_>) -> Told {
    or_silence(component, Told::stated(&component.version, |version| Told::text(version)), "Component Version")
}

/// Returns who distributes it.
pub(super) fn supplier(component: &Component<'_>) -> Told {
    or_silence(component, Told::stated(&component.supplier, party), "Component Supplier")
}

/// Returns who made it: CycloneDX `manufacturer`, SPDX `originator`.
pub(super) fn producer(component: &Component<'_>) -> Told {
    or_silence(component, Told::stated(&component.producer, party), "Component Producer")
}

/// Returns who wrote it.
pub(super) fn authors(component: &Component<'_>) -> Told {
    component.authors.iter().map(party).min().unwrap_or(Told::Absent)
}

/// Returns who published it.
pub(super) fn publisher(component: &Component<'_>) -> Told {
    component.publisher.as_deref().map_or(Told::Absent, Told::text)
}

/// Returns whether it has an identifier that others know it by: a purl, a CPE name, or another.
pub(super) fn identifier(component: &Component<'_>) -> Found {
    let purls = component.purls.iter().map(|purl| (sound::purl_fault(purl).is_none(), &**purl));
    let cpes = component.cpes.iter().map(|cpe| (sound::is_cpe(cpe), &**cpe));
    let others = component
        .identifiers
        .iter()
        .filter(|(kind, _)| !NO_IDENTIFIERS.contains(&&**kind))
        .map(|(_, value)| (Told::text(value) == Told::Value, &**value));
    let own = component
        .properties
        .iter()
        .filter(|(key, _)| key == IDENTIFIER)
        .map(|(_, value)| (Told::text(value) == Told::Value, &**value));
    let all = || purls.clone().chain(cpes.clone()).chain(others.clone()).chain(own.clone());
    if all().any(|(is_sound, _)| is_sound) {
        return Found::value();
    }
    if let Some((_, wrong)) = all().next() {
        return Found::of(Told::Malformed)
            .detailed(crate::text!("expected a purl, a CPE name or another identifier, found `{}`", wrong));
    }
    let told = or_silence(component, Told::Absent, "Component Identifiers");
    let told = told.or(|| or_silence(component, Told::Absent, "Component Identifier"));
    match told {
        Told::Absent if NO_PURL.contains(&&*component.kind) => {
            Found::absent().doubted().noted("what is no package may have no identifier")
        }
        told => Found::of(told),
    }
}

/// The kinds of identifiers that identify no software.
const NO_IDENTIFIERS: &[&str] = &["cve", "email", "other", "securityOther", "urlScheme"];

/// The kinds of components that are no packages.
const NO_PURL: &[&str] = &["data", "device", "device-driver", "firmware", "machine-learning-model"];

/// Returns what a digest tells: hexadecimal digits, as many as its algorithm gives, and not all the same.
pub(super) fn hash(hash: &Hash<'_>) -> Told {
    let value = hash.value.as_bytes();
    let is_hex = !value.is_empty() && value.iter().all(u8::is_ascii_hexdigit);
    let digits = hash.algorithm.spelling().and_then(|known| known.digits);
    match value.first() {
        None => Told::Absent,
        Some(_) if !is_hex => match Told::text(&hash.value) {
            Told::Value => Told::Malformed,
            told => told,
        },
        Some(_) if digits.is_some_and(|digits| digits != value.len()) => Told::Malformed,
        Some(first) if value.iter().all(|byte| byte == first) => Told::Placeholder,
        Some(_) => Told::Value,
    }
}

/// Returns the digests of a component, and of what it is distributed as (SPDX).
pub(super) fn all_hashes<'f>(
    facts: &'f Facts<'_>,
    at: usize,
    component: &'f Component<'f>,
) -> impl Iterator<Item = &'f Hash<'f>> {
    component.hashes.iter().chain(facts.artifacts(at).flat_map(|artifact| &artifact.hashes))
}

/// Returns the best of what its digests tell.
pub(super) fn hashes(facts: &Facts<'_>, at: usize, component: &Component<'_>) -> Told {
    let told = all_hashes(facts, at, component).map(hash).min().unwrap_or(Told::Absent);
    or_silence(component, told, "Component Hash Value")
}

/// Returns what is told of its licences, the declared ones or the concluded.
pub(super) fn licenses(component: &Component<'_>) -> Told {
    let told = Told::stated(&component.concluded, |all| all_licenses(all))
        .or(|| Told::stated(&component.declared, |all| all_licenses(all)));
    or_silence(component, told, "Component License")
}

/// Returns what a list of licences tells: the worst of them.
pub(super) fn all_licenses(licenses: &[License<'_>]) -> Told {
    licenses.iter().map(license).max().unwrap_or(Told::Absent)
}

/// Returns what a licence tells: an expression that can be read, or a name.
fn license(license: &License<'_>) -> Told {
    match (license, Told::text(license.label())) {
        (License::Expression(text), Told::Value) if !is_expression(text) => Told::Malformed,
        // It says where the terms are, whatever it calls them.
        (License::Named { url: Some(_), .. } | License::Named { text: Some(_), .. }, _) => Told::Value,
        (_, told) => told,
    }
}

/// Whether a text is a licence expression of SPDX.
pub(super) fn is_expression(text: &str) -> bool {
    sound::expression_fault(text).is_none()
}
