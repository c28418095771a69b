//! The scripts of the release workflow, run on made-up binaries with throw-away keys, and the workflow itself, read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::document::{Node, Value, yaml};

use crate::support::{Run, Sandbox, binary, copy, project, skip, with_toolchains};

const TARGETS: [&str; 2] = ["aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"];
const SIGNER: &str = "release@portcullis";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The first of the programs the scripts need that is not there.
fn missing() -> Option<&'static str> {
    ["bash", "tar", "gzip", "jq", "sha256sum", "ssh-keygen", "git"]
        .into_iter()
        .find(|program| Command::new(program).arg("--version").output().is_err())
}

fn script(name: &str) -> Command {
    Command::new(project().join(".github/release").join(name))
}

/// Two binaries that are only text; `mode` and their time are what must not matter.
fn binaries(sandbox: &Sandbox, mode: u32) {
    for target in TARGETS {
        let path = format!("binaries/{target}/portcullis");
        sandbox.write(&path, format!("a binary for {target}\n"));
        sandbox.mode(&path, mode);
    }
}

/// Packs what `binaries` wrote, as a run of the workflow for the tag would.
fn pack(sandbox: &Sandbox) -> Run {
    let mut command = script("pack.sh");
    command.args(["binaries", "dist"]);
    command.env("PORTCULLIS", binary()).env("SOURCE_DATE_EPOCH", "1767225600");
    for (variable, value) in [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/portcullis"),
        ("GITHUB_REPOSITORY_ID", "11"),
        ("GITHUB_REPOSITORY_OWNER_ID", "7"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REF", "refs/tags/v1.2.3"),
        ("GITHUB_SHA", "4c1d9e2f4c1d9e2f4c1d9e2f4c1d9e2f4c1d9e2f"),
        ("GITHUB_WORKFLOW_REF", "acme/portcullis/.github/workflows/release.yml@refs/tags/v1.2.3"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_RUN_ATTEMPT", "1"),
        ("RUNNER_ENVIRONMENT", "github-hosted"),
    ] {
        command.env(variable, value);
    }
    sandbox.run(command, sandbox.path())
}

/// A release that is packed and not signed.
fn packed() -> Sandbox {
    let sandbox = Sandbox::new();
    binaries(&sandbox, 0o755);
    // What deb.sh leaves is listed like all else.
    sandbox.write(format!("dist/portcullis_{VERSION}-1_amd64.deb"), "a package\n");
    let run = pack(&sandbox);
    assert_eq!(run.code, 0, "{}", run.whole());
    sandbox
}

/// A new key pair: the private half, and the public one as a line of `allowed_signers` has it.
fn key(sandbox: &Sandbox, name: &str, passphrase: &str) -> (String, String) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", name]);
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.code, 0, "{}", run.whole());
    let read = |name: &str| fs::read_to_string(sandbox.join(name)).unwrap();
    (read(name), read(&format!("{name}.pub")).trim().to_owned())
}

fn sign(sandbox: &Sandbox, private: &str, allowed: &Path) -> Run {
    let mut command = script("sign.sh");
    command.arg("dist").arg(allowed).env("RELEASE_SIGNING_KEY", private);
    sandbox.run(command, sandbox.path())
}

/// Does what `docs/install.md` tells a user to do, in a folder with what they downloaded.
fn verify(sandbox: &Sandbox, allowed: &Path) -> Run {
    let document = fs::read_to_string(project().join("docs/install.md")).unwrap();
    let blocks = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let block = blocks.filter(|block| block.contains("ssh-keygen -Y verify")).collect::<Vec<_>>();
    let [block] = block[..] else { panic!("{block:?}") };
    let downloads = Sandbox::new();
    copy(&sandbox.join("dist"), downloads.path());
    // Not everything is downloaded.
    downloads.remove(&format!("portcullis-{VERSION}.cdx.json"));
    downloads.write("allowed_signers", fs::read(allowed).unwrap());
    let mut command = Command::new("sh");
    command.args(["-e", "-c", block]);
    downloads.run(command, downloads.path())
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[track_caller]
fn refused(sandbox: &Sandbox, run: &Run, said: &str) {
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stderr.contains(said), "{said}: {}", run.whole());
    assert!(!sandbox.join("dist/SHA256SUMS.sig").exists(), "{}", run.whole());
}

