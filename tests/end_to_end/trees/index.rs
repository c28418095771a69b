//! The index in every form git gives it, and what stands in it that is not committed.

use super::*;

/// The lock file is forged in the index, and in the index alone.
fn forged_in_the_index(prepare: impl Fn(&Sandbox)) -> Sandbox {
    let sandbox = crate_repository();
    write_crate(&sandbox, "other/", HONEST);
    sandbox.commit("two crates");
    prepare(&sandbox);
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.write("new/Cargo.toml", MANIFEST);
    sandbox.git(["add", "-A"]);
    sandbox.git(["rm", "-q", "--cached", "other/Cargo.toml", "other/Cargo.lock"]);
    sandbox.write("Cargo.lock", lock(HONEST));
    sandbox
}

#[track_caller]
fn staged_is_read(sandbox: &Sandbox) {
    let run = gate(sandbox, &["--staged"]);
    fails(&run, TAMPERED);
    // Two files at the root, one that is new; two were taken out.
    assert_eq!(run.report()["summary"]["files"], 3, "{}", run.whole());
    passes(&gate(sandbox, &["--base", "HEAD"]));
}

fn index_of(sandbox: &Sandbox) -> Vec<u8> {
    fs::read(sandbox.join(".git/index")).unwrap()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn split_index_is_read() {
    let sandbox = forged_in_the_index(|sandbox| {
        sandbox.git(["config", "core.splitIndex", "true"]);
        sandbox.git(["config", "splitIndex.maxPercentChange", "100"]);
        sandbox.git(["update-index", "--split-index"]);
    });
    assert!(holds(&index_of(&sandbox), b"link"), "the index is split");
    staged_is_read(&sandbox);
    // Without its other half there is nothing to judge.
    for entry in fs::read_dir(sandbox.join(".git")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("sharedindex.") {
            fs::remove_file(path).unwrap();
        }
    }
    refused(&gate(&sandbox, &["--staged"]), &["error: .: expected a git index"]);
}

#[test]
fn index_of_every_version_and_with_every_extension_is_read() {
    for version in ["2", "3", "4"] {
        staged_is_read(&forged_in_the_index(|sandbox| {
            sandbox.git(["update-index", "--index-version", version]);
        }));
    }
    let sandbox = forged_in_the_index(|sandbox| {
        sandbox.git(["config", "feature.manyFiles", "true"]);
        sandbox.git(["config", "index.skipHash", "true"]);
        sandbox.git(["config", "index.threads", "2"]);
        sandbox.git(["update-index", "--force-untracked-cache"]);
    });
    let stored = index_of(&sandbox);
    assert!(stored.ends_with(&[0; 20]), "the index has no checksum");
    assert!(holds(&stored, b"UNTR"));
    staged_is_read(&sandbox);
}

#[test]
fn index_of_a_sparse_checkout_is_read() {
    let sandbox = forged_in_the_index(|sandbox| {
        write_crate(sandbox, "apart/deep/", HONEST);
        sandbox.commit("three crates");
        sandbox.git(["sparse-checkout", "set", "--sparse-index", "other", "new"]);
    });
    assert!(holds(&index_of(&sandbox), b"sdir"));
    let run = gate(&sandbox, &["--staged"]);
    fails(&run, TAMPERED);
    // The folder that is left out counts once.
    assert_eq!(run.report()["summary"]["files"], 4, "{}", run.whole());
}

#[test]
fn broken_index_is_refused() {
    let sandbox = forged_in_the_index(|_| {});
    let whole = index_of(&sandbox);
    for broken in [&whole[..whole.len() / 2], &whole[..whole.len() - 30], &whole[..11], b"", b"no index at all"] {
        sandbox.write(".git/index", broken);
        refused(&gate(&sandbox, &["--staged"]), &["error: .: expected a git index"]);
        refused(&gate(&sandbox, &[]), &["error: .: expected a git index"]);
    }
}

#[test]
fn garbled_index_makes_no_run_crash() {
    let sandbox = forged_in_the_index(|sandbox| {
        sandbox.git(["config", "feature.manyFiles", "true"]);
    });
    let whole = index_of(&sandbox);
    for at in (0..whole.len()).step_by(13) {
        let mut garbled = whole.clone();
        garbled[at] ^= 0x81;
        sandbox.write(".git/index", garbled);
        for arguments in [&["--staged"][..], &["--base", "HEAD"]] {
            let run = gate(&sandbox, arguments);
            assert!((0..=2).contains(&run.code), "byte {at}: {}", run.whole());
        }
    }
}

#[test]
fn formats_that_are_not_read_are_refused_by_their_setting() {
    for (option, setting) in [
        ("--object-format=sha256", "extensions.objectFormat = sha256"),
        ("--ref-format=reftable", "extensions.refStorage = reftable"),
    ] {
        let sandbox = Sandbox::new();
        if sandbox.try_git(["init", "-q", "-b", "main", option]).code != 0 {
            skipped(&format!("this git does not know {option}"));
            continue;
        }
        write_crate(&sandbox, "", HONEST);
        sandbox.commit("honest");
        for arguments in [&[][..], &["--staged"], &["--base", "HEAD"], &["--repo", "."]] {
            refused(
                &gate(&sandbox, arguments),
                &["error: .: expected a repository in a format this program reads", setting],
            );
        }
        let run = sandbox.portcullis(["sbom", "generate"]);
        assert!(run.code == 2 && run.stderr.contains(setting), "{}", run.whole());
    }
}

#[test]
fn settings_of_one_work_tree_change_nothing() {
    let sandbox = forged_in_the_index(|sandbox| {
        sandbox.git(["config", "extensions.worktreeConfig", "true"]);
        sandbox.git(["config", "--worktree", "core.sparseCheckout", "false"]);
    });
    staged_is_read(&sandbox);
}

#[test]
fn file_that_is_only_announced_is_not_staged() {
    let sandbox = crate_repository();
    write_crate(&sandbox, "new/", HONEST);
    sandbox.write("new/Cargo.lock", "no lock file");
    sandbox.git(["add", "--intent-to-add", "-A"]);
    let run = gate(&sandbox, &["--staged"]);
    passes(&run);
    assert_eq!(run.report()["summary"]["files"], 2, "{}", run.whole());
    assert_eq!(unread(&gate(&sandbox, &["--base", "HEAD"]))[0].0, "new/Cargo.lock");
    // Announced although it is ignored.
    sandbox.write(".gitignore", "new\n");
    assert_eq!(unread(&gate(&sandbox, &["--base", "HEAD"]))[0].0, "new/Cargo.lock");
}

#[test]
fn lock_file_with_a_conflict_is_undetermined_and_not_removed() {
    let sandbox = crate_repository();
    sandbox.git(["checkout", "-q", "-b", "topic"]);
    sandbox.write("Cargo.lock", lock('b'));
    sandbox.commit("topic");
    sandbox.git(["checkout", "-q", "main"]);
    sandbox.write("Cargo.lock", lock('c'));
    sandbox.commit("main");
    assert_ne!(sandbox.try_git(["merge", "topic"]).code, 0);
    let run = gate(&sandbox, &["--staged"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(unread(&run), [("Cargo.lock".to_owned(), "a merge conflict that is not resolved".to_owned())]);
    assert_eq!(run.report()["summary"]["fail"]["deny"], 0, "{}", run.whole());
    // In the directory the conflict stands in the file itself.
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!(unread(&run), [("Cargo.lock".to_owned(), "a merge conflict marker".to_owned())]);
}
