//! Reports: what a reader sees, what a program reads, and what hostile text becomes in both.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use portcullis::text::is_unseen;
use serde_json::Value;

use crate::cargo::{self, package};
use crate::support::{Run, Sandbox, Transcript, binary, compare_with_file, project};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Findings of several files, rules and levels.
pub(crate) fn many_findings() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox.write(
        "portcullis.toml",
        "extends = [\"builtin:recommended\"]\n\n[rules]\n\"change/downgrade\" = \"warn\"\n\"change/digest-removed\" = { level = \"deny\", undetermined = \"warn\" }\n\n[tree]\nexclude = [\"vendor/**\"]\n\n[[waiver]]\nrule = \"change/downgrade\"\nsubject = \"pkg:cargo/tarn\"\nowner = \"@mill\"\nreason = \"0.5 does not build here\"\nexpires = 2099-01-31\n",
    );
    cargo::project(
        &sandbox,
        &[package("ripple", "1.2.3", 'a'), package("tarn", "0.5.0", 'b'), package("weir", "2.1.0", 'c')],
    );
    cargo::project_at(&sandbox, "tools/", &[package("sluice", "0.1.0", 'd')]);
    cargo::project_at(&sandbox, "broken/", &[package("mere", "1.0.0", 'e')]);
    cargo::project_at(&sandbox, "vendor/", &[package("mere", "1.0.0", 'e')]);
    sandbox.write("target/debug/Cargo.lock", "no\n");
    sandbox.link("old", "/old");
    sandbox.commit("first");
    cargo::project(
        &sandbox,
        &[package("ripple", "1.2.3", 'f'), package("tarn", "0.4.0", 'b'), package("weir", "2.0.9", 'c')],
    );
    let git = format!("git+https://git.example/dam/sluice?rev={COMMIT}#{COMMIT}");
    cargo::project_at(&sandbox, "tools/", &[package("sluice", "0.1.0", 'd').from(&git), package("mere", "1.0.0", 'e')]);
    sandbox.write("broken/Cargo.lock", "version = 4\n\n[[package]]\nname = \"mill\"\nversion = \n");
    sandbox.link("etc", "../../etc");
    sandbox.commit("second");
    sandbox
}

/// Returns the report, checked against the schema that the binary prints.
#[track_caller]
fn checked(run: &Run) -> Value {
    let schema: Value = serde_json::from_str(&Sandbox::new().portcullis(["schema", "report"]).stdout).unwrap();
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.whole()));
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&report).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
    report
}

#[test]
fn a_reader_sees_each_finding_at_its_line_with_why_and_what_to_do() {
    let sandbox = many_findings();
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 1);
    transcript.keep("reports/human");
    let mut all = Transcript::default();
    all.portcullis(&sandbox, ["gate", "--base", "HEAD~1", "--all"]);
    all.note("without a base");
    all.portcullis(&sandbox, ["gate"]);
    all.keep("reports/human-all");
}