#[test]
fn the_same_binaries_give_the_same_release() {
    if let Some(program) = missing() {
        return skip(Path::new(program), "packing and signing a release");
    }
    let keys = Sandbox::new();
    let (private, public) = key(&keys, "maintainer", "");
    keys.write("allowed_signers", format!("{SIGNER} namespaces=\"file\" {public}\n"));
    let allowed = keys.join("allowed_signers");
    let (first, second) = (packed(), packed());
    // The second time over what is there, from files of another mode and time.
    binaries(&second, 0o700);
    assert_eq!(pack(&second).code, 0);
    for sandbox in [&first, &second] {
        let run = sign(sandbox, &private, &allowed);
        assert_eq!(run.code, 0, "{}", run.whole());
        assert!(!run.whole().contains("PRIVATE KEY"), "{}", run.whole());
        let run = verify(sandbox, &allowed);
        assert_eq!(run.code, 0, "{}", run.whole());
        assert!(run.stdout.contains(&format!("Good \"file\" signature for {SIGNER}")), "{}", run.whole());
    }
    let (release, again) = (contents(&first.join("dist")), contents(&second.join("dist")));
    assert_eq!(release.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (name, bytes) in &release {
        assert!(again[name] == *bytes, "{name} differs");
    }

    let archives = TARGETS.map(|target| format!("portcullis-{VERSION}-{target}.tar.gz"));
    let others = ["cdx.json", "provenance.json"].map(|end| format!("portcullis-{VERSION}.{end}"));
    let package = format!("portcullis_{VERSION}-1_amd64.deb");
    let sums = ["SHA256SUMS", "SHA256SUMS.sig"].map(str::to_owned);
    let mut expected: Vec<String> = archives.iter().chain(&others).chain([&package]).chain(&sums).cloned().collect();
    expected.sort();
    assert_eq!(release.into_keys().collect::<Vec<_>>(), expected);

    the_archive_holds_what_an_installation_needs(&first, &archives[1]);
    the_bill_of_materials_is_of_the_binary(&first, &others[0]);
    the_provenance_names_every_file(&first, &others[1]);
}

fn the_archive_holds_what_an_installation_needs(sandbox: &Sandbox, archive: &str) {
    let mut list = Command::new("tar");
    list.args(["--list", "--verbose", "--numeric-owner", "--utc", "--file"]).arg(sandbox.join("dist").join(archive));
    let list = sandbox.run(list, sandbox.path()).stdout;
    let folder = archive.trim_end_matches(".tar.gz");
    let mut files = Vec::new();
    for line in list.lines() {
        let [mode, owner, _, date, time, path] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        assert_eq!((owner, date, time), ("0/0", "2026-01-01", "00:00"), "{line}");
        let executable = mode.starts_with('d') || path.ends_with("/portcullis");
        assert!(mode.ends_with(if executable { "rwxr-xr-x" } else { "rw-r--r--" }), "{line}");
        if !mode.starts_with('d') {
            files.push(path.strip_prefix(folder).unwrap());
        }
    }
    let expected = [
        "/CHANGELOG.md",
        "/Dockerfile",
        "/LICENSE-APACHE",
        "/LICENSE-MIT",
        "/README.md",
        "/completions/_portcullis",
        "/completions/portcullis.bash",
        "/completions/portcullis.fish",
        "/man/portcullis.1",
        "/portcullis",
    ];
    assert_eq!(files, expected);
}

fn the_bill_of_materials_is_of_the_binary(sandbox: &Sandbox, name: &str) {
    let document: serde_json::Value =
        serde_json::from_slice(&fs::read(sandbox.join("dist").join(name)).unwrap()).unwrap();
    assert_eq!(document["metadata"]["component"]["name"], "portcullis");
    assert_eq!(document["metadata"]["component"]["version"], VERSION);
    assert_eq!(document["compositions"][0]["aggregate"], "complete");
    let components = document["components"].as_array().unwrap();
    assert!(components.len() > 100, "{}", components.len());
    for component in components {
        assert!(component["purl"].as_str().unwrap().starts_with("pkg:cargo/"), "{component}");
    }
}

fn the_provenance_names_every_file(sandbox: &Sandbox, name: &str) {
    let statement: serde_json::Value =
        serde_json::from_slice(&fs::read(sandbox.join("dist").join(name)).unwrap()).unwrap();
    let subjects = statement["subject"].as_array().unwrap().iter();
    let subjects: Vec<String> = subjects
        .map(|it| format!("{}  {}", it["digest"]["sha256"].as_str().unwrap(), it["name"].as_str().unwrap()))
        .collect();
    let sums = fs::read_to_string(sandbox.join("dist/SHA256SUMS")).unwrap();
    assert_eq!(subjects, sums.lines().filter(|line| !line.ends_with(name)).collect::<Vec<_>>());
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let (build, run) = (&statement["predicate"]["buildDefinition"], &statement["predicate"]["runDetails"]);
    assert_eq!(build["externalParameters"]["workflow"]["path"], ".github/workflows/release.yml");
    assert_eq!(
        build["resolvedDependencies"][0],
        serde_json::json!({
            "uri": "git+https://github.com/acme/portcullis@refs/tags/v1.2.3",
            "digest": {"gitCommit": "4c1d9e2f4c1d9e2f4c1d9e2f4c1d9e2f4c1d9e2f"},
        })
    );
    assert_eq!(
        run["builder"]["id"],
        "https://github.com/acme/portcullis/.github/workflows/release.yml@refs/tags/v1.2.3"
    );
    assert_eq!(run["metadata"]["invocationId"], "https://github.com/acme/portcullis/actions/runs/42/attempts/1");
}

/// `package.metadata.deb` in `Cargo.toml`, with the tool that reads it.
#[test]
fn the_debian_package_holds_what_an_installation_needs() {
    let what = "making a Debian package";
    let source = fs::read_to_string(project().join(".github/release/deb.sh")).unwrap();
    let version = source.lines().find_map(|line| line.strip_prefix("cargo_deb=")).unwrap();
    let found = Command::new("cargo-deb").arg("--version").output();
    if !found.is_ok_and(|found| String::from_utf8_lossy(&found.stdout).trim() == format!("cargo-deb {version}")) {
        return skip(Path::new(&format!("cargo-deb {version}")), what);
    }
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        return skip(Path::new("dpkg-deb"), what);
    }
    let sandbox = Sandbox::new();
    binaries(&sandbox, 0o755);
    let make = |folder: &str| {
        let mut command = script("deb.sh");
        command.args(["binaries", folder]).env("PORTCULLIS", binary()).env("SOURCE_DATE_EPOCH", "1767225600");
        command.env("CARGO_TARGET_DIR", sandbox.join("target")).env("CARGO_NET_OFFLINE", "true");
        with_toolchains(&mut command);
        let run = sandbox.run(command, sandbox.path());
        assert_eq!(run.code, 0, "{}", run.whole());
    };
    make("first");
    binaries(&sandbox, 0o700);
    make("second");
    let packages = contents(&sandbox.join("first"));
    assert!(packages == contents(&sandbox.join("second")));
    let names = ["amd64", "arm64"].map(|machine| format!("portcullis_{VERSION}-1_{machine}.deb"));
    assert_eq!(packages.into_keys().collect::<Vec<_>>(), names);
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("--extract").arg(format!("first/{}", names[0])).arg("root");
    assert_eq!(sandbox.run(unpack, sandbox.path()).code, 0);
    let installed = fs::read_to_string(sandbox.join("root/usr/bin/portcullis")).unwrap();
    assert_eq!(installed, "a binary for x86_64-unknown-linux-musl\n");
    for path in [
        "bash-completion/completions/portcullis",
        "doc/portcullis/copyright",
        "fish/vendor_completions.d/portcullis.fish",
        "man/man1/portcullis.1.gz",
        "zsh/vendor-completions/_portcullis",
    ] {
        assert!(sandbox.join("root/usr/share").join(path).is_file(), "{path}");
    }
}

