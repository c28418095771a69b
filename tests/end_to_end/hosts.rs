//! Hosts: each rule about them by the cases of its page and by scenarios, and what the commands promise.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use toml::Table;

use crate::host_root::HostRoot;
use crate::support::{Run, Sandbox, project};

/// The rules about hosts.
pub(crate) fn rules() -> impl Iterator<Item = &'static portcullis::rule::Rule> {
    portcullis::rule::rules().filter(|rule| rule.judge.is_of_host())
}

/// Whether the cases on the page of a rule are roots: only a running system tells of some, and an archive does not keep
/// whether a file is locked.
pub(crate) fn shows_roots(rule: &str) -> bool {
    !portcullis::rule::host::is_live(rule) && rule != "host/file-immutable"
}

/// What was judged already: two tests ask for the same.
static JUDGED: Mutex<BTreeMap<String, Arc<OnceLock<Run>>>> = Mutex::new(BTreeMap::new());

/// Judges a root that lies in a tarball.
pub(crate) fn check(root: HostRoot, arguments: &[&str]) -> Run {
    let tarball = root.tarball();
    let key = format!("{:x} {arguments:?}", Sha256::digest(&tarball));
    let judged = JUDGED.lock().unwrap().entry(key).or_default().clone();
    let run = judged.get_or_init(|| {
        let sandbox = Sandbox::new();
        sandbox.write("root.tar", &tarball);
        let all = ["host", "check", "--root", "root.tar", "--format", "json"].iter().chain(arguments).copied();
        sandbox.portcullis(all.collect::<Vec<_>>())
    });
    Run { code: run.code, stdout: run.stdout.clone(), stderr: run.stderr.clone() }
}

fn findings(report: &Value) -> &Vec<Value> {
    report["findings"].as_array().unwrap_or_else(|| panic!("{report}"))
}

fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no heading {heading}"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The attribute of a list that gives one user rights beside those of the mode, in hexadecimal.
fn access_list(rights: &str) -> String {
    let (user, rights) = rights.split_once(':').unwrap();
    let bits = rights.bytes().map(|right| if right == b'r' { 4_u16 } else { 2 }).sum();
    let anyone = u32::MAX;
    let entries = [(1, 6, anyone), (2, bits, user.parse().unwrap()), (4, 4, anyone), (16, 6, anyone), (32, 4, anyone)];
    let mut out = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        out.extend(u16::to_le_bytes(tag));
        out.extend(u16::to_le_bytes(rights));
        out.extend(u32::to_le_bytes(id));
    }
    out.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Builds the root that a section of a page shows, and judges it.
