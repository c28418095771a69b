//! Repositories as git lays them out: bare, linked, apart from their work trees, without a commit.

use std::ffi::OsStr;
use std::fs;

use super::*;

/// A sandbox with the work tree `work` (an honest commit, then a forged one on `topic`) and its bare clone `bare.git`.
fn bare() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "-q", "-b", "main", "work"]);
    let work = sandbox.join("work");
    write_crate(&sandbox, "work/", HONEST);
    git_in(&sandbox, &work, ["add", "-A"]);
    git_in(&sandbox, &work, ["commit", "-q", "-m", "honest"]);
    git_in(&sandbox, &work, ["checkout", "-q", "-b", "topic"]);
    write_crate(&sandbox, "work/", FORGED);
    git_in(&sandbox, &work, ["commit", "-q", "-a", "-m", "forged"]);
    sandbox.git(["clone", "-q", "--bare", "work", "bare.git"]);
    sandbox
}

#[test]
fn bare_repository_is_judged_by_its_revisions() {
    let sandbox = bare();
    fails(&gate(&sandbox, &["--repo", "bare.git", "--base", "main", "--head", "topic"]), TAMPERED);
    passes(&gate(&sandbox, &["--repo", "bare.git", "--base", "main", "--head", "main"]));
    passes(&gate(&sandbox, &["--repo", "bare.git", "--head", "topic"]));
    // The directory is the repository.
    fails(&gate_in(&sandbox, &sandbox.join("bare.git"), &["--base", "main", "--head", "topic"]), TAMPERED);
}

#[test]
fn bare_repository_without_head_is_refused_with_a_hint() {
    let sandbox = bare();
    for arguments in [&["--repo", "bare.git"][..], &["--repo", "bare.git", "--base", "main"], &["bare.git"]] {
        refused(&gate(&sandbox, arguments), &["error: bare.git: expected a revision to be judged", "hint: "]);
    }
    refused(&gate(&sandbox, &["--repo", "bare.git", "--staged"]), &["error: bare.git: expected a work tree", "hint: "]);
    refused(&gate(&sandbox, &["--repo", "nowhere"]), &["error: nowhere: expected a git repository, found none"]);
}

#[test]
fn git_folder_that_calls_itself_bare_has_no_work_tree() {
    let sandbox = Sandbox::new();
    let origin = bare();
    let url = origin.join("work");
    sandbox.git(["clone", "-q", "--bare", url.to_str().unwrap(), ".git"]);
    sandbox.git(["worktree", "add", "-q", "main", "main"]);
    refused(&gate(&sandbox, &[]), &["expected a revision to be judged, found a bare repository alone"]);
    // A work tree that is linked to it is one.
    passes(&gate_in(&sandbox, &sandbox.join("main"), &[]));
    fails(&gate_in(&sandbox, &sandbox.join("main"), &["--base", "main", "--head", "topic"]), TAMPERED);
}

#[test]
fn linked_work_tree_is_judged_by_its_own_files_index_and_head() {
    let sandbox = crate_repository();
    let linked = tempfile::tempdir().unwrap();
    let folder = linked.path().join("linked");
    sandbox.git(["worktree", "add", "-q", "-b", "topic", folder.to_str().unwrap()]);
    passes(&gate_in(&sandbox, &folder, &["--base", "main"]));
    fs::write(folder.join("Cargo.lock"), lock(FORGED)).unwrap();
    fails(&gate_in(&sandbox, &folder, &["--base", "main"]), TAMPERED);
    // What stands in the folder is not staged, and the other work tree has its own.
    passes(&gate_in(&sandbox, &folder, &["--staged"]));
    passes(&gate(&sandbox, &["--base", "HEAD"]));
    git_in(&sandbox, &folder, ["add", "-A"]);
    fails(&gate_in(&sandbox, &folder, &["--staged"]), TAMPERED);
    passes(&gate(&sandbox, &["--staged"]));
    git_in(&sandbox, &folder, ["commit", "-q", "-m", "forged"]);
    fails(&gate_in(&sandbox, &folder, &["--base", "main", "--head", "HEAD"]), TAMPERED);
    // `.git/info/exclude` is the repository's, also in a linked work tree.
    sandbox.write(".git/info/exclude", "hidden\n");
    fs::create_dir(folder.join("hidden")).unwrap();
    fs::write(folder.join("hidden/Cargo.lock"), "no lock file").unwrap();
    passes(&gate_in(&sandbox, &folder, &[]));
}

