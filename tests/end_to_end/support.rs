//! What the stories share: repositories in temporary folders, and the binary in a scrubbed environment.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The project's own folder.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder, often a git repository, that is gone when the test ends.
pub(crate) struct Sandbox {
    root: TempDir,
}

/// What a run of a program gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Exit code, stdout and stderr as one text.
    pub(crate) fn whole(&self) -> String {
        format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// The report on stdout, checked against its schema.
    #[track_caller]
    pub(crate) fn report(&self) -> serde_json::Value {
        let report: serde_json::Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.whole()));
        let schema: serde_json::Value = serde_json::from_str(portcullis::report::schema::report()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator.iter_errors(&report).map(|fault| fault.to_string()).collect();
        assert_eq!(faults, Vec::<String>::new());
        report
    }
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { root: tempfile::Builder::new().prefix("portcullis-test-").tempdir().unwrap() }
    }

    /// An empty repository.
    pub(crate) fn repository() -> Self {
        let sandbox = Self::new();
        sandbox.git(["init", "-q", "-b", "main"]);
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(fs::remove_file(&path));
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.join(path)).unwrap();
    }

    /// Removes a folder, if it is there.
    pub(crate) fn remove_folder(&self, path: &str) {
        if self.join(path).exists() {
            fs::remove_dir_all(self.join(path)).unwrap();
        }
    }

    pub(crate) fn executable(&self, path: &str) {
        self.mode(path, 0o755);
    }

    pub(crate) fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Empties the work tree and copies a folder into it, links as they are.
    pub(crate) fn replace_tree(&self, from: &Path) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name() != Some(OsStr::new(".git")) {
                if path.is_dir() && !path.is_symlink() {
                    fs::remove_dir_all(path).unwrap();
                } else {
                    fs::remove_file(path).unwrap();
                }
            }
        }
        copy(from, self.path());
    }

    /// Commits everything, ignored files too.
    pub(crate) fn commit(&self, message: &str) {
        self.git(["add", "-A", "-f"]);
        self.git(["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Runs git, which must succeed.
    #[track_caller]
    pub(crate) fn git<const N: usize>(&self, arguments: [&str; N]) -> String {
        let run = self.try_git(arguments);
        assert_eq!(run.code, 0, "git {arguments:?}: {}", run.whole());
        run.stdout
    }

    pub(crate) fn try_git<const N: usize>(&self, arguments: [&str; N]) -> Run {
        let mut command = Command::new("git");
        command.args(arguments);
        self.run(command, self.path())
    }

    /// Runs the binary in the sandbox.
    pub(crate) fn portcullis<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        self.portcullis_in(self.path(), arguments)
    }

    pub(crate) fn portcullis_in<'a>(&self, folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        let mut command = Command::new(binary());
        command.args(arguments);
        self.run(command, folder)
    }

    /// Runs a program without anything of the caller's environment that could change what it does.
    pub(crate) fn run(&self, command: Command, folder: &Path) -> Run {
        self.run_on(command, folder, b"")
    }

    /// Runs a program on an input.
    pub(crate) fn run_on(&self, mut command: Command, folder: &Path, input: &[u8]) -> Run {
        let set: Vec<_> =
            command.get_envs().map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).collect();
        command.env_clear();
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.join(".no-home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_NAME", "A U Thor")
            .env("GIT_AUTHOR_EMAIL", "author@example.com")
            .env("GIT_COMMITTER_NAME", "A U Thor")
            .env("GIT_COMMITTER_EMAIL", "author@example.com")
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        for (key, value) in set {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // A program need not read its input.
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().unwrap()
        });
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the binary under strace, which denies it all of the network; `None` where that is not possible.
pub(crate) fn traced(sandbox: &Sandbox, arguments: &[&str]) -> Option<(Run, String)> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let trace = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-e", "trace=%process,%network,%file,write,pwrite64,writev,ioctl"]);
    command.args(["-e", "inject=%network:error=EACCES", "-o"]).arg(trace.path()).arg(binary()).args(arguments);
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    let run = found.then(|| sandbox.run(command, sandbox.path()))?;
    let text = fs::read_to_string(trace.path()).ok()?;
    // A container may forbid tracing.
    text.contains("execve(").then_some((run, text))
}

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_portcullis"))
}

/// Says on the terminal, past the test runner's capture, that a wider run could not be made.
pub(crate) fn skip(missing: &Path, what: &str) {
    drop(writeln!(io::stderr(), "SKIPPED: {what}: {} is not there", missing.display()));
}

/// Whether a program is installed here; where it is not, says which tests do without.
pub(crate) fn has_tool(tool: &str, what: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !found {
        skip(Path::new(tool), what);
    }
    found
}

/// Lets a program find the toolchains that are installed here.
pub(crate) fn with_toolchains(command: &mut Command) {
    for (variable, folder) in [("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")] {
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(folder).into_os_string());
        if let Some(value) = std::env::var_os(variable).or_else(home) {
            command.env(variable, value);
        }
    }
}

/// Copies a folder with its links and modes.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&source, &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source).unwrap(), &target).unwrap();
        } else {
            fs::copy(&source, &target).unwrap();
        }
    }
}

/// Compares a text with the one kept in a file, or rewrites the file under `UPDATE=1`.
#[track_caller]
pub(crate) fn compare_with_file(path: &Path, found: &str) {
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, found).unwrap();
        return;
    }
    let expected =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error} (UPDATE=1 writes it)", path.display()));
    if expected != found {
        let diff = similar::TextDiff::from_lines(expected.as_str(), found);
        panic!("{} differs (UPDATE=1 rewrites it):\n{}", path.display(), diff.unified_diff().header("kept", "found"));
    }
}

/// Runs written down one after the other, and kept in a file: what a user types, and all that comes back.
#[derive(Default)]
pub(crate) struct Transcript {
    text: String,
}

impl Transcript {
    /// Adds a remark.
    pub(crate) fn note(&mut self, text: &str) {
        self.text.push_str(&format!("# {text}\n"));
    }

    /// Adds text as it is.
    pub(crate) fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Runs the binary and writes down the command, the exit code, stdout and stderr.
    pub(crate) fn portcullis<'a>(&mut self, sandbox: &Sandbox, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        let arguments: Vec<&str> = arguments.into_iter().collect();
        let run = sandbox.portcullis(arguments.iter().copied());
        self.ran(sandbox, &format!("portcullis {}", arguments.join(" ")), &run);
        run
    }

    /// Writes down a run.
    pub(crate) fn ran(&mut self, sandbox: &Sandbox, command: &str, run: &Run) {
        let folder = fs::canonicalize(sandbox.path()).unwrap();
        let shown = |text: &str| text.replace(folder.to_str().unwrap(), "[SANDBOX]");
        self.text.push_str(&format!("$ {}\n{}[exit {}]\n", shown(command), shown(&run.stdout), run.code));
        self.text.push_str(&shown(&run.stderr));
        self.text.push('\n');
    }

    /// Compares everything with the file `tests/end_to_end/kept/NAME.txt`.
    #[track_caller]
    pub(crate) fn keep(&self, name: &str) {
        let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let text = self.text.replace(&version, "\"version\": \"[VERSION]\"");
        compare_with_file(&project().join("tests/end_to_end/kept").join(name).with_extension("txt"), &text);
    }
}
