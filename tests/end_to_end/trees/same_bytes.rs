//! The same bytes give the same answers, wherever they are read.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::*;

/// What stands at a path.
#[derive(Clone, Debug)]
enum Contents {
    Text(String),
    Link(&'static str),
}

type Files = BTreeMap<Vec<u8>, Contents>;

/// A lock file of npm with one package.
const NPM_LOCK: &str = r#"{"name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {
"": {"name": "web", "version": "1.0.0", "dependencies": {"left-pad": "^1.0.0"}},
"node_modules/left-pad": {"version": "1.3.0", "resolved": "https://npm.example/left-pad/-/left-pad-1.3.0.tgz",
"integrity": "sha512-AAAAdummyAAAAdummyAAAAdummyAAAAdummyAAAAdummyAAAAdummyAAAAdummyAAAAdummyAAAAdummyAAAAQ=="}}}"#;

fn contents() -> impl Strategy<Value = Contents> {
    let cut = |digit| lock(digit).chars().take(150).collect();
    let texts = vec![
        lock(HONEST),
        lock(FORGED),
        lock('b').replace("1.10.1", "1.10.2"),
        lock('c').replace("registry+https://cargo.example/index", "git+https://git.example/bytes?branch=main#0123"),
        cut('d'),
        "<<<<<<< ours\n".to_owned(),
        String::new(),
        "\u{feff}version = 4\r\n".to_owned(),
        "version = 99\n".to_owned(),
        MANIFEST.to_owned(),
        MANIFEST.replace("1.10", "1.9"),
        format!("{MANIFEST}\n[workspace]\nmembers = [\"*\", \"a/**\"]\n"),
        "[package]\n".to_owned(),
        NPM_LOCK.to_owned(),
        NPM_LOCK.replace("AAAA", "BBBB"),
        "{\"name\": \"web\", \"version\": \"1.0.0\", \"dependencies\": {\"left-pad\": \"^1.0.0\"}, \"workspaces\": [\"*\"]}".to_owned(),
        "left-pad@^1.0.0:\n  version \"1.3.0\"\n  resolved \"https://npm.example/left-pad/-/left-pad-1.3.0.tgz#5b8a3a7765dfe001261dde915589e782f8c94d1e\"\n".to_owned(),
        "Cargo.lock\n/a\n*.toml\n".to_owned(),
    ];
    // A recognised link leads below its own folder, where a comparison of any kind sees what becomes of it.
    let links =
        vec!["README", "a/Cargo.lock", "Cargo.lock", "nothing", "/etc/passwd", ".git/config", ".", "Cargo.toml"];
    prop_oneof![4 => select(texts).prop_map(Contents::Text), 1 => select(links).prop_map(Contents::Link)]
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    let folders: Vec<&[u8]> = vec![b"a", b"b", b"target", b"node_modules", b"\xff\n", b"Cargo.lock"];
    let names: Vec<&[u8]> = vec![
        b"Cargo.lock",
        b"Cargo.lock",
        b"Cargo.toml",
        b"Cargo.toml",
        b"package.json",
        b"package-lock.json",
        b"yarn.lock",
        b"README",
        b".gitignore",
        b"a",
    ];
    (prop::collection::vec(select(folders), 0..3), select(names)).prop_map(|(mut parts, name)| {
        parts.push(name);
        parts.join(&b'/')
    })
}

fn files() -> impl Strategy<Value = Files> {
    prop::collection::btree_map(path(), contents(), 1..12)
}

/// Makes the work tree hold exactly these files; of two that cannot stand beside each other, the first.
fn lay(sandbox: &Sandbox, files: &Files) {
    for entry in fs::read_dir(sandbox.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name() == Some(OsStr::new(".git")) {
            continue;
        }
        if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n[tree]\nexclude = [\"b/**\"]\n");
    for (path, contents) in files {
        let path = sandbox.join(OsStr::from_bytes(path));
        if fs::create_dir_all(path.parent().unwrap()).is_err() || fs::symlink_metadata(&path).is_ok() {
            continue;
        }
        match contents {
            Contents::Text(text) => fs::write(&path, text).unwrap(),
            Contents::Link(target) => std::os::unix::fs::symlink(target, &path).unwrap(),
        }
    }
}

/// What a report says of the tree that is judged, wherever it is read.
fn judged(run: &Run) -> (i32, Value, Vec<Value>) {
    let report = run.report();
    let findings = report["findings"].as_array().unwrap().iter();
    let current = findings.filter(|finding| finding["baseline"] == "new" || finding["baseline"].is_null());
    (run.code, report["verdict"].clone(), current.cloned().collect())
}

fn sbom(sandbox: &Sandbox, arguments: &[&str]) -> (i32, String, String) {
    let run = sandbox.portcullis([&["sbom", "generate"], arguments].concat());
    (run.code, run.stdout, run.stderr)
}

fn components(sbom: &str) -> Value {
    serde_json::from_str::<Value>(sbom).unwrap()["components"].clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn same_bytes_are_judged_the_same_as_revision_index_and_directory(before in files(), now in files()) {
        let sandbox = Sandbox::repository();
        lay(&sandbox, &before);
        sandbox.commit("before");
        lay(&sandbox, &now);
        sandbox.git(["add", "-A", "-f"]);
        // What became of the tree before.
        let staged = judged(&gate(&sandbox, &["--staged"]));
        prop_assert_eq!(&judged(&gate(&sandbox, &["--base", "HEAD"])), &staged, "directory and index");
        sandbox.commit("now");
        let revisions = judged(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]));
        prop_assert_eq!(&revisions, &staged, "revision and index");
        // The tree as it is.
        let (directory, revision) = (gate(&sandbox, &[]), gate(&sandbox, &["--head", "HEAD"]));
        prop_assert_eq!(judged(&directory), judged(&revision), "directory and revision");
        prop_assert_eq!(&directory.report()["summary"], &revision.report()["summary"]);
        let (of_directory, of_revision) = (sbom(&sandbox, &[]), sbom(&sandbox, &["--head", "HEAD"]));
        prop_assert_eq!(&of_directory, &of_revision, "bills of materials");
        fs::rename(sandbox.join(".git"), sandbox.join(".hg")).unwrap();
        prop_assert_eq!(judged(&gate(&sandbox, &[])), judged(&directory), "outside of git");
        // There no commit gives the whole a version.
        let outside = sbom(&sandbox, &[]);
        prop_assert_eq!((outside.0, &outside.2), (of_directory.0, &of_directory.2));
        prop_assert_eq!(components(&outside.1), components(&of_directory.1), "bills of materials outside of git");
    }
}
