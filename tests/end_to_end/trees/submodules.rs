//! Repositories inside a repository: known, and not entered.

use super::*;

/// A repository with the submodule `module`, in which a file stands that cannot be read.
fn with_submodule() -> (Sandbox, Sandbox) {
    let module = Sandbox::repository();
    module.write("Cargo.lock", "no lock file");
    module.link("escape", "/etc/passwd");
    module.commit("broken");
    let sandbox = crate_repository();
    let url = address(&module, ".");
    sandbox.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "module"]);
    (sandbox, module)
}

/// What a snapshot says of submodules, and of the folders passed over.
fn snapshot(sandbox: &Sandbox, arguments: &[&str]) -> (serde_json::Value, serde_json::Value) {
    let run = sandbox.portcullis([&["baseline", "-o", ".git/snapshot"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.whole());
    let text = fs::read_to_string(sandbox.join(".git/snapshot")).unwrap();
    let snapshot: serde_json::Value = serde_json::from_str(&text).unwrap();
    let evidence = snapshot.get("evidence").unwrap_or(&snapshot).clone();
    (evidence["submodules"].clone(), evidence["census"]["skipped_folders"].clone())
}

#[test]
fn submodule_is_recorded_and_not_entered() {
    let (sandbox, module) = with_submodule();
    passes(&gate(&sandbox, &[]));
    passes(&gate(&sandbox, &["--staged"]));
    sandbox.git(["commit", "-q", "-m", "submodule"]);
    passes(&gate(&sandbox, &["--base", "HEAD~1"]));
    passes(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]));
    let commit = module.git(["rev-parse", "HEAD"]);
    let expected = serde_json::json!([{ "path": "module", "commit": commit.trim_end() }]);
    for arguments in [&[][..], &["--head", "HEAD"]] {
        assert_eq!(snapshot(&sandbox, arguments).0, expected, "{arguments:?}");
    }
    // Entered by those who ask for it.
    let run = gate(&sandbox, &["module"]);
    assert_eq!((run.code, unread(&run)[0].0.as_str()), (1, "Cargo.lock"), "{}", run.whole());
    // Not checked out it is the same.
    sandbox.git(["submodule", "--quiet", "deinit", "-f", "module"]);
    passes(&gate(&sandbox, &[]));
    assert_eq!(snapshot(&sandbox, &[]).0, expected);
}

#[test]
fn submodule_that_became_a_folder_is_looked_into() {
    let (sandbox, _module) = with_submodule();
    sandbox.git(["commit", "-q", "-m", "submodule"]);
    sandbox.git(["rm", "-q", "--cached", "module"]);
    fs::remove_file(sandbox.join("module/.git")).unwrap();
    sandbox.git(["add", "module"]);
    let expected = [("module/Cargo.lock", "source/symlink-escape")];
    for arguments in [&["--staged"][..], &["--base", "HEAD"]] {
        let run = gate(&sandbox, arguments);
        assert_eq!(unread(&run)[0].0, expected[0].0, "{}", run.whole());
        assert!(denied(&run).contains(&expected[0].1.to_owned()), "{}", run.whole());
    }
}

#[test]
fn untracked_repository_is_counted_and_not_entered() {
    let sandbox = crate_repository();
    for folder in ["nested", "deep/nested"] {
        sandbox.git(["init", "-q", folder]);
        sandbox.write(format!("{folder}/Cargo.lock"), "no lock file");
        sandbox.link(&format!("{folder}/escape"), "/etc/passwd");
    }
    let run = gate(&sandbox, &[]);
    passes(&run);
    assert_eq!(run.report()["summary"]["skipped_folders"], 2, "{}", run.whole());
    assert_eq!(snapshot(&sandbox, &[]).1, serde_json::json!(["deep/nested", "nested"]));
    let human = sandbox.portcullis(["gate"]);
    assert!(human.stdout.contains("2 skipped folders"), "{}", human.whole());
}

#[test]
fn git_folder_that_is_none_hides_nothing() {
    let sandbox = crate_repository();
    sandbox.write("empty/.git/description", "");
    sandbox.write("empty/Cargo.lock", "no lock file");
    sandbox.write("file/.git", "not a repository");
    sandbox.write("file/Cargo.lock", "no lock file");
    let seen = sandbox.git(["ls-files", "-o", "--exclude-standard"]);
    assert!(seen.contains("empty/Cargo.lock"), "{seen}");
    let run = gate(&sandbox, &["--base", "HEAD"]);
    let paths: Vec<String> = unread(&run).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["empty/Cargo.lock", "file/Cargo.lock"], "{}", run.whole());
}

#[test]
fn repository_in_a_folder_with_tracked_files_hides_nothing() {
    let sandbox = crate_repository();
    write_crate(&sandbox, "vendor/bytes/", HONEST);
    sandbox.commit("vendored");
    sandbox.git(["init", "-q", "vendor/bytes"]);
    sandbox.write("vendor/bytes/Cargo.lock", lock(FORGED));
    assert!(sandbox.git(["status", "--short"]).contains("vendor/bytes/Cargo.lock"));
    fails(&gate(&sandbox, &["--base", "HEAD"]), TAMPERED);
}
