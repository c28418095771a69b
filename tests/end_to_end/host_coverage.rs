//! Which facts about hosts are supported: each that some root fires and another passes. `docs/host-coverage.md` is made of
//! it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use portcullis::host::setid::capability;
use portcullis::policy::host::{Fact, Operator, Profile, Table, Value, table};
use serde_json::Value as Json;
use toml::Table as Toml;

use crate::host_root::HostRoot;
use crate::hosts::{check, page_case, rules, scenario_report, scenarios, shows_roots};
use crate::support::{compare_with_file, project};

/// Facts that files could tell and that are left out, with the reason.
const LEFT_OUT: &[(&str, &str)] = &[(
    "host.package.pending_security",
    "needs a database of advisories, which the host does not hold; an SBOM of the root (`sbom generate --root`) is what \
     such a database is asked with",
)];

/// What some root showed of facts.
#[derive(Default)]
struct Shown {
    fired: BTreeSet<String>,
    passed: BTreeSet<String>,
    /// Rows of the tables of setid programs and capabilities, by distribution and path.
    rows_fired: BTreeSet<String>,
    rows_passed: BTreeSet<String>,
}

impl Shown {
    fn take(&mut self, report: &Json) {
        for fact in report["facts"].as_array().into_iter().flatten() {
            let id = fact["id"].as_str().unwrap().to_owned();
            match fact["state"].as_str() {
                Some("fail") => drop(self.fired.insert(id)),
                Some("pass") => drop(self.passed.insert(id)),
                // What could not be read is never a failure of this fact.
                Some("not-determined") if id == "host.walk.complete" => drop(self.fired.insert(id)),
                _ => {}
            }
        }
    }

    fn judge(&mut self, root: HostRoot, profile: &str) {
        let run = check(root, &["--profile", profile]);
        assert!(run.code < 2, "{}", run.whole());
        self.take(&run.report());
    }
}

fn entry(path: &str, content: &str) -> Toml {
    let mut entry = Toml::new();
    entry.insert("path".into(), path.into());
    entry.insert("content".into(), content.into());
    entry
}

fn with(mut entry: Toml, key: &str, value: impl Into<toml::Value>) -> Toml {
    entry.insert(key.into(), value.into());
    entry
}

/// A value that is as a fact expects it, or one that is not.
fn example(fact: &Fact, profile: Profile, is_good: bool) -> Option<String> {
    let value = fact.value(profile);
    // The most that the architecture has.
    if let Some(most) = fact.arch.get("x86_64").filter(|_| value.list() == ["MAX"]) {
        return Some(if is_good { *most } else { most / 2 }.to_string());
    }
    let candidates =
        ["0", "1", "2", "3", "-1", "100000", "yes", "no", "core", "/x", "|/bin/false", "x", "4096", "65536"];
    let listed = value.list();
    let joined = listed.join(",");
    let mut all: Vec<String> = listed.clone();
    all.push(joined);
    all.extend(candidates.iter().map(|word| (*word).to_owned()));
    all.into_iter().find(|candidate| fact.operator.accepts(value, candidate) == Some(is_good))
}

/// Releases of which some facts are.
const RELEASES: [&str; 2] = ["ID=debian\nVERSION_ID=\"12\"\n", "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n"];

/// Writes settings, each a key and a value, as entries of a root.
type Writes<'a> = &'a dyn Fn(&[(String, String)]) -> Vec<Toml>;

/// Facts of settings: all of a kind in one root.
fn settings(shown: &mut Shown, rule: &str, write: Writes<'_>) {
    for ((name, profile), release) in
        Profile::NAMES.into_iter().flat_map(|name| RELEASES.map(|release| (name, release)))
    {
        for is_good in [true, false] {
            let of_rule = table().facts.iter().filter(|fact| fact.rule == rule && fact.profile <= profile);
            let lines: Vec<(String, String)> =
                of_rule.filter_map(|fact| Some((fact.key.clone()?, example(fact, profile, is_good)?))).collect();
            let mut root = HostRoot::base("debian12");
            write(&lines).iter().for_each(|entry| root.entry(entry));
            root.entry(&entry("/usr/lib/os-release", release));
            shown.judge(root, name);
        }
    }
}

