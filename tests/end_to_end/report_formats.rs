//! The reports for other programs: code scanning, annotations, pages of Markdown, test results, lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::cargo::{self, Package, package};
use crate::reports::{hostile, inert, many_findings};
use crate::support::{Run, Sandbox, Transcript, binary, compare_with_file, project, skip};

/// Findings of the domains change, custom, policy and source, some of them old, gone, waived or not determined.
fn of_many_domains() -> Sandbox {
    let sandbox = many_findings();
    let policy = fs::read_to_string(sandbox.join("portcullis.toml")).unwrap();
    let custom = "[[custom]]\nid = \"no-mere\"\non = \"component\"\nwarn-if = 'component.name == \"mere\"'\nmessage = \"{component.purl} is not for us\"\n\n";
    sandbox.write("portcullis.toml", policy.replace("[[waiver]]", &format!("{custom}[[waiver]]")));
    sandbox.git(["checkout", "-q", "HEAD~1", "--", "Cargo.lock", "tools", "broken"]);
    sandbox.remove("etc");
    sandbox.commit("a base with a rule of its own");
    sandbox.git(["checkout", "-q", "HEAD~1", "--", "Cargo.lock", "tools", "broken", "etc"]);
    sandbox.remove("old");
    sandbox.write("portcullis.toml", policy.replace("[\"vendor/**\"]", "[\"vendor/**\", \"more/**\"]"));
    sandbox.commit("the change");
    sandbox
}

const COMPARED: [&str; 3] = ["gate", "--base", "HEAD~1"];

