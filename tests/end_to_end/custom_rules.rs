//! Rules of the user's own: what they see, and how they answer.

use serde_json::Value;

use crate::cargo::{self, Package, package};
use crate::support::{Sandbox, Transcript};

fn custom(on: &str, key: &str, condition: &str, message: &str) -> String {
    format!(
        "[sources]\nregistries = [\"https://cargo.example/\"]\ngit = [\"https://git.example/dam/\"]\n\n[[custom]]\nid = \"ours\"\non = \"{on}\"\n{key} = '''{condition}'''\nmessage = '''{message}'''\n"
    )
}

fn before() -> Vec<Package> {
    vec![package("ripple", "1.2.3", 'a'), package("tarn", "0.4.0", 'b')]
}

fn after() -> Vec<Package> {
    let git = "git+https://git.example/dam/sluice?rev=0123456789abcdef0123456789abcdef01234567#0123456789abcdef0123456789abcdef01234567";
    vec![package("ripple", "2.0.0-rc.1", 'c'), package("sluice", "0.0.1", 'd').from(git), package("weir", "0.0.7", 'e')]
}

/// A repository whose policy has the rule, and a change.
fn changed(policy: &str) -> Sandbox {
    let sandbox = cargo::committed(&before(), Some(policy));
    cargo::project(&sandbox, &after());
    sandbox.commit("second");
    sandbox
}

fn ours(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let run = sandbox.portcullis(arguments.iter().copied().chain(["--format", "json"]));
    assert!(matches!(run.code, 0 | 1), "{}", run.whole());
    run.report()["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "custom/ours").cloned().collect()
}

/// Checks which subjects a condition on changes fails for, and with which messages.
#[track_caller]
fn check(condition: &str, message: &str, expected: &[&str]) {
    let sandbox = changed(&custom("change", "deny-if", condition, message));
    let found = ours(&sandbox, &["gate", "--base", "HEAD~1"]);
    let messages: Vec<&str> = found.iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert_eq!(messages, expected, "{condition}");
    assert!(found.iter().all(|finding| finding["state"] == "fail" && finding["level"] == "deny"), "{found:#?}");
}

#[test]
fn a_condition_sees_all_of_a_change() {
    check(
        "change.kind == \"added\" && change.after.version.startsWith(\"0.0.\")",
        "{change.after.purl} is a 0.0.x release",
        &[
            "pkg:cargo/sluice@0.0.1?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fdam%2Fsluice%400123456789abcdef0123456789abcdef01234567 is a 0.0.x release",
            "pkg:cargo/weir@0.0.7 is a 0.0.x release",
        ],
    );
    check(
        "change.kind == 'removed'",
        "{change.before.name} {change.before.version} is gone from {change.before.path}",
        &["tarn 0.4.0 is gone from Cargo.lock"],
    );
    check(
        "'version' in change.fields",
        "{change.before.version} -> {change.after.version} ({change.fields})",
        &["1.2.3 -> 2.0.0-rc.1 (version, digests)"],
    );
    check(
        "change.after.version.matches('^[0-9.]+-')",
        "{change.after.name}: a pre-release",
        &["ripple: a pre-release"],
    );
    check(
        "change.after.source.kind == 'git'",
        "{change.after.source.host} {change.after.source.url} {change.after.source.commit}",
        &["git.example https://git.example/dam/sluice 0123456789abcdef0123456789abcdef01234567"],
    );
    check("change.after.digests.exists(d, d.contains('sha256:eeee'))", "{change.after.name}", &["weir"]);
    check(
        "size(change.after.digests) == 0 && change.kind != 'removed'",
        "{change.after.name} has no digest",
        &["sluice has no digest"],
    );
    check(
        "change.after.ecosystem == 'npm' || change.after.license == 'GPL-3.0-only' || change.after.install_script",
        "never",
        &[],
    );
    check(
        "change.after.relation == 'direct' && change.after.scope == 'runtime' && change.kind == 'changed'",
        "{change.after.relation}",
        &["direct"],
    );
    check("change[\"kind\"] == 'removed'", "by index", &["by index"]);
    check("['weir', 'mere'].exists(n, n == change.after.name)", "{change.after.name}", &["weir"]);
    check(
        "double('1.5') > 1.0 && int('7') == 7 && string(7) == '7' && change.after.name.endsWith('eir')",
        "{change.after.name}",
        &["weir"],
    );
    // A chain of many conditions is no deep one, and brackets in strings are none at all.
    let many = (0..100).map(|n| format!("change.after.name == 'p{n}'")).collect::<Vec<_>>().join(" || ");
    check(&format!("{many} || change.after.name == 'weir'"), "{change.after.name}", &["weir"]);
    check(
        &format!("change.after.name == '{}' || change.after.name == 'weir'", "([{".repeat(30)),
        "{change.after.name}",
        &["weir"],
    );
    check(
        "change.after.name == 'this-is-not-a-package-with-many-hyphens---------------------------------------!!!!!!!!'",
        "never",
        &[],
    );
}

#[test]
fn a_match_stands_in_the_report_like_any_finding() {
    let policy = custom("change", "deny-if", "change.after.name == \"weir\"", "`{change.after.name}` is not ours");
    let sandbox = changed(&policy);
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 1);
    transcript.note("at level warn");
    let warned = changed(&policy.replace("deny-if", "warn-if"));
    assert_eq!(transcript.portcullis(&warned, ["gate", "--base", "HEAD~1"]).code, 0);
    transcript.note("waived");
    let waived = changed(&format!(
        "{policy}\n[[waiver]]\nrule = \"custom/ours\"\nsubject = \"pkg:cargo/weir@*\"\nowner = \"@mill\"\nreason = \"r\"\nexpires = 2099-01-01\n"
    ));
    assert_eq!(transcript.portcullis(&waived, ["gate", "--base", "HEAD~1"]).code, 0);
    assert_eq!(ours(&waived, &["gate", "--base", "HEAD~1"])[0]["state"], "waived");
    transcript.keep("custom-rules/match");
    // What passes is counted.
    let quiet = changed(&custom("change", "deny-if", "change.after.name == \"mere\"", "never"));
    let count = |sandbox: &Sandbox| {
        sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]).report()["summary"]["pass"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(
        count(&quiet),
        count(&changed("[sources]\nregistries = [\"https://cargo.example/\"]\ngit = [\"https://git.example/dam/\"]\n"))
            + 4
    );
}

