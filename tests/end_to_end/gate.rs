//! A repository owner has every change judged, and the build fails on what is wrong with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::Value;

use crate::lock_files::{FORMATS, Format, Package, package};
use crate::support::{Run, Sandbox, binary, compare_with_file, project};

fn honest() -> [Package; 2] {
    [package("ripple", "1.2.3", 0xaa), package("weir", "2.0.0", 0xbb)]
}

/// The second package's digest is not that of the honest one.
fn forged() -> [Package; 2] {
    [package("ripple", "1.2.3", 0xaa), package("weir", "2.0.0", 0xee)]
}

fn updated() -> [Package; 2] {
    [package("ripple", "1.2.3", 0xaa), package("weir", "2.1.0", 0xcc)]
}

/// A repository in which a project of a format goes from one state to another.
fn change(format: &Format, before: &[Package], after: &[Package]) -> Sandbox {
    let sandbox = Sandbox::repository();
    format.lay(&sandbox, before);
    sandbox.commit("before");
    format.lay(&sandbox, after);
    sandbox.commit("after");
    sandbox
}

fn cargo(before: &[Package], after: &[Package]) -> Sandbox {
    change(&FORMATS[0], before, after)
}

fn gate(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.portcullis(["gate", "--format", "json"].into_iter().chain(arguments.iter().copied()))
}

/// What counts against a change: rule, level and state of each new finding that is not allowed.
#[track_caller]
fn counted(run: &Run) -> Vec<String> {
    let report = run.report();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["state"] == "fail" || it["state"] == "not-determined")
        .filter(|it| it["level"] != "allow" && (it["baseline"] == "new" || it["baseline"].is_null()))
        .map(|it| format!("{} {} {}", text(&it["level"]), text(&it["rule"]), text(&it["state"])))
        .collect()
}

const TAMPERED: &str = "deny change/same-version-new-digest fail";

#[test]
fn a_digest_that_changed_alone_fails_in_every_format() {
    for format in &FORMATS {
        let sandbox = change(format, &honest(), &forged());
        let run = gate(&sandbox, &["--base", "HEAD~1"]);
        assert_eq!((run.code, counted(&run)), (1, vec![TAMPERED.to_owned()]), "{}: {}", format.name, run.whole());
        let report = run.report();
        let finding = report["findings"].as_array().unwrap().iter().find(|it| it["state"] == "fail").unwrap();
        let [was, found] = [&honest()[1], &forged()[1]].map(|package| format.digest(package));
        let bare = found.trim_start_matches("sha256:").trim_start_matches("sha512:");
        let text = format.lock(&forged());
        let line = text.lines().position(|line| line.contains(bare)).unwrap() + 1;
        assert_eq!(finding["location"]["path"], format.path());
        assert_eq!(finding["location"]["line"], line, "{}", format.name);
        assert_eq!((&finding["evidence"]["was"], &finding["evidence"]["found"]), (&was.into(), &found.into()));
        assert_eq!(finding["help"], "restore the old digest, or find out who published the new one and why");
        assert_eq!(finding["subject"]["id"], format!("pkg:{}/weir@2.0.0", format.purl_type()));
        assert_eq!(report["verdict"], "fail");
    }
}

#[test]
fn a_digest_that_changed_alone_is_shown_where_it_stands() {
    let mut shown = String::new();
    for format in &FORMATS {
        let sandbox = change(format, &honest(), &forged());
        let run = sandbox.portcullis(["gate", "--base", "HEAD~1"]);
        shown.push_str(&format!("# {}\n{}", format.name, run.whole()));
    }
    compare_with_file(&project().join("tests/snapshots/gate-digest-changed.txt"), &shown);
}

#[test]
fn a_version_update_passes_in_every_format() {
    for format in &FORMATS {
        for (before, after) in [(honest(), updated()), (updated(), honest())] {
            let sandbox = change(format, &before, &after);
            let run = gate(&sandbox, &["--base", "HEAD~1"]);
            // Back is a downgrade, which is no more than a warning.
            let is_back = after[1].version == "2.0.0";
            let expected = if is_back { vec!["warn change/downgrade fail".to_owned()] } else { Vec::new() };
            assert_eq!((run.code, counted(&run)), (0, expected), "{}: {}", format.name, run.whole());
            assert!(run.report()["summary"]["components"].as_u64().unwrap() >= 2, "{}", format.name);
        }
    }
}