/// The schema of SARIF, where the case files are.
fn sarif_schema() -> Option<Value> {
    let path = project().parent()?.join("shared/cases/sarif/sarif-schema-2.1.0.json");
    let Ok(text) = fs::read_to_string(&path) else {
        skip(&path, "SARIF checked against its schema");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// Returns a SARIF log, checked against the schema and against what GitHub asks of it.
#[track_caller]
fn sarif(text: &str) -> Value {
    let log: Value = serde_json::from_str(text).unwrap();
    if let Some(schema) = sarif_schema() {
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&log).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert_eq!(faults, Vec::<String>::new());
    }
    fits_code_scanning(&log);
    log
}

/// What GitHub asks of a SARIF log beyond the schema, and what the report promises of its runs.
#[track_caller]
fn fits_code_scanning(log: &Value) {
    let runs = log["runs"].as_array().unwrap();
    assert!(runs.len() <= 20);
    let categories: BTreeSet<&str> = runs.iter().map(|run| run["automationDetails"]["id"].as_str().unwrap()).collect();
    assert_eq!(categories.len(), runs.len(), "{categories:?}");
    for run in runs {
        let category = run["automationDetails"]["id"].as_str().unwrap();
        let domain = category.strip_prefix("portcullis/").unwrap().strip_suffix('/').unwrap();
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            for text in [&rule["shortDescription"], &rule["fullDescription"], &rule["help"]] {
                assert!(!text["text"].as_str().unwrap().is_empty());
            }
            assert!(rule["shortDescription"]["text"].as_str().unwrap().chars().count() <= 1024);
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
            assert!(rule.get("helpUri").is_none());
        }
        let results = run["results"].as_array().unwrap();
        assert!(results.len() <= 25_000);
        let ranks: Vec<u64> = results.iter().map(|result| result["rank"].as_u64().unwrap()).collect();
        assert!(ranks.is_sorted_by(|a, b| a >= b), "{ranks:?}");
        for result in results {
            let id = result["ruleId"].as_str().unwrap();
            assert_eq!(id.split('/').next(), Some(domain));
            assert_eq!(rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"], id);
            assert!(matches!(result["properties"]["state"].as_str().unwrap(), "fail" | "not-determined" | "error"));
            assert_ne!(result["baselineState"], "absent");
            assert_eq!(result["locations"].as_array().unwrap().len(), 1);
            let related = result.get("relatedLocations").and_then(Value::as_array).cloned().unwrap_or_default();
            for location in result["locations"].as_array().unwrap().iter().chain(&related) {
                let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
                assert!(!uri.is_empty() && !uri.starts_with('/'), "{uri}");
                assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
            }
        }
    }
}

/// A SARIF log as a reader compares it: without the pages of the rules, which have tests of their own.
fn shown(log: &Value) -> String {
    let mut log = log.clone();
    for run in log["runs"].as_array_mut().unwrap() {
        let driver = &mut run["tool"]["driver"];
        driver["version"] = "[VERSION]".into();
        driver["semanticVersion"] = "[VERSION]".into();
        for rule in driver["rules"].as_array_mut().unwrap() {
            if let Some(page) = rule["help"].get_mut("markdown") {
                let first = page.as_str().unwrap().lines().next().unwrap().to_owned();
                *page = format!("{first} …").into();
            }
        }
    }
    serde_json::to_string_pretty(&log).unwrap() + "\n"
}

/// An annotation as the runner of GitHub Actions reads it from a line (actions/runner, `ActionCommand.TryParseV2`).
#[derive(Debug)]
struct Annotation {
    command: String,
    properties: BTreeMap<String, String>,
    message: String,
}

#[track_caller]
fn annotations(log: &str) -> Vec<Annotation> {
    let unescaped = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let mut out = Vec::new();
    for line in log.lines() {
        assert!(!line.contains("##["), "{line}");
        let Some(rest) = line.trim_start().strip_prefix("::") else { continue };
        let Some((info, message)) = rest.split_once("::") else { continue };
        let (command, properties) = info.split_once(' ').unwrap_or((info, ""));
        let properties = properties.split(',').filter_map(|pair| pair.split_once('=')).map(|(name, value)| {
            let value = unescaped(value).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
            (name.to_owned(), value)
        });
        out.push(Annotation {
            command: command.to_owned(),
            properties: properties.collect(),
            message: unescaped(message).replace("%25", "%"),
        });
    }
    out
}

/// What GitHub makes of a page of Markdown.
fn html(page: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(page, &options)
}

/// Makes sure that a page holds nothing but what the report writes itself.
#[track_caller]
fn inert_page(what: &str, page: &str) -> String {
    inert(what, page);
    assert!(page.len() < 65_536, "{what}: {} bytes", page.len());
    let html = html(page);
    let mut outside = String::new();
    let mut open = Vec::new();
    let mut rest = html.as_str();
    while let Some((text, after)) = rest.split_once('<') {
        if !open.contains(&"code") {
            outside.push_str(text);
        }
        let (tag, behind) = after.split_once('>').unwrap();
        rest = behind;
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{what}: {html}"),
            None => open.push(tag),
        }
        let known =
            ["h2", "h3", "p", "ul", "li", "pre", "code", "strong", "details", "summary", "table", "thead", "tbody"];
        let known = known.into_iter().chain(["tr", "th", "td"]);
        assert!(known.into_iter().any(|known| tag.trim_start_matches('/') == known), "{what}: <{tag}> in {html}");
    }
    assert!(open.is_empty(), "{what}: {open:?}");
    for sign in ["@", "#", "://", "www."] {
        assert!(!outside.contains(sign), "{what}: `{sign}` outside of code: {outside}");
    }
    let cells = |row: &str| row.matches("<td>").count();
    assert!(html.split("<tr>").skip(1).all(|row| matches!(cells(row), 0 | 5)), "{what}: {html}");
    html
}

/// The three kinds of run: what changes breaks rules of several domains; nothing changes; nothing is compared.
fn three_runs(sandbox: &Sandbox, format: &str) -> [Run; 3] {
    let failed = sandbox.portcullis(COMPARED.into_iter().chain(["--format", format]));
    assert_eq!(failed.code, 1, "{}", failed.whole());
    let passed = sandbox.portcullis(["gate", "--base", "HEAD", "--format", format]);
    assert_eq!(passed.code, 0, "{}", passed.whole());
    let alone = sandbox.portcullis(["gate", "--format", format]);
    assert_eq!(alone.code, 1, "{}", alone.whole());
    [failed, passed, alone]
}

/// Keeps what a format prints of the three kinds of run.
#[track_caller]
fn keep(format: &str, name: &str) {
    let sandbox = of_many_domains();
    let [failed, passed, alone] = three_runs(&sandbox, format);
    let mut transcript = Transcript::default();
    for (note, run) in
        [("compared with the base", failed), ("nothing changes", passed), ("nothing to compare with", alone)]
    {
        transcript.note(note);
        transcript.ran(&sandbox, &format!("portcullis gate --format {format}"), &run);
    }
    transcript.keep(name);
}

