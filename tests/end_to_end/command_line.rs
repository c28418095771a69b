//! The command line: help, suggestions, exit codes, and what follows from the arguments themselves.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::archives::{Layout, Tarball};
use crate::cargo::{self, package};
use crate::support::{Sandbox, Transcript, binary, project};

const COMMANDS: &[&[&str]] = &[
    &["gate"],
    &["changes"],
    &["sbom"],
    &["sbom", "generate"],
    &["verify"],
    &["verify", "show"],
    &["policy"],
    &["policy", "init"],
    &["policy", "show"],
    &["policy", "check"],
    &["policy", "list"],
    &["baseline"],
    &["waive"],
    &["host"],
    &["host", "check"],
    &["host", "snapshot"],
    &["host", "diff"],
    &["host", "explain"],
    &["hook"],
    &["hook", "install"],
    &["hook", "uninstall"],
    &["hook", "run"],
    &["explain"],
    &["schema"],
    &["completions"],
    &["man"],
];

fn plain() -> Sandbox {
    cargo::committed(&[package("ripple", "1.2.3", 'a')], None)
}

#[test]
fn help_fits_a_terminal_and_shows_examples() {
    let sandbox = Sandbox::new();
    let help = sandbox.portcullis(["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    assert!(help.stdout.lines().count() <= 24, "{}", help.stdout);
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 80), "{}", help.stdout);
    for command in COMMANDS {
        let run = sandbox.portcullis(command.iter().copied().chain(["--help"]));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command:?}");
        assert!(run.stdout.contains("Example"), "{command:?}: {}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{command:?}: {}", run.stdout);
        assert_eq!(sandbox.portcullis(command.iter().copied().chain(["-h"])).code, 0);
    }
    let top: BTreeSet<&str> = COMMANDS.iter().map(|command| command[0]).collect();
    let listed: BTreeSet<&str> = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(top, listed);
    let version = sandbox.portcullis(["--version"]);
    assert_eq!(version.stdout, format!("portcullis {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_examples_of_the_help_are_understood() {
    let sandbox = plain();
    sandbox.git(["branch", "-f", "A"]);
    sandbox.git(["branch", "-f", "B"]);
    sandbox.git(["tag", "v1.0"]);
    sandbox.git(["tag", "v1.1"]);
    sandbox.git(["tag", "v1.4.0"]);
    sandbox.git(["clone", "-q", "--bare", ".", "R.git"]);
    cargo::project_at(&sandbox, "services/api/", &[package("ripple", "1.2.3", 'a')]);
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n");
    for artifact in ["app-1.4.0.tar.gz", "app.tar.gz", "dist/app.tar.gz"] {
        sandbox.write(artifact, "an artifact");
    }
    for (name, fixture) in [
        ("release.asc", "pages/subkey-good/keyring"),
        ("root.json", "trusted-root.json"),
        ("InRelease", "pages/clear-good/artifact"),
        ("archive.gpg", "pages/clear-good/keyring"),
    ] {
        sandbox.write(name, fs::read(project().join("tests/fixtures/signatures").join(fixture)).unwrap());
    }
    sandbox.write("allowed_signers", "# nobody\n");
    let documents = project().join("tests/fixtures/sbom");
    for (name, fixture) in [
        ("bom.json", "cyclonedx-json/valid-ledger.json"),
        ("bom.xml", "cyclonedx-xml/valid-bom-1.6.xml"),
        ("old.json", "cyclonedx-json/valid-ledger.json"),
        ("new.json", "cyclonedx-json/valid-bom-1.6.json"),
        ("released.json", "cyclonedx-json/valid-ledger.json"),
        ("new.spdx.json", "spdx-json/valid-maven.json"),
        ("vendor.spdx.json", "spdx-json/valid-maven.json"),
        ("supplier/part.spdx.json", "spdx-json/valid-maven.json"),
    ] {
        sandbox.write(name, fs::read(documents.join(fixture)).unwrap());
    }
    let status = "Package: a\nVersion: 1\nArchitecture: all\nStatus: install ok installed\n\n";
    sandbox.write("rootfs/var/lib/dpkg/status", status);
    let layer = Tarball::default().file("var/lib/dpkg/status", status).bytes();
    sandbox.write("image.tar", Layout::default().image("arm64", &[(layer.clone(), layer)]).tarball().bytes());
    for name in ["host.json", "yesterday.json", "today.json"] {
        assert_eq!(sandbox.portcullis(["host", "snapshot", "--root", "rootfs", "-o", name]).code, 0);
    }
    sandbox.write("released.tar", Tarball::default().file("var/lib/dpkg/status", status).bytes());
    let mut tried = 0;
    for command in COMMANDS {
        let help = sandbox.portcullis(command.iter().copied().chain(["--help"])).stdout.replace("\\\n    ", "");
        let examples = help.split("Example").skip(1).flat_map(str::lines);
        for line in examples.filter_map(|line| line.split_once("portcullis ")) {
            let line = line.1.split("   ").next().unwrap();
            let mut shell = Command::new("sh");
            let line = line.split(['>', '|']).next().unwrap();
            shell.arg("-c").arg(format!("\"$0\" {line}")).arg(binary());
            let run = sandbox.run(shell, sandbox.path());
            // `waive` names a finding that is not there, `policy init` a file that is.
            let expected: &[i32] =
                if line.starts_with("waive") || line.trim() == "policy init" { &[0, 2] } else { &[0, 1] };
            assert!(expected.contains(&run.code), "{line}: {}", run.whole());
            assert!(!run.stderr.contains("--help"), "{line}: {}", run.whole());
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn a_wrong_word_is_named_with_the_nearest_right_one() {
    let sandbox = plain();
    let mut transcript = Transcript::default();
    for arguments in [
        &["gat"][..],
        &["polcy", "check"],
        &["zebra"],
        &["--bse"],
        &["gate", "--bse", "main"],
        &["gate", "--zebra"],
        &["gate", "--base"],
        &["gate", "--base", "main", "--staged"],
        &["gate", "--new-only", "--all"],
        &["gate", "--baseline", "a", "--baseline", "b"],
        &["gate", "one", "two"],
        &["gate", ".", "--repo", "."],
        &["gate", "--staged=yes"],
        &["policy", "chek"],
        &["policy", "zebra"],
        &["hook", "instal"],
        &["changes", "--format", "jsn"],
        &["changes", "--format", "zebra"],
        &["changes", "main", "--staged"],
        &["schema", "reprot"],
        &["schema"],
        &["completions", "bsh"],
        &["waive", "0123456789ab"],
        &["baseline"],
        &["sbom", "generate", "-o", "cyclondx-json"],
        &["sbom", "generate", "-o", "cyclonedx-json@9.9"],
        &["sbom", "generate", "--resolve"],
        &["explain", "change/downgrde"],
        &["explain", "downgrade"],
        &["explain", "weather/rain"],
        &["explain", "change/downgrade", "change/digest-removed"],
    ] {
        let run = transcript.portcullis(&sandbox, arguments.iter().copied());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
    }
    transcript.keep("command-line/wrong-words");
    // Without a command the help is shown, which is no success.
    for arguments in [&[][..], &["policy"], &["hook"], &["sbom"]] {
        let run = sandbox.portcullis(arguments.iter().copied());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains("Commands:"), "{}", run.whole());
    }
}

#[test]
fn the_exit_code_says_what_came_out() {
    let sandbox = plain();
    let mut transcript = Transcript::default();
    let mut check = |code: i32, sandbox: &Sandbox, arguments: &[&str]| {
        let run = sandbox.portcullis(arguments.iter().copied());
        assert_eq!(run.code, code, "{arguments:?}: {}", run.whole());
        if code == 2 {
            transcript.ran(sandbox, &format!("portcullis {}", arguments.join(" ")), &run);
            assert_eq!(run.stdout, "");
        }
    };
    check(0, &sandbox, &["gate"]);
    check(0, &sandbox, &["gate", "--base", "HEAD"]);
    check(0, &sandbox, &["gate", "--staged"]);
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'b')]);
    check(1, &sandbox, &["gate", "--base", "HEAD"]);
    check(1, &sandbox, &["gate", "--base", "HEAD", "--format", "json"]);
    check(2, &sandbox, &["gate", "nowhere"]);
    check(2, &sandbox, &["gate", "Cargo.lock"]);
    check(2, &sandbox, &["gate", "--base", "nowhere"]);
    check(2, &sandbox, &["gate", "--head", "nowhere"]);
    check(2, &sandbox, &["gate", "--repo", "nowhere"]);
    check(2, &sandbox, &["gate", "--repo", "src"]);
    check(2, &sandbox, &["gate", "--policy", "nowhere.toml"]);
    check(2, &sandbox, &["gate", "--baseline", "nowhere.json"]);
    check(2, &sandbox, &["gate", "--at", "yesterday"]);
    check(2, &sandbox, &["gate", "--at", "2026-11-25T12:00:00"]);
    check(2, &sandbox, &["gate", "--at", "2026-02-30"]);
    check(2, &sandbox, &["gate", "--at", ""]);
    let nothing = Sandbox::new();
    check(2, &nothing, &["gate"]);
    check(2, &nothing, &["gate", "--base", "main"]);
    check(2, &nothing, &["gate", "--staged"]);
    check(2, &nothing, &["changes"]);
    let unborn = Sandbox::repository();
    check(2, &unborn, &["gate"]);
    check(2, &unborn, &["gate", "--base", "HEAD"]);
    let lax = plain();
    let rules: String = portcullis::rule::rules().map(|rule| format!("\"{}\" = \"allow\"\n", rule.id)).collect();
    lax.write("portcullis.toml", format!("[rules]\n{rules}"));
    check(2, &lax, &["gate"]);
    check(2, &lax, &["gate", "--policy", "portcullis.toml"]);
    // One that only looks at what cannot be determined is a policy.
    lax.write(
        "portcullis.toml",
        format!("[rules]\n{rules}").replace(
            "\"change/downgrade\" = \"allow\"",
            "\"change/downgrade\" = { level = \"allow\", undetermined = \"deny\" }",
        ),
    );
    check(0, &lax, &["gate"]);
    transcript.keep("command-line/exit-2");
}