#[test]
fn a_change_is_judged_wherever_it_stands() {
    let sandbox = cargo(&honest(), &honest());
    // In the directory, then staged, then committed.
    FORMATS[0].lay(&sandbox, &forged());
    for (arguments, expected) in
        [(&["--base", "HEAD"][..], 1), (&["--staged"], 0), (&["--base", "HEAD", "--head", "HEAD"], 0)]
    {
        assert_eq!(gate(&sandbox, arguments).code, expected, "{arguments:?}");
    }
    sandbox.git(["add", "-A"]);
    FORMATS[0].lay(&sandbox, &honest());
    for (arguments, expected) in
        [(&["--base", "HEAD"][..], 0), (&["--staged"], 1), (&["--base", "HEAD", "--head", "HEAD"], 0)]
    {
        assert_eq!(gate(&sandbox, arguments).code, expected, "{arguments:?}");
    }
    sandbox.git(["commit", "-q", "-m", "forged"]);
    for (arguments, expected) in [
        (&["--base", "HEAD~1"][..], 0),
        (&["--base", "HEAD"], 1),
        (&["--base", "HEAD~1", "--head", "HEAD"], 1),
        (&["--base", "HEAD", "--head", "HEAD~1"], 0),
    ] {
        let run = gate(&sandbox, arguments);
        assert_eq!(run.code, expected, "{arguments:?}: {}", run.whole());
        if expected == 1 {
            assert_eq!(counted(&run), [TAMPERED], "{arguments:?}");
        }
    }
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let sandbox = Sandbox::repository();
    FORMATS[0].lay(&sandbox, &honest());
    sandbox.link("leak", "/etc/passwd");
    sandbox.git(["add", "-A"]);
    let run = gate(&sandbox, &["--staged"]);
    let expected = ["warn change/untrusted-registry fail", "deny source/symlink-escape fail"];
    assert_eq!((run.code, counted(&run)), (1, expected.map(str::to_owned).to_vec()), "{}", run.whole());
    sandbox.remove("leak");
    sandbox.git(["add", "-A"]);
    assert_eq!(gate(&sandbox, &["--staged"]).code, 0);
}

/// The branch weakens the policy and forges a digest; meanwhile main gets a stricter policy and an update.
fn main_that_moved_on() -> Sandbox {
    let cargo = &FORMATS[0];
    let sandbox = Sandbox::repository();
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n");
    cargo.lay(&sandbox, &honest());
    sandbox.commit("start");
    sandbox.git(["checkout", "-q", "-b", "branch"]);
    sandbox.write(
        "portcullis.toml",
        "extends = [\"builtin:recommended\"]\n\n[rules]\n\"change/same-version-new-digest\" = \"allow\"\n",
    );
    cargo.lay(&sandbox, &[package("ripple", "1.2.2", 0xa9), package("weir", "2.0.0", 0xee)]);
    sandbox.commit("tamper");
    sandbox.git(["checkout", "-q", "main"]);
    sandbox
        .write("portcullis.toml", "extends = [\"builtin:recommended\"]\n\n[rules]\n\"change/downgrade\" = \"deny\"\n");
    FORMATS[1].lay(&sandbox, &honest());
    cargo.lay(&sandbox, &[package("ripple", "1.3.0", 0xad), package("weir", "2.1.0", 0xbc)]);
    sandbox.commit("move on");
    sandbox.git(["checkout", "-q", "branch"]);
    sandbox
}

#[test]
fn a_branch_is_judged_by_what_it_changed_under_the_policy_that_main_has_today() {
    let sandbox = main_that_moved_on();
    let run = gate(&sandbox, &["--base", "main"]);
    let expected = ["deny change/downgrade fail", TAMPERED, "deny policy/weakened fail"];
    assert_eq!((run.code, counted(&run)), (1, expected.map(str::to_owned).to_vec()), "{}", run.whole());
    let report = run.report();
    let merge_base = sandbox.git(["merge-base", "main", "branch"]);
    assert_eq!(report["inputs"][1]["name"], "the merge base of main");
    assert_eq!(report["inputs"][1]["digest"], merge_base.trim());
    assert_eq!(report["policy"]["origin"], "base");
    let downgrade = report["findings"].as_array().unwrap().iter().find(|it| it["rule"] == "change/downgrade").unwrap();
    assert_eq!(downgrade["evidence"]["was"], "1.2.3", "as it was where the branch began");
}

#[test]
fn a_weaker_policy_is_accepted_by_its_digest_alone() {
    let sandbox = Sandbox::repository();
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n");
    sandbox.commit("start");
    sandbox
        .write("portcullis.toml", "extends = [\"builtin:recommended\"]\n\n[rules]\n\"change/downgrade\" = \"allow\"\n");
    sandbox.commit("weaker");
    let run = gate(&sandbox, &["--base", "HEAD~1"]);
    assert_eq!((run.code, counted(&run)), (1, vec!["deny policy/weakened fail".to_owned()]), "{}", run.whole());
    let report = run.report();
    let finding = report["findings"].as_array().unwrap().iter().find(|it| it["state"] == "fail").unwrap().clone();
    let digest = finding["evidence"]["digest"].as_str().unwrap().to_owned();
    assert!(finding["help"].as_str().unwrap().ends_with(&format!("--accept-policy {digest}")), "{finding}");
    let accepted = gate(&sandbox, &["--base", "HEAD~1", "--accept-policy", &digest]);
    assert_eq!((accepted.code, counted(&accepted)), (0, vec!["warn policy/weakened fail".to_owned()]));
    let other = format!("sha256:{}", "0".repeat(64));
    assert_eq!(gate(&sandbox, &["--base", "HEAD~1", "--accept-policy", &other]).code, 1);
}

