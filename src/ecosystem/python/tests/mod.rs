//! What the readers of Python make of their files.

mod installed;
mod locks;
mod manifests;
mod requirements;
mod shared;

use proptest::prelude::*;

use crate::component::{Component, Inventory, Source};
use crate::ecosystem::{Facts, format_of, read};
use crate::tree::TreePath;

/// Reads a text as the file at a path.
fn facts(path: &str, text: &str) -> Facts {
    let path = TreePath::new(path.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, text.as_bytes())
}

/// Reads a text in which everything can be understood, and returns what it pins.
#[track_caller]
fn inventory(path: &str, text: &str) -> Inventory {
    let mut facts = facts(path, text);
    assert_eq!(facts.gaps, [], "{text}");
    facts.inventories.pop().unwrap()
}

/// Shows what counts of a source.
fn source(source: &Source) -> String {
    match source {
        Source::Registry { registry } => {
            format!("registry {}", registry.as_ref().map(ToString::to_string).unwrap_or_default())
        }
        Source::Archive { url } => format!("archive {url}"),
        Source::Git { repository, reference, commit } => {
            format!("git {repository} {reference:?} {}", commit.as_deref().unwrap_or_default())
        }
        Source::Path { path } => format!("path {path}"),
        Source::Member => "member".to_owned(),
        Source::Bundled => "bundled".to_owned(),
    }
}

/// Shows a component: purl, line, source and digests.
fn component(component: &Component) -> String {
    let line = component.location().and_then(|it| it.position).map(|it| it.line).unwrap_or_default();
    let digests = component.digests.iter().map(|it| {
        let artifact = it.artifact.as_deref().unwrap_or_default();
        format!(" {artifact}={}:{}", it.algorithm.name(), it.hex.get(..4).unwrap_or_default())
    });
    format!("{} :{line} {}{}", component.purl, source(&component.source), digests.collect::<String>())
}

fn components(inventory: &Inventory) -> Vec<String> {
    inventory.components.iter().map(component).collect()
}

/// Shows the gaps of a text: line, expectation and finding.
fn gaps(path: &str, text: &str) -> Vec<String> {
    let gaps = facts(path, text).gaps;
    let line = |gap: &crate::fact::Gap| gap.location.position.map(|it| it.line).unwrap_or_default();
    gaps.iter().map(|gap| format!(":{} expected {}, found {}", line(gap), gap.expected, gap.found)).collect()
}

/// A digest, every byte of which is the same.
fn sha256(byte: u8) -> String {
    format!("sha256:{}", format!("{byte:02x}").repeat(32))
}

/// Texts of every format that can be broken.
fn samples() -> Vec<(&'static str, String)> {
    vec![
        ("uv.lock", locks::uv()),
        ("poetry.lock", locks::poetry()),
        ("Pipfile.lock", locks::pipfile()),
        ("pylock.toml", locks::pylock()),
        ("requirements.txt", requirements::everything()),
        ("pyproject.toml", manifests::PYPROJECT.to_owned()),
        ("Pipfile", manifests::PIPFILE.to_owned()),
    ]
}

proptest! {
    #[test]
    fn nothing_in_a_file_makes_a_reader_panic(which in 0_usize..7, at in any::<prop::sample::Index>(), with in any::<Vec<u8>>(), cut in 0_usize..40) {
        let (name, text) = samples().swap_remove(which);
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + cut);
        bytes.splice(at..end, with);
        let path = TreePath::new(name.as_bytes()).unwrap();
        let _facts = read(format_of(&path).unwrap(), &path, &bytes);
    }
}