#[test]
fn a_condition_that_cannot_be_evaluated_is_not_determined() {
    let sandbox = changed(&custom("change", "deny-if", "int(change.after.version) > 1", "never"));
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 1);
    let found = ours(&sandbox, &["gate", "--base", "HEAD~1"]);
    assert!(found.len() == 4 && found.iter().all(|finding| finding["state"] == "not-determined"), "{found:#?}");
    for (what, condition) in [
        ("no truth value", "change.after.name"),
        ("a number of a list", "change.after.digests > 3"),
        ("a pattern made of a name", "change.after.name.matches(change.after.name + \"(\")"),
        ("behind the end of a list", "change.after.digests[7] == \"\""),
        ("divided by nothing", "1 / size(change.before.digests) > 0"),
    ] {
        transcript.note(what);
        let sandbox = changed(&custom("change", "warn-if", condition, "never"));
        assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 0, "{what}");
    }
    transcript.keep("custom-rules/not-determined");
}

#[test]
fn a_rule_about_changes_needs_something_to_compare_with() {
    let sandbox = changed(&custom("change", "deny-if", "true", "always"));
    let found = ours(&sandbox, &["gate"]);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["state"], &found[0]["subject"]["kind"]), (&"not-applicable".into(), &"rule".into()));
    assert_eq!(sandbox.portcullis(["gate"]).code, 0);
    // Against a snapshot it is asked as against a revision.
    sandbox.git(["checkout", "-q", "HEAD~1"]);
    sandbox.portcullis(["baseline", "-o", ".git/base.json"]);
    sandbox.git(["checkout", "-q", "main"]);
    assert_eq!(ours(&sandbox, &["gate", "--baseline", ".git/base.json"]).len(), 4);
}