#[test]
fn annotations_stand_on_the_lines_of_the_findings() {
    keep("github", "reports/github");
}

#[test]
fn a_page_shows_a_reviewer_findings_packages_and_what_to_do() {
    keep("markdown", "reports/markdown");
    let sandbox = of_many_domains();
    for run in three_runs(&sandbox, "markdown") {
        inert_page("markdown", &run.stdout);
    }
}

#[test]
fn test_results_hold_a_case_for_each_finding() {
    keep("junit", "reports/junit");
}

/// Reads test results back: the cases of each suite with their status, by class.
#[track_caller]
fn cases(xml: &str) -> BTreeMap<String, Vec<String>> {
    use quick_junit::TestCaseStatus;
    let results = quick_junit::Report::deserialize_from_str(xml).unwrap();
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for case in results.test_suites.iter().flat_map(|suite| &suite.test_cases) {
        let class = case.classname.as_ref().unwrap().to_string();
        assert!(names.insert((class.clone(), case.name.to_string())), "{class} {} stands twice", case.name.as_str());
        let status = match &case.status {
            TestCaseStatus::Success { .. } => "success".to_owned(),
            TestCaseStatus::Skipped { .. } => "skipped".to_owned(),
            TestCaseStatus::NonSuccess { kind, ty, .. } => {
                format!("{kind:?} {}", ty.as_ref().map(|ty| ty.as_str()).unwrap_or_default())
            }
        };
        out.entry(class).or_default().push(status);
    }
    out.values_mut().for_each(|statuses| statuses.sort());
    out
}

#[test]
fn test_results_say_of_each_finding_what_the_report_says() {
    let sandbox = of_many_domains();
    for options in [&COMPARED[..], &["gate"], &["gate", "--base", "HEAD~1", "--all"], &["gate", "--base", "HEAD"]] {
        let ask = |format| sandbox.portcullis(options.iter().copied().chain(["--format", format]));
        let report = ask("json").report();
        let all = options.contains(&"--all");
        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in report["findings"].as_array().unwrap() {
            let text = |key: &str| finding[key].as_str().unwrap_or_default();
            if text("baseline") == "absent" {
                continue;
            }
            let is_old = text("baseline") == "unchanged" && !all;
            let status = match text("state") {
                "fail" if !is_old && text("level") != "allow" => format!("Failure {}", text("level")),
                "not-determined" if !is_old && text("level") != "allow" => format!("Error {}", text("level")),
                _ => "skipped".to_owned(),
            };
            expected.entry(text("rule").to_owned()).or_default().push(status);
        }
        let verdict = if report["verdict"] == "pass" { "success" } else { "Failure " };
        expected.entry("gate".to_owned()).or_default().push(verdict.to_owned());
        expected.values_mut().for_each(|statuses| statuses.sort());
        assert_eq!(cases(&ask("junit").stdout), expected, "{options:?}");
    }
}

#[test]
fn a_finding_without_a_place_has_one_in_code_scanning() {
    let sandbox = cargo::committed(&[package("ripple", "1.2.3", 'a')], None);
    let outside = Sandbox::new();
    outside.write(
        "policy.toml",
        "extends = [\"builtin:recommended\"]\n\n[[waiver]]\nrule = \"change/downgrade\"\nsubject = \"pkg:cargo/none\"\nowner = \"a\"\nreason = \"b\"\nexpires = 2020-01-31\n",
    );
    let policy = outside.join("policy.toml");
    let ask = |format| sandbox.portcullis(["gate", "--policy", policy.to_str().unwrap(), "--format", format]);
    let report = ask("json").report();
    let expired = |finding: &&Value| finding["rule"] == "policy/waiver-expired";
    assert_eq!(report["findings"].as_array().unwrap().iter().find(expired).unwrap()["location"], Value::Null);
    let log = sarif(&ask("sarif").stdout);
    let of_policy = |run: &&Value| run["automationDetails"]["id"] == "portcullis/policy/";
    let run = log["runs"].as_array().unwrap().iter().find(of_policy).unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "portcullis.toml");
    assert_eq!(place.get("region"), None);
    // An annotation can do without.
    let found = annotations(&ask("github").stdout);
    let expired = found.iter().find(|annotation| annotation.properties["title"] == "policy/waiver-expired").unwrap();
    assert_eq!(expired.properties.get("file"), None);
}