#[test]
fn files_that_changed_after_packing_are_refused() {
    if let Some(program) = missing() {
        return skip(Path::new(program), "refusing files that changed after packing");
    }
    let sandbox = packed();
    let (private, public) = key(&sandbox, "maintainer", "");
    sandbox.write("allowed_signers", format!("{SIGNER} namespaces=\"file\" {public}\n"));
    let allowed = sandbox.join("allowed_signers");
    let archive = format!("dist/portcullis-{VERSION}-{}.tar.gz", TARGETS[1]);
    let whole = fs::read(sandbox.join(&archive)).unwrap();

    sandbox.write(&archive, [whole.as_slice(), b"more"].concat());
    refused(&sandbox, &sign(&sandbox, &private, &allowed), "expected the files that SHA256SUMS lists");
    sandbox.remove(&archive);
    refused(&sandbox, &sign(&sandbox, &private, &allowed), "expected the files that SHA256SUMS lists");
    sandbox.write(&archive, &whole);
    sandbox.write("dist/stowaway.tar.gz", "");
    refused(&sandbox, &sign(&sandbox, &private, &allowed), "stowaway.tar.gz");
    sandbox.remove("dist/stowaway.tar.gz");

    // Signed as it should be, and changed on the way to the user.
    assert_eq!(sign(&sandbox, &private, &allowed).code, 0);
    assert_eq!(verify(&sandbox, &allowed).code, 0);
    sandbox.write(&archive, [whole.as_slice(), b"more"].concat());
    let run = verify(&sandbox, &allowed);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stdout.contains(": FAILED"), "{}", run.whole());
    let sums = fs::read_to_string(sandbox.join("dist/SHA256SUMS")).unwrap();
    sandbox.write("dist/SHA256SUMS", sums.replacen(&sums[..8], "01234567", 1));
    let run = verify(&sandbox, &allowed);
    assert_ne!(run.code, 0, "{}", run.whole());
    assert!(!run.stdout.contains("Good"), "{}", run.whole());
}

