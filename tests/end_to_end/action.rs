//! The steps of `action.yml` run for real: with bash, on events made up here, as GitHub's runner would run them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use portcullis::document::{Node, Value, yaml};
use serde_json::json;

use crate::cargo::{self, package};
use crate::support::{Run, Sandbox, binary, project, with_toolchains};

/// What the runner knows: event, inputs, outputs of steps.
type Known = serde_json::Value;

/// A run of the action.
struct Outcome {
    /// The exit code of the step that failed, else 0.
    code: i32,
    /// What the steps printed.
    log: String,
    /// The outputs of the action.
    outputs: BTreeMap<String, String>,
    /// What stands in the job's summary.
    summary: String,
    /// The steps that ran.
    steps: Vec<String>,
}

/// Evaluates what `action.yml` uses of GitHub's expressions: contexts, `||`, `==` and strings.
fn evaluate(expression: &str, known: &Known) -> String {
    if let Some((left, right)) = expression.split_once("||") {
        let left = evaluate(left, known);
        return if left.is_empty() { evaluate(right, known) } else { left };
    }
    if let Some((left, right)) = expression.split_once("==") {
        return (evaluate(left, known) == evaluate(right, known)).to_string();
    }
    let expression = expression.trim();
    if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return text.to_owned();
    }
    let mut value = known;
    for part in expression.split('.') {
        value = &value[part];
    }
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => panic!("{expression} is {other}"),
    }
}

/// Replaces `${{ … }}` in a text.
fn filled(text: &str, known: &Known) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${{") {
        let (expression, after) = behind.split_once("}}").unwrap();
        out.push_str(before);
        out.push_str(&evaluate(expression, known));
        rest = after;
    }
    out + rest
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    node.get(key).map(|value| value.scalar(key).unwrap())
}

/// Runs the action in the work tree `work` of a sandbox; `checkout` is what `github.action_path` names.
fn run(sandbox: &Sandbox, checkout: &Path, event: &serde_json::Value, inputs: &[(&str, &str)]) -> Outcome {
    let source = fs::read_to_string(project().join("action.yml")).unwrap();
    let documents = yaml(&source).unwrap();
    let action = &documents[0];
    let temp = sandbox.join("temp");
    fs::create_dir_all(&temp).unwrap();
    let mut known = json!({
        "github": {"event_name": event["name"], "event": event["payload"], "action_path": checkout.to_str().unwrap()},
        "runner": {"temp": temp.to_str().unwrap(), "os": "Linux", "arch": "X64"},
        "inputs": {},
        "steps": {},
    });
    for input in action.get("inputs").unwrap().members("").unwrap() {
        let given = inputs.iter().find(|(name, _)| *name == input.key).map(|(_, value)| *value);
        known["inputs"][input.key.as_ref()] = json!(given.or(text(&input.value, "default")).unwrap_or_default());
    }
    assert!(inputs.iter().all(|(name, _)| action.get("inputs").unwrap().get(name).is_some()), "{inputs:?}");

    let summary = temp.join("step-summary");
    fs::write(&summary, "").unwrap();
    let (mut code, mut log, mut steps) = (0, String::new(), Vec::new());
    for step in action.get("runs").unwrap().get("steps").unwrap().items("").unwrap() {
        if text(step, "if").is_some_and(|condition| evaluate(condition, &known) != "true") {
            continue;
        }
        let name = text(step, "name").unwrap();
        steps.push(name.to_owned());
        // A cache that holds nothing.
        if text(step, "uses").is_some() {
            continue;
        }
        assert_eq!(text(step, "shell"), Some("bash"), "{name}");
        let script = text(step, "run").unwrap();
        assert!(!script.contains("${{"), "{name} has an expression in its script");
        let (output, file) = (temp.join("output"), temp.join("step.sh"));
        fs::write(&output, "").unwrap();
        fs::write(&file, script).unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&file);
        with_toolchains(&mut command);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        for (key, value) in step.get("env").map(|env| env.members("").unwrap()).unwrap_or_default().iter().map(|it| {
            let Value::String(value) = &it.value.value else { panic!("{name}") };
            (it.key.as_ref(), filled(value, &known))
        }) {
            command.env(key, value);
        }
        let folder = text(step, "working-directory").map(|folder| filled(folder, &known));
        let done: Run =
            sandbox.run(command, Path::new(folder.as_deref().unwrap_or(sandbox.join("work").to_str().unwrap())));
        log.push_str(&done.stdout);
        log.push_str(&done.stderr);
        if let Some(id) = text(step, "id") {
            for line in fs::read_to_string(&output).unwrap().lines() {
                let (key, value) = line.split_once('=').unwrap();
                known["steps"][id]["outputs"][key] = json!(value);
            }
        }
        if done.code != 0 {
            code = done.code;
            break;
        }
    }
    let outputs = action.get("outputs").unwrap().members("").unwrap().iter();
    let outputs = outputs.map(|output| (output.key.to_string(), filled(text(&output.value, "value").unwrap(), &known)));
    Outcome { code, log, outputs: outputs.collect(), summary: fs::read_to_string(&summary).unwrap(), steps }
}

