//! In a work tree the directory is what git would see.

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

/// The places at which the directory holds a lock file that cannot be read: each such file is seen, no other is.
#[track_caller]
fn seen(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let run = gate_in(sandbox, &sandbox.join(folder), &[]);
    unread(&run).into_iter().map(|(path, _)| path).collect()
}

/// What git lists of the same kind.
fn listed(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let list = git_in(sandbox, &sandbox.join(folder), ["ls-files", "-co", "--exclude-standard"]);
    let mut paths: Vec<String> =
        list.lines().filter(|path| path.rsplit('/').next() == Some("Cargo.lock")).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn broken_locks(sandbox: &Sandbox, folders: &[&str]) {
    for folder in folders {
        sandbox.write(format!("{folder}/Cargo.lock"), "no lock file");
    }
}

#[test]
fn tracked_and_untracked_files_are_seen_and_ignored_ones_are_not() {
    let sandbox = Sandbox::repository();
    broken_locks(&sandbox, &["tracked", "tracked-though-ignored", "deep/tracked-though-ignored"]);
    sandbox.commit("tracked");
    broken_locks(&sandbox, &["untracked", "ignored", "excluded", "deep/ignored", "deep/again", "deep/here", "users"]);
    sandbox.write(".gitignore", "# a comment\n/ignored/\ntracked-though-ignored\n\\#odd\n*.log\n!important.log\n");
    sandbox.write("deep/.gitignore", "*\n!again\n!again/*\n!here/\n");
    sandbox.write("deep/here/.gitignore", "!Cargo.lock\r\n");
    sandbox.write(".git/info/exclude", "excluded/\n");
    sandbox.write("list", "users\n");
    sandbox.git(["config", "core.excludesFile", sandbox.join("list").to_str().unwrap()]);
    broken_locks(&sandbox, &["#odd", "a.log", "important.log"]);
    let expected = [
        "deep/again/Cargo.lock",
        "deep/here/Cargo.lock",
        "deep/tracked-though-ignored/Cargo.lock",
        "important.log/Cargo.lock",
        "tracked-though-ignored/Cargo.lock",
        "tracked/Cargo.lock",
        "untracked/Cargo.lock",
    ];
    assert_eq!(listed(&sandbox, ""), expected);
    assert_eq!(seen(&sandbox, ""), expected);
    assert_eq!(seen(&sandbox, "deep"), listed(&sandbox, "deep"));
    // What was deleted is not there.
    fs::remove_dir_all(sandbox.join("tracked-though-ignored")).unwrap();
    assert_eq!(seen(&sandbox, "").len(), expected.len() - 1);
    // A folder that is ignored as a whole is what it is, to those who ask for it.
    assert_eq!(seen(&sandbox, "ignored"), ["Cargo.lock"]);
}

#[test]
fn patterns_mean_what_they_mean_to_git() {
    let patterns = [
        "{a,Cargo.lock}",
        "Cargo.loc",
        "[C]argo.lock",
        "Cargo.*",
        "**/Cargo.lock",
        "sub/**",
        "sub/*",
        "/*/Cargo.lock",
        "a/**/Cargo.lock",
        "Cargo.lock/",
        "sub/",
        "!Cargo.lock",
        "*\n!Cargo.lock",
        "*\n!*/\n!Cargo.lock",
        "su[!x]/",
        "su?",
        "\\Cargo.lock",
        "Cargo.lock ",
        "Cargo.lock\\ ",
        " Cargo.lock",
        "#Cargo.lock",
        "\\#x",
        "[",
        "[a",
        "a]",
        "sub//Cargo.lock",
        "./Cargo.lock",
        "sub/../Cargo.lock",
        "CARGO.LOCK",
        "Cargo[.]lock",
        "[[:upper:]]argo.lock",
        "[^a-z]argo.lock",
        "*/",
        "**",
        "**/",
        "/**",
        "/",
        "!",
        "!/",
        "*.lock\n!sub/Cargo.lock",
        "/sub\n!/sub/Cargo.lock",
        "\u{feff}Cargo.lock",
        "Cargo.lock\r",
        "sub/[a-b]*/",
        "***",
        "*a/*",
        "{sub}",
        "[{]x}",
        "\\{x}/",
    ];
    for pattern in patterns {
        let sandbox = Sandbox::repository();
        sandbox.write("kept", "");
        sandbox.commit("so that there is something to judge");
        broken_locks(&sandbox, &[".", "sub", "sub/a", "a/b/c", "a", "x y", "{x}", "{sub}", "#x"]);
        sandbox.write(".gitignore", pattern);
        assert_eq!(seen(&sandbox, ""), listed(&sandbox, ""), "{pattern:?}");
    }
}

#[test]
fn ignore_file_that_is_a_link_or_a_fifo_is_not_read() {
    let sandbox = Sandbox::repository();
    broken_locks(&sandbox, &["linked", "fifo", "zero", "folder"]);
    sandbox.write("all", "*\n");
    sandbox.link("linked/.gitignore", "../all");
    sandbox.link("zero/.gitignore", "/dev/zero");
    sandbox.write("folder/.gitignore/inside", "*");
    mknodat(CWD, sandbox.join("fifo/.gitignore"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let expected = ["fifo/Cargo.lock", "folder/Cargo.lock", "linked/Cargo.lock", "zero/Cargo.lock"];
    let run = gate(&sandbox, &["--format", "human"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(seen(&sandbox, ""), expected);
    // Patterns without end, or too many of them, hide nothing.
    sandbox.remove("fifo/.gitignore");
    sandbox.write("fifo/.gitignore", "Cargo.lock\n".repeat(500_000));
    assert_eq!(seen(&sandbox, ""), expected);
}

#[test]
fn lock_file_that_git_ignores_takes_no_part() {
    // A library's, say. Its manifest changes; the lock file is no part of the change.
    let sandbox = Sandbox::repository();
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.write(".gitignore", "Cargo.lock\n");
    sandbox.commit("library");
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.write("Cargo.toml", format!("{MANIFEST}\n[features]\n"));
    for arguments in [&["--base", "HEAD"][..], &[]] {
        let run = gate(&sandbox, arguments);
        passes(&run);
        assert_eq!(run.report()["summary"]["components"], 0, "{}", run.whole());
    }
}

#[test]
fn file_that_policy_excludes_is_not_read_where_another_leads_to_it() {
    let sandbox = Sandbox::repository();
    write_crate(&sandbox, "", HONEST);
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n[tree]\nexclude = [\"Cargo.lock\"]\n");
    sandbox.commit("excluded");
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.write("Cargo.toml", format!("{MANIFEST}\n[features]\n"));
    for commit in [false, true] {
        let arguments = if commit { &["--base", "HEAD~1", "--head", "HEAD"][..] } else { &["--base", "HEAD"] };
        if commit {
            sandbox.commit("forged");
        }
        let run = gate(&sandbox, arguments);
        passes(&run);
        let report = run.report();
        assert_eq!((&report["summary"]["components"], &report["summary"]["excluded_files"]), (&0.into(), &1.into()));
    }
}

#[test]
fn what_is_passed_over_is_counted() {
    let sandbox = Sandbox::repository();
    write_crate(&sandbox, "", HONEST);
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n[tree]\nexclude = [\"fixtures/**\"]\n");
    sandbox.commit("policy");
    let skipped = ["node_modules", "web/node_modules", "target", "py/.venv", "py/__pycache__", "old/.svn"];
    for folder in skipped {
        sandbox.write(format!("{folder}/Cargo.lock"), "no lock file");
    }
    broken_locks(&sandbox, &["fixtures/a", "fixtures/b"]);
    // A file of such a name is a file.
    sandbox.write("file/target", "");
    sandbox.git(["add", "-A", "-f"]);
    let check = |run: Run| {
        passes(&run);
        let summary = &run.report()["summary"];
        let counts = ["files", "skipped_folders", "excluded_files"].map(|name| summary[name].as_u64().unwrap());
        assert_eq!(counts, [6, 6, 2], "{}", run.whole());
    };
    check(gate(&sandbox, &["--staged"]));
    sandbox.commit("all");
    check(gate(&sandbox, &[]));
    check(gate(&sandbox, &["--head", "HEAD"]));
    let human = sandbox.portcullis(["gate"]);
    assert!(human.stdout.contains("6 skipped folders, 2 files excluded by policy"), "{}", human.whole());
    // Ignored or not, tracked or not.
    sandbox.write(".git/info/exclude", "target\nnode_modules\n");
    check(gate(&sandbox, &[]));
    sandbox.git(["rm", "-q", "-r", "--cached", "target", "web/node_modules"]);
    check(gate(&sandbox, &[]));
    // Outside of git, `.git` is one more.
    fs::rename(sandbox.join(".git"), sandbox.join(".hg")).unwrap();
    let run = gate(&sandbox, &[]);
    assert_eq!(run.report()["summary"]["skipped_folders"], 7, "{}", run.whole());
    assert_eq!(run.report()["summary"]["excluded_files"], 2);
}

#[test]
fn tree_without_files_is_refused() {
    let sandbox = Sandbox::repository();
    refused(&gate(&sandbox, &[]), &["error: .: expected a tree with files in it, found an empty one"]);
    let folder = Sandbox::new();
    refused(&gate(&folder, &[]), &["error: .: expected a tree with files in it, found an empty one"]);
    sandbox.commit("nothing");
    refused(&gate(&sandbox, &["--head", "HEAD"]), &["expected a tree with files in it, found an empty one"]);
    refused(&gate(&sandbox, &["nowhere"]), &["error: nowhere: expected a directory, found"]);
    sandbox.write("file", "");
    refused(&gate(&sandbox, &["file"]), &["error: file: expected a directory, found a file"]);
}
