//! `portcullis policy`: a first policy, and what a policy says.

use std::fs;

use serde_json::Value;

use crate::cargo::{self, package};
use crate::support::{Sandbox, Transcript};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A repository whose lock file names a registry and two repositories.
fn with_sources() -> Sandbox {
    let sandbox = Sandbox::repository();
    let git = |name: &str, url: &str| package(name, "0.1.0", 'a').from(&format!("git+{url}?rev={COMMIT}#{COMMIT}"));
    cargo::project(
        &sandbox,
        &[
            package("ripple", "1.2.3", 'a'),
            git("sluice", "https://git.example/mill/sluice"),
            git("weir", "ssh://git@git.example/dam/weir.git"),
            package("tarn", "0.4.0", 'b').from("sparse+https://crates.example/"),
        ],
    );
    sandbox
}

#[test]
fn a_first_policy_pins_what_the_tree_uses_and_the_gate_then_passes_without_a_word() {
    let sandbox = with_sources();
    let mut transcript = Transcript::default();
    transcript.note("before");
    assert_eq!(transcript.portcullis(&sandbox, ["gate"]).code, 0);
    assert_eq!(transcript.portcullis(&sandbox, ["policy", "init"]).code, 0);
    let written = fs::read_to_string(sandbox.join("portcullis.toml")).unwrap();
    transcript.text(&written);
    transcript.note("after");
    assert_eq!(transcript.portcullis(&sandbox, ["gate"]).code, 0);
    let report = sandbox.portcullis(["gate", "--format", "json"]).report();
    let loud: Vec<&Value> = report["findings"].as_array().unwrap().iter().filter(|f| f["state"] == "fail").collect();
    assert!(loud.is_empty(), "{loud:#?}");
    // Committed, the first lock file of the repository passes too.
    sandbox.commit("first");
    let empty = sandbox.git(["hash-object", "-t", "tree", "/dev/null"]);
    let root = sandbox.git(["commit-tree", "-m", "nothing", empty.trim()]);
    assert_eq!(sandbox.portcullis(["gate", "--base", root.trim(), "--policy", "portcullis.toml"]).code, 0);
    transcript.keep("policy-command/init");
    // Every commented line is right as well.
    let opened: String = written
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('[')).unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    sandbox.write("opened.toml", &opened);
    let run = sandbox.portcullis(["policy", "check", "opened.toml"]);
    assert_eq!(run.code, 0, "{opened}\n{}", run.whole());
    let shown = sandbox.portcullis(["policy", "show", "--policy", "opened.toml"]).stdout;
    assert!(shown.contains("waiver += ") && shown.contains("tree.exclude += "), "{shown}");
}

#[test]
fn a_policy_that_is_there_is_not_replaced() {
    let mut transcript = Transcript::default();
    let old = "# ours\nextends = [\"builtin:strict\"]\n\n[sources]\nregistries = [\"https://cargo.example/index/\"]\n";
    let sandbox = with_sources();
    sandbox.write("portcullis.toml", old);
    assert_eq!(transcript.portcullis(&sandbox, ["policy", "init"]).code, 2);
    assert_eq!(fs::read_to_string(sandbox.join("portcullis.toml")).unwrap(), old);
    let printed = sandbox.portcullis(["policy", "init", "--print"]);
    assert_eq!(printed.code, 0, "{}", printed.whole());
    assert_eq!(fs::read_to_string(sandbox.join("portcullis.toml")).unwrap(), old);
    assert_eq!(transcript.portcullis(&sandbox, ["policy", "init", "--force"]).code, 0);
    assert_eq!(fs::read_to_string(sandbox.join("portcullis.toml")).unwrap(), printed.stdout);
    assert_eq!(transcript.portcullis(&sandbox, ["policy", "init"]).code, 2);

    // Whatever stands there: what cannot be read is not replaced either.
    transcript.note("a link that leads nowhere");
    let link = with_sources();
    link.link("portcullis.toml", "nowhere.toml");
    assert_eq!(transcript.portcullis(&link, ["policy", "init"]).code, 2);
    assert!(link.join("portcullis.toml").is_symlink());
    transcript.note("a folder");
    let folder = with_sources();
    folder.write("portcullis.toml/a", "");
    assert_eq!(transcript.portcullis(&folder, ["policy", "init"]).code, 2);
    assert_eq!(transcript.portcullis(&folder, ["policy", "init", "--force"]).code, 2);
    transcript.note("too large a file");
    let large = with_sources();
    large.write("portcullis.toml", "# a\n".repeat(2 << 20));
    assert_eq!(transcript.portcullis(&large, ["policy", "init"]).code, 2);
    assert_eq!(fs::metadata(large.join("portcullis.toml")).unwrap().len(), 8 << 20);
    transcript.keep("policy-command/init-refused");
}

