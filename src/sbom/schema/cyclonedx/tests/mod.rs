//! Behaviour of the embedded schemas: the published cases, and documents made from them that `xmllint` judges too.
//!
//! They need the published cases beside the project or where `PORTCULLIS_SHARED` says, and `xmllint`; without either
//! they are skipped, and say so.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "cases are files that may not be there, and another validator judges them too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use change::{Dice, change};

use super::*;
use crate::document::xml::xml;
use crate::sbom::cyclonedx::xml::{read, write};

mod change;

#[test]
fn every_construct_of_every_schema_is_known() {
    for version in &VERSIONS {
        let schema = version.schema().unwrap_or_else(|fault| panic!("{}: {fault:?}", version.version));
        assert_eq!(schema.target(), version.namespace);
        assert!(schema.patterns_are_known(), "{}", version.version);
    }
}

#[test]
fn published_cases_get_their_verdict() {
    let Some(cases) = cases() else { return };
    let mut faults = Vec::new();
    let mut count = 0;
    let expected = fs::read_to_string(cases.join("EXPECTED.tsv")).unwrap();
    for line in expected.lines() {
        let mut cells = line.split('\t');
        let (path, expected) = (cells.next().unwrap(), cells.next().unwrap());
        if !path.ends_with(".xml") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(cases.join(path)).unwrap();
        let judgement = judge(&xml(&text).unwrap_or_else(|fault| panic!("{path}: {fault:?}")));
        // Of what no schema stood beside, the schema that stands there now says that it is valid.
        if judgement.is_valid() != (expected != "invalid") {
            faults.push(format!("{path}: {:?}", judgement.violations.first()));
        }
    }
    assert!(count > 150, "{count}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_first_violation_is_where_another_validator_has_it() {
    let (Some(cases), true) = (cases(), has_xmllint()) else { return };
    let mut documents = Vec::new();
    for path in files(&cases.join("spec")) {
        if path.file_name().unwrap().to_str().unwrap().starts_with("invalid") {
            documents.push(fs::read_to_string(path).unwrap());
        }
    }
    for (text, theirs) in documents.iter().zip(xmllint(&cases, &documents)) {
        let judgement = judge(&xml(text).unwrap());
        let first = judgement.violations.first().unwrap();
        // They name the line in which a start tag ends.
        let lines = crate::document::Lines::new(text);
        let end = text[first.span.start..].find('>').map_or(text.len(), |end| first.span.start + end);
        let ours = lines.position(first.span.start).line..=lines.position(end).line;
        assert!(
            theirs.1.iter().any(|line| ours.contains(line)),
            "{first:?} in lines {ours:?}, theirs in {:?}",
            theirs.1
        );
    }
}

#[test]
fn changed_documents_get_the_verdict_of_another_validator() {
    let (Some(cases), true) = (cases(), has_xmllint()) else { return };
    let changed = changed_documents(&cases);
    let mut faults = Vec::new();
    let mut invalid = 0;
    for (text, theirs) in changed.iter().zip(xmllint(&cases, &changed)) {
        let judgement = judge(&xml(text).unwrap());
        invalid += usize::from(!judgement.is_valid());
        if judgement.is_valid() != theirs.0 && !is_known_difference(&judgement, theirs.2.as_str()) {
            faults.push(format!("{:?}\nthey: {}", judgement.violations.first(), theirs.2));
        }
    }
    assert!(invalid > changed.len() / 4 && invalid < changed.len(), "{invalid} of {}", changed.len());
    assert!(faults.is_empty(), "{} disagreements\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn changed_documents_are_carried_to_json_and_back() {
    let Some(cases) = cases() else { return };
    let mut count = 0;
    for text in changed_documents(&cases) {
        let root = xml(&text).unwrap();
        let Ok(first) = read(&root) else { continue };
        let version = Version::of(&root).unwrap().version;
        let write_again = |text: &str| {
            let root = xml(text).unwrap();
            String::from_utf8(write(&read(&root).unwrap().node, version).unwrap().xml).unwrap()
        };
        let mut written = String::from_utf8(write(&first.node, version).unwrap().xml).unwrap();
        // Where an address is none and is left out, what held nothing but it may go with it.
        if first.node != read(&xml(&written).unwrap()).unwrap().node {
            written = write_again(&written);
        }
        assert_eq!(write_again(&written), written, "{text}");
        count += 1;
    }
    assert!(count > 500, "{count}");
}

/// Whether the other validator (libxml2 2.9.14) is known to judge otherwise than the recommendation has it.
///
/// It takes a CDATA section of white space for text that may not stand between elements (XML Schema part 1, 3.4.4, asks
/// for the characters alone), and lets `resourceReference` follow what stands behind it in the sequence.
fn is_known_difference(ours: &Judgement, theirs: &str) -> bool {
    match ours.violations.first() {
        None => theirs.lines().all(|line| line.contains("Character content other than whitespace")),
        Some(first) => {
            first.found.as_str() == "`resourceReference`" && first.expected.as_str().contains("another namespace")
        }
    }
}

#[test]
fn white_space_may_be_written_as_a_cdata_section_between_elements() {
    let text = "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'><![CDATA[ ]]><components/></bom>";
    assert!(judge(&xml(text).unwrap()).is_valid());
    let text = "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'><![CDATA[x]]><components/></bom>";
    assert!(!judge(&xml(text).unwrap()).is_valid());
}

#[test]
fn a_namespace_that_is_not_known_is_told_with_those_that_are() {
    for text in [
        "<bom xmlns='http://cyclonedx.org/schema/bom/1.8'/>",
        "<bom/>",
        "<x xmlns='http://cyclonedx.org/schema/bom/1.6'/>",
    ] {
        let judgement = judge(&xml(text).unwrap());
        assert_eq!(judgement.violations.len(), 1, "{text}");
        assert!(judgement.violations[0].expected.as_str().contains("http://cyclonedx.org/schema/bom/1.6"), "{text}");
    }
}

#[test]
fn a_violation_tells_path_place_and_what_was_expected() {
    let head = "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'><components>";
    let foot = "</components></bom>";
    let cases = [
        (
            "<component type='library'><name>a</name></component><component type='x'><name>b</name></component>",
            "type='x'",
            "/bom/components/component[2]/@type",
        ),
        (
            "<component type='library'><version>1</version></component>",
            "<version>",
            "/bom/components/component/version",
        ),
        ("<component type='library'></component>", "<component type='library'>", "/bom/components/component"),
        ("<component><name>a</name></component>", "<component>", "/bom/components/component/@type"),
        ("<component type='library'><name>a</name><purl>%</purl></component>", "%", "/bom/components/component/purl"),
        ("<component type='library'><name>a</name>b</component>", "b</component>", "/bom/components/component"),
        (
            "<component type='library' bom-ref='r'><name>a</name></component><component bom-ref='r' type='library'><name>b</name></component>",
            "bom-ref='r' type",
            "/bom/components/component[2]/@bom-ref",
        ),
        (
            "<component type='library' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'><name>a</name></component>",
            "xsi:nil",
            "/bom/components/component/@xsi:nil",
        ),
    ];
    for (inside, place, path) in cases {
        let text = format!("{head}{inside}{foot}");
        let judgement = judge(&xml(&text).unwrap());
        let found: Vec<(usize, &str)> =
            judgement.violations.iter().map(|violation| (violation.span.start, violation.path.as_str())).collect();
        assert_eq!(found, [(text.find(place).unwrap(), path)], "{inside}: {:?}", judgement.violations);
    }
}

#[test]
fn no_more_than_a_number_of_violations_is_told() {
    let inside = "<component/>".repeat(5_000);
    let text = format!("<bom xmlns='http://cyclonedx.org/schema/bom/1.6'><components>{inside}</components></bom>");
    let judgement = judge(&xml(&text).unwrap());
    assert_eq!(judgement.violations.len(), super::super::xsd::MAX_VIOLATIONS);
    assert!(judgement.is_cut);
}

/// Returns documents made from those of the published ones that are valid and not long.
fn changed_documents(cases: &Path) -> Vec<String> {
    let mut valid = Vec::new();
    for path in files(&cases.join("spec")).into_iter().chain(files(&cases.join("bom-examples"))) {
        let text = fs::read_to_string(&path).unwrap();
        let is_valid = path.file_name().unwrap().to_str().unwrap().starts_with("valid") || path.ends_with("bom.xml");
        if is_valid && text.len() < 40_000 {
            valid.push(text);
        }
    }
    // 1.2 and 1.3 have few cases of their own: those of 1.4 are asked of them too.
    for version in ["1.2", "1.3"] {
        for text in valid.clone() {
            if text.contains("schema/bom/1.4") {
                valid.push(text.replace("schema/bom/1.4", &format!("schema/bom/{version}")));
            }
        }
    }
    let rounds = std::env::var("PORTCULLIS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6);
    let mut dice = Dice(0x5eed);
    let mut changed = Vec::new();
    for text in &valid {
        for _ in 0..rounds {
            let mut text = text.clone();
            for _ in 0..=dice.below(2) {
                let next = change(&text, &mut dice);
                if xml(&next).is_ok() {
                    text = next;
                }
            }
            changed.push(text);
        }
    }
    changed
}

fn cases() -> Option<PathBuf> {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let cases = shared.join("cases/cyclonedx");
    if cases.is_dir() {
        return Some(cases);
    }
    eprintln!("SKIPPED: no published cases in {}; set PORTCULLIS_SHARED", cases.display());
    None
}

fn has_xmllint() -> bool {
    let is_there = Command::new("xmllint").arg("--version").output().is_ok();
    if !is_there {
        eprintln!("SKIPPED: no xmllint");
    }
    is_there
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            out.push(path);
        }
    }
    out
}

/// Returns for each document whether xmllint finds it valid, the lines it names, and what it says.
fn xmllint(cases: &Path, documents: &[String]) -> Vec<(bool, Vec<u32>, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut by_version: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, text) in documents.iter().enumerate() {
        let version = VERSIONS.iter().find(|version| text.contains(&format!("{}\"", version.namespace)));
        by_version.entry(version.map_or("1.6", |version| version.version)).or_default().push(number);
        fs::write(folder.path().join(format!("{number}.xml")), text).unwrap();
    }
    let mut out = vec![(true, Vec::new(), String::new()); documents.len()];
    for (version, numbers) in by_version {
        let run = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(cases.join(format!("schema/bom-{version}.xsd")))
            .args(numbers.iter().map(|number| format!("{number}.xml")))
            .current_dir(folder.path())
            .env("XML_CATALOG_FILES", cases.join("schema/xmlcatalog.xml"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        let mut judged = 0;
        for line in said.lines() {
            let Some((number, rest)) = line.split_once(".xml") else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            if rest == " validates" || rest == " fails to validate" {
                out[number].0 = rest == " validates";
                judged += 1;
            } else if rest.contains("error") {
                out[number].2.push_str(line);
                out[number].2.push('\n');
                out[number].1.extend(rest.split(':').nth(1).and_then(|line| line.parse::<u32>().ok()));
            }
        }
        assert_eq!(judged, numbers.len(), "{said}");
    }
    out
}