#[test]
fn a_program_reads_everything() {
    let sandbox = many_findings();
    let report =
        checked(&sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json", "--at", "2026-11-25T12:00:00Z"]));
    let mut shown = report.clone();
    shown["tool"]["version"] = "[VERSION]".into();
    compare_with_file(
        &project().join("tests/end_to_end/kept/reports/json.json"),
        &(serde_json::to_string_pretty(&shown).unwrap() + "\n"),
    );
    // What is counted is what is listed.
    let findings = report["findings"].as_array().unwrap();
    let count = |state: &str, level: &str| {
        let counts = |finding: &&Value| finding["baseline"] == "new" || finding["baseline"].is_null();
        let fits = |finding: &&Value| finding["state"] == state && finding["level"] == level;
        findings.iter().filter(counts).filter(fits).count() as u64
    };
    for (state, key) in [("fail", "fail"), ("not-determined", "not_determined")] {
        for level in ["deny", "warn", "allow"] {
            assert_eq!(report["summary"][key][level], count(state, level), "{state} {level}");
        }
    }
    for options in [
        &["gate"][..],
        &["gate", "--staged"],
        &["gate", "--base", "HEAD~1", "--all"],
        &["gate", "--base", "HEAD~1", "--new-only"],
    ] {
        checked(&sandbox.portcullis(options.iter().copied().chain(["--format", "json"])));
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_from_wherever_it_is_asked() {
    let sandbox = many_findings();
    let ask = |folder: &Path, path: Option<&str>, setting: (&str, &str), format: &str| {
        let mut command = Command::new(binary());
        command.args(["gate", "--base", "HEAD~1", "--format", format]).args(path).env(setting.0, setting.1);
        if portcullis::report::format(format).unwrap().states_time {
            command.env("SOURCE_DATE_EPOCH", "1700000000");
        }
        let run = sandbox.run(command, folder);
        assert_eq!(run.code, 1, "{}", run.whole());
        run.stdout
    };
    for format in portcullis::report::FORMATS.iter().map(|format| format.id) {
        let once = ask(sandbox.path(), None, ("TZ", "UTC"), format);
        for setting in
            [("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"), ("COLUMNS", "40"), ("TERM", "xterm"), ("CI", "true")]
        {
            assert_eq!(ask(sandbox.path(), None, setting, format), once, "{setting:?}");
        }
        let elsewhere = Sandbox::new();
        let moved = ask(elsewhere.path(), Some(sandbox.path().to_str().unwrap()), ("TZ", "UTC"), format);
        assert_eq!(moved.replace(sandbox.path().to_str().unwrap(), "."), once);
        assert!(!once.contains(sandbox.path().to_str().unwrap()), "{once}");
    }
}

#[test]
fn several_reports_come_from_one_run() {
    let sandbox = many_findings();
    let gate = ["gate", "--base", "HEAD~1"];
    let human = sandbox.portcullis(gate).stdout;
    let json = sandbox.portcullis(gate.into_iter().chain(["--format", "json"])).stdout;
    let run = sandbox.portcullis(gate.into_iter().chain([
        "--format",
        "json=.git/a.json",
        "--format",
        "human=.git/b.txt",
        "--format",
        "json=.git/c=d.json",
    ]));
    assert_eq!((run.code, &run.stdout), (1, &human), "{}", run.whole());
    let read = |file: &str| fs::read_to_string(sandbox.join(".git").join(file)).unwrap();
    assert_eq!((read("a.json"), read("b.txt"), read("c=d.json")), (json.clone(), human.clone(), json.clone()));
    let run = sandbox.portcullis(gate.into_iter().chain(["--format", "json", "--format", "human=.git/e.txt"]));
    assert_eq!((run.code, &run.stdout), (1, &json), "{}", run.whole());
    let run = sandbox.portcullis(gate.into_iter().chain(["--format", "human", "--format", "human"]));
    assert_eq!(run.stdout, format!("{human}{human}"));
}

#[test]
fn a_report_that_cannot_be_written_is_never_a_verdict() {
    let sandbox = many_findings();
    let mut transcript = Transcript::default();
    sandbox.write(".git/file", "kept");
    for file in [".git/no/such/folder.json", ".git/file/below.json", ".git", "/dev/full"] {
        let format = format!("json={file}");
        let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", &format]);
        assert_eq!(run.code, 2, "{file}: {}", run.whole());
        assert!(run.stdout.contains("gate failed"), "the other report is still of use: {}", run.whole());
        transcript.note(file);
        transcript.text(&run.stderr);
    }
    // What was there stays as it was.
    assert_eq!(fs::read_to_string(sandbox.join(".git/file")).unwrap(), "kept");
    let left: Vec<_> = fs::read_dir(sandbox.join(".git"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".portcullis"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    transcript.keep("reports/unwritable");
}

#[test]
fn a_report_replaces_a_file_at_once_and_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = many_findings();
    let file = sandbox.join(".git/report.json");
    sandbox.portcullis(["gate", "--format", "json=.git/report.json"]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let before = fs::File::open(&file).unwrap();
    sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json=.git/report.json"]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Who holds the old file open still reads the old report.
    let old = std::io::read_to_string(before).unwrap();
    assert!(serde_json::from_str::<Value>(&old).is_ok());
    assert_ne!(old, fs::read_to_string(&file).unwrap());
}

#[test]
fn a_full_or_closed_output_is_told_and_never_a_panic() {
    let sandbox = many_findings();
    for arguments in [
        &["gate"][..],
        &["gate", "--format", "json"],
        &["gate", "--format", "github"],
        &["gate", "--format", "junit"],
        &["gate", "--format", "markdown"],
        &["gate", "--format", "ndjson"],
        &["gate", "--format", "sarif"],
        &["changes", "HEAD~1"],
        &["sbom", "generate"],
        &["explain"],
        &["explain", "change/downgrade"],
        &["policy", "show"],
        &["policy", "list"],
        &["policy", "check"],
        &["policy", "init", "--print"],
        &["schema", "report"],
        &["schema", "policy"],
        &["man"],
        &["completions", "bash"],
        &["--help"],
        &["--version"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(binary());
        let output =
            command.args(arguments).current_dir(sandbox.path()).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert_eq!(
            told.lines().last(),
            Some("error: standard output: expected room for the report, found a full disk"),
            "{arguments:?}"
        );

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(binary());
        let output =
            command.args(arguments).current_dir(sandbox.path()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {:?} {told}", output.status);
        assert!(!told.contains("panicked") && !told.contains("error"), "{arguments:?}: {told}");
    }
}

#[test]
fn an_unknown_format_is_named_with_those_there_are() {
    let sandbox = many_findings();
    let mut transcript = Transcript::default();
    for format in ["jsn", "sarif2", "", "=file", "json=", "JSON"] {
        let run = transcript.portcullis(&sandbox, ["gate", "--format", format]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{format}");
    }
    transcript.keep("reports/unknown-format");
}

/// Text that would do something in a terminal, a log or a document.
const HOSTILE: &str = "\u{1b}[31m\u{1b}]0;x\u{7}\u{202e}\u{200b}\u{e0041}\u{9b}2J\r\n::error file=a::b%0A%\t\\n`|<b>@x##[error]y\u{7f}\u{2028}";

/// The same as TOML writes it.
fn quoted() -> String {
    HOSTILE
        .chars()
        .map(|c| match c {
            '\\' | '"' => format!("\\{c}"),
            c if c.is_control() || !c.is_ascii() => format!("\\U{:08X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

/// Makes sure that text can be shown anywhere.
#[track_caller]
pub(crate) fn inert(what: &str, text: &str) {
    for (number, line) in text.split('\n').enumerate() {
        let odd: Vec<char> = line.chars().filter(|c| c.is_control() || is_unseen(*c)).collect();
        assert!(odd.is_empty(), "{what}: line {}: {odd:?} in {line:?}", number + 1);
        assert!(!line.trim_start().starts_with("::"), "{what}: line {}: {line:?}", number + 1);
        assert!(!line.contains("##["), "{what}: line {}: {line:?}", number + 1);
        assert!(!line.contains("hunter2"), "{what}: line {}: {line:?}", number + 1);
    }
}

/// A repository full of hostile names.
pub(crate) fn hostile() -> Sandbox {
    let sandbox = Sandbox::repository();
    let odd = quoted();
    let folder = format!("a{}/b", HOSTILE.replace(['/', '\0'], ""));
    let bytes = std::ffi::OsStr::from_bytes(b"c\xff\xfe\x1b");
    let write = |digit: char, url: &str| {
        let lock = cargo::lock(&[
            package(&format!("ripple{odd}"), "1.2.3", digit),
            package("tarn", &format!("0.4.0{odd}"), digit),
            package("weir", "2.0.0", digit).from(&format!("registry+https://me:hunter2@cargo.example/{odd}")),
            package("sluice", "0.1.0", digit)
                .from(&format!("git+https://me:hunter2@git.example/{url}/sluice?branch={odd}#{COMMIT}")),
            package("mere", "0.1.0", digit).from("git+http://hunter2@git.example/a/mere?token=hunter2#main"),
            package("lode", "0.1.0", digit).from("registry+https:\\u002f\\u002fme:hunter2@cargo.example/index"),
        ]);
        for at in [Path::new(""), Path::new(&folder), Path::new(bytes)] {
            sandbox.write(at.join("Cargo.lock"), &lock);
            sandbox.write(at.join("Cargo.toml"), format!("[package]\nname = \"mill{odd}\"\nversion = \"0.1.0\"\n\n[dependencies]\n\"x{odd}\" = {{ git = \"https://me:hunter2@git.example/x\", branch = \"{odd}\" }}\n"));
        }
        sandbox.write(
            Path::new("cut").join(&folder).join("Cargo.lock"),
            format!("version = 4\n[[package]]\nname = \"{digit}https://me:hunter2\u{1b}@host.example\n"),
        );
        sandbox.write(
            "cut/here/Cargo.lock",
            format!("version = 4\n[[package]]\nname = \"{digit}https://me:hunter2\\q@host.example\n"),
        );
        sandbox.write("::error::x/Cargo.lock", format!("version = 9{digit}\n"));
        sandbox.write("##[error]/Cargo.lock", format!("version = 9{digit}\n"));
    };
    sandbox.write(
        "portcullis.toml",
        format!("[rules]\n\"change/downgrade\" = {{ allow = [\"x{odd}\"] }}\n\n[tree]\nexclude = [\"x{odd}\"]\n\n[sources]\ngit = [\"https://me:hunter2@git.example/m/\"]\n\n[[custom]]\nid = \"odd\"\non = \"component\"\nwarn-if = 'component.name != \"\u{202e}\"'\nmessage = \"{{component.name}} {odd} {{component.digests}}\"\n\n[[waiver]]\nrule = \"*\"\nsubject = \"x{odd}\"\nowner = \"@{odd}\"\nreason = \"{odd} https://me:hunter2@host.example/\"\nexpires = 2026-12-01\n"),
    );
    write('1', "a");
    sandbox.link("odd", &format!("../{}", HOSTILE.replace('\0', "")));
    sandbox.commit("first");
    write('2', "b");
    sandbox.link("odd2", &format!("../{}", HOSTILE.replace('\0', "")));
    sandbox.link("odd3", "../https://me:hunter2@host.example/");
    sandbox.commit("second");
    sandbox.git(["branch", "b%0A`x|<b>\u{202e}", "HEAD~1"]);
    sandbox
}

#[test]
fn hostile_text_is_inert_in_every_report() {
    let sandbox = hostile();
    let branch = "b%0A`x|<b>\u{202e}";
    let mut seen = 0;
    for arguments in [
        &["gate"][..],
        &["gate", "--base", "HEAD~1"],
        &["gate", "--base", branch],
        &["gate", "--base", branch, "--head", "HEAD"],
        &["gate", "--base", "HEAD~1", "--all", "--at", "2026-11-25"],
        &["gate", "--at", "2027-01-01"],
        &["gate", "--base", "HEAD~1", "--policy", "portcullis.toml"],
        &["changes", "HEAD~1"],
        &["changes", "HEAD~1..HEAD"],
    ] {
        for format in ["human", "json"] {
            let run = sandbox.portcullis(arguments.iter().copied().chain(["--format", format]));
            assert!(matches!(run.code, 0 | 1), "{arguments:?}: {}", run.whole());
            inert(&format!("{arguments:?} {format} stdout"), &run.stdout);
            inert(&format!("{arguments:?} {format} stderr"), &run.stderr);
            if format == "json" && arguments[0] == "gate" {
                seen += checked(&run)["findings"].as_array().unwrap().len();
            }
        }
    }
    assert!(seen > 200, "{seen}");
    for arguments in [
        &["policy", "show"][..],
        &["policy", "show", "--diff", "recommended"],
        &["policy", "show", "--format", "json"],
        &["policy", "list"],
        &["policy", "check"],
        &["policy", "init"],
        &["policy", "init", "--print"],
    ] {
        let run = sandbox.portcullis(arguments.iter().copied());
        inert(&format!("{arguments:?} stdout"), &run.stdout);
        inert(&format!("{arguments:?} stderr"), &run.stderr);
    }
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert_eq!(run.code, 1);
    inert("sbom generate stderr", &run.stderr);
    assert!(run.stderr.lines().count() >= 4, "{}", run.whole());
    assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
    let run = sandbox.portcullis(["baseline", "-o", ".git/base.json"]);
    inert("baseline stderr", &run.stderr);
    assert!(!fs::read_to_string(sandbox.join(".git/base.json")).unwrap().contains("hunter2"));
}

#[test]
fn hostile_text_is_inert_in_every_complaint() {
    let sandbox = hostile();
    let odd = HOSTILE.replace('\0', "");
    let url = "https://me:hunter2@host.example/\u{1b}";
    let cut = format!("z{odd}");
    let with = |text: &str| -> Vec<String> { vec![text.to_owned()] };
    let mut cases: Vec<Vec<String>> = Vec::new();
    for text in [cut.as_str(), url, odd.as_str()] {
        for arguments in [
            vec!["gate", text],
            vec!["gate", "--base", text],
            vec!["gate", "--head", text],
            vec!["gate", "--repo", text],
            vec!["gate", "--policy", text],
            vec!["gate", "--baseline", text],
            vec!["gate", "--at", text],
            vec!["gate", "--format", text],
            vec!["gate", "--accept-policy", text],
            vec!["gate", "--unknown", text],
            vec!["changes", text],
            vec!["changes", "--format", text],
            vec!["explain", text],
            vec!["policy", "check", text],
            vec!["policy", "show", "--diff", text],
            vec!["policy", "list", "--policy", text],
            vec!["baseline", "-o", text, text],
            vec!["waive", text, "--owner", "a", "--reason", "b", "--expires", "2099-01-01"],
            vec!["waive", "000000000000", "--owner", "a", "--reason", "b", "--expires", text],
            vec!["sbom", "generate", "-o", text],
            vec!["sbom", text],
            vec![text],
            vec!["completions", text],
        ] {
            cases.push(arguments.into_iter().map(str::to_owned).collect());
        }
        let joined = format!("json={text}/x/y");
        cases.push(["gate", "--format"].into_iter().map(str::to_owned).chain(with(&joined)).collect());
        cases.push(vec![format!("--{text}")]);
        cases.push(vec!["gate".to_owned(), format!("--{text}")]);
        cases.push(vec!["gate".to_owned(), format!("--staged={text}")]);
    }
    for case in cases {
        let run = sandbox.portcullis(case.iter().map(String::as_str));
        assert_eq!(run.code, 2, "{case:?}: {}", run.whole());
        inert(&format!("{case:?} stdout"), &run.stdout);
        inert(&format!("{case:?} stderr"), &run.stderr);
    }
    // A policy whose every word is hostile.
    for text in [
        format!("[\"{0}\"]\n", quoted()),
        format!("[rules]\n\"{0}\" = \"deny\"\n", quoted()),
        format!("[rules]\n\"change/downgrade\" = \"{0}\"\n", quoted()),
        format!("[rules]\n\"change/downgrade\" = {{ \"{0}\" = 1 }}\n", quoted()),
        format!("[tree]\nexclude = [\"{{{0}\"]\n", quoted()),
        format!("[sources]\ngit = [\" {0} https://me:hunter2@a/\"]\n", quoted()),
        format!("extends = [\"../{0}\"]\n", quoted()),
        format!("extends = [\"{0}\"]\n", quoted()),
        format!("extends = [\"builtin:{0}\"]\n", quoted()),
        format!(
            "[[waiver]]\nrule = \"{0}\"\nsubject = \"a\"\nowner = \"a\"\nreason = \"a\"\nexpires = 2099-01-01\n",
            quoted()
        ),
        format!("[[custom]]\nid = \"{0}\"\non = \"{0}\"\ndeny-if = \"true\"\nmessage = \"m\"\n", quoted()),
        format!("[[custom]]\nid = \"a\"\non = \"change\"\ndeny-if = \"{0}\"\nmessage = \"m\"\n", quoted()),
        format!("[[custom]]\nid = \"a\"\non = \"change\"\ndeny-if = \"true\"\nmessage = \"{{{0}}}\"\n", quoted()),
        format!("x = {HOSTILE}\n"),
    ] {
        sandbox.write("portcullis.toml", &text);
        for arguments in [&["policy", "check"][..], &["gate"], &["gate", "--policy", "portcullis.toml"]] {
            let run = sandbox.portcullis(arguments.iter().copied());
            assert_eq!(run.code, 2, "{text}: {}", run.whole());
            inert(&format!("{text:?} {arguments:?}"), &run.stderr);
        }
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
        inert(&format!("{text:?} --base"), &run.stdout);
        checked(&run);
        inert(&format!("{text:?} --base"), &sandbox.portcullis(["gate", "--base", "HEAD"]).stdout);
    }
}

/// Runs the binary with a terminal of `columns` for stdout, and returns what it shows there.
fn on_a_terminal(sandbox: &Sandbox, columns: u16, environment: &[(&str, &str)]) -> String {
    use std::io::Read as _;
    let controller = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&controller).unwrap();
    rustix::pty::unlockpt(&controller).unwrap();
    let name = rustix::pty::ptsname(&controller, Vec::new()).unwrap();
    let terminal = fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let size = rustix::termios::Winsize { ws_col: columns, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&terminal, size).unwrap();
    let mut command = Command::new(binary());
    command
        .args(["gate", "--base", "HEAD~1"])
        .env_clear()
        .env("TERM", "xterm-256color")
        .envs(environment.iter().copied());
    let mut child = command.current_dir(sandbox.path()).stdout(terminal).stderr(Stdio::piped()).spawn().unwrap();
    drop(command);
    let mut shown = Vec::new();
    let mut controller = fs::File::from(controller);
    let mut chunk = [0; 4096];
    // The end of a terminal is an error of input.
    while let Ok(count @ 1..) = controller.read(&mut chunk) {
        shown.extend_from_slice(&chunk[..count]);
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

/// Takes the escape sequences for colours out of a text.
fn without_colors(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    out + rest
}

#[test]
fn colors_are_for_terminals_only() {
    let sandbox = many_findings();
    let plain = sandbox.portcullis(["gate", "--base", "HEAD~1"]).stdout;
    assert!(!plain.contains('\u{1b}'));
    let colored = on_a_terminal(&sandbox, 120, &[]);
    assert!(colored.contains("\u{1b}["), "{colored}");
    assert_eq!(without_colors(&colored), plain);
    for environment in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
        assert_eq!(on_a_terminal(&sandbox, 120, &[environment]), plain, "{environment:?}");
    }
    // Asked for, they are written to a pipe as well; a file never holds them.
    let mut command = Command::new(binary());
    command.args(["gate", "--base", "HEAD~1", "--format", "human=.git/report.txt"]).env("CLICOLOR_FORCE", "1");
    let forced = sandbox.run(command, sandbox.path());
    assert_eq!(without_colors(&forced.stdout), plain);
    assert!(forced.stdout.contains('\u{1b}'));
    assert_eq!(fs::read_to_string(sandbox.join(".git/report.txt")).unwrap(), plain);
}

#[test]
fn a_narrow_terminal_still_shows_the_place() {
    let sandbox = many_findings();
    let shown = on_a_terminal(&sandbox, 50, &[("NO_COLOR", "1")]);
    let mut transcript = Transcript::default();
    transcript.text(&shown);
    transcript.keep("reports/narrow");
}

#[test]
fn hostile_text_is_inert_on_a_terminal_too() {
    let sandbox = hostile();
    inert("a terminal", &without_colors(&on_a_terminal(&sandbox, 80, &[])));
}

#[test]
fn long_values_are_cut_for_readers_and_whole_for_programs() {
    let name = format!("r{}", "i".repeat(10_000));
    let sandbox = cargo::committed(&[package(&name, "1.2.3", 'a')], None);
    cargo::project(&sandbox, &[package(&name, "1.2.3", 'b')]);
    let run = sandbox.portcullis(["gate", "--base", "HEAD"]);
    assert_eq!(run.code, 1);
    let longest = run.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 400, "{longest}: {}", run.whole());
    let report = checked(&sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]));
    let found = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "change/same-version-new-digest");
    assert!(found.unwrap()["message"].as_str().unwrap().contains(&name));

    // Many findings, and a lock file in one line, still come quickly.
    let many: Vec<cargo::Package> = (0..3000).map(|number| package(&format!("p{number}"), "1.0.0", 'a')).collect();
    let crowded = cargo::committed(&many, None);
    let tampered: Vec<cargo::Package> = (0..3000).map(|number| package(&format!("p{number}"), "1.0.0", 'b')).collect();
    cargo::project(&crowded, &tampered);
    let begin = std::time::Instant::now();
    let run = crowded.portcullis(["gate", "--base", "HEAD"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.stdout.matches("deny[change/same-version-new-digest]").count(), 3000);
    assert!(begin.elapsed() < std::time::Duration::from_secs(60), "{:?}", begin.elapsed());
}

#[test]
fn a_place_is_counted_in_the_file_and_not_in_what_is_shown_of_it() {
    let line = "\"change/downgrade\" = { allow = [\"\u{202e}\\tü\"], level = \"warn\" }";
    let sandbox = cargo::committed(&[], Some("[rules]\n\"change/downgrade\" = \"deny\"\n"));
    sandbox.write("portcullis.toml", format!("[rules]\n{line}\n"));
    let report = checked(&sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]));
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["evidence"]["found"] == "warn").unwrap();
    let column = line.chars().count() - "\"warn\" }".len() + 1;
    assert_eq!(finding["location"]["column"], column);
    let run = sandbox.portcullis(["gate", "--base", "HEAD"]);
    assert!(run.stdout.contains(&format!("--> portcullis.toml:2:{column}\n")), "{}", run.whole());
    let shown: Vec<&str> = run.stdout.lines().collect();
    let at = shown.iter().rposition(|line| line.contains("level = \"warn\"")).unwrap();
    assert_eq!(shown[at].find("\"warn\""), shown[at + 1].find('^').map(|at| at + "ü".len() - 1), "{}", run.whole());
}
