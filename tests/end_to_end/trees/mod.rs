//! Trees: whatever git or the machine makes of one, it is read as it is, or the run says why not.

mod clones;
mod determinism;
mod index;
mod links;
mod objects;
mod repositories;
mod same_bytes;
mod size;
mod submodules;
mod tracing;
mod work_tree;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, Sandbox, binary};

/// The digest of a package as it was published.
const HONEST: char = 'a';

/// The digest that nobody published.
const FORGED: char = 'f';

/// Makes `change/same-version-new-digest` fail.
const TAMPERED: &str = "change/same-version-new-digest";

/// A crate with one dependency.
const MANIFEST: &str = "[package]\nname = \"ledgerd\"\nversion = \"0.3.0\"\nedition = \"2021\"\n\n[dependencies]\nbytes = { version = \"1.10\", registry = \"acme\" }\n";

/// Its lock file, which gives the dependency a digest of one digit repeated.
fn lock(digit: char) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"bytes\"\nversion = \"1.10.1\"\nsource = \"registry+https://cargo.example/index\"\nchecksum = \"{}\"\n\n[[package]]\nname = \"ledgerd\"\nversion = \"0.3.0\"\ndependencies = [\n \"bytes\",\n]\n",
        digit.to_string().repeat(64)
    )
}

/// A repository with one commit: an honest crate at its root.
fn crate_repository() -> Sandbox {
    let sandbox = Sandbox::repository();
    write_crate(&sandbox, "", HONEST);
    sandbox.commit("honest");
    sandbox
}

/// Writes a crate into a folder, which is empty or ends in a slash.
fn write_crate(sandbox: &Sandbox, folder: &str, digit: char) {
    sandbox.write(format!("{folder}Cargo.toml"), MANIFEST);
    sandbox.write(format!("{folder}Cargo.lock"), lock(digit));
}

/// The rules that make a run fail, each once, from its JSON report.
#[track_caller]
fn denied(run: &Run) -> Vec<String> {
    let report = run.report();
    let mut rules: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["level"] == "deny" && (finding["baseline"] == "new" || finding["baseline"].is_null()))
        .filter(|finding| finding["state"] == "fail" || finding["state"] == "not-determined")
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

/// The places of what could not be read, each once, with what was found there.
#[track_caller]
fn unread(run: &Run) -> Vec<(String, String)> {
    let report = run.report();
    let mut gaps: Vec<(String, String)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] == "not-determined")
        .map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            (text(&finding["location"]["path"]), text(&finding["evidence"]["found"]))
        })
        .collect();
    gaps.sort();
    gaps.dedup();
    gaps
}

/// Judges with a JSON report on stdout, in a folder of the sandbox, with more of an environment.
fn gate_with(sandbox: &Sandbox, folder: &Path, environment: &[(&str, &OsStr)], arguments: &[&str]) -> Run {
    let mut command = Command::new(binary());
    command.args(["gate", "--format", "json"]).args(arguments).envs(environment.iter().copied());
    sandbox.run(command, folder)
}

fn gate_in(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Run {
    gate_with(sandbox, folder, &[], arguments)
}

fn gate(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    gate_in(sandbox, sandbox.path(), arguments)
}

/// Judges without the rights of root, to which no permission is ever denied.
fn gate_as_nobody(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    if !rustix::process::geteuid().is_root() {
        return gate(sandbox, arguments);
    }
    // Where nobody may look, also where the program lies in somebody's home. Copied by another process: this one's
    // threads start programs all the time, which hold what is being written open for a moment.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("portcullis");
    let mut copy = Command::new("cp");
    copy.arg(binary()).arg(&program);
    assert_eq!(sandbox.run(copy, folder.path()).code, 0);
    for path in [folder.path(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.mode("", 0o755);
    let mut command = Command::new(program);
    command.args(["gate", "--format", "json"]).args(arguments).uid(NOBODY).gid(NOBODY);
    sandbox.run(command, sandbox.path())
}

/// A user who owns nothing.
const NOBODY: u32 = 65534;

/// A run passes and denies nothing.
#[track_caller]
fn passes(run: &Run) {
    assert_eq!((run.code, denied(run)), (0, Vec::new()), "{}", run.whole());
}

/// A run fails by exactly this rule.
#[track_caller]
fn fails(run: &Run, rule: &str) {
    assert_eq!((run.code, denied(run)), (1, vec![rule.to_owned()]), "{}", run.whole());
}

/// A request is refused with a message that holds each of these words.
#[track_caller]
fn refused(run: &Run, words: &[&str]) {
    assert_eq!(run.code, 2, "{}", run.whole());
    assert_eq!(run.stdout, "", "{}", run.whole());
    for word in words {
        assert!(run.stderr.contains(word), "no `{word}`: {}", run.whole());
    }
}

/// Runs git in a folder of the sandbox.
#[track_caller]
fn git_in<const N: usize>(sandbox: &Sandbox, folder: &Path, arguments: [&str; N]) -> String {
    git_on(sandbox, folder, arguments, b"")
}

/// Runs git on an input.
#[track_caller]
fn git_on<const N: usize>(sandbox: &Sandbox, folder: &Path, arguments: [&str; N], input: &[u8]) -> String {
    let mut command = Command::new("git");
    command.args(arguments);
    let run = sandbox.run_on(command, folder, input);
    assert_eq!(run.code, 0, "git {arguments:?}: {}", run.whole());
    run.stdout.trim_end().to_owned()
}

/// The address of a repository of the sandbox, over which git does not take short cuts.
fn address(sandbox: &Sandbox, folder: &str) -> String {
    format!("file://{}", fs::canonicalize(sandbox.join(folder)).unwrap().display())
}

/// The file of an object that is not packed.
fn object_file(sandbox: &Sandbox, id: &str) -> PathBuf {
    let (folder, name) = id.trim_end().split_at(2);
    sandbox.join(".git/objects").join(folder).join(name)
}

/// Says why a test, or a part of one, proves nothing on this machine.
#[expect(clippy::print_stderr, reason = "the reader of a test's output must see it")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}
