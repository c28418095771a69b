//! Symbolic links, and recognised names that are no regular files.

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

/// Judges one tree as the index before the first commit, as a directory, as a revision, and outside of git.
fn everywhere(build: impl FnOnce(&Sandbox)) -> Vec<(&'static str, Run)> {
    let sandbox = Sandbox::repository();
    build(&sandbox);
    sandbox.git(["add", "-A", "-f"]);
    let staged = gate(&sandbox, &["--staged"]);
    sandbox.commit("all");
    let directory = gate(&sandbox, &[]);
    let revision = gate(&sandbox, &["--head", "HEAD"]);
    fs::remove_dir_all(sandbox.join(".git")).unwrap();
    vec![("index", staged), ("directory", directory), ("revision", revision), ("outside of git", gate(&sandbox, &[]))]
}

/// The subjects of a rule's failures.
fn subjects(run: &Run, rule: &str) -> Vec<String> {
    let report = run.report();
    let failed = report["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] == "fail");
    failed
        .filter(|finding| finding["rule"] == rule)
        .map(|finding| finding["subject"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn links_inside_pass_and_links_that_leave_are_denied() {
    let inside = [
        ("plain", "docs/page"),
        ("docs/up", "../docs/./page"),
        ("docs/a/far", "../../docs/a/../page"),
        ("folder", "docs"),
        ("through", "folder/a/../page"),
        ("twice", "through"),
        ("dangling", "docs/nothing"),
        ("to-root", "."),
        ("docs/to-root", ".."),
        ("gitignore", ".gitignore"),
        ("odd", "docs//page"),
    ];
    let leaving = [
        ("absolute", "/etc/passwd"),
        ("root", "/"),
        ("climbing", "../outside"),
        ("docs/climbing", "../../outside"),
        // Through a link of the tree, from where it leads: `docs/a` has one folder above it less than it seems.
        ("by-a-link", "short/../../.."),
        ("by-a-folder", "nothing/../../outside"),
        ("chained", "absolute"),
        ("into", "leap/passwd"),
        ("git", ".git/config"),
        ("docs/git", "../.git"),
        ("by-case", "docs/../.GIT/hooks"),
        ("submodule-git", "docs/.git/config"),
    ];
    let runs = everywhere(|sandbox| {
        write_crate(sandbox, "", HONEST);
        sandbox.write("docs/page", "text");
        sandbox.write("docs/a/page", "text");
        sandbox.write(".gitignore", "");
        sandbox.link("short", "docs/a");
        sandbox.link("leap", "/etc");
        for (path, target) in inside.iter().chain(&leaving) {
            sandbox.link(path, target);
        }
    });
    let mut expected: Vec<&str> = leaving.iter().map(|(path, _)| *path).chain(["leap"]).collect();
    expected.sort_unstable();
    for (tree, run) in runs {
        assert_eq!(run.code, 1, "{tree}: {}", run.whole());
        let mut found = subjects(&run, "source/symlink-escape");
        found.sort();
        assert_eq!(found, expected, "{tree}");
        assert_eq!(unread(&run), [], "{tree}");
    }
}

#[test]
fn links_in_a_circle_are_undetermined() {
    let runs = everywhere(|sandbox| {
        write_crate(sandbox, "", HONEST);
        sandbox.link("itself", "itself");
        sandbox.link("a", "b");
        sandbox.link("b", "a");
        for number in 0..50 {
            sandbox.link(&format!("chain/{number}"), &format!("{}", number + 1));
        }
        sandbox.write("chain/50", "");
    });
    for (tree, run) in runs {
        assert_eq!(run.code, 1, "{tree}: {}", run.whole());
        assert_eq!(subjects(&run, "source/symlink-escape"), Vec::<String>::new(), "{tree}");
        let paths: Vec<String> = unread(&run).into_iter().map(|(path, _)| path).collect();
        let far = (0..10).map(|number| format!("chain/{number}"));
        let mut expected: Vec<String> = far.chain(["a", "b", "itself"].map(str::to_owned)).collect();
        expected.sort();
        assert_eq!(paths, expected, "{tree}: more than forty links are a circle to Linux");
    }
}

#[test]
fn recognised_name_that_leads_nowhere_useful_is_undetermined() {
    let cases = [
        ("absolute/Cargo.lock", "/etc/passwd", "a link out of the tree, `/etc/passwd`"),
        ("climbing/Cargo.lock", "../../Cargo.lock", "a link out of the tree, `../../Cargo.lock`"),
        ("git/Cargo.lock", "../.git/config", "a link out of the tree, `../.git/config`"),
        ("nothing/Cargo.lock", "nothing", "a link to nothing, `nothing`"),
        ("itself/Cargo.lock", "Cargo.lock", "a circle through `Cargo.lock`"),
        ("folder/Cargo.lock", "..", "a link to `..`, which is none"),
        ("manifest/Cargo.toml", "/dev/zero", "a link out of the tree, `/dev/zero`"),
    ];
    let runs = everywhere(|sandbox| {
        write_crate(sandbox, "", HONEST);
        for (path, target, _) in cases {
            sandbox.link(path, target);
        }
    });
    for (tree, run) in runs {
        assert_eq!(run.code, 1, "{tree}: {}", run.whole());
        let found = unread(&run);
        for (path, _, what) in cases {
            assert!(found.contains(&(path.to_owned(), what.to_owned())), "{tree}: {path}: {found:?}");
        }
        assert!(!run.whole().contains("root:x:"), "{tree}: nothing outside is read");
    }
}

#[test]
fn recognised_name_is_read_through_links_of_the_tree() {
    let runs = everywhere(|sandbox| {
        write_crate(sandbox, "real/", HONEST);
        // To the same name: read once, there.
        sandbox.link("same/Cargo.lock", "../real/Cargo.lock");
        sandbox.link("same/Cargo.toml", "../real/Cargo.toml");
        // To another name, by another link.
        sandbox.write("other/locked", lock(HONEST));
        sandbox.link("other/step", "locked");
        sandbox.link("other/Cargo.lock", "step");
        // To a folder that is passed over, and to the name of another format.
        sandbox.write("over/target/Cargo.lock", lock(HONEST));
        sandbox.link("over/Cargo.lock", "target/Cargo.lock");
        sandbox.link("crossed/Cargo.lock", "../real/Cargo.toml");
    });
    for (tree, run) in runs {
        let report = run.report();
        assert_eq!(report["summary"]["components"], 6, "{tree}: {}", run.whole());
        let paths: Vec<String> = unread(&run).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["crossed/Cargo.lock"], "{tree}: a manifest is no lock file");
        assert_eq!(run.code, 1, "{tree}");
    }
}

#[test]
fn change_behind_a_link_is_seen() {
    // An honest link is there before; then the file it leads to changes, which bears no name that is recognised.
    for (link, target, file) in [
        ("Cargo.lock", "locked", "locked"),
        ("Cargo.lock", "far/below/locked", "far/below/locked"),
        ("Cargo.lock", "step", "locked"),
    ] {
        let sandbox = Sandbox::repository();
        sandbox.write("Cargo.toml", MANIFEST);
        sandbox.write(file, lock(HONEST));
        if target == "step" {
            sandbox.link("step", file);
        }
        sandbox.link(link, target);
        sandbox.commit("linked");
        sandbox.write(file, lock(FORGED));
        fails(&gate(&sandbox, &["--base", "HEAD"]), TAMPERED);
        sandbox.git(["add", "-A"]);
        fails(&gate(&sandbox, &["--staged"]), TAMPERED);
        sandbox.commit("forged");
        fails(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]), TAMPERED);
        // And where the link is turned to another file that was there all the time.
        sandbox.write("evil", lock('e'));
        sandbox.commit("evil");
        sandbox.link(link, "evil");
        sandbox.commit("turned");
        fails(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]), TAMPERED);
    }
}

