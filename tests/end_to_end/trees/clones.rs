//! Clones that left something out: history, contents, or the files of a folder.

use super::*;

/// The repository `origin`, which hands out partial clones: an honest commit, a forged one, and one beside the point.
fn origin() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "-q", "-b", "main", "origin"]);
    let folder = sandbox.join("origin");
    let commit = |message: &str| {
        git_in(&sandbox, &folder, ["add", "-A"]);
        git_in(&sandbox, &folder, ["commit", "-q", "-m", message]);
    };
    git_in(&sandbox, &folder, ["config", "uploadpack.allowFilter", "true"]);
    write_crate(&sandbox, "origin/", HONEST);
    sandbox.write("origin/portcullis.toml", "extends = [\"builtin:recommended\"]\n");
    commit("honest");
    sandbox.write("origin/Cargo.lock", lock(FORGED));
    commit("forged");
    sandbox.write("origin/docs/notes", "notes");
    commit("beside the point");
    sandbox
}

#[test]
fn shallow_clone_without_its_base_is_refused_and_says_to_fetch_more() {
    let sandbox = origin();
    sandbox.git(["clone", "-q", "--depth", "1", &address(&sandbox, "origin"), "clone"]);
    for arguments in [&["clone", "--base", "HEAD~1"][..], &["clone", "--base", "HEAD~1", "--head", "HEAD"]] {
        refused(
            &gate(&sandbox, arguments),
            &["revision `HEAD~1`", "hint: the clone is shallow", "git fetch --unshallow"],
        );
    }
    // A branch whose common ancestor was cut off.
    let folder = sandbox.join("origin");
    git_in(&sandbox, &folder, ["checkout", "-q", "-b", "topic", "main~2"]);
    sandbox.write("origin/more", "");
    git_in(&sandbox, &folder, ["add", "-A"]);
    git_in(&sandbox, &folder, ["commit", "-q", "-m", "topic"]);
    let clone = sandbox.join("clone");
    git_in(&sandbox, &clone, ["fetch", "-q", "--depth", "1", "origin", "topic:topic"]);
    let run = gate(&sandbox, &["clone", "--base", "main", "--head", "topic"]);
    refused(&run, &["revisions `main` and `topic`: expected a common ancestor", "hint: the clone is shallow"]);
    // The hint helps.
    git_in(&sandbox, &clone, ["fetch", "-q", "--unshallow"]);
    passes(&gate(&sandbox, &["clone", "--base", "main", "--head", "topic"]));
    fails(&gate(&sandbox, &["clone", "--base", "main~2", "--head", "main"]), TAMPERED);
    passes(&gate(&sandbox, &["clone", "--base", "HEAD~1"]));
}

#[test]
fn partial_clone_without_the_contents_to_compare_with_is_refused_and_says_how_to_fetch_them() {
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let sandbox = origin();
        sandbox.git(["clone", "-q", filter, &address(&sandbox, "origin"), "clone"]);
        let clone = sandbox.join("clone");
        for arguments in [&["clone", "--base", "main~2"][..], &["clone", "--base", "main~2", "--head", "main"]] {
            let run = gate(&sandbox, &[arguments, &["--policy", "recommended"]].concat());
            refused(&run, &["hint: the clone is partial", "git fetch --refetch --no-filter"]);
            assert!(sandbox.portcullis(["changes", "--repo", "clone", "main~2..main"]).code == 2);
        }
        // Of a revision that is not there whole nothing is left out silently.
        let run = gate(&sandbox, &["clone", "--head", "main~2", "--policy", "recommended"]);
        assert!(run.code == 1 || run.code == 2, "{}", run.whole());
        assert!(run.whole().contains("git fetch --refetch --no-filter"), "{}", run.whole());
        // The work tree, and its last commit, are there.
        passes(&gate(&sandbox, &["clone"]));
        passes(&gate(&sandbox, &["clone", "--staged"]));
        // The hint helps.
        git_in(&sandbox, &clone, ["fetch", "-q", "--refetch", "--no-filter"]);
        fails(&gate(&sandbox, &["clone", "--base", "main~2"]), TAMPERED);
    }
}

#[test]
fn policy_that_a_partial_clone_lacks_is_refused() {
    let sandbox = origin();
    let folder = sandbox.join("origin");
    sandbox.write("origin/portcullis.toml", "extends = [\"builtin:strict\"]\n");
    git_in(&sandbox, &folder, ["commit", "-q", "-a", "-m", "policy"]);
    sandbox.git(["clone", "-q", "--filter=blob:none", &address(&sandbox, "origin"), "clone"]);
    let run = gate(&sandbox, &["clone", "--base", "HEAD~1"]);
    refused(&run, &["portcullis.toml: expected a readable policy file", "git fetch --refetch --no-filter"]);
}

#[test]
fn missing_object_in_a_whole_clone_is_never_a_pass() {
    let sandbox = crate_repository();
    let lost = sandbox.git(["rev-parse", "HEAD:Cargo.lock"]);
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.commit("forged");
    fs::remove_file(object_file(&sandbox, &lost)).unwrap();
    let refusal = ["`Cargo.lock`: expected its contents", "git fsck"];
    refused(&gate(&sandbox, &["--base", "HEAD~1"]), &refusal);
    refused(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]), &refusal);
    let run = gate(&sandbox, &["--head", "HEAD~1"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(unread(&run)[0].0, "Cargo.lock");
}

#[test]
fn files_that_a_sparse_checkout_leaves_out_are_judged_as_they_are_staged() {
    for index in ["--no-sparse-index", "--sparse-index"] {
        let sandbox = crate_repository();
        write_crate(&sandbox, "in/", HONEST);
        write_crate(&sandbox, "out/deep/", HONEST);
        sandbox.link("out/deep/link", "Cargo.toml");
        sandbox.commit("three crates");
        sandbox.git(["sparse-checkout", "set", index, "in"]);
        assert!(!sandbox.join("out").exists());
        let stored = fs::read(sandbox.join(".git/index")).unwrap();
        assert_eq!(stored.windows(4).any(|bytes| bytes == b"sdir"), index == "--sparse-index");
        for arguments in [&[][..], &["--base", "HEAD"], &["--staged"]] {
            let run = gate(&sandbox, arguments);
            passes(&run);
            // A comparison counts a folder once of which the index knows the object alone.
            let files = if index == "--sparse-index" && arguments == ["--staged"] { 5 } else { 7 };
            assert_eq!(run.report()["summary"]["files"], files, "{index} {arguments:?}: {}", run.whole());
        }
        assert_eq!(gate(&sandbox, &[]).report()["summary"]["components"], 6);
        assert_eq!(gate(&sandbox, &["out/deep", "--staged"]).code, 2, "there is no such directory");
        sandbox.write("in/Cargo.lock", lock(FORGED));
        fails(&gate(&sandbox, &["--base", "HEAD"]), TAMPERED);
        sandbox.git(["add", "-A"]);
        fails(&gate(&sandbox, &["--staged"]), TAMPERED);
        // What is there all the same is what counts.
        sandbox.git(["reset", "-q", "--hard"]);
        write_crate(&sandbox, "out/deep/", FORGED);
        fails(&gate(&sandbox, &["--base", "HEAD"]), TAMPERED);
    }
}
