//! A repository owner of a Go project has its modules judged: `go.mod` says which, `go.sum` what is in them.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::lock_files::{Package, package};
use crate::support::{Run, Sandbox};

fn modules() -> [Package; 2] {
    [package("git.example/acme/ripple", "v1.2.3", 0xaa), package("git.example/acme/weir", "v2.0.0+incompatible", 0xbb)]
}

fn forged() -> [Package; 2] {
    let [ripple, weir] = modules();
    [ripple, Package { digest: 0xee, ..weir }]
}

fn updated() -> [Package; 2] {
    let [ripple, _] = modules();
    [ripple, package("git.example/acme/weir", "v2.1.0+incompatible", 0xcc)]
}

fn go_mod(modules: &[Package]) -> String {
    let lines: String = modules.iter().map(|it| format!("\t{} {}\n", it.name, it.version)).collect();
    format!("module git.example/acme/alder\n\ngo 1.24\n\nrequire (\n{lines})\n")
}

fn go_sum(modules: &[Package]) -> String {
    let line = |it: &Package, own_file: &str, digest: u8| {
        format!("{} {}{own_file} h1:{}\n", it.name, it.version, STANDARD.encode([digest; 32]))
    };
    modules.iter().map(|it| line(it, "", it.digest) + &line(it, "/go.mod", it.digest.wrapping_add(1))).collect()
}

fn lay(sandbox: &Sandbox, modules: &[Package]) {
    sandbox.write("go.mod", go_mod(modules));
    sandbox.write("go.sum", go_sum(modules));
}

fn committed(modules: &[Package]) -> Sandbox {
    let sandbox = Sandbox::repository();
    lay(&sandbox, modules);
    sandbox.commit("before");
    sandbox
}

/// What counts against a change: level, rule, state, file and line of each new finding.
#[track_caller]
fn counted(run: &Run) -> BTreeSet<String> {
    let report = run.report();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["findings"].as_array().unwrap().iter();
    found
        .filter(|it| it["state"] == "fail" || it["state"] == "not-determined")
        .filter(|it| it["level"] != "allow" && (it["baseline"] == "new" || it["baseline"].is_null()))
        .map(|it| {
            let place = format!("{}:{}", text(&it["location"]["path"]), it["location"]["line"]);
            format!("{} {} {} {place}", text(&it["level"]), text(&it["rule"]), text(&it["state"]))
        })
        .collect()
}

fn gate(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.portcullis(["gate", "--format", "json"].into_iter().chain(arguments.iter().copied()))
}

fn set(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|one| (*one).to_owned()).collect()
}

#[test]
fn a_digest_that_changed_alone_fails_wherever_the_change_stands() {
    let sandbox = committed(&modules());
    let tampered = set(&["deny change/same-version-new-digest fail go.sum:3"]);
    lay(&sandbox, &forged());
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!((run.code, counted(&run)), (1, tampered.clone()), "{}", run.whole());
    assert_eq!(gate(&sandbox, &["--staged"]).code, 0);
    sandbox.git(["add", "-A"]);
    assert_eq!(counted(&gate(&sandbox, &["--staged"])), tampered);
    sandbox.commit("after");
    let run = gate(&sandbox, &["--base", "HEAD~1"]);
    assert_eq!(counted(&run), tampered);
    let report = run.report();
    let finding = report["findings"].as_array().unwrap().iter().find(|it| it["state"] == "fail").unwrap();
    assert_eq!(finding["subject"]["id"], "pkg:golang/git.example/acme/weir@v2.0.0%2Bincompatible");
    assert_eq!(finding["evidence"]["found"], format!("h1:{}", STANDARD.encode([0xee; 32])));
    assert_eq!(gate(&sandbox, &["--base", "HEAD"]).code, 0);
}

#[test]
fn an_update_passes_and_the_way_back_is_a_warning() {
    for (before, after, expected) in
        [(modules(), updated(), set(&[])), (updated(), modules(), set(&["warn change/downgrade fail go.mod:7"]))]
    {
        let sandbox = committed(&before);
        lay(&sandbox, &after);
        let run = gate(&sandbox, &["--base", "HEAD"]);
        assert_eq!((run.code, counted(&run)), (0, expected), "{}", run.whole());
        assert_eq!(run.report()["summary"]["components"], 2);
    }
}

