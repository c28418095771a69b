//! Every rule: its cases under `tests/rule/`, and the cases its page shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::rule::Rule;
use serde_json::Value;

use crate::support::{Sandbox, compare_with_file, project};

/// What a case expects of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Expected {
    Fires,
    Passes,
    Undetermined,
}

/// Builds the two commits of a case and judges the second against the first.
fn judge(sandbox: &Sandbox) -> Value {
    let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]);
    assert!(run.code == 0 || run.code == 1, "{}", run.whole());
    let report = run.report();
    let blocks = report["findings"].as_array().unwrap().iter().any(|finding| {
        finding["level"] == "deny"
            && (finding["state"] == "fail" || finding["state"] == "not-determined")
            && finding["baseline"] == "new"
    });
    assert_eq!(run.code, i32::from(blocks), "{}", run.whole());
    report
}

/// Returns how a rule ended: the worst of its new answers.
fn ended(report: &Value, rule: &str) -> Expected {
    let states: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| {
            finding["rule"] == rule && finding["baseline"] != "unchanged" && finding["baseline"] != "absent"
        })
        .filter(|finding| finding["level"] != "allow")
        .filter_map(|finding| finding["state"].as_str())
        .collect();
    if states.contains(&"fail") {
        Expected::Fires
    } else if states.contains(&"not-determined") {
        Expected::Undetermined
    } else {
        Expected::Passes
    }
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn expectation(case: &Path) -> Expected {
    let text = fs::read_to_string(case.join("case.toml")).unwrap();
    match text.trim() {
        "expect = \"fires\"" => Expected::Fires,
        "expect = \"passes\"" => Expected::Passes,
        "expect = \"undetermined\"" => Expected::Undetermined,
        other => panic!("{}: {other}", case.display()),
    }
}

/// Keeps of a report what a case is about: exit-relevant findings, whole.
fn kept(report: &Value) -> String {
    let mut report = report.clone();
    report["tool"]["version"] = "0.0.0".into();
    if report["policy"]["origin"] == "builtin" {
        report["policy"]["digest"] = Value::Null;
    }
    for input in report["inputs"].as_array_mut().unwrap() {
        input["digest"] = Value::Null;
    }
    serde_json::to_string_pretty(&report).unwrap() + "\n"
}

/// The rules whose cases are two trees; of those about artifacts and hosts the page shows the cases.
fn rules_of_trees() -> impl Iterator<Item = &'static Rule> {
    portcullis::rule::rules().filter(|rule| !rule.judge.is_of_artifacts() && !rule.judge.is_of_host())
}