#[test]
fn link_to_where_a_comparison_does_not_look_is_undetermined() {
    let sandbox = Sandbox::repository();
    write_crate(&sandbox, "a/", HONEST);
    sandbox.write("b/locked", lock(HONEST));
    sandbox.commit("plain");
    // The contents are the same, but what becomes of them later would go unseen.
    sandbox.link("a/Cargo.lock", "../b/locked");
    sandbox.commit("linked");
    let run = gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(unread(&run)[0].1, "a link to `../b/locked`, whose changes a comparison would not see");
    // Where everything is looked at, it is just read.
    passes(&gate(&sandbox, &[]));
    passes(&gate(&sandbox, &["--base", "HEAD~1"]));
    sandbox.write("b/locked", lock(FORGED));
    fails(&gate(&sandbox, &["--base", "HEAD"]), TAMPERED);
}

#[test]
fn recognised_name_that_is_no_file_is_undetermined() {
    let sandbox = crate_repository();
    sandbox.write("folder/Cargo.lock/inside", "");
    sandbox.write("empty/Cargo.toml/inside", "");
    sandbox.remove("empty/Cargo.toml/inside");
    fs::create_dir_all(sandbox.join("fifo")).unwrap();
    mknodat(CWD, sandbox.join("fifo/Cargo.lock"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    fs::create_dir_all(sandbox.join("s")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(sandbox.join("s/Cargo.lock")).unwrap();
    let expected = [
        ("empty/Cargo.toml", "a folder"),
        ("fifo/Cargo.lock", "a FIFO"),
        ("folder/Cargo.lock", "a folder"),
        ("s/Cargo.lock", "a socket"),
    ];
    let expected = expected.map(|(path, what)| (path.to_owned(), what.to_owned()));
    for arguments in [&[][..], &["--base", "HEAD"]] {
        let run = gate(&sandbox, arguments);
        assert_eq!((run.code, unread(&run)), (1, expected.to_vec()), "{}", run.whole());
    }
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 1);
    for (path, what) in &expected {
        assert!(run.stderr.contains(&format!("{path}: expected a regular file, found {what}")), "{}", run.stderr);
    }
    drop(socket);
    // Of these, git holds the folder with a file in it.
    sandbox.git(["add", "folder"]);
    let folder = [expected[2].clone()];
    assert_eq!(unread(&gate(&sandbox, &["--staged"])), folder);
    sandbox.git(["commit", "-q", "-m", "folder"]);
    assert_eq!(unread(&gate(&sandbox, &["--head", "HEAD"])), folder);
    assert_eq!(unread(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"])), folder);
}

#[test]
fn file_that_became_a_fifo_or_a_folder_after_it_was_tracked_is_undetermined() {
    let sandbox = crate_repository();
    sandbox.remove("Cargo.lock");
    mknodat(CWD, sandbox.join("Cargo.lock"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!((run.code, unread(&run)), (1, vec![("Cargo.lock".to_owned(), "a FIFO".to_owned())]));
    sandbox.remove("Cargo.lock");
    sandbox.write("Cargo.lock/inside", "");
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!((run.code, unread(&run)), (1, vec![("Cargo.lock".to_owned(), "a folder".to_owned())]));
}

#[test]
fn file_and_folder_without_permission_are_undetermined() {
    let sandbox = crate_repository();
    write_crate(&sandbox, "file/", HONEST);
    write_crate(&sandbox, "folder/", HONEST);
    sandbox.commit("three crates");
    sandbox.mode("file/Cargo.lock", 0o000);
    sandbox.mode("folder", 0o000);
    let runs = [&[][..], &["--base", "HEAD"]].map(|arguments| gate_as_nobody(&sandbox, arguments));
    let closed = gate_as_nobody(&sandbox, &["folder"]);
    sandbox.mode("folder", 0o755);
    sandbox.mode("file/Cargo.lock", 0o644);
    for run in runs {
        assert_eq!(run.code, 1, "{}", run.whole());
        for path in ["file/Cargo.lock", "folder"] {
            assert!(unread(&run).contains(&(path.to_owned(), "no permission".to_owned())), "{}", run.whole());
        }
    }
    refused(&closed, &["error: folder: expected a readable directory, found no permission"]);
}
