//! Behaviour of npm's readers.

mod installed;
mod lock;
mod manifest;

use proptest::prelude::*;

use crate::component::{GitReference, Source};
use crate::ecosystem::{FORMATS, Facts, Format, cases, read};
use crate::fact::Gap;
use crate::tree::TreePath;

fn format(id: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.id == id).unwrap()
}

fn facts(id: &str, path: &str, text: impl AsRef<[u8]>) -> Facts {
    read(format(id), &TreePath::new(path.as_bytes()).unwrap(), text.as_ref())
}

/// Returns each gap as `LINE:COLUMN REASON: EXPECTED, found FOUND`.
fn gaps(facts: &Facts) -> Vec<String> {
    let line = |gap: &Gap| {
        let at = gap.location.position.unwrap();
        format!("{}:{} {:?}: {}, found {}", at.line, at.column, gap.reason, gap.expected, gap.found)
    };
    facts.gaps.iter().map(line).collect()
}

fn source(source: &Source) -> String {
    match source {
        Source::Registry { registry: Some(registry) } => format!("registry {registry}"),
        Source::Registry { registry: None } => "registry".to_owned(),
        Source::Git { repository, reference, commit } => {
            let asked = match reference {
                GitReference::Unstated => String::new(),
                reference => format!(" {reference:?}"),
            };
            let commit = commit.as_deref().map(|commit| format!(" @{}", commit.get(..7).unwrap())).unwrap_or_default();
            format!("git {}{asked}{commit}", repository.place().as_str())
        }
        Source::Archive { url } => format!("archive {url}"),
        Source::Path { path } => format!("path {path}"),
        Source::Member => "member".to_owned(),
        Source::Bundled => "bundled".to_owned(),
    }
}

/// Files whose expected list says something else, with the reason.
const DISAGREEMENTS: [(&str, &str); 1] = [(
    "osv-scalibr/javascript/packagelockjson/both/package-lock.json",
    "the peer ignores it for an npm-shrinkwrap.json beside it (npm's manual: that takes precedence); here each file is \
     read for what it says, and the sibling is not among the cases",
)];

#[test]
fn the_peer_finds_the_same() {
    for case in cases::of_osv_scalibr("javascript/packagelockjson", "package-lock.json") {
        if DISAGREEMENTS.iter().any(|(path, _)| *path == case.path) {
            continue;
        }
        assert_eq!(case.differences(), Default::default(), "{}", case.path);
        assert_eq!(!case.facts.gaps.is_empty(), case.error, "{}: {:?}", case.path, gaps(&case.facts));
    }
}

#[test]
fn real_lock_files_are_read_as_by_the_peer() {
    for case in cases::of_real_projects("package-lock.json") {
        // syft lists the project itself where it has a version; here it is a project, no component.
        let root = case.facts.inventories[0].projects.iter().find(|project| project.component.is_none()).unwrap();
        let pair = root.name.as_ref().zip(root.version.as_ref());
        let of_the_root = pair.map(|(name, version)| (name.to_string(), version.to_string()));
        assert_eq!(case.differences(), (Vec::from_iter(of_the_root), Vec::new()), "{}", case.path);
        assert_eq!(gaps(&case.facts), [""; 0], "{}", case.path);
    }
}

/// Puts `piece` in place of some bytes of a text.
fn mutated(text: &str, at: usize, removed: usize, piece: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let start = at % (bytes.len() + 1);
    let end = (start + removed).min(bytes.len());
    bytes.splice(start..end, piece.bytes());
    bytes
}

proptest! {
    #[test]
    fn no_mutation_panics(
        which in 0_usize..4,
        at in any::<usize>(),
        removed in 0_usize..60,
        piece in "[\\[\\]{}:,\"0-9./@#> ]{0,8}|null|true|\"\\PC{0,4}\"|\\{\"\": \\[\\]\\}|file:\\.\\.",
    ) {
        let (id, text) = [
            ("npm-lock", lock::NESTED),
            ("npm-lock", lock::PACKAGES),
            ("npm-lock", lock::WORKSPACES),
            ("npm-manifest", manifest::FULL),
        ][which];
        let facts = facts(id, "a/b.json", mutated(text, at, removed, &piece));
        for gap in &facts.gaps {
            prop_assert!(!gap.expected.as_str().is_empty() && !gap.found.as_str().is_empty());
        }
        for inventory in &facts.inventories {
            for component in &inventory.components {
                prop_assert!(!component.name.is_empty() && !component.places.is_empty());
                prop_assert!(component.needs.iter().all(|need| inventory.component(*need).is_some()));
            }
        }
    }
}
