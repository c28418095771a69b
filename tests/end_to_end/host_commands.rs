//! The commands about hosts: what they promise whatever the rules say.

use std::path::Path;

use serde_json::Value;

use crate::archives::{Layout, docker, gzip, zstd};
use crate::host_root::HostRoot;
use crate::support::{Run, Sandbox, Transcript, skip, traced};

fn entry(text: &str) -> toml::Table {
    text.parse().unwrap()
}

/// A root with a setuid program of no package, a second root and a file that everyone may write.
fn faulty() -> HostRoot {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/usr/local/bin/rootme'\nprogram = 'rootme'\nmode = '4755'"));
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"toor:x:0:0::/:/bin/bash\\n\""));
    root.entry(&entry("path = '/srv/open'\nmode = '0666'"));
    root
}

/// Returns rule, subject, state and baseline of what fails.
fn failing(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut out: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] == "fail" && finding["level"] == "deny")
        .map(|finding| [&finding["rule"], &finding["subject"]["id"], &finding["baseline"]].map(word).join(" "))
        .collect();
    out.sort();
    out
}

fn check(sandbox: &Sandbox, root: &str, arguments: &[&str]) -> Run {
    let first = ["host", "check", "--format", "json", "--root", root];
    sandbox.portcullis(first.iter().chain(arguments).copied().collect::<Vec<_>>())
}

#[test]
fn every_form_of_a_root_is_judged_alike() {
    let sandbox = Sandbox::new();
    let plain = faulty().tarball();
    sandbox.write("root.tar", &plain);
    sandbox.write("root.tar.gz", gzip(&plain));
    sandbox.write("root.tar.zst", zstd(&plain));
    sandbox.write("docker.tar", docker(std::slice::from_ref(&plain)).bytes());
    sandbox.write("oci.tar", Layout::default().image("amd64", &[(plain.clone(), gzip(&plain))]).tarball().bytes());
    let findings = |root: &str| {
        let run = check(&sandbox, root, &[]);
        assert_eq!(run.code, 1, "{}", run.whole());
        run.report()["findings"].clone()
    };
    let expected = findings("root.tar");
    assert!(expected.to_string().contains("/usr/local/bin/rootme"), "{expected}");
    for form in ["root.tar.gz", "root.tar.zst", "docker.tar", "oci.tar"] {
        assert_eq!(findings(form), expected, "{form}");
    }
}

#[test]
fn the_same_root_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", faulty().tarball());
    for name in ["a.json", "b.json"] {
        let run = sandbox.portcullis(["host", "snapshot", "--root", "root.tar", "-o", name]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.whole());
    }
    let read = |name: &str| std::fs::read(sandbox.join(name)).unwrap();
    assert_eq!(read("a.json"), read("b.json"));
    assert_eq!(check(&sandbox, "root.tar", &[]).stdout, check(&sandbox, "root.tar", &[]).stdout);
}

