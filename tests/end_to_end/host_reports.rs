//! Reports about a host: names that would write to a terminal, a log or a page, and the controls of a benchmark.

use std::collections::BTreeSet;

use serde_json::Value;

use portcullis::policy::host::{BENCHMARKS, table};
use portcullis::rule;

use crate::events::{ECS, OCSF, checked, entry};
use crate::host_root::HostRoot;
use crate::reports::inert;
use crate::support::{Run, Sandbox, compare_with_file, project};

/// The rules whose findings are kept; those of others come and go with the facts.
const KEPT: [&str; 3] = ["host/account-uid0", "host/setid-unpackaged", "host/walk-incomplete"];

/// A name with all that somebody might obey.
const NAME: &str = r"a\x1b[31m\n::error::b\xe9%0A`|<b>@x##[error]y\xe2\x80\xae";

/// A host whose files, accounts, name and system are named to do harm.
fn hostile() -> Sandbox {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry(&format!("path = '/usr/local/bin/{NAME}'\nescaped = true\nprogram = 'x'\nmode = '4755'")));
    root.entry(&entry(
        "path = '/etc/passwd'\ntype = 'append'\ncontent = \"t\\u001b[2J`|<b>##[error]\\u202e:x:0:0::/:/bin/sh\\n\"",
    ));
    root.entry(&entry("path = '/etc/hostname'\ncontent = \"web\\u001b]0;x\\u0007##[error]\\u202e\\n\""));
    root.entry(&entry(
        "path = '/etc/os-release'\ncontent = \"ID=debian\\nVERSION_ID=12\\nPRETTY_NAME='Debian \\u001b[31m##[error]'\\n\"",
    ));
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", root.tarball());
    let others = rule::rules().filter(|rule| rule.id.starts_with("host/") && !KEPT.contains(&rule.id));
    let lines: Vec<String> = others.map(|rule| format!("\"{}\" = \"allow\"\n", rule.id)).collect();
    sandbox.write("policy.toml", format!("extends = [\"builtin:recommended\"]\n\n[rules]\n{}", lines.concat()));
    sandbox
}

fn report(sandbox: &Sandbox, format: &str) -> String {
    let options = ["--policy", "policy.toml", "--at", "2026-11-25T12:00:00Z", "--format", format];
    let run = sandbox.portcullis(["host", "check", "--root", "root.tar"].into_iter().chain(options));
    assert_eq!(run.code, 1, "{format}: {}", run.whole());
    inert(format, &run.stdout);
    inert(format, &run.stderr);
    assert!(run.stdout.contains("usr/local/bin/a"), "{format}: {}", run.stdout);
    run.stdout
}

#[track_caller]
fn keep(name: &str, text: &str) {
    let text = text.replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"[VERSION]\"");
    let text = text.replace(&format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")), "\"version\":\"[VERSION]\"");
    compare_with_file(&project().join("tests/end_to_end/kept/hosts").join(name), &text);
}

/// Returns the lines whose findings are kept, by what holds the rule.
fn kept_lines(text: &str, rule: &str) -> String {
    let of_kept = |line: &&str| {
        let event: Value = serde_json::from_str(line).unwrap();
        KEPT.contains(&event.pointer(rule).unwrap().as_str().unwrap())
    };
    text.lines().filter(of_kept).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_human_report_of_a_host_is_inert() {
    // What is counted there changes with the facts.
    let counted = ["  read: ", "  not shown: "];
    let text = report(&hostile(), "human");
    let lines = text.lines().filter(|line| !counted.iter().any(|start| line.starts_with(start)));
    keep("human.txt", &lines.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn the_sarif_log_of_a_host_is_inert() {
    let log: Value = serde_json::from_str(&report(&hostile(), "sarif")).unwrap();
    let runs = log["runs"].as_array().unwrap();
    let of_host = runs.iter().find(|run| run["automationDetails"]["id"] == "portcullis/host/").unwrap();
    let results = of_host["results"].as_array().unwrap().iter().cloned();
    let mut kept: Vec<Value> = results.filter(|one| KEPT.contains(&one["ruleId"].as_str().unwrap())).collect();
    for one in &mut kept {
        one.as_object_mut().unwrap().remove("ruleIndex");
    }
    keep("results.sarif.json", &(serde_json::to_string_pretty(&kept).unwrap() + "\n"));
}

#[test]
fn lines_about_a_host_are_inert() {
    let sandbox = hostile();
    keep("findings.ndjson", &kept_lines(&report(&sandbox, "ndjson"), "/rule"));
    let ecs = report(&sandbox, "ndjson-ecs");
    checked(ECS, &ecs);
    keep("findings.ecs.ndjson", &kept_lines(&ecs, "/rule/id"));
    let ocsf = report(&sandbox, "ndjson-ocsf");
    checked(OCSF, &ocsf);
    keep("findings.ocsf.ndjson", &kept_lines(&ocsf, "/finding_info/types/0"));
}

/// A host that fails what every benchmark asks for: a second root, and an account without a password.
fn faulty() -> Sandbox {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"toor:x:0:0::/:/bin/bash\\n\""));
    root.entry(&entry("path = '/usr/local/bin/rootme'\nprogram = 'rootme'\nmode = '4755'"));
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", root.tarball());
    sandbox
}

/// Judges the root by a benchmark.
fn check_by(sandbox: &Sandbox, benchmark: &str) -> Run {
    sandbox.portcullis(["host", "check", "--root", "root.tar", "--profile", benchmark, "--format", "json"])
}

fn words<'a>(list: &'a Value, key: &str) -> BTreeSet<&'a str> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap()).collect()
}

