//! Each format of SBOM documents has its documentation, and a sound and an unsound document that show what it judges.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use portcullis::sbom::{Document, FORMATS, Kind, choose, convert, decode};

use crate::support::{compare_with_file, project};

fn listed(versions: &[&str]) -> String {
    if versions.is_empty() { "-".to_owned() } else { versions.join(", ") }
}

#[test]
fn the_documentation_lists_every_format() {
    let path = project().join("docs/sbom.md");
    let text = fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- formats -->\n", "<!-- /formats -->\n");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut table = String::from("| format | what | reads | writes |\n|---|---|---|---|\n");
    for format in FORMATS {
        writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            format.id,
            format.summary,
            listed(format.reads),
            listed(format.writes)
        )
        .unwrap();
    }
    compare_with_file(&path, &format!("{before}{start}{table}{end}{after}"));
}

/// The documents of a format under `tests/fixtures/sbom/<format>/` whose names begin with a word.
fn fixtures(format: &str, word: &str) -> Vec<PathBuf> {
    let folder = project().join("tests/fixtures/sbom").join(format);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with(word));
    paths.sort();
    assert!(!paths.is_empty(), "{format} has no document that begins with `{word}`");
    paths
}

#[test]
fn every_format_has_a_sound_and_an_unsound_document() {
    for format in FORMATS {
        let id = format.id;
        assert!(!format.summary.is_empty() && !format.reads.is_empty(), "{id}");
        for path in fixtures(id, "valid") {
            let bytes = fs::read(&path).unwrap();
            let text = decode(&bytes).unwrap();
            let document = Document::read(&text).unwrap_or_else(|why| panic!("{}: {why:?}", path.display()));
            assert_eq!(document.format.id, id, "{}", path.display());
            assert!(format.reads.contains(&document.version), "{}", path.display());
            assert_eq!(document.violations(), [], "{}", path.display());
            assert_eq!(document.inconsistencies(), [], "{}", path.display());
        }
        for path in fixtures(id, "invalid") {
            let bytes = fs::read(&path).unwrap();
            let text = decode(&bytes).unwrap();
            let is_sound = match Document::read(&text) {
                Ok(document) => {
                    let violations = document.violations();
                    assert!(violations.iter().all(|one| one.kind == Kind::Invalid), "{}", path.display());
                    violations.is_empty()
                }
                Err(_) => false,
            };
            assert!(!is_sound, "{}", path.display());
        }
    }
}

/// From each format into each version of each other that is written: sound, with every component, purl, version and digest.
#[test]
fn every_format_can_be_made_of_every_other() {
    for from in FORMATS {
        for path in fixtures(from.id, "valid") {
            let bytes = fs::read(&path).unwrap();
            let text = decode(&bytes).unwrap();
            let document = Document::read(&text).unwrap();
            let unread = portcullis::sbom::model::Unread::forgotten();
            let before = document.model(&unread);
            for to in FORMATS {
                for version in to.writes {
                    let what = format!("{} as {}@{version}", path.display(), to.id);
                    let made = convert(&document, choose(&format!("{}@{version}", to.id)).unwrap());
                    let text = decode(&made.text).unwrap();
                    let read = Document::read(&text).unwrap_or_else(|why| panic!("{what}: {why:?}"));
                    assert_eq!((read.format.id, read.version), (to.id, *version), "{what}");
                    assert_eq!(read.violations(), [], "{what}:\n{text}");
                    let unread = portcullis::sbom::model::Unread::forgotten();
                    let after = read.model(&unread);
                    let facts = |bom: &portcullis::sbom::model::Bom<'_>| -> Vec<String> {
                        let one = |one: &portcullis::sbom::model::Component<'_>| {
                            let mut hashes: Vec<String> = one
                                .hashes
                                .iter()
                                .map(|hash| format!("{} {}", hash.algorithm.name(), hash.value))
                                .collect();
                            hashes.sort();
                            format!("{:?} {} {:?} {:?} {hashes:?}", one.group, one.name, one.version.value(), one.purls)
                        };
                        let mut all: Vec<String> = bom.components.iter().map(one).collect();
                        all.sort();
                        all
                    };
                    assert_eq!(facts(&before), facts(&after), "{what}:\n{text}");
                }
            }
        }
    }
}
