//! The tests that package-url publishes for the core and for each type, and the definitions of the types.

use serde_json::Value;

use super::super::types::{Case, Namespace, TYPES, Type};
use super::super::{Purl, PurlFault, PurlParts};
use crate::component::cases::{CaseFile, definitions, kept, published};

/// Tests that disagree with the specification: the file, the input, and the sentence that is on our side.
const DISAGREEMENTS: [(&str, &str, &str); 1] = [(
    "git-test.json",
    "pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c",
    "the definition of the type: namespace and name are `case_sensitive: true`; the test wants them in lower case",
)];

#[test]
fn kept_cases_come_out_as_published() {
    check(&kept("purl", "-test.json"), 150);
}

#[test]
fn all_published_cases_come_out_as_published() {
    let folders = ["purl-spec/spec", "purl-spec/types"];
    if let Some(files) = published(&folders, "-test.json") {
        check(&files, 365);
    }
}

/// Runs every test of some files, which are known to hold at least so many.
fn check(files: &[CaseFile], least: usize) {
    let mut faults = Vec::new();
    let mut run = 0;
    for file in files {
        for test in &file.tests {
            let input = &test["input"];
            let listed = DISAGREEMENTS.iter().any(|(name, text, _)| *name == file.name && input == text);
            let found = answer(test["test_type"].as_str().unwrap(), input);
            let expected = (test["expected_failure"] != true).then_some(&test["expected_output"]);
            let agrees = match (&found, expected) {
                (Ok(found), Some(expected)) => found == expected,
                (found, expected) => found.is_err() && expected.is_none(),
            };
            if agrees == listed {
                faults.push(format!("{}: {input}: expected {expected:?}, found {found:?}", file.name));
            }
            run += 1;
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(run >= least, "only {run} tests");
}

/// Returns what a test asks for: the parts of a text, or the canonical form of a text or of parts.
fn answer(kind: &str, input: &Value) -> Result<Value, PurlFault> {
    match kind {
        "parse" => Purl::parse(input.as_str().unwrap()).map(|purl| parts_of(&purl)),
        "validate" => Purl::parse(input.as_str().unwrap()).map(|purl| Value::from(purl.to_string())),
        "build" => Purl::build(parts(input)).map(|purl| Value::from(purl.to_string())),
        other => panic!("unknown kind of test {other}"),
    }
}

fn parts(input: &Value) -> PurlParts {
    let text = |key: &str| input[key].as_str().map(str::to_owned);
    let qualifiers = input["qualifiers"].as_object().into_iter().flatten();
    PurlParts {
        kind: text("type").unwrap_or_default(),
        namespace: text("namespace"),
        name: text("name").unwrap_or_default(),
        version: text("version"),
        qualifiers: qualifiers.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect(),
        subpath: text("subpath"),
    }
}

fn parts_of(purl: &Purl) -> Value {
    let qualifiers = (!purl.qualifiers().is_empty()).then(|| purl.qualifiers());
    serde_json::json!({
        "type": purl.kind(),
        "namespace": purl.namespace(),
        "name": purl.name(),
        "version": purl.version(),
        "qualifiers": qualifiers,
        "subpath": purl.subpath(),
    })
}

/// Cases that a definition states in the words of its note, not in `case_sensitive`.
const BY_NOTE: [(&str, &str, Case); 4] = [
    ("golang", "namespace", Case::Lower),
    ("golang", "name", Case::Lower),
    ("cpan", "namespace", Case::Upper),
    ("mlflow", "name", Case::LowerAt("databricks")),
];

#[test]
fn the_table_of_types_is_that_of_the_definitions() {
    assert!(TYPES.is_sorted_by_key(|known| known.id));
    let Some(definitions) = definitions("purl-spec/types", "-definition.json") else { return };
    let ids: Vec<&str> = definitions.iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(ids, TYPES.iter().map(|known| known.id).collect::<Vec<_>>());
    let mut faults = Vec::new();
    for definition in &definitions {
        let id = definition["type"].as_str().unwrap();
        let rules = Type::of(id);
        let (requirement, namespace_case) = match rules.namespace {
            Namespace::Optional(case) => ("optional", case),
            Namespace::Required(case) => ("required", case),
            Namespace::Prohibited => ("prohibited", Case::Kept),
        };
        if definition["namespace_definition"]["requirement"] != requirement {
            faults.push(format!("{id}: the namespace is not {requirement}"));
        }
        let cases = [
            ("namespace", namespace_case),
            ("name", rules.name),
            ("version", rules.version),
            ("subpath", rules.subpath),
        ];
        for (part, found) in cases {
            let is_lower = definition[format!("{part}_definition")]["case_sensitive"] == false;
            let by_note = BY_NOTE.iter().find(|(kind, noted, _)| *kind == id && *noted == part);
            let stated = if is_lower { Case::Lower } else { Case::Kept };
            let expected = by_note.map_or(stated, |(.., case)| *case);
            if found != expected {
                faults.push(format!("{id}: {part} is {found:?}, not {expected:?}"));
            }
        }
        let qualifiers = definition["qualifiers_definition"].as_array().cloned().unwrap_or_default();
        for qualifier in &qualifiers {
            let key = qualifier["key"].as_str().unwrap();
            if (qualifier["requirement"] == "required") != rules.requires.contains(&key) {
                faults.push(format!("{id}: {key} is required by one of the two"));
            }
            let default = rules.defaults.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
            if let Some(stated) = qualifier["default_value"].as_str()
                && default != Some(stated)
            {
                faults.push(format!("{id}: {key} has the default {stated}"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}
