//! Baselines: what was there before does not block, one more of it does.

use std::fs;

use serde_json::Value;

use crate::cargo::{self, package};
use crate::support::{Sandbox, Transcript};

/// A folder with two links that lead out of it, and its snapshot in `base.json`.
fn with_old_findings() -> Sandbox {
    let sandbox = Sandbox::new();
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a').from("registry+http://cargo.example/index")]);
    sandbox.link("etc", "/etc");
    sandbox.link("up", "../up");
    let run = sandbox.portcullis(["baseline", "-o", "base.json"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    sandbox
}

/// Returns rule, subject, state and baseline of what is listed.
fn listed(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] != "not-applicable")
        .map(|finding| {
            let parts = [&finding["rule"], &finding["subject"]["id"], &finding["state"], &finding["baseline"]];
            parts.map(word).join(" ")
        })
        .collect()
}

#[test]
fn old_findings_do_not_block_and_one_more_does() {
    let sandbox = with_old_findings();
    let mut transcript = Transcript::default();
    transcript.note("without a baseline all of them count");
    assert_eq!(transcript.portcullis(&sandbox, ["gate"]).code, 1);
    transcript.note("with one, none of them does");
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--baseline", "base.json"]).code, 0);
    transcript.note("unless asked for");
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--baseline", "base.json", "--all"]).code, 1);
    sandbox.link("var", "/var");
    sandbox.link("etc", "/");
    fs::remove_file(sandbox.join("up")).unwrap();
    transcript.note("one more, one that leads elsewhere, and one that is gone");
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--baseline", "base.json"]).code, 1);
    transcript.keep("baseline/old-and-new");

    let report = |options: &[&str]| {
        let arguments = ["gate", "--baseline", "base.json", "--format", "json"];
        sandbox.portcullis(arguments.into_iter().chain(options.iter().copied())).report()
    };
    let all = [
        "change/insecure-source pkg:cargo/ripple fail unchanged",
        "source/symlink-escape etc fail absent",
        "source/symlink-escape etc fail new",
        "source/symlink-escape up fail absent",
        "source/symlink-escape var fail new",
    ];
    let mut found = listed(&report(&[]));
    found.sort();
    assert_eq!(found, all);
    let mut found = listed(&report(&["--all"]));
    found.sort();
    assert_eq!(found, all);
    assert_eq!(
        listed(&report(&["--new-only"])),
        ["source/symlink-escape etc fail new", "source/symlink-escape var fail new"]
    );
    let whole = report(&[]);
    assert_eq!((&whole["summary"]["unchanged"], &whole["summary"]["absent"]), (&1.into(), &2.into()));
    assert_eq!(whole["summary"]["fail"]["deny"], 2);
    let without = sandbox.portcullis(["gate", "--format", "json"]).report();
    assert!(without["findings"].as_array().unwrap().iter().all(|finding| finding["baseline"].is_null()));
}

#[test]
fn one_more_finding_of_the_same_fingerprint_blocks() {
    let sandbox = Sandbox::new();
    let insecure = "registry+http://cargo.example/index";
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a').from(insecure)]);
    sandbox.portcullis(["baseline", "-o", "base.json"]);
    cargo::project(
        &sandbox,
        &[package("ripple", "1.2.3", 'a').from(insecure), package("ripple", "1.2.4", 'b').from(insecure)],
    );
    let run = sandbox.portcullis(["gate", "--baseline", "base.json", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    let report = run.report();
    let of_rule: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "change/insecure-source").collect();
    assert_eq!(of_rule.len(), 2);
    assert_eq!(of_rule[0]["fingerprint"], of_rule[1]["fingerprint"]);
    let mut states: Vec<&str> = of_rule.iter().map(|finding| finding["baseline"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["new", "unchanged"]);
    // The same lines in another order, with others around them, are the same findings.
    cargo::project(&sandbox, &[package("tarn", "0.4.0", 'b'), package("ripple", "1.2.3", 'a').from(insecure)]);
    let run = sandbox.portcullis(["gate", "--baseline", "base.json", "--policy", "recommended", "--format", "json"]);
    assert_eq!(listed(&run.report())[0], "change/insecure-source pkg:cargo/ripple fail unchanged", "{}", run.whole());
}

#[test]
fn changes_are_judged_against_a_snapshot_as_against_a_revision() {
    let sandbox =
        cargo::committed(&[package("ripple", "1.2.3", 'a')], Some("[rules]\n\"change/downgrade\" = \"deny\"\n"));
    sandbox.portcullis(["baseline", "-o", ".git/base.json"]);
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'c')]);
    sandbox.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"allow\"\n");
    let mut transcript = Transcript::default();
    transcript.note("a snapshot holds no policy: the one of the tree judges, and is not compared");
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--baseline", ".git/base.json"]).code, 1);
    transcript.keep("baseline/changes");
    let report = sandbox.portcullis(["gate", "--baseline", ".git/base.json", "--format", "json"]).report();
    let weakened: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "policy/weakened").collect();
    assert_eq!(weakened.len(), 1);
    assert_eq!(weakened[0]["state"], "not-applicable");
    assert_eq!(report["inputs"][1]["kind"], "snapshot");
    let mut sum = std::process::Command::new("sha256sum");
    sum.arg(".git/base.json");
    let sum = sandbox.run(sum, sandbox.path()).stdout;
    assert_eq!(report["inputs"][1]["digest"], format!("sha256:{}", sum.split(' ').next().unwrap()).as_str());
}

