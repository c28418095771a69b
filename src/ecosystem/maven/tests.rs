//! Archives of Java, made here: what each is called, and how far others are looked into.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::identity::{FileName, Identity};
use super::jar::{Limits, RECORD, read_within};
use super::properties::Properties;
use crate::ecosystem::installed::{Opened, Packages};
use crate::ecosystem::tests::{read_installed, told};
use crate::tree::TreePath;

/// Returns an archive of files, stored or deflated.
fn zip(method: CompressionMethod, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (path, contents) in files {
        let (mut entry, config) = archive.new_file(*path).compression_method(method).start().unwrap();
        let descriptor = if method == CompressionMethod::STORE {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(contents).unwrap();
            writer.finish().unwrap().1
        } else {
            let mut writer =
                config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default()));
            writer.write_all(contents).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip(CompressionMethod::STORE, files)
}

fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip(CompressionMethod::DEFLATE, files)
}

fn pom(group: &str, artifact: &str, version: &str) -> (String, Vec<u8>) {
    let text = format!("#Created\r\ngroupId={group}\r\nartifactId={artifact}\r\nversion={version}\r\n");
    (format!("META-INF/maven/{group}/{artifact}/pom.properties"), text.into_bytes())
}

const MANIFEST: &str = "META-INF/MANIFEST.MF";

#[track_caller]
fn check(path: &str, file: &[u8], expected: &[&str]) {
    assert_eq!(told(&read_installed(&RECORD, path, file)), expected);
}

#[test]
fn an_archive_is_what_maven_says_of_it() {
    let (path, own) = pom("org.example", "core", "1.0");
    let (other_path, other) = pom("org.other", "json", "2.0");
    let manifest = b"Bundle-License: Apache-2.0;link=x\r\nImplementation-Vendor: Ex\r\n ample\r\n\r\nName: a\r\nBundle-License: MIT\r\n";
    let files: [(&str, &[u8]); 3] = [(&path, &own), (&other_path, &other), (MANIFEST, manifest)];
    let whole =
        ["org.example/core 1.0; license Apache-2.0; vendor Example; holds org.other/json", "org.other/json 2.0"];
    check("lib/core-1.0.jar", &deflated(&files), &whole);
    check("lib/core.JAR", &stored(&files), &whole);
    // Merged into an archive that does not say what it is itself.
    check("lib/app.jar", &deflated(&files), &["org.example/core 1.0", "org.other/json 2.0"]);
    let app = ["app/app 3; license Apache-2.0; vendor Example; holds org.example/core org.other/json"];
    check("lib/app-3.jar", &deflated(&files), &[&app[..], &["org.example/core 1.0", "org.other/json 2.0"]].concat());
    let unfilled = pom("org.example", "core", "${revision}");
    check("lib/core-1.0.jar", &deflated(&[(&unfilled.0, &unfilled.1)]), &["org.example/core -"]);
    check("lib/core-1.0.jar", &deflated(&[(&path, b"")]), &["org.example/core -"]);
}

#[test]
fn an_archive_without_maven_is_what_its_name_and_manifest_say() {
    let check = |path: &str, manifest: &str, expected: &[&str]| {
        check(path, &deflated(&[(MANIFEST, manifest.as_bytes())]), expected);
    };
    check("a-1.2.jar", "", &["a/a 1.2"]);
    check("a.jar", "Implementation-Version: 3\n", &["a/a 3"]);
    check("a.jar", "Bundle-Version: 4\nSpecification-Version: 1\n", &["a/a 4"]);
    check("a.jar", "Manifest-Version: 1.0\n", &["a/a -"]);
    check("a-1.jar", "Bundle-SymbolicName: org.example.a;singleton:=true\n", &["org.example/a 1"]);
    check("a-1.jar", "Implementation-Vendor-Id: com.acme\n", &["com.acme/a 1"]);
    check("a-1.jar", "Implementation-Title: The thing. Really\n", &["a/a 1"]);
    check("1.jar", "Bundle-SymbolicName: org.example.a\nBundle-Version: 1\n", &["org.example.a/org.example.a 1"]);
    check("1.jar", "Bundle-Version: 1\n", &[]);
}

#[test]
fn an_archive_that_says_nothing_is_no_package() {
    check("a.jar", &deflated(&[("a.class", b"")]), &[]);
    check("a-1.jar", &deflated(&[("a.class", b"")]), &["a/a 1"]);
    check("a.jar", &deflated(&[]), &[]);
}

#[test]
fn names_of_files_are_taken_apart() {
    for (file, name, version) in [
        ("d/some-package-4.0.1.jar", "some-package", "4.0.1"),
        ("my-http2-server-5.war", "my-http2-server", "5"),
        ("jetpack-build235-rc5.jar", "jetpack", "build235-rc5"),
        ("ironman-r4-2009.jar", "ironman-r4", "2009"),
        ("a-rc1.jar", "a", "rc1"),
        ("a-1.0-SNAPSHOT.jar", "a", "1.0-SNAPSHOT"),
        ("org.eclipse.osgi_3.16.0.v2020.jar", "org.eclipse.osgi", "3.16.0.v2020"),
        ("akka_2.13-2.6.jar", "akka_2.13", "2.6"),
        ("plain.jar", "plain", ""),
        ("1.0.jar", "", ""),
        ("-1.jar", "", ""),
        (".jar", "", ""),
    ] {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        assert_eq!(FileName::of(file.as_bytes()), FileName { name: some(name), version: some(version) }, "{file}");
    }
    assert_eq!(FileName::of(b"\xff-1.jar"), FileName::default());
    assert_eq!(Identity::of(&FileName::default(), &Properties::default()), None);
}