#[test]
fn a_bare_repository_is_judged_by_its_revisions() {
    let sandbox = plain();
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'b')]);
    sandbox.commit("second");
    let bare = Sandbox::new();
    bare.git(["clone", "-q", "--bare", sandbox.path().to_str().unwrap(), "R.git"]);
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&bare, ["gate", "--repo", "R.git", "--base", "HEAD~1", "--head", "HEAD"]).code, 1);
    assert_eq!(transcript.portcullis(&bare, ["gate", "--repo", "R.git", "--head", "HEAD"]).code, 0);
    assert_eq!(transcript.portcullis(&bare, ["gate", "--repo", "R.git"]).code, 2);
    assert_eq!(transcript.portcullis(&bare, ["gate", "--repo", "R.git", "--base", "HEAD~1"]).code, 2);
    assert_eq!(transcript.portcullis(&bare, ["changes", "--repo", "R.git"]).code, 2);
    assert_eq!(transcript.portcullis(&bare, ["changes", "--repo", "R.git", "HEAD~1..HEAD"]).code, 0);
    transcript.keep("command-line/bare");
    // A work tree named by --repo is judged as it stands, and named as it was named.
    let above = Sandbox::new();
    above.git(["clone", "-q", sandbox.path().to_str().unwrap(), "work"]);
    let report = above.portcullis(["gate", "--repo", "work", "--base", "HEAD~1", "--format", "json"]).report();
    assert_eq!(report["inputs"][0]["name"], "work");
    assert_eq!(report["verdict"], "fail");
}

