//! A release engineer writes an SBOM of what the lock files pin.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::{Run, Sandbox, compare_with_file, project, skip};

const LOCK: &str = r#"version = 4

[[package]]
name = "bytes"
version = "1.10.0"
source = "registry+https://cargo.example/index"
checksum = "1111111111111111111111111111111111111111111111111111111111111111"

[[package]]
name = "ledgerd"
version = "0.3.0"
dependencies = [
 "bytes",
 "wire",
]

[[package]]
name = "probe"
version = "2.0.0"
source = "registry+https://cargo.example/index"
checksum = "2222222222222222222222222222222222222222222222222222222222222222"

[[package]]
name = "wire"
version = "0.8.0"
source = "git+https://git.example/acme/wire?rev=feed6d5ce8a7871ac0bcc398af4701d1d1eae3b5#feed6d5ce8a7871ac0bcc398af4701d1d1eae3b5"
dependencies = [
 "probe",
]
"#;

const MANIFEST: &str = r#"[package]
name = "ledgerd"
version = "0.3.0"
edition = "2024"
license = "MIT OR Apache-2.0"

[dependencies]
bytes = "1.10"

[dev-dependencies]
wire = { git = "https://git.example/acme/wire", rev = "feed6d5ce8a7871ac0bcc398af4701d1d1eae3b5" }
"#;

fn validator() -> &'static jsonschema::Validator {
    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let read = |name: &str| -> Value {
            let path = project().join("src/sbom/schema/cyclonedx").join(name);
            serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
        };
        let registry = jsonschema::Registry::new()
            .add("http://cyclonedx.org/schema/spdx.schema.json", read("spdx.schema.json"))
            .unwrap()
            .add("http://cyclonedx.org/schema/jsf-0.82.schema.json", read("jsf-0.82.schema.json"))
            .unwrap()
            .prepare()
            .unwrap();
        jsonschema::options()
            .with_registry(&registry)
            .should_validate_formats(true)
            .build(&read("bom-1.6.schema.json"))
            .unwrap()
    });
    &VALIDATOR
}

#[track_caller]
fn valid(run: &Run) -> Value {
    let bom: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.whole()));
    let faults: Vec<String> =
        validator().iter_errors(&bom).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
    // What the schema does not say: references are unique and lead somewhere.
    let components = bom["components"].as_array().unwrap();
    let mut references: Vec<&str> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    references.push(bom["metadata"]["component"]["bom-ref"].as_str().unwrap());
    for nested in bom["metadata"]["component"]["components"].as_array().into_iter().flatten() {
        references.push(nested["bom-ref"].as_str().unwrap());
    }
    let unique: BTreeSet<&str> = references.iter().copied().collect();
    assert_eq!(unique.len(), references.len());
    for dependency in bom["dependencies"].as_array().unwrap() {
        assert!(unique.contains(dependency["ref"].as_str().unwrap()), "{dependency}");
        for needed in dependency["dependsOn"].as_array().into_iter().flatten() {
            assert!(unique.contains(needed.as_str().unwrap()), "{dependency}");
        }
    }
    bom
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.write("Cargo.lock", LOCK);
    sandbox
}

#[test]
fn a_cargo_project_is_listed_whole() {
    let run = sandbox().portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    valid(&run);
    let shown = run.stdout.replace(env!("CARGO_PKG_VERSION"), "0.0.0");
    // The serial number follows from the contents, the version of the program among them.
    let serial = shown.lines().find(|line| line.contains("serialNumber")).unwrap().to_owned();
    compare_with_file(
        &project().join("tests/snapshots/sbom-cargo.json"),
        &shown.replace(&serial, "  \"serialNumber\": \"urn:uuid:…\","),
    );
}