#[test]
fn archives_in_archives_are_looked_into() {
    let (path, text) = pom("org.example", "inner", "1.0");
    let inner = deflated(&[(&path, &text), ("lib/deep-2.jar", &deflated(&[("x", b"")]))]);
    let whole = ["app/app 1; holds org.example/inner", "org.example/inner 1.0; holds deep/deep", "deep/deep 2"];
    for outer in
        [stored(&[("BOOT-INF/lib/inner-1.0.jar", &inner)]), deflated(&[("BOOT-INF/lib/inner-1.0.jar", &inner)])]
    {
        check("app-1.war", &outer, &whole);
        // A program in front of an archive makes it one that runs.
        check("app-1.war", &[b"#!/bin/sh\nexit\n", &*outer].concat(), &whole);
    }
    let gap = "gap Malformed: expected a ZIP archive, found something else in `x.jar`";
    check("app-1.war", &deflated(&[("x.jar", b"none")]), &["app/app 1", gap]);
    check("app-1.war", &deflated(&[("x.par", b"none")]), &["app/app 1"]);
}

#[test]
fn what_is_no_archive_is_a_gap_where_its_name_says_so() {
    let gap = "gap Malformed: expected a ZIP archive, found something else";
    // What was made and never written holds nothing.
    check("a.jar", b"", &[]);
    check("a.jar", b"P", &[gap]);
    check("a.war", b"version https://lfs", &[gap]);
    check("a.nar", b"\r\0\0\0\0\0\0\0nix-archive-1", &[]);
    let cut = "gap Malformed: expected a ZIP archive, found one that has no end";
    let whole = deflated(&[(MANIFEST, b"A: b\n")]);
    check("a.jar", &whole[..whole.len() - 20], &[cut]);
    check("a.nar", &whole[..whole.len() - 20], &[cut]);
}

#[test]
fn limits_are_kept_and_said() {
    let limits =
        Limits { depth: 2, entries: 20, archives: 3, archive_bytes: 2000, inflated_bytes: 4000, text_bytes: 1000 };
    let check = |file: &[u8], expected: &[&str]| {
        let path = TreePath::new(b"app-1.jar").unwrap();
        let mut packages = Packages::default();
        let size = u64::try_from(file.len()).unwrap();
        let mut contents = Cursor::new(file);
        let mut opened = Opened { path: &path, size, contents: &mut contents, beside: &|_| Ok(None) };
        if let Err(damage) = read_within(&mut opened, &mut packages, limits) {
            packages.gap(&path, damage);
        }
        assert_eq!(told(&packages), expected);
    };
    let nested = |inner: &[u8], name: &str| stored(&[(name, inner)]);
    let one = stored(&[("x", b"")]);
    let refused = "gap TooLarge: expected at most 3 inner archives, of 0 MiB in all, found 1 more";
    let three = nested(&nested(&nested(&one, "c-1.jar"), "b-1.jar"), "a-1.jar");
    check(&three, &["app/app 1; holds a/a", "a/a 1; holds b/b", "b/b 1", refused]);
    let many: Vec<(&str, &[u8])> = ["a-1.jar", "b-1.jar", "c-1.jar", "d-1.jar"].map(|name| (name, &*one)).to_vec();
    check(&stored(&many), &["app/app 1; holds a/a b/b c/c", "a/a 1", "b/b 1", "c/c 1", refused]);
    let bomb = deflated(&[("a-1.jar", &[0; 100_000])]);
    let gap = "gap TooLarge: expected inner archives of at most 256 MiB, found more in `a-1.jar`";
    check(&bomb, &["app/app 1", gap]);
    let names: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
    check(&stored(&entries), &["gap TooLarge: expected an archive of fewer files, found more than the stated limit"]);
    let long = format!("Implementation-Version: 2\n\n{}", "a".repeat(100_000));
    check(&deflated(&[(MANIFEST, long.as_bytes())]), &["app/app 1"]);
}

proptest! {
    #[test]
    fn damage_leaves_no_more_than_gaps(at in any::<prop::sample::Index>(), with in any::<[u8; 4]>(), is_stored in any::<bool>()) {
        let (path, text) = pom("org.example", "inner", "1.0");
        let inner = deflated(&[(&path, &text), (MANIFEST, b"A: b\n")]);
        let files: [(&str, &[u8]); 2] = [("a.jar", &inner), (MANIFEST, b"A: b\n")];
        let mut file = if is_stored { stored(&files) } else { deflated(&files) };
        let at = at.index(file.len() - 4);
        file[at..at + 4].copy_from_slice(&with);
        let _packages = read_installed(&RECORD, "app.jar", &file);
    }
}
