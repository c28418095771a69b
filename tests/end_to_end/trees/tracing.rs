//! What a run does to the machine: it reads, and nothing else, whatever the repository's configuration asks for.

use super::*;
use crate::support::traced;

/// A repository whose configuration and files name programs wherever git, cargo or an editor would run one. Each
/// leaves a mark.
fn hostile() -> Sandbox {
    let sandbox = crate_repository();
    let mark = sandbox.join(".git/mark");
    sandbox.write("evil", format!("#!/bin/sh\ntouch '{}'\nexec cat\n", mark.display()));
    sandbox.executable("evil");
    let evil = sandbox.join("evil");
    let evil = evil.to_str().unwrap();
    sandbox.write("Cargo.lock", lock(FORGED));
    sandbox.write("build.rs", "fn main() { std::process::Command::new(\"./evil\").status().unwrap(); }");
    sandbox.write(".cargo/config.toml", format!("[build]\nrustc = \"{evil}\"\nrustc-wrapper = \"{evil}\"\n[registry]\nglobal-credential-providers = [\"{evil}\"]\n"));
    sandbox.write("rust-toolchain.toml", format!("[toolchain]\npath = \"{}\"\n", sandbox.path().display()));
    sandbox.write(".gitattributes", "* filter=evil diff=evil merge=evil text eol=crlf ident\n");
    sandbox.write(".gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = ext::./evil\n\tupdate = !./evil\n");
    for (path, name) in [("bin/rustc", "rustc"), ("bin/cargo", "cargo"), ("bin/git", "git")] {
        sandbox.write(path, format!("#!/bin/sh\n# {name}\nexec '{evil}'\n"));
        sandbox.executable(path);
    }
    for hook in ["post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman", "post-checkout"] {
        sandbox.write(format!("hooks/{hook}"), format!("#!/bin/sh\nexec '{evil}'\n"));
        sandbox.executable(&format!("hooks/{hook}"));
    }
    sandbox.git(["add", "-A"]);
    sandbox.git(["commit", "-q", "-m", "forged"]);
    sandbox.write("Cargo.lock", lock('e'));
    sandbox.git(["add", "-A"]);
    let hooks = sandbox.join("hooks");
    let settings = [
        ("core.fsmonitor", evil),
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("core.pager", evil),
        ("core.editor", evil),
        ("core.sshCommand", evil),
        ("core.askPass", evil),
        ("core.gitProxy", evil),
        ("core.alternateRefsCommand", evil),
        ("core.attributesFile", ".gitattributes"),
        ("core.autocrlf", "true"),
        ("filter.evil.clean", evil),
        ("filter.evil.smudge", evil),
        ("filter.evil.process", evil),
        ("filter.evil.required", "true"),
        ("diff.evil.textconv", evil),
        ("diff.evil.command", evil),
        ("diff.external", evil),
        ("merge.evil.driver", evil),
        ("alias.status", "!./evil"),
        ("credential.helper", evil),
        ("gpg.program", evil),
        ("uploadpack.packObjectsHook", evil),
        ("remote.origin.url", "ext::./evil"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.vcs", "evil"),
        ("extensions.partialClone", "origin"),
        ("trace2.eventTarget", "/nonexistent/trace"),
        ("include.path", "../included"),
    ];
    for (key, value) in settings {
        sandbox.git(["config", key, value]);
    }
    sandbox.write("included", format!("[core]\n\tfsmonitor = {evil}\n"));
    assert!(!mark.exists(), "nothing of it ran while it was laid out");
    sandbox
}

#[test]
fn run_executes_nothing_opens_no_socket_and_writes_nothing() {
    let sandbox = hostile();
    let runs: [&[&str]; 10] = [
        &["gate", "--base", "HEAD~1"],
        &["gate", "--base", "HEAD~1", "--head", "HEAD"],
        &["gate", "--staged"],
        &["gate"],
        &["gate", "--repo", ".", "--head", "HEAD"],
        &["changes"],
        &["changes", "HEAD~1..HEAD", "--format", "json"],
        &["changes", "--staged"],
        &["sbom", "generate"],
        &["sbom", "generate", "--head", "HEAD"],
    ];
    for arguments in runs {
        let Some((run, trace)) = traced(&sandbox, arguments) else {
            return skipped("strace is not here, or not allowed");
        };
        assert!(run.code == 0 || run.code == 1, "{arguments:?}: {}", run.whole());
        let lines = || trace.lines().filter(|line| !line.contains("+++ exited") && !line.contains("--- SIG"));
        let calls = |name: &str| lines().filter(|line| line.contains(name)).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(calls("execve").len(), 1, "{arguments:?}: {:?}", calls("execve"));
        for name in [
            "socket(", "connect(", "bind(", "sendto(", "fork(", "unlink", "rename", "mkdir", "chmod", "chown",
            "symlink(", "link(", "truncate", "utimens", "mknod",
        ] {
            assert_eq!(calls(&format!(" {name}")), Vec::<String>::new(), "{arguments:?}");
        }
        for flag in ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"] {
            assert_eq!(calls(flag), Vec::<String>::new(), "{arguments:?}");
        }
        let folder = fs::canonicalize(sandbox.path()).unwrap();
        let written = calls("write").into_iter().filter(|line| line.contains(folder.to_str().unwrap()));
        assert_eq!(written.collect::<Vec<_>>(), Vec::<String>::new(), "{arguments:?}");
        assert!(!sandbox.join(".git/mark").exists(), "{arguments:?}: a program of the repository ran");
    }
}

#[test]
fn run_leaves_every_file_as_it_was() {
    let sandbox = hostile();
    let before = listing(sandbox.path());
    for arguments in [&["gate", "--base", "HEAD~1"][..], &["gate", "--staged"], &["changes"], &["sbom", "generate"]] {
        let run = sandbox.portcullis(arguments.iter().copied());
        assert!(run.code == 0 || run.code == 1, "{}", run.whole());
        assert_eq!(listing(sandbox.path()), before, "{arguments:?}");
    }
}

/// Every path below a folder, with what changes when somebody writes.
fn listing(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime, u32)> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.path().symlink_metadata().unwrap();
        out.push((entry.path(), metadata.len(), metadata.modified().unwrap(), metadata.permissions().mode()));
        if metadata.is_dir() {
            out.extend(listing(&entry.path()));
        }
    }
    out.sort();
    out
}
