//! Programs that list the packages they were built of.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::auditable::RECORD;
use crate::component::{InstalledKind, Source};
use crate::ecosystem::tests::{read_installed, told};
use crate::executable::made::{USUAL, elf, fat, macho, pe};

const NAME: &str = ".dep-v0";

fn list() -> String {
    let registry = concat!("crates", ".io");
    format!(
        r#"{{"packages":[{{"name":"adler","version":"0.2.3","source":"{registry}"}},
 {{"name":"cc","version":"1.0.0","source":"registry","kind":"build","dependencies":[0]}},
 {{"name":"forked","version":"1.0.0+x","source":"git","kind":"runtime"}},
 {{"name":"own","version":"0.1.0","source":"local","dependencies":[0,1,2],"root":true}}],"format":1}}"#
    )
}

fn compressed(json: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn check(file: &[u8], expected: &[&str]) {
    assert_eq!(told(&read_installed(&RECORD, "usr/bin/own", file)), expected);
}

#[test]
fn packages_are_read_in_every_format() {
    let whole = ["adler 0.2.3", "forked 1.0.0+x", "own 0.1.0; holds adler forked"];
    let data = compressed(&list());
    check(&elf(USUAL, &[(".text", b"x"), (NAME, &data)], true), &whole);
    check(&pe(NAME, &data), &whole);
    check(&macho(NAME, &data), &whole);
    check(&fat(&[macho(NAME, &data), macho(NAME, &data)]), &whole);
    let found = read_installed(&RECORD, "own", &pe(NAME, &data)).packages;
    let kinds: Vec<_> = found.iter().map(|it| (it.installed.kind, it.source.clone())).collect();
    assert_eq!(
        kinds,
        [
            (InstalledKind::Library, Source::Registry { registry: None }),
            (InstalledKind::Library, Source::Bundled),
            (InstalledKind::Application, Source::Member)
        ]
    );
}

#[test]
fn a_program_without_a_list_says_nothing() {
    check(&elf(USUAL, &[(".text", b"x")], true), &[]);
    check(&elf(USUAL, &[(NAME, b"x")], false), &[]);
    check(b"MZ", &[]);
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let gaps = |data: &[u8]| {
        let found = read_installed(&RECORD, "own", &elf(USUAL, &[(NAME, data)], true));
        (found.packages.len(), found.gaps.iter().map(|gap| gap.message().to_string()).collect::<Vec<_>>())
    };
    let check_gap = |data: &[u8], expected: &str| {
        let (packages, messages) = gaps(data);
        assert_eq!((packages, messages.len()), (0, 1), "{expected}");
        assert!(messages[0].contains(expected), "{messages:?}");
    };
    check_gap(b"", "a list of packages, compressed by zlib");
    check_gap(b"plain", "a list of packages, compressed by zlib");
    let whole = compressed(&list());
    check_gap(&whole[..whole.len() / 2], "a list of packages, compressed by zlib");
    check_gap(&compressed(&" ".repeat(9 << 20)), "at most 8 MiB, found more");
    check_gap(&compressed("{"), "in the list of packages");
    check_gap(&compressed("{}"), "a table with `packages`");
    check_gap(&compressed(r#"{"packages":[{"name":"a","source":"git"}]}"#), "a package with `version`");
    let dangling = r#"{"packages":[{"name":"a","version":"1.0.0","source":"git","dependencies":[1]}]}"#;
    check_gap(&compressed(dangling), "the place of a package in the list");
    check_gap(&compressed(&dangling.replace("[1]", "[-1]")), "the place of a package in the list");
}

proptest! {
    #[test]
    fn damage_leaves_no_more_than_gaps(at in any::<prop::sample::Index>(), with in any::<String>(), cut in 0_usize..40) {
        let mut json = list().into_bytes();
        let at = at.index(json.len());
        let end = json.len().min(at + cut);
        json.splice(at..end, with.bytes());
        let data = compressed(&String::from_utf8_lossy(&json));
        let _packages = read_installed(&RECORD, "own", &macho(NAME, &data));
    }
}
