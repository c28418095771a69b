//! The example of a host: its script on roots that pass and fail, and the commands of its `Dockerfile`.

use std::process::Command;

use serde_json::Value;

use crate::host_root::HostRoot;
use crate::support::{Run, Sandbox, binary, copy, project};

/// A day on which the waiver of the example has not expired.
const DAY: &str = "2026-11-01";

fn entry(text: &str) -> toml::Table {
    text.parse().unwrap()
}

/// The root of the product, with the account that the policy waives.
fn product() -> HostRoot {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"console:x:0:0::/:/bin/bash\\n\""));
    root
}

/// The same, with a setuid program of no package.
fn spoiled() -> HostRoot {
    let mut root = product();
    root.entry(&entry("path = '/usr/local/bin/rootme'\nprogram = 'rootme'\nmode = '4755'"));
    root
}

/// The folder of the example, with the product's root and what is known of it.
fn example() -> Sandbox {
    let sandbox = Sandbox::new();
    copy(&project().join("examples/host"), sandbox.path());
    sandbox.write("root.tar", product().tarball());
    let run = sandbox.portcullis(["host", "snapshot", "--root", "root.tar", "-o", "known.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    sandbox
}

/// Runs the script, with the binary on the path.
fn gate(sandbox: &Sandbox, root: &str, options: &[&str]) -> Run {
    let folder = binary().parent().unwrap().to_owned();
    let mut shell = Command::new("sh");
    shell.arg("gate-root.sh").arg(root).args(options).args(["--at", DAY]);
    shell.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    sandbox.run(shell, sandbox.path())
}

fn json(sandbox: &Sandbox, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(sandbox.join(file)).unwrap()).unwrap()
}

/// Returns the states of findings of a rule with a subject.
fn states<'a>(report: &'a Value, rule: &str, subject: &str) -> Vec<&'a str> {
    let all = report["findings"].as_array().unwrap().iter();
    let of = all.filter(|found| found["rule"] == rule && found["subject"]["id"] == subject);
    of.filter_map(|found| found["state"].as_str()).collect()
}

#[test]
fn a_root_that_is_no_worse_than_before_ships() {
    let sandbox = example();
    let run = gate(&sandbox, "root.tar", &["--baseline", "known.json", "--new-only"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    // What is known of it now is what was known before.
    assert_eq!(json(&sandbox, "root.tar.host.json"), json(&sandbox, "known.json"));
    assert!(json(&sandbox, "root.tar.sarif")["runs"].is_array());
}

#[test]
fn a_root_with_a_setuid_program_of_no_package_does_not_ship() {
    let sandbox = example();
    sandbox.write("root.tar", spoiled().tarball());
    let run = gate(&sandbox, "root.tar", &["--baseline", "known.json", "--new-only"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stdout.contains("deny[host/setid-unpackaged]: `/usr/local/bin/rootme`"), "{}", run.whole());
    let report = json(&sandbox, "root.tar.report.json");
    assert_eq!(states(&report, "host/setid-unpackaged", "/usr/local/bin/rootme"), ["fail"]);
    assert!(!sandbox.join("root.tar.host.json").exists(), "what fails leaves nothing to compare with");
}

#[test]
fn the_policy_waives_the_console_and_nobody_else() {
    let sandbox = example();
    let mut root = product();
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"toor:x:0:0::/:/bin/bash\\n\""));
    sandbox.write("root.tar", root.tarball());
    let run = gate(&sandbox, "root.tar", &[]);
    assert_eq!(run.code, 1, "{}", run.whole());
    let report = json(&sandbox, "root.tar.report.json");
    assert_eq!(states(&report, "host/account-uid0", "console"), ["waived"]);
    assert_eq!(states(&report, "host/account-uid0", "toor"), ["fail"]);
}

#[test]
fn what_cannot_be_judged_does_not_ship() {
    let sandbox = example();
    sandbox.write("empty.tar", HostRoot::base("empty").tarball());
    for root in ["missing.tar", "empty.tar"] {
        let run = gate(&sandbox, root, &[]);
        assert_eq!(run.code, 2, "{root}: {}", run.whole());
    }
}

/// The commands that a `Dockerfile` runs without a shell.
fn commands(dockerfile: &str) -> Vec<Vec<String>> {
    let arrays = dockerfile.lines().map(str::trim).filter(|line| line.starts_with("[\"/portcullis\""));
    arrays.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_build_of_an_image_stops_at_what_it_made_worse() {
    let sandbox = example();
    let dockerfile = std::fs::read_to_string(sandbox.join("Dockerfile")).unwrap();
    let commands = commands(&dockerfile);
    assert_eq!(commands.len(), 2, "{dockerfile}");
    sandbox.write("base.tar", product().tarball());
    for (system, code) in [(product(), 0), (spoiled(), 1)] {
        sandbox.write("system.tar", system.tarball());
        let mut codes = Vec::new();
        for command in &commands {
            let mut words: Vec<&str> = command.iter().skip(1).map(String::as_str).collect();
            for word in &mut words {
                match *word {
                    "/base" => *word = "base.tar",
                    "/system" => *word = "system.tar",
                    _ => {}
                }
            }
            if words.contains(&"check") {
                words.extend(["--at", DAY]);
            }
            codes.push(sandbox.portcullis(words).code);
        }
        assert_eq!(codes, [0, code]);
        assert!(sandbox.join("host.sarif").is_file());
    }
}