#[test]
fn a_key_that_is_not_allowed_signs_nothing() {
    if let Some(program) = missing() {
        return skip(Path::new(program), "refusing keys that nobody allowed");
    }
    let sandbox = packed();
    let (private, public) = key(&sandbox, "maintainer", "");
    let (_, other) = key(&sandbox, "another", "");
    let (locked, locked_public) = key(&sandbox, "locked", "open sesame");
    let allowed = sandbox.join("allowed_signers");
    let not_allowed = "expected a key that allowed_signers allows for release@portcullis, found: ssh-ed25519 ";
    for line in [
        String::new(),
        "# nobody yet\n".to_owned(),
        format!("{SIGNER} namespaces=\"file\" {other}\n"),
        format!("{SIGNER} namespaces=\"git\" {public}\n"),
        format!("somebody@portcullis namespaces=\"file\" {public}\n"),
        format!("{SIGNER} namespaces=\"file\",valid-before=\"20200101\" {public}\n"),
    ] {
        sandbox.write("allowed_signers", &line);
        // A signature of an earlier try does not stay either.
        sandbox.write("dist/SHA256SUMS.sig", "stale");
        refused(&sandbox, &sign(&sandbox, &private, &allowed), not_allowed);
    }
    // The project's own file allows no key that a test can make.
    refused(&sandbox, &sign(&sandbox, &private, &project().join(".github/allowed_signers")), not_allowed);

    sandbox.write("allowed_signers", format!("{SIGNER} namespaces=\"file\" {locked_public}\n"));
    refused(&sandbox, &sign(&sandbox, "", &allowed), "expected a private key in RELEASE_SIGNING_KEY, found none");
    for unusable in [locked.as_str(), "no key", other.as_str()] {
        refused(&sandbox, &sign(&sandbox, unusable, &allowed), "expected an OpenSSH private key without a passphrase");
    }
}

#[test]
fn a_tag_that_does_not_name_what_it_releases_is_refused() {
    if let Some(program) = missing() {
        return skip(Path::new(program), "refusing tags");
    }
    let check = |sandbox: &Sandbox, tag: &str| {
        let mut command = script("check-tag.sh");
        command.args([tag, "main"]);
        sandbox.run(command, sandbox.path())
    };
    let sandbox = Sandbox::repository();
    sandbox.write(
        "Cargo.toml",
        "[package]\nname = \"mill\"\nversion = \"1.2.3\"\n\n[dependencies.x]\nversion = \"9.9.9\"\n",
    );
    sandbox.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
    sandbox.commit("first");
    refused(&sandbox, &check(&sandbox, "v1.2.3"), "expected a section `## [1.2.3]` in CHANGELOG.md");
    sandbox.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-01\n");
    sandbox.commit("Release 1.2.3");
    let run = check(&sandbox, "v1.2.3");
    assert_eq!(run.code, 0, "{}", run.whole());
    for tag in ["v1.2.4", "1.2.3", "v9.9.9", "v1.2.3$(touch pwned)", "v"] {
        refused(&sandbox, &check(&sandbox, tag), "expected the tag `v1.2.3`");
    }
    assert!(!sandbox.join("pwned").exists());
    // What nobody has merged is not released.
    sandbox.git(["checkout", "-q", "-b", "topic"]);
    sandbox.commit("not reviewed");
    refused(&sandbox, &check(&sandbox, "v1.2.3"), "expected a commit of `main`");
}

