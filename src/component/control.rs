//! What the control fields of dpkg, and of opkg which has its database, say of an installed package.

use super::{InstalledState, Package, SourcePackage, one_line};
use crate::document::{Fault, Field, Span, Stanza};
use crate::fact::Places;
use crate::text::Text;

/// The fields that are read.
const NAMES: [&str; 11] = [
    "Package",
    "Version",
    "Status",
    "Architecture",
    "Multi-Arch",
    "Source",
    "Maintainer",
    "License",
    "Depends",
    "Pre-Depends",
    "Provides",
];

/// What a stanza without a `Status` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unstated {
    /// The package is installed: the images that have a file a package leave the field out.
    Installed,
    /// Nobody knows: dpkg and opkg always write one, and read none as not installed.
    Fault,
}

/// What one stanza tells.
#[derive(Debug, Default)]
pub struct Control {
    /// The package, as far as it is on the disk.
    pub package: Option<Package>,
    /// Whether it may be installed for several architectures at once.
    pub is_multi_arch: bool,
    /// What is wrong with the stanza.
    pub faults: Vec<Fault>,
}

/// What one stanza says of which package it is.
pub struct Head<'s, 'a> {
    /// Its name.
    pub name: &'s Field<'a>,
    /// Its version.
    pub version: &'s Field<'a>,
    /// How far it is installed.
    pub state: InstalledState,
    /// The architecture it is for.
    pub architecture: Option<&'a str>,
    /// Whether it may be installed for several architectures at once.
    pub is_multi_arch: bool,
    fields: Fields<'s, 'a>,
}

impl<'s, 'a> Head<'s, 'a> {
    /// Reads one stanza, `None` where its package is not on the disk or that cannot be known; what is wrong with the stanza is
    /// added to `faults`.
    #[must_use]
    pub fn read(stanza: &'s Stanza<'a>, unstated: Unstated, faults: &mut Vec<Fault>) -> Option<Self> {
        faults.extend(stanza.stray.iter().cloned());
        let fields = fields(stanza, faults).map(|field| field.filter(|field| !field.value.is_empty()));
        let [package, version, status, architecture, multi, ..] = fields;
        let start = Span { start: stanza.span.start, end: stanza.span.start };
        let state = match state(status, unstated) {
            Ok(state) => Ok(state?),
            Err((expected, found)) => {
                Err(Fault::new(status.or(package).map_or(start, |field| field.at), expected, found))
            }
        };
        let Some(name) = package else {
            faults.push(Fault::new(start, Text::trusted("a `Package` in each stanza"), Text::trusted("none")));
            return None;
        };
        let state = match state {
            Ok(state) => state,
            Err(fault) => {
                faults.push(fault);
                return None;
            }
        };
        let Some(version) = version else {
            let expected = crate::text!("a `Version` of `{}`", name.value);
            faults.push(Fault::new(name.at, expected, Text::trusted("none")));
            return None;
        };
        let architecture = architecture.map(|field| field.value);
        let is_multi_arch = multi.is_some_and(|field| field.value == "same");
        Some(Self { name, version, state, architecture, is_multi_arch, fields })
    }
}

impl Control {
    /// Reads one stanza.
    #[must_use]
    pub fn read(stanza: &Stanza<'_>, places: &Places<'_>, unstated: Unstated) -> Self {
        let mut faults = Vec::new();
        let Some(head) = Head::read(stanza, unstated, &mut faults) else { return Self { faults, ..Self::default() } };
        let Head { name, version, state, architecture, is_multi_arch, fields } = head;
        let [.., source, maintainer, license, depends, pre, provides] = fields;
        let mut package = Package::new(name.value, Some(version.value), places.at(name.at));
        package.license = license.and_then(|field| one_line(field.value));
        package.needs = [pre, depends].into_iter().flatten().flat_map(|field| needs(field.value)).collect();
        package.provides =
            provides.map_or_else(Vec::new, |field| field.value.split(',').filter_map(relation).collect());
        package.installed.state = state;
        package.installed.architecture = architecture.map(Into::into);
        package.installed.maintainer = maintainer.and_then(|field| one_line(field.value));
        package.installed.built_from = source.map(|field| built_from(field.value, version.value));
        Self { package: Some(package), is_multi_arch, faults }
    }
}

/// The fields that are read, each the first of its name, in the order of [`NAMES`].
type Fields<'s, 'a> = [Option<&'s Field<'a>>; NAMES.len()];

/// Returns the fields that are read, the first of each name.
fn fields<'s, 'a>(stanza: &'s Stanza<'a>, faults: &mut Vec<Fault>) -> Fields<'s, 'a> {
    let mut out = [None; NAMES.len()];
    for field in &stanza.fields {
        let Some(at) = NAMES.iter().position(|name| name.eq_ignore_ascii_case(field.name)) else { continue };
        match out.get_mut(at) {
            Some(slot @ None) => *slot = Some(field),
            // One fault of the kind is enough to say that the stanza is not to be trusted.
            Some(Some(_)) if faults.len() < 2 => {
                let expected = crate::text!("`{}` once in a stanza", field.name);
                faults.push(Fault::new(field.at, expected, Text::trusted("it again")));
            }
            _ => {}
        }
    }
    out
}

/// Returns how far a package is installed, `None` where it is not.
///
/// A package that awaits the triggers of others, or whose own are pending, counts as installed, though dpkg-query has
/// letters of their own for them: dpkg gives these states only to packages whose configuration has succeeded
/// (`post_postinst_tasks`), and what is left to be done is a refresh such as that of a cache.
fn state(status: Option<&Field<'_>>, unstated: Unstated) -> Result<Option<InstalledState>, (Text, Text)> {
    let Some(status) = status else {
        return match unstated {
            Unstated::Installed => Ok(Some(InstalledState::Whole)),
            Unstated::Fault => Err((Text::trusted("a `Status` in each stanza"), Text::trusted("none"))),
        };
    };
    let words: Vec<&str> = status.value.split_ascii_whitespace().take(4).collect();
    match words.as_slice() {
        [_, _, "installed" | "triggers-awaited" | "triggers-pending"] => Ok(Some(InstalledState::Whole)),
        [_, _, "config-files" | "not-installed"] => Ok(None),
        // The last two are opkg's, and were dpkg's.
        [_, _, word @ ("unpacked" | "half-installed" | "half-configured" | "post-inst-failed" | "removal-failed")] => {
            Ok(Some(InstalledState::OnDisk((*word).into())))
        }
        _ => Err((
            Text::trusted("a `Status` of three words, such as `install ok installed`"),
            crate::text!("`{}`", status.value),
        )),
    }
}

/// Returns what a field asks for: each by one of several names.
fn needs(value: &str) -> impl Iterator<Item = Vec<Box<str>>> {
    value
        .split(',')
        .map(|need| need.split('|').filter_map(relation).collect::<Vec<_>>())
        .filter(|names| !names.is_empty())
}

/// Returns the name in a relation, without architecture, version, and restrictions.
fn relation(text: &str) -> Option<Box<str>> {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '(' | '[' | '<' | ':');
    text.trim_start().split(ends).next().filter(|name| !name.is_empty()).map(Into::into)
}

/// Returns the package of sources: `name`, or `name (version)` where its version is another.
fn built_from(value: &str, version: &str) -> SourcePackage {
    let (name, rest) = value.split_once('(').unwrap_or((value, ""));
    let stated = rest.trim_end().trim_end_matches(')').trim();
    let is_other = !stated.is_empty() && stated != version;
    SourcePackage { name: name.trim().into(), version: is_other.then(|| stated.into()) }
}
