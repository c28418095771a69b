//! Behaviour of the two ways: the published documents that are there in both forms, each valid one there and back, and
//! documents made from the schemas.
//!
//! The published cases are beside the project or where `PORTCULLIS_SHARED` says; without them most tests are skipped, and
//! say so.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "cases are files that may not be there, and a test stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::document::xml::xml;
use crate::document::{Value, json};
use crate::sbom::schema::cyclonedx::{Version, judge};

/// How many values of a published pair differ because the two files do not say the same; of all other pairs none does.
const DIFFERENT: &[(&str, usize)] = &[
    ("bom-examples/SBOM/cern-lhc-vdm-editor-e564943/bom.xml", 2),
    ("bom-examples/SBOM/dropwizard-1.3.15/bom.xml", 233),
    ("spec/1.4/valid-bom-1.4.xml", 72),
    ("spec/1.4/valid-dependency-1.4.xml", 4),
    ("spec/1.4/valid-license-name-1.4.xml", 12),
    ("spec/1.4/valid-metadata-timestamp-1.4.xml", 1),
    ("spec/1.4/valid-properties-1.4.xml", 4),
    ("spec/1.4/valid-release-notes-1.4.xml", 3),
    ("spec/1.4/valid-service-1.4.xml", 2),
    ("spec/1.4/valid-service-empty-objects-1.4.xml", 4),
    ("spec/1.4/valid-vulnerability-1.4.xml", 4),
    ("spec/1.5/valid-annotation-1.5.xml", 9),
    ("spec/1.5/valid-bom-1.5.xml", 72),
    ("spec/1.5/valid-dependency-1.5.xml", 4),
    ("spec/1.5/valid-formulation-1.5.xml", 8),
    ("spec/1.5/valid-license-name-1.5.xml", 12),
    ("spec/1.5/valid-machine-learning-1.5.xml", 3),
    ("spec/1.5/valid-metadata-timestamp-1.5.xml", 1),
    ("spec/1.5/valid-properties-1.5.xml", 4),
    ("spec/1.5/valid-release-notes-1.5.xml", 3),
    ("spec/1.5/valid-saasbom-1.5.xml", 13),
    ("spec/1.5/valid-service-1.5.xml", 2),
    ("spec/1.5/valid-service-empty-objects-1.5.xml", 4),
    ("spec/1.5/valid-vulnerability-1.5.xml", 5),
    ("spec/1.6/valid-dependency-1.6.xml", 1),
    ("spec/1.6/valid-formulation-1.6.xml", 1),
    ("spec/1.6/valid-metadata-timestamp-1.6.xml", 1),
    ("spec/1.6/valid-saasbom-1.6.xml", 1),
    ("spec/1.6/valid-service-empty-objects-1.6.xml", 4),
    ("spec/1.7/valid-citations-1.7.xml", 7),
    ("spec/1.7/valid-component-external-with-version.xml", 2),
    ("spec/1.7/valid-cryptography-implementation-1.7.xml", 54),
    ("spec/1.7/valid-dependency-1.7.xml", 1),
    ("spec/1.7/valid-formulation-1.7.xml", 1),
    ("spec/1.7/valid-license-choice-1.7.xml", 1),
    ("spec/1.7/valid-license-declared-concluded-mix-1.7.xml", 1),
    ("spec/1.7/valid-metadata-timestamp-1.7.xml", 1),
    ("spec/1.7/valid-saasbom-1.7.xml", 1),
    ("spec/1.7/valid-service-empty-objects-1.7.xml", 4),
];

#[test]
fn documents_in_both_forms_say_the_same() {
    let Some(cases) = cases() else { return };
    let mut differ = Vec::new();
    let mut count = 0;
    for path in files(&cases, "xml") {
        let twin = path.with_extension("json");
        if !is_valid(&path) || !twin.is_file() {
            continue;
        }
        count += 1;
        let (text, twin) = (fs::read_to_string(&path).unwrap(), fs::read_to_string(&twin).unwrap());
        let root = xml(&text).unwrap();
        let read = read(&root).unwrap();
        let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        flat("", &read.node, &mut ours);
        flat("", &json(&twin).unwrap(), &mut theirs);
        let words = |value: Option<&String>| {
            value.map(|value| value.replace("\\n", " ").split_whitespace().collect::<String>())
        };
        let mut paths: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
        paths.sort();
        paths.dedup();
        let differences = paths.iter().filter(|path| {
            let (one, other) = (ours.get(**path), theirs.get(**path));
            let is_told = **path == "/$schema" || path.contains("/signature/");
            !is_told && words(one) != words(other)
        });
        let found = differences.count();
        if found > 0 {
            differ.push((path.strip_prefix(&cases).unwrap().display().to_string(), found));
        }
    }
    assert!(count > 90, "{count}");
    let expected: Vec<(String, usize)> = DIFFERENT.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect();
    assert_eq!(differ, expected);
}

