//! Waivers: what they excuse, for how long, and how one is written.

use serde_json::Value;

use crate::cargo::{self, package};
use crate::support::{Sandbox, Transcript};

/// A policy with one waiver.
fn policy(rule: &str, what: &str, expires: &str) -> String {
    format!(
        "[[waiver]]\nrule = \"{rule}\"\n{what}\nowner = \"@mill\"\nreason = \"the registry confirmed it\"\nexpires = {expires}\n"
    )
}

/// A repository in which the bytes behind `ripple 1.2.3` change, and what the policy of the base says of it.
fn tampered(policy: &str) -> Sandbox {
    let sandbox = cargo::committed(&[package("ripple", "1.2.3", 'a'), package("tarn", "0.4.0", 'b')], Some(policy));
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'c'), package("tarn", "0.4.0", 'b')]);
    sandbox.commit("second");
    sandbox
}

fn findings(report: &Value, rule: &str) -> Vec<Value> {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule).cloned().collect()
}

const DIGEST: &str = "change/same-version-new-digest";

fn fingerprint(sandbox: &Sandbox, base: &str) -> String {
    let report = sandbox.portcullis(["gate", "--base", base, "--format", "json"]).report();
    findings(&report, DIGEST)[0]["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn a_waiver_excuses_exactly_what_it_names() {
    let fingerprint = fingerprint(&tampered(""), "HEAD~1");
    let subject = |text: &str| format!("subject = \"{text}\"");
    let print = |text: &str| format!("fingerprint = \"{text}\"");
    let cases = [
        ("exact rule and subject", DIGEST, subject("pkg:cargo/ripple@1.2.3"), true),
        ("pattern of rules", "change/*", subject("pkg:cargo/ripple@1.2.3"), true),
        ("pattern of subjects", DIGEST, subject("pkg:cargo/rip*"), true),
        ("both patterns", "*", subject("*"), true),
        ("the whole fingerprint", DIGEST, print(&fingerprint), true),
        ("the start of the fingerprint", DIGEST, print(&fingerprint[..12]), true),
        ("fingerprint and subject", DIGEST, format!("{}\n{}", subject("pkg:cargo/ripple*"), print(&fingerprint)), true),
        ("another rule", "change/downgrade", subject("pkg:cargo/ripple@1.2.3"), false),
        ("another subject", DIGEST, subject("pkg:cargo/tarn@0.4.0"), false),
        ("another version", DIGEST, subject("pkg:cargo/ripple@1.2.4"), false),
        ("the start of the subject", DIGEST, subject("pkg:cargo/ripple"), false),
        ("another fingerprint", DIGEST, print("000000000000"), false),
        ("the end of the fingerprint", DIGEST, print(&fingerprint[20..]), false),
        (
            "right subject, other fingerprint",
            DIGEST,
            format!("{}\n{}", subject("pkg:cargo/*"), print("000000000000")),
            false,
        ),
    ];
    for (what, rule, of, excuses) in cases {
        let sandbox = tampered(&policy(rule, &of, "2099-01-31"));
        let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]);
        assert_eq!(run.code, i32::from(!excuses), "{what}: {}", run.whole());
        let report = run.report();
        let found = &findings(&report, DIGEST)[0];
        if excuses {
            assert_eq!((&found["state"], &found["level"]), (&"waived".into(), &"deny".into()), "{what}");
            assert_eq!(
                found["waiver"],
                serde_json::json!({"owner": "@mill", "reason": "the registry confirmed it", "expires": "2099-01-31"})
            );
            assert_eq!(report["summary"]["waived"], 1, "{what}");
        } else {
            assert_eq!((&found["state"], &found["waiver"]), (&"fail".into(), &Value::Null), "{what}");
        }
        // The change touches `ripple`, and nothing else: a waiver for another subject waits for another change.
        let unused = matches!(what, "another rule" | "the start of the subject" | "right subject, other fingerprint");
        assert_eq!(findings(&report, "policy/waiver-unused").len(), usize::from(unused), "{what}");
    }
}

