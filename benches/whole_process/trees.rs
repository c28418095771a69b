//! Trees to measure on, made anew each time.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A tree, gone when it is dropped.
pub(crate) struct Tree {
    folder: TempDir,
}

/// A revision's files.
type Files = Vec<(String, Vec<u8>)>;

impl Tree {
    fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("portcullis-bench-").tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Stages an update of the lock file.
    pub(crate) fn stage_other_lock(&self) {
        fs::write(self.path().join("Cargo.lock"), cargo_lock(500, 2)).unwrap();
        self.git(&["add", "Cargo.lock"]);
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").args(arguments).current_dir(self.path()).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    /// Makes a repository of revisions, the last one checked out.
    fn import(revisions: &[Files]) -> Self {
        let tree = Self::new();
        tree.git(&["init", "-q", "-b", "main"]);
        let mut stream: Vec<u8> = Vec::new();
        for (at, files) in revisions.iter().enumerate() {
            write!(
                stream,
                "commit refs/heads/main\ncommitter a <a@example.com> {} +0000\ndata 1\nx\n",
                1_700_000_000 + at
            )
            .unwrap();
            for (path, bytes) in files {
                write!(stream, "M 100644 inline {path}\ndata {}\n", bytes.len()).unwrap();
                stream.extend_from_slice(bytes);
                stream.push(b'\n');
            }
        }
        let mut command = Command::new("git");
        command.args(["fast-import", "--quiet"]).current_dir(tree.path()).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&stream).unwrap();
        assert!(child.wait().unwrap().success());
        tree.git(&["reset", "-q", "--hard"]);
        tree
    }
}

fn sources(count: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    (0..count).map(|at| {
        let module = at / 20;
        (format!("src/d{}/m{module}/f{at}.rs", module / 50), format!("fn f{at}() {{}}\n").into_bytes())
    })
}

/// A repository of so many files and a lock file of so many packages, which its last commit updates.
pub(crate) fn repository(files: usize, packages: usize) -> Tree {
    let first = sources(files).chain([("Cargo.lock".to_owned(), cargo_lock(packages, 0).into_bytes())]).collect();
    Tree::import(&[first, vec![("Cargo.lock".to_owned(), cargo_lock(packages, 1).into_bytes())]])
}

