//! A reviewer lists what a change does to dependencies: each update once, nothing twice, and nothing made up.

use serde_json::{Value, json};

use crate::lock_files::{FORMATS, Format, Package, package};
use crate::support::{Run, Sandbox};

/// Paths and texts of a tree.
type Tree = Vec<(String, String)>;

fn file(path: &str, text: impl Into<String>) -> (String, String) {
    (path.to_owned(), text.into())
}

/// A repository with a commit for each tree, one after the other.
fn history<const N: usize>(trees: [&Tree; N]) -> Sandbox {
    let sandbox = Sandbox::repository();
    let nothing = Sandbox::new();
    for tree in trees {
        sandbox.replace_tree(nothing.path());
        for (path, text) in tree {
            sandbox.write(path, text);
        }
        sandbox.commit("next");
    }
    sandbox
}

/// Returns the list as JSON, its form checked.
#[track_caller]
fn listed(run: &Run) -> Value {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.whole());
    let listed: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.whole()));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(listed["schema_version"], "1.0");
    for change in listed["changes"].as_array().unwrap() {
        let sides = [&change["before"], &change["after"]];
        for side in sides.into_iter().filter(|side| !side.is_null()) {
            assert!(side["purl"].as_str().unwrap().starts_with("pkg:"), "{side}");
            assert!(side["name"].is_string() && side["version"].is_string(), "{side}");
        }
        let nulls = sides.map(Value::is_null);
        let expected = match change["kind"].as_str().unwrap() {
            "added" => [true, false],
            "removed" => [false, true],
            "changed" => [false, false],
            kind => panic!("{kind}"),
        };
        assert_eq!(nulls, expected, "{change}");
        assert_eq!(change["fields"].as_array().unwrap().is_empty(), change["kind"] != "changed", "{change}");
        let places = change["locations"].as_array().unwrap();
        assert!(!places.is_empty(), "{change}");
        for place in places {
            assert!(place["path"].is_string() && place["line"].as_u64().is_some_and(|line| line > 0), "{place}");
        }
    }
    let all: Vec<String> = listed.as_object().unwrap().keys().cloned().collect();
    assert_eq!(all.len(), 3, "{}", keys(&listed));
    listed
}