#[test]
fn changes_compares_what_its_argument_says() {
    let sandbox = plain();
    sandbox.git(["checkout", "-q", "-b", "branch"]);
    cargo::project(&sandbox, &[package("ripple", "1.3.0", 'b')]);
    sandbox.commit("update");
    sandbox.git(["checkout", "-q", "main"]);
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a'), package("tarn", "0.4.0", 'c')]);
    sandbox.commit("main moves on");
    sandbox.git(["checkout", "-q", "branch"]);
    let mut transcript = Transcript::default();
    for arguments in [
        &["changes"][..],
        &["changes", "main"],
        &["changes", "main..branch"],
        &["changes", "main...branch"],
        &["changes", "..main"],
        &["changes", "main.."],
        &["changes", "branch..branch"],
        &["changes", "HEAD~1"],
        &["changes", "--repo", "."],
        &["changes", "main", "--repo", "."],
    ] {
        assert_eq!(transcript.portcullis(&sandbox, arguments.iter().copied()).code, 0);
    }
    cargo::project(&sandbox, &[package("weir", "2.0.0", 'd')]);
    transcript.note("uncommitted");
    transcript.portcullis(&sandbox, ["changes"]);
    transcript.portcullis(&sandbox, ["changes", "--staged"]);
    transcript.note("staged");
    sandbox.git(["add", "-A"]);
    transcript.portcullis(&sandbox, ["changes", "--staged"]);
    transcript.portcullis(&sandbox, ["changes", "--format", "json"]);
    transcript.note("from a folder below");
    let below = sandbox.portcullis_in(&sandbox.join("src"), ["changes"]);
    transcript.ran(&sandbox, "portcullis changes", &below);
    transcript.note("--exit-code");
    assert_eq!(transcript.portcullis(&sandbox, ["changes", "--exit-code"]).code, 1);
    assert_eq!(transcript.portcullis(&sandbox, ["changes", "branch..branch", "--exit-code"]).code, 0);
    transcript.note("a lock file that cannot be read is listed");
    sandbox.write("Cargo.lock", "version = 99\n");
    assert_eq!(transcript.portcullis(&sandbox, ["changes"]).code, 0);
    assert_eq!(sandbox.portcullis(["changes", "--exit-code"]).code, 1);
    assert_eq!(transcript.portcullis(&sandbox, ["changes", "nowhere..branch"]).code, 2);
    transcript.keep("command-line/changes");
}