#[test]
fn a_snapshot_holds_the_digests_too() {
    let sandbox = committed(&modules());
    let run = sandbox.portcullis(["baseline", "-o", "before.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(gate(&sandbox, &["--baseline", "before.json"]).code, 0);
    lay(&sandbox, &forged());
    let run = gate(&sandbox, &["--baseline", "before.json"]);
    assert_eq!(counted(&run), set(&["deny change/same-version-new-digest fail go.sum:3"]));
}

#[test]
fn a_change_of_either_file_is_one_change() {
    let listed = |sandbox: &Sandbox| {
        let run = sandbox.portcullis(["changes"]);
        assert_eq!(run.code, 0, "{}", run.whole());
        run.stdout.lines().filter(|line| !line.contains(" added, ")).collect::<Vec<_>>().join("\n")
    };
    let sandbox = committed(&modules());
    sandbox.write("go.sum", go_sum(&forged()));
    assert_eq!(listed(&sandbox), "~ git.example/acme/weir v2.0.0+incompatible (digests)  [go.mod]");
    lay(&sandbox, &updated());
    assert_eq!(listed(&sandbox), "~ git.example/acme/weir v2.0.0+incompatible -> v2.1.0+incompatible  [go.mod]");
    lay(&sandbox, &modules());
    let fork = go_mod(&modules()) + "\nreplace git.example/acme/weir => git.example/fork/weir v2.0.1\n";
    sandbox.write("go.mod", &fork);
    assert_eq!(
        listed(&sandbox),
        "~ git.example/acme/weir v2.0.0+incompatible -> git.example/fork/weir v2.0.1  [go.mod]"
    );
    let indirect = go_mod(&modules()).replace("v1.2.3", "v1.2.3 // indirect");
    sandbox.write("go.mod", &indirect);
    assert_eq!(listed(&sandbox), "~ git.example/acme/ripple v1.2.3 (relation)  [go.mod]");
}

#[test]
fn files_without_their_end_are_never_taken_for_whole_ones() {
    let sandbox = committed(&modules());
    for (name, sound) in [("go.mod", go_mod(&modules())), ("go.sum", go_sum(&modules()))] {
        // In `go.mod` from the block on; what stands before is a module that needs nothing.
        let from = sound.find("require (").unwrap_or_default();
        for end in (from + 1..sound.len() - 1).filter(|end| sound.is_char_boundary(*end)) {
            sandbox.write(name, &sound[..end]);
            let run = gate(&sandbox, &["--base", "HEAD"]);
            // What binds the contents of both modules is there; the digest of a `go.mod` file is not missed.
            let is_bound = sound[..end].trim_end() == sound.lines().take(3).collect::<Vec<_>>().join("\n");
            assert_eq!(run.code, i32::from(!is_bound), "{name}: {end}: {}", run.whole());
        }
        sandbox.write(name, sound);
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_say_nothing() {
    let sandbox = committed(&modules());
    for write in [|text: String| text.replace('\n', "\r\n"), |text: String| format!("\u{feff}{text}")] {
        sandbox.write("go.mod", write(go_mod(&modules())));
        sandbox.write("go.sum", write(go_sum(&modules())));
        let run = gate(&sandbox, &["--base", "HEAD"]);
        assert_eq!((run.code, counted(&run)), (0, set(&[])), "{}", run.whole());
        sandbox.write("go.sum", write(go_sum(&forged())));
        let run = gate(&sandbox, &["--base", "HEAD"]);
        assert_eq!(counted(&run), set(&["deny change/same-version-new-digest fail go.sum:3"]));
    }
}

#[test]
fn a_file_of_digests_that_cannot_be_read_takes_no_digest_away() {
    let sandbox = committed(&modules());
    sandbox.remove("go.sum");
    sandbox.link("go.sum", "/etc/hostname");
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!(run.code, 1);
    let counted = counted(&run);
    assert!(counted.contains("deny change/digest-removed not-determined go.sum:null"), "{counted:?}");
    assert!(!counted.iter().any(|one| one.contains("change/digest-removed fail")), "{counted:?}");
    sandbox.remove("go.sum");
    sandbox.write("go.sum", format!("<<<<<<< ours\n{}", go_sum(&modules())));
    let counted = self::counted(&gate(&sandbox, &["--base", "HEAD"]));
    assert!(counted.contains("deny change/digest-removed not-determined go.sum:1"), "{counted:?}");
    assert!(!counted.iter().any(|one| one.contains(" fail ")), "{counted:?}");
}

#[test]
fn an_sbom_names_the_modules_and_their_digests() {
    let sandbox = committed(&modules());
    let fork = go_mod(&modules()) + "\nreplace git.example/acme/weir => git.example/Fork/weir v2.0.1\n";
    sandbox.write("go.mod", &fork);
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let bom: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(bom["metadata"]["component"]["name"], "git.example/acme/alder");
    let purls: Vec<&Value> = bom["components"].as_array().unwrap().iter().map(|it| &it["purl"]).collect();
    assert_eq!(purls, ["pkg:golang/git.example/acme/ripple@v1.2.3", "pkg:golang/git.example/fork/weir@v2.0.1"]);
    let ripple = &bom["components"][0];
    let digest = format!("h1:{}", STANDARD.encode([0xaa; 32]));
    assert!(ripple["properties"].as_array().unwrap().iter().any(|it| it["value"] == *digest), "{ripple}");
    // It is no digest of the archive, which is what `hashes` would mean.
    assert_eq!(ripple["hashes"], Value::Null);
    assert_eq!(ripple["evidence"]["occurrences"][0]["location"], "go.mod");
    let projects = bom["metadata"]["component"]["components"].as_array().map_or(0, Vec::len);
    assert_eq!((projects, bom["compositions"][0]["aggregate"].as_str()), (0, Some("complete")), "{}", run.stdout);
    // `go.mod` does not say which module needs which: nothing is said of it, rather than that none does.
    assert_eq!(bom["compositions"][1], serde_json::json!({ "aggregate": "unknown", "dependencies": ["root"] }));
    assert_eq!(bom["dependencies"].as_array().unwrap().len(), 1, "{}", run.stdout);
}

#[test]
fn modules_of_one_repository_are_judged_by_their_own_digests() {
    let sandbox = committed(&modules());
    sandbox.write("tools/go.mod", go_mod(&modules()).replace("alder", "alder/tools"));
    sandbox.write("tools/go.sum", go_sum(&modules()));
    sandbox.commit("two modules");
    sandbox.write("tools/go.sum", go_sum(&forged()));
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!(counted(&run), set(&["deny change/same-version-new-digest fail tools/go.sum:3"]));
    // In a workspace a digest may stand beside another of its modules.
    sandbox.write("tools/go.sum", go_sum(&modules()[..1]));
    let out_of_sync = "warn change/lock-out-of-sync fail tools/go.mod:7";
    assert!(counted(&gate(&sandbox, &["--base", "HEAD"])).contains(out_of_sync));
    sandbox.write("go.work", "go 1.24\n\nuse (\n\t.\n\t./tools\n)\n");
    assert!(!counted(&gate(&sandbox, &["--base", "HEAD"])).contains(out_of_sync));
}

#[test]
fn settings_are_found_in_every_kind_of_tree() {
    let sandbox = committed(&modules());
    let expected = set(&["deny config/verification-disabled fail .github/workflows/ci.yml:2"]);
    sandbox.write(".github/workflows/ci.yml", "env:\n  GOSUMDB: off\njobs: {}\n");
    let run = gate(&sandbox, &["--base", "HEAD"]);
    assert_eq!(counted(&run), expected, "{}", run.whole());
    assert_eq!(counted(&gate(&sandbox, &[])), expected);
    sandbox.git(["add", "-A"]);
    assert_eq!(counted(&gate(&sandbox, &["--staged"])), expected);
    sandbox.commit("after");
    assert_eq!(counted(&gate(&sandbox, &["--base", "HEAD~1"])), expected);
    assert_eq!(counted(&gate(&sandbox, &["--base", "HEAD"])), set(&[]));
    let run = sandbox.portcullis(["baseline", "-o", "before.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(gate(&sandbox, &["--baseline", "before.json"]).code, 0);
}
