//! What the README and the examples show is what happens: their `console` blocks are run, in the order they stand in.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use portcullis::sbom::profile::Subject;

use crate::support::{Sandbox, binary, compare_with_file, copy, has_tool, project};

/// The repository the documents tell of: `main` and a branch, as `examples/pull-request/` has them.
fn shop() -> Sandbox {
    let sandbox = Sandbox::repository();
    copy(&project().join("examples/pull-request/main"), sandbox.path());
    sandbox.commit("Sell debug logs");
    sandbox.git(["checkout", "-q", "-b", "branch"]);
    copy(&project().join("examples/pull-request/branch"), sandbox.path());
    sandbox
}

/// Runs every command of a document in one shell, and compares what the document shows with what they print.
#[track_caller]
fn holds(document: &str, sandbox: &Sandbox) {
    let path = project().join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut script = String::new();
    for command in commands(&text) {
        // The output of a command ends with a zero byte; the next one still sees its exit code.
        write!(script, "{command}\nstatus=$?; printf '\\0'; (exit $status)\n").unwrap();
    }
    let folder = binary().parent().unwrap().to_owned();
    let mut shell = Command::new("sh");
    let path_variable = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    shell.args(["-c", &format!("exec 2>&1\n{script}")]).env("PATH", path_variable);
    let run = sandbox.run(shell, sandbox.path());
    let outputs: Vec<&str> = run.stdout.split('\0').collect();
    let root = sandbox.path().to_str().unwrap();
    let shown = with_outputs(&text, outputs.iter().map(|output| output.replace(root, "/home/me/shop")));
    compare_with_file(&path, &shown);
}

fn commands(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter_map(move |line| {
        inside = if inside { line != "```" } else { line == "```console" };
        line.strip_prefix("$ ").filter(|_| inside)
    })
}

/// The document with what the commands print in place of what it shows.
fn with_outputs(text: &str, mut outputs: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        let was_inside = inside;
        inside = if inside { line != "```" } else { line == "```console" };
        if line.starts_with("$ ") && inside {
            let printed = outputs.next().unwrap();
            let separator = if printed.is_empty() || printed.ends_with('\n') { "" } else { "\n" };
            write!(out, "{line}\n{printed}{separator}").unwrap();
        } else if !(was_inside && inside) {
            writeln!(out, "{line}").unwrap();
        }
    }
    out
}

#[test]
fn the_readme_holds() {
    holds("README.md", &shop());
}

#[test]
fn the_example_of_a_pull_request_holds() {
    holds("examples/pull-request/README.md", &shop());
}

#[test]
fn the_example_of_a_commit_hook_holds() {
    holds("examples/pre-commit/README.md", &shop());
}

#[test]
fn the_example_of_a_release_holds() {
    if !has_tool("ssh-keygen", "the example of a release") {
        return;
    }
    let sandbox = shop();
    sandbox.commit("Update debug");
    holds("examples/release/README.md", &sandbox);
}

#[test]
fn the_readme_lists_every_rule() {
    let path = project().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- rules -->\n", "<!-- /rules -->\n");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut table = String::from("| rule | level | what is wrong |\n|---|---|---|\n");
    for rule in portcullis::rule::rules() {
        writeln!(table, "| `{}` | {} | {} |", rule.id, rule.level.word(), rule.summary).unwrap();
    }
    compare_with_file(&path, &format!("{before}{start}{table}{end}{after}"));
}

#[test]
fn the_readme_lists_every_format() {
    let path = project().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- formats -->\n", "<!-- /formats -->\n");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut table = String::from("| format | what it is |\n|---|---|\n");
    for format in portcullis::report::FORMATS {
        writeln!(table, "| `{}` | {} |", format.id, format.summary).unwrap();
    }
    compare_with_file(&path, &format!("{before}{start}{table}{end}{after}"));
}

#[test]
fn the_page_on_sboms_lists_every_element_of_every_profile() {
    let path = project().join("docs/sbom.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- profiles -->\n", "<!-- /profiles -->\n");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut out = String::new();
    for profile in portcullis::sbom::profile::PROFILES {
        writeln!(out, "### `{}`\n\n{}. {}.\n", profile.edition, profile.title, profile.source).unwrap();
        out.push_str("| element | level | asked of | what it is | passes too | CycloneDX | SPDX 2 | SPDX 3 |\n");
        out.push_str("|---|---|---|---|---|---|---|---|\n");
        for element in profile.elements {
            let subject = match (element.outside(), element.subject()) {
                (Some(_), _) => "no file",
                (None, Subject::Document) => "the document",
                (None, Subject::Component) => "components",
            };
            let accepts = element.accepts().iter().map(|told| told.word()).collect::<Vec<_>>().join(", ");
            let hint = &element.hint;
            let cells = [
                &format!("`{}`", element.id),
                element.level.word(),
                subject,
                element.meaning,
                &accepts,
                hint.cyclonedx,
                hint.spdx2,
                hint.spdx3,
            ];
            writeln!(out, "| {} |", cells.join(" | ")).unwrap();
        }
        out.push('\n');
    }
    compare_with_file(&path, &format!("{before}{start}{}\n{end}{after}", out.trim_end()));
}

/// The commands that are shown without output are commands of this program, with options that it has.
#[test]
fn commands_without_output_are_understood() {
    let documents = [
        "README.md",
        "docs/reports.md",
        "docs/sbom.md",
        "examples/pull-request/README.md",
        "examples/pre-commit/README.md",
    ];
    for document in documents {
        let text = std::fs::read_to_string(project().join(Path::new(document))).unwrap();
        let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        for line in blocks.flat_map(str::lines) {
            let Some(arguments) = line.strip_prefix("portcullis ") else { continue };
            // In an empty folder every request is understood and none can be carried out.
            let sandbox = Sandbox::new();
            let run = sandbox.portcullis(arguments.split('|').next().unwrap().split_whitespace());
            assert!(
                !run.stderr.contains("unexpected") && !run.stderr.contains("unrecognized"),
                "{line}: {}",
                run.whole()
            );
        }
    }
}