/// Every path below a folder, with what changes when somebody writes.
fn listing(folder: &Path, out: &mut BTreeMap<PathBuf, (u64, SystemTime)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        if metadata.is_dir() {
            listing(&path, out);
        }
        out.insert(path, (metadata.len(), metadata.modified().unwrap()));
    }
}

#[test]
fn runs_are_alike_and_leave_the_repository_as_it_was() {
    let sandbox = main_that_moved_on();
    // The index is older than the work tree, as after an editor has saved: git itself would refresh it.
    FORMATS[0].lay(&sandbox, &forged());
    let mut before = BTreeMap::new();
    listing(sandbox.path(), &mut before);
    for arguments in [
        &["gate"][..],
        &["gate", "--base", "main"],
        &["gate", "--base", "main", "--format", "json"],
        &["gate", "--staged"],
        &["changes"],
        &["changes", "main..branch", "--format", "json"],
        &["sbom", "generate"],
    ] {
        let run = |(): ()| {
            let run = sandbox.portcullis(arguments.iter().copied());
            assert!(run.code == 0 || run.code == 1, "{}", run.whole());
            run.whole()
        };
        assert_eq!(run(()), run(()), "{arguments:?}");
        let mut after = BTreeMap::new();
        listing(sandbox.path(), &mut after);
        assert_eq!(before, after, "{arguments:?}");
    }
}

#[test]
fn several_reports_come_from_one_run_and_state_the_time_that_was_given() {
    let sandbox = cargo(&honest(), &forged());
    let reports = Sandbox::new();
    let folder = reports.path().to_str().unwrap();
    let mut command = Command::new(binary());
    command.args(["gate", "--base", "HEAD~1", "--format", "json"]);
    for (format, file) in [("human", "report.txt"), ("json", "report.json")] {
        command.args(["--format", &format!("{format}={folder}/{file}")]);
    }
    command.env("SOURCE_DATE_EPOCH", "1700000000").env("NO_COLOR", "1");
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(run.report()["at"], "2023-11-14T22:13:20Z");
    assert_eq!(fs::read_to_string(reports.join("report.json")).unwrap(), run.stdout);
    let human = fs::read_to_string(reports.join("report.txt")).unwrap();
    assert_eq!(human, sandbox.portcullis(["gate", "--base", "HEAD~1"]).stdout);
    assert!(!human.contains('\u{1b}'));
    assert_eq!(gate(&sandbox, &["--base", "HEAD~1"]).report()["at"], Value::Null);
}

#[test]
fn an_entry_that_could_not_be_read_before_either_stops_nothing_until_it_changes() {
    for format in FORMATS.iter().filter(|it| matches!(it.name, "npm" | "shrinkwrap" | "pnpm" | "pnpm-6" | "yarn-berry"))
    {
        let broken = |packages: &[Package], digest: &str| {
            let whole = format.digest(&packages[0]);
            let written = whole.trim_start_matches("sha512:");
            let text = format.lock(packages);
            assert!(text.contains(written), "{}: {text}", format.name);
            text.replace(written, digest)
        };
        let sandbox = Sandbox::repository();
        format.lay(&sandbox, &honest());
        sandbox.write(format.path(), broken(&honest(), "sha512-none"));
        sandbox.commit("before");
        format.lay(&sandbox, &updated());
        sandbox.write(format.path(), broken(&updated(), "sha512-none"));
        let run = gate(&sandbox, &["--base", "HEAD"]);
        assert_eq!((run.code, counted(&run)), (0, Vec::new()), "{}: {}", format.name, run.whole());
        // It is said all the same, as what was so before.
        let findings = run.report()["findings"].clone();
        let old = findings.as_array().unwrap().iter().filter(|it| it["baseline"] == "unchanged").count();
        assert!(old > 0, "{}: {}", format.name, run.whole());

        sandbox.write(format.path(), broken(&updated(), "sha512-nothing"));
        let run = gate(&sandbox, &["--base", "HEAD"]);
        let counted = counted(&run);
        assert_eq!(run.code, 1, "{}: {}", format.name, run.whole());
        assert!(
            counted.contains(&"deny change/same-version-new-digest not-determined".to_owned()),
            "{}: {counted:?}",
            format.name
        );
    }
}
