//! What a document says of a root filesystem beside its packages: the operating system, kernels, and what is only partly
//! installed.

use std::borrow::Cow;

use crate::component::{Component as Pinned, Installed, InstalledState, OperatingSystem};
use crate::evidence::{Evidence, Kernel};
use crate::sbom::model::{Component, Party, Reference, Words};
use crate::text;
use crate::text::{Text, is_unseen};

/// Returns the operating system and the kernels, as components.
pub(super) fn components(evidence: &Evidence) -> Vec<Component<'_>> {
    evidence.system.iter().map(system).chain(evidence.kernels.iter().map(kernel)).collect()
}

fn system(system: &OperatingSystem) -> Component<'_> {
    let version = system.version.as_deref().or(system.build.as_deref());
    let home = |url: &str| Reference {
        kind: Cow::Borrowed("website"),
        url: super::model::iri(url).into(),
        ..Reference::default()
    };
    Component {
        id: text!("os:{}@{}", &*system.id, version.unwrap_or_default()).to_string().into(),
        kind: Cow::Borrowed("operating-system"),
        is_kind_stated: true,
        name: shown(&system.id),
        version: version.map(shown).into(),
        description: system.name.as_deref().map(shown),
        cpes: system.cpe.as_deref().filter(|cpe| crate::sbom::is_cpe(cpe)).map(Cow::Borrowed).into_iter().collect(),
        references: system.home.as_deref().map(home).into_iter().collect(),
        places: super::model::places(&[&system.place]),
        ..Component::default()
    }
}

fn kernel(kernel: &Kernel) -> Component<'_> {
    let modules = kernel.modules.map(|count| (Cow::Borrowed("portcullis:modules"), Cow::Owned(count.to_string())));
    Component {
        id: text!("kernel:{}", kernel.release).to_string().into(),
        kind: Cow::Borrowed("application"),
        is_kind_stated: true,
        name: Cow::Borrowed("linux-kernel"),
        version: Some(Cow::Borrowed(kernel.release.as_str())).into(),
        places: super::model::places(&[&kernel.place]),
        properties: modules.into_iter().collect(),
        ..Component::default()
    }
}

/// Returns who distributes an installed package.
pub(super) fn supplier(installed: &Installed) -> Option<Party<'_>> {
    let name = installed.vendor.as_deref().or(installed.maintainer.as_deref())?;
    let (name, email) = match name.rsplit_once('<') {
        Some((name, email)) if email.ends_with('>') && !name.trim().is_empty() => {
            (name.trim(), email.strip_suffix('>'))
        }
        _ => (name, None),
    };
    Some(Party { name: Some(shown(name)), emails: email.map(shown).into_iter().collect(), ..Party::default() })
}

/// Returns what is told of an installed package in no member of its own.
pub(super) fn properties(installed: &Installed) -> Vec<(Words<'_>, Words<'_>)> {
    let built_from = installed.built_from.as_ref().map(|source| match &source.version {
        Some(version) => text!("{}@{}", &*source.name, &**version).to_string().into(),
        None => shown(&source.name),
    });
    let all = [
        ("portcullis:architecture", installed.architecture.as_deref().map(shown)),
        ("portcullis:built-from", built_from),
    ];
    all.into_iter().filter_map(|(name, value)| Some((Cow::Borrowed(name), value?))).collect()
}

/// Returns what is told of the root: what was taken for granted, and packages that are only partly installed.
pub(super) fn of_root(evidence: &Evidence) -> Vec<(Words<'_>, Words<'_>)> {
    let assumed = evidence.assumptions.iter().map(|text| ("portcullis:assumption", Cow::Borrowed(text.as_str())));
    let on_disk = evidence.inventories.iter().flat_map(|inventory| &inventory.components).filter_map(on_disk);
    assumed
        .chain(on_disk.map(|text| ("portcullis:on-disk", text)))
        .map(|(name, value)| (Cow::Borrowed(name), value))
        .collect()
}

fn on_disk(component: &Pinned) -> Option<Words<'_>> {
    match &component.installed.as_ref()?.state {
        InstalledState::Whole => None,
        InstalledState::OnDisk(word) => Some(text!("{} ({})", &*component.purl, &**word).to_string().into()),
    }
}

/// Returns inspected text, made inert where it is not.
fn shown(text: &str) -> Words<'_> {
    if text.chars().any(|c| c.is_control() || is_unseen(c)) {
        return Text::of(text).to_string().into();
    }
    Cow::Borrowed(text)
}
