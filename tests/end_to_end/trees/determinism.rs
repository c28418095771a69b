//! The same input gives the same bytes.

use super::*;

/// A repository in which every command has something to say.
fn busy() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "-q", "-b", "main", "repository"]);
    let folder = sandbox.join("repository");
    let commit = |message: &str| {
        git_in(&sandbox, &folder, ["add", "-A"]);
        git_in(&sandbox, &folder, ["commit", "-q", "-m", message]);
    };
    for name in ["a", "b", "c/d", "e"] {
        write_crate(&sandbox, &format!("repository/{name}/"), HONEST);
    }
    commit("honest");
    for name in ["a", "b", "c/d"] {
        write_crate(&sandbox, &format!("repository/{name}/"), FORGED);
    }
    sandbox.write("repository/e/Cargo.lock", "no lock file");
    for name in ["x", "y", "z"] {
        sandbox.link(&format!("repository/{name}"), "/etc/passwd");
        sandbox.link(&format!("repository/c/{name}"), "../missing");
    }
    commit("forged");
    sandbox
}

const COMMANDS: [&[&str]; 10] = [
    &["gate", "--base", "HEAD~1"],
    &["gate", "--base", "HEAD~1", "--format", "json"],
    &["gate", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"],
    &["gate", "--staged", "--format", "json"],
    &["gate", "--format", "json"],
    &["changes", "HEAD~1"],
    &["changes", "HEAD~1..HEAD", "--format", "json"],
    &["sbom", "generate"],
    &["sbom", "generate", "--head", "HEAD"],
    &["policy", "init", "--print"],
];

fn run_with(sandbox: &Sandbox, folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = Command::new(binary());
    command.args(arguments).envs(environment.iter().copied());
    sandbox.run(command, folder)
}

#[test]
fn two_runs_give_the_same_bytes_in_any_environment() {
    let sandbox = busy();
    let folder = sandbox.join("repository");
    let environments: [&[(&str, &str)]; 5] = [
        &[],
        &[("TZ", "Pacific/Kiritimati"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")],
        &[("TZ", "America/Los_Angeles"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")],
        &[("COLUMNS", "40"), ("TERM", "dumb"), ("HOME", "/nonexistent")],
        &[("USER", "somebody"), ("HOSTNAME", "elsewhere"), ("RUST_LOG", "trace"), ("RAYON_NUM_THREADS", "7")],
    ];
    for arguments in COMMANDS {
        let first = run_with(&sandbox, &folder, &[], arguments).whole();
        for environment in environments {
            for _ in 0..2 {
                assert_eq!(run_with(&sandbox, &folder, environment, arguments).whole(), first, "{environment:?}");
            }
        }
    }
}

#[test]
fn same_tree_gives_the_same_bytes_in_another_place() {
    let (here, there) = (busy(), busy());
    let gate = ["gate", "repository", "--base", "HEAD~1", "--format", "json"];
    let sbom = ["sbom", "generate", "repository"];
    for arguments in [&gate[..], &sbom] {
        assert_eq!(
            run_with(&here, here.path(), &[], arguments).whole(),
            run_with(&there, there.path(), &[], arguments).whole()
        );
    }
    // From another directory only the name differs by which the tree is called.
    let from_above = run_with(&here, here.path(), &[], &gate).report();
    let inside =
        run_with(&here, &here.join("repository/c/d"), &[], &["gate", "../..", "--base", "HEAD~1", "--format", "json"]);
    let mut inside = inside.report();
    assert_eq!(inside["inputs"][0]["name"], "../..");
    inside["inputs"][0]["name"] = "repository".into();
    assert_eq!(inside, from_above);
    let from_within = run_with(&here, &here.join("repository/c/d"), &[], &["sbom", "generate", "../.."]);
    assert_eq!(from_within.stdout, run_with(&here, here.path(), &[], &sbom).stdout);
}

#[test]
fn no_output_holds_an_absolute_path_that_the_command_line_does_not() {
    let sandbox = busy();
    let folder = sandbox.join("repository");
    git_in(&sandbox, sandbox.path(), ["clone", "-q", "--bare", "repository", "bare.git"]);
    git_in(&sandbox, sandbox.path(), ["init", "-q", "empty"]);
    git_in(&sandbox, sandbox.path(), ["init", "-q", "broken"]);
    sandbox.write("broken/.git/index", "no index");
    sandbox.write("broken/file", "");
    let more: [&[&str]; 12] = [
        &["gate", "--repo", "../bare.git"],
        &["gate", "--repo", "../bare.git", "--base", "main~1", "--head", "main", "--format", "json"],
        &["gate", "--repo", "."],
        &["gate", "--repo", "nowhere"],
        &["gate", "--base", "nowhere"],
        &["gate", "nowhere"],
        &["gate", "../empty"],
        &["gate", "../broken"],
        &["gate", ".."],
        &["gate", "..", "--staged"],
        &["gate", "--policy", "nowhere.toml"],
        &["sbom", "generate", "--repo", "../bare.git", "--head", "main"],
    ];
    let absolute = fs::canonicalize(sandbox.path()).unwrap();
    for arguments in COMMANDS.into_iter().chain(more) {
        let run = run_with(&sandbox, &folder, &[], arguments);
        for part in [absolute.to_str().unwrap(), env!("CARGO_MANIFEST_DIR")] {
            assert!(!run.whole().contains(part), "{arguments:?}: {}", run.whole());
        }
    }
}
