//! Reports as events: lines of ECS and OCSF, checked against the published schemas, with what the report says.

use std::fs;

use serde_json::Value;

use crate::host_root::HostRoot;
use crate::reports::inert;
use crate::support::{Run, Sandbox, project};

const AT: &str = "2026-11-25T12:00:00Z";

pub(crate) fn entry(text: &str) -> toml::Table {
    text.parse().unwrap()
}

/// Returns the events of a report, each checked against the schema that its name means.
#[track_caller]
pub(crate) fn checked(schema: &str, lines: &str) -> Vec<Value> {
    let text = fs::read_to_string(project().join("tests/fixtures").join(schema)).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        let faults: Vec<String> =
            validator.iter_errors(event).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert_eq!(faults, Vec::<String>::new(), "{event:#}");
    }
    events
}

pub(crate) const ECS: &str = "ecs/event.schema.json";
pub(crate) const OCSF: &str = "ocsf/compliance_finding.schema.json";

/// A host with a second root, which a waiver excuses, a setuid program of no package, and a name.
fn faulty() -> HostRoot {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/etc/hostname'\ncontent = \"# a comment\\nweb1\\n\""));
    root.entry(&entry("path = '/usr/local/bin/rootme'\nprogram = 'rootme'\nmode = '4755'"));
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"toor:x:0:0::/:/bin/bash\\n\""));
    root
}

