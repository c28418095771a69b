//! The hooks of the pre-commit framework, tried with the framework itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{self, package};
use crate::support::{Run, Sandbox, project, skip};

/// Runs the framework with the binary under test on the path.
fn pre_commit(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command = Command::new("pre-commit");
    let binary = Path::new(env!("CARGO_BIN_EXE_portcullis")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    command.args(arguments).env("PATH", format!("{}:{path}", binary.display()));
    command.env("PRE_COMMIT_HOME", sandbox.join(".home")).env("PRE_COMMIT_COLOR", "never");
    sandbox.run(command, &sandbox.join("work"))
}

#[test]
fn a_commit_that_must_pass_passes_and_one_that_must_not_does_not() {
    if Command::new("pre-commit").arg("--version").output().is_err() {
        return skip(Path::new("pre-commit"), "the hooks of the pre-commit framework");
    }
    // The framework takes hooks from a repository: one with the file as it stands here.
    let hooks = Sandbox::repository();
    hooks.write(".pre-commit-hooks.yaml", fs::read(project().join(".pre-commit-hooks.yaml")).unwrap());
    hooks.commit("hooks");
    let sandbox = Sandbox::new();
    let work = Sandbox::repository();
    cargo::project(&work, &[package("ripple", "1.2.3", 'a')]);
    work.commit("first");
    sandbox.git(["clone", "-q", work.path().to_str().unwrap(), "work"]);
    let try_it =
        || pre_commit(&sandbox, &["try-repo", hooks.path().to_str().unwrap(), "portcullis-system", "--verbose"]);
    let stage = |version: &str, digit: char| {
        cargo::project_at(&sandbox, "work/", &[package("ripple", version, digit)]);
        sandbox.git(["-C", "work", "add", "-A"]);
    };
    stage("1.3.0", 'b');
    let run = try_it();
    assert_eq!(run.code, 0, "{}", run.whole());
    assert!(run.stdout.contains("gate passed"), "{}", run.whole());
    stage("1.2.3", 'e');
    let run = try_it();
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stdout.contains("deny[change/same-version-new-digest]"), "{}", run.whole());
    // What is not staged takes no part.
    sandbox.git(["-C", "work", "reset", "-q"]);
    let run = try_it();
    assert_eq!(run.code, 0, "{}", run.whole());
}