#[test]
fn a_line_is_a_finding_as_the_json_report_lists_it() {
    keep("ndjson", "reports/ndjson");
    let sandbox = of_many_domains();
    let lines = three_runs(&sandbox, "ndjson");
    for (lines, whole) in lines.iter().zip(&three_runs(&sandbox, "json")) {
        let lines: Vec<Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::from(lines), whole.report()["findings"]);
    }
}

#[test]
fn code_scanning_gets_a_run_for_each_domain() {
    let sandbox = of_many_domains();
    for (name, run) in ["failed", "passed", "alone"].into_iter().zip(three_runs(&sandbox, "sarif")) {
        let log = sarif(&run.stdout);
        let path = project().join(format!("tests/end_to_end/kept/reports/sarif-{name}.json"));
        compare_with_file(&path, &shown(&log));
        let domains: Vec<&str> = log["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["automationDetails"]["id"].as_str().unwrap())
            .collect();
        assert_eq!(
            domains,
            [
                "portcullis/change/",
                "portcullis/config/",
                "portcullis/custom/",
                "portcullis/policy/",
                "portcullis/sbom/",
                "portcullis/source/",
                "portcullis/workflow/"
            ]
        );
    }
}

#[test]
fn code_scanning_gets_every_open_finding_and_no_other() {
    let sandbox = of_many_domains();
    assert_eq!(sandbox.portcullis(["baseline", "-o", ".git/before.json"]).code, 0);
    let snapshot = ["gate", "--baseline", ".git/before.json"];
    let mut old = 0;
    for options in [&COMPARED[..], &["gate"], &["gate", "--base", "HEAD~1", "--new-only"], &snapshot] {
        let ask = |format| sandbox.portcullis(options.iter().copied().chain(["--format", format]));
        let report = ask("json").report();
        let open = |finding: &&Value| {
            matches!(finding["state"].as_str().unwrap(), "fail" | "not-determined" | "error")
                && finding["baseline"] != "absent"
        };
        let mut expected: Vec<(&str, &str, &str, &Value)> = Vec::new();
        for finding in report["findings"].as_array().unwrap().iter().filter(open) {
            let level = match finding["level"].as_str().unwrap() {
                "deny" => "error",
                "warn" => "warning",
                _ => "note",
            };
            let text = |key: &str| finding[key].as_str().unwrap();
            expected.push((text("rule"), level, text("fingerprint"), &finding["baseline"]));
        }
        let log = sarif(&ask("sarif").stdout);
        let results = log["runs"].as_array().unwrap().iter().flat_map(|run| run["results"].as_array().unwrap());
        let mut found: Vec<(&str, &str, &str, &Value)> = results
            .map(|result| {
                let fingerprints = &result["partialFingerprints"];
                assert_eq!(fingerprints["portcullis/v1"], fingerprints["primaryLocationLineHash"]);
                (
                    result["ruleId"].as_str().unwrap(),
                    result["level"].as_str().unwrap(),
                    fingerprints["portcullis/v1"].as_str().unwrap(),
                    result.get("baselineState").unwrap_or(&Value::Null),
                )
            })
            .collect();
        expected.sort_by_key(|finding| finding.2);
        found.sort_by_key(|finding| finding.2);
        assert_eq!(found, expected, "{options:?}");
        assert!(found.len() > 2);
        old += found.iter().filter(|finding| finding.3 == "unchanged").count();
    }
    assert!(old > 0);
}

#[test]
fn a_moved_line_leaves_the_fingerprints_of_code_scanning_as_they_were() {
    let before = [package("ripple", "1.2.3", 'a'), package("tarn", "0.5.0", 'b')];
    let sandbox = cargo::committed(&before, None);
    let results = || {
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "sarif"]);
        let log = sarif(&run.stdout);
        let mut out: BTreeMap<String, (Value, u64)> = BTreeMap::new();
        for result in log["runs"].as_array().unwrap().iter().flat_map(|run| run["results"].as_array().unwrap()) {
            let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap();
            let key = format!("{} {}", result["ruleId"], result["properties"]["subject"]["id"]);
            assert!(out.insert(key, (result["partialFingerprints"].clone(), line)).is_none());
        }
        out
    };
    let tampered = [package("ripple", "1.2.3", 'c'), package("tarn", "0.4.0", 'd')];
    cargo::project(&sandbox, &tampered);
    let once = results();
    assert_eq!(once.len(), 2, "{once:?}");
    let text = fs::read_to_string(sandbox.join("Cargo.lock")).unwrap();
    sandbox.write("Cargo.lock", format!("# moved\n\n\n{text}"));
    let moved = results();
    for (key, (fingerprints, line)) in &once {
        assert_eq!(&moved[key].0, fingerprints, "{key}");
        assert_eq!(moved[key].1, line + 3, "{key}");
    }
    // Other contents are another finding.
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'e'), package("tarn", "0.4.0", 'd')]);
    let other = results();
    assert!(once.iter().any(|(key, (fingerprints, _))| other.get(key).is_none_or(|found| &found.0 != fingerprints)));
}

