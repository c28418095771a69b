//! Python: what its files say of each other, and how they weaken themselves.

use std::fmt::Write as _;

use crate::support::Sandbox;

const HASH: &str = "sha256:22e96c4af37c93be102a9ff2f07415257513bf494efa0ef351a503ace7462761";

fn pinned() -> String {
    format!("--index-url https://pypi.example/simple\nidna==3.10 --hash={HASH}\n")
}

#[test]
fn files_that_include_each_other_in_a_circle_are_each_read_once() {
    let sandbox = Sandbox::repository();
    sandbox.write("requirements.txt", pinned() + "-r requirements.txt\n-r more/requirements-b.txt\n");
    sandbox.write("more/requirements-b.txt", "-c ../constraints.txt\n-r ../requirements.txt\n");
    sandbox.write("constraints.txt", "-r more/requirements-b.txt\n");
    sandbox.commit("circle");
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(run.report()["summary"]["components"], 1);
}

#[test]
fn a_file_that_is_to_be_read_and_is_not_there_is_a_gap() {
    let sandbox = Sandbox::repository();
    sandbox.write("requirements.txt", pinned());
    sandbox.commit("before");
    sandbox.write("requirements.txt", pinned() + "-r requirements-gone.txt\n");
    sandbox.commit("after");
    let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stdout.contains("`requirements-gone.txt`, which is to be read with it"), "{}", run.whole());
    // Once it is an old fault it stops nobody.
    sandbox.write("requirements.txt", pinned() + "-r requirements-gone.txt\n# more to come\n");
    sandbox.commit("later");
    let run = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    // And the SBOM says that it is not whole.
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert!(run.stdout.contains("\"incomplete\"") && run.stdout.contains("pkg:pypi/idna@3.10"), "{}", run.whole());
}

#[test]
fn credentials_of_addresses_are_never_printed() {
    let sandbox = Sandbox::repository();
    sandbox.write("requirements.txt", pinned());
    sandbox.write("Pipfile", "[[source]]\nurl = \"https://pypi.example/simple\"\n");
    sandbox.commit("before");
    let mut text = String::new();
    for line in [
        "--index-url http://user:s3cret@mirror.example/simple",
        "--extra-index-url https://user:s3cret@nightly.example/simple",
        "--find-links https://user:s3cret@links.example/",
        "--trusted-host nightly.example",
        "-r https://user:s3cret@files.example/requirements.txt",
        "wire @ git+https://user:s3cret@git.example/acme/wire@main",
        "https://user:s3cret@files.example/idna-3.10.tar.gz",
        "odd https://user:s3cret@files.example/",
        "--hash=https://user:s3cret@files.example/",
        "attrs==1.0",
    ] {
        writeln!(text, "{line}").unwrap();
    }
    sandbox.write("requirements.txt", text);
    sandbox.write("Pipfile", "[[source]]\nurl = \"http://user:s3cret@pypi.example/simple\"\nverify_ssl = false\n");
    sandbox.commit("after");
    for arguments in [
        &["gate", "--base", "HEAD~1"][..],
        &["gate", "--base", "HEAD~1", "--format", "json"],
        &["gate"],
        &["changes", "HEAD~1"],
        &["changes", "HEAD~1..HEAD", "--format", "json"],
        &["sbom", "generate"],
        &["baseline", "-o", "-"],
    ] {
        let run = sandbox.portcullis(arguments.iter().copied());
        assert!(!run.whole().contains("s3cret"), "{arguments:?}: {}", run.whole());
    }
}

#[test]
fn a_requirement_that_is_not_pinned_leaves_the_sbom_incomplete() {
    let sandbox = Sandbox::repository();
    sandbox.write("requirements.txt", pinned());
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert!(run.stdout.contains("\"complete\""), "{}", run.whole());
    sandbox.write("requirements.txt", pinned() + "attrs>=25\n");
    let run = sandbox.portcullis(["sbom", "generate"]);
    assert!(run.stdout.contains("\"incomplete\""), "{}", run.whole());
}
