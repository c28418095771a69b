//! What the guideline asks, one function an element.

use super::kind::{FILE_NAME, Kind, kind};
use crate::sbom::model::{Component, Hash, License, Party, PartyKind};
use crate::sbom::profile::about_component as component;
use crate::sbom::profile::facts::{Facts, Found};
use crate::sbom::profile::score::State;
use crate::sbom::profile::told::Told;

pub(super) fn format(facts: &Facts<'_>) -> Found {
    let version = facts.document.version;
    let found = crate::text!("{} {}", facts.document.format.summary, version);
    let is_new = match facts.family() {
        "cyclonedx" => !["1.2", "1.3", "1.4", "1.5"].contains(&version),
        family => family == "spdx3",
    };
    if is_new {
        return Found::value().detailed(found);
    }
    Found::of(Told::Malformed).detailed(crate::text!("expected CycloneDX from 1.6 or SPDX from 3.0.1, found {}", found))
}

pub(super) fn no_vulnerabilities(facts: &Facts<'_>) -> Found {
    match facts.bom.vulnerabilities {
        0 => Found::value(),
        count => {
            let place = facts.node(&["vulnerabilities"]).map(|node| node.span);
            Found { span: place, ..Found::of(Told::Malformed) }
                .detailed(crate::text!("expected none, found {} of them", count))
        }
    }
}

pub(super) fn sbom_creator(facts: &Facts<'_>) -> Found {
    let is_organization = |party: &&Party<'_>| party.kind == PartyKind::Organization || !facts.is_cyclonedx();
    let makers = facts.bom.authors.iter().filter(|party| party.kind != PartyKind::Software);
    let first = makers.clone().filter(is_organization).map(address).min().unwrap_or(Told::Absent);
    let second = makers.map(address).min().unwrap_or(Told::Absent);
    let supplier = facts.bom.supplier.as_ref().map_or(Told::Absent, address);
    match (first, second.or(|| supplier)) {
        (Told::Value, _) => Found::value(),
        (_, Told::Value) => Found::value().noted("the address of an author or the supplier taken for the creator's"),
        (first, second) => without_address(first.or(|| second), facts.bom.authors.iter().any(|one| one.name.is_some())),
    }
}

pub(super) fn creator(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    let producer = Told::stated(&one.producer, address);
    let authors = one.authors.iter().map(address).min().unwrap_or(Told::Absent);
    let supplier = Told::stated(&one.supplier, address);
    match (producer, authors.or(|| supplier)) {
        (Told::Value, _) => Found::value(),
        (_, Told::Value) => Found::value().noted("the address of an author or the supplier taken for the creator's"),
        (first, second) => {
            let named = one.producer.value().into_iter().chain(&one.authors).chain(one.supplier.value());
            without_address(first.or(|| second), named.into_iter().any(|party| party.name.is_some()))
        }
    }
}

fn without_address(told: Told, is_named: bool) -> Found {
    Found::of(told).noted_if(is_named && told == Told::Absent, "a name alone does not do: an address has to be told")
}

/// Returns what is told of how a party can be reached: by mail, else on the web.
fn address(party: &Party<'_>) -> Told {
    let mail = party.emails.iter().map(|text| judged(text, is_mail));
    let web = party.urls.iter().map(|text| judged(text, is_url));
    mail.chain(web).min().unwrap_or(Told::Absent)
}

/// Returns what a text tells where only some are values.
fn judged(text: &str, is_sound: impl Fn(&str) -> bool) -> Told {
    match Told::text(text) {
        Told::Value if !is_sound(text) => Told::Malformed,
        told => told,
    }
}

fn is_mail(text: &str) -> bool {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    text.split_once('@').is_some_and(|(local, domain)| {
        let is_plain = |part: &str| !part.is_empty() && !part.contains([' ', '@', '<', '>']);
        is_plain(local) && is_plain(domain)
    })
}

/// Whether a text is a URI with a scheme.
fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !rest.is_empty()
            && !rest.contains([' ', '<', '>', '"'])
            && rest != "//"
    })
}

pub(super) fn version(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    Found::of(component::version(one))
}

/// Asks of a component what only one with a file of its own can tell.
fn of_file(facts: &Facts<'_>, at: usize, one: &Component<'_>, ask: impl FnOnce() -> Found) -> Found {
    match kind(facts, at, one) {
        Kind::Logical => Found::exempt("a logical component has no file of its own"),
        _ => of_delivered(facts, at, one, ask),
    }
}

/// Asks of a component what only one inside of what is delivered has to tell.
fn of_delivered(facts: &Facts<'_>, at: usize, one: &Component<'_>, ask: impl FnOnce() -> Found) -> Found {
    match kind(facts, at, one) {
        Kind::Referenced => Found::exempt("another document describes it"),
        Kind::Identified => Found::exempt("it stands outside of what is delivered"),
        Kind::Taken => match ask() {
            found if found.told == Told::Absent => found
                .doubted()
                .noted("taken for a component outside of what is delivered, as it needs nothing and names no file"),
            found => found,
        },
        Kind::Logical | Kind::Described => ask(),
    }
}

