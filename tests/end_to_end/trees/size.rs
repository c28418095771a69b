//! Large trees and large files.

use super::*;

/// Fills a repository by `git fast-import`.
fn import(sandbox: &Sandbox, stream: &str) {
    git_on(sandbox, sandbox.path(), ["fast-import", "--quiet"], stream.as_bytes());
}

fn blob(mark: u32, contents: &str) -> String {
    format!("blob\nmark :{mark}\ndata {}\n{contents}\n", contents.len())
}

fn commit(changes: &str) -> String {
    format!("commit refs/heads/main\ncommitter A <a@example.com> 1767225600 +0000\ndata 0\n{changes}\n")
}

#[test]
fn tree_of_twenty_thousand_files_is_judged() {
    let sandbox = Sandbox::repository();
    let mut files = String::from("M 100644 :1 Cargo.toml\nM 100644 :2 Cargo.lock\n");
    for number in 0..20_000 {
        files.push_str(&format!("M 100644 :4 src/{}/{}/file{number}.rs\n", number % 40, number % 200));
    }
    let mut stream = blob(1, MANIFEST) + &blob(2, &lock(HONEST)) + &blob(3, &lock(FORGED)) + &blob(4, "");
    stream.push_str(&commit(&files));
    stream.push_str(&commit("M 100644 :3 Cargo.lock\n"));
    import(&sandbox, &stream);
    let run = gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]);
    fails(&run, TAMPERED);
    // What differs is all that is looked at.
    assert_eq!(run.report()["summary"]["files"], 1, "{}", run.whole());
    let run = gate(&sandbox, &["--head", "HEAD"]);
    assert_eq!(run.report()["summary"]["files"], 20_002);
    sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
    sandbox.write("Cargo.lock", lock(FORGED));
    for prepare in [&["status"][..], &["add", "Cargo.lock"]] {
        let mut command = Command::new("git");
        command.args(prepare);
        assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
        let arguments = if prepare == ["status"] { &["--base", "HEAD"][..] } else { &["--staged"] };
        let run = gate(&sandbox, arguments);
        fails(&run, TAMPERED);
        assert_eq!(run.report()["summary"]["files"], 20_002);
    }
}

/// Judges with at most so much memory of its own; `None` where the system sets no such bound.
fn gate_within(sandbox: &Sandbox, mebibytes: u32, arguments: &str) -> Option<Run> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut command = Command::new("sh");
    let script =
        format!("ulimit -d {} && exec '{}' gate --format json {arguments}", mebibytes << 10, binary().display());
    command.args(["-c", &script]);
    Some(sandbox.run(command, sandbox.path()))
}

#[test]
fn large_file_that_nobody_asked_for_is_never_loaded() {
    let sandbox = crate_repository();
    sandbox.write("Cargo.lock", lock('b').replace("1.10.1", "1.10.2"));
    fs::File::create(sandbox.join("large.bin")).unwrap().set_len(300 << 20).unwrap();
    sandbox.git(["config", "core.compression", "1"]);
    sandbox.git(["add", "-A"]);
    for arguments in ["--staged", "--base HEAD", "--base HEAD~1 --head HEAD", ""] {
        if arguments.contains("--head") {
            sandbox.commit("large");
        }
        let Some(run) = gate_within(&sandbox, 100, arguments) else {
            return skipped("memory is bounded by `ulimit -d`, which is of use on Linux only");
        };
        passes(&run);
    }
    sandbox.git(["gc", "-q"]);
    passes(&gate_within(&sandbox, 100, "--base HEAD~1 --head HEAD").unwrap());
    // The bound is one: a file that is asked for does not fit in it.
    sandbox.write("Cargo.lock", " ".repeat(200 << 20));
    assert_ne!(gate_within(&sandbox, 100, "").unwrap().code, 0);
}

#[test]
fn wanted_file_over_the_limit_is_undetermined() {
    let sandbox = crate_repository();
    fs::File::create(sandbox.join("Cargo.lock")).unwrap().set_len((64 << 20) + 1).unwrap();
    let expected = [("Cargo.lock".to_owned(), "more than 64 MiB".to_owned())];
    sandbox.git(["config", "core.compression", "1"]);
    sandbox.git(["add", "-A"]);
    let check = |arguments: &[&str]| {
        let run = gate_within(&sandbox, 100, &arguments.join(" ")).unwrap_or_else(|| gate(&sandbox, arguments));
        assert_eq!((run.code, unread(&run)), (1, expected.to_vec()), "{}", run.whole());
        let report = run.report();
        let gap = report["findings"].as_array().unwrap().iter().find(|finding| finding["state"] == "not-determined");
        assert_eq!(gap.unwrap()["evidence"]["reason"], "too-large");
    };
    check(&[]);
    check(&["--base", "HEAD"]);
    check(&["--staged"]);
    sandbox.commit("large");
    check(&["--head", "HEAD"]);
    check(&["--base", "HEAD~1", "--head", "HEAD"]);
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("Cargo.lock: expected a file of at most 64 MiB, found more than 64 MiB"));
}