/// What was known of it before: without the second root, and with another setuid program.
fn before() -> HostRoot {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/usr/local/bin/rootme'\nprogram = 'rootme'\nmode = '4755'"));
    root.entry(&entry("path = '/opt/shell'\nprogram = 'shell'\nmode = '4755'"));
    root
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("root.tar", faulty().tarball());
    sandbox.write("before.tar", before().tarball());
    let run = sandbox.portcullis(["host", "snapshot", "--root", "before.tar", "-o", "before.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    sandbox.write(
        "policy.toml",
        "extends = [\"builtin:recommended\"]\n\n[[waiver]]\nrule = \"host/account-uid0\"\nsubject = \"toor\"\n\
         owner = \"@a\"\nreason = \"why\"\nexpires = 2099-01-01\n",
    );
    sandbox
}

/// The ways in which the host is asked.
const ASKED: [&[&str]; 4] = [
    &[],
    &["--policy", "policy.toml"],
    &["--baseline", "before.json"],
    &["--policy", "policy.toml", "--baseline", "before.json", "--all", "--profile", "cis-debian12"],
];

fn ask(sandbox: &Sandbox, options: &[&str], format: &str) -> Run {
    let first = ["host", "check", "--root", "root.tar", "--at", AT, "--format", format];
    let run = sandbox.portcullis(first.iter().chain(options).copied());
    assert!(run.code < 2, "{}", run.whole());
    run
}

#[test]
fn lines_of_ecs_are_of_its_fields_and_say_what_the_report_says() {
    let sandbox = sandbox();
    for options in ASKED {
        let events = checked(ECS, &ask(&sandbox, options, "ndjson-ecs").stdout);
        let report = ask(&sandbox, options, "json").report();
        let findings = report["findings"].as_array().unwrap();
        assert!(!findings.is_empty() && events.len() == findings.len(), "{options:?}");
        for (event, finding) in events.iter().zip(findings) {
            assert_eq!(event["@timestamp"], AT);
            assert_eq!(event["host"]["name"], "web1");
            assert_eq!(event["host"]["os"]["platform"], "debian");
            for (field, of_finding) in [
                (&event["rule"]["id"], &finding["rule"]),
                (&event["message"], &finding["message"]),
                (&event["labels"]["state"], &finding["state"]),
                (&event["labels"]["level"], &finding["level"]),
                (&event["labels"]["fingerprint"], &finding["fingerprint"]),
                (&event["labels"]["subject"], &finding["subject"]["id"]),
            ] {
                assert_eq!(field, of_finding);
            }
            let expected = match (finding["baseline"].as_str(), finding["state"].as_str().unwrap()) {
                (Some("absent"), _) => "success",
                (_, "fail" | "waived") => "failure",
                _ => "unknown",
            };
            assert_eq!(event["event"]["outcome"], expected);
        }
        let of_setid = events.iter().find(|event| event["labels"]["subject"] == "/usr/local/bin/rootme");
        if !options.contains(&"cis-debian12") {
            assert_eq!(of_setid.unwrap()["file"]["path"], "/usr/local/bin/rootme");
        }
    }
}

#[test]
fn lines_of_ocsf_are_compliance_findings_and_say_what_the_report_says() {
    let sandbox = sandbox();
    let mut seen = Vec::new();
    for options in ASKED {
        let events = checked(OCSF, &ask(&sandbox, options, "ndjson-ocsf").stdout);
        let report = ask(&sandbox, options, "json").report();
        let findings = report["findings"].as_array().unwrap();
        assert!(!findings.is_empty() && events.len() == findings.len(), "{options:?}");
        for (event, finding) in events.iter().zip(findings) {
            assert_eq!(event["time"], 1_795_608_000_000_u64);
            assert_eq!(event["device"]["hostname"], "web1");
            assert_eq!(event["finding_info"]["uid"], finding["fingerprint"]);
            assert_eq!(event["message"], finding["message"]);
            assert_eq!(event["compliance"]["status_code"], finding["state"]);
            assert_eq!(event["type_uid"].as_u64().unwrap(), 200_300 + event["activity_id"].as_u64().unwrap());
            if options.contains(&"cis-debian12") && finding["rule"] == "host/account-uid0" {
                assert_eq!(event["compliance"]["control"], "5.4.2.1");
            }
            seen.push(format!("{} {} {}", event["activity_name"], event["status"], event["compliance"]["status"]));
        }
    }
    for expected in [
        "\"Create\" \"New\" \"Fail\"",
        "\"Create\" \"New\" \"Not applicable\"",
        "\"Create\" \"Suppressed\" \"Fail\"",
        "\"Update\" \"Unchanged\" \"Fail\"",
        "\"Close\" \"Resolved\" \"Pass\"",
    ] {
        assert!(seen.iter().any(|line| line == expected), "{expected}: {seen:?}");
    }
}

#[test]
fn the_schemas_refuse_what_is_none_of_theirs() {
    let sandbox = sandbox();
    for (schema, format, path, value) in [
        (ECS, "ndjson-ecs", "/event/kind", Value::from("finding")),
        (ECS, "ndjson-ecs", "/event/type/0", Value::from("denied")),
        (ECS, "ndjson-ecs", "/message", Value::from(1)),
        (OCSF, "ndjson-ocsf", "/severity_id", Value::from(9)),
        (OCSF, "ndjson-ocsf", "/type_uid", Value::from(200_400)),
        (OCSF, "ndjson-ocsf", "/time", Value::from("now")),
        (OCSF, "ndjson-ocsf", "/device", Value::from(serde_json::Map::new())),
    ] {
        let text = fs::read_to_string(project().join("tests/fixtures").join(schema)).unwrap();
        let validator = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
        let line = ask(&sandbox, &[], format).stdout.lines().next().unwrap().to_owned();
        let mut event: Value = serde_json::from_str(&line).unwrap();
        assert!(validator.is_valid(&event));
        *event.pointer_mut(path).unwrap() = value;
        assert!(!validator.is_valid(&event), "{path}");
        let mut event: Value = serde_json::from_str(&line).unwrap();
        event.as_object_mut().unwrap().insert("finding".to_owned(), Value::from(1));
        assert!(!validator.is_valid(&event), "{schema}: a field of nobody");
    }
}

#[test]
fn events_of_a_tree_name_no_host() {
    let sandbox = crate::reports::hostile();
    for (schema, format) in [(ECS, "ndjson-ecs"), (OCSF, "ndjson-ocsf")] {
        let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--at", "2026-11-25", "--format", format]);
        let events = checked(schema, &run.stdout);
        assert!(events.len() > 3, "{}", run.whole());
        assert!(events.iter().all(|event| event.get("host").is_none() && event.get("device").is_none()));
        inert(format, &run.stdout);
    }
}

#[test]
fn an_event_states_the_time_of_the_user_else_that_of_the_clock() {
    let sandbox = sandbox();
    let stated = |run: Run| checked(ECS, &run.stdout)[0]["@timestamp"].as_str().unwrap().to_owned();
    let asked = ["host", "check", "--root", "root.tar", "--format", "ndjson-ecs"];
    let now = stated(sandbox.portcullis(asked));
    // Whole seconds of a year in which this was not written.
    assert!(now.len() == AT.len() && now.as_str() > "2025", "{now}");
    let mut command = std::process::Command::new(crate::support::binary());
    command.args(asked).env("SOURCE_DATE_EPOCH", "1700000000");
    assert_eq!(stated(sandbox.run(command, sandbox.path())), "2023-11-14T22:13:20Z");
    assert_eq!(stated(sandbox.portcullis(asked.iter().copied().chain(["--at", "2026-01-02"]))), "2026-01-02T00:00:00Z");
    // Without such a format no report states a time unasked.
    let run = sandbox.portcullis(["host", "check", "--root", "root.tar", "--format", "json"]);
    assert_eq!(run.report()["at"], Value::Null);
}