#[test]
fn a_waiver_of_the_head_excuses_nothing() {
    let sandbox = tampered("");
    sandbox.write("portcullis.toml", policy(DIGEST, "subject = \"*\"", "2099-01-31"));
    sandbox.commit("third");
    let report = sandbox.portcullis(["gate", "--base", "HEAD~2", "--format", "json"]).report();
    assert_eq!(report["verdict"], "fail");
    assert_eq!(findings(&report, DIGEST)[0]["state"], "fail");
    assert_eq!(findings(&report, "policy/weakened").len(), 1);
}

#[test]
fn a_waiver_warns_before_its_end_and_then_excuses_nothing_any_more() {
    let sandbox = tampered(&policy(DIGEST, "subject = \"pkg:cargo/ripple@1.2.3\"", "2026-06-30"));
    let mut transcript = Transcript::default();
    let days = [
        ("2026-06-16", 0, "not yet named"),
        ("2026-06-17", 0, "named for the first time"),
        ("2026-06-30", 0, "its last day"),
        ("2026-06-30T23:59:59Z", 0, "its last second"),
        ("2026-07-01T01:00:00+02:00", 0, "still its last day in UTC"),
        ("2026-07-01", 1, "over"),
    ];
    for (at, code, what) in days {
        transcript.note(what);
        let run = transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1", "--at", at]);
        assert_eq!(run.code, code, "{at}");
    }
    transcript.keep("waivers/expiry");
}

#[test]
fn how_long_before_its_end_a_waiver_is_named_is_a_setting() {
    let sandbox = tampered(&format!(
        "[rules]\n\"policy/waiver-expired\" = {{ days = 2 }}\n\n{}",
        policy(DIGEST, "subject = \"pkg:cargo/ripple@1.2.3\"", "2026-06-30")
    ));
    let named = |at: &str| {
        let report = sandbox.portcullis(["gate", "--base", "HEAD~1", "--at", at, "--format", "json"]).report();
        findings(&report, "policy/waiver-expired").len()
    };
    assert_eq!([named("2026-06-28"), named("2026-06-29"), named("2026-06-30"), named("2026-07-01")], [0, 1, 1, 1]);
}

#[test]
fn a_waiver_that_is_for_nothing_is_named_unless_the_change_does_not_touch_what_it_is_for() {
    let mut transcript = Transcript::default();
    transcript.note("for nothing");
    let unused = tampered(&policy("change/downgrade", "subject = \"pkg:cargo/ripple\"", "2099-01-31"));
    transcript.portcullis(&unused, ["gate", "--base", "HEAD~1"]);

    // A link out of the tree, excused; the change touches something else.
    let sandbox = Sandbox::repository();
    cargo::project(&sandbox, &[]);
    sandbox.link("etc", "/etc");
    sandbox.write("portcullis.toml", policy("source/symlink-escape", "subject = \"etc\"", "2099-01-31"));
    sandbox.commit("first");
    sandbox.write("src/lib.rs", "//! More mills.\n");
    sandbox.commit("second");
    for options in [&["gate"][..], &["gate", "--base", "HEAD~1"], &["gate", "--staged"]] {
        let run = sandbox.portcullis(options.iter().copied().chain(["--format", "json"]));
        assert_eq!(run.code, 0, "{options:?}: {}", run.whole());
        assert_eq!(findings(&run.report(), "policy/waiver-unused"), Vec::<Value>::new(), "{options:?}");
    }

    transcript.note("what it is for is gone");
    sandbox.remove("etc");
    sandbox.commit("third");
    transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]);
    transcript.note("it is removed in the same change");
    sandbox.write("portcullis.toml", "# nothing\n");
    sandbox.commit("fourth");
    transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~2"]);
    transcript.note("lines above it in the tree: it is shown where it stands now");
    let moved = tampered(&policy("change/insecure-source", "subject = \"pkg:cargo/ripple\"", "2099-01-31"));
    moved.write(
        "portcullis.toml",
        format!(
            "[rules]\n\"change/downgrade\" = \"deny\"\n\n{}",
            policy("change/insecure-source", "subject = \"pkg:cargo/ripple\"", "2099-01-31")
        ),
    );
    moved.commit("third");
    transcript.portcullis(&moved, ["gate", "--base", "HEAD~1"]);
    transcript.note("in a policy of the command line");
    moved.write("ours/policy.toml", policy("change/insecure-source", "subject = \"pkg:cargo/ripple\"", "2099-01-31"));
    transcript.portcullis(&moved, ["gate", "--base", "HEAD~1", "--policy", "ours/policy.toml"]);
    transcript.keep("waivers/unused");
}