#[test]
fn each_case_ends_as_it_says() {
    let mut faults = Vec::new();
    for rule in rules_of_trees() {
        for case in folders(&project().join("tests/rule").join(rule.id)) {
            let sandbox = Sandbox::repository();
            sandbox.replace_tree(&case.join("before"));
            sandbox.commit("before");
            sandbox.replace_tree(&case.join("after"));
            sandbox.commit("after");
            let report = judge(&sandbox);
            let (expected, found) = (expectation(&case), ended(&report, rule.id));
            if expected != found {
                faults.push(format!("{}/{}: expected {expected:?}, found {found:?}", rule.id, name(&case)));
            }
            compare_with_file(&case.join("report.json"), &kept(&report));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_rule_has_a_case_that_fires_a_near_miss_and_an_undetermined_one() {
    for rule in rules_of_trees() {
        let mut found: BTreeMap<Expected, usize> = BTreeMap::new();
        for case in folders(&project().join("tests/rule").join(rule.id)) {
            *found.entry(expectation(&case)).or_default() += 1;
        }
        assert!(found.contains_key(&Expected::Fires), "{} has no case that fires", rule.id);
        assert!(found.contains_key(&Expected::Passes), "{} has no near-miss", rule.id);
        assert!(
            found.contains_key(&Expected::Undetermined) || rule.needs.is_empty(),
            "{} has no undetermined case",
            rule.id
        );
    }
}

/// One fenced block of a page: `LANG SIDE/PATH [FLAG]`.
struct Block {
    side: String,
    path: String,
    flag: String,
    text: String,
}

fn blocks(section: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut words = info.split_whitespace().skip(1);
        let Some((side, path)) = words.next().and_then(|place| place.split_once('/')) else { continue };
        let flag = words.next().unwrap_or_default();
        let text = body.join("\n") + "\n";
        out.push(Block { side: side.to_owned(), path: path.to_owned(), flag: flag.to_owned(), text });
    }
    out
}

fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no heading {heading}"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

fn lay(sandbox: &Sandbox, blocks: &[Block], side: &str) {
    for block in blocks.iter().filter(|block| block.side == side) {
        match block.flag.as_str() {
            "delete" => sandbox.remove(&block.path),
            "link" => sandbox.link(&block.path, block.text.trim_end()),
            "executable" => {
                sandbox.write(&block.path, &block.text);
                sandbox.executable(&block.path);
            }
            _ => sandbox.write(&block.path, &block.text),
        }
    }
}

fn page_case(page: &str, heading: &str) -> Value {
    let blocks = blocks(section(page, heading));
    assert!(!blocks.is_empty(), "{heading} shows no case");
    let sandbox = Sandbox::repository();
    lay(&sandbox, &blocks, "before");
    sandbox.commit("before");
    lay(&sandbox, &blocks, "after");
    sandbox.commit("after");
    judge(&sandbox)
}

#[test]
fn the_cases_of_each_page_end_as_it_says() {
    let mut faults = Vec::new();
    for rule in rules_of_trees() {
        let fires = page_case(rule.page, "Fires");
        if ended(&fires, rule.id) != Expected::Fires {
            faults.push(format!("{}: the case under Fires does not fire", rule.id));
        }
        let quiet = page_case(rule.page, "Does not fire");
        let blocked = quiet["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["level"] != "allow" && f["state"] == "fail" && f["baseline"] == "new");
        if ended(&quiet, rule.id) != Expected::Passes || blocked || quiet["verdict"] != "pass" {
            faults.push(format!("{}: the case under Does not fire is not quiet: {quiet:#}", rule.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Lays the files that a section about an artifact shows or names, and runs its command.
///
/// A block `LANG PATH` is a file. A block `fixtures` names one file a line, `PATH = FIXTURE`, from
/// `tests/fixtures/signatures`. A block `console` holds the command behind `$ `, with `\` at the end of a line that
/// goes on; before it may stand commands of git.
fn artifact_case(page: &str, heading: &str) -> (i32, Value) {
    let sandbox = Sandbox::new();
    let mut command = None;
    let mut lines = section(page, heading).lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_whitespace().collect::<Vec<_>>()[..] {
            ["console"] => command = Some(body.join("\n")),
            ["fixtures"] => {
                for line in body {
                    let (path, fixture) = line.split_once(" = ").unwrap_or_else(|| panic!("{heading}: {line}"));
                    let from = project().join("tests/fixtures/signatures").join(fixture.trim());
                    let contents = fs::read(&from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
                    sandbox.write(path.trim(), contents);
                }
            }
            [_, path] => sandbox.write(path, body.join("\n") + "\n"),
            _ => panic!("{heading}: what is the block `{info}`?"),
        }
    }
    let command = command.unwrap_or_else(|| panic!("{heading} shows no command")).replace("\\\n", " ");
    let mut commands: Vec<Vec<&str>> = command
        .split("$ ")
        .skip(1)
        .map(|command| command.split_whitespace().map(|word| word.trim_matches('\'')).collect())
        .collect();
    let words = commands.pop().unwrap();
    for before in commands {
        let mut git = std::process::Command::new("git");
        assert_eq!(before[0], "git", "{heading}: {command}");
        git.args(&before[1..]);
        let run = sandbox.run(git, sandbox.path());
        assert_eq!(run.code, 0, "{heading}: {before:?}: {}", run.whole());
    }
    assert_eq!(words[..2], ["portcullis", "verify"], "{heading}: {command}");
    let run = sandbox.portcullis(words[1..].iter().copied().chain(["--format", "json"]));
    assert!(run.code == 0 || run.code == 1, "{heading}: {}", run.whole());
    (run.code, run.report())
}

#[test]
fn the_cases_of_each_page_about_artifacts_end_as_it_says() {
    let mut faults = Vec::new();
    for rule in portcullis::rule::rules().filter(|rule| rule.judge.is_of_artifacts()) {
        let (code, report) = artifact_case(rule.page, "Fires");
        if code != 1 || ended(&report, rule.id) != Expected::Fires {
            faults.push(format!("{}: the case under Fires does not fire: {report:#}", rule.id));
        }
        let (code, report) = artifact_case(rule.page, "Does not fire");
        let findings = report["findings"].as_array().unwrap();
        if code != 0 || !findings.is_empty() || report["verdict"] != "pass" {
            faults.push(format!("{}: the case under Does not fire is not quiet: {report:#}", rule.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_has_the_same_headings() {
    let headings =
        ["What it means", "Why it matters", "Fires", "Does not fire", "How to fix", "When to waive", "Sources"];
    for rule in portcullis::rule::rules() {
        let found: Vec<&str> = rule.page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(found, headings, "{}", rule.id);
        assert!(rule.page.starts_with(&format!("# `{}`\n", rule.id)), "{}", rule.id);
        assert!(
            section(rule.page, "Sources")
                .lines()
                .any(|line| line.contains("http") || line.contains("CVE") || line.contains("CWE")),
            "{}",
            rule.id
        );
    }
}
