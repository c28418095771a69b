//! The databases of others read as their sources expect, and databases that are damaged.

#![expect(clippy::disallowed_methods, reason = "cases lie outside any tree")]
#![expect(clippy::print_stderr, reason = "a test that was skipped must say so")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::component::{InstalledState, edges, purl_of};

/// Reads text as the file of a record.
pub(in crate::ecosystem) fn read(id: &str, path: &str, bytes: &[u8]) -> Packages {
    let record = RECORDS.iter().find(|record| record.id == id).unwrap();
    record.read_text(&TreePath::new(path.as_bytes()).unwrap(), bytes)
}

/// Returns each package as `name version [architecture] [state] [<source] [=provided] [>needed|or]`.
pub(in crate::ecosystem) fn shown(packages: &Packages) -> Vec<String> {
    let one = |package: &Package| {
        let mut out = format!("{} {}", package.name, package.version.as_deref().unwrap_or("-"));
        out.extend(package.installed.architecture.iter().map(|text| format!(" {text}")));
        if let InstalledState::OnDisk(word) = &package.installed.state {
            out.push_str(&format!(" {word}"));
        }
        if let Some(source) = &package.installed.built_from {
            out.push_str(&format!(" <{}", source.name));
            out.extend(source.version.iter().map(|version| format!("@{version}")));
        }
        out.extend(package.provides.iter().map(|name| format!(" ={name}")));
        out.extend(package.needs.iter().map(|names| format!(" >{}", names.join("|"))));
        out
    };
    packages.packages.iter().map(one).collect()
}

/// Returns each gap as `line: expected, found`.
pub(in crate::ecosystem) fn gaps(packages: &Packages) -> Vec<String> {
    let line = |gap: &Gap| gap.location.position.map_or(0, |position| position.line);
    packages.gaps.iter().map(|gap| format!("{}: {}, {}", line(gap), gap.expected, gap.found)).collect()
}

/// Where the files of a format stand, by the format's name in the table of cases.
const PLACES: [(&str, &str, &str); 7] = [
    ("dpkg-status", "dpkg-status", "var/lib/dpkg/status"),
    ("dpkg-status.d", "dpkg-status-d", "var/lib/dpkg/status.d/one"),
    ("opkg-status", "opkg-status", "usr/lib/opkg/status"),
    ("apk-installed", "apk-installed", "lib/apk/db/installed"),
    ("pacman-desc", "pacman-desc", "var/lib/pacman/local/one-1-1/desc"),
    (
        "flatpak-metainfo",
        "flatpak-metainfo",
        "var/lib/flatpak/app/a.B/x86_64/stable/0f/export/share/metainfo/a.B.metainfo.xml",
    ),
    ("rpm-manifest", "rpm-manifest", "var/lib/rpmmanifest/container-manifest-2"),
];

/// The cases of which something cannot be known, and how many gaps that is.
const GAPS: [(&str, usize); 9] = [
    ("scalibr/dpkg/nopackage", 1),
    // The last stanza has no `Status`.
    ("scalibr/dpkg/statusfield", 1),
    ("scalibr/opkg/statusfield", 1),
    ("trivy/dpkg-corrupt/var/lib/dpkg/status", 2),
    // No field is spelt right, and one line is none.
    ("syft/dpkg/status.d/corrupt", 2),
    // The last line was not ended.
    ("syft/apk/base", 1),
    // Text before the first stanza: a line that is none, and a stanza without a name.
    ("syft/apk/corrupt/lib/apk/db/installed", 2),
    // Neither name nor version, and headings that are none.
    ("syft/pacman/var/lib/pacman/local/corrupt-0.2.1-3/desc", 2),
    // A stanza without a name, and one without a version.
    ("syft/dpkg/status.d/multiple", 2),
];

#[test]
fn the_databases_of_others_hold_what_they_expect() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ospackages");
    assert!(check_cases(&fixtures) >= 13);
    if let Some(shared) = shared() {
        assert!(check_cases(&shared) >= 35);
    }
}

/// Reads the cases of a folder and compares them with its table; returns how many there were.
fn check_cases(folder: &Path) -> usize {
    let table = std::fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let (mut count, mut faults) = (0, Vec::new());
    for row in table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let Some((_, id, path)) = PLACES.iter().find(|(format, ..)| *format == row[1]) else { continue };
        let found = read(id, path, &std::fs::read(folder.join(row[0])).unwrap());
        let is_whole = |package: &&Package| package.installed.state == InstalledState::Whole;
        let mut names: Vec<String> = found
            .packages
            .iter()
            .filter(is_whole)
            .map(|package| format!("{}={}", package.name, package.version.as_deref().unwrap()))
            .collect();
        names.sort();
        let counts = (names.len().to_string(), found.packages.len().to_string());
        assert_eq!((&*counts.0, &*counts.1), (row[2], row[3]), "{}", row[0]);
        let ends = (names.first().map_or("", |name| name), names.last().map_or("", |name| name));
        assert_eq!(ends, (row[4], row[5]), "{}", row[0]);
        let expected = GAPS.iter().find(|(case, _)| *case == row[0]).map_or(0, |(_, gaps)| *gaps);
        if found.gaps.len() != expected {
            faults.push(format!("{}: {:?}", row[0], gaps(&found)));
        }
        for package in &found.packages {
            let kind = RECORDS.iter().find(|record| record.id == *id).unwrap().ecosystem;
            purl_of(kind, package, None).unwrap();
        }
        assert_eq!(edges(&found.packages).len(), found.packages.len());
        count += 1;
    }
    assert_eq!(faults, Vec::<String>::new());
    count
}

fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let cases = shared.join("cases/ospackages");
    if !cases.is_dir() {
        eprintln!("SKIPPED: no databases at {}; set PORTCULLIS_SHARED", cases.display());
        return None;
    }
    Some(cases)
}

#[test]
fn the_records_are_in_order() {
    assert!(RECORDS.iter().map(|record| record.id).is_sorted());
}

#[test]
fn bytes_that_are_no_utf8_cost_no_other_package() {
    let text = b"Package: a\nStatus: install ok installed\nVersion: 1\nMaintainer: J\xf6rg\n\n\
                 Package: b\xff\nStatus: install ok installed\nVersion: 2\n";
    let found = read("dpkg-status", "var/lib/dpkg/status", text);
    assert_eq!(found.gaps, []);
    assert_eq!(found.packages[1].place.to_string(), "var/lib/dpkg/status:6:10");
    let purls = found.packages.iter().map(|package| purl_of("deb", package, None).is_ok());
    assert_eq!(purls.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn of_many_gaps_the_first_are_told_and_the_others_counted() {
    let found = read("dpkg-status", "var/lib/dpkg/status", "Package: a\n\n".repeat(1_000).as_bytes());
    assert_eq!(found.gaps.len(), MAX_GAPS + 1);
    assert_eq!(gaps(&found)[MAX_GAPS], "201: at most 100 faults, 900 more");
    let found = read("dpkg-status", "var/lib/dpkg/status", "Package: a\n\n".repeat(101).as_bytes());
    assert_eq!(gaps(&found)[MAX_GAPS], "201: a `Status` in each stanza, none");
}

/// A text of each format, to be damaged.
const TEXTS: [&str; 7] = [
    "Package: a\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nSource: b (1:2)\nVersion: 1\n\
     Depends: c (>= 1) | d:any, e\nProvides: f (= 1)\nDescription: x\n y\n .\n z\n\nPackage: g\nStatus: deinstall ok \
     half-installed\nVersion: 2\n",
    "Package: a\nVersion: 1\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 1\n",
    "Package: a\nVersion: 1\nStatus: install user installed\nLicense: MIT\nDepends: libc\n",
    "C:Q1YCAH7j=\nP:a\nV:1-r0\nA:x86_64\nL:MIT\no:b\nm:M <m>\nD:so:c !d e>=1\np:cmd:a=1 so:a\nF:etc\nR:x\nZ:Q1\n\nP:c\nV:2\n\n",
    "%NAME%\na\n\n%VERSION%\n1-1\n\n%BASE%\nb\n\n%DESC%\nx\n\n%LICENSE%\nMIT\nBSD\n\n%DEPENDS%\nc>=1\n\n%PROVIDES%\nd=1\n",
    "<?xml version=\"1.0\"?>\n<component type=\"desktop\">\n <id>a.B</id>\n <project_license>MIT</project_license>\n \
     <releases><release version=\"1\"/></releases>\n</component>\n",
    "a\t1-1.cm2\t1\t2\tMicrosoft Corporation\t(none)\t3\tnoarch\t0\ta-1-1.cm2.src.rpm\n\
     b\t1-2\t1\t2\tv\t3\t3\tx86_64\t3\tb.src.rpm\n",
];

proptest! {
    #[test]
    fn no_damage_makes_a_reader_panic(
        which in 0_usize..TEXTS.len(),
        at in any::<usize>(),
        removed in 0_usize..40,
        inserted in proptest::collection::vec(prop_oneof![any::<u8>(), "[%:<>=!|,()\\t \\n]".prop_map(|it| it.as_bytes()[0])], 0..8),
    ) {
        let (_, id, path) = PLACES[which];
        let mut bytes = TEXTS[which].as_bytes().to_vec();
        let start = at % (bytes.len() + 1);
        let end = (start + removed).min(bytes.len());
        bytes.splice(start..end, inserted);
        let lines = bytes.split(|byte| *byte == b'\n').count();
        let found = read(id, path, &bytes);
        for gap in &found.gaps {
            prop_assert!(!gap.expected.as_str().is_empty() && !gap.found.as_str().is_empty());
            prop_assert!(gap.location.position.is_none_or(|position| position.line as usize <= lines));
        }
        for package in &found.packages {
            prop_assert!(!package.name.is_empty());
            let _purl = purl_of("deb", package, None);
        }
        let edges = edges(&found.packages);
        prop_assert!(edges.iter().flatten().all(|needed| (*needed as usize) < found.packages.len()));
    }
}