#[test]
fn folder_of_a_repository_is_judged_alone_by_the_policy_at_the_root() {
    let sandbox = Sandbox::repository();
    write_crate(&sandbox, "", HONEST);
    write_crate(&sandbox, "services/api/", HONEST);
    write_crate(&sandbox, "services/api/fixtures/old/", HONEST);
    sandbox.write(
        "portcullis.toml",
        "extends = [\"builtin:recommended\"]\n\n[tree]\nexclude = [\"services/*/fixtures/**\", \"Cargo.*\"]\n",
    );
    sandbox.commit("honest");
    write_crate(&sandbox, "services/api/", FORGED);
    sandbox.write("services/api/fixtures/old/Cargo.lock", "no lock file");
    sandbox.write("Cargo.lock", "no lock file");
    let run = gate(&sandbox, &["services/api", "--base", "HEAD"]);
    fails(&run, TAMPERED);
    let report = run.report();
    let forged = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == TAMPERED).unwrap();
    assert_eq!(forged["location"]["path"], "Cargo.lock");
    assert_eq!((&report["policy"]["origin"], &report["policy"]["name"]), (&"base".into(), &"portcullis.toml".into()));
    assert_eq!(report["inputs"][0]["name"], "services/api");
    assert_eq!(report["summary"]["excluded_files"], 2, "{}", run.whole());
    // Patterns rest on the repository's root: `Cargo.*` there excludes nothing here, from whatever tree it is read.
    sandbox.git(["add", "-A"]);
    fails(&gate_in(&sandbox, &sandbox.join("services/api"), &["--staged"]), TAMPERED);
    sandbox.commit("forged");
    fails(&gate(&sandbox, &["services/api", "--base", "HEAD~1", "--head", "HEAD"]), TAMPERED);
    passes(&gate(&sandbox, &["services/api/fixtures", "--base", "HEAD~1"]));
}

#[test]
fn links_from_a_folder_to_the_rest_of_its_repository_do_not_escape() {
    let sandbox = Sandbox::repository();
    sandbox.write("LICENSE", "text");
    write_crate(&sandbox, "services/api/", HONEST);
    sandbox.link("services/api/LICENSE", "../../LICENSE");
    sandbox.link("services/api/again", "../../services/api/Cargo.toml");
    sandbox.commit("links");
    for head in [&[][..], &["--head", "HEAD"]] {
        passes(&gate(&sandbox, &[&["services/api"], head].concat()));
    }
    sandbox.link("services/api/out", "../../../services");
    sandbox.link("services/api/git", "../../.git/config");
    sandbox.commit("escapes");
    for head in [&[][..], &["--head", "HEAD"]] {
        let run = gate(&sandbox, &[&["services/api"], head].concat());
        fails(&run, "source/symlink-escape");
        assert_eq!(run.report()["summary"]["fail"]["deny"], 2, "{}", run.whole());
    }
    // A lock file elsewhere in the repository cannot be read from here.
    sandbox.link("services/api/Cargo.lock", "../../Cargo.lock");
    let run = gate(&sandbox, &["services/api"]);
    assert_eq!(unread(&run)[0].1, "a link to a part of the repository that is not looked at, `../../Cargo.lock`");
}

