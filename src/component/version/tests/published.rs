//! The comparisons that package-url publishes for version ranges (VERS). Its tests of ranges are not run: ranges are not
//! read here.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::compare;
use crate::component::cases::{CaseFile, kept, published};

/// Comparisons that disagree with the ecosystem's own rules: the scheme, the versions, and what is on our side.
const DISAGREEMENTS: [(&str, (&str, &str), &str); 1] = [(
    "maven",
    ("2-1", "2.0.0.a"),
    "Maven since MNG-7644: \"treat .X as -X for any string qualifier X\", so that zeros before it count for nothing; \
     `2.0.0.a` is `2-a`, and a qualifier is older than a number; its own test has `2.0.a` before `2-1`",
)];

#[test]
fn kept_comparisons_come_out_as_published() {
    check(&kept("vers", "_version_cmp_test.json"), 130);
}

#[test]
fn all_published_comparisons_come_out_as_published() {
    if let Some(mut files) = published(&["vers-spec"], "_version_cmp_test.json") {
        files.extend(published(&["vers-spec"], "lexicographic-test.json").unwrap());
        check(&files, 1161);
    }
}

fn check(files: &[CaseFile], least: usize) {
    let mut faults = Vec::new();
    let mut run = 0;
    for file in files {
        for test in &file.tests {
            let scheme = test["input"]["input_scheme"].as_str().unwrap();
            let versions = pair(&test["input"]["versions"]);
            let found = compare(scheme, versions.0, versions.1);
            let agrees = match test["test_type"].as_str().unwrap() {
                "equality" => Some(found == Some(Ordering::Equal)) == test["expected_output"].as_bool(),
                "comparison" => {
                    // The versions in order; some in another spelling of the same.
                    let (low, high) = pair(&test["expected_output"]);
                    let is_one_of =
                        |one| [low, high].iter().any(|other| compare(scheme, one, other) == Some(Ordering::Equal));
                    compare(scheme, low, high).is_some_and(Ordering::is_le)
                        && is_one_of(versions.0)
                        && is_one_of(versions.1)
                        && found.is_some()
                }
                other => panic!("unknown kind of test {other}"),
            };
            let listed = DISAGREEMENTS.iter().any(|(id, pair, _)| *id == scheme && *pair == versions);
            if agrees == listed {
                faults.push(format!("{}: {scheme} {versions:?}: {} {found:?}", file.name, test["expected_output"]));
            }
            run += 1;
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(run >= least, "only {run} comparisons");
}

fn pair(value: &Value) -> (&str, &str) {
    match value.as_array().map(Vec::as_slice) {
        Some([one, other]) => (one.as_str().unwrap(), other.as_str().unwrap()),
        _ => panic!("expected two versions, found {value}"),
    }
}
