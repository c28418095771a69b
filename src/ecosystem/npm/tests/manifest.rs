//! `package.json`.

use super::{facts, gaps, source};
use crate::component::{Manifest, Requirement};

/// A manifest with all that is read.
pub(super) const FULL: &str = r#"{
  "name": "shop",
  "version": "1.4.0",
  "license": "MIT",
  "workspaces": { "packages": ["packages/*", "!packages/old"], "nohoist": ["**"] },
  "scripts": { "prepare": "husky", "test": "node --test", "install": "node-gyp rebuild", "postinstall": "node x.js", "preinstall": "" },
  "dependencies": {
    "ms": "^2.1.3",
    "color": "npm:@acme/chalk@^1.0.0",
    "wire": "github:acme/wire#v1.0.0",
    "fsevents": "^1.0.0"
  },
  "devDependencies": { "local": "file:packages/local", "tar": "https://files.example/tar.tgz" },
  "optionalDependencies": { "fsevents": "^2.0.0" },
  "peerDependencies": { "react": "*", "member": "workspace:^" },
  "overrides": {
    "debug": "4.4.1",
    "color": "$color",
    "a@^1": { ".": "1.2.3", "b": "2.0.0", "@s/c@2": { "d": "git+https://git.example/d.git" } }
  },
  "resolutions": {
    "x": "1", "**/y": "1", "p/**/@s/z": "1", "@s/p/q@npm:^1": "npm:real@2", "a@1/b@2": "3"
  },
  "pnpm": { "overrides": { "foo": "1", "foo@^2": "2", "a>b": "-", "a@>=1 <2>@s/b@>=2": "link:../b" } },
  "main": 1,
  "files": false
}"#;

fn read(text: &str) -> Manifest {
    let mut facts = facts("npm-manifest", "web/package.json", text);
    assert_eq!(gaps(&facts), [""; 0]);
    facts.manifests.remove(0)
}

fn lines(requirements: &[Requirement]) -> Vec<String> {
    let line = |asked: &Requirement| {
        let package = if asked.package == asked.name { String::new() } else { format!(" ({})", asked.package) };
        let specifier = asked.specifier.as_deref().unwrap();
        let line = asked.place.position.unwrap().line;
        format!("{line}: {}{package} {specifier} {:?}, {}", asked.name, asked.scope, source(&asked.source))
    };
    requirements.iter().map(line).collect()
}

#[test]
fn a_manifest_is_read() {
    let manifest = read(FULL);
    assert_eq!((manifest.name.as_deref(), manifest.version.as_deref()), (Some("shop"), Some("1.4.0")));
    assert_eq!((manifest.license.as_deref(), manifest.workspace_root), (Some("MIT"), true));
    assert_eq!(manifest.place.position.unwrap().line, 2);
    assert_eq!(manifest.members, ["packages/*".into(), "!packages/old".into()]);
    assert_eq!(
        lines(&manifest.requirements),
        [
            "8: ms ^2.1.3 Runtime, registry",
            "9: color (@acme/chalk) npm:@acme/chalk@^1.0.0 Runtime, registry",
            "10: wire github:acme/wire#v1.0.0 Runtime, git github.com/acme/wire Tag(\"v1.0.0\")",
            "13: local file:packages/local Dev, path packages/local",
            "13: tar https://files.example/tar.tgz Dev, archive https://files.example/tar.tgz",
            "14: fsevents ^2.0.0 Optional, registry",
            "15: react * Peer, registry",
            "15: member workspace:^ Peer, member",
        ]
    );
}

#[test]
fn replacements_of_all_three_are_read() {
    assert_eq!(
        lines(&read(FULL).replacements),
        [
            "17: debug 4.4.1 Runtime, registry",
            "18: color (@acme/chalk) $color Runtime, registry",
            "19: a 1.2.3 Runtime, registry",
            "19: b 2.0.0 Runtime, registry",
            "19: d git+https://git.example/d.git Runtime, git git.example/d Default",
            "22: x 1 Runtime, registry",
            "22: y 1 Runtime, registry",
            "22: @s/z 1 Runtime, registry",
            "22: q (real) npm:real@2 Runtime, registry",
            "22: b 3 Runtime, registry",
            "24: foo 1 Runtime, registry",
            "24: foo 2 Runtime, registry",
            "24: b - Runtime, registry",
            "24: @s/b link:../b Runtime, path ../b",
        ]
    );
}

#[test]
fn scripts_stand_in_the_order_they_run_in() {
    let scripts = read(FULL).install_scripts;
    let lines: Vec<_> =
        scripts.iter().map(|s| format!("{} {} {}", s.name, s.command, s.place.position.unwrap().column)).collect();
    assert_eq!(lines, ["install node-gyp rebuild 59", "postinstall node x.js 90", "prepare husky 16"]);
}

#[test]
fn unrelated_fields_may_have_any_form() {
    for text in [
        "{}",
        r#"{"license": {"type": "MIT"}, "licenses": [], "private": "yes", "main": [], "pnpm": "x", "engines": 1}"#,
        r#"{"dependencies": [], "workspaces": false, "scripts": null, "overrides": null, "name": null}"#,
        r#"{"scripts": {"test": 1}, "bundleDependencies": true}"#,
    ] {
        let manifest = read(text);
        assert!(manifest.requirements.is_empty() && !manifest.workspace_root && manifest.license.is_none(), "{text}");
    }
    assert_eq!(read(r#"{"workspaces": ["a"]}"#).members, ["a".into()]);
    assert!(read(r#"{"workspaces": {}}"#).workspace_root);
}

#[test]
fn what_is_wrong_is_a_gap() {
    let check = |text: &str, manifests: usize, expected: &[&str]| {
        let facts = facts("npm-manifest", "package.json", text);
        assert_eq!(gaps(&facts), expected, "{text}");
        assert_eq!(facts.manifests.len(), manifests, "{text}");
    };
    check("[]", 0, &["1:1 Malformed: a manifest to be a table, found a list"]);
    check("{\"name\":\n", 0, &["2:1 Malformed: JSON, found the end of the file where a value should stand"]);
    check("{\"name\": \"x\" /* y */}", 0, &["1:14 Malformed: JSON, found a comment"]);
    check(
        "{\"dependencies\": {\n\"a\": \"1\",\n\"a\": \"2\"}}",
        0,
        &["3:1 Malformed: each key once, found the key `a` a second time"],
    );
    check(
        "{\"dependencies\": {\"a\": 1,\n\"b\": {}}, \"name\": []}",
        1,
        &[
            "1:24 Malformed: a requirement to be a string, found a number",
            "2:6 Malformed: a requirement to be a string, found a table",
            "2:19 Malformed: `name` to be a string, found a list",
        ],
    );
    check("{\"devDependencies\": [1]}", 1, &["1:21 Malformed: `devDependencies` to be a table, found a list"]);
    check(
        "{\"overrides\": {\"a\": {\"b\": 1}}}",
        1,
        &["1:27 Malformed: a version, an address or a table, found a number"],
    );
    check("{\"workspaces\": \"packages/*\"}", 1, &["1:16 Malformed: `workspaces` to be a list, found a string"]);
    check("{\"workspaces\": [1]}", 1, &["1:17 Malformed: a folder to be a string, found a number"]);
    check("{\"scripts\": {\"install\": []}}", 1, &["1:25 Malformed: `install` to be a string, found a list"]);
}
