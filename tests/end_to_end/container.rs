//! The `Dockerfile`, built and run with buildah, which needs neither a daemon nor a network for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, Sandbox, project, skip};

/// A static binary that says what it was asked and who it is. `PORTCULLIS_STATIC` names a real one to put in its place.
const PROGRAM: &str = r#"
#include <stdio.h>
#include <unistd.h>
int main(int count, char **arguments) {
    for (int i = 1; i < count; i++) puts(arguments[i]);
    printf("uid %d gid %d\n", (int)getuid(), (int)getgid());
    return 1;
}
"#;

fn buildah(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command = Command::new("buildah");
    command.args(["--storage-driver", "vfs", "--root"]).arg(sandbox.join("storage"));
    command.arg("--runroot").arg(sandbox.join("run")).args(arguments);
    sandbox.run(command, sandbox.path())
}

#[track_caller]
fn done(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = buildah(sandbox, arguments);
    assert_eq!(run.code, 0, "buildah {arguments:?}: {}", run.whole());
    run.stdout.trim().to_owned()
}

/// Writes a static binary, or tells what is missing for it.
fn static_binary(sandbox: &Sandbox, path: &str) -> Result<(), PathBuf> {
    if let Some(real) = std::env::var_os("PORTCULLIS_STATIC") {
        sandbox.write(path, fs::read(real).unwrap());
    } else {
        sandbox.write("program.c", PROGRAM);
        fs::create_dir_all(sandbox.join(path).parent().unwrap()).unwrap();
        let mut command = Command::new("cc");
        command.args(["-static", "-o", path, "program.c"]);
        if sandbox.run(command, sandbox.path()).code != 0 {
            return Err(PathBuf::from("a C compiler that links statically"));
        }
    }
    sandbox.executable(path);
    Ok(())
}

fn files(folder: &Path, root: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, root, out);
        } else {
            out.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn the_image_holds_the_binary_alone_and_runs_it_as_nobody() {
    let what = "building and running the container image";
    let sandbox = Sandbox::new();
    if Command::new("buildah").arg("--version").output().is_err() {
        return skip(Path::new("buildah"), what);
    }
    // Without being root it may be that containers can be made and not be looked into.
    let probe = buildah(&sandbox, &["from", "scratch"]);
    if probe.code != 0 || buildah(&sandbox, &["mount", probe.stdout.trim()]).code != 0 {
        return skip(Path::new("the right to make containers"), what);
    }
    // An unpacked release archive, and the project's own folder after a build; of both, the binary alone is taken.
    for (context, binary) in
        [("archive", "portcullis"), ("checkout", "target/x86_64-unknown-linux-musl/release/portcullis")]
    {
        if let Err(missing) = static_binary(&sandbox, &format!("{context}/{binary}")) {
            return skip(&missing, what);
        }
        for file in ["Dockerfile", ".dockerignore"] {
            sandbox.write(format!("{context}/{file}"), fs::read(project().join(file)).unwrap());
        }
        sandbox.write(format!("{context}/.git/config"), "a token\n");
        let argument = format!("BINARY={binary}");
        let build = ["build", "--isolation", "chroot", "--build-arg", &argument, "--tag", context, context];
        done(&sandbox, &build);

        let inspected: serde_json::Value =
            serde_json::from_str(&done(&sandbox, &["inspect", "--type", "image", context])).unwrap();
        let config = &inspected["OCIv1"]["config"];
        assert_eq!(config["User"], "65532:65532");
        assert_eq!(config["Entrypoint"], serde_json::json!(["/portcullis"]));
        assert_eq!(config["WorkingDir"], "/src");

        let container = done(&sandbox, &["from", context]);
        let root = PathBuf::from(done(&sandbox, &["mount", &container]));
        let mut found = Vec::new();
        files(&root, &root, &mut found);
        assert_eq!(found, ["portcullis"]);
        let run = buildah(&sandbox, &["run", "--isolation", "chroot", &container, "--", "/portcullis", "--version"]);
        if std::env::var_os("PORTCULLIS_STATIC").is_some() {
            assert_eq!(run.stdout, format!("portcullis {}\n", env!("CARGO_PKG_VERSION")), "{}", run.whole());
        } else {
            assert_eq!((run.code, run.stdout.as_str()), (1, "--version\nuid 65532 gid 65532\n"), "{}", run.whole());
        }
    }
}

/// The ignore file lets the binary through and nothing else: a whole checkout is no part of what a builder is given.
#[test]
fn the_builder_is_given_binaries_only() {
    let ignored = fs::read_to_string(project().join(".dockerignore")).unwrap();
    let mut rules = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rules.next(), Some("*"));
    assert!(rules.all(|rule| rule.starts_with('!') && rule.ends_with("portcullis")));
}