#[test]
fn a_snapshot_of_a_revision_is_that_of_its_checkout() {
    let sandbox = cargo::committed(&[package("ripple", "1.2.3", 'a')], None);
    sandbox.link("etc", "/etc");
    sandbox.commit("second");
    for (file, options) in [("dir.json", &[][..]), ("head.json", &["--head", "HEAD"])] {
        let at = format!(".git/{file}");
        let run = sandbox.portcullis(["baseline", "-o", &at].into_iter().chain(options.iter().copied()));
        assert_eq!(run.code, 0, "{}", run.whole());
    }
    let read = |file: &str| fs::read_to_string(sandbox.join(".git").join(file)).unwrap();
    assert_eq!(read("dir.json"), read("head.json"));
    let run = sandbox.portcullis(["gate", "--repo", ".git", "--head", "HEAD", "--baseline", ".git/dir.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
}

#[test]
fn a_snapshot_that_is_none_is_an_error() {
    let sandbox = with_old_findings();
    let sound = fs::read_to_string(sandbox.join("base.json")).unwrap();
    let mut transcript = Transcript::default();
    let mut refused = |what: &str, bytes: &[u8]| {
        transcript.note(what);
        sandbox.write("bad.json", bytes);
        let run = transcript.portcullis(&sandbox, ["gate", "--baseline", "bad.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what}");
        assert!(!run.stderr.chars().any(|c| c.is_control() && c != '\n'), "{what}: {}", run.whole());
    };
    let with = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}: {sound}");
        sound.replacen(from, to, 1)
    };
    refused("nothing", b"");
    refused("other JSON", b"{\"findings\": []}");
    refused("a list", b"[]");
    refused("cut off in the middle", &sound.as_bytes()[..sound.len() / 2]);
    refused("something behind it", format!("{sound}{{}}").as_bytes());
    refused("not UTF-8", b"{\"portcullis_snapshot\": \"\xff\"}");
    refused("a version to come", with("\"portcullis_snapshot\": 1", "\"portcullis_snapshot\": 2").as_bytes());
    refused("no version", with("\"portcullis_snapshot\": 1,", "").as_bytes());
    refused(
        "a version that is a word",
        with("\"portcullis_snapshot\": 1", "\"portcullis_snapshot\": \"one\"").as_bytes(),
    );
    refused("an unknown field", with("\"evidence\": {", "\"evidence\": { \"extra\": 1,").as_bytes());
    refused("an unknown field of a component", with("\"purl\":", "\"color\": \"blue\", \"purl\":").as_bytes());
    refused(
        "an unknown field of a source",
        with("\"kind\": \"registry\",", "\"kind\": \"registry\", \"color\": 1,").as_bytes(),
    );
    refused("an unknown field of a place", with("\"line\":", "\"color\": 1, \"line\":").as_bytes());
    refused("a field twice", with("\"purl\":", "\"purl\": \"pkg:cargo/a\", \"purl\":").as_bytes());
    refused("a field is missing", with("\"links\":", "\"lynx\":").as_bytes());
    refused(
        "a control character in a link's target",
        with("\"target\": \"/etc\"", "\"target\": \"/etc\\u001b[31m\"").as_bytes(),
    );
    refused(
        "an invisible character in a link's target",
        with("\"target\": \"/etc\"", "\"target\": \"/e\\u202etc\"").as_bytes(),
    );
    refused("a path that leaves the tree", with("\"path\": \"etc\"", "\"path\": \"../etc\"").as_bytes());
    refused("a path with a control character", with("\"path\": \"etc\"", "\"path\": \"e/\\u001b/../tc\"").as_bytes());
    refused("an absolute path", with("\"path\": \"etc\"", "\"path\": \"/etc\"").as_bytes());
    refused("a line before the first", with("\"line\": 4,", "\"line\": 0,").as_bytes());
    refused("a line too far", with("\"line\": 4,", "\"line\": 99999999999,").as_bytes());
    refused("a component that needs what is not there", with("\"needs\": []", "\"needs\": [4711]").as_bytes());
    refused("nested 10,000 deep", format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes());
    refused("a string with an escape sequence", b"\"\x1b[31m\"");
    let run = transcript.portcullis(&sandbox, ["gate", "--baseline", "no.json"]);
    assert_eq!(run.code, 2);
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--baseline", "src"]).code, 2);
    transcript.keep("baseline/no-snapshot");
}

#[test]
fn the_names_in_a_snapshot_are_neutral_in_the_report() {
    let sandbox = with_old_findings();
    let sound = fs::read_to_string(sandbox.join("base.json")).unwrap();
    sandbox
        .write("bad.json", sound.replace("\"name\": \"ripple\"", "\"name\": \"rip\\u001b[31m\\u202e::error\\nple\""));
    let run = sandbox.portcullis(["gate", "--baseline", "bad.json"]);
    assert!(!run.stdout.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{}", run.whole());
    assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", run.whole());
}