#[test]
fn moved_lines_leave_the_fingerprints_of_every_domain_as_they_were() {
    let sandbox = cargo::committed(&[package("ripple", "1.2.3", 'a')], None);
    let workflow = "on: push\njobs:\n  all:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: acme/step@v1\n";
    let makefile = "export GOSUMDB := off\nbuild:\n\tgo build ./...\n";
    let write = |above: &str| {
        cargo::project(&sandbox, &[package("ripple", "1.2.3", 'c')]);
        for (path, text) in [
            ("Cargo.lock", fs::read_to_string(sandbox.join("Cargo.lock")).unwrap().as_str()),
            (".github/workflows/ci.yml", workflow),
            ("Makefile", makefile),
        ] {
            sandbox.write(path, format!("{above}{text}"));
        }
    };
    let results = || {
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "sarif"]);
        assert_eq!(run.code, 1, "{}", run.whole());
        let log = sarif(&run.stdout);
        let results = log["runs"].as_array().unwrap().iter().flat_map(|run| run["results"].as_array().unwrap());
        let mut found: Vec<(String, Value, u64)> = results
            .map(|result| {
                let region = &result["locations"][0]["physicalLocation"]["region"];
                let rule = result["ruleId"].as_str().unwrap().to_owned();
                (rule, result["partialFingerprints"].clone(), region["startLine"].as_u64().unwrap())
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    };
    write("");
    let once = results();
    let rules: Vec<&str> = once.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["change/same-version-new-digest", "config/verification-disabled", "workflow/unpinned-action"]);
    write("# moved\n\n");
    let down = once.iter().map(|(rule, fingerprints, line)| (rule.clone(), fingerprints.clone(), line + 2));
    assert_eq!(results(), down.collect::<Vec<_>>());
}

#[test]
fn severity_follows_the_policy_so_that_code_scanning_blocks_what_the_gate_blocks() {
    let severity = |level: &str| {
        let policy = format!("[rules]\n\"change/downgrade\" = \"{level}\"\n");
        let sandbox = cargo::committed(&[package("tarn", "0.5.0", 'b')], Some(&policy));
        cargo::project(&sandbox, &[package("tarn", "0.4.0", 'd')]);
        let log = sarif(&sandbox.portcullis(["gate", "--base", "HEAD", "--format", "sarif"]).stdout);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["id"] == "change/downgrade").unwrap();
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert_eq!(rule["defaultConfiguration"]["level"], "warning");
        (run["results"][0]["level"].as_str().unwrap().to_owned(), score >= 7.0)
    };
    assert_eq!(severity("deny"), ("error".to_owned(), true));
    assert_eq!(severity("warn"), ("warning".to_owned(), false));
}

#[test]
fn a_column_is_counted_in_characters_and_the_path_of_a_place_is_encoded() {
    let sandbox = Sandbox::repository();
    let folder = "a b/ü%20:#?[x]/";
    cargo::project_at(&sandbox, folder, &[package("ripple", "1.2.3", 'a')]);
    sandbox.commit("first");
    cargo::project_at(&sandbox, folder, &[package("ripple", "1.2.3", 'b')]);
    let log = sarif(&sandbox.portcullis(["gate", "--base", "HEAD", "--format", "sarif"]).stdout);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC%2520%3A%23%3F%5Bx%5D/Cargo.lock");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "SRCROOT");
    assert!(run["originalUriBaseIds"].get("SRCROOT").is_some());
    let region = &place["region"];
    let width = region["endColumn"].as_u64().unwrap() - region["startColumn"].as_u64().unwrap();
    assert_eq!(width, 66, "a quoted SHA-256 digest: {region}");
}