#[test]
fn a_rule_about_components_is_asked_of_the_tree_and_of_the_one_before() {
    let policy = custom(
        "component",
        "deny-if",
        "component.version.startsWith(\"0.\") && component.relation != \"member\"",
        "{component.name} is young",
    );
    let sandbox = cargo::committed(&before(), Some(&policy));
    let messages = |found: &[Value]| -> Vec<String> {
        found
            .iter()
            .map(|f| format!("{} {}", f["message"].as_str().unwrap(), f["baseline"].as_str().unwrap_or("-")))
            .collect()
    };
    assert_eq!(messages(&ours(&sandbox, &["gate"])), ["tarn is young -"]);
    cargo::project(
        &sandbox,
        &[package("tarn", "0.4.0", 'b'), package("weir", "0.0.7", 'e'), package("ripple", "1.2.3", 'a')],
    );
    sandbox.commit("second");
    assert_eq!(
        messages(&ours(&sandbox, &["gate", "--base", "HEAD~1"])),
        ["tarn is young unchanged", "weir is young new"]
    );
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a')]);
    sandbox.commit("third");
    assert_eq!(
        messages(&ours(&sandbox, &["gate", "--base", "HEAD~1"])),
        ["tarn is young absent", "weir is young absent"]
    );
}

#[test]
fn a_large_lock_file_and_a_long_condition_take_no_time() {
    let many: Vec<Package> = (0..500).map(|number| package(&format!("p{number}"), "1.0.0", 'a')).collect();
    let names: Vec<String> = (0..100).map(|number| format!("'x{number}'")).collect();
    let condition = format!("[{}].exists(n, n == component.name || component.digests.size() > 9)", names.join(","));
    let sandbox = cargo::committed(&many, Some(&custom("component", "deny-if", &condition, "never")));
    let begin = std::time::Instant::now();
    assert_eq!(ours(&sandbox, &["gate"]).len(), 0);
    assert!(begin.elapsed() < std::time::Duration::from_secs(120), "{:?}", begin.elapsed());
}

#[test]
fn every_field_that_a_condition_may_name_has_a_value() {
    let fields = [
        "digests",
        "ecosystem",
        "install_script",
        "license",
        "name",
        "path",
        "purl",
        "relation",
        "resolved",
        "scope",
        "source.commit",
        "source.host",
        "source.kind",
        "source.url",
        "version",
    ];
    let sides = ["change.before", "change.after"];
    let all = sides.iter().flat_map(|side| fields.iter().map(move |field| format!("{side}.{field}")));
    let all: Vec<String> = all.chain(["change.fields".to_owned(), "change.kind".to_owned()]).collect();
    let condition = all.iter().map(|path| format!("{path} == {path}")).collect::<Vec<_>>().join(" && ");
    let message = all.iter().map(|path| format!("{{{path}}}")).collect::<Vec<_>>().join(" ");
    let sandbox = changed(&custom("change", "deny-if", &condition, &message));
    let found = ours(&sandbox, &["gate", "--base", "HEAD~1"]);
    assert!(found.len() == 4 && found.iter().all(|finding| finding["state"] == "fail"), "{found:#?}");
    // There are no others.
    let run = changed(&custom("change", "deny-if", "change.after.zebra", "m")).portcullis(["policy", "check"]);
    let known = run.stderr.lines().last().unwrap().strip_prefix("hint: expected one of ").unwrap().to_owned();
    let tops: std::collections::BTreeSet<&str> = fields.iter().map(|field| field.split('.').next().unwrap()).collect();
    assert_eq!(known, tops.into_iter().collect::<Vec<_>>().join(", "));
}