#[test]
fn a_benchmark_tells_each_control_that_facts_name_and_no_other_fact() {
    let sandbox = faulty();
    for benchmark in BENCHMARKS {
        let run = check_by(&sandbox, benchmark.name);
        assert!(run.code < 2, "{}", run.whole());
        let report = run.report();
        assert_eq!(report["benchmark"]["profile"], benchmark.name);
        let of_benchmark = |fact: &&portcullis::policy::host::Fact| {
            fact.controls().iter().any(|control| control.scheme == benchmark.scheme)
        };
        let facts: Vec<_> = table().facts.iter().filter(of_benchmark).collect();
        let controls = facts.iter().flat_map(|fact| fact.controls());
        let expected: BTreeSet<&str> =
            controls.filter(|control| control.scheme == benchmark.scheme).map(|control| control.id.as_str()).collect();
        assert_eq!(words(&report["controls"], "id"), expected);
        for control in report["controls"].as_array().unwrap() {
            for fact in words(&control["facts"], "id") {
                assert!(facts.iter().any(|known| known.id == fact), "{fact}");
            }
        }
        for fact in words(&report["facts"], "id") {
            assert!(fact.starts_with("host.walk.") || facts.iter().any(|known| known.id == fact), "{fact}");
        }
        let is_covered =
            |control: &&Value| words(&control["facts"], "state").iter().any(|state| *state != "not-judged");
        let covered = report["controls"].as_array().unwrap().iter().filter(is_covered).count();
        assert_eq!(report["benchmark"]["controls_covered"], covered);
    }
}

#[test]
fn a_control_fails_with_its_fact_at_level_deny_and_is_listed() {
    let sandbox = faulty();
    let ask = |options: &[&str]| {
        let first = ["host", "check", "--root", "root.tar", "--profile", "cis-debian12"];
        let run = sandbox.portcullis(first.iter().chain(options).copied());
        assert_eq!(run.code, 1, "{}", run.whole());
        let told = run.whole().to_lowercase();
        assert!(!told.contains("compliant") && !told.contains("compliance"), "{told}");
        run
    };
    let report = ask(&["--format", "json"]).report();
    let control = report["controls"].as_array().unwrap().iter().find(|control| control["id"] == "5.4.2.1").unwrap();
    assert_eq!(control["state"], "fail");
    assert!(control["facts"].as_array().unwrap().iter().any(|fact| fact["id"] == "host.account.uid0"), "{control}");
    let findings = report["findings"].as_array().unwrap();
    let failing = findings.iter().filter(|finding| finding["state"] == "fail");
    assert!(failing.clone().count() > 0 && failing.clone().all(|finding| finding["level"] == "deny"), "{report:#}");
    let human = ask(&["--format", "human"]).stdout;
    assert!(human.contains("fail            5.4.2.1  host.account.uid0"), "{human}");
    assert!(human.contains(" of CIS Debian Linux 12 Benchmark v1.1.0 (cis-debian12): "), "{human}");
    let page = ask(&["--format", "markdown"]).stdout;
    assert!(page.contains("### Controls\n") && page.contains("- fail: `5.4.2.1`, `host.account.uid0`"), "{page}");
}

#[test]
fn a_policy_names_a_benchmark_sets_its_levels_and_waives_its_controls() {
    let sandbox = faulty();
    let ask = |policy: &str| {
        sandbox.write(
            "policy.toml",
            format!("extends = [\"builtin:recommended\"]\n\n[host]\nprofile = \"cis-debian12\"\n{policy}"),
        );
        sandbox
            .portcullis(["host", "check", "--root", "root.tar", "--policy", "policy.toml", "--format", "json"])
            .report()
    };
    let state = |report: &Value| {
        let controls = report["controls"].as_array().unwrap();
        controls.iter().find(|control| control["id"] == "5.4.2.1").unwrap()["state"].clone()
    };
    let level = |report: &Value| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["rule"] == "host/account-uid0").unwrap()["level"].clone()
    };
    assert_eq!(level(&ask("")), "deny");
    assert_eq!(level(&ask("[host.facts]\n\"host.account.uid0\" = \"warn\"\n")), "warn");
    let waived = ask(
        "[[waiver]]\nrule = \"host/account-uid0\"\nsubject = \"toor\"\nowner = \"@a\"\nreason = \"why\"\nexpires = 2099-01-01\n",
    );
    assert_eq!(state(&waived), "waived");
}

#[test]
fn what_could_not_be_read_is_told_whatever_the_benchmark() {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/etc/group'\ntype = 'fifo'"));
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", root.tarball());
    for benchmark in BENCHMARKS {
        let run = check_by(&sandbox, benchmark.name);
        let findings = run.report()["findings"].as_array().unwrap().clone();
        assert!(findings.iter().any(|finding| finding["rule"] == "host/walk-incomplete"), "{}", run.whole());
    }
}

#[test]
fn a_benchmark_of_another_system_is_told_of() {
    let sandbox = faulty();
    let run = sandbox.portcullis(["host", "check", "--root", "root.tar", "--profile", "cis-rhel9"]);
    let note = "note: CIS Red Hat Enterprise Linux 9 Benchmark v2.0.0 is written for rhel9, and this host is debian12";
    assert!(run.stdout.contains(note), "{}", run.whole());
    let run = sandbox.portcullis(["host", "check", "--root", "root.tar", "--profile", "cis-debian12"]);
    assert!(!run.stdout.contains("is written for"), "{}", run.whole());
}