/// The program that publishes is asked for, and is one that writes down what it was asked.
#[test]
fn a_signed_folder_is_published_with_its_section_of_the_changelog() {
    if let Some(program) = missing() {
        return skip(Path::new(program), "publishing");
    }
    let sandbox = Sandbox::new();
    sandbox.write("bin/gh", "#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n");
    sandbox.executable("bin/gh");
    sandbox
        .write("CHANGELOG.md", "# Changelog\n\n## [1.2.3-rc.1]\n\nsoon\n\n## [1.2.3]\n\nnow\n\n## [1.2.2]\n\nthen\n");
    sandbox.write("dist/SHA256SUMS", "");
    let publish = |tag: &str| {
        let mut command = script("publish.sh");
        let path = format!("{}:{}", sandbox.join("bin").display(), std::env::var("PATH").unwrap());
        command.args([tag, "dist"]).env("PATH", path);
        sandbox.run(command, sandbox.path())
    };
    let unsigned = publish("v1.2.3");
    refused(&sandbox, &unsigned, "expected a signature in dist/SHA256SUMS.sig, found none");
    assert_eq!(unsigned.stdout, "");
    sandbox.write("dist/SHA256SUMS.sig", "");
    for (tag, section, options) in [("v1.2.3", "now", ""), ("v1.2.3-rc.1", "soon", "<--prerelease>\n")] {
        let expected = format!(
            "<release>\n<create>\n<{tag}>\n<--verify-tag>\n<--title>\n<{tag}>\n{options}<--notes>\n<\n{section}\n\n\
             Verify these files before you use them: docs/install.md says how.>\n\
             <dist/SHA256SUMS>\n<dist/SHA256SUMS.sig>\n"
        );
        let run = publish(tag);
        assert_eq!((run.code, run.stdout.as_str()), (0, expected.as_str()), "{}", run.whole());
    }
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    node.get(key).map(|value| value.scalar(key).unwrap())
}

fn permissions(node: &Node<'_>) -> Vec<String> {
    let permissions = node.get("permissions").unwrap().members("").unwrap().iter();
    permissions.map(|member| format!("{}: {}", member.key, member.value.scalar("").unwrap())).collect()
}

#[test]
fn no_job_of_the_workflow_holds_more_than_it_needs() {
    let source = fs::read_to_string(project().join(".github/workflows/release.yml")).unwrap();
    let documents = yaml(&source).unwrap();
    let workflow = &documents[0];
    assert_eq!(permissions(workflow), Vec::<String>::new());
    let mut held = BTreeMap::new();
    for job in workflow.get("jobs").unwrap().members("").unwrap() {
        let job_name: &str = job.key.as_ref();
        let environment = text(&job.value, "environment").unwrap_or("none");
        held.insert(job_name, (permissions(&job.value).join(", "), environment));
        for step in job.value.get("steps").unwrap().items("").unwrap() {
            if let Some(run) = text(step, "run") {
                assert!(!run.contains("${{"), "{job_name}: {run}");
                // What is more than a command is in a script, which the tests above run.
                assert!(!run.contains('\n'), "{job_name}: {run}");
                let program = run.split(' ').next().unwrap();
                assert!(!program.contains('/') || is_script(&project().join(program)), "{job_name}: {run}");
            }
            let Some(action) = text(step, "uses") else { continue };
            let (name, commit) = action.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
            assert!(!name.contains("cache"), "{action}");
            if name == "actions/checkout" {
                let kept = step.get("with").and_then(|with| with.get("persist-credentials")).unwrap();
                assert!(matches!(kept.value, Value::Boolean(false)), "{job_name}");
            }
        }
    }
    let expected = BTreeMap::from([
        ("build", ("contents: read".to_owned(), "none")),
        ("attest", ("id-token: write, attestations: write".to_owned(), "none")),
        ("publish", ("contents: write".to_owned(), "release")),
    ]);
    assert_eq!(held, expected);
    assert_eq!(source.matches("secrets.").count(), 1);

    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/release.yml", &source);
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(run.report()["summary"]["components"], 4);
}

fn is_script(path: &PathBuf) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o111 != 0)
        && fs::read_to_string(path).unwrap().starts_with("#!/usr/bin/env bash\n")
}

#[test]
fn allowed_signers_allows_keys_for_releases_only() {
    let lines = fs::read_to_string(project().join(".github/allowed_signers")).unwrap();
    for line in lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let rest = line.strip_prefix(&format!("{SIGNER} namespaces=\"file\""));
        assert!(rest.is_some_and(|rest| rest.starts_with([' ', ','])), "{line}");
    }
}