/// A directory of so many files and a lock file of so many packages.
pub(crate) fn directory(files: usize, packages: usize) -> Tree {
    let tree = Tree::new();
    for (path, bytes) in sources(files).chain([("Cargo.lock".to_owned(), cargo_lock(packages, 0).into_bytes())]) {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    tree
}

/// A directory of so many projects of Go and as many of Python, of so many packages each, among so many source files.
pub(crate) fn go_and_python(projects: usize, packages: usize, files: usize) -> Tree {
    let tree = Tree::new();
    for at in 0..projects {
        let (go, python) = (tree.path().join(format!("go/s{at}")), tree.path().join(format!("python/p{at}")));
        let (module, sums) = go_module(at, packages);
        for (folder, name, text) in
            [(&go, "go.mod", module), (&go, "go.sum", sums), (&python, "poetry.lock", poetry_lock(at, packages))]
        {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
        for file in 0..files / projects / 2 {
            for (folder, name, text) in [(&go, "go", "package x\n"), (&python, "py", "x = 1\n")] {
                let folder = folder.join(format!("d{}", file / 25));
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(format!("f{file}.{name}")), text).unwrap();
            }
        }
    }
    tree
}

/// `go.mod` and `go.sum` of a module that requires so many others.
fn go_module(edition: usize, packages: usize) -> (String, String) {
    let mut module = format!("module git.example/acme/s{edition}\n\ngo 1.24\n\nrequire (\n");
    let mut sums = String::new();
    for at in 0..packages {
        let (name, version) =
            (format!("git{}.example/acme/module-{at:04}", at % 7), format!("v1.{}.{}", at % 9, edition % 3));
        writeln!(module, "\t{name} {version}").unwrap();
        let digest = |kind: usize| {
            let bytes: Vec<u8> = (0..32_usize)
                .map(|byte| u8::try_from((byte * 7 + at * 3 + edition % 3 + kind) % 256).unwrap())
                .collect();
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
        };
        writeln!(sums, "{name} {version} h1:{}\n{name} {version}/go.mod h1:{}", digest(0), digest(1)).unwrap();
    }
    module.push_str(")\n");
    (module, sums)
}

/// A lock file of poetry of so many packages.
fn poetry_lock(edition: usize, packages: usize) -> String {
    let mut out = String::new();
    for at in 0..packages {
        let version = format!("1.{}.{}", at % 9, edition % 3);
        write!(
            out,
            "[[package]]\nname = \"package-{at:04}\"\nversion = \"{version}\"\ndescription = \"d\"\noptional = false\n\
             python-versions = \">=3.8\"\nfiles = [\n    {{file = \"package_{at:04}-{version}-py3-none-any.whl\", \
             hash = \"sha256:{:064x}\"}},\n]\n\n",
            at * 8 + edition % 3 + 1
        )
        .unwrap();
    }
    write!(out, "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.8\"\ncontent-hash = \"{:064}\"\n", 0)
        .unwrap();
    out
}

/// A directory of one lock file.
pub(crate) fn lone(name: &str, text: &str) -> Tree {
    let tree = Tree::new();
    fs::write(tree.path().join(name), text).unwrap();
    tree
}

/// A repository with two revisions of one lock file.
pub(crate) fn history(name: &str, before: &[u8], after: &[u8]) -> Tree {
    Tree::import(&[vec![(name.to_owned(), before.to_owned())], vec![(name.to_owned(), after.to_owned())]])
}

/// The largest pair of lock files among the third-party cases, else a generated one of about its size.
pub(crate) fn largest_pair() -> (String, Vec<u8>, Vec<u8>) {
    let Some(cases) = crate::cases() else {
        eprintln!("SKIPPED: the largest real pair of lock files: no cases lie beside the project");
        return ("Cargo.lock".to_owned(), cargo_lock(1_500, 0).into_bytes(), cargo_lock(1_500, 1).into_bytes());
    };
    let mut pairs = Vec::new();
    for entry in walkdir::WalkDir::new(cases).sort_by_file_name().into_iter().map(Result::unwrap) {
        let name = entry.file_name().to_str().unwrap();
        let before = entry.path().with_file_name("before").join(name);
        if portcullis::ecosystem::format_of(&portcullis::tree::TreePath::root().child(name.as_bytes())).is_some()
            && before.is_file()
        {
            pairs.push((entry.metadata().unwrap().len(), name.to_owned(), before, entry.path().to_owned()));
        }
    }
    let (_, name, before, after) = pairs.into_iter().max().unwrap();
    (name, fs::read(before).unwrap(), fs::read(after).unwrap())
}

/// A lock file of so many packages of which each needs two others; an edition updates one in twenty.
pub(crate) fn cargo_lock(packages: usize, edition: usize) -> String {
    let mut out = String::from("version = 4\n");
    for at in 0..packages {
        let patch = if at % 20 == 0 { edition } else { 0 };
        write!(
            out,
            "\n[[package]]\nname = \"package-{at:05}\"\nversion = \"1.{}.{patch}\"\n\
             source = \"registry+https://registry.example/index\"\nchecksum = \"{:064x}\"\n",
            at % 7,
            at * 8 + patch + 1
        )
        .unwrap();
        let needs: Vec<usize> = [at * 2 + 1, at * 2 + 2].into_iter().filter(|need| *need < packages).collect();
        if !needs.is_empty() {
            out.push_str("dependencies = [\n");
            needs.iter().for_each(|need| writeln!(out, " \"package-{need:05}\",").unwrap());
            out.push_str("]\n");
        }
    }
    out
}

/// A lock file of npm's version 3 of so many packages.
pub(crate) fn npm_lock(packages: usize) -> String {
    let mut out = String::from(
        "{\n  \"name\": \"shop\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \
         \"packages\": {\n    \"\": {\n      \"name\": \"shop\",\n      \"version\": \"1.0.0\",\n      \
         \"dependencies\": {\n        \"package-00000\": \"^1.0.0\"\n      }\n    }",
    );
    for at in 0..packages {
        let name = format!("package-{at:05}");
        write!(
            out,
            ",\n    \"node_modules/{name}\": {{\n      \"version\": \"1.{minor}.0\",\n      \
             \"resolved\": \"https://registry.example/{name}/-/{name}-1.{minor}.0.tgz\",\n      \
             \"integrity\": \"sha512-{at:0>85}A==\",\n      \"license\": \"MIT\"",
            minor = at % 7
        )
        .unwrap();
        let needs: Vec<String> = [at * 2 + 1, at * 2 + 2]
            .into_iter()
            .filter(|need| *need < packages)
            .map(|need| format!("        \"package-{need:05}\": \"^1.0.0\""))
            .collect();
        if !needs.is_empty() {
            write!(out, ",\n      \"dependencies\": {{\n{}\n      }}", needs.join(",\n")).unwrap();
        }
        // As often as in a real one of some hundred packages.
        if at % 3 == 0 {
            out.push_str(",\n      \"engines\": {\n        \"node\": \">=18\"\n      }");
        }
        if at % 5 == 0 {
            out.push_str(",\n      \"os\": [\n        \"linux\"\n      ],\n      \"cpu\": [\n        \"x64\"\n      ]");
        }
        if at % 2 == 0 {
            let url = "https://funding.example/sponsors/package";
            write!(
                out,
                ",\n      \"funding\": {{\n        \"type\": \"github\",\n        \"url\": \"{url}\"\n      }}"
            )
            .unwrap();
        }
        out.push_str("\n    }");
    }
    out.push_str("\n  }\n}\n");
    out
}