const BRANCH: &str = "x$(touch pwned)`touch pwned`;touch pwned;\"'&|";

/// A clone as `actions/checkout` leaves it: a default branch, and on `HEAD` what is asked for, `tampered` or not.
fn checkout(tampered: bool) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let origin = Sandbox::repository();
    cargo::project(&origin, &[package("ripple", "1.2.3", 'a')]);
    origin.commit("first");
    let base = origin.git(["rev-parse", "HEAD"]).trim().to_owned();
    let (version, digit) = if tampered { ("1.2.3", 'e') } else { ("1.3.0", 'b') };
    cargo::project(&origin, &[package("ripple", version, digit)]);
    origin.write("src/$(touch pwned)\n::error::x.rs", "");
    origin.git(["checkout", "-q", "-b", "topic"]);
    origin.commit(&format!("title {BRANCH}"));
    sandbox.git(["clone", "-q", "-b", "topic", origin.path().to_str().unwrap(), "work"]);
    (sandbox, base)
}

fn pull_request(base: &str) -> serde_json::Value {
    let head = json!({"ref": BRANCH, "label": format!("stranger:{BRANCH}"), "repo": {"fork": true}});
    json!({"name": "pull_request", "payload": {
        "pull_request": {"title": BRANCH, "body": BRANCH, "base": {"sha": base, "ref": "main"}, "head": head},
        "repository": {"default_branch": "main"},
    }})
}

fn push(before: &str) -> serde_json::Value {
    json!({"name": "push", "payload": {
        "ref": format!("refs/heads/{BRANCH}"), "before": before, "repository": {"default_branch": "main"},
        "head_commit": {"message": BRANCH},
    }})
}

fn with_binary<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut inputs = vec![("binary", env!("CARGO_BIN_EXE_portcullis"))];
    inputs.extend(more);
    inputs
}

#[track_caller]
fn check(outcome: &Outcome, sandbox: &Sandbox, code: i32, base: &str) {
    let verdict = ["pass", "fail", "error"][usize::try_from(code).unwrap()];
    let found = (outcome.code, outcome.outputs["verdict"].as_str(), outcome.outputs["base"].as_str());
    assert_eq!(found, (code, verdict, base), "{}", outcome.log);
    for folder in ["work", "temp", "."] {
        assert!(!sandbox.join(folder).join("pwned").exists(), "{folder}: {}", outcome.log);
    }
    for line in outcome.log.lines().filter(|line| line.starts_with("::")) {
        assert!(
            line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice "),
            "{line}"
        );
    }
}