#[test]
fn two_runs_give_the_same_bytes_and_other_contents_another_serial_number() {
    let sandbox = sandbox();
    let first = sandbox.portcullis(["sbom", "generate"]).stdout;
    assert_eq!(first, sandbox.portcullis(["sbom", "generate"]).stdout);
    assert!(!first.contains(sandbox.path().to_str().unwrap()));
    sandbox.write("Cargo.lock", LOCK.replace("1.10.0", "1.10.1"));
    let second = sandbox.portcullis(["sbom", "generate"]).stdout;
    let serial = |text: &str| text.lines().find(|line| line.contains("serialNumber")).unwrap().to_owned();
    assert_ne!(serial(&first), serial(&second));
}

#[test]
fn a_timestamp_is_stated_only_when_asked_for() {
    let sandbox = sandbox();
    assert!(!sandbox.portcullis(["sbom", "generate"]).stdout.contains("timestamp"));
    let mut command = std::process::Command::new(crate::support::binary());
    command.args(["sbom", "generate"]).env("SOURCE_DATE_EPOCH", "1700000000");
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(valid(&run)["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
}

#[test]
fn an_unreadable_lock_file_is_stated_and_the_rest_is_written() {
    let sandbox = sandbox();
    sandbox.write("web/package-lock.json", "{\"lockfileVersion\": 3,");
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    let bom = valid(&run);
    assert_eq!(bom["components"].as_array().unwrap().len(), 4);
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");
    assert!(run.stderr.starts_with("gap: web/package-lock.json:1:"), "{}", run.stderr);
    assert!(bom["metadata"]["component"]["properties"][0]["value"].as_str().unwrap().contains("web/package-lock.json"));
}

#[test]
fn completeness_is_stated_honestly() {
    let aggregate =
        |sandbox: &Sandbox| valid(&sandbox.portcullis(["sbom", "generate"]))["compositions"][0]["aggregate"].clone();
    assert_eq!(aggregate(&sandbox()), "complete");
    let unlocked = Sandbox::new();
    unlocked.write("Cargo.toml", MANIFEST);
    assert_eq!(aggregate(&unlocked), "incomplete");
    let none = Sandbox::new();
    none.write("README.md", "nothing here\n");
    assert_eq!(aggregate(&none), "unknown");
}

#[test]
fn one_component_in_two_lock_files_is_listed_once_with_both_places() {
    let sandbox = sandbox();
    sandbox.write("tools/Cargo.toml", MANIFEST);
    sandbox.write("tools/Cargo.lock", LOCK);
    let bom = valid(&sandbox.portcullis(["sbom", "generate"]));
    let bytes = bom["components"].as_array().unwrap().iter().find(|component| component["name"] == "bytes").unwrap();
    let places: Vec<&Value> =
        bytes["evidence"]["occurrences"].as_array().unwrap().iter().map(|place| &place["location"]).collect();
    assert_eq!(places, [&json!("Cargo.lock"), &json!("tools/Cargo.lock")]);
}

#[test]
fn two_contents_of_one_purl_are_two_components() {
    let sandbox = sandbox();
    sandbox.write("tools/Cargo.toml", MANIFEST);
    sandbox.write("tools/Cargo.lock", LOCK.replace("1111", "3333"));
    let bom = valid(&sandbox.portcullis(["sbom", "generate"]));
    let count = bom["components"].as_array().unwrap().iter().filter(|component| component["name"] == "bytes").count();
    assert_eq!(count, 2);
}

#[test]
fn an_output_file_is_written_and_stdout_stays_empty() {
    let sandbox = sandbox();
    let run = sandbox.portcullis(["sbom", "generate", "-o", "cyclonedx-json@1.6=bom.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let written = fs::read_to_string(sandbox.join("bom.json")).unwrap();
    assert_eq!(written, sandbox.portcullis(["sbom", "generate"]).stdout);
}

#[test]
fn an_unknown_format_or_version_is_refused_by_name() {
    let sandbox = sandbox();
    for (format, named) in [("spdx", "cyclonedx-json"), ("cyclonedx-json@9", "1.6")] {
        let run = sandbox.portcullis(["sbom", "generate", "-o", format]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(named), "{}", run.stderr);
    }
}

#[test]
fn inspected_text_is_data_and_credentials_are_not_written() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "package-lock.json",
        r#"{"name": "x", "lockfileVersion": 3, "packages": {"": {"name": "x"}, "node_modules/a": {"version": "1.0.0\u001b[31m\u202e",
        "resolved": "https://user:secret@registry.npm.example/a/-/a-1.0.0.tgz"}}}"#,
    );
    let run = sandbox.portcullis(["sbom", "generate"]);
    valid(&run);
    assert!(!run.stdout.contains("secret"), "{}", run.stdout);
    assert!(!run.stdout.chars().any(|c| c.is_control() && c != '\n'), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{202e}'));
}