#[test]
fn the_first_commit_is_all_changes() {
    let sandbox = Sandbox::repository();
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a')]);
    sandbox.git(["add", "-A"]);
    let run = sandbox.portcullis(["changes", "--staged"]);
    assert_eq!(
        run.stdout,
        "+ mill 0.1.0  [Cargo.lock]\n+ ripple 1.2.3  [Cargo.lock]\n2 added, 0 removed, 0 changed, 0 unreadable\n",
        "{}",
        run.whole()
    );
    let run = sandbox.portcullis(["gate", "--staged"]);
    assert_eq!(run.code, 0, "{}", run.whole());
}

#[test]
fn each_rule_is_explained() {
    let sandbox = Sandbox::new();
    let list = sandbox.portcullis(["explain"]);
    let ids: Vec<&str> = list.stdout.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(ids, portcullis::rule::rules().map(|rule| rule.id).collect::<Vec<_>>());
    for id in ids {
        let run = sandbox.portcullis(["explain", id]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.starts_with(&format!("# `{id}`\n")) && run.stdout.contains("## How to fix"), "{id}");
    }
}

#[test]
fn completions_know_every_command_and_option() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = sandbox.portcullis(["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        for word in ["gate", "changes", "generate", "uninstall", "accept-policy", "exit-code", "new-only"] {
            assert!(run.stdout.contains(word), "{shell}: {word}");
        }
        sandbox.write(format!("{shell}.txt"), &run.stdout);
    }
    let mut bash = Command::new("bash");
    bash.args(["-c", "source ./bash.txt && COMP_WORDS=(portcullis gate --acc) COMP_CWORD=2 && _portcullis portcullis --acc gate && echo \"${COMPREPLY[@]}\""]);
    let run = sandbox.run(bash, sandbox.path());
    assert_eq!(run.stdout, "--accept-policy\n", "{}", run.whole());
}

