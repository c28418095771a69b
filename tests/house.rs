//! What the documents promise of the tree, read against the tree.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = project().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path, extension: &str, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files(&path, extension, out);
        } else if path.extension().is_some_and(|found| found == extension) {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(&project().join("src"), "rs", &mut paths);
    paths.into_iter().map(|path| (path.strip_prefix(project()).unwrap().to_owned(), read(&path))).collect()
}

/// The module a source file belongs to: the first part of its path below `src`.
fn module(path: &Path) -> String {
    let first = path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

fn floors() -> BTreeMap<String, u32> {
    let mut floors = BTreeMap::new();
    for line in read("ARCHITECTURE.md").lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let (Ok(floor), Some(modules)) = (cells[0].parse(), cells.get(1)) {
            for module in modules.split(',') {
                floors.insert(module.trim().trim_matches('`').to_owned(), floor);
            }
        }
    }
    floors
}

/// The modules that a source imports or names: `use crate::x`, `crate::x::`, and the members of `use crate::{…}`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let list = rest
            .strip_prefix('{')
            .map_or(rest.split([':', ';', ' ', '(', ')', ',', '>', '<', '}', '!']).next().unwrap(), |list| {
                list.split('}').next().unwrap()
            });
        out.extend(list.split(',').map(|name| name.trim().split("::").next().unwrap().to_owned()));
    }
    out
}