fn files(shown: &mut Shown) {
    for profile in ["base", "strict"] {
        for is_good in [true, false] {
            let mut root = HostRoot::base("debian12");
            for fact in table().facts.iter().filter(|fact| fact.rule == "host/file-permission") {
                // Of homes and of what must not be there pages and scenarios tell.
                let Some(path) = fact.path.as_ref().filter(|path| path.starts_with('/')) else { continue };
                if fact.max_mode.is_none() {
                    continue;
                }
                let most = fact.max_mode.as_deref().map_or(0o644, |mode| u32::from_str_radix(mode, 8).unwrap());
                let path = path.replace('*', "example");
                let is_folder = most & 0o100 != 0;
                let mode = if is_good { most } else { most | 0o022 };
                let new = if is_folder { entry(&path, "") } else { entry(&path, "x\n") };
                let new = with(with(new, "mode", format!("{mode:o}")), "type", if is_folder { "dir" } else { "file" });
                // What a base needs to be read keeps its contents.
                let keeps = ["/etc/passwd", "/etc/group", "/etc/shadow"].contains(&path.as_str());
                match keeps {
                    true => root.mode(&path, mode),
                    false => root.entry(&new),
                }
            }
            shown.judge(root, profile);
        }
    }
}

fn mounts(shown: &mut Shown) {
    for profile in ["base", "strict"] {
        for is_good in [true, false] {
            let mut lines = "UUID=0000-1111 / ext4 defaults 0 1\n".to_owned();
            for fact in table().facts.iter().filter(|fact| fact.rule == "host/mount-option") {
                let Some(path) = &fact.path else { continue };
                let options: Vec<&str> = fact.options.iter().map(|option| option.split('|').next().unwrap()).collect();
                let kind = if path == "/proc" { "proc" } else { "tmpfs" };
                let options = if is_good { options.join(",") } else { "defaults".to_owned() };
                writeln!(lines, "{kind} {path} {kind} {options} 0 0").unwrap();
            }
            let mut root = HostRoot::base("debian12");
            root.entry(&entry("/etc/fstab", &lines));
            shown.judge(root, profile);
        }
    }
}

/// The rows of the tables, each as it is shipped, and with more rights.
fn rows(shown: &mut Shown) {
    let releases = [
        ("debian12", "ID=debian\nVERSION_ID=\"12\"\n"),
        ("ubuntu2404", "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n"),
        ("rhel9", "ID=\"rhel\"\nVERSION_ID=\"9.4\"\n"),
    ];
    let Table { setid, capable, .. } = table();
    for (distribution, release) in releases {
        for is_good in [true, false] {
            let mut root = HostRoot::base("empty");
            root.entry(&entry("/etc/os-release", release));
            let mut groups: BTreeMap<&str, u32> = BTreeMap::from([("root", 0)]);
            let mut paths = Vec::new();
            for row in setid.iter().filter(|row| row.distros.iter().any(|name| name == distribution)) {
                let next = u32::try_from(groups.len()).unwrap();
                let owner = *groups.entry(&row.owner).or_insert(next);
                let next = u32::try_from(groups.len()).unwrap();
                let group = *groups.entry(&row.group).or_insert(next);
                let mode = u32::from_str_radix(&row.mode, 8).unwrap() | if is_good { 0 } else { 0o022 };
                let program = with(entry(&row.path, ""), "program", row.path.as_str());
                let program = with(with(program, "uid", i64::from(owner)), "gid", i64::from(group));
                root.entry(&with(program, "mode", format!("{mode:o}")));
                paths.push((&row.path, "host/setid-unexpected"));
            }
            for row in capable.iter().filter(|row| row.distros.iter().any(|name| name == distribution)) {
                let (names, flags) = row.caps.split_once('=').unwrap();
                let flags = flags.split(' ').next().unwrap();
                let extra = if is_good { "" } else { ",cap_wake_alarm" };
                assert!(names.split(',').all(|name| capability::NAMES.contains(&name)), "{}", row.caps);
                let program = with(entry(&row.path, ""), "program", row.path.as_str());
                root.entry(&with(with(program, "mode", "755"), "caps", format!("{names}{extra}+{flags}")));
                paths.push((&row.path, "host/filecap-unexpected"));
            }
            let lines = |ending: &str| -> String {
                groups.iter().map(|(name, id)| format!("{name}:x:{id}:{ending}\n")).collect()
            };
            root.entry(&entry("/etc/passwd", &lines("0::/:/usr/sbin/nologin")));
            root.entry(&entry("/etc/group", &lines("")));
            let run = check(root, &[]);
            assert!(run.code < 2, "{}", run.whole());
            let report = run.report();
            let found = report["findings"].as_array().unwrap();
            for (path, rule) in paths {
                let fails = found.iter().any(|finding| {
                    finding["rule"] == rule && finding["state"] == "fail" && finding["subject"]["id"] == path.as_str()
                });
                let row = format!("{distribution} {path}");
                match (fails, is_good) {
                    (true, false) => drop(shown.rows_fired.insert(row)),
                    (false, true) => drop(shown.rows_passed.insert(row)),
                    _ => {}
                }
            }
        }
    }
}