/// Each change in one line.
fn lines(listed: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let name = |side: &Value| format!("{} {}", text(&side["name"]), text(&side["version"]));
    let line = |change: &Value| {
        let fields: Vec<String> = change["fields"].as_array().unwrap().iter().map(text).collect();
        let places: Vec<String> = change["locations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| format!("{}:{}", text(&place["path"]), place["line"]))
            .collect();
        let what = match change["kind"].as_str().unwrap() {
            "added" => format!("+ {}", name(&change["after"])),
            "removed" => format!("- {}", name(&change["before"])),
            _ => format!("{} -> {} ({})", name(&change["before"]), name(&change["after"]), fields.join(", ")),
        };
        format!("{what} at {}", places.join(", "))
    };
    listed["changes"].as_array().unwrap().iter().map(line).collect()
}

/// What a change is but for its places.
fn facts(listed: &Value) -> Vec<[Value; 3]> {
    let mut facts: Vec<[Value; 3]> = listed["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| [change["before"].clone(), change["after"].clone(), change["fields"].clone()])
        .collect();
    facts.sort_by_key(|fact| format!("{fact:?}"));
    facts
}

fn changes(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    listed(&sandbox.portcullis(["changes", "--format", "json"].into_iter().chain(arguments.iter().copied())))
}

/// Compares the changes between two trees with `expected`, whichever way they are asked for, and makes sure that the
/// way back is the mirror image.
#[track_caller]
fn check(before: &Tree, after: &Tree, expected: &[&str]) {
    let sandbox = history([before, after]);
    let there = changes(&sandbox, &["HEAD~1..HEAD"]);
    assert_eq!(lines(&there), expected);
    assert_eq!(there["gaps"], json!([]));
    for revisions in ["HEAD~1", "HEAD~1...HEAD", "HEAD~1.."] {
        assert_eq!(changes(&sandbox, &[revisions]), there, "{revisions}");
    }
    let back = changes(&sandbox, &["HEAD..HEAD~1"]);
    let mut mirrored: Vec<[Value; 3]> =
        facts(&back).into_iter().map(|[before, after, fields]| [after, before, fields]).collect();
    mirrored.sort_by_key(|fact| format!("{fact:?}"));
    assert_eq!(mirrored, facts(&there), "the way back");
    sandbox.git(["reset", "-q", "--soft", "HEAD~1"]);
    assert_eq!(changes(&sandbox, &[]), there, "in the directory");
    assert_eq!(changes(&sandbox, &["--staged"]), there, "staged");
}

fn ripple() -> Package {
    package("ripple", "1.2.3", 0xaa)
}

fn weir() -> Package {
    package("weir", "2.0.0", 0xbb)
}

fn lay(format: &Format, folder: &str, packages: &[Package]) -> Tree {
    vec![
        file(&format!("{folder}{}", format.file), format.lock(packages)),
        file(&format!("{folder}{}", format.manifest), format.manifest(packages)),
    ]
}

/// The line on which a package begins.
#[track_caller]
fn line(text: &str, start: &str) -> usize {
    text.lines().position(|line| line.contains(start)).unwrap_or_else(|| panic!("{start} is not in {text}")) + 1
}

/// What begins the entry of a package in a format.
fn start(format: &Format, package: &Package) -> String {
    let Package { name, version, .. } = package;
    match format.name {
        "cargo" | "poetry" | "pylock" => format!("name = \"{name}\""),
        "uv" => format!("version = \"{version}\""),
        "pipenv" => format!("\"{name}\": {{"),
        "pip" => format!("{name}=={version}"),
        "npm" | "shrinkwrap" => format!("\"node_modules/{name}\""),
        "npm-1" => format!("\"{name}\": {{"),
        "pnpm" => format!("  {name}@{version}:"),
        "pnpm-6" => format!("  /{name}@{version}:"),
        "yarn" => format!("\"{name}@>=0\""),
        _ => format!("\"{name}@npm:>=0\""),
    }
}

/// Where a package stands in the lock file that holds `packages`, by the place that cargo's parser gives: its table.
fn at(format: &Format, packages: &[Package], package: &Package) -> String {
    let line = line(&format.lock(packages), &start(format, package));
    // The parsers of TOML give the table, whose head stands before the name.
    let before = match format.name {
        "cargo" | "poetry" | "pylock" => 1,
        "uv" => 2,
        _ => 0,
    };
    format!("{}:{}", format.file, line - before)
}

#[test]
fn an_update_an_addition_a_removal_and_a_new_digest_are_one_change_each_in_every_format() {
    for format in &FORMATS {
        let of = |packages: &[Package]| lay(format, "", packages);
        let before = [ripple(), weir()];
        let updated = [ripple(), package("weir", "2.1.0", 0xcc)];
        let place = at(format, &updated, &updated[1]);
        check(&of(&before), &of(&updated), &[&format!("weir 2.0.0 -> weir 2.1.0 (version, digests) at {place}")]);
        let forged = [ripple(), package("weir", "2.0.0", 0xee)];
        let place = at(format, &forged, &forged[1]);
        check(&of(&before), &of(&forged), &[&format!("weir 2.0.0 -> weir 2.0.0 (digests) at {place}")]);
        let added = [ripple(), package("sluice", "0.1.0", 0xdd), weir()];
        let place = at(format, &added, &added[1]);
        check(&of(&before), &of(&added), &[&format!("+ sluice 0.1.0 at {place}")]);
        let place = at(format, &before, &before[1]);
        check(&of(&before), &of(&[ripple()]), &[&format!("- weir 2.0.0 at {place}")]);
        let (old, new) = (
            at(format, &before, &before[1]),
            at(format, &[ripple(), package("mere", "2.0.0", 0xbb)], &package("mere", "2.0.0", 0)),
        );
        let renamed = [ripple(), package("mere", "2.0.0", 0xbb)];
        check(&of(&before), &of(&renamed), &[&format!("+ mere 2.0.0 at {new}"), &format!("- weir 2.0.0 at {old}")]);
        check(&of(&before), &of(&before), &[]);
        // The first lock file, and the last.
        let all = before.iter().map(|package| (package, at(format, &before, package)));
        let mut all: Vec<String> = all.map(|(it, place)| format!("+ {} {} at {place}", it.name, it.version)).collect();
        if format.name == "cargo" {
            all.insert(0, "+ alder 0.1.0 at Cargo.lock:5".to_owned());
        }
        if format.name == "uv" {
            all.insert(0, "+ alder 3.0.0 at uv.lock:5".to_owned());
        }
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        check(&vec![file("README", "none yet")], &of(&before), &all);
    }
}

fn cargo(packages: &[Package]) -> String {
    FORMATS[0].lock(packages)
}

fn locked(packages: &[Package]) -> Tree {
    vec![file("Cargo.lock", cargo(packages))]
}

fn x(version: &str, digest: u8) -> Package {
    package("x", version, digest)
}

#[test]
fn versions_side_by_side_are_told_apart() {
    let cases: [(&[Package], &[Package], &[&str]); 9] = [
        // One of two is updated, within its series or beyond.
        (
            &[x("1.0.0", 1), x("2.0.0", 2)],
            &[x("1.1.0", 3), x("2.0.0", 2)],
            &["x 1.0.0 -> x 1.1.0 (version, digests) at Cargo.lock:13"],
        ),
        (
            &[x("1.0.0", 1), x("2.0.0", 2)],
            &[x("1.0.0", 1), x("3.0.0", 3)],
            &["x 2.0.0 -> x 3.0.0 (version, digests) at Cargo.lock:19"],
        ),
        (
            &[x("0.1.0", 1), x("0.2.0", 2)],
            &[x("0.1.9", 3), x("0.2.0", 2)],
            &["x 0.1.0 -> x 0.1.9 (version, digests) at Cargo.lock:13"],
        ),
        // Both are.
        (
            &[x("1.0.0", 1), x("2.0.0", 2)],
            &[x("1.1.0", 3), x("2.1.0", 4)],
            &[
                "x 1.0.0 -> x 1.1.0 (version, digests) at Cargo.lock:13",
                "x 2.0.0 -> x 2.1.0 (version, digests) at Cargo.lock:19",
            ],
        ),
        // One is added, or removed.
        (&[x("1.0.0", 1)], &[x("1.0.0", 1), x("2.0.0", 2)], &["+ x 2.0.0 at Cargo.lock:19"]),
        (&[x("2.0.0", 2)], &[x("1.0.0", 1), x("2.0.0", 2)], &["+ x 1.0.0 at Cargo.lock:13"]),
        // One takes the place of two: of the higher.
        (
            &[x("1.0.0", 1), x("2.0.0", 2)],
            &[x("3.0.0", 3)],
            &["- x 1.0.0 at Cargo.lock:13", "x 2.0.0 -> x 3.0.0 (version, digests) at Cargo.lock:12"],
        ),
        // By numbers, not by letters.
        (
            &[x("9.0.0", 1), x("10.0.0", 2)],
            &[x("11.0.0", 3)],
            &["x 10.0.0 -> x 11.0.0 (version, digests) at Cargo.lock:12", "- x 9.0.0 at Cargo.lock:13"],
        ),
        // One is gone and the other takes a new digest.
        (
            &[x("1.0.0", 1), x("2.0.0", 2)],
            &[x("2.0.0", 3)],
            &["- x 1.0.0 at Cargo.lock:13", "x 2.0.0 -> x 2.0.0 (digests) at Cargo.lock:12"],
        ),
    ];
    for (before, after, expected) in cases {
        check(&locked(before), &locked(after), expected);
    }
}

#[test]
fn the_order_of_a_lock_file_says_nothing() {
    let packages = [ripple(), package("sluice", "0.1.0", 0xdd), weir()];
    let mut turned = packages.clone();
    turned.reverse();
    for format in &FORMATS {
        check(&lay(format, "", &packages), &lay(format, "", &turned), &[]);
    }
}

#[test]
fn a_package_in_two_lock_files_is_listed_once_for_each_change() {
    let both = |a: &[Package], b: &[Package]| vec![file("a/Cargo.lock", cargo(a)), file("b/Cargo.lock", cargo(b))];
    let (old, new) = ([x("1.0.0", 1)], [x("1.1.0", 2)]);
    check(&both(&old, &old), &both(&new, &old), &["x 1.0.0 -> x 1.1.0 (version, digests) at a/Cargo.lock:12"]);
    check(
        &both(&old, &old),
        &both(&new, &new),
        &["x 1.0.0 -> x 1.1.0 (version, digests) at a/Cargo.lock:12, b/Cargo.lock:12"],
    );
    // To different ones.
    check(
        &both(&old, &old),
        &both(&new, &[x("1.2.0", 3)]),
        &[
            "x 1.0.0 -> x 1.1.0 (version, digests) at a/Cargo.lock:12",
            "x 1.0.0 -> x 1.2.0 (version, digests) at b/Cargo.lock:12",
        ],
    );
    // From one to the other.
    let other = package("y", "1.0.0", 9);
    check(
        &both(&[x("1.0.0", 1), other.clone()], std::slice::from_ref(&other)),
        &both(std::slice::from_ref(&other), &[x("1.0.0", 1), other.clone()]),
        &["+ x 1.0.0 at b/Cargo.lock:13", "- x 1.0.0 at a/Cargo.lock:13"],
    );
    // Of two ecosystems only the name is one.
    let mixed = |digest| {
        let mut tree = lay(&FORMATS[0], "a/", &[x("1.0.0", digest)]);
        tree.extend(lay(&FORMATS[1], "b/", &[x("1.0.0", digest)]));
        tree
    };
    check(
        &mixed(1),
        &mixed(2),
        &["x 1.0.0 -> x 1.0.0 (digests) at a/Cargo.lock:12", "x 1.0.0 -> x 1.0.0 (digests) at b/package-lock.json:14"],
    );
}

#[test]
fn a_lock_file_that_moves_is_no_change() {
    let many: Vec<Package> = (0..8).map(|at| package(&format!("p{at}"), "1.0.0", at)).collect();
    let others: Vec<Package> =
        (0..8).map(|at| package(&format!("p{at}"), if at < 5 { "1.0.0" } else { "2.0.0" }, at)).collect();
    let one = |path: &str, packages: &[Package]| vec![file(path, cargo(packages))];
    check(&one("old/Cargo.lock", &many), &one("new/Cargo.lock", &many), &[]);
    let mut updated = many.clone();
    updated[7] = package("p7", "1.1.0", 0x77);
    check(
        &one("old/Cargo.lock", &many),
        &one("new/deep/Cargo.lock", &updated),
        &["p7 1.0.0 -> p7 1.1.0 (version, digests) at new/deep/Cargo.lock:61"],
    );
    // A digest cannot be changed under cover of a move.
    updated[7] = package("p7", "1.0.0", 0x77);
    check(
        &one("old/Cargo.lock", &many),
        &one("new/Cargo.lock", &updated),
        &["p7 1.0.0 -> p7 1.0.0 (digests) at new/Cargo.lock:61"],
    );
    // Two that are half alike find each its own, whatever their order.
    let two = |a: &str, b: &str| vec![file(a, cargo(&many)), file(b, cargo(&others))];
    for (a, b) in [("y/Cargo.lock", "z/Cargo.lock"), ("z/Cargo.lock", "y/Cargo.lock")] {
        check(&two("a/Cargo.lock", "b/Cargo.lock"), &two(a, b), &[]);
    }
    // Of one project that locks others, the packages it locks are what changed.
    check(
        &one("old/Cargo.lock", &[ripple()]),
        &one("new/Cargo.lock", &[weir()]),
        &["- ripple 1.2.3 at old/Cargo.lock:12", "+ weir 2.0.0 at new/Cargo.lock:12"],
    );
}

#[test]
fn another_package_manager_in_the_same_folder_is_no_new_project() {
    let packages = [ripple(), weir()];
    let sandbox = history([&lay(&FORMATS[1], "", &packages), &lay(&FORMATS[4], "", &packages)]);
    let listed = changes(&sandbox, &["HEAD~1..HEAD"]);
    let kinds: Vec<&Value> = listed["changes"].as_array().unwrap().iter().map(|change| &change["kind"]).collect();
    assert_eq!(kinds, ["changed", "changed"], "{:?}", lines(&listed));
    for change in listed["changes"].as_array().unwrap() {
        assert!(!change["fields"].as_array().unwrap().contains(&json!("digests")), "{change}");
    }
}