#[test]
fn modules_import_downwards_only() {
    let floors = floors();
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let from = module(&path);
        if from == "lib" {
            continue;
        }
        let Some(floor) = floors.get(&from) else {
            faults.push(format!("{from} stands on no floor in ARCHITECTURE.md"));
            continue;
        };
        // Tests may look at anything.
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for to in imports(text) {
            match floors.get(&to) {
                Some(below) if below < floor || to == from => {}
                Some(_) => faults.push(format!("{}: imports {to}, which is not below {from}", path.display())),
                // A macro, or a name that is no module.
                None => {}
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn siblings_do_not_know_each_other() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap()).collect();
        let (folder, own) = match parts.as_slice() {
            ["src", "ecosystem", own, ..] => ("ecosystem", own.trim_end_matches(".rs")),
            ["src", "report", own] => ("report", own.trim_end_matches(".rs")),
            ["src", "rule", domain, _] => ("rule", *domain),
            _ => continue,
        };
        for sibling in fs::read_dir(project().join("src").join(folder)).unwrap() {
            let name = sibling.unwrap().file_name().into_string().unwrap();
            let name = name.trim_end_matches(".rs");
            if name != own
                && !["mod", "tests", "answer", "judge", "schema", "cases", "installed"].contains(&name)
                && !["mod", "tests", "installed"].contains(&own)
            {
                for needle in [format!("crate::{folder}::{name}::"), format!("super::{name}::")] {
                    if text.contains(&needle) {
                        faults.push(format!("{}: {needle}", path.display()));
                    }
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_source_opens_with_a_sentence() {
    let mut faults = Vec::new();
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches", "examples", "fuzz/fuzz_targets"] {
        if project().join(folder).is_dir() {
            files(&project().join(folder), "rs", &mut paths);
        }
    }
    for path in paths {
        if !fs::read_to_string(&path).unwrap().starts_with("//! ") {
            faults.push(path.display().to_string());
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_map_mirrors_the_tree() {
    let map = read("ARCHITECTURE.md");
    for entry in fs::read_dir(project().join("src")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let shown = if entry.path().is_dir() { format!("`src/{name}/`") } else { format!("`src/{name}`") };
        assert!(name == "lib.rs" || map.contains(&shown), "ARCHITECTURE.md does not name {shown}");
    }
}

#[test]
fn the_paths_that_documents_name_exist() {
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"] {
        for quoted in read(document).split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "policies/", "examples/", "docs/", "fuzz/", "benches/", ".ci/"]
                .iter()
                .any(|top| quoted.starts_with(top));
            if is_path && !quoted.contains(['<', '*', ' ']) {
                let path = quoted.trim_end_matches('/');
                assert!(project().join(path).exists(), "{document} names {quoted}, which is not there");
            }
        }
    }
}

#[test]
fn no_captured_name_goes_around_the_neutralisation() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        for (at, _) in text.match_indices("text!(") {
            let Some(literal) = text[at + 6..].trim_start().strip_prefix('"') else { continue };
            let literal: String = literal.split("\",").next().unwrap().split("\")").next().unwrap().to_owned();
            let mut rest = literal.replace("{{", "").replace("}}", "");
            while let Some((_, after)) = rest.clone().split_once('{') {
                if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    faults.push(format!("{}: {literal}", path.display()));
                }
                rest = after.to_owned();
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn registries_are_in_order() {
    let ids: Vec<&str> = portcullis::rule::rules().map(|rule| rule.id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert!(portcullis::ecosystem::FORMATS.iter().map(|format| format.id).is_sorted());
    assert!(portcullis::ecosystem::installed::RECORDS.iter().map(|record| record.id).is_sorted());
    assert!(portcullis::report::FORMATS.iter().map(|format| format.id).is_sorted());
    assert!(portcullis::sbom::FORMATS.iter().map(|format| format.id).is_sorted());
    assert!(portcullis::policy::SECTIONS.iter().map(|section| section.key).is_sorted());
    assert!(portcullis::policy::BUILTIN.iter().map(|builtin| builtin.name).is_sorted());
}

#[test]
fn rules_are_well_formed() {
    let mut seen = BTreeSet::new();
    for rule in portcullis::rule::rules() {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        let (domain, name) = rule.id.split_once('/').unwrap();
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{}",
            rule.id
        );
        let file = format!("src/rule/{domain}/{}.rs", name.replace('-', "_"));
        assert!(project().join(&file).is_file(), "{} has no {file}", rule.id);
        for line in [rule.summary, rule.why, rule.help] {
            assert!(!line.is_empty() && !line.ends_with('.') && !line.contains('\n'), "{}: {line}", rule.id);
        }
        assert!(rule.summary.starts_with(|c: char| c.is_lowercase()), "{}", rule.id);
        assert!(!rule.references.is_empty(), "{} refers to nothing", rule.id);
    }
}

#[test]
fn the_recommended_policy_names_every_rule_with_its_level() {
    let policy: toml::Table = read("policies/recommended.toml").parse().unwrap();
    let rules = policy["rules"].as_table().unwrap();
    for rule in portcullis::rule::rules() {
        let setting = rules.get(rule.id);
        // The level of the state in which the answer is not known may be another.
        let level = setting.and_then(|setting| setting.get("level")).or(setting);
        assert_eq!(level.and_then(toml::Value::as_str), Some(rule.level.word()), "{}", rule.id);
    }
    assert_eq!(rules.len(), portcullis::rule::rules().count());
}

#[test]
fn no_registry_host_and_no_path_of_a_machine_is_committed() {
    // Written apart, so that this file does not name them either.
    let hosts = [
        ["crates", ".io"],
        ["npmjs", ".org"],
        ["npmjs", ".com"],
        ["yarnpkg", ".com"],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["rubygems", ".org"],
        ["proxy.golang", ".org"],
        ["repo.maven", ".apache.org"],
        ["api.nuget", ".org"],
    ]
    .map(|[a, b]| format!("{a}{b}"));
    let paths = ["/work", "/root"].map(|folder| format!("{folder}/"));
    let mut all = Vec::new();
    for extension in ["rs", "md", "toml", "json", "yaml", "yml", "py", "sh", "lock", "txt", "snap"] {
        for entry in fs::read_dir(project()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "target" && name != ".git" {
                files(&path, extension, &mut all);
            } else if path.extension().is_some_and(|found| found == extension) && name != "Cargo.lock" {
                all.push(path);
            }
        }
    }
    let mut faults = Vec::new();
    // What cargo wrote for the fuzz targets names their registry, as the project's own lock file does.
    all.retain(|path| !path.ends_with("fuzz/Cargo.lock"));
    for path in all.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "target")) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        for needle in hosts.iter().chain(&paths) {
            if text.contains(needle.as_str()) {
                faults.push(format!("{}: {needle}", path.display()));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}
