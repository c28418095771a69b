//! A file that is broken, hostile or odd is named with its place, and everything beside it is still judged.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;

use crate::lock_files::{FORMATS, Format, Package, package};
use crate::support::{Run, Sandbox, compare_with_file, project, skip};

/// The largest file that is read.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// How deep values are nested that nobody would write.
const DEEP: usize = 10_000;

fn packages() -> [Package; 2] {
    [package("ripple", "1.2.3", 0xaa), package("weir", "2.0.0", 0xbb)]
}

/// A repository with a sound project in every format, and beside them one that was forged since the last commit.
fn repository() -> Sandbox {
    let sandbox = Sandbox::repository();
    for format in &FORMATS {
        format.lay(&sandbox, &packages());
    }
    let mut beside = packages();
    sandbox.write("beside/Cargo.toml", FORMATS[0].manifest(&beside));
    sandbox.write("beside/Cargo.lock", FORMATS[0].lock(&beside));
    sandbox.commit("sound");
    beside[1].digest = 0xee;
    sandbox.write("beside/Cargo.lock", FORMATS[0].lock(&beside));
    sandbox
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A gap in one line.
fn told(at: &Value, it: &Value) -> String {
    let place = match at["line"].as_u64() {
        Some(line) => format!("{}:{line}:{}", text(&at["path"]), at["column"]),
        None => text(&at["path"]).to_owned(),
    };
    let (expected, found, reason) = (text(&it["expected"]), text(&it["found"]), text(&it["reason"]));
    format!("{place}: expected {expected}, found {found} ({reason})")
}

/// What a run of the gate could not determine, each once.
#[track_caller]
fn undetermined(run: &Run) -> BTreeSet<String> {
    let report = run.report();
    let found = report["findings"].as_array().unwrap().iter().filter(|it| it["state"] == "not-determined");
    found
        .map(|it| {
            let (path, evidence) = (text(&it["location"]["path"]), &it["evidence"]);
            let (expected, found) = (text(&evidence["expected"]), text(&evidence["found"]));
            assert_eq!(text(&it["message"]), format!("`{path}` could not be read: expected {expected}, found {found}"));
            assert_eq!(it["level"], if text(&it["rule"]) == "change/downgrade" { "warn" } else { text(&it["level"]) });
            told(&it["location"], evidence)
        })
        .collect()
}

/// The violations at level deny, with their files.
#[track_caller]
fn violated(run: &Run) -> Vec<String> {
    let report = run.report();
    let found = report["findings"].as_array().unwrap().iter();
    found
        .filter(|it| it["state"] == "fail" && it["level"] == "deny" && it["baseline"] == "new")
        .map(|it| format!("{} {}", text(&it["rule"]), text(&it["location"]["path"])))
        .collect()
}

/// Runs every command on a tree in which a file is broken, and returns what they say of it: all the same. None of
/// them makes anything up, and what lies beside the file is judged and listed.
#[track_caller]
fn said(sandbox: &Sandbox, what: &str) -> Vec<String> {
    let gate = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
    assert_eq!(gate.code, 1, "{what}: {}", gate.whole());
    let said = undetermined(&gate);
    assert!(!said.is_empty(), "{what}: {}", gate.whole());
    assert_eq!(violated(&gate), ["change/same-version-new-digest beside/Cargo.lock"], "{what}");

    let whole = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!((whole.code, &undetermined(&whole)), (1, &said), "{what}: {}", whole.whole());

    let run = sandbox.portcullis(["changes", "--format", "json"]);
    assert_eq!(run.code, 0, "{what}: {}", run.whole());
    let listed: Value = serde_json::from_str(&run.stdout).unwrap();
    let gaps: BTreeSet<String> = listed["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .inspect(|gap| assert_eq!(gap["side"], "after", "{what}"))
        .map(|gap| told(gap, gap))
        .collect();
    assert_eq!(gaps, said, "{what}");
    let paths: Vec<&Value> =
        listed["changes"].as_array().unwrap().iter().map(|change| &change["locations"][0]["path"]).collect();
    assert_eq!(paths, ["beside/Cargo.lock"], "{what}: {}", run.whole());

    let sbom = sandbox.portcullis(["sbom", "generate"]);
    // A whole text that refers to packages it does not hold was read: the document says that it is incomplete. Of
    // pnpm 9, whose packages stand in two places, it is known to be cut off.
    let is_read = what.starts_with("cut off between two entries") && !what.contains(": pnpm/");
    assert_eq!(sbom.code, i32::from(!is_read), "{what}: {}", sbom.whole());
    let bom: Value = serde_json::from_str(&sbom.stdout).unwrap();
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete", "{what}");
    assert!(sbom.stdout.contains("\"pkg:cargo/weir@2.0.0\""), "{what}: {}", sbom.whole());
    let lines: BTreeSet<&str> = sbom.stderr.lines().map(|line| line.strip_prefix("gap: ").unwrap()).collect();
    let without_reason: BTreeSet<&str> = said.iter().map(|gap| gap.rsplit_once(" (").unwrap().0).collect();
    assert_eq!(lines, without_reason, "{what}");
    said.into_iter().collect()
}

/// The files of the projects, each with its sound text.
fn files() -> impl Iterator<Item = (String, String)> {
    let manifest = |format: &Format| (format!("{}/{}", format.name, format.manifest), format.manifest(&packages()));
    let locks = FORMATS.iter().map(|format| (format.path(), format.lock(&packages())));
    // The manifests of npm are all alike.
    let of_python = FORMATS.iter().filter(|format| matches!(format.name, "uv" | "pipenv"));
    locks.chain(FORMATS.iter().take(2).chain(of_python).map(manifest))
}

fn once(text: &str, from: &str, to: &str) -> Vec<u8> {
    assert!(text.contains(from), "{from:?} is not in {text}");
    text.replacen(from, to, 1).into_bytes()
}

/// What can be wrong with the contents of a file, `None` where its format has no such fault.
type Fault = fn(&str, &str) -> Option<Vec<u8>>;

const FAULTS: [(&str, Fault); 13] = [
    ("cut off in the middle", |_, text| Some(text.as_bytes()[..text.len() / 2].to_vec())),
    ("cut off between two entries", |path, text| {
        // A file of yarn 1 does not show it, and JSON has no such place.
        let last = match path {
            "cargo/Cargo.lock" => "\n[[package]]",
            "pnpm/pnpm-lock.yaml" => "snapshots:",
            "pnpm-6/pnpm-lock.yaml" => "\n  /",
            "yarn-berry/yarn.lock" => "\n\"",
            "uv/uv.lock" => "\n[[package]]",
            _ => return None,
        };
        Some(text.as_bytes()[..text.rfind(last).unwrap()].to_vec())
    }),
    ("not merged yet", |_, text| {
        let at = text.match_indices('\n').nth(4).unwrap().0 + 1;
        let (before, after) = text.split_at(at);
        Some(format!("{before}<<<<<<< HEAD\n=======\n>>>>>>> branch\n{after}").into_bytes())
    }),
    ("nested deeply", |path, text| {
        let deep = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
        Some(match path.rsplit_once('.').unwrap_or((path, "")) {
            ("pip/requirements", _) => return None,
            ("pipenv/Pipfile", "lock") => once(text, "{", &format!("{{\"a\": {deep},")),
            ("uv/uv" | "poetry/poetry" | "pylock/pylock" | "uv/pyproject" | "pipenv/Pipfile", _) => {
                format!("a = {deep}\n{text}").into_bytes()
            }
            ("yarn/yarn", _) => {
                (0..1000).flat_map(|depth| format!("{}a:\n", "  ".repeat(depth)).into_bytes()).collect()
            }
            (_, "toml") => once(text, "[package]\n", &format!("a = {deep}\n[package]\n")),
            ("cargo/Cargo", _) => once(text, "version = 4\n", &format!("version = 4\na = {deep}\n")),
            (_, "json") => once(text, "{", &format!("{{\"a\": {deep},")),
            _ => format!("{text}\na: {deep}\n").into_bytes(),
        })
    }),
    ("with a key twice", |path, text| {
        let line = match path {
            "cargo/Cargo.lock" => "version = 4\n",
            "cargo/Cargo.toml" => "ripple = \">=0\"\n",
            "pnpm/pnpm-lock.yaml" => "lockfileVersion: '9.0'\n",
            "pnpm-6/pnpm-lock.yaml" => "lockfileVersion: '6.0'\n",
            "yarn/yarn.lock" => "  version \"2.0.0\"\n",
            "yarn-berry/yarn.lock" => "  version: 8\n",
            "uv/uv.lock" => "version = 1\n",
            "uv/pyproject.toml" => "name = \"alder\"\n",
            "poetry/poetry.lock" => "optional = false\n",
            "pipenv/Pipfile.lock" => "        \"pipfile-spec\": 6,\n",
            "pipenv/Pipfile" => "verify_ssl = true\n",
            "pylock/pylock.toml" => "lock-version = \"1.0\"\n",
            // A line of pip that stands twice says nothing new.
            "pip/requirements.txt" => return None,
            _ => "  \"version\": \"0.1.0\",\n",
        };
        Some(once(text, line, &line.repeat(2)))
    }),
    ("of a version to come", |path, text| {
        let (now, then) = match path {
            "cargo/Cargo.lock" => ("version = 4", "version = 5"),
            "npm-1/package-lock.json" => ("\"lockfileVersion\": 1", "\"lockfileVersion\": 4"),
            "pnpm/pnpm-lock.yaml" => ("'9.0'", "'10.0'"),
            "pnpm-6/pnpm-lock.yaml" => ("'6.0'", "'10.0'"),
            "yarn/yarn.lock" => ("lockfile v1", "lockfile v2"),
            "yarn-berry/yarn.lock" => ("version: 8", "version: 11"),
            "uv/uv.lock" => ("version = 1\n", "version = 2\n"),
            "poetry/poetry.lock" => ("lock-version = \"2.1\"", "lock-version = \"3.0\""),
            "pipenv/Pipfile.lock" => ("\"pipfile-spec\": 6", "\"pipfile-spec\": 7"),
            "pylock/pylock.toml" => ("lock-version = \"1.0\"", "lock-version = \"2.0\""),
            _ if text.contains("lockfileVersion") => ("\"lockfileVersion\": 3", "\"lockfileVersion\": 4"),
            _ => return None,
        };
        Some(once(text, now, then))
    }),
    ("no UTF-8", |_, text| {
        let at = text.find("ripple").unwrap() + 3;
        Some([&text.as_bytes()[..at], b"\xff\xfe\x80", &text.as_bytes()[at..]].concat())
    }),
    ("UTF-16", |_, text| Some(std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect())),
    ("with a zero byte", |_, text| {
        let at = text.rfind("ripple").unwrap() + 3;
        Some([&text.as_bytes()[..at], b"\0", &text.as_bytes()[at..]].concat())
    }),
    ("all zero bytes", |_, _| Some(vec![0; 64])),
    ("empty", |path, _| (!may_be_empty(path)).then(Vec::new)),
    ("blank", |path, _| (!may_be_empty(path)).then(|| b"\n\n".to_vec())),
    ("only a byte order mark", |path, _| (!may_be_empty(path)).then(|| "\u{feff}".into())),
];

/// Whether nothing is a sound text for a file: one that asks for nothing.
fn may_be_empty(path: &str) -> bool {
    ["requirements.txt", "pyproject.toml", "Pipfile"].iter().any(|name| path.ends_with(name))
}

#[test]
fn a_file_with_broken_contents_is_named_with_its_place_and_the_others_are_judged() {
    let sandbox = repository();
    let mut kept = String::new();
    for (what, fault) in FAULTS {
        kept.push_str(&format!("{what}\n"));
        for (path, sound) in files() {
            let Some(broken) = fault(&path, &sound) else { continue };
            sandbox.write(&path, broken);
            for line in said(&sandbox, &format!("{what}: {path}")) {
                kept.push_str(&format!("  {line}\n"));
            }
            sandbox.write(&path, sound);
        }
    }
    compare_with_file(&project().join("tests/snapshots/bad-input.txt"), &kept);
}

/// What may stand in the place of a file.
type Put = fn(&Sandbox, &str);

#[test]
fn what_is_no_file_or_too_large_is_named_and_the_others_are_judged() {
    let odd: [(&str, Put, &[&str]); 8] = [
        (
            "too large",
            |sandbox, path| File::create(sandbox.join(path)).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap(),
            &["PATH: expected a file of at most 64 MiB, found more than 64 MiB (too-large)"],
        ),
        (
            "a folder",
            |sandbox, path| sandbox.write(format!("{path}/inside"), ""),
            &["PATH: expected a regular file, found a folder (not-regular)"],
        ),
        (
            "a FIFO",
            |sandbox, path| mknodat(CWD, sandbox.join(path), FileType::Fifo, Mode::RWXU, 0).unwrap(),
            &["PATH: expected a regular file, found a FIFO (not-regular)"],
        ),
        (
            "a link to nothing",
            |sandbox, path| sandbox.link(path, "nothing"),
            &["PATH: expected a regular file, found a link to nothing, `nothing` (misdirected)"],
        ),
        (
            "a link to itself",
            |sandbox, path| sandbox.link(path, path.rsplit_once('/').unwrap().1),
            &[
                "PATH: expected a link that leads somewhere, found a circle through `NAME` (misdirected)",
                "PATH: expected a regular file, found a link in a circle, `NAME` (misdirected)",
            ],
        ),
        (
            "a link to a folder",
            |sandbox, path| sandbox.link(path, "../beside"),
            &["PATH: expected a regular file, found a link to `../beside`, which is none (not-regular)"],
        ),
        (
            "a link into git's folder",
            |sandbox, path| sandbox.link(path, "../.git/config"),
            &["PATH: expected a regular file, found a link out of the tree, `../.git/config` (misdirected)"],
        ),
        (
            "a link out of the tree",
            |sandbox, path| sandbox.link(path, "/etc/passwd"),
            &["PATH: expected a regular file, found a link out of the tree, `/etc/passwd` (misdirected)"],
        ),
    ];
    let sandbox = repository();
    for (path, sound) in files() {
        for (what, put, expected) in odd {
            sandbox.remove(&path);
            put(&sandbox, &path);
            let name = path.rsplit_once('/').unwrap().1;
            let expected: Vec<String> =
                expected.iter().map(|line| line.replace("PATH", &path).replace("NAME", name)).collect();
            let leads_out = what.contains("out of") || what.contains("git's");
            if leads_out {
                // That is a violation of its own.
                let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
                let mut both = vec![
                    "change/same-version-new-digest beside/Cargo.lock".to_owned(),
                    format!("source/symlink-escape {path}"),
                ];
                both.sort_by_key(|line| line.rsplit_once(' ').unwrap().1.to_owned());
                assert_eq!((run.code, violated(&run)), (1, both), "{what}: {}", run.whole());
                assert_eq!(undetermined(&run).into_iter().collect::<Vec<_>>(), expected, "{what}");
                assert!(!run.whole().contains("root:"), "{what}: {}", run.whole());
            } else {
                assert_eq!(said(&sandbox, &format!("{what}: {path}")), expected, "{what}");
            }
            if what == "a folder" {
                fs::remove_dir_all(sandbox.join(&path)).unwrap();
            }
            drop(fs::remove_file(sandbox.join(&path)));
            sandbox.write(&path, &sound);
        }
    }
}

#[test]
fn a_lock_file_without_its_end_is_never_taken_for_a_whole_one() {
    let sandbox = Sandbox::repository();
    for format in &FORMATS {
        format.lay(&sandbox, &packages());
    }
    sandbox.commit("whole");
    for format in &FORMATS {
        let sound = format.lock(&packages());
        // From the first package that is asked for: what stands before is a project that needs nothing.
        let from = sound.find("ripple").unwrap();
        let ends = sound.match_indices('\n').map(|(at, _)| at + 1).filter(|end| *end > from && *end < sound.len());
        for end in ends.collect::<Vec<_>>() {
            sandbox.write(format.path(), &sound[..end]);
            let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
            // The last lines of an entry of berry, and of one of pnpm 8, say nothing that counts.
            let is_rest = |line: &str| {
                ["  languageName:", "  linkType:", "    dev: false"].iter().any(|start| line.starts_with(start))
            };
            // Nothing in a file of pip says what else should stand in it.
            let is_shorter_list = format.name == "pip" && !sound[end..].starts_with(' ');
            let is_whole = is_shorter_list || sound[end..].lines().all(is_rest);
            // Some ends leave a sound file that only lacks what the manifest asks for, which is a warning: where an
            // entry of yarn 1 ends, and where one of cargo is still one of the project's own.
            let is_only_short = match format.name {
                "yarn" => sound[end..].trim_start_matches('\n').starts_with('"'),
                "cargo" => sound[end..].starts_with("source") && !sound[end..].contains("[[package]]"),
                "pylock" => sound[end..].trim_start_matches('\n').starts_with("[[packages]]"),
                _ => false,
            };
            let is_quiet = is_whole || is_only_short;
            let what = format!("{}: {end} of {} bytes: {}", format.name, sound.len(), run.whole());
            assert_eq!(run.code, i32::from(!is_quiet), "{what}");
            assert_eq!(
                run.stdout.contains("\"state\": \"fail\"") || !undetermined(&run).is_empty(),
                !is_whole,
                "{what}"
            );
        }
        sandbox.write(format.path(), sound);
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_are_read_as_the_tools_do() {
    let sandbox = Sandbox::repository();
    for format in &FORMATS {
        format.lay(&sandbox, &packages());
    }
    sandbox.commit("plain");
    let as_windows = |text: &str| text.replace('\n', "\r\n");
    let marked = |text: &str| format!("\u{feff}{text}");
    let mut forged = packages();
    forged[1].digest = 0xee;
    for (what, written) in [
        ("CRLF", &as_windows as &dyn Fn(&str) -> String),
        ("a byte order mark", &marked),
        ("both", &|text| marked(&as_windows(text))),
    ] {
        for (path, sound) in files() {
            sandbox.write(&path, written(&sound));
        }
        let run = sandbox.portcullis(["changes", "--format", "json"]);
        let listed: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(
            (&listed["changes"], &listed["gaps"]),
            (&Value::from(Vec::<Value>::new()), &Value::from(Vec::<Value>::new())),
            "{what}"
        );
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
        assert_eq!((run.code, undetermined(&run), violated(&run)), (0, BTreeSet::new(), Vec::new()), "{what}");
        for format in &FORMATS {
            let text = format.lock(&forged);
            sandbox.write(format.path(), written(&text));
            let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
            assert_eq!(
                (run.code, violated(&run)),
                (1, vec![format!("change/same-version-new-digest {}", format.path())]),
                "{what}"
            );
            let report = run.report();
            let finding = report["findings"].as_array().unwrap().iter().find(|it| it["state"] == "fail").unwrap();
            let digest = format.digest(&forged[1]);
            let bare = digest.trim_start_matches("sha256:").trim_start_matches("sha512:");
            let line = text.lines().position(|line| line.contains(bare)).unwrap() + 1;
            assert_eq!(finding["location"]["line"], line, "{what}: {}", format.name);
            sandbox.write(format.path(), written(&format.lock(&packages())));
        }
    }
}

#[test]
fn both_documents_of_pnpm_11_are_read() {
    let pnpm = &FORMATS[4];
    let own = |digest: u8| {
        let text = pnpm.lock(&[package("pnpm", "11.0.0", digest)]);
        text.replace("    dependencies:\n", "    configDependencies: {}\n    packageManagerDependencies:\n")
    };
    let both = |own_digest: u8, digest: u8| {
        let mut packages = packages();
        packages[1].digest = digest;
        format!("---\n{}\n---\n{}", own(own_digest), pnpm.lock(&packages))
    };
    let sandbox = Sandbox::repository();
    pnpm.lay(&sandbox, &packages());
    sandbox.write(pnpm.path(), both(0x11, 0xbb));
    sandbox.commit("both");
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!((run.code, undetermined(&run)), (0, BTreeSet::new()), "{}", run.whole());
    assert_eq!(run.report()["summary"]["components"], 3);
    for (own_digest, digest, name) in [(0x12, 0xbb, "pnpm 11.0.0"), (0x11, 0xbc, "weir 2.0.0")] {
        sandbox.write(pnpm.path(), both(own_digest, digest).replace('\n', "\r\n"));
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
        assert_eq!(run.code, 1, "{}", run.whole());
        let message = format!("`{name}` has new contents under the same version");
        let report = run.report();
        let failed: Vec<&Value> =
            report["findings"].as_array().unwrap().iter().filter(|it| it["state"] == "fail").collect();
        assert_eq!(failed.iter().map(|it| text(&it["message"])).collect::<Vec<_>>(), [message]);
    }
    // The second document is not taken for the whole file, nor the first.
    for (cut, expected) in [
        (
            format!("{}\n---\n{}", own(0x11), pnpm.lock(&packages())),
            "one document, or two of which the first begins with `---` on the first line",
        ),
        (
            both(0x11, 0xbb) + "---\nlockfileVersion: '9.0'\n",
            "one document, or two of which the first begins with `---` on the first line",
        ),
        ("---\n---\n".to_owned(), "a lock file"),
    ] {
        sandbox.write(pnpm.path(), cut);
        let run = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]);
        let report = run.report();
        let gap = report["findings"].as_array().unwrap().iter().find(|it| it["state"] == "not-determined").unwrap();
        assert_eq!((run.code, text(&gap["evidence"]["expected"])), (1, expected));
    }
}

#[test]
fn a_file_full_of_faults_does_not_fill_the_report() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.lock", format!("version = 4\n{}", "[[package]]\n".repeat(20_000)));
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    let said: Vec<String> = undetermined(&run).into_iter().collect();
    assert_eq!((run.code, said.len()), (1, 101));
    assert!(said.contains(&"Cargo.lock:2:1: expected a package with `name`, found one without (malformed)".to_owned()));
    assert!(said.contains(&"Cargo.lock:102:1: expected at most 100 faults, found 19900 more (malformed)".to_owned()));
    assert!(run.stdout.len() < 4 << 20, "{} bytes", run.stdout.len());
    // Nor does one long line.
    sandbox.write("Cargo.lock", FORMATS[0].lock(&packages()).replace("eeee", ""));
    sandbox.write("yarn.lock", format!("# yarn lockfile v1\n\"{}", "long".repeat(1 << 20)));
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    assert_eq!((run.code, undetermined(&run).len()), (1, 1));
    assert!(run.stdout.len() < 1 << 20, "{} bytes", run.stdout.len());
}

#[test]
fn outside_of_git_nothing_that_waits_for_a_writer_is_opened() {
    let sandbox = Sandbox::new();
    FORMATS[0].lay(&sandbox, &packages());
    for name in ["package.json", "yarn.lock", ".gitignore", ".ignore"] {
        mknodat(CWD, sandbox.join(name), FileType::Fifo, Mode::RWXU, 0).unwrap();
    }
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    let expected = ["package.json", "yarn.lock"]
        .map(|path| format!("{path}: expected a regular file, found a FIFO (not-regular)"));
    assert_eq!((run.code, undetermined(&run)), (1, expected.into_iter().collect()), "{}", run.whole());
    assert_eq!(run.report()["summary"]["components"], 3, "the project beside them is read");
}

#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    FORMATS[0].lay(&sandbox, &packages());
    sandbox.write("yarn.lock", "");
    fs::set_permissions(sandbox.join("yarn.lock"), fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(sandbox.join("yarn.lock")).is_ok() {
        return skip(Path::new("a user who is not root"), "a file without permission");
    }
    let run = sandbox.portcullis(["gate", "--format", "json"]);
    let expected = "yarn.lock: expected a readable regular file, found no permission (denied)";
    assert_eq!((run.code, undetermined(&run)), (1, [expected.to_owned()].into()), "{}", run.whole());
}

/// A name that would do something to a terminal, as JSON, TOML and YAML write it in double quotes.
const HOSTILE: &str = r"weir\u001b[31m\u202e\u009b2J\u2028\u0007";

/// What becomes of it in a report.
const INERT: &str = r"weir\x1b[31m\u{202e}\u{9b}2J\u{2028}\x07";

/// Writes the hostile name in place of the second package's; a key without quotes gets them, since it has no escapes.
fn hostile(text: &str) -> String {
    let quoted = |line: &str| {
        let (indent, key) = line.split_at(line.len() - line.trim_start().len());
        let end = key.find([':', ' ']).filter(|_| key.starts_with("weir") || key.starts_with("/weir"))?;
        Some(format!("{indent}\"{}\"{}", &key[..end], &key[end..]))
    };
    let lines = text.lines().map(|line| quoted(line).unwrap_or_else(|| line.to_owned()) + "\n");
    lines.collect::<String>().replace("weir", HOSTILE)
}

/// Makes sure that nothing of a text does anything where it is shown.
#[track_caller]
fn inert(what: &str, text: &str) {
    let odd = |c: &char| (c.is_control() && *c != '\n') || portcullis::text::is_unseen(*c);
    assert_eq!(text.chars().filter(odd).collect::<Vec<_>>(), Vec::<char>::new(), "{what}: {text:?}");
}

/// Makes sure of the same for every text of a document, once its own escapes are undone.
#[track_caller]
fn inert_inside(what: &str, document: &Value) {
    match document {
        Value::String(text) => inert(what, text),
        Value::Array(items) => items.iter().for_each(|item| inert_inside(what, item)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            inert(what, key);
            inert_inside(what, value);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn what_names_would_do_to_a_terminal_never_comes_out() {
    for format in &FORMATS {
        let sandbox = Sandbox::repository();
        format.lay(&sandbox, &packages());
        sandbox.write("plain/package.json", "{}");
        sandbox.commit("honest");
        // Once more below a folder of such a name, and once cut off within the name.
        let folder = Path::new("\u{1b}]0;x\u{7}\u{202e}");
        let lock = hostile(&format.lock(&packages()));
        for place in [Path::new(format.name), folder] {
            sandbox.write(place.join(format.manifest), hostile(&format.manifest(&packages())));
            sandbox.write(place.join(format.file), &lock);
        }
        sandbox.write(Path::new("cut").join(format.file), lock.rsplit_once("\\u0007").unwrap().0);
        sandbox.commit("hostile");
        // What lists changes shows the name.
        for (arguments, is_list) in [
            (&["gate"][..], false),
            (&["gate", "--base", "HEAD~1"], true),
            (&["gate", "--base", "HEAD~1", "--format", "json"], false),
            (&["changes", "HEAD~1"], true),
            (&["changes", "HEAD~1..HEAD", "--format", "json"], true),
            (&["sbom", "generate"], false),
            (&["policy", "init", "--print"], false),
        ] {
            let what = format!("{}: {arguments:?}", format.name);
            let run = sandbox.portcullis(arguments.iter().copied());
            assert!(run.code == 0 || run.code == 1, "{what}: {}", run.whole());
            inert(&what, &run.stdout);
            inert(&what, &run.stderr);
            let mut shown = INERT.to_owned();
            if arguments.contains(&"json") {
                inert_inside(&what, &serde_json::from_str(&run.stdout).unwrap());
                shown = shown.replace('\\', "\\\\");
            }
            // A file of pip has no escapes, by which such a name could stand there.
            let is_list = is_list && format.name != "pip";
            assert!(!is_list || run.stdout.contains(&shown), "{what}: {}", run.whole());
        }
    }
}

#[test]
fn what_the_command_line_names_and_cannot_be_read_is_one_clear_message() {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "-q", "-b", "main", "repository"]);
    FORMATS[0].lay(&sandbox, &packages());
    sandbox.write("plain/file", "no policy, no snapshot");
    sandbox.write("plain/policy.toml", "[rules\n");
    let folder = sandbox.join("repository");
    std::os::unix::fs::symlink("../cargo/Cargo.lock", folder.join("Cargo.lock")).unwrap();
    for arguments in [&["add", "-A"][..], &["commit", "-q", "-m", "first"]] {
        let mut git = std::process::Command::new("git");
        git.args(arguments);
        assert_eq!(sandbox.run(git, &folder).code, 0);
    }
    let no_commit =
        |name: &str| format!("error: revision `{name}`: expected a commit of this repository, found none\n");
    let told: [(&[&str], String); 21] = [
        (&["gate", "--base", "nowhere"], no_commit("nowhere")),
        (&["gate", "--base", "HEAD~7"], no_commit("HEAD~7")),
        (&["gate", "--base", "HEAD^{tree}"], no_commit("HEAD^{tree}")),
        (&["gate", "--base", ""], no_commit("")),
        (&["gate", "--base", "a\u{1b}[31m"], no_commit("a\\x1b[31m")),
        (&["gate", "--base", "HEAD", "--head", "nowhere"], no_commit("nowhere")),
        (&["gate", "--head", "nowhere"], no_commit("nowhere")),
        (&["changes", "nowhere"], no_commit("nowhere")),
        (&["changes", "HEAD..nowhere"], no_commit("nowhere")),
        (&["changes", "nowhere...HEAD"], no_commit("nowhere")),
        (&["sbom", "generate", "--head", "nowhere"], no_commit("nowhere")),
        (&["gate", "nowhere"], "error: nowhere: expected a directory, found no file or folder\n".to_owned()),
        (&["gate", "Cargo.lock"], "error: Cargo.lock: expected a directory, found a file\n".to_owned()),
        (&["sbom", "generate", "Cargo.lock"], "error: Cargo.lock: expected a directory, a tarball or an image, found something else\n".to_owned()),
        (&["gate", "../plain", "--base", "HEAD"], "error: ../plain: expected a git repository for --base, found none\n".to_owned()),
        (&["gate", "../plain", "--staged"], "error: ../plain: expected a git repository for --staged, found none\n".to_owned()),
        (&["gate", "../plain", "--head", "HEAD"], "error: ../plain: expected a git repository for --head, found none\n".to_owned()),
        (&["gate", "--policy", "nowhere.toml"], "error: nowhere.toml: expected a policy file, found no file or folder\nhint: the built-in policies are recommended, strict\n".to_owned()),
        (&["gate", "--baseline", "nowhere.json"], "error: nowhere.json: expected a readable file, found no file or folder\n".to_owned()),
        (&["gate", "--at", "soon"], "error: --at: expected a date or a time such as 2026-11-25T12:00:00Z, found `soon`\nhint: a time needs an offset: `Z`, or `+02:00`\n".to_owned()),
        (&["sbom", "generate", "-o", "cyclonedx-json=nowhere/bom.json"], "error: nowhere/bom.json: expected a file that can be written, found no file or folder\n".to_owned()),
    ];
    for (arguments, expected) in told {
        let run = sandbox.portcullis_in(&folder, arguments.iter().copied());
        assert_eq!((run.code, run.stdout.as_str(), run.stderr), (2, "", expected), "{arguments:?}");
    }
    // Of these only the beginning is the same whatever else is said.
    for (arguments, named) in [
        (&["gate", "--repo", "../plain"][..], "plain"),
        (&["gate", "--repo", "../plain/file"], "plain/file"),
        (&["changes", "--repo", "../nowhere"], "nowhere"),
        (&["gate", "--policy", "../plain/file"], "file:1:"),
        (&["gate", "--policy", "../plain/policy.toml"], "policy.toml:1:"),
        (&["gate", "--policy", ".."], "..: expected a policy file, found "),
        (&["gate", "--policy", "builtin:nothing"], "builtin:nothing"),
        (&["gate", "--baseline", "../plain/file"], "../plain/file:1:2: expected a snapshot"),
        (&["gate", "--baseline", ".."], "..: expected a readable file"),
        (&["gate", "--format", "xml"], "xml"),
        (&["gate", "--accept-policy", "x"], "--accept-policy"),
        (&["changes", "--format", "xml"], "xml"),
        (&["changes", "--staged", "HEAD"], "--staged"),
        (&["sbom", "generate", "-o", "xml"], "xml"),
        (&["gate", "--stagd"], "--stagd"),
        (&["judge"], "judge"),
    ] {
        let run = sandbox.portcullis_in(&folder, arguments.iter().copied());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.whole());
        let first = run.stderr.lines().next().unwrap();
        assert!(first.starts_with("error: ") && first.contains(named), "{arguments:?}: {}", run.whole());
        assert_eq!(run.stderr.matches("error:").count(), 1, "{arguments:?}: {}", run.whole());
    }
    // An empty repository and an empty folder hold nothing to be judged, which is no pass.
    sandbox.git(["init", "-q", "empty"]);
    fs::create_dir(sandbox.join("hollow")).unwrap();
    for folder in ["empty", "hollow"] {
        let run = sandbox.portcullis(["gate", folder]);
        let expected = format!("error: {folder}: expected a tree with files in it, found an empty one\n");
        assert_eq!((run.code, run.stderr), (2, expected));
    }
}