#[test]
fn a_finding_about_a_waiver_can_be_waived_too() {
    let unused = policy("change/downgrade", "subject = \"pkg:cargo/ripple\"", "2099-01-31");
    let waived = policy("policy/waiver-unused", "subject = \"change/downgrade on pkg:cargo/ripple\"", "2099-01-31");
    let sandbox = tampered(&format!("{unused}\n{waived}"));
    let report = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]).report();
    let found = findings(&report, "policy/waiver-unused");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["state"], "waived");
}

#[test]
fn what_is_not_determined_can_be_waived() {
    let sandbox = cargo::committed(&[], Some(&policy("change/*", "subject = \"Cargo.lock\"", "2099-01-31")));
    sandbox.write("Cargo.lock", "version = 99\n");
    sandbox.commit("second");
    let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert!(run.report()["summary"]["waived"].as_u64().unwrap() > 5);
}

#[test]
fn waive_writes_a_waiver_that_then_works() {
    for (what, before) in [
        ("no policy", None),
        ("a policy that does not end in a line", Some("[rules]\n\"change/downgrade\" = \"deny\"")),
        (
            "a policy with waivers",
            Some(
                "[[waiver]]\nrule = \"change/downgrade\"\nsubject = \"pkg:cargo/ripple\"\nowner = \"@a\"\nreason = \"r\"\nexpires = 2099-01-31\n",
            ),
        ),
        ("a policy that extends a file", Some("extends = [\"policy/team.toml\"]\n")),
        ("a policy with a byte order mark", Some("\u{feff}[rules]\n")),
    ] {
        let sandbox = Sandbox::repository();
        cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a')]);
        sandbox.write("policy/team.toml", "[rules]\n\"change/downgrade\" = \"deny\"\n");
        if let Some(text) = before {
            sandbox.write("portcullis.toml", text);
        }
        sandbox.commit("first");
        cargo::project(&sandbox, &[package("ripple", "1.2.3", 'c')]);
        sandbox.commit("second");
        let print = fingerprint(&sandbox, "HEAD~1");
        let run = sandbox.portcullis([
            "waive",
            &print[..12],
            "--base",
            "HEAD~1",
            "--owner",
            "@mill \"the\" team",
            "--reason",
            "a\tb\\c 'd'",
            "--expires",
            "2099-01-31",
        ]);
        assert_eq!(run.code, 0, "{what}: {}", run.whole());
        let written = std::fs::read_to_string(sandbox.join("portcullis.toml")).unwrap();
        assert!(written.starts_with(before.unwrap_or("extends = [\"builtin:recommended\"]\n")), "{what}: {written}");
        let parsed: toml::Table = written.trim_start_matches('\u{feff}').parse().unwrap();
        let last = parsed["waiver"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["owner"].as_str(), Some("@mill \"the\" team"), "{what}");
        assert_eq!(last["reason"].as_str(), Some("a\tb\\c 'd'"), "{what}");
        assert_eq!(last["fingerprint"].as_str(), Some(print.as_str()), "{what}");
        // Taken into the base, it excuses.
        let policy = sandbox.join("portcullis.toml");
        let kept = std::fs::read(&policy).unwrap();
        sandbox.git(["checkout", "-q", "-b", "again", "HEAD~1"]);
        sandbox.write("portcullis.toml", kept);
        sandbox.commit("waived");
        cargo::project(&sandbox, &[package("ripple", "1.2.3", 'c')]);
        sandbox.commit("second again");
        let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]);
        assert_eq!(run.code, 0, "{what}: {}", run.whole());
        assert_eq!(findings(&run.report(), DIGEST)[0]["state"], "waived", "{what}");
    }
}