#[test]
fn each_event_is_compared_with_its_base() {
    let zeros = "0".repeat(40);
    for tampered in [true, false] {
        let (sandbox, base) = checkout(tampered);
        let merge_group =
            json!({"name": "merge_group", "payload": {"merge_group": {"base_sha": base, "head_ref": BRANCH}}});
        let events = [
            (pull_request(&base), base.as_str()),
            (push(&base), &base),
            (push(&zeros), "refs/remotes/origin/main"),
            (merge_group, &base),
        ];
        for (event, expected) in events {
            let outcome = run(&sandbox, project(), &event, &with_binary(&[]));
            check(&outcome, &sandbox, i32::from(tampered), expected);
            let counts = if tampered { ("1", "0") } else { ("0", "0") };
            assert_eq!(
                (outcome.outputs["denied"].as_str(), outcome.outputs["warned"].as_str()),
                counts,
                "{}",
                outcome.log
            );
            assert_eq!(outcome.log.contains("::error file=Cargo.lock,line="), tampered, "{}", outcome.log);
            assert_eq!(outcome.summary.contains("change/same-version-new-digest"), tampered, "{}", outcome.summary);
            let report = fs::read_to_string(&outcome.outputs["report"]).unwrap();
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            assert_eq!(report["verdict"], outcome.outputs["verdict"].as_str());
            assert_eq!(outcome.steps, ["Find the base of the event", "Judge"]);
        }
    }
}

#[test]
fn without_a_base_the_tree_is_judged_alone() {
    let (sandbox, base) = checkout(true);
    let schedule = json!({"name": "schedule", "payload": {"repository": {"default_branch": "main"}}});
    for (event, inputs) in [(&schedule, &[][..]), (&pull_request(&base), &[("base", "none")])] {
        let outcome = run(&sandbox, project(), event, &with_binary(inputs));
        check(&outcome, &sandbox, 0, "");
    }
}

#[test]
fn inputs_reach_the_command_as_they_are() {
    let (sandbox, base) = checkout(true);
    sandbox.write("lax.toml", "[rules]\n\"change/same-version-new-digest\" = \"warn\"\n");
    let lax = sandbox.join("lax.toml");
    let sarif = sandbox.join("temp/$(touch pwned).sarif");
    let inputs = [
        ("policy", lax.to_str().unwrap()),
        ("formats", "ndjson=findings.ndjson\n"),
        ("sarif-file", sarif.to_str().unwrap()),
        ("new-only", "true"),
        ("args", "--at\n2026-11-25"),
        ("path", "."),
    ];
    let outcome = run(&sandbox, project(), &pull_request(&base), &with_binary(&inputs));
    check(&outcome, &sandbox, 0, &base);
    assert_eq!((outcome.outputs["denied"].as_str(), outcome.outputs["warned"].as_str()), ("0", "1"));
    assert_eq!(outcome.outputs["sarif"], sarif.to_str().unwrap());
    assert!(fs::read_to_string(sarif).unwrap().contains("change/same-version-new-digest"));
    assert!(
        fs::read_to_string(sandbox.join("work/findings.ndjson")).unwrap().contains("change/same-version-new-digest")
    );
    let report = fs::read_to_string(&outcome.outputs["report"]).unwrap();
    assert!(report.contains("\"at\": \"2026-11-25"), "{report}");

    // What is no answer is no pass.
    for (inputs, said) in [
        ([("policy", BRANCH)], "expected a policy file"),
        ([("args", "--no-such-option")], "--no-such-option"),
        ([("base", BRANCH)], "expected a commit"),
        ([("path", BRANCH)], "expected a directory"),
    ] {
        let outcome = run(&sandbox, project(), &pull_request(&base), &with_binary(&inputs));
        assert_eq!((outcome.code, outcome.outputs["verdict"].as_str()), (2, "error"), "{}", outcome.log);
        assert!(outcome.log.contains(said), "{}", outcome.log);
        assert!(!sandbox.join("work/pwned").exists());
    }
}

