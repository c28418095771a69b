//! What every format has in common.

use super::*;
use crate::ecosystem::installed::{Opened, Packages, Reader, Record};

fn facts(name: &str, text: &str) -> Facts {
    let path = TreePath::new(name.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, text.as_bytes())
}

/// Reads a file in which some bytes were replaced, which must do no more than leave gaps.
pub(super) fn read_damaged(name: &str, text: String, at: usize, removed: usize, inserted: &str) {
    let mut bytes = text.into_bytes();
    let at = at.min(bytes.len());
    let end = (at + removed).min(bytes.len());
    bytes.splice(at..end, inserted.bytes());
    let path = TreePath::new(name.as_bytes()).unwrap();
    let _facts = read(format_of(&path).unwrap(), &path, &bytes);
}

/// Reads a file of a record of installed packages, beside which no other stands.
#[track_caller]
pub(super) fn read_installed(record: &Record, path: &str, bytes: &[u8]) -> Packages {
    let path = TreePath::new(path.as_bytes()).unwrap();
    let mut packages = Packages::default();
    match record.read {
        Reader::Text(read) => {
            let text = String::from_utf8_lossy(bytes);
            let places = Places::new(&path, &text);
            if let Err(Unread { reason, fault }) =
                read(&File { path: &path, text: &text, places: &places }, &mut packages)
            {
                packages.gaps.push(places.gap(FactKind::Component, reason, fault));
            }
        }
        Reader::Random(read) => {
            let size = bytes.len().try_into().unwrap();
            let mut contents = std::io::Cursor::new(bytes);
            let mut opened = Opened { path: &path, size, contents: &mut contents, beside: &|_| Ok(None) };
            if let Err(damage) = read(&mut opened, &mut packages) {
                packages.gap(&path, damage);
            }
        }
    }
    packages
}

/// Returns what was read as lines: each package with what is known of it, then the gaps.
pub(super) fn told(packages: &Packages) -> Vec<String> {
    let names = |places: &[usize]| places.iter().map(|at| &*packages.packages[*at].name).collect::<Vec<_>>().join(" ");
    let mut lines = Vec::new();
    for package in &packages.packages {
        let mut line = format!("{} {}", package.name, package.version.as_deref().unwrap_or("-"));
        let mut say = |what: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                line.push_str(&format!("; {what} {value}"));
            }
        };
        say("license", package.license.as_deref().map(str::to_owned));
        say("maintainer", package.installed.maintainer.as_deref().map(str::to_owned));
        say("vendor", package.installed.vendor.as_deref().map(str::to_owned));
        say("provides", Some(package.provides.join(" ")));
        say("needs", Some(package.needs.iter().map(|names| names.join("|")).collect::<Vec<_>>().join(" ")));
        say("holds", Some(names(&package.needs_at)));
        say("digest", package.digests.first().map(ToString::to_string));
        lines.push(line);
    }
    lines.extend(packages.gaps.iter().map(|gap| {
        let line = gap.location.position.map_or(String::new(), |at| format!(":{}", at.line));
        format!("gap{line} {:?}: expected {}, found {}", gap.reason, gap.expected, gap.found)
    }));
    lines
}

#[test]
fn a_cargo_lock_is_read() {
    let text = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://cargo.example/index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
    let facts = facts("Cargo.lock", text);
    assert_eq!(facts.gaps, []);
    let inventory = &facts.inventories[0];
    assert_eq!(
        inventory.components.iter().map(|c| &*c.purl).collect::<Vec<_>>(),
        ["pkg:cargo/a@0.1.0", "pkg:cargo/b@1.0.0"]
    );
    assert_eq!(inventory.components[0].needs, [1]);
    assert_eq!(inventory.components[1].digest_at.unwrap().position.line, 14);
}

#[test]
fn manifests_say_where_the_project_is_developed() {
    let check = |name: &str, text: &str, expected: Option<&str>| {
        let facts = facts(name, text);
        let found = facts.manifests[0].repository.as_ref().map(|url| url.place().as_str().to_owned());
        assert_eq!(found.as_deref(), expected, "{text}");
    };
    let meter = Some("git.example/acme/meter");
    let url = "https://git.example/acme/meter.git";
    check("Cargo.toml", &format!("[package]\nname = \"meter\"\nrepository = \"{url}\"\n"), meter);
    check("Cargo.toml", "[package]\nname = \"meter\"\nrepository.workspace = true\n", None);
    check("Cargo.toml", &format!("[workspace]\n[workspace.package]\nrepository = \"{url}\"\n"), meter);
    check("package.json", &format!("{{\"repository\": {{\"type\": \"git\", \"url\": \"git+{url}\"}}}}"), meter);
    check("package.json", &format!("{{\"repository\": \"{url}\"}}"), meter);
    check("package.json", "{\"repository\": \"acme/meter\"}", Some("github.com/acme/meter"));
    check("package.json", "{\"repository\": [1]}", None);
    for label in ["Repository", "source", "\"Source Code\"", "GitHub"] {
        check(
            "pyproject.toml",
            &format!("[project]\nname = \"meter\"\n[project.urls]\nHomepage = \"https://a\"\n{label} = \"{url}\"\n"),
            meter,
        );
    }
    check("pyproject.toml", &format!("[project]\n[project.urls]\nHomepage = \"{url}\"\n"), None);
    check("pyproject.toml", "[project]\nurls = 1\n", None);
    check("pyproject.toml", &format!("[tool.poetry]\nname = \"meter\"\nrepository = \"{url}\"\n"), meter);
}