/// Returns the one value of a property of BSI's taxonomy; several are one too many.
fn property<'c>(one: &'c Component<'_>, name: &str) -> Result<Option<&'c str>, Found> {
    let mut values = one.properties.iter().filter(|(key, _)| key == name).map(|(_, value)| &**value);
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Found::of(Told::Malformed).noted("expected the property once, found it several times")),
    }
}

pub(super) fn file_name(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_file(facts, at, one, || {
        let name = match property(one, FILE_NAME) {
            Ok(name) => name.or(one.file_name.as_deref()),
            Err(found) => return found,
        };
        let name = name.or_else(|| facts.artifacts(at).next().map(|file| &*file.name));
        let name = name.or((one.kind == "file").then_some(&*one.name));
        match name.map(|name| (name, judged(name, |name| !name.contains(['/', '\\'])))) {
            None => Found::absent(),
            Some((name, Told::Malformed)) => Found::of(Told::Malformed)
                .detailed(crate::text!("expected a name of a file without a path, found `{}`", name)),
            Some((_, told)) => Found::of(told),
        }
    })
}

pub(super) fn dependencies(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_delivered(facts, at, one, || {
        let links = facts.links(at);
        let is_complete_told = links.is_completeness_told() || facts.whole().is_completeness_told();
        match (links.leads_on() || links.has_none, is_complete_told) {
            (true, true) => Found::value(),
            (true, false) => Found::absent().noted("it is not told whether that is all of it"),
            (false, _) if links.is_unknown => Found::of(Told::Unknown),
            (false, _) => Found::absent(),
        }
    })
}

pub(super) fn distribution_licences(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_delivered(facts, at, one, || {
        let concluded = Told::stated(&one.concluded, |all| identified(all));
        if concluded != Told::Absent {
            return Found::of(concluded).noted_if(
                concluded == Told::Malformed,
                "expected identifiers or an expression of SPDX, or LicenseRef-",
            );
        }
        match Told::stated(&one.declared, |all| identified(all)) {
            Told::Value => Found::value().doubted().noted("the declared licence taken for that of the distribution"),
            told => Found::of(told)
                .noted_if(told == Told::Malformed, "expected identifiers or an expression of SPDX, or LicenseRef-"),
        }
    })
}