#[test]
fn a_shallow_clone_is_told_how_to_get_its_history() {
    let (origin, base) = checkout(true);
    let sandbox = Sandbox::new();
    let url = format!("file://{}", origin.join("work").display());
    sandbox.git(["clone", "-q", "--depth", "1", "-b", "topic", &url, "work"]);
    let outcome = run(&sandbox, project(), &pull_request(&base), &with_binary(&[]));
    check(&outcome, &sandbox, 2, &base);
    assert!(outcome.log.contains("fetch-depth: 0"), "{}", outcome.log);
}

/// A pull request may bring a toolchain file; the action is built in its own checkout with a toolchain of its own.
#[test]
fn the_tree_does_not_choose_the_toolchain() {
    let (sandbox, base) = checkout(false);
    let marker = sandbox.join("pwned");
    let program = format!("#!/bin/sh\ntouch {}\n", marker.display());
    for path in ["work/evil/bin/cargo", "work/evil/bin/rustc", "work/bin/cargo"] {
        sandbox.write(path, &program);
        sandbox.executable(path);
    }
    let evil = sandbox.join("work/evil");
    sandbox.write("work/rust-toolchain.toml", format!("[toolchain]\npath = \"{}\"\n", evil.display()));
    sandbox.write("work/.cargo/config.toml", "[build]\nrustc = \"evil/bin/rustc\"\n");
    sandbox.write("work/build.rs", format!("fn main() {{ std::fs::write({:?}, \"\").unwrap() }}", marker));
    // The trap works: where rustup stands behind the name, cargo started in the tree is the tree's.
    let start = |program: &str, argument: &str| {
        let mut command = Command::new(program);
        command.arg(argument);
        with_toolchains(&mut command);
        sandbox.run(command, &sandbox.join("work"))
    };
    if Command::new("rustup").arg("--version").output().is_ok() {
        start("cargo", "--version");
        assert!(marker.exists());
        fs::remove_file(&marker).unwrap();
    }
    // A checkout of the action, small enough to be built here.
    let checkout = sandbox.join("action");
    sandbox.write("action/Cargo.toml", "[package]\nname = \"portcullis\"\nversion = \"0.0.0\"\nedition = \"2024\"\n");
    sandbox.write("action/Cargo.lock", "version = 4\n\n[[package]]\nname = \"portcullis\"\nversion = \"0.0.0\"\n");
    let main = format!(
        "fn main() {{ let code = std::process::Command::new({:?}).args(std::env::args().skip(1)).status().unwrap().code(); \
         std::process::exit(code.unwrap_or(2)) }}",
        binary()
    );
    sandbox.write("action/src/main.rs", main);
    sandbox.write("action/policies/recommended.toml", "");
    let outcome = run(&sandbox, &checkout, &pull_request(&base), &[]);
    check(&outcome, &sandbox, 0, &base);
    assert!(!marker.exists(), "{}", outcome.log);
    assert_eq!(
        outcome.steps,
        [
            "Find the base of the event",
            "Name the sources of portcullis",
            "Fetch what was built before",
            "Build portcullis",
            "Judge"
        ]
    );
    assert!(sandbox.join("temp/portcullis-target/release/portcullis").is_file());
}

#[test]
fn the_action_passes_its_own_gate() {
    let sandbox = Sandbox::new();
    sandbox.write("action.yml", fs::read(project().join("action.yml")).unwrap());
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(run.report()["summary"]["components"], 1);
}

#[test]
fn the_workflow_of_the_example_and_of_the_project_pass_the_gate() {
    let example = fs::read_to_string(project().join("examples/pull-request/README.md")).unwrap();
    let example = example.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let own = fs::read_to_string(project().join(".github/workflows/ci.yml")).unwrap();
    for (text, actions) in [(example, 2), (&own, 1)] {
        let sandbox = Sandbox::new();
        sandbox.write(".github/workflows/gate.yml", text);
        let run = sandbox.portcullis(["gate", "--format", "json"]);
        assert_eq!(run.code, 0, "{}", run.whole());
        assert_eq!(run.report()["summary"]["components"], actions);
    }
}
