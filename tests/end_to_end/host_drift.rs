//! Drift: what became of a host since it was looked at, beside a tree and alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::gate::{self, Against, GateError, OldFindings, PolicyChoice, Report, Request, Target};
use portcullis::host::HostWants;
use portcullis::text::Text;
use portcullis::tree::GitEnvironment;
use portcullis::tree::root::Root;

use crate::events::entry;
use crate::host_root::HostRoot;
use crate::support::{Run, Sandbox, binary, skip};

fn known() -> HostRoot {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"toor:x:0:0::/:/bin/bash\\n\""));
    root
}

fn worse() -> HostRoot {
    let mut root = known();
    root.entry(&entry("path = '/opt/shell'\nprogram = 'shell'\nmode = '4755'"));
    root
}

/// A tree with a link that leaves it, and the roots of a host then and now.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("known.tar", known().tarball());
    sandbox.write("worse.tar", worse().tarball());
    assert_eq!(sandbox.portcullis(["host", "snapshot", "--root", "known.tar", "-o", "host.json"]).code, 0);
    sandbox.write("tree/README.md", "# Ledger\n");
    sandbox.link("tree/out", "../../outside");
    assert_eq!(sandbox.portcullis(["baseline", "tree", "-o", "tree.json"]).code, 0);
    sandbox
}

/// Judges the tree and the host of a root, against a snapshot.
fn gate(sandbox: &Sandbox, root: Option<&str>, baseline: &str) -> Result<Report, GateError> {
    let absolute = sandbox.join("tree");
    let host = root.map(|root| {
        let root = Root::open(&sandbox.join(root), Text::of(root), None).unwrap();
        (root, HostWants::default())
    });
    gate::run(&Request {
        target: Target {
            path: PathBuf::from("tree"),
            absolute: absolute.clone(),
            repository: None,
            head: None,
            against: Against::Snapshot {
                file: Text::of(baseline),
                text: std::fs::read_to_string(sandbox.join(baseline)).unwrap(),
            },
            git: GitEnvironment {
                directory: absolute,
                dir: None,
                work_tree: None,
                index_file: None,
                excludes_file: None,
            },
        },
        policy: PolicyChoice::Builtin("recommended".to_owned()),
        old_findings: OldFindings::Listed,
        accept_policy: None,
        today: jiff::civil::date(2026, 11, 25),
        at: None,
        host,
    })
}

/// Returns the subjects of what closes the gate, and how they compare.
fn denied(report: &Report) -> Vec<String> {
    let blocking = report.findings.iter().filter(|finding| finding.blocks(report.counts_old));
    let mut out: Vec<String> =
        blocking.map(|finding| format!("{} {:?}", finding.subject.id, finding.baseline)).collect();
    out.sort();
    out
}

fn notes(report: &Report) -> Vec<&str> {
    report.notes.iter().map(Text::as_str).filter(|note| note.contains("host alone")).collect()
}

#[test]
fn a_snapshot_of_a_host_lets_pass_what_was_there_on_the_host_and_nothing_of_the_tree() {
    let sandbox = sandbox();
    let same = gate(&sandbox, Some("known.tar"), "host.json").unwrap();
    assert_eq!(denied(&same), ["out None"]);
    assert_eq!(notes(&same), ["host.json knows the host alone: the tree is judged without a baseline"]);
    assert!(same.summary.unchanged > 0);
    let now = gate(&sandbox, Some("worse.tar"), "host.json").unwrap();
    assert_eq!(denied(&now), ["/opt/shell Some(New)", "out None"]);
}

#[test]
fn a_snapshot_of_both_lets_pass_what_was_there_of_both() {
    let sandbox = sandbox();
    let of = |file: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(sandbox.join(file)).unwrap()).unwrap()
    };
    let (mut both, host) = (of("tree.json"), of("host.json"));
    both["evidence"]["host"] = host["evidence"]["host"].clone();
    sandbox.write("both.json", both.to_string());
    let same = gate(&sandbox, Some("known.tar"), "both.json").unwrap();
    assert_eq!((denied(&same).len(), notes(&same).len()), (0, 0), "{:?}", denied(&same));
    let now = gate(&sandbox, Some("worse.tar"), "both.json").unwrap();
    assert_eq!(denied(&now), ["/opt/shell Some(New)"]);
    // Nobody asked about the host: nothing of it is gone.
    let alone = gate(&sandbox, None, "both.json").unwrap();
    assert_eq!((denied(&alone).len(), alone.summary.absent), (0, 0));
}