///
/// A block `LANG BASE/PATH [WORD…]` is an entry of the root: BASE is `root` (Debian 12), `rhel9`, `alpine` or
/// `debian12-sysvinit`. The words are `mode=4755`, `owner=0:50`, `caps=cap_net_raw+ep`, `acl=1000:rw`, `package=NAME` (which ships it),
/// `program` (a stand-in of that name, the text does not count), or a type of the scenarios: `link`, `hardlink` (the text
/// is the target), `append`, `absent`, `dir`, `fifo`, `char`. A block `console` may hold the command with more options.
pub(crate) fn page_case(page: &str, heading: &str) -> Run {
    let mut root: Option<HostRoot> = None;
    let mut arguments: Vec<String> = Vec::new();
    let mut packages: Vec<Table> = Vec::new();
    let mut lines = section(page, heading).lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if info == "console" {
            let command = body.join(" ");
            let rest =
                command.strip_prefix("$ portcullis host check").unwrap_or_else(|| panic!("{heading}: {command}"));
            let mut words = rest.split_whitespace();
            while let Some(word) = words.next() {
                match word {
                    "--root" => drop(words.next()),
                    other => arguments.push(other.to_owned()),
                }
            }
            continue;
        }
        let mut words = info.split_whitespace().skip(1);
        let Some((base, path)) = words.next().and_then(|place| place.split_once('/')) else { continue };
        let base = if base == "root" { "debian12" } else { base };
        let root = root.get_or_insert_with(|| HostRoot::base(base));
        let mut entry = Table::new();
        entry.insert("path".into(), format!("/{path}").into());
        entry.insert("content".into(), (body.join("\n") + "\n").into());
        for word in words {
            match word.split_once('=') {
                Some(("mode", mode)) => drop(entry.insert("mode".into(), mode.into())),
                Some(("caps", caps)) => drop(entry.insert("caps".into(), caps.into())),
                Some(("acl", rights)) => {
                    let mut value = Table::new();
                    value.insert("system.posix_acl_access".into(), access_list(rights).into());
                    entry.insert("xattr-hex".into(), value.into());
                }
                Some(("owner", owner)) => {
                    let (user, group) = owner.split_once(':').unwrap();
                    entry.insert("uid".into(), user.parse::<i64>().unwrap().into());
                    entry.insert("gid".into(), group.parse::<i64>().unwrap().into());
                }
                Some(("package", name)) => {
                    let mut package = Table::new();
                    package.insert("name".into(), name.into());
                    package.insert("files".into(), vec![format!("/{path}")].into());
                    packages.push(package);
                }
                None if word == "program" => {
                    entry.insert("program".into(), path.rsplit('/').next().unwrap().into());
                }
                None => {
                    entry.insert("type".into(), word.into());
                    entry.insert("target".into(), body.join("\n").into());
                }
                Some(_) => panic!("{heading}: {info}"),
            }
        }
        root.entry(&entry);
    }
    let mut root = root.unwrap_or_else(|| panic!("{heading} shows no root"));
    let mut scenario = Table::new();
    scenario.insert("package".into(), packages.into());
    root.lay(&scenario);
    check(root, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_cases_of_each_page_end_as_it_says() {
    let mut faults = Vec::new();
    for rule in rules().filter(|rule| shows_roots(rule.id)) {
        let of_rule = |report: &Value, state: &str| {
            findings(report).iter().filter(|found| found["rule"] == rule.id && found["state"] == state).count()
        };
        let fires = page_case(rule.page, "Fires");
        // What could not be read is never known to be wrong.
        let state = if rule.id == "host/walk-incomplete" { "not-determined" } else { "fail" };
        if fires.code > 1 || of_rule(&fires.report(), state) == 0 {
            faults.push(format!("{}: the case under Fires does not fire: {}", rule.id, fires.whole()));
        }
        let quiet = page_case(rule.page, "Does not fire");
        if quiet.code > 1 || of_rule(&quiet.report(), "fail") + of_rule(&quiet.report(), "not-determined") > 0 {
            faults.push(format!("{}: the case under Does not fire is not quiet: {}", rule.id, quiet.whole()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The files of scenarios in a folder and below it.
pub(crate) fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(folder) = ahead.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                ahead.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// Builds the root of a scenario and judges it.
fn scenario_run(scenario: &Table) -> Run {
    let text_of = |key: &str, usual: &str| scenario.get(key).and_then(toml::Value::as_str).unwrap_or(usual).to_owned();
    let mut root = HostRoot::base(&text_of("base", "debian12"));
    root.lay(scenario);
    check(root, &["--profile", &text_of("profile", "base")])
}

/// Returns the report about the root of a scenario; null where there is none.
pub(crate) fn scenario_report(file: &Path) -> Value {
    let run = scenario_run(&fs::read_to_string(file).unwrap().parse().unwrap());
    if run.code > 1 { Value::Null } else { run.report() }
}

/// Returns what of a scenario does not hold. `rule_of` says which rule the check of an expectation is.
fn faults(file: &Path, rule_of: &dyn Fn(&str) -> String) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let scenario: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let text_of = |table: &Table, key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let run = scenario_run(&scenario);
    let exit = scenario.get("exit").and_then(toml::Value::as_integer);
    let mut faults = Vec::new();
    if exit.is_some_and(|exit| exit != i64::from(run.code)) || (exit.is_none() && run.code > 1) {
        faults.push(format!("exit {}: {}", run.code, run.whole()));
    }
    if run.code > 1 {
        return faults;
    }
    let report = run.report();
    let folded = |value: &str| value.to_lowercase().replace(':', "");
    for expect in scenario.get("expect").and_then(toml::Value::as_array).into_iter().flatten() {
        let expect = expect.as_table().unwrap();
        let (rule, subject) = (rule_of(&text_of(expect, "check").unwrap()), text_of(expect, "subject"));
        let state = text_of(expect, "state").unwrap();
        let of: Vec<&Value> = findings(&report)
            .iter()
            .filter(|found| found["rule"] == rule.as_str())
            .filter(|found| subject.as_ref().is_none_or(|subject| found["subject"]["id"] == subject.as_str()))
            .collect();
        let told = format!("{rule} {subject:?}");
        if state == "pass" {
            if !of.is_empty() {
                faults.push(format!("{told}: expected pass, found {of:?}"));
            }
            continue;
        }
        let fitting: Vec<&Value> = of.iter().copied().filter(|found| found["state"] == state.as_str()).collect();
        if fitting.is_empty() {
            faults.push(format!("{told}: expected {state}, found {of:?}"));
            continue;
        }
        for word in expect.get("must_mention").and_then(toml::Value::as_array).into_iter().flatten() {
            let word = word.as_str().unwrap();
            if !fitting.iter().any(|found| folded(&found.to_string().replace("\\\\", "\\")).contains(&folded(word))) {
                faults.push(format!("{told}: does not mention {word}: {fitting:?}"));
            }
        }
        if let Some(level) = text_of(expect, "level")
            && !fitting.iter().any(|found| found["level"] == level.as_str())
        {
            faults.push(format!("{told}: no level {level}: {fitting:?}"));
        }
        if let Some(line) = expect.get("location_line").and_then(toml::Value::as_integer)
            && !fitting.iter().any(|found| found["location"]["line"] == line)
        {
            faults.push(format!("{told}: not at line {line}: {fitting:?}"));
        }
    }
    for check in scenario.get("quiet").and_then(toml::Value::as_array).into_iter().flatten() {
        let rule = rule_of(check.as_str().unwrap());
        let is_loud = |found: &&Value| {
            found["rule"] == rule.as_str() && (found["state"] == "fail" || found["state"] == "not-determined")
        };
        if let Some(loud) = findings(&report).iter().find(is_loud) {
            faults.push(format!("{rule} is not quiet: {loud}"));
        }
    }
    faults
}

#[test]
fn each_scenario_ends_as_it_says() {
    let own = |check: &str| format!("host/{check}");
    let mut all = Vec::new();
    for file in scenarios(&project().join("tests/rule/host")) {
        all.extend(faults(&file, &own).into_iter().map(|fault| format!("{}: {fault}", file.display())));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
