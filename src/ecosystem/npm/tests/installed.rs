//! Packages in `node_modules`.

use proptest::prelude::*;

use super::super::installed::{RECORD, resolve};
use crate::component::{Package, Source};
use crate::ecosystem::tests::{read_installed, told};

const EVERYTHING: &str = r#"{"name": "@s/a", "version": "1.0.0", "license": "MIT", "author": {"name": "Jo", "email": "j@x.y"},
 "_resolved": "https://r.example/@s/a/-/a-1.0.0.tgz", "_integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
 "dependencies": {"b": "^1", "@s/c": "*"}, "optionalDependencies": {"b": "^1"}, "devDependencies": {"d": "1"}}"#;

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(told(&read_installed(&RECORD, path, text.as_bytes())), expected);
}

#[test]
fn a_package_says_what_it_is() {
    let path = "x/node_modules/@s/a/package.json";
    let digest = "digest sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    check(path, EVERYTHING, &[&format!("@s/a 1.0.0; license MIT; maintainer Jo <j@x.y>; needs @s/c b; {digest}")]);
    let source = read_installed(&RECORD, path, EVERYTHING.as_bytes()).packages.swap_remove(0).source;
    assert!(matches!(source, Source::Registry { registry: Some(url) } if url.as_str() == "https://r.example/"));
    check("node_modules/b/package.json", r#"{"name": "a", "version": "1"}"#, &["a 1; provides b"]);
}

#[test]
fn licences_of_the_first_years_are_read() {
    let check_license = |fields: &str, expected: &str| {
        let expected = if expected.is_empty() { "a 1".to_owned() } else { format!("a 1; license {expected}") };
        check("node_modules/a/package.json", &format!(r#"{{"name": "a", "version": "1", {fields}}}"#), &[&expected]);
    };
    check_license(r#""license": {"type": "MIT", "url": "u"}"#, "MIT");
    check_license(r#""licenses": [{"type": "MIT"}, {"type": "GPL-2.0"}]"#, "MIT OR GPL-2.0");
    check_license(r#""license": ["MIT", "ISC"]"#, "MIT OR ISC");
    check_license(r#""license": "", "licenses": "ISC""#, "ISC");
    check_license(r#""license": 1"#, "");
}

#[test]
fn what_is_no_package_says_nothing_and_what_is_broken_is_a_gap() {
    let path = "node_modules/a/package.json";
    for none in [r#"{"type": "module"}"#, r#"{"name": "a"}"#, r#"{"version": "1"}"#, r#"{"name": "a", "version": ""}"#]
    {
        check(path, none, &[]);
    }
    let gaps = |text: &str| read_installed(&RECORD, path, text.as_bytes()).gaps.len();
    for broken in ["", "{", "[]", r#"{"name": 1, "version": "1"}"#, r#"{"name": "a", "version": {}}"#] {
        assert_eq!(gaps(broken), 1, "{broken}");
    }
    assert_eq!(gaps(r#"{"name": "a", "version": "1", "dependencies": "b"}"#), 1);
    assert_eq!(gaps(r#"{"name": "a", "version": "1", "dependencies": []}"#), 0);
    assert_eq!(gaps(r#"{"name": "a", "version": "1", "_integrity": "sha1-x"}"#), 1);
}

#[test]
fn what_is_needed_is_found_up_the_folders() {
    let mut packages: Vec<Package> = [
        (
            "node_modules/a/package.json",
            r#"{"name": "a", "version": "1", "dependencies": {"b": "2", "@s/c": "1", "gone": "1"}}"#,
        ),
        (
            "node_modules/a/node_modules/b/package.json",
            r#"{"name": "b", "version": "2", "dependencies": {"@s/c": "1"}}"#,
        ),
        ("node_modules/b/package.json", r#"{"name": "b", "version": "1", "dependencies": {"a": "1"}}"#),
        ("node_modules/@s/c/package.json", r#"{"name": "@s/c", "version": "1", "dependencies": {"b": "1"}}"#),
        ("other/node_modules/gone/package.json", r#"{"name": "gone", "version": "1"}"#),
    ]
    .iter()
    .flat_map(|(path, text)| read_installed(&RECORD, path, text.as_bytes()).packages)
    .collect();
    resolve(&mut packages);
    let found: Vec<(&[usize], usize)> = packages.iter().map(|it| (&*it.needs_at, it.needs.len())).collect();
    assert_eq!(found, [(&[1, 3][..], 1), (&[3], 0), (&[0], 0), (&[2], 0), (&[], 0)]);
}

proptest! {
    #[test]
    fn damage_leaves_no_more_than_gaps(at in any::<prop::sample::Index>(), with in any::<String>(), cut in 0_usize..40) {
        let mut bytes = EVERYTHING.as_bytes().to_vec();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + cut);
        bytes.splice(at..end, with.bytes());
        let mut packages = read_installed(&RECORD, "node_modules/a/package.json", &bytes).packages;
        resolve(&mut packages);
    }
}