#[test]
fn at_most_ten_annotations_of_a_kind_are_written_and_the_rest_is_counted() {
    let packages = |count: usize, version: &str, digit| -> Vec<Package> {
        (0..count).map(|number| package(&format!("p{number:02}"), version, digit)).collect()
    };
    for (denied, warned, rest) in [
        (10, 10, None),
        (11, 0, Some("1 more finding denied: the log and the other reports list them")),
        (13, 12, Some("3 more findings denied, 2 more warnings: the log and the other reports list them")),
    ] {
        let sandbox = Sandbox::repository();
        let write = |digit, version| {
            cargo::project_at(&sandbox, "a/", &packages(denied, "1.0.0", digit));
            cargo::project_at(&sandbox, "b/", &packages(warned, version, 'c'));
        };
        write('a', "1.0.0");
        sandbox.commit("first");
        write('b', "0.9.0");
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "github"]);
        let found = annotations(&run.stdout);
        let count = |command: &str| found.iter().filter(|annotation| annotation.command == command).count();
        assert_eq!((count("error"), count("warning")), (denied.min(10), warned.min(10)), "{}", run.whole());
        let notices: Vec<&str> =
            found.iter().filter(|found| found.command == "notice").map(|found| found.message.as_str()).collect();
        assert_eq!(notices, Vec::from_iter(rest), "{}", run.whole());
        assert_eq!(found.len(), run.stdout.lines().count());
    }
}

#[test]
fn hostile_names_do_nothing_in_any_format() {
    let sandbox = hostile();
    for arguments in [&["gate"][..], &["gate", "--base", "HEAD~1"], &["gate", "--base", "HEAD~1", "--all"]] {
        let ask = |format: &str| {
            let run = sandbox.portcullis(arguments.iter().copied().chain(["--format", format]));
            assert_eq!(run.code, 1, "{arguments:?} {format}: {}", run.whole());
            inert(&format!("{arguments:?} {format} stderr"), &run.stderr);
            run.stdout
        };
        let what = |format: &str| format!("{arguments:?} {format}");
        let log = ask("sarif");
        inert(&what("sarif"), &log);
        for result in sarif(&log)["runs"].as_array().unwrap().iter().flat_map(|run| run["results"].as_array().unwrap())
        {
            let text = result["message"]["text"].as_str().unwrap();
            inert(&what("sarif"), text);
            assert!(!text.contains("]("), "{text}");
        }
        inert(&what("ndjson"), &ask("ndjson"));
        assert!(ask("ndjson").lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["rule"].is_string()));
        let results = ask("junit");
        inert(&what("junit"), &results);
        assert!(!results.contains("<b>"), "{results}");
        assert!(cases(&results).len() > 1);
        inert_page(&what("markdown"), &ask("markdown"));

        let written = ask("github");
        let found = annotations(&written);
        assert_eq!(found.len(), written.lines().count());
        let paths: BTreeSet<String> =
            sandbox.portcullis(arguments.iter().copied().chain(["--format", "json"])).report()["findings"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|finding| Some(finding["location"]["path"].as_str()?.to_owned()))
                .collect();
        for annotation in found {
            for line in annotation.message.lines() {
                inert(&what("github"), line);
            }
            let names: Vec<&str> = annotation.properties.keys().map(String::as_str).collect();
            assert!(names.iter().all(|name| ["file", "line", "endLine", "col", "endColumn", "title"].contains(name)));
            if let Some(file) = annotation.properties.get("file") {
                assert!(paths.contains(file), "{annotation:?}");
            }
            assert!(matches!(annotation.command.as_str(), "error" | "warning" | "notice"), "{annotation:?}");
        }
    }
}

