//! A project with many old faults adopts the gate, and is stopped only by what comes on top.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::cargo::{self, package};
use crate::support::Sandbox;

/// The files that hold findings, how many each, and the rule they are of.
const FILES: [(&str, usize, &str); 10] = [
    (".github/workflows/build.yml", 35, "workflow/unpinned-action"),
    (".github/workflows/docs.yml", 35, "workflow/unpinned-action"),
    (".github/workflows/release.yml", 35, "workflow/unpinned-action"),
    (".github/workflows/test.yml", 35, "workflow/unpinned-action"),
    ("mill/Cargo.lock", 60, "change/insecure-source"),
    ("lift/Cargo.lock", 60, "change/insecure-source"),
    ("front/package.json", 60, "change/floating-git-ref"),
    ("shop/package.json", 60, "change/floating-git-ref"),
    ("requirements.txt", 60, "change/verification-weakened"),
    ("tools/requirements.txt", 60, "change/verification-weakened"),
];

/// Where lines may stand that no rule has anything to say of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moved {
    No,
    Down,
}

/// Writes a file with so many faults.
fn write(sandbox: &Sandbox, path: &str, faults: usize, moved: Moved) {
    let down = moved == Moved::Down;
    let mut text = String::new();
    match path.rsplit('/').next().unwrap() {
        "Cargo.lock" => {
            let old = (0..faults)
                .map(|n| package(&format!("p{n:02}"), "1.0.0", 'a').from("registry+http://cargo.example/index"));
            let harmless = down.then(|| package("a-first", "1.0.0", 'b'));
            let packages: Vec<_> = harmless.into_iter().chain(old).collect();
            return cargo::project_at(sandbox, path.strip_suffix("Cargo.lock").unwrap(), &packages);
        }
        "package.json" => {
            let harmless = if down { "\n    \"a-first\": \"^1.0.0\",\n" } else { "" };
            let old: Vec<String> = (0..faults)
                .map(|n| format!("    \"p{n:02}\": \"git+https://git.example/acme/p{n:02}.git#main\""))
                .collect();
            write!(
                text,
                "{{\n  \"name\": \"shop\",\n  \"dependencies\": {{{harmless}\n{}\n  }}\n}}\n",
                old.join(",\n")
            )
            .unwrap();
        }
        "requirements.txt" => {
            text.push_str(if down { "# Mirrors inside the house.\n\n" } else { "" });
            (0..faults).for_each(|n| writeln!(text, "--trusted-host mirror-{n:02}.example").unwrap());
            text.push_str("attrs==25.3.0\n");
        }
        _ => {
            text.push_str(if down { "# What runs on every push.\n\n" } else { "" });
            text.push_str("on: push\njobs:\n  all:\n    runs-on: ubuntu-24.04\n    steps:\n");
            text.push_str(if down { "      - run: echo first\n" } else { "" });
            (0..faults).for_each(|n| writeln!(text, "      - uses: acme/step-{n:02}@v1").unwrap());
        }
    }
    sandbox.write(path, text);
}

/// A project with 500 old findings that adopted the gate: one command that writes the baseline, one that judges.
fn adopted() -> Sandbox {
    let sandbox = Sandbox::repository();
    FILES.iter().for_each(|(path, faults, _)| write(&sandbox, path, *faults, Moved::No));
    sandbox.commit("as it grew");
    assert_eq!(sandbox.portcullis(["gate"]).code, 1, "without a baseline all of it counts");
    let run = sandbox.portcullis(["baseline", "-o", "portcullis-baseline.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.whole());
    let run = sandbox.portcullis(GATE);
    assert_eq!(run.code, 0, "{}", run.whole());
    sandbox
}

const GATE: [&str; 3] = ["gate", "--baseline", "portcullis-baseline.json"];

/// Returns exit code and the failing findings of level deny, by baseline, rule and file.
#[track_caller]
fn denied(sandbox: &Sandbox, gate: &[&str]) -> (i32, BTreeMap<(String, String, String), usize>) {
    let run = sandbox.portcullis(gate.iter().copied().chain(["--format", "json"]));
    let mut counted = BTreeMap::new();
    let report = run.report();
    let is_denied = |finding: &&Value| finding["level"] == "deny" && finding["state"] == "fail";
    for finding in report["findings"].as_array().unwrap().iter().filter(is_denied) {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let key = (word(&finding["baseline"]), word(&finding["rule"]), word(&finding["location"]["path"]));
        *counted.entry(key).or_default() += 1;
    }
    (run.code, counted)
}

fn old() -> BTreeMap<(String, String, String), usize> {
    FILES.iter().map(|(path, faults, rule)| (("unchanged".into(), (*rule).into(), (*path).into()), *faults)).collect()
}

#[test]
fn five_hundred_old_findings_do_not_block() {
    let sandbox = adopted();
    assert_eq!(FILES.iter().map(|(_, faults, _)| faults).sum::<usize>(), 500);
    assert_eq!(denied(&sandbox, &GATE), (0, old()));
    assert_eq!(sandbox.portcullis(["gate", "--base", "HEAD"]).code, 0);
}

#[test]
fn one_more_finding_of_any_rule_blocks_alone() {
    let sandbox = adopted();
    for (path, faults, rule) in FILES {
        let before = fs::read(sandbox.join(path)).unwrap();
        write(&sandbox, path, faults + 1, Moved::No);
        let mut expected = old();
        expected.insert(("new".to_owned(), rule.to_owned(), path.to_owned()), 1);
        assert_eq!(denied(&sandbox, &GATE), (1, expected), "{path}");
        // In a pull request only what the change touches is looked at.
        let (code, found) = denied(&sandbox, &["gate", "--base", "HEAD", "--new-only"]);
        let new: Vec<_> = found.into_iter().collect();
        assert_eq!((code, new), (1, vec![(("new".to_owned(), rule.to_owned(), path.to_owned()), 1)]), "{path}");
        sandbox.write(path, before);
        if let Some(folder) = path.strip_suffix("Cargo.lock") {
            sandbox.git(["checkout", "-q", "HEAD", "--", folder]);
        }
    }
    assert_eq!(sandbox.portcullis(GATE).code, 0, "all is as it was");
}

#[test]
fn moved_lines_leave_old_findings_old() {
    let sandbox = adopted();
    FILES.iter().for_each(|(path, faults, _)| write(&sandbox, path, *faults, Moved::Down));
    assert_eq!(denied(&sandbox, &GATE), (0, old()));
    assert_eq!(sandbox.portcullis(["gate", "--base", "HEAD"]).code, 0);
    // Still so when one of each is mended.
    FILES.iter().for_each(|(path, faults, _)| write(&sandbox, path, faults - 1, Moved::Down));
    let (code, found) = denied(&sandbox, &GATE);
    let of =
        |baseline: &str| found.iter().filter(|((it, ..), _)| it == baseline).map(|(_, count)| count).sum::<usize>();
    assert_eq!((code, of("new"), of("unchanged"), of("absent")), (0, 0, 490, 10));
}