#[test]
fn a_first_policy_is_written_where_the_gate_reads_it() {
    let sandbox = with_sources();
    cargo::project_at(
        &sandbox,
        "tools/",
        &[package("weir", "2.0.0", 'c').from("registry+https://tools.example/index")],
    );
    let run = sandbox.portcullis_in(&sandbox.join("tools"), ["policy", "init"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert!(!sandbox.join("tools/portcullis.toml").exists());
    let written = fs::read_to_string(sandbox.join("portcullis.toml")).unwrap();
    for host in ["cargo.example", "tools.example"] {
        assert!(written.contains(host), "{written}");
    }
    // Outside of a repository it is the folder itself.
    let plain = Sandbox::new();
    cargo::project_at(&plain, "a/", &[package("ripple", "1.2.3", 'a')]);
    assert_eq!(plain.portcullis(["policy", "init", "a"]).code, 0);
    assert!(plain.join("a/portcullis.toml").exists());
}

#[test]
fn a_first_policy_is_whole_even_where_names_are_hostile() {
    let sandbox = Sandbox::repository();
    let evil = "registry+https://user:hunter2@evil.example/\\\"]\\n[rules]\\n\\\"change/downgrade\\\" = \\\"allow\\\"\\u202e\\u0007/x";
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a').from(evil)]);
    let run = sandbox.portcullis(["policy", "init"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let written = fs::read_to_string(sandbox.join("portcullis.toml")).unwrap();
    assert!(!written.contains("hunter2"), "{written}");
    assert!(!written.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{written}");
    assert_eq!(sandbox.portcullis(["policy", "check"]).code, 0);
    let shown = sandbox.portcullis(["policy", "show"]).stdout;
    assert!(shown.contains("rules.\"change/downgrade\".level = \"warn\"  # builtin:recommended"), "{shown}");
}

const TEAM: &str =
    "[rules]\n\"change/downgrade\" = { level = \"deny\", undetermined = \"warn\", allow = [\"ripple\"] }\n";
const OURS: &str = "extends = [\"builtin:recommended\", \"team.toml\"]\n\n[rules]\n\"change/digest-removed\" = \"warn\"\n\"policy/waiver-expired\" = { days = 7 }\n\n[tree]\nexclude = [\"vendor/**\"]\n\n[sources]\nregistries = [\"https://user:hunter2@cargo.example/index/\"]\n\n[[custom]]\nid = \"none\"\non = \"component\"\nwarn-if = 'component.name == \"a\\\"b\"'\nmessage = \"{component.name}\"\n\n[[waiver]]\nrule = \"change/*\"\nsubject = \"pkg:cargo/tarn\"\nowner = \"@mill\"\nreason = \"checked \\u001b[31m\"\nexpires = 2099-01-31\n";

#[test]
fn the_policy_in_force_is_shown_with_where_each_value_comes_from() {
    let sandbox = with_sources();
    sandbox.write("portcullis.toml", OURS);
    sandbox.write("team.toml", TEAM);
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["policy", "show"]).code, 0);
    transcript.portcullis(&sandbox, ["policy", "show", "--diff", "recommended"]);
    transcript.portcullis(&sandbox, ["policy", "show", "--policy", "team.toml", "--diff", "builtin:strict"]);
    transcript.portcullis(&sandbox, ["policy", "show", "--diff", "portcullis.toml"]);
    transcript.portcullis(&sandbox, ["policy", "show", "--diff", "portcullis.tom"]);
    transcript.portcullis(&sandbox, ["policy", "show", "--diff", "recommended", "--format", "json"]);
    transcript.keep("policy-command/show");
    let json: Value = serde_json::from_str(&sandbox.portcullis(["policy", "show", "--format", "json"]).stdout).unwrap();
    let human = sandbox.portcullis(["policy", "show"]).stdout;
    let lines: Vec<String> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{}  # {}", line["value"].as_str().unwrap(), line["from"].as_str().unwrap()))
        .collect();
    assert_eq!(lines, human.lines().collect::<Vec<_>>());
}

#[test]
fn rules_are_listed_with_their_levels() {
    let sandbox = with_sources();
    sandbox.write("portcullis.toml", OURS);
    sandbox.write("team.toml", TEAM);
    let mut transcript = Transcript::default();
    transcript.portcullis(&sandbox, ["policy", "list"]);
    transcript.portcullis(&sandbox, ["policy", "list", "--policy", "strict"]);
    transcript.portcullis(&sandbox, ["policy", "list", "--policy", "portcullis.toml"]);
    transcript.portcullis(&sandbox, ["policy", "list", "--policy", "builtin:loose"]);
    transcript.keep("policy-command/list");
    let json: Value = serde_json::from_str(&sandbox.portcullis(["policy", "list", "--format", "json"]).stdout).unwrap();
    let ids: Vec<&str> = json.as_array().unwrap().iter().map(|entry| entry["rule"].as_str().unwrap()).collect();
    assert_eq!(ids, portcullis::rule::rules().map(|rule| rule.id).chain(["custom/none"]).collect::<Vec<_>>());
}

#[test]
fn several_policies_are_checked_at_once() {
    let sandbox = with_sources();
    sandbox.write("team.toml", TEAM);
    sandbox.write("broken.toml", "[rulez]\n");
    let mut transcript = Transcript::default();
    transcript.portcullis(&sandbox, ["policy", "check"]);
    transcript.portcullis(&sandbox, ["policy", "check", "team.toml", "strict", "builtin:recommended"]);
    transcript.portcullis(&sandbox, ["policy", "check", "team.toml", "broken.toml", "strict"]);
    transcript.portcullis(&sandbox, ["policy", "check", "src"]);
    transcript.portcullis(&sandbox, ["policy", "check", "builtin:strickt"]);
    transcript.keep("policy-command/check");
}