/// A hostile tree: whatever of it were executed would leave a file behind.
fn trap(sandbox: &Sandbox, canary: &Path) {
    let script = format!("#!/bin/sh\ntouch {}\n", canary.display());
    for path in ["bin/cargo", "bin/rustc", "evil.sh"] {
        sandbox.write(path, &script);
        sandbox.executable(path);
    }
    sandbox.write("Cargo.toml", "[package]\nname = \"trap\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlicense = \"MIT\"\nbuild = \"build.rs\"\n");
    sandbox.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"trap\"\nversion = \"0.1.0\"\n");
    sandbox.write("src/lib.rs", "");
    sandbox.write("build.rs", format!("fn main() {{ std::fs::write({:?}, \"\").unwrap(); }}\n", canary));
    let evil = sandbox.join("evil.sh");
    let evil = evil.display();
    sandbox.write(
        ".cargo/config.toml",
        format!(
            "[build]\nrustc = \"{evil}\"\nrustc-wrapper = \"{evil}\"\n[alias]\nmetadata = \"run\"\n[env]\nX = \"y\"\n"
        ),
    );
    sandbox.write("rust-toolchain.toml", format!("[toolchain]\npath = \"{}\"\n", sandbox.path().display()));
}

#[test]
fn resolving_by_cargo_needs_trust_and_runs_nothing_of_the_tree() {
    let sandbox = Sandbox::new();
    let outside = Sandbox::new();
    let canary = outside.join("canary");
    trap(&sandbox, &canary);
    let run = sandbox.portcullis(["sbom", "generate", "--resolve"]);
    assert_eq!(run.code, 2, "{}", run.whole());
    assert!(run.stderr.contains("--trusted"), "{}", run.stderr);

    let mut command = std::process::Command::new(crate::support::binary());
    // The tree's own folder first on the path, as a careless caller might have it.
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(
        [sandbox.join("bin"), PathBuf::from("."), PathBuf::from("bin")].into_iter().chain(std::env::split_paths(&path)),
    )
    .unwrap();
    command.args(["sbom", "generate", "--resolve", "--trusted"]).env("PATH", path);
    for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let run = sandbox.run(command, sandbox.path());
    assert!(!canary.exists(), "something of the tree was executed");
    assert_eq!(run.code, 0, "{}", run.whole());
    let bom = valid(&run);
    assert_eq!(bom["components"][0]["licenses"], json!([{"license": {"id": "MIT", "acknowledgement": "declared"}}]));
}

/// The packages of a lock file as a peer lists them: name and version.
fn listed(path: &Path) -> BTreeMap<(String, String), usize> {
    let mut out = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        if cells[0] != "type" {
            *out.entry((cells[1].to_owned(), cells[2].to_owned())).or_default() += 1;
        }
    }
    out
}