/// Installs a pre-commit hook that judges what is staged by git's own variables, and nothing else.
fn hook(git_dir: &Path) {
    let hook = git_dir.join("hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec '{}' gate --staged\n", binary().display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn commit_with_its_options_is_judged_by_what_it_will_write() {
    let sandbox = crate_repository();
    sandbox.write("sub/notes", "1");
    sandbox.commit("notes");
    hook(&sandbox.join(".git"));
    let linked = tempfile::tempdir().unwrap();
    let folder = linked.path().join("linked");
    sandbox.git(["worktree", "add", "-q", "-b", "topic", folder.to_str().unwrap()]);
    for root in [sandbox.path().to_owned(), folder] {
        let commit = |from: &Path, arguments: &[&str]| {
            let mut command = Command::new("git");
            command.args(["commit", "-m", "change"]).args(arguments);
            sandbox.run(command, from)
        };
        // `-a` takes what is not staged.
        fs::write(root.join("Cargo.lock"), lock(FORGED)).unwrap();
        let run = commit(&root, &["-a"]);
        assert!(run.code != 0 && run.stderr.contains(TAMPERED) || run.stdout.contains(TAMPERED), "{}", run.whole());
        let run = commit(&root.join("sub"), &["-a"]);
        assert_ne!(run.code, 0, "{}", run.whole());
        // A path takes that file alone, whatever else is staged.
        fs::write(root.join("sub/notes"), "2").unwrap();
        git_in(&sandbox, &root, ["add", "Cargo.lock"]);
        let run = commit(&root.join("sub"), &["notes"]);
        assert_eq!(run.code, 0, "{}", run.whole());
        let run = commit(&root, &["Cargo.lock"]);
        assert_ne!(run.code, 0, "{}", run.whole());
        let run = commit(&root, &[]);
        assert_ne!(run.code, 0, "{}", run.whole());
        git_in(&sandbox, &root, ["reset", "-q", "--hard"]);
        let run = commit(&root, &["--allow-empty"]);
        assert_eq!(run.code, 0, "{}", run.whole());
    }
}

#[test]
fn gits_variables_are_obeyed_absolute_and_relative() {
    let sandbox = crate_repository();
    let git_dir = sandbox.join(".git");
    // Another index, in which the lock file is forged.
    let other = sandbox.join("other-index");
    sandbox.write("Cargo.lock", lock(FORGED));
    let mut command = Command::new("git");
    command.args(["add", "Cargo.lock", "Cargo.toml"]).env("GIT_INDEX_FILE", &other);
    assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
    sandbox.write("Cargo.lock", lock(HONEST));
    passes(&gate(&sandbox, &["--staged"]));
    let root = sandbox.path();
    for (index, git_dir, work_tree) in [
        (other.as_os_str(), None, None),
        (OsStr::new("other-index"), None, None),
        (OsStr::new("other-index"), Some(git_dir.as_os_str()), Some(root.as_os_str())),
        (OsStr::new("other-index"), Some(OsStr::new(".git")), Some(OsStr::new("."))),
        (OsStr::new("other-index"), Some(OsStr::new(".git")), None),
    ] {
        let mut environment = vec![("GIT_INDEX_FILE", index)];
        environment.extend(git_dir.map(|value| ("GIT_DIR", value)));
        environment.extend(work_tree.map(|value| ("GIT_WORK_TREE", value)));
        fails(&gate_with(&sandbox, root, &environment, &["--staged"]), TAMPERED);
        // The directory is judged by its files, whatever the index says of them.
        passes(&gate_with(&sandbox, root, &environment, &["--base", "HEAD"]));
    }
    // They do not speak of a repository that the command line names, or whose folder it names.
    let stranger = crate_repository();
    let named = stranger.path().to_str().unwrap();
    let environment = [("GIT_INDEX_FILE", other.as_os_str()), ("GIT_DIR", git_dir.as_os_str())];
    passes(&gate_with(&sandbox, root, &environment, &["--repo", named, "--staged"]));
    passes(&gate_with(&sandbox, root, &environment, &[named, "--staged"]));
    fails(&gate_with(&sandbox, root, &environment, &["--repo", ".", "--staged"]), TAMPERED);
    let broken = [("GIT_DIR", OsStr::new("nowhere"))];
    refused(&gate_with(&sandbox, root, &broken, &[]), &["GIT_DIR: expected a git repository, found none"]);
}

#[test]
fn work_tree_apart_from_its_git_folder_is_what_git_sees() {
    let sandbox = Sandbox::new();
    write_crate(&sandbox, "tree/", HONEST);
    sandbox.write("tree/.gitignore", "build/\n");
    sandbox.write("tree/build/Cargo.lock", "no lock file");
    sandbox.git(["init", "-q", "-b", "main", "--bare", "git"]);
    let (git_dir, tree) = (sandbox.join("git"), sandbox.join("tree"));
    let environment = [("GIT_DIR", git_dir.as_os_str()), ("GIT_WORK_TREE", tree.as_os_str())];
    let mut command = Command::new("git");
    command.args(["add", "-A"]).envs(environment);
    assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
    let mut command = Command::new("git");
    command.args(["commit", "-q", "-m", "honest"]).envs(environment);
    assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
    git_in(&sandbox, &git_dir, ["config", "core.bare", "false"]);
    passes(&gate_with(&sandbox, &tree, &environment, &[]));
    passes(&gate_with(&sandbox, sandbox.path(), &environment, &["tree"]));
    sandbox.write("tree/Cargo.lock", lock(FORGED));
    fails(&gate_with(&sandbox, sandbox.path(), &environment, &["tree", "--base", "main"]), TAMPERED);
    // The same, found by a file named `.git`.
    sandbox.write("tree/.git", format!("gitdir: {}\n", git_dir.display()));
    fails(&gate(&sandbox, &["tree", "--base", "main"]), TAMPERED);
    sandbox.write("tree/.git", "gitdir: ../git\n");
    fails(&gate(&sandbox, &["tree", "--base", "main"]), TAMPERED);
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let sandbox = Sandbox::repository();
    let nothing = gate(&sandbox, &["--staged"]);
    assert_eq!(nothing.code, 0, "{}", nothing.whole());
    write_crate(&sandbox, "", HONEST);
    sandbox.link("escape", "/etc/passwd");
    sandbox.git(["add", "-A"]);
    let run = gate(&sandbox, &["--staged"]);
    fails(&run, "source/symlink-escape");
    let report = run.report();
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["baseline"] != "unchanged"));
    assert_eq!(report["summary"]["components"], 2, "{}", run.whole());
    // The changes list the same.
    let run = sandbox.portcullis(["changes", "--staged"]);
    assert_eq!((run.code, run.stdout.lines().last()), (0, Some("2 added, 0 removed, 0 changed, 0 unreadable")));
    let run = sandbox.portcullis(["changes"]);
    assert_eq!((run.code, run.stdout.lines().last()), (0, Some("2 added, 0 removed, 0 changed, 0 unreadable")));
    refused(
        &gate(&sandbox, &["--base", "main"]),
        &["revision `main`: expected a commit of this repository, found none"],
    );
}