/// Names that are harmless to a terminal and would do something in a document.
#[test]
fn names_that_mean_something_in_a_document_are_text() {
    let names = [
        "a`b",
        "a``b|c",
        "x`|`@admin",
        "</details><script>alert(1)</script>",
        "[x](https://host.example)",
        "](1)",
        "![i](https://host.example/i.png)",
        "@admin",
        "#1",
        "owner/repo#2",
        "GH-3",
        "https://host.example/",
        "www.host.example",
        "deadbeefdeadbeef",
        "`x` @admin `y",
        "x` www.host.example `y",
        "x` GH-12 `y",
        "x` deadbeef12 `y",
        "|---|",
        "a\\|b",
        "a\\\\|b",
        "*b* _i_ ~~s~~",
        "<!--",
        "$x$",
        "]]>",
        "&amp;<&#64;",
        "- [ ] task",
        "{0}",
        "%0A::error::x",
        "a,b:c=d",
        "%25",
        "::error::x",
    ];
    let packages = |digit| -> Vec<Package> {
        names.iter().map(|name| package(&name.replace('\\', "\\\\"), "1.0.0", digit)).collect()
    };
    let sandbox = Sandbox::repository();
    sandbox.write("Cargo.lock", cargo::lock(&packages('a')));
    sandbox.commit("first");
    sandbox.write("Cargo.lock", cargo::lock(&packages('b')));
    let ask = |format: &str| {
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", format]);
        assert_eq!(run.code, 1, "{}", run.whole());
        run.stdout
    };
    let page = inert_page("markdown", &ask("markdown"));
    assert!(page.contains("</script>") || page.contains("&lt;script&gt;"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    let log = sarif(&ask("sarif"));
    assert!(log["runs"][0]["results"].as_array().unwrap().len() > names.len());
    assert!(!log["runs"][0]["results"].to_string().contains("]("), "{log}");
    let results = ask("junit");
    assert!(results.contains("]]&gt;") && !results.contains("<script"), "{results}");
    let statuses = &cases(&results)["change/same-version-new-digest"];
    assert_eq!(statuses.iter().filter(|status| *status == "Failure deny").count(), names.len());
    let whole: BTreeSet<String> =
        sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]).report()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["message"].as_str().unwrap().to_owned())
            .collect();
    let found = annotations(&ask("github"));
    assert_eq!(found.len(), 11);
    for annotation in found.iter().filter(|annotation| annotation.command == "error") {
        let message = annotation.message.lines().next().unwrap();
        assert!(whole.contains(message), "{message}");
    }
    let mut transcript = Transcript::default();
    for format in ["markdown", "github"] {
        transcript.note(format);
        transcript.text(&ask(format));
    }
    transcript.keep("reports/names");
}

