//! The git hook: what it lets into a commit, and what it does to the hooks that are there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{self, Package, package};
use crate::support::{Run, Sandbox, Transcript, binary};

fn before() -> Vec<Package> {
    vec![package("ripple", "1.2.3", 'a'), package("tarn", "0.4.0", 'b')]
}

/// The bytes behind `ripple 1.2.3` change: no commit.
fn tampered() -> Vec<Package> {
    vec![package("ripple", "1.2.3", 'c'), package("tarn", "0.4.0", 'b')]
}

/// `ripple` is updated: a commit.
fn updated() -> Vec<Package> {
    vec![package("ripple", "1.2.4", 'd'), package("tarn", "0.4.0", 'b')]
}

/// A repository with one commit and the hook.
fn guarded() -> Sandbox {
    let sandbox = cargo::committed(&before(), None);
    let run = sandbox.portcullis(["hook", "install"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    sandbox
}

fn commits(sandbox: &Sandbox) -> usize {
    sandbox.git(["rev-list", "--count", "--all"]).trim().parse().unwrap()
}

/// Makes sure that git committed, or that the gate kept it from doing so.
#[track_caller]
fn check(sandbox: &Sandbox, what: &str, run: &Run, lets_pass: bool, count: usize) {
    assert_eq!(run.code == 0, lets_pass, "{what}: {}", run.whole());
    assert_eq!(commits(sandbox), count, "{what}: {}", run.whole());
    let told = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(told.contains("change/same-version-new-digest"), !lets_pass, "{what}: {told}");
}

#[test]
fn each_way_to_commit_is_judged_by_what_it_would_commit() {
    let sandbox = guarded();
    cargo::project(&sandbox, &tampered());
    sandbox.git(["add", "-A"]);
    check(&sandbox, "git commit", &sandbox.try_git(["commit", "-m", "x"]), false, 1);

    sandbox.git(["reset", "-q"]);
    check(&sandbox, "git commit -a", &sandbox.try_git(["commit", "-am", "x"]), false, 1);
    check(&sandbox, "git commit PATH", &sandbox.try_git(["commit", "-m", "x", "Cargo.lock"]), false, 1);
    // Another path is committed without what stands beside it in the work tree.
    sandbox.write("README.md", "# Mill\n");
    sandbox.git(["add", "README.md"]);
    check(&sandbox, "git commit PATH of another", &sandbox.try_git(["commit", "-m", "x", "README.md"]), true, 2);

    // What is staged counts, not what stands in the work tree.
    sandbox.git(["add", "Cargo.lock"]);
    cargo::project(&sandbox, &updated());
    check(&sandbox, "staged and mended", &sandbox.try_git(["commit", "-m", "x"]), false, 2);
    check(&sandbox, "git commit -a of the mended", &sandbox.try_git(["commit", "-am", "x"]), true, 3);

    // `--amend` is judged against the last commit, which it replaces.
    cargo::project(&sandbox, &[package("ripple", "1.2.4", 'e'), package("tarn", "0.4.0", 'b')]);
    check(&sandbox, "git commit --amend", &sandbox.try_git(["commit", "-a", "--amend", "-m", "x"]), false, 3);
    sandbox.git(["checkout", "-q", "."]);
    let amended = sandbox.try_git(["commit", "--amend", "-m", "another word"]);
    assert_eq!(amended.code, 0, "{}", amended.whole());

    // git itself offers the way around.
    cargo::project(&sandbox, &tampered());
    assert_eq!(sandbox.try_git(["commit", "-a", "--no-verify", "-m", "x"]).code, 0);
}

#[test]
fn a_commit_from_a_folder_below_is_judged_whole() {
    let sandbox = guarded();
    cargo::project(&sandbox, &tampered());
    sandbox.git(["add", "-A"]);
    let mut command = Command::new("git");
    command.args(["commit", "-m", "x"]);
    let run = sandbox.run(command, &sandbox.join("src"));
    check(&sandbox, "from src", &run, false, 1);
    // Installed from there, it is the repository's hook.
    assert_eq!(sandbox.portcullis_in(&sandbox.join("src"), ["hook", "uninstall"]).code, 0);
    assert!(!sandbox.join(".git/hooks/pre-commit").exists());
    assert_eq!(sandbox.portcullis_in(&sandbox.join("src"), ["hook", "install"]).code, 0);
    assert!(sandbox.join(".git/hooks/pre-commit").exists());
    // The hook's own command as well.
    let run = sandbox.portcullis_in(&sandbox.join("src"), ["hook", "run"]);
    assert_eq!(run.code, 1, "{}", run.whole());
}

#[test]
fn the_first_commit_of_a_repository_is_judged() {
    let sandbox = Sandbox::repository();
    cargo::project(&sandbox, &before());
    sandbox.portcullis(["hook", "install"]);
    sandbox.git(["add", "-A"]);
    sandbox.link("etc", "/etc");
    sandbox.git(["add", "-A"]);
    let run = sandbox.try_git(["commit", "-m", "first"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(
        run.stderr.contains("source/symlink-escape") || run.stdout.contains("source/symlink-escape"),
        "{}",
        run.whole()
    );
    sandbox.remove("etc");
    sandbox.git(["add", "-A"]);
    let run = sandbox.try_git(["commit", "-m", "first"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(commits(&sandbox), 1);
    // A commit of nothing passes as well.
    let empty = Sandbox::repository();
    empty.portcullis(["hook", "install"]);
    let run = empty.try_git(["commit", "--allow-empty", "-m", "nothing"]);
    assert_eq!(run.code, 0, "{}", run.whole());
}

#[test]
fn the_policy_of_the_last_commit_judges() {
    let sandbox = cargo::committed(&before(), Some("[rules]\n\"change/downgrade\" = \"deny\"\n"));
    sandbox.portcullis(["hook", "install"]);
    sandbox.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"allow\"\n");
    cargo::project(&sandbox, &[package("ripple", "1.2.2", 'e'), package("tarn", "0.4.0", 'b')]);
    let run = sandbox.try_git(["commit", "-am", "x"]);
    assert_eq!(run.code, 1);
    let told = format!("{}{}", run.stdout, run.stderr);
    assert!(told.contains("deny[change/downgrade]") && told.contains("deny[policy/weakened]"), "{told}");
}

#[test]
fn installing_and_removing_leave_other_hooks_as_they_were() {
    let sandbox = cargo::committed(&before(), None);
    let hook = sandbox.join(".git/hooks/pre-commit");
    let other = "#!/bin/sh\necho \"other hook: $*\"\ntest ! -e fail\n";
    sandbox.write(".git/hooks/pre-commit", other);
    sandbox.executable(".git/hooks/pre-commit");
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["hook", "install"]).code, 0);
    let script = fs::read_to_string(&hook).unwrap();
    transcript.text(&script.replace(binary().to_str().unwrap(), "[BINARY]"));
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755);

    transcript.note("again: the same");
    assert_eq!(transcript.portcullis(&sandbox, ["hook", "install"]).code, 0);
    assert_eq!(fs::read_to_string(&hook).unwrap(), script);

    transcript.note("both run, the other one first");
    cargo::project(&sandbox, &tampered());
    let run = sandbox.try_git(["commit", "-am", "x"]);
    let told = format!("{}{}", run.stdout, run.stderr);
    let places = (told.find("other hook:"), told.find("deny[change/same-version-new-digest]"));
    assert!(run.code == 1 && matches!(places, (Some(other), Some(gate)) if other < gate), "{told}");

    transcript.note("its failure stops the commit, and the gate is not asked");
    sandbox.write("fail", "");
    let run = sandbox.try_git(["commit", "-am", "x"]);
    let told = format!("{}{}", run.stdout, run.stderr);
    assert!(run.code == 1 && told.contains("other hook:") && !told.contains("gate failed"), "{told}");
    sandbox.remove("fail");

    transcript.note("removed, the other one is back");
    assert_eq!(transcript.portcullis(&sandbox, ["hook", "uninstall"]).code, 0);
    assert_eq!(fs::read_to_string(&hook).unwrap(), other);
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o111, 0o111);
    assert!(!sandbox.join(".git/hooks/pre-commit.before-portcullis").exists());
    assert_eq!(sandbox.try_git(["commit", "-am", "x"]).code, 0);

    transcript.note("removed twice");
    assert_eq!(transcript.portcullis(&sandbox, ["hook", "uninstall"]).code, 2);
    assert_eq!(fs::read_to_string(&hook).unwrap(), other);

    transcript.note("where there was none, there is none again");
    fs::remove_file(&hook).unwrap();
    transcript.portcullis(&sandbox, ["hook", "uninstall"]);
    transcript.portcullis(&sandbox, ["hook", "install"]);
    transcript.portcullis(&sandbox, ["hook", "uninstall"]);
    assert!(!hook.exists());

    transcript.note("a hook kept from an earlier installation is not lost");
    sandbox.write(".git/hooks/pre-commit", other);
    sandbox.write(".git/hooks/pre-commit.before-portcullis", "#!/bin/sh\n# older\n");
    assert_eq!(transcript.portcullis(&sandbox, ["hook", "install"]).code, 2);
    assert_eq!(fs::read_to_string(&hook).unwrap(), other);

    transcript.note("no repository");
    let plain = Sandbox::new();
    for command in ["install", "uninstall", "run"] {
        assert_eq!(transcript.portcullis(&plain, ["hook", command]).code, 2);
    }
    transcript.note("a bare repository");
    let bare = Sandbox::new();
    bare.git(["init", "-q", "--bare"]);
    for command in ["install", "run"] {
        assert_eq!(transcript.portcullis(&bare, ["hook", command]).code, 2);
    }
    transcript.keep("hook/install");
}

#[test]
fn a_hooks_folder_that_others_share_is_not_ours_to_change() {
    let mut transcript = Transcript::default();
    let shown = |text: &str| text.replace(binary().to_str().unwrap(), "[BINARY]");

    transcript.note("set for all repositories of the user");
    let sandbox = cargo::committed(&before(), None);
    sandbox.write(".no-home/.gitconfig", "[core]\n\thooksPath = ~/hooks\n");
    fs::create_dir_all(sandbox.join(".no-home/hooks")).unwrap();
    for command in ["install", "uninstall"] {
        let mut run = Command::new(binary());
        run.args(["hook", command]).env_remove("GIT_CONFIG_GLOBAL");
        let mut run = sandbox.run(run, sandbox.path());
        assert_eq!(run.code, if command == "install" { 0 } else { 2 }, "{}", run.whole());
        run.stdout = shown(&run.stdout);
        transcript.ran(&sandbox, &format!("portcullis hook {command}"), &run);
    }
    assert_eq!(fs::read_dir(sandbox.join(".no-home/hooks")).unwrap().count(), 0);
    assert!(!sandbox.join(".git/hooks/pre-commit").exists());

    transcript.note("set here, a folder that git tracks");
    let tracked = cargo::committed(&before(), None);
    tracked.write(".hooks/commit-msg", "#!/bin/sh\n");
    tracked.commit("hooks");
    tracked.git(["config", "core.hooksPath", ".hooks"]);
    let mut run = tracked.portcullis(["hook", "install"]);
    assert_eq!(run.code, 0);
    run.stdout = shown(&run.stdout);
    transcript.ran(&tracked, "portcullis hook install", &run);
    assert!(!tracked.join(".hooks/pre-commit").exists());
    // The line works as it is printed.
    let line = tracked.portcullis(["hook", "install"]).stdout;
    tracked.write(".hooks/pre-commit", format!("#!/bin/sh\n{line}echo done\n"));
    tracked.executable(".hooks/pre-commit");
    cargo::project(&tracked, &tampered());
    let run = tracked.try_git(["commit", "-am", "x"]);
    assert!(run.code != 0 && !format!("{}{}", run.stdout, run.stderr).contains("done"), "{}", run.whole());

    transcript.note("set here, a folder that git does not track");
    let own = cargo::committed(&before(), None);
    own.git(["config", "core.hooksPath", ".own-hooks"]);
    let run = own.portcullis(["hook", "install"]);
    transcript.ran(&own, "portcullis hook install", &run);
    assert!(own.join(".own-hooks/pre-commit").exists());
    cargo::project(&own, &tampered());
    assert_eq!(own.try_git(["commit", "-am", "x"]).code, 1);
    let run = own.portcullis(["hook", "uninstall"]);
    transcript.ran(&own, "portcullis hook uninstall", &run);
    assert!(!own.join(".own-hooks/pre-commit").exists());

    transcript.note("set here, a folder somewhere else");
    let outside = Sandbox::new();
    let away = cargo::committed(&before(), None);
    let path = outside.join("hooks");
    away.git(["config", "core.hooksPath", path.to_str().unwrap()]);
    let run = away.portcullis(["hook", "install"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert!(path.join("pre-commit").exists());
    transcript.keep("hook/hooks-path");
}

#[test]
fn linked_work_trees_share_the_hook_and_are_judged_by_their_own_index() {
    let sandbox = guarded();
    let linked = Sandbox::new();
    let path = linked.join("linked");
    sandbox.git(["worktree", "add", "-q", "-b", "other", path.to_str().unwrap()]);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments);
        linked.run(command, &path)
    };
    fs::write(path.join("Cargo.lock"), cargo::lock(&tampered())).unwrap();
    let run = git(&["commit", "-am", "x"]);
    assert!(run.code == 1 && format!("{}{}", run.stdout, run.stderr).contains("deny["), "{}", run.whole());
    fs::write(path.join("Cargo.lock"), cargo::lock(&updated())).unwrap();
    fs::write(path.join("Cargo.toml"), fs::read_to_string(path.join("Cargo.toml")).unwrap().replace("1.2.3", "1.2.4"))
        .unwrap();
    let run = git(&["commit", "-am", "x"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    // Installed and removed from there, it is the same hook.
    let hook = sandbox.join(".git/hooks/pre-commit");
    assert_eq!(linked.portcullis_in(&path, ["hook", "uninstall"]).code, 0);
    assert!(!hook.exists());
    assert_eq!(linked.portcullis_in(&path, ["hook", "install"]).code, 0);
    assert!(hook.exists());
}

#[test]
fn a_repository_whose_git_folder_lies_elsewhere_is_judged() {
    let elsewhere = Sandbox::new();
    let sandbox = Sandbox::new();
    let folder = elsewhere.join("git folder");
    sandbox.git(["init", "-q", "--separate-git-dir", folder.to_str().unwrap()]);
    cargo::project(&sandbox, &before());
    sandbox.commit("first");
    let run = sandbox.portcullis(["hook", "install"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    cargo::project(&sandbox, &tampered());
    check(&sandbox, "separate", &sandbox.try_git(["commit", "-am", "x"]), false, 1);
    let mut command = Command::new("git");
    command.args(["commit", "-am", "x"]);
    check(&sandbox, "separate, from below", &sandbox.run(command, &sandbox.join("src")), false, 1);
    cargo::project(&sandbox, &updated());
    check(&sandbox, "separate", &sandbox.try_git(["commit", "-am", "x"]), true, 2);
}

/// Copies the binary to a place of its own. Another process does so: a file this one holds open for writing is, for
/// a moment, also held by what another test starts, and cannot be executed.
fn copied(to: &Path) -> PathBuf {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    assert!(Command::new("cp").arg("--").arg(binary()).arg(to).status().unwrap().success());
    to.to_owned()
}

fn install_by(sandbox: &Sandbox, program: &Path) {
    let mut command = Command::new(program);
    command.args(["hook", "install"]);
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.code, 0, "{}", run.whole());
}

#[test]
fn without_its_binary_the_hook_lets_nothing_pass() {
    let sandbox = cargo::committed(&before(), None);
    let elsewhere = Sandbox::new();
    let program = copied(&elsewhere.join("bin/portcullis"));
    install_by(&sandbox, &program);
    cargo::project(&sandbox, &updated());
    assert_eq!(sandbox.try_git(["commit", "-am", "x"]).code, 0);
    fs::remove_file(&program).unwrap();
    sandbox.write("README.md", "# Mill\n");
    sandbox.git(["add", "-A"]);
    let run = sandbox.try_git(["commit", "-m", "x"]);
    assert_ne!(run.code, 0);
    assert_eq!(commits(&sandbox), 2);
    let mut transcript = Transcript::default();
    transcript.text(&run.stderr.replace(elsewhere.path().to_str().unwrap(), "[ELSEWHERE]"));
    transcript.keep("hook/binary-gone");
}

#[test]
fn paths_of_any_bytes_work() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let names: [&[u8]; 3] = [b"it's a \"mill\" $HOME `x` \\n", b"new\nline", b"b\xff\xfe"];
    for name in names {
        let folder = sandbox.join(OsStr::from_bytes(name));
        let program = copied(&folder.join("bin/portcullis"));
        let repository = folder.join("work tree");
        fs::create_dir_all(&repository).unwrap();
        let run = |program: &Path, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments);
            sandbox.run(command, &repository)
        };
        run(Path::new("git"), &["init", "-q"]);
        fs::write(repository.join("Cargo.lock"), cargo::lock(&before())).unwrap();
        run(Path::new("git"), &["add", "-A"]);
        run(Path::new("git"), &["commit", "-q", "-m", "first"]);
        let installed = run(&program, &["hook", "install"]);
        assert_eq!(installed.code, 0, "{name:?}: {}", installed.whole());
        fs::write(repository.join("Cargo.lock"), cargo::lock(&tampered())).unwrap();
        let denied = run(Path::new("git"), &["commit", "-am", "x"]);
        assert_eq!(denied.code, 1, "{name:?}: {}", denied.whole());
        assert!(format!("{}{}", denied.stdout, denied.stderr).contains("deny["), "{name:?}: {}", denied.whole());
        fs::write(repository.join("Cargo.lock"), cargo::lock(&updated())).unwrap();
        let passed = run(Path::new("git"), &["commit", "-am", "x"]);
        assert_eq!(passed.code, 0, "{name:?}: {}", passed.whole());
    }
}

#[test]
fn a_hook_of_ours_from_another_version_is_replaced() {
    let sandbox = cargo::committed(&before(), None);
    let elsewhere = Sandbox::new();
    install_by(&sandbox, &copied(&elsewhere.join("old/portcullis")));
    sandbox.portcullis(["hook", "install"]);
    let script = fs::read_to_string(sandbox.join(".git/hooks/pre-commit")).unwrap();
    assert!(script.contains(binary().to_str().unwrap()) && !script.contains("old/portcullis"), "{script}");
    assert!(!sandbox.join(".git/hooks/pre-commit.before-portcullis").exists());
}