#[test]
fn branch_is_judged_by_what_it_changed_under_the_policy_of_its_base_today() {
    let sandbox = crate_repository();
    sandbox.git(["checkout", "-q", "-b", "topic"]);
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.write("portcullis.toml", "[rules]\n\"change/same-version-new-digest\" = \"allow\"\n");
    sandbox.commit("forged, and allowed");
    sandbox.git(["checkout", "-q", "main"]);
    // Meanwhile main brings a policy, and a change of its own that the branch lacks.
    sandbox.write("portcullis.toml", "extends = [\"builtin:strict\"]\n");
    sandbox.write("other/Cargo.toml", MANIFEST);
    sandbox.write("other/Cargo.lock", lock(HONEST));
    sandbox.commit("main moves on");
    let merge_base = sandbox.git(["rev-parse", "main~1"]);
    for arguments in [&["--base", "main", "--head", "topic"][..], &["--base", "main"]] {
        sandbox.git(["checkout", "-q", "topic"]);
        let run = gate(&sandbox, arguments);
        assert_eq!(run.code, 1, "{}", run.whole());
        assert_eq!(denied(&run), [TAMPERED, "policy/weakened"], "{}", run.whole());
        let report = run.report();
        assert_eq!(report["policy"]["origin"], "base");
        assert_eq!(report["inputs"][1]["name"], "the merge base of main");
        assert_eq!(report["inputs"][1]["digest"], merge_base.trim_end());
        // What main has and the branch lacks is nobody's removal.
        assert!(!run.stdout.contains("lock-file-removed\",\n      \"level\": \"deny\",\n      \"state\": \"fail\""));
    }
}

#[test]
fn without_a_common_ancestor_the_base_itself_is_compared() {
    let sandbox = crate_repository();
    sandbox.git(["checkout", "-q", "--orphan", "unrelated"]);
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.commit("unrelated");
    let run = gate(&sandbox, &["--base", "main", "--head", "unrelated"]);
    fails(&run, TAMPERED);
    assert_eq!(run.report()["inputs"][1]["name"], "main");
}

#[test]
fn repository_of_another_user_is_read() {
    let sandbox = crate_repository();
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.commit("forged");
    // Whom git distrusts: somebody else than who runs it.
    if !give_away(sandbox.path()) {
        return skipped("only root can give a repository to another user");
    }
    let git = sandbox.try_git(["status"]);
    assert!(git.code != 0 && git.stderr.contains("dubious ownership"), "{}", git.whole());
    fails(&gate(&sandbox, &["--base", "HEAD~1"]), TAMPERED);
    fails(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]), TAMPERED);
    passes(&gate(&sandbox, &["--staged"]));
    passes(&gate(&sandbox, &[]));
}

/// Gives a folder and all below it to somebody who runs no tests.
fn give_away(folder: &Path) -> bool {
    let give = |path: &Path| std::os::unix::fs::lchown(path, Some(12345), Some(12345)).is_ok();
    if !give(folder) {
        return false;
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            give_away(&path);
        } else {
            give(&path);
        }
    }
    true
}

#[test]
fn installed_hook_guards_linked_work_trees_too() {
    let sandbox = crate_repository();
    sandbox.write("notes", "1");
    sandbox.commit("notes");
    let linked = tempfile::tempdir().unwrap();
    let folder = linked.path().join("linked");
    sandbox.git(["worktree", "add", "-q", "-b", "topic", folder.to_str().unwrap()]);
    let run = sandbox.portcullis_in(&folder, ["hook", "install"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    for root in [sandbox.path(), &folder] {
        let commit = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.args(["commit", "-q", "-m", "change"]).args(arguments);
            sandbox.run(command, root)
        };
        fs::write(root.join("Cargo.lock"), lock(FORGED)).unwrap();
        fs::write(root.join("notes"), "2").unwrap();
        for arguments in [&["-a"][..], &["Cargo.lock"]] {
            let run = commit(arguments);
            assert!(run.code != 0 && run.whole().contains(TAMPERED), "{arguments:?}: {}", run.whole());
        }
        let run = commit(&["notes"]);
        assert_eq!(run.code, 0, "{}", run.whole());
    }
}