#[test]
fn waive_refuses_what_would_not_work() {
    let sandbox = tampered("");
    let print = fingerprint(&sandbox, "HEAD~1");
    let mut transcript = Transcript::default();
    let mut refused = |what: &str, sandbox: &Sandbox, arguments: &[&str]| {
        transcript.note(what);
        let before = std::fs::read(sandbox.join("portcullis.toml")).ok();
        let run = transcript.portcullis(sandbox, ["waive"].into_iter().chain(arguments.iter().copied()));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what}");
        assert_eq!(std::fs::read(sandbox.join("portcullis.toml")).ok(), before, "{what}");
    };
    let usual = ["--base", "HEAD~1", "--owner", "@mill", "--reason", "checked", "--expires", "2099-01-31"];
    let with = |print: &str, replaced: usize, value: &str| {
        let mut out = vec![print.to_owned()];
        out.extend(usual.iter().map(|word| (*word).to_owned()));
        out[replaced + 1] = value.to_owned();
        out
    };
    let mut check = |what: &str, sandbox: &Sandbox, arguments: Vec<String>| {
        refused(what, sandbox, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    };
    check("a day that is over", &sandbox, with(&print, 7, "2020-01-31"));
    check("a day that is none", &sandbox, with(&print, 7, "2099-02-30"));
    check("a day that is no date", &sandbox, with(&print, 7, "tomorrow"));
    check("an empty owner", &sandbox, with(&print, 3, " "));
    check("an empty reason", &sandbox, with(&print, 5, ""));
    check("an unknown fingerprint", &sandbox, with("000000000000", 7, "2099-01-31"));
    check("too short a fingerprint", &sandbox, with(&print[..8], 7, "2099-01-31"));
    check("no fingerprint at all", &sandbox, with("change/same-version-new-digest", 7, "2099-01-31"));
    check("the wrong base", &sandbox, with(&print, 1, "HEAD"));
    check(
        "no owner",
        &sandbox,
        [print.as_str(), "--reason", "r", "--expires", "2099-01-31"].map(str::to_owned).to_vec(),
    );
    let inline = tampered("waiver = []\n");
    check("waivers in one line", &inline, with(&print, 7, "2099-01-31"));
    let bare = Sandbox::new();
    bare.git(["clone", "-q", "--bare", sandbox.path().to_str().unwrap(), "bare.git"]);
    check(
        "a repository without a work tree",
        &bare,
        [
            &print,
            "--repo",
            "bare.git",
            "--base",
            "HEAD~1",
            "--head",
            "HEAD",
            "--owner",
            "@mill",
            "--reason",
            "r",
            "--expires",
            "2099-01-31",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    transcript.keep("waivers/refused");
}

#[test]
fn a_waiver_for_an_odd_name_is_written_and_works() {
    let sandbox = cargo::committed(&[], Some("# ours\n"));
    let name = "odd\u{202e}[a-z]{*}\\n\"'\n::error";
    sandbox.link(name, "/etc");
    sandbox.commit("second");
    let report = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]).report();
    let print = findings(&report, "source/symlink-escape")[0]["fingerprint"].as_str().unwrap().to_owned();
    let run = sandbox.portcullis([
        "waive",
        &print,
        "--base",
        "HEAD~1",
        "--owner",
        "@mill",
        "--reason",
        "r",
        "--expires",
        "2099-01-31",
    ]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(findings(&run.report(), "source/symlink-escape")[0]["state"], "waived");
}