#[test]
fn the_manual_page_has_every_command() {
    let sandbox = Sandbox::new();
    let run = sandbox.portcullis(["man"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains(".TH portcullis 1"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("\n.TH ").count(), 1);
    for command in COMMANDS {
        let heading = format!(".SH PORTCULLIS {}\n", command.join(" ").to_uppercase());
        assert!(run.stdout.contains(&heading), "{heading}: {}", run.stdout);
    }
    assert!(run.stdout.contains("\\-\\-accept\\-policy") && !run.stdout.contains("(1)\n"), "{}", run.stdout);
    // Twice the same: no date in it.
    assert_eq!(run.stdout, sandbox.portcullis(["man"]).stdout);
}

fn policy_schema() -> Value {
    serde_json::from_str(&Sandbox::new().portcullis(["schema", "policy"]).stdout).unwrap()
}

/// Returns TOML as JSON, dates as strings.
fn json(text: &str) -> Value {
    value(toml::Value::Table(text.parse().unwrap_or_else(|error| panic!("{error}: {text}"))))
}

fn value(toml: toml::Value) -> Value {
    match toml {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(value).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, item)| (key, value(item))).collect(),
    }
}

const WHOLE: &str = r#"
extends = ["builtin:recommended", "team.toml"]

[rules]
"change/new-git-source" = "deny"
"change/downgrade" = { level = "warn", undetermined = "deny", allow = ["time", "tokio*"] }
"policy/waiver-expired" = { days = 30 }

[tree]
exclude = ["tests/fixtures/**"]

[sources]
registries = ["https://registry.example/"]
git = ["https://git.example/acme/"]
images = ["registry.example"]

[[custom]]
id = "no-fresh-majors"
on = "change"
deny-if = 'change.kind == "added" && change.after.version.startsWith("0.0.")'
message = "{change.after.purl} is a 0.0.x release"

[[waiver]]
rule = "change/downgrade"
subject = "pkg:cargo/time@0.1.45"
owner = "@release-team"
reason = "call site is unreachable, RUSTSEC-2020-0071"
expires = 2027-01-31
"#;

#[test]
fn the_schema_of_policies_takes_what_the_program_takes() {
    let schema = policy_schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let check = |text: &str, sound: bool| {
        let faults: Vec<String> = validator.iter_errors(&json(text)).map(|fault| fault.to_string()).collect();
        assert_eq!(faults.is_empty(), sound, "{text}: {faults:?}");
        let sandbox = Sandbox::new();
        sandbox.write("portcullis.toml", text);
        sandbox.write("team.toml", "");
        let run = sandbox.portcullis(["policy", "check"]);
        assert_eq!(run.code == 0, sound, "{text}: {}", run.whole());
    };
    check(WHOLE, true);
    check("", true);
    for name in ["recommended", "strict"] {
        let text = fs::read_to_string(project().join("policies").join(name).with_extension("toml")).unwrap();
        check(&text, true);
    }
    let with = |from: &str, to: &str| {
        assert!(WHOLE.contains(from), "{from}");
        WHOLE.replacen(from, to, 1)
    };
    for text in [
        with("extends", "extend"),
        with("[tree]", "[trees]"),
        with("exclude", "excludes"),
        with("registries", "registry"),
        with("\"change/new-git-source\"", "\"change/new-git-sourc\""),
        with("= \"deny\"", "= \"denied\""),
        with("level = \"warn\"", "levels = \"warn\""),
        with("undetermined = \"deny\"", "undetermined = true"),
        with("allow = [\"time\", \"tokio*\"]", "allow = \"time\""),
        with("allow = [\"time\", \"tokio*\"]", "days = 1"),
        with("days = 30", "days = -1"),
        with("days = 30", "days = \"30\""),
        with("deny-if", "deny_if"),
        with("on = \"change\"", "on = \"changes\""),
        with("message = ", "warn-if = 'true'\nmessage = "),
        with("owner = \"@release-team\"\n", ""),
        with("reason = \"call", "reasons = \"call"),
        with("reason = \"call site is unreachable, RUSTSEC-2020-0071\"", "reason = \"\""),
        with("expires = 2027-01-31\n", ""),
        with("subject = \"pkg:cargo/time@0.1.45\"\n", ""),
        with("subject = \"pkg:cargo/time@0.1.45\"", "fingerprint = \"abc\""),
        with("[[waiver]]", "[waiver]"),
        with("[[custom]]", "[custom]"),
    ] {
        check(&text, false);
    }
}