/// Returns what licences tell where a name is no licence: only identifiers and expressions are.
fn identified(licenses: &[License<'_>]) -> Told {
    let told = licenses.iter().map(|license| {
        let is_reference = |text: &str| text.starts_with("LicenseRef-") && component::is_expression(text);
        match license {
            License::Expression(text) => judged(text, component::is_expression),
            License::Named { name, .. } => judged(name, is_reference),
        }
    });
    told.max().unwrap_or(Told::Absent)
}

fn is_sha_512(hash: &&Hash<'_>) -> bool {
    hash.algorithm.name() == "SHA-512"
}

pub(super) fn deployable_hash(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_file(facts, at, one, || {
        let references = one.references.iter().filter(|reference| reference.kind == "distribution");
        let files = facts.artifacts(at).flat_map(|file| &file.hashes);
        let placed = references.flat_map(|reference| &reference.hashes).chain(files);
        let placed: Vec<Told> = placed.filter(is_sha_512).map(component::hash).collect();
        let own = one.hashes.iter().filter(is_sha_512).map(component::hash).min();
        match (placed.into_iter().min(), own) {
            (Some(Told::Value), _) => Found::value(),
            (_, Some(Told::Value)) if facts.is_cyclonedx() => Found::value()
                .doubted()
                .noted("a SHA-512 in `hashes` of the component belongs into its reference `distribution`"),
            (_, Some(Told::Value)) if one.kind == "file" || facts.family() == "spdx2" => Found::value(),
            (_, Some(Told::Value)) => {
                Found::value().doubted().noted("the SHA-512 belongs to the file it is distributed as")
            }
            (Some(told), _) | (None, Some(told)) => Found::of(told).noted("the value is no SHA-512"),
            (None, None) => Found::absent()
                .noted_if(!one.hashes.is_empty(), "a digest of another algorithm does not do, SHA-512 is asked for"),
        }
    })
}

/// Asks for one of two words: in a property, or by the purposes of a file of SPDX 3.
fn one_of(
    facts: &Facts<'_>,
    at: usize,
    one: &Component<'_>,
    name: &str,
    words: (&str, &str),
    purpose: impl Fn(&[&str]) -> bool,
) -> Found {
    of_file(facts, at, one, || match property(one, name) {
        Err(found) => found,
        Ok(Some(value)) if value == words.0 || value == words.1 => Found::value(),
        Ok(Some(value)) => {
            Found::of(Told::Malformed).detailed(crate::text!("expected {} or {}, found `{}`", words.0, words.1, value))
        }
        Ok(None) if facts.family() == "spdx3" => {
            let files = facts.artifacts(at).chain((one.kind == "file").then_some(one));
            let mut all = files.map(|file| purposes(file).collect::<Vec<&str>>());
            Found::where_(all.any(|all| purpose(&all)))
        }
        Ok(None) => Found::absent(),
    })
}

/// Returns what a component of SPDX 3 is for.
fn purposes<'c>(one: &'c Component<'_>) -> impl Iterator<Item = &'c str> {
    let further = one.properties.iter().filter(|(key, _)| key == PURPOSE).map(|(_, value)| &**value);
    further.chain([&*one.kind])
}

/// The property of a component that tells what it is for beside its kind (SPDX 3).
const PURPOSE: &str = "spdx:purpose";

pub(super) fn executable(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    // A file that does not say that it is one is told to be none.
    one_of(facts, at, one, "bsi:component:executable", ("executable", "non-executable"), |_| true)
}

pub(super) fn archive(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    one_of(facts, at, one, "bsi:component:archive", ("archive", "no archive"), |_| true)
}

pub(super) fn structured(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    one_of(facts, at, one, "bsi:component:structured", ("structured", "unstructured"), |all| {
        all.contains(&"container") || all.contains(&"firmware")
    })
}

pub(super) fn sbom_uri(facts: &Facts<'_>) -> Found {
    let Some(id) = facts.bom.id.as_deref() else { return Found::absent().if_it_exists() };
    let told = judged(id, is_url);
    Found::of(told).if_it_exists()
}

/// Returns what references of a kind lead to.
fn reference(one: &Component<'_>, kind: &str) -> Told {
    let found = one.references.iter().filter(|reference| reference.kind == kind);
    found.map(|reference| judged(&reference.url, is_url)).min().unwrap_or(Told::Absent)
}

pub(super) fn source_uri(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_file(facts, at, one, || Found::of(reference(one, "source-distribution")).if_it_exists())
}

pub(super) fn deployable_uri(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_file(facts, at, one, || {
        let download = Told::stated(&one.download, |url| judged(url, is_url));
        Found::of(reference(one, "distribution").or(|| download)).if_it_exists()
    })
}

pub(super) fn identifiers(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    let found = component::identifier(one);
    Found { state: None, ..found }.if_it_exists()
}

pub(super) fn original_licences(facts: &Facts<'_>, at: usize, one: &Component<'_>) -> Found {
    of_delivered(facts, at, one, || {
        Found::of(Told::stated(&one.declared, |all| component::all_licenses(all))).if_it_exists()
    })
}

pub(super) fn effective_licence(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    // The guideline and BSI's own taxonomy spell it apart.
    let spelt = ["bsi:component:effectiveLicence", "bsi:component:effectiveLicense"];
    let told = one.properties.iter().filter(|(key, _)| spelt.contains(&&**key));
    Found::of(told.map(|(_, value)| judged(value, component::is_expression)).max().unwrap_or(Told::Absent))
}

pub(super) fn source_hash(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    let sources = one.references.iter().filter(|reference| reference.kind == "source-distribution");
    Found::of(sources.flat_map(|reference| &reference.hashes).map(component::hash).min().unwrap_or(Told::Absent))
}

pub(super) fn security_txt(_: &Facts<'_>, _: usize, one: &Component<'_>) -> Found {
    Found::of(reference(one, "rfc-9116"))
}

pub(super) fn signature(facts: &Facts<'_>) -> Found {
    Found::where_(facts.bom.is_signed)
}

pub(super) fn depth(facts: &Facts<'_>) -> Found {
    let count = facts.bom.components.len();
    let mut is_reached = vec![false; count];
    let mut next: Vec<usize> = facts.bom.roots.clone();
    if next.is_empty() {
        return Found::absent().noted("the document names no subject to begin with");
    }
    while let Some(at) = next.pop() {
        let Some(mark) = is_reached.get_mut(at) else { continue };
        if !std::mem::replace(mark, true) {
            next.extend(facts.links(at).all());
        }
    }
    let mut missed = (0..count).filter(|at| !is_reached.get(*at).copied().unwrap_or(true));
    let Some(first) = missed.next().and_then(|at| facts.bom.components.get(at)) else { return Found::value() };
    let more = missed.count() + 1;
    Found::absent().at(first.span).judged(State::Fail).detailed(crate::text!(
        "{} of {} components are not reached, the first is `{}`",
        more,
        count,
        &*first.name
    ))
}
