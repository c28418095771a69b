//! Programs with build information of Go, in every form that it had.

use std::io::Cursor;

use proptest::prelude::*;

use super::build_info::{RECORD, search};
use crate::component::{InstalledKind, Source};
use crate::ecosystem::tests::{read_installed, told};
use crate::executable::Part;
use crate::executable::made::{ADDRESS, Shape, USUAL, elf, fat, macho, pe};

const SUM: &str = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn modules() -> String {
    format!(
        "path\texample.org/m/cmd\nmod\texample.org/m\t(devel)\t\ndep\texample.org/a\tv1.0.0\t{SUM}\ndep\texample.org/b\tv1.0.0\n=>\texample.org/fork\tv1.1.0\t{SUM}\ndep\texample.org/c\tv1.0.0\n=>\t./c\t\nbuild\tGOOS=linux\nbuild\tvcs.revision=0123456789abcdef0123456789abcdef01234567\nbuild\tvcs.time=2024-01-02T03:04:05Z\n"
    )
}

fn framed(modules: &str) -> Vec<u8> {
    if modules.is_empty() { Vec::new() } else { [&[0x30; 16], modules.as_bytes(), &[0xf9; 16]].concat() }
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut left = bytes.len();
    while left >= 0x80 {
        out.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    out.push(u8::try_from(left).unwrap());
    out.extend(bytes);
    out
}

/// Returns the blob since Go 1.18.
fn inline(go: &str, modules: &str) -> Vec<u8> {
    let mut blob = b"\xff Go buildinf:\x08\x02".to_vec();
    blob.resize(32, 0);
    blob.extend([counted(go.as_bytes()), counted(&framed(modules))].concat());
    blob
}

/// Returns the blob before Go 1.18, and what it points to, loaded one behind the other.
fn pointing(shape: Shape, go: &str, modules: &str) -> Vec<u8> {
    let word = usize::from(shape.bits / 8);
    let (go, modules) = (go.as_bytes(), framed(modules));
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap();
    let strings = ADDRESS + 64 + 4 * length(&vec![0; word]);
    let mut blob = [&b"\xff Go buildinf:"[..], &[shape.bits / 8, u8::from(shape.is_big_endian)]].concat();
    blob.extend([shape.word(ADDRESS + 64), shape.word(ADDRESS + 64 + 2 * length(&vec![0; word]))].concat());
    blob.resize(64, 0);
    blob.extend([shape.word(strings), shape.word(length(go))].concat());
    blob.extend([shape.word(strings + length(go)), shape.word(length(&modules))].concat());
    blob.extend([go, &modules].concat());
    blob
}

fn whole() -> Vec<String> {
    vec![
        "example.org/m v0.0.0-20240102030405-0123456789ab; holds stdlib example.org/a example.org/fork example.org/c"
            .to_owned(),
        "stdlib 1.22.1".to_owned(),
        format!("example.org/a v1.0.0; digest {SUM}"),
        format!("example.org/fork v1.1.0; digest {SUM}"),
        "example.org/c v1.0.0".to_owned(),
    ]
}

#[track_caller]
fn check(file: &[u8], expected: &[String]) {
    assert_eq!(told(&read_installed(&RECORD, "usr/bin/m", file)), expected);
}

#[test]
fn modules_are_read_in_every_format() {
    let blob = inline("go1.22.1", &modules());
    let name = ".go.buildinfo";
    check(&elf(USUAL, &[(".text", b"x"), (name, &blob)], true), &whole());
    check(&elf(USUAL, &[(name, &blob)], false), &whole());
    check(&pe(".data", &[&[0; 48], &*blob].concat()), &whole());
    check(&macho("__go_buildinfo", &blob), &whole());
    check(&fat(&[macho("__go_buildinfo", &blob), macho("__go_buildinfo", &blob)]), &whole());
    for (bits, is_big_endian) in [(32, false), (32, true), (64, false), (64, true)] {
        let shape = Shape { bits, is_big_endian };
        check(&elf(shape, &[(name, &pointing(shape, "go1.22.1", &modules()))], true), &whole());
    }
    let found = read_installed(&RECORD, "m", &macho("__go_buildinfo", &blob)).packages;
    assert_eq!(found[0].installed.kind, InstalledKind::Application);
    assert_eq!(found[1].installed.kind, InstalledKind::Library);
    assert_eq!(found[4].source, Source::Path { path: "./c".into() });
}

#[test]
fn the_program_itself_has_the_version_that_is_known() {
    let check_main = |modules: &str, expected: &[&str]| {
        let found = read_installed(&RECORD, "m", &macho("__go_buildinfo", &inline("go1.2", modules)));
        assert_eq!(told(&found), [expected, &["stdlib 1.2"]].concat(), "{modules}");
    };
    check_main("path\tm\nmod\tm\tv1.2.3\t\n", &["m v1.2.3; holds stdlib"]);
    check_main("path\tm\nmod\tm\t(devel)\t\n", &["m -; holds stdlib"]);
    let commit = "build\tvcs.revision=0123456789abcdef\nbuild\tvcs.time=2024-01-02T03:04:05Z\n";
    let main = "m v0.0.0-20240102030405-0123456789ab+dirty; holds stdlib";
    check_main(&format!("mod\tm\t(devel)\t\n{commit}build\tvcs.modified=true\n"), &[main]);
    check_main("mod\tm\t(devel)\t\nbuild\tvcs.revision=01\nbuild\tvcs.time=x\n", &["m -; holds stdlib"]);
    check_main("path\tcmd/go\n", &["cmd/go -; holds stdlib"]);
    check_main("path\tcommand-line-arguments\n", &[]);
    check_main("", &[]);
}

#[test]
fn versions_of_go_are_read() {
    for (text, expected) in
        [("go1.22.1 X:boringcrypto", "1.22.1"), ("devel go1.23-abc Tue", "1.23-abc"), ("devel", "-")]
    {
        check(&macho("__go_buildinfo", &inline(text, "")), &[format!("stdlib {expected}")]);
    }
}

#[test]
fn what_is_no_program_of_go_says_nothing() {
    check(&elf(USUAL, &[(".data", &inline("go1.22.1", &modules()))], true), &[]);
    check(&elf(USUAL, &[(".data", b"\xff Go build")], false), &[]);
    check(&pe(".data", b""), &[]);
    check(b"", &[]);
    check(b"\x7fELF and no more", &[]);
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let check_gap = |blob: &[u8], expected: &str| {
        check(&macho("__go_buildinfo", blob), &[format!("gap Malformed: expected {expected}")]);
    };
    check_gap(b"", "the build information of Go in its section, found none");
    check_gap(&[0; 64], "the build information of Go in its section, found none");
    let blob = inline("go1.22.1", &modules());
    check_gap(&blob[..20], "the build information of Go, found its beginning");
    check_gap(&blob[..100], "the build information of Go, found its beginning");
    check_gap(&inline("", &modules()), "the version of Go, found none");
    let mut endless = blob.clone();
    endless[32..42].fill(0xff);
    check_gap(&endless, "the build information of Go, found its beginning");
    let found = read_installed(
        &RECORD,
        "m",
        &macho("__go_buildinfo", &inline("go1.2", "dep\ta\ndep\tb\tv1\th1:x\ndep\tc\tv1\n")),
    );
    assert_eq!((found.packages.len(), found.gaps.len()), (2, 2));
    // The addresses of a program that is loaded anywhere are filled in when it is.
    let mut moved = pointing(USUAL, "go1.15", &modules());
    moved[16..32].fill(0);
    check_gap(&moved, "the version of Go, found none");
}

#[test]
fn data_that_lies_behind_any_file_holds_nothing() {
    let mut file = pe(".data", &inline("go1.22.1", &modules()));
    // The section says that it begins at the last byte a file can have.
    let table = file.windows(5).position(|part| part == b".data").unwrap();
    file[table + 20..table + 24].copy_from_slice(&[0xff; 4]);
    file[table + 16..table + 20].copy_from_slice(&[0xff; 4]);
    let found = read_installed(&RECORD, "m", &file);
    assert_eq!((found.packages.len(), found.gaps.len()), (0, 0));
    let part = Part { name: Box::default(), address: 0, offset: u64::MAX - 1, size: 9, is_writable: true };
    assert_eq!(search(&mut Cursor::new(file), &part), Ok(None));
}

proptest! {
    #[test]
    fn damage_leaves_no_more_than_gaps(form in 0_usize..3, at in any::<prop::sample::Index>(), with in any::<[u8; 3]>()) {
        let blob = inline("go1.22.1", &modules());
        let mut file = vec![
            elf(USUAL, &[(".go.buildinfo", &blob)], true),
            pe(".data", &blob),
            elf(USUAL, &[(".go.buildinfo", &pointing(USUAL, "go1.15", &modules()))], true),
        ]
        .swap_remove(form);
        let at = at.index(file.len() - 3);
        file[at..at + 3].copy_from_slice(&with);
        let _packages = read_installed(&RECORD, "m", &file);
    }
}