#[test]
fn only_what_got_worse_counts_against_a_snapshot() {
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", faulty().tarball());
    assert_eq!(sandbox.portcullis(["host", "snapshot", "--root", "root.tar", "-o", "host.json"]).code, 0);
    let same = check(&sandbox, "root.tar", &["--baseline", "host.json"]);
    assert_eq!(same.code, 0, "{}", same.whole());
    assert!(failing(&same.report()).iter().all(|line| line.ends_with(" unchanged")), "{}", same.whole());
    assert_eq!(check(&sandbox, "root.tar", &["--baseline", "host.json", "--all"]).code, 1);
    let mut worse = faulty();
    worse.entry(&entry("path = '/opt/shell'\nprogram = 'shell'\nmode = '4755'"));
    sandbox.write("root.tar", worse.tarball());
    let run = check(&sandbox, "root.tar", &["--baseline", "host.json", "--new-only"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(failing(&run.report()), ["host/setid-unpackaged /opt/shell new"]);
}

#[test]
fn policies_lower_facts_raise_profiles_and_waive_findings() {
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", faulty().tarball());
    let judged = |policy: &str| {
        sandbox.write("policy.toml", format!("extends = [\"builtin:recommended\"]\n{policy}"));
        let run = check(&sandbox, "root.tar", &["--policy", "policy.toml"]);
        assert!(run.code < 2, "{}", run.whole());
        failing(&run.report())
    };
    let all = judged("");
    assert!(all.contains(&"host/account-uid0 toor -".to_owned()), "{all:?}");
    let lowered = judged("[host.facts]\n\"host.account.uid0\" = \"warn\"\n");
    assert!(!lowered.contains(&"host/account-uid0 toor -".to_owned()), "{lowered:?}");
    let valued = judged("[host.facts]\n\"host.account.uid0\" = { value = [\"root\", \"toor\"] }\n");
    assert!(!valued.contains(&"host/account-uid0 toor -".to_owned()), "{valued:?}");
    let allowed = judged("[rules]\n\"host/setid-unpackaged\" = { allow = [\"/usr/local/bin/*\"] }\n");
    assert!(!allowed.iter().any(|line| line.starts_with("host/setid-unpackaged")), "{allowed:?}");
    let waived = judged(
        "[[waiver]]\nrule = \"host/account-uid0\"\nsubject = \"toor\"\nowner = \"@a\"\nreason = \"why\"\n\
         expires = 2099-01-01\n",
    );
    assert!(!waived.contains(&"host/account-uid0 toor -".to_owned()), "{waived:?}");
    let strict = judged("[host]\nprofile = \"strict\"\n");
    assert!(strict.len() > all.len(), "{strict:?}");
}

#[test]
fn whose_files_are_can_be_left_out_and_is_no_gap_then() {
    let sandbox = Sandbox::new();
    let mut root = faulty();
    root.entry(&entry("path = '/etc/profile.d/extra.sh'\ncontent = \"true\\n\""));
    let unit = "path = '/usr/lib/systemd/system/own.service'\ncontent = \"[Service]\\nExecStart=/usr/bin/own\\n\"";
    root.entry(&entry(unit));
    sandbox.write("root.tar", root.tarball());
    let told = |arguments: &[&str]| {
        let report = check(&sandbox, "root.tar", arguments).report();
        let of_packages = [
            "host/setid-unpackaged",
            "host/setid-modified",
            "host/startup-script",
            "host/unit-command-overridden",
            "host/unit-drop-in-masked",
            "host/unit-unpackaged",
        ];
        let found = report["findings"].as_array().unwrap().iter();
        let found = found.filter(|finding| of_packages.iter().any(|rule| finding["rule"] == *rule));
        found
            .map(|finding| {
                let word = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
                format!("{} {} {}", word("rule"), finding["subject"]["id"].as_str().unwrap(), word("state"))
            })
            .collect::<Vec<_>>()
    };
    let all = told(&[]);
    assert!(all.contains(&"host/setid-unpackaged /usr/local/bin/rootme fail".to_owned()), "{all:?}");
    assert!(all.contains(&"host/startup-script /etc/profile.d/extra.sh fail".to_owned()), "{all:?}");
    let without = told(&["--skip", "package"]);
    assert_eq!(
        without,
        [
            "host/setid-modified host.setid.modified not-applicable",
            "host/setid-unpackaged host.setid.unpackaged not-applicable",
            "host/startup-script host.persistence.profile not-applicable",
            "host/unit-command-overridden host.systemd.command_overridden not-applicable",
            "host/unit-drop-in-masked host.systemd.drop_in_masked not-applicable",
            "host/unit-unpackaged host.systemd.unpackaged_unit not-applicable",
        ]
    );
    let run = sandbox.portcullis(["host", "check", "--root", "root.tar", "--skip", "package"]);
    assert!(run.stdout.contains("not asked for, by --skip: package"), "{}", run.whole());
}

#[test]
fn a_policy_of_the_root_is_never_read() {
    let sandbox = Sandbox::new();
    let mut root = faulty();
    root.entry(&entry("path = '/portcullis.toml'\ncontent = \"[rules]\\n'host/account-uid0' = 'allow'\\n\""));
    sandbox.write("root.tar", root.tarball());
    let run = check(&sandbox, "root.tar", &[]);
    assert!(failing(&run.report()).contains(&"host/account-uid0 toor -".to_owned()), "{}", run.whole());
    assert_eq!(run.report()["policy"]["origin"], "builtin");
}

#[test]
fn facts_of_a_running_system_may_be_required() {
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", HostRoot::base("debian12").tarball());
    let state = |policy: &str| {
        sandbox.write("policy.toml", format!("extends = [\"builtin:recommended\"]\n{policy}"));
        let report = check(&sandbox, "root.tar", &["--policy", "policy.toml"]).report();
        let found = report["findings"].as_array().unwrap().clone();
        found.into_iter().find(|found| found["rule"] == "host/lockdown").unwrap()["state"].clone()
    };
    assert_eq!(state(""), "not-applicable");
    assert_eq!(state("[host]\nlive = \"required\"\n"), "not-determined");
}

#[test]
fn requests_that_cannot_be_carried_out_are_told_in_one_line() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/.keep", "");
    sandbox.remove("empty/.keep");
    sandbox.write("root/etc/passwd", "root:x:0:0::/:/bin/sh\n");
    sandbox.write("text.json", "{}\n");
    sandbox.write("tree.json", "");
    sandbox.remove("tree.json");
    assert_eq!(sandbox.portcullis(["baseline", "root", "-o", "tree.json"]).code, 0);
    sandbox.write("facts.toml", "[host.facts]\n\"host.account.uid1\" = \"warn\"\n");
    sandbox.write("live.toml", "[host]\nlive = \"always\"\n");
    let mut transcript = Transcript::default();
    for arguments in [
        &["host", "check", "--root", "nowhere"][..],
        &["host", "check", "--root", "empty"],
        &["host", "check", "--root", "root", "--skip", "sysctls"],
        &["host", "check", "--root", "root", "--profile", "paranoid"],
        &["host", "check", "--root", "root", "--baseline", "nowhere.json"],
        &["host", "check", "--root", "root", "--baseline", "text.json"],
        &["host", "check", "--root", "root", "--baseline", "tree.json"],
        &["host", "check", "--root", "root", "--policy", "facts.toml"],
        &["host", "check", "--root", "root", "--policy", "live.toml"],
        &["host", "check", "--root", "root", "--new-only"],
        &["host", "diff", "nowhere", "root"],
        &["host", "explain", "nothing"],
        &["host", "explain", "runtime"],
    ] {
        assert_eq!(transcript.portcullis(&sandbox, arguments.iter().copied()).code, 2, "{arguments:?}");
    }
    transcript.keep("hosts/refused");
}

#[test]
fn folders_alone_are_no_host() {
    let sandbox = Sandbox::new();
    sandbox.write("bare/etc/.keep", "");
    sandbox.write("bare/var/lib/.keep", "");
    let found = check(&sandbox, "bare", &[]);
    assert_ne!(found.code, 2, "{}", found.whole());
    sandbox.remove("bare/etc/.keep");
    sandbox.remove("bare/var/lib/.keep");
    for arguments in
        [&["host", "check", "--root", "bare"][..], &["host", "snapshot", "--root", "bare", "-o", "host.json"]]
    {
        let found = sandbox.portcullis(arguments.iter().copied());
        assert_eq!(found.code, 2, "{}", found.whole());
        let expected = "bare: expected a root filesystem, found nothing but folders";
        assert!(found.stderr.contains(expected), "{}", found.whole());
    }
}

#[test]
fn facts_are_explained() {
    let sandbox = Sandbox::new();
    let mut transcript = Transcript::default();
    transcript.portcullis(&sandbox, ["host", "explain", "kernel.kptr_restrict"]);
    transcript.portcullis(&sandbox, ["host", "explain", "host.file.etc_shadow"]);
    transcript.keep("hosts/explained");
    let all = sandbox.portcullis(["host", "explain"]);
    assert!(all.code == 0 && all.stdout.lines().count() > 250, "{}", all.whole());
}

#[test]
fn names_in_a_root_cannot_write_to_a_terminal_or_a_build_server() {
    let sandbox = Sandbox::new();
    let mut root = HostRoot::base("debian12");
    let name = "path = '/usr/local/bin/a\\x1b[31m\\n::error::b\\xe9'\nescaped = true\nprogram = 'x'\nmode = '4755'";
    root.entry(&entry(name));
    sandbox.write("root.tar", root.tarball());
    for format in ["human", "json", "sarif", "github", "markdown", "junit"] {
        let run = sandbox.portcullis(["host", "check", "--root", "root.tar", "--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.whole());
        assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("\n::error::b"), "{format}: {}", run.stdout);
        assert!(run.stdout.contains("usr/local/bin/a"), "{format}: {}", run.stdout);
    }
}

#[test]
fn paths_longer_than_any_the_system_takes_lead_to_nothing() {
    let sandbox = Sandbox::new();
    let long = "/a".repeat(100_000);
    let mut root = faulty();
    for (path, content) in [
        ("/etc/systemd/system/x.service", format!("[Service]\nExecStart={long}\n")),
        ("/etc/cron.d/x", format!("* * * * * root {long}\n")),
        ("/etc/ld.so.conf", format!("{long}\n")),
        ("/etc/ld.so.preload", format!("{long}\n")),
        ("/etc/ssh/sshd_config", format!("Include {long}\n")),
        ("/etc/sudoers.d/x", format!("alice ALL=(ALL) {long}\n@include {long}\n")),
    ] {
        let mut long = toml::Table::new();
        long.insert("path".into(), path.into());
        long.insert("content".into(), content.into());
        root.entry(&long);
    }
    sandbox.write("root.tar", root.tarball());
    let run = check(&sandbox, "root.tar", &[]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(failing(&run.report()).contains(&"host/account-uid0 toor -".to_owned()), "{}", run.whole());
}

#[test]
fn reading_a_host_starts_nothing_connects_to_nothing_and_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", faulty().tarball());
    sandbox.write("root/etc/passwd", "root:x:0:0::/:/bin/sh\n");
    sandbox.write("root/etc/os-release", "ID=debian\nVERSION_ID=12\n");
    for form in ["root.tar", "root"] {
        let Some((found, calls)) = traced(&sandbox, &["host", "check", "--root", form]) else {
            return skip(Path::new("strace"), "which calls reading a host makes");
        };
        assert!(found.code < 2, "{}", found.whole());
        assert!(!calls.contains("socket(") && !calls.contains("O_WRONLY") && !calls.contains("O_RDWR"), "{calls}");
        assert_eq!(calls.matches("execve(").count(), 1, "{calls}");
    }
}

#[test]
fn a_host_is_judged_beside_a_tree() {
    let sandbox = Sandbox::new();
    sandbox.write("README.md", "# Ledger\n");
    // Without the walk: this machine may be large.
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert!(run.report().get("facts").is_none());
}

#[test]
fn two_hosts_are_compared_fact_by_fact() {
    let sandbox = Sandbox::new();
    sandbox.write("old.tar", HostRoot::base("debian12").tarball());
    sandbox.write("new.tar", faulty().tarball());
    assert_eq!(sandbox.portcullis(["host", "snapshot", "--root", "old.tar", "-o", "old.json"]).code, 0);
    let none = sandbox.portcullis(["host", "diff", "old.json", "old.tar", "--exit-code"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, "no fact differs\n"), "{}", none.whole());
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["host", "diff", "old.json", "new.tar"]).code, 0);
    assert_eq!(transcript.portcullis(&sandbox, ["host", "diff", "old.tar", "new.tar", "--exit-code"]).code, 1);
    transcript.keep("hosts/compared");
}