#[test]
fn a_report_states_the_time_it_was_given() {
    let sandbox = plain();
    let at = |option: Option<&str>, epoch: Option<&str>| {
        let mut command = Command::new(binary());
        command.args(["gate", "--format", "json"]).args(option.map(|at| format!("--at={at}")));
        if let Some(epoch) = epoch {
            command.env("SOURCE_DATE_EPOCH", epoch);
        }
        sandbox.run(command, sandbox.path())
    };
    let stated = |option, epoch| at(option, epoch).report()["at"].clone();
    assert_eq!(stated(None, None), Value::Null);
    assert_eq!(stated(Some("2026-11-25T12:00:00Z"), None), "2026-11-25T12:00:00Z");
    assert_eq!(stated(Some("2026-11-25T12:00:00+02:00"), None), "2026-11-25T10:00:00Z");
    assert_eq!(stated(Some("2026-11-25"), None), "2026-11-25T00:00:00Z");
    assert_eq!(stated(None, Some("1795608000")), "2026-11-25T12:00:00Z");
    assert_eq!(stated(Some("2026-01-01"), Some("1795608000")), "2026-01-01T00:00:00Z");
    assert_eq!(stated(None, Some("0")), "1970-01-01T00:00:00Z");
    assert_eq!(stated(None, Some("")), Value::Null);
    let mut transcript = Transcript::default();
    for epoch in ["tomorrow", "1.5", "99999999999999", "0x10"] {
        let run = at(None, Some(epoch));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.whole());
        transcript.note(epoch);
        transcript.text(&run.stderr);
    }
    transcript.keep("command-line/source-date-epoch");

    // SOURCE_DATE_EPOCH is what the report states; the clock decides waivers.
    let waived = cargo::committed(
        &[package("ripple", "1.2.3", 'a')],
        Some(
            "[[waiver]]\nrule = \"source/*\"\nsubject = \"etc\"\nowner = \"@mill\"\nreason = \"r\"\nexpires = 2020-01-01\n",
        ),
    );
    waived.link("etc", "/etc");
    let mut command = Command::new(binary());
    command.args(["gate"]).env("SOURCE_DATE_EPOCH", "0");
    assert_eq!(waived.run(command, waived.path()).code, 1);
    assert_eq!(waived.portcullis(["gate", "--at", "2019-12-31"]).code, 0);

    let mut command = Command::new(binary());
    command.args(["sbom", "generate"]).env("SOURCE_DATE_EPOCH", "1795608000");
    let bom: Value = serde_json::from_str(&sandbox.run(command, sandbox.path()).stdout).unwrap();
    assert_eq!(bom["metadata"]["timestamp"], "2026-11-25T12:00:00Z");
    let bom: Value = serde_json::from_str(&sandbox.portcullis(["sbom", "generate"]).stdout).unwrap();
    assert_eq!(bom["metadata"].get("timestamp"), None);
}