fn everything() -> Shown {
    let mut shown = Shown::default();
    for rule in rules().filter(|rule| shows_roots(rule.id)) {
        for heading in ["Fires", "Does not fire"] {
            shown.take(&page_case(rule.page, heading).report());
        }
    }
    for file in scenarios(&project().join("tests/rule/host")) {
        shown.take(&scenario_report(&file));
    }
    settings(&mut shown, "host/sysctl-persisted", &|lines| {
        let text: String = lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        vec![entry("/etc/sysctl.d/99-all.conf", &text)]
    });
    settings(&mut shown, "host/sshd-setting", &|lines| {
        let text: String = lines.iter().map(|(key, value)| format!("{key} {value}\n")).collect();
        let server = with(with(entry("/usr/sbin/sshd", ""), "program", "sshd"), "mode", "755");
        vec![entry("/etc/ssh/sshd_config", &text), server]
    });
    files(&mut shown);
    mounts(&mut shown);
    rows(&mut shown);
    shown
}

/// How far a fact is supported.
fn support(fact: &Fact, shown: &Shown) -> String {
    if let Some((_, reason)) = LEFT_OUT.iter().find(|(id, _)| *id == fact.id) {
        return format!("no: {reason}");
    }
    // A root that is mounted from elsewhere, and attributes that no archive keeps.
    let is_of_directories = ["host.walk.remote", "host.fs.immutable"].contains(&fact.id.as_str());
    if portcullis::rule::host::is_live(&fact.rule) || is_of_directories {
        return "in a directory or on a running system".to_owned();
    }
    match (shown.fired.contains(&fact.id), shown.passed.contains(&fact.id)) {
        (true, true) => "yes".to_owned(),
        (false, true) => "no: no root of the tests fires it".to_owned(),
        (true, false) => "no: no root of the tests passes it".to_owned(),
        (false, false) => "no: no root of the tests shows it".to_owned(),
    }
}

fn references(fact: &Fact) -> String {
    let one = |control: &portcullis::policy::host::Control| {
        let wants = control.wants.as_ref().map(|wants| format!(" (wants {wants})")).unwrap_or_default();
        format!("{} {}{wants}", control.scheme, control.id)
    };
    fact.controls().iter().map(one).collect::<Vec<_>>().join(", ")
}

fn expected(fact: &Fact) -> String {
    let words = fact.operator.words(fact.value(fact.profile));
    match (&fact.operator, fact.value(Profile::Base)) {
        (Operator::Own, Value::None) => String::new(),
        _ => words.replace('|', "\\|"),
    }
}

#[test]
fn the_list_of_facts_says_what_is_supported() {
    let shown = everything();
    let all = &table().facts;
    let mut rows = String::new();
    let (mut yes, mut live, mut no) = (0, 0, Vec::new());
    for fact in all {
        let support = support(fact, &shown);
        match support.as_str() {
            "yes" => yes += 1,
            "in a directory or on a running system" => live += 1,
            _ => no.push(fact.id.clone()),
        }
        writeln!(
            rows,
            "| `{}` | `{}` | {} | {} | {} | {} | {support} |",
            fact.id,
            fact.rule,
            fact.profile.name(),
            fact.severity.word(),
            expected(fact),
            references(fact)
        )
        .unwrap();
    }
    let Table { setid, capable, .. } = table();
    let mut tables = String::new();
    let (mut rows_yes, mut rows_all) = (0, 0);
    let programs = setid.iter().map(|row| (&row.path, &row.mode, &row.distros));
    for (path, rights, distributions) in programs.chain(capable.iter().map(|row| (&row.path, &row.caps, &row.distros)))
    {
        for distribution in distributions {
            let row = format!("{distribution} {path}");
            let is_shown = shown.rows_fired.contains(&row) && shown.rows_passed.contains(&row);
            rows_all += 1;
            rows_yes += usize::from(is_shown);
            let support = if is_shown { "yes" } else { "no" };
            writeln!(tables, "| `{path}` | {rights} | {distribution} | {support} |").unwrap();
        }
    }
    let page = format!(
        "# What is expected of hosts, and by whom\n\n\
         Made by a test (`host_coverage`): a fact is supported where a root of the tests fires it and another passes it.\n\
         Of {} facts {yes} are told by files, {live} only by a running system, and {} are not supported. Of {rows_all}\n\
         rows of the tables of setid programs and capabilities {rows_yes} are.\n\n\
         | fact | rule | profile | severity | expected | references | supported |\n\
         |---|---|---|---|---|---|---|\n{rows}\n\
         ## Programs that distributions ship with rights of their own\n\n\
         | program | rights | distribution | supported |\n|---|---|---|---|\n{tables}",
        all.len(),
        no.len()
    );
    compare_with_file(&project().join("docs/host-coverage.md"), &page);
    // At most one in ten that files can tell is left out.
    assert!(no.len() * 10 <= yes + no.len(), "{no:?}");
    assert_eq!(rows_yes, rows_all);
}