fn purls(bom: &Value) -> Vec<String> {
    let components = bom["components"].as_array().unwrap();
    components.iter().map(|component| component["purl"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_manifest_without_a_lock_file_pins_itself_and_whole_commits_only() {
    let sandbox = Sandbox::new();
    let commit = "0c0990399270277832fbb5b91a1fa118e6f63dba";
    let manifest = |revision: &str| {
        format!(
            "[package]\nname = \"hello\"\nversion = \"0.1.0\"\n\n[dependencies]\nserde = \"1\"\n\
             regex = {{ git = \"https://git.example/regex\", rev = \"{revision}\" }}\n"
        )
    };
    sandbox.write("Cargo.toml", manifest(commit));
    let bom = valid(&sandbox.portcullis(["sbom", "generate"]));
    assert_eq!(
        purls(&bom),
        [
            "pkg:cargo/hello@0.1.0".to_owned(),
            format!("pkg:cargo/regex?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fregex%40{commit}")
        ]
    );
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");

    sandbox.write("Cargo.toml", manifest("refs/pull/493/head"));
    assert_eq!(purls(&valid(&sandbox.portcullis(["sbom", "generate"]))), ["pkg:cargo/hello@0.1.0"]);

    // With a lock file the lock file decides, and lists the package once.
    sandbox.write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"0.1.0\"\n");
    assert_eq!(purls(&valid(&sandbox.portcullis(["sbom", "generate"]))), ["pkg:cargo/hello@0.1.0"]);
}

/// Where real lock files lie beside a checkout of the project; a newcomer has none.
fn cases() -> Option<PathBuf> {
    let path = project().parent()?.join("shared/cases/lockfiles/real");
    if path.is_dir() {
        return Some(path);
    }
    skip(&path, "the comparison of real lock files with a peer's lists");
    None
}

#[test]
fn real_lock_files_are_listed_as_a_peer_lists_them() {
    let Some(cases) = cases() else { return };
    let mut compared = 0;
    let mut ahead = vec![cases];
    while let Some(folder) = ahead.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                ahead.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let list = folder.join(format!("{name}.syft.tsv"));
            let known =
                portcullis::ecosystem::format_of(&portcullis::tree::TreePath::root().child(name.as_bytes())).is_some();
            if !known || !list.is_file() {
                continue;
            }
            let sandbox = Sandbox::new();
            fs::copy(&path, sandbox.join(&name)).unwrap();
            let run = sandbox.portcullis(["sbom", "generate"]);
            assert_eq!(run.code, 0, "{}: {}", path.display(), run.stderr);
            let bom = valid(&run);
            let found: BTreeSet<(String, String)> = bom["components"]
                .as_array()
                .unwrap()
                .iter()
                .map(|component| {
                    (
                        component["name"].as_str().unwrap().to_owned(),
                        component["version"].as_str().unwrap_or_default().to_owned(),
                    )
                })
                .collect();
            let root = &bom["metadata"]["component"];
            let root =
                (root["name"].as_str().unwrap().to_owned(), root["version"].as_str().unwrap_or_default().to_owned());
            let mut expected: BTreeSet<(String, String)> = listed(&list).into_keys().collect();
            // The peer lists npm's root package, where it has a version, and the address of one tarball as its version.
            expected.remove(&root);
            let by_address = |(name, version): &(String, String)| !(name == "argo-ui" && version.starts_with("http"));
            expected.retain(by_address);
            let found: BTreeSet<(String, String)> = found.into_iter().filter(|(name, _)| name != "argo-ui").collect();
            assert_eq!(found, expected, "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared >= 10, "only {compared} files compared");
}

#[test]
fn components_of_one_purl_have_references_of_their_own() {
    let sandbox = Sandbox::new();
    // Four archives of one name and version, in each of two lock files.
    let copy = |at: &str| {
        format!("\"node_modules/{at}/node_modules/x\": {{\"version\": \"1.0.0\", \"resolved\": \"file:{at}.tgz\"}}")
    };
    let folders: Vec<String> = ["a", "b", "c", "d"].map(copy).to_vec();
    for at in ["", "other/"] {
        let text = format!("{{\"lockfileVersion\": 3, \"packages\": {{{}}}}}\n", folders.join(", "));
        sandbox.write(format!("{at}package-lock.json"), text);
    }
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let bom: Value = serde_json::from_str(&run.stdout).unwrap();
    let references: Vec<&str> =
        bom["components"].as_array().unwrap().iter().map(|it| it["bom-ref"].as_str().unwrap()).collect();
    let distinct: BTreeSet<&&str> = references.iter().collect();
    assert!(references.len() >= 4, "{references:?}");
    assert_eq!(distinct.len(), references.len(), "{references:?}");
}