#[test]
fn what_is_read_is_valid_by_the_json_schema() {
    let Some(cases) = cases() else { return };
    let mut schemas = BTreeMap::new();
    let mut faults = Vec::new();
    for path in files(&cases, "xml") {
        if !is_valid(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let root = xml(&text).unwrap();
        let read = read(&root).unwrap();
        let version = Version::of(&root).unwrap().version;
        let schema = schemas.entry(version).or_insert_with(|| schema(&cases, version));
        for error in schema.iter_errors(&plain(&read.node)) {
            // JSON demands a signature of a signatory, which XML has no place for.
            if !error.instance_path().as_str().starts_with("/declarations/affirmation/signatories/") {
                faults.push(format!("{}: {}: {error}", path.display(), error.instance_path()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_was_read_is_written_again() {
    let Some(cases) = cases() else { return };
    let mut faults = Vec::new();
    for path in files(&cases, "xml") {
        if !is_valid(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let root = xml(&text).unwrap();
        let first = read(&root).unwrap();
        let version = Version::of(&root).unwrap();
        let written = write(&first.node, version.version).unwrap();
        let out = String::from_utf8(written.xml).unwrap();
        let again = xml(&out).unwrap();
        let judgement = judge(&again);
        if !judgement.is_valid() {
            faults.push(format!("{}: {:?}", path.display(), judgement.violations[0]));
        }
        for lost in written.lost {
            faults.push(format!("{}: lost {} {}", path.display(), lost.count, lost.what));
        }
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let lost: Vec<String> = first.lost.iter().map(|lost| lost.what.clone()).collect();
        canonical("", &root, version.namespace, &lost, &mut before);
        canonical("", &again, version.namespace, &lost, &mut after);
        for line in before.iter().filter(|line| !after.contains(line)) {
            faults.push(format!("{}: only before {line}", path.display()));
        }
        for line in after.iter().filter(|line| !before.contains(line)) {
            faults.push(format!("{}: only after {line}", path.display()));
        }
        // What a dependency provides stands behind what it depends on.
        let is_dependency = |line: &String| line.starts_with("/bom/dependencies/dependency/");
        before.retain(|line| !is_dependency(line));
        after.retain(|line| !is_dependency(line));
        if before != after {
            faults.push(format!("{}: order", path.display()));
        }
        let mut second = read(&again).unwrap();
        assert!(second.lost.is_empty(), "{:?}", second.lost);
        if plain(&second.node) != plain(&first.node) {
            second.lost.clear();
            faults.push(format!("{}: read again it differs", path.display()));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn json_is_there_and_back_again() {
    let Some(cases) = cases() else { return };
    let mut faults = Vec::new();
    for path in files(&cases, "json") {
        if !is_valid(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let node = json(&text).unwrap();
        let Some(version) = node.get("specVersion") else { continue };
        let version = version.string("version").unwrap();
        let written = write(&node, version).unwrap();
        let out = String::from_utf8(written.xml).unwrap();
        let root = xml(&out).unwrap();
        // Two cases have a reference twice, which the JSON schema cannot see.
        for violation in
            judge(&root).violations.iter().filter(|violation| !violation.path.as_str().ends_with("@bom-ref"))
        {
            faults.push(format!(
                "{}: {} expected {}, found {}",
                path.display(),
                violation.path,
                violation.expected,
                violation.found
            ));
        }
        let is_known = |kind: &str| {
            kind.contains("`$schema`") || kind.contains("`signature`") || kind.starts_with("an empty list")
        };
        for lost in written.lost.iter().filter(|lost| !is_known(lost.what.as_str())) {
            faults.push(format!("{}: lost {} {}", path.display(), lost.count, lost.what));
        }
        let read = read(&root).unwrap();
        for lost in &read.lost {
            faults.push(format!("{}: lost on the way back {} {}", path.display(), lost.count, lost.what));
        }
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        flat("", &node, &mut before);
        flat("", &read.node, &mut after);
        for (at, value) in &before {
            let is_told = at == "/$schema" || at.contains("/signature/") || value == "[]";
            if after.get(at) != Some(value) && !is_told {
                faults.push(format!("{}: {at}: {value} comes back as {:?}", path.display(), after.get(at)));
            }
        }
        for (at, value) in after.iter().filter(|(at, _)| !before.contains_key(*at)) {
            // All that was inside was an empty list.
            if value == "{}" {
                continue;
            }
            faults.push(format!("{}: {at}: {value} comes back alone", path.display()));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

mod lost;
mod made;

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

fn files(cases: &Path, extension: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![cases.join("spec"), cases.join("bom-examples")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

fn is_valid(path: &Path) -> bool {
    !path.file_name().unwrap().to_str().unwrap().starts_with("invalid")
}

/// Every value with its path.
fn flat(path: &str, node: &Node<'_>, out: &mut BTreeMap<String, String>) {
    match &node.value {
        Value::Mapping(members) => {
            if members.is_empty() {
                out.insert(path.to_owned(), "{}".to_owned());
            }
            for member in members {
                flat(&format!("{path}/{}", member.key), &member.value, out);
            }
        }
        Value::Sequence(items) => {
            if items.is_empty() {
                out.insert(path.to_owned(), "[]".to_owned());
            }
            for (number, item) in items.iter().enumerate() {
                flat(&format!("{path}/{number}"), item, out);
            }
        }
        value => {
            out.insert(path.to_owned(), format!("{value:?}"));
        }
    }
}

/// A tree as the validator of JSON wants it.
fn plain(node: &Node<'_>) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(truth) => (*truth).into(),
        Value::Number(number) => serde_json::from_str(number).unwrap(),
        Value::String(text) | Value::Datetime(text) => text.as_ref().into(),
        Value::Sequence(items) => items.iter().map(plain).collect(),
        Value::Mapping(members) => serde_json::Value::Object(
            members.iter().map(|member| (member.key.to_string(), plain(&member.value))).collect(),
        ),
    }
}

fn schema(cases: &Path, version: &str) -> jsonschema::Validator {
    let parse = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(cases.join("schema").join(name)).unwrap()).unwrap()
    };
    let mut registry = jsonschema::Registry::new();
    for (address, name) in [
        ("spdx.schema.json", "spdx.schema.json"),
        ("jsf-0.82.schema.json", "jsf-0.82.schema.json"),
        ("cryptography-defs.schema.json", "cryptography-defs.schema.json"),
    ] {
        registry = registry.add(format!("http://cyclonedx.org/schema/{address}"), parse(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .offline()
        .build(&parse(&format!("bom-{version}.schema.json")))
        .unwrap()
}

/// What an element says in the namespace, line by line: texts without white space around and between them, attributes
/// by name, without those that are counted as lost.
fn canonical(path: &str, element: &Element<'_>, namespace: &str, lost: &[String], out: &mut Vec<String>) {
    let path = format!("{path}/{}", element.local());
    out.push(path.clone());
    let mut attributes: Vec<String> = Vec::new();
    for attribute in element.attributes() {
        let name = attribute.name();
        let colon = if name.prefix().is_empty() { "" } else { ":" };
        let qualified = format!("{}{colon}{}", name.prefix(), name.local());
        if !lost.contains(&format!("the attribute `{qualified}` of `{}`", element.local())) {
            attributes.push(format!(
                "{path}/@{qualified}={}",
                attribute.value.split_whitespace().collect::<Vec<_>>().join(" ")
            ));
        }
    }
    attributes.sort();
    out.extend(attributes);
    let text = element.text();
    if !text.trim().is_empty() {
        out.push(format!("{path}={}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    for inner in element.elements().filter(|inner| inner.namespace() == Some(namespace)) {
        canonical(&path, inner, namespace, lost, out);
    }
}