#[test]
fn thirty_thousand_findings_stay_under_the_limits_and_what_is_cut_is_said() {
    let lock = |digit: &str, version: &str| {
        let package = |name: &str, version: &str, digit: &str| {
            let (source, digest) = (cargo::REGISTRY, digit.repeat(64));
            format!(
                "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\nchecksum = \"{digest}\"\n"
            )
        };
        let many: String = (0..30_000).map(|number| package(&format!("p{number}"), "1.0.0", digit)).collect();
        format!("version = 4\n{many}{}", package("zz-warned", version, "c"))
    };
    let sandbox = Sandbox::repository();
    sandbox.write("Cargo.lock", lock("a", "1.0.0"));
    sandbox.commit("first");
    sandbox.write("Cargo.lock", lock("b", "0.9.0"));
    let formats =
        ["ndjson", "sarif=.git/log.sarif", "markdown=.git/page.md", "junit=.git/results.xml", "github=.git/log.txt"];
    let begin = std::time::Instant::now();
    let run =
        sandbox.portcullis(["gate", "--base", "HEAD"].into_iter().chain(formats.iter().flat_map(|f| ["--format", f])));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(begin.elapsed() < std::time::Duration::from_secs(120), "{:?}", begin.elapsed());
    let lines = run.stdout.lines().count();
    assert_eq!(lines, 30_001 + run.stdout.matches("\"not-applicable\"").count());

    let read = |file: &str| fs::read_to_string(sandbox.join(".git").join(file)).unwrap();
    // So many take the schema's validator a minute.
    let log: Value = serde_json::from_str(&read("log.sarif")).unwrap();
    fits_code_scanning(&log);
    let change = &log["runs"][0];
    assert_eq!(change["results"].as_array().unwrap().len(), 25_000);
    assert!(change["results"].as_array().unwrap().iter().all(|result| result["level"] == "error"));
    assert_eq!(
        change["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
        "5001 results are left out, the least important ones: code scanning accepts 25000 a run; the format json lists all"
    );

    let page = read("page.md");
    inert_page("markdown", &page);
    assert!(page.starts_with("## portcullis: gate failed\n\n30000 findings denied, 1 warning\n"), "{page}");
    let denied = page.matches("- deny: ").count();
    assert!(denied > 300, "{denied}");
    assert!(page.contains(&format!("**{} findings are not shown: the page is full.**", 30_000 - denied)), "{page}");
    assert!(page.contains("packages are not shown: the page is full.**"), "{page}");
    assert!(page.contains("Packages: 0 added, 0 removed, 30001 updated"), "{page}");
    assert!(page.ends_with("- policy: `builtin:recommended` (builtin)\n- not shown: 1 not applicable\n"), "{page}");

    assert_eq!(read("results.xml").matches("<failure ").count(), 30_002);
    assert_eq!(annotations(&read("log.txt")).len(), 12);
}

#[test]
fn in_github_actions_annotations_follow_what_people_read() {
    let sandbox = of_many_domains();
    let ask = |variables: &[(&str, &str)], more: &[&str]| {
        let mut command = Command::new(binary());
        command.args(COMPARED).args(more).envs(variables.iter().copied());
        sandbox.run(command, sandbox.path())
    };
    let human = ask(&[], &[]).stdout;
    let github = ask(&[], &["--format", "github"]).stdout;
    let actions = [("GITHUB_ACTIONS", "true")];
    assert_eq!(ask(&actions, &[]).stdout, format!("{human}{github}"));
    assert_eq!(ask(&actions, &["--format", "sarif=.git/log.sarif"]).stdout, format!("{human}{github}"));
    assert!(annotations(&human).is_empty() && !annotations(&github).is_empty());
    // Whoever asks for a format on stdout gets that alone.
    for format in ["human", "json", "sarif"] {
        let asked = ["--format", format];
        assert_eq!(ask(&actions, &asked).stdout, ask(&[], &asked).stdout);
    }
    assert_eq!(ask(&[("GITHUB_ACTIONS", "false")], &[]).stdout, human);
}

#[test]
fn the_summary_of_a_job_is_appended_to() {
    let sandbox = of_many_domains();
    let page = sandbox.portcullis(COMPARED.into_iter().chain(["--format", "markdown"])).stdout;
    let human = sandbox.portcullis(COMPARED).stdout;
    let ask = |file: Option<&str>| {
        let mut command = Command::new(binary());
        command.args(COMPARED).arg("--summary");
        if let Some(file) = file {
            command.env("GITHUB_STEP_SUMMARY", sandbox.join(file));
        }
        sandbox.run(command, sandbox.path())
    };
    let run = ask(Some(".git/summary.md"));
    assert_eq!((run.code, &run.stdout, run.stderr.as_str()), (1, &human, ""));
    sandbox.write(".git/summary.md", "# Build\n\nno line end");
    ask(Some(".git/summary.md"));
    ask(Some(".git/summary.md"));
    let summary = fs::read_to_string(sandbox.join(".git/summary.md")).unwrap();
    assert_eq!(summary, format!("# Build\n\nno line end\n{page}\n{page}"));
    let mut transcript = Transcript::default();
    transcript.note("no such variable, and a folder that is not there");
    for run in [ask(None), ask(Some(".git/no/such.md"))] {
        assert_eq!(run.code, 2, "{}", run.whole());
        transcript.ran(&sandbox, "portcullis gate --base HEAD~1 --summary", &Run { stdout: String::new(), ..run });
    }
    transcript.keep("reports/summary");
}

#[test]
fn help_readme_and_page_name_every_format() {
    let help = Sandbox::new().portcullis(["gate", "--help"]).stdout;
    let readme = fs::read_to_string(project().join("README.md")).unwrap();
    let page = fs::read_to_string(project().join("docs/reports.md")).unwrap();
    for format in portcullis::report::FORMATS {
        assert!(help.contains(&format!("  {:<13}{}\n", format.id, format.summary)), "{}: {help}", format.id);
        assert!(readme.contains(&format!("`{}`", format.id)), "README.md: {}", format.id);
        assert!(page.contains(&format!("## `{}`", format.id)), "docs/reports.md: {}", format.id);
    }
}