#[test]
fn a_snapshot_of_a_tree_lets_pass_nothing_of_the_host() {
    let sandbox = sandbox();
    let now = gate(&sandbox, Some("known.tar"), "tree.json").unwrap();
    // It shares the number of root, and is root.
    assert_eq!(denied(&now), ["toor Some(New)", "toor Some(New)"]);
}

#[test]
fn a_tree_is_not_compared_with_a_host() {
    let sandbox = sandbox();
    assert!(matches!(gate(&sandbox, None, "host.json"), Err(GateError::HostAlone { .. })));
    let run = sandbox.portcullis(["gate", "tree", "--baseline", "host.json"]);
    let expected = "portcullis: host.json: expected a snapshot of a tree, found one of a host\n";
    assert!(run.code == 2 && run.stderr.contains(expected.trim_start_matches("portcullis: ")), "{}", run.whole());
    assert!(run.stderr.contains("--host"), "{}", run.whole());
}

#[test]
fn families_that_one_host_was_not_asked_for_are_named_and_not_compared() {
    let sandbox = sandbox();
    let run = sandbox.portcullis(["host", "snapshot", "--root", "known.tar", "--skip", "setid", "-o", "less.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let run = sandbox.portcullis(["host", "diff", "less.json", "worse.tar"]);
    assert!(run.stdout.contains("! setid: one of the hosts was not asked"), "{}", run.whole());
    assert!(!run.stdout.lines().any(|line| line.starts_with("+ setid")), "{}", run.whole());
    let run = sandbox.portcullis(["host", "diff", "less.json", "worse.tar", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(listed["not_compared"], serde_json::json!(["setid"]));
}

#[test]
fn the_host_now_is_named_once() {
    let sandbox = sandbox();
    for arguments in [&["host", "diff", "host.json"][..], &["host", "diff", "host.json", "known.tar", "--live"]] {
        assert_eq!(sandbox.portcullis(arguments.iter().copied()).code, 2);
    }
}

/// Runs a script as the root of namespaces of its own, in which it may lay a file over one of the machine's.
fn in_namespaces(sandbox: &Sandbox, script: &str) -> Option<Run> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "--net", "sh", "-euc", script]);
        command.env("portcullis", binary());
        sandbox.run(command, sandbox.path())
    };
    let is_allowed = Command::new("unshare").arg("--version").output().is_ok()
        && unshare("mount --bind /etc/passwd /etc/passwd").code == 0;
    if !is_allowed {
        skip(Path::new("a namespace of its own"), "a running machine compared with what was known of it");
        return None;
    }
    Some(unshare(script))
}

#[test]
fn the_running_machine_is_compared_with_what_was_known_of_it() {
    let sandbox = Sandbox::new();
    let script = r#"
        "$portcullis" host snapshot --skip setid --skip package -o then.json
        (cat /etc/passwd; echo 'toor:x:0:0::/:/bin/sh') > passwd
        mount --bind passwd /etc/passwd
        "$portcullis" host diff then.json --live --format json > changed.json
        "$portcullis" host diff then.json --live
    "#;
    let Some(run) = in_namespaces(&sandbox, script) else { return };
    assert_eq!(run.code, 0, "{}", run.whole());
    let added = |line: &&str| line.starts_with('+') && line.contains("account");
    let added: Vec<&str> = run.stdout.lines().filter(added).collect();
    assert_eq!(added.len(), 1, "{}", run.whole());
    assert!(added[0].ends_with(" toor"), "{}", run.whole());
    // The same families are asked as then, so that none is missing.
    let listed: serde_json::Value =
        serde_json::from_slice(&std::fs::read(sandbox.join("changed.json")).unwrap()).unwrap();
    assert_eq!(listed["not_compared"], serde_json::json!([]), "{listed}");
}
