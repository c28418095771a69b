//! `package-lock.json` of each version.

use super::{facts, gaps, source};
use crate::component::link::link;
use crate::component::{Component, InstallScript, Inventory, Relation};
use crate::ecosystem::Facts;

/// One project as npm 6 locks it.
pub(super) const NESTED: &str = r#"{
  "name": "shop",
  "version": "1.4.0",
  "lockfileVersion": 1,
  "requires": true,
  "dependencies": {
    "debug": {
      "version": "4.4.1",
      "resolved": "https://registry.npm.example/debug/-/debug-4.4.1.tgz",
      "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
      "requires": { "ms": "^2.1.3", "color": "npm:@acme/chalk@^1.0.0" },
      "dependencies": {
        "ms": {
          "version": "2.1.3",
          "resolved": "https://registry.npm.example/ms/-/ms-2.1.3.tgz",
          "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
        }
      }
    },
    "color": {
      "version": "npm:@acme/chalk@1.0.0",
      "resolved": "https://registry.npm.example/@acme/chalk/-/chalk-1.0.0.tgz",
      "integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      "dev": true
    },
    "fsevents": { "version": "1.2.13", "optional": true, "requires": { "nan": "*" }, "dependencies": {
      "nan": { "version": "2.14.0", "resolved": false, "bundled": true, "optional": true }
    } },
    "wire": {
      "version": "git+ssh://git@git.example/acme/wire.git#0123456789abcdef0123456789abcdef01234567",
      "from": "git+ssh://git@git.example/acme/wire.git#main"
    },
    "packed": { "version": "file:vendor/packed-1.0.0.tgz", "integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
    "local": { "version": "file:packages/local", "requires": { "ms": "^1.0.0" } },
    "ms": { "version": "1.0.0", "resolved": "https://registry.npm.example/ms/-/ms-1.0.0.tgz" }
  }
}"#;

/// The same project as npm 11 locks it.
pub(super) const PACKAGES: &str = r#"{
  "name": "shop",
  "version": "1.4.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "shop",
      "version": "1.4.0",
      "dependencies": { "debug": "^4.4.1", "fsevents": "^1.2.0", "local": "file:packages/local", "packed": "file:vendor/packed-1.0.0.tgz" },
      "devDependencies": { "color": "npm:@acme/chalk@^1.0.0" },
      "optionalDependencies": { "fsevents": "^1.2.0" },
      "peerDependencies": { "wire": "git+ssh://git@git.example/acme/wire.git#main" }
    },
    "node_modules/color": {
      "name": "@acme/chalk",
      "version": "1.0.0",
      "resolved": "https://registry.npm.example/@acme/chalk/-/chalk-1.0.0.tgz",
      "integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      "dev": true,
      "license": "MIT"
    },
    "node_modules/debug": {
      "version": "4.4.1",
      "resolved": "https://registry.npm.example/debug/-/debug-4.4.1.tgz",
      "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
      "dependencies": { "ms": "^2.1.3" },
      "peerDependencies": { "color": "npm:@acme/chalk@^1.0.0", "absent": "*" },
      "license": { "type": "MIT" }
    },
    "node_modules/debug/node_modules/ms": {
      "version": "2.1.3",
      "resolved": "https://registry.npm.example/ms/-/ms-2.1.3.tgz",
      "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
    },
    "node_modules/fsevents": { "version": "1.2.13", "optional": true, "hasInstallScript": true, "dependencies": { "nan": "*" } },
    "node_modules/fsevents/node_modules/nan": { "version": "2.14.0", "inBundle": true, "optional": true },
    "node_modules/local": { "resolved": "packages/local", "link": true },
    "node_modules/ms": { "version": "1.0.0", "resolved": "https://registry.npm.example/ms/-/ms-1.0.0.tgz" },
    "node_modules/packed": { "version": "1.0.0", "resolved": "file:vendor/packed-1.0.0.tgz", "integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
    "node_modules/wire": {
      "version": "3.0.0",
      "resolved": "git+ssh://git@git.example/acme/wire.git#0123456789abcdef0123456789abcdef01234567"
    },
    "packages/local": { "version": "0.1.0", "dependencies": { "ms": "^1.0.0" } }
  }
}"#;

/// A project with members, one of them beside its folder.
pub(super) const WORKSPACES: &str = r#"{
  "lockfileVersion": 3,
  "packages": {
    "": { "name": "root", "workspaces": ["packages/*"], "dependencies": { "sibling": "file:../sibling", "root": "*" } },
    "../sibling": { "version": "1.0.0", "dependencies": { "ms": "2" } },
    "../sibling/node_modules/ms": { "version": "2.0.0" },
    "node_modules/@acme/b": { "resolved": "packages/b", "link": true },
    "node_modules/a": { "resolved": "packages/a", "link": true },
    "node_modules/ms": { "version": "1.0.0" },
    "node_modules/root": { "resolved": "", "link": true },
    "node_modules/sibling": { "resolved": "../sibling", "link": true },
    "packages/a": {
      "version": "0.1.0",
      "dependencies": { "@acme/b": "*", "ms": "1" },
      "devDependencies": { "debug": "4" },
      "license": "MIT"
    },
    "packages/a/node_modules/debug": { "version": "4.0.0", "dev": true, "dependencies": { "ms": "1" } },
    "packages/b": { "name": "@acme/b", "version": "0.2.0", "hasInstallScript": true, "peerDependencies": { "a": "*" } }
  }
}"#;

fn read(text: &str) -> Facts {
    facts("npm-lock", "web/package-lock.json", text)
}

fn sound(text: &str) -> Inventory {
    let mut facts = read(text);
    assert_eq!(gaps(&facts), [""; 0]);
    facts.inventories.remove(0)
}

fn lines(inventory: &Inventory, line: impl Fn(&Component) -> String) -> Vec<String> {
    inventory.components.iter().map(line).collect()
}

fn label(component: &Component) -> String {
    let scope = format!("{:?}", component.scope).to_lowercase();
    format!("{}: {scope}", [component.label(), source(&component.source)].join(" "))
}

fn edges(inventory: &Inventory) -> Vec<String> {
    lines(inventory, |component| {
        let needs = component.needs.iter().map(|need| inventory.component(*need).unwrap().label());
        format!("{}: {}", component.label(), needs.collect::<Vec<_>>().join(", "))
    })
}

fn projects(inventory: &Inventory) -> Vec<String> {
    let component =
        |handle: Option<u32>| handle.map_or("none".to_owned(), |handle| inventory.component(handle).unwrap().label());
    let mut out = Vec::new();
    for project in &inventory.projects {
        let at = project.place.position.map(|at| format!(" line {}", at.line)).unwrap_or_default();
        let name = project.name.as_deref().unwrap_or("unnamed");
        out.push(format!("{} {name} is {}{at}", project.folder.as_ref().unwrap(), component(project.component)));
        for asked in &project.requirements {
            let specifier = asked.specifier.as_deref().unwrap();
            out.push(format!("- {} {specifier} {:?}: {}", asked.name, asked.scope, component(asked.component)));
        }
    }
    out
}

#[test]
fn version_1_nests_packages() {
    let inventory = sound(NESTED);
    let expected = [
        "@acme/chalk 1.0.0 registry https://registry.npm.example/: dev",
        "debug 4.4.1 registry https://registry.npm.example/: runtime",
        "fsevents 1.2.13 registry: optional",
        "local member: runtime",
        "ms 1.0.0 registry https://registry.npm.example/: runtime",
        "ms 2.1.3 registry https://registry.npm.example/: runtime",
        "nan 2.14.0 bundled: optional",
        "packed path vendor/packed-1.0.0.tgz: runtime",
        "wire git git.example/acme/wire @0123456: runtime",
    ];
    assert_eq!(lines(&inventory, label), expected);
    assert_eq!(edges(&inventory)[1], "debug 4.4.1: @acme/chalk 1.0.0, ms 2.1.3");
    assert_eq!(edges(&inventory)[2], "fsevents 1.2.13: nan 2.14.0");
    assert_eq!(
        projects(&inventory),
        ["web shop is none", "web/packages/local local is local line 34", "- ms ^1.0.0 Unknown: ms 1.0.0"]
    );
    assert!(!inventory.capability.install_scripts && !inventory.capability.licenses);
    assert!(inventory.components.iter().all(|component| component.install_script == InstallScript::Unrecorded));
}

#[test]
fn versions_2_and_3_list_folders() {
    let inventory = sound(PACKAGES);
    let expected = [
        "@acme/chalk 1.0.0 registry https://registry.npm.example/: dev",
        "debug 4.4.1 registry https://registry.npm.example/: runtime",
        "fsevents 1.2.13 registry: optional",
        "local 0.1.0 member: runtime",
        "ms 1.0.0 registry https://registry.npm.example/: runtime",
        "ms 2.1.3 registry https://registry.npm.example/: runtime",
        "nan 2.14.0 bundled: optional",
        "packed 1.0.0 path vendor/packed-1.0.0.tgz: runtime",
        "wire 3.0.0 git git.example/acme/wire @0123456: runtime",
    ];
    assert_eq!(lines(&inventory, label), expected);
    assert_eq!(edges(&inventory)[1], "debug 4.4.1: @acme/chalk 1.0.0, ms 2.1.3");
    assert_eq!(
        projects(&inventory),
        [
            "web shop is none line 7",
            "- debug ^4.4.1 Runtime: debug 4.4.1",
            "- local file:packages/local Runtime: local 0.1.0",
            "- packed file:vendor/packed-1.0.0.tgz Runtime: packed 1.0.0",
            "- color npm:@acme/chalk@^1.0.0 Dev: @acme/chalk 1.0.0",
            "- fsevents ^1.2.0 Optional: fsevents 1.2.13",
            "- wire git+ssh://git@git.example/acme/wire.git#main Peer: wire 3.0.0",
            "web/packages/local local is local 0.1.0 line 45",
            "- ms ^1.0.0 Runtime: ms 1.0.0",
        ]
    );
    let scripts = |component: &Component| component.install_script == InstallScript::Runs;
    assert_eq!(inventory.components.iter().filter(|c| scripts(c)).map(|c| &*c.name).collect::<Vec<_>>(), ["fsevents"]);
    let licenses: Vec<_> = inventory.components.iter().filter_map(|component| component.license.as_deref()).collect();
    assert_eq!(licenses, ["MIT"]);
    let both = PACKAGES.replace("\"lockfileVersion\": 3", "\"lockfileVersion\": 2, \"dependencies\": {\"other\": {}}");
    assert_eq!(sound(&both).components.len(), inventory.components.len());
}

/// What version 1 does not know (the version of a folder, an archive, a repository) is all that a migration adds.
#[test]
fn migration_keeps_the_keys() {
    let key = |component: &Component| {
        let known = !matches!(&*component.name, "local" | "packed" | "wire");
        let version = component.version.as_deref().filter(|_| known).map(str::to_owned);
        (component.name.clone(), version, component.source.clone(), component.digests.clone())
    };
    let keys = |text: &str| sound(text).components.iter().map(key).collect::<Vec<_>>();
    assert_eq!(keys(NESTED), keys(PACKAGES));
}

#[test]
fn relations_come_with_the_manifest() {
    let manifest =
        r#"{"dependencies": {"debug": "^4.4.1", "absent": "*"}, "devDependencies": {"color": "npm:@acme/chalk@1"}}"#;
    let manifests = facts("npm-manifest", "web/package.json", manifest).manifests;
    for text in [NESTED, PACKAGES] {
        let mut inventory = sound(text);
        link(&mut inventory, &manifests);
        let relation = |name: &str, version: Option<&str>| {
            let found = inventory.components.iter().find(|c| &*c.name == name && c.version.as_deref() == version);
            found.unwrap().relation
        };
        assert_eq!(relation("debug", Some("4.4.1")), Relation::Direct);
        assert_eq!(relation("@acme/chalk", Some("1.0.0")), Relation::Direct);
        assert_eq!(relation("ms", Some("2.1.3")), Relation::Transitive);
        let local = inventory.components.iter().find(|component| &*component.name == "local").unwrap();
        assert_eq!(local.relation, Relation::Member);
    }
}

#[test]
fn places_are_those_of_the_values() {
    let inventory = sound(PACKAGES);
    let debug = &inventory.components[1];
    let lines = |component: &Component| {
        let spots = [component.version_at, component.source_at, component.digest_at];
        (component.places[0].position.unwrap().line, spots.map(|spot| spot.map(|spot| spot.position.line)))
    };
    assert_eq!(lines(debug), (23, [Some(24), Some(25), Some(26)]));
    assert_eq!(debug.places[0].position.unwrap().column, 5);
    assert_eq!(debug.resolved.as_ref().unwrap().as_str(), "https://registry.npm.example/debug/-/debug-4.4.1.tgz");
    assert_eq!(&*debug.purl, "pkg:npm/debug@4.4.1");
    assert_eq!(lines(&sound(NESTED).components[8]), (29, [None, Some(30), None]));
}

#[test]
fn members_and_neighbours_are_folders() {
    let inventory = sound(WORKSPACES);
    assert_eq!(
        lines(&inventory, label),
        [
            "@acme/b 0.2.0 member: runtime",
            "a 0.1.0 member: runtime",
            "debug 4.0.0 registry: dev",
            "ms 1.0.0 registry: runtime",
            "ms 2.0.0 registry: runtime",
            "sibling 1.0.0 path ../sibling: runtime",
        ]
    );
    assert_eq!(
        edges(&inventory),
        [
            "@acme/b 0.2.0: a 0.1.0",
            "a 0.1.0: @acme/b 0.2.0, debug 4.0.0, ms 1.0.0",
            "debug 4.0.0: ms 1.0.0",
            "ms 1.0.0: ",
            "ms 2.0.0: ",
            "sibling 1.0.0: ms 2.0.0",
        ]
    );
    assert_eq!(
        projects(&inventory),
        [
            "web root is none line 4",
            "- sibling file:../sibling Runtime: sibling 1.0.0",
            "- root * Runtime: none",
            "web/packages/a a is a 0.1.0 line 12",
            "- @acme/b * Runtime: @acme/b 0.2.0",
            "- ms 1 Runtime: ms 1.0.0",
            "- debug 4 Dev: debug 4.0.0",
            "web/packages/b @acme/b is @acme/b 0.2.0 line 19",
            "- a * Peer: a 0.1.0",
        ]
    );
}

/// Returns the one component of a lock file of version 3 with this entry.
fn entry(path: &str, fields: &str) -> Component {
    sound(&format!(r#"{{"lockfileVersion": 3, "packages": {{"{path}": {{{fields}}}}}}}"#)).components.remove(0)
}

/// Returns the one component of a lock file of version 1 with this entry.
fn nested(fields: &str) -> Component {
    sound(&format!(r#"{{"lockfileVersion": 1, "dependencies": {{"x": {{{fields}}}}}}}"#)).components.remove(0)
}

#[test]
fn folders_tell_name_and_source() {
    let check = |path: &str, fields: &str, expected: &str| {
        assert_eq!(label(&entry(path, fields)), format!("{expected}: runtime"), "{path} {fields}");
    };
    let commit = "0123456789abcdef0123456789abcdef01234567";
    check("node_modules/x", r#""version": "1""#, "x 1 registry");
    check("node_modules/@s/x", r#""resolved": null"#, "@s/x registry");
    check("node_modules/a/node_modules/@s/x", r#""version": "1", "resolved": false"#, "@s/x 1 registry");
    check(
        "node_modules/x",
        r#""inBundle": true, "resolved": "https://r.example/x/-/x-1.tgz""#,
        "x registry https://r.example/",
    );
    check("node_modules/x", r#""resolved": "https://files.example/x.tgz""#, "x archive https://files.example/x.tgz");
    check(
        "node_modules/x",
        &format!(r#""resolved": "git+ssh://git@git.example/a/b.git#{commit}""#),
        "x git git.example/a/b @0123456",
    );
    check(
        "node_modules/x",
        r#""resolved": "git+https://git.example/a/b.git#main""#,
        "x git git.example/a/b Named(\"main\")",
    );
    check("node_modules/x", r#""name": "real", "resolved": "file:x.tgz""#, "real path x.tgz");
    check("node_modules/x/lib/y", r#""version": "1""#, "y 1 bundled");
    check("my_node_modules/x", r#""version": "1""#, "x 1 member");
    check("packages/@s/x", "", "@s/x member");
    check("packages/x", r#""resolved": "file:packages/x""#, "x member");
    // Whoever writes such an entry gets it fetched, not linked.
    check("packages/x", r#""resolved": "https://r.example/x/-/x-1.tgz""#, "x registry https://r.example/");
    check("../x", r#""name": "@s/x""#, "@s/x path ../x");
    check("/opt/x", "", "x path /opt/x");
}

#[test]
fn versions_of_the_first_layout_may_be_addresses() {
    let check = |version: &str, expected: &str| {
        assert_eq!(label(&nested(&format!(r#""version": "{version}""#))), format!("{expected}: runtime"), "{version}");
    };
    let commit = "0123456789abcdef0123456789abcdef01234567";
    check("1.0.0", "x 1.0.0 registry");
    check("npm:real@1.0.0", "real 1.0.0 registry");
    check("npm:@s/real@1.0.0-rc.1", "@s/real 1.0.0-rc.1 registry");
    check(&format!("github:a/b#{commit}"), "x git github.com/a/b @0123456");
    check(&format!("a/b#{commit}"), &format!("x git github.com/a/b Commit(\"{commit}\") @0123456"));
    check(&format!("git://git.example/a/b.git#{commit}"), "x git git.example/a/b @0123456");
    check("git+https://git.example/a/b.git#main", "x git git.example/a/b Named(\"main\")");
    check("https://r.example/x/-/x-1.2.3.tgz", "x 1.2.3 registry https://r.example/");
    check("https://files.example/x.tgz", "x archive https://files.example/x.tgz");
    check("file:x.tar.gz", "x path x.tar.gz");
    check("file:../x", "x path ../x");
    check("file:libs/x", "x member");
    assert_eq!(
        label(&nested(r#""resolved": "git://git.example/a/b#main""#)),
        "x git git.example/a/b Named(\"main\"): runtime"
    );
    // "For git dependencies, this is the commit sha."
    let git = nested(&format!(r#""version": "git://git.example/a/b#{commit}", "integrity": "{commit}""#));
    assert_eq!((git.digests.len(), git.digest_at), (0, None));
}

#[test]
fn flags_tell_the_scope() {
    let check = |fields: &str, expected: &str| {
        assert_eq!(label(&entry("node_modules/x", fields)), format!("x registry: {expected}"), "{fields}");
        assert_eq!(label(&nested(fields)), format!("x registry: {expected}"), "{fields}");
    };
    check("", "runtime");
    check(r#""dev": true"#, "dev");
    check(r#""dev": false"#, "runtime");
    check(r#""optional": true"#, "optional");
    check(r#""dev": true, "optional": true"#, "dev");
    check(r#""devOptional": true"#, "optional");
    check(r#""peer": true"#, "peer");
    check(r#""peer": true, "optional": true"#, "optional");
}

#[test]
fn one_package_at_two_places_is_one_component() {
    let text = r#"{"lockfileVersion": 3, "packages": {
      "node_modules/a/node_modules/ms": {"version": "1.0.0", "dev": true, "integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
      "node_modules/b/node_modules/ms": {"version": "1.0.0"}
    }}"#;
    let inventory = sound(text);
    assert_eq!(lines(&inventory, label), ["ms 1.0.0 registry: runtime"]);
    assert_eq!(inventory.components[0].places.len(), 2);
}

#[test]
fn names_mean_the_nearest_package() {
    let text = r#"{"lockfileVersion": 3, "packages": {
      "node_modules/a": {"version": "1", "dependencies": {"b": "*"}},
      "node_modules/a/node_modules/b": {"version": "2", "dependencies": {"a": "*", "c": "*", "d": "*"}},
      "node_modules/a/node_modules/b/node_modules/c": {"version": "3", "optionalDependencies": {"b": "*", "c": "*"}},
      "node_modules/a-b": {"version": "1", "dependencies": {"b": "*"}},
      "node_modules/b": {"version": "1"},
      "node_modules/c": {"version": "1", "dependencies": {"b": "*"}},
      "node_modules/@s/e": {"version": "1", "peerDependencies": {"b": "*"}}
    }}"#;
    assert_eq!(
        edges(&sound(text)),
        ["@s/e 1: b 1", "a 1: b 2", "a-b 1: b 1", "b 1: ", "b 2: a 1, c 3", "c 1: b 1", "c 3: b 2, c 3"]
    );
    let text = r#"{"lockfileVersion": 1, "dependencies": {
      "a": {"version": "1", "requires": {"b": "*"}, "dependencies": {
        "b": {"version": "2", "requires": {"a": "*", "c": "*"}, "dependencies": {
          "c": {"version": "3", "requires": {"b": "*"}}}}}},
      "b": {"version": "1", "requires": true},
      "c": {"version": "1", "requires": {"b": "*", "absent": "*"}}
    }}"#;
    assert_eq!(edges(&sound(text)), ["a 1: b 2", "b 1: ", "b 2: a 1, c 3", "c 1: b 1", "c 3: b 2"]);
}

#[test]
fn an_absent_version_is_told_by_the_layout() {
    assert_eq!(
        sound(r#"{"packages": {"node_modules/x": {}}, "dependencies": {"y": {}}}"#).components[0].name,
        "x".into()
    );
    assert_eq!(sound(r#"{"packages": null, "dependencies": {"y": {}}}"#).components[0].name, "y".into());
    assert_eq!(sound(r#"{"lockfileVersion": 2, "dependencies": {"y": {}}}"#).components[0].name, "y".into());
    // npm 7 and later read `packages` whatever the version says.
    assert_eq!(
        sound(r#"{"lockfileVersion": 1, "packages": {"node_modules/x": {}}, "dependencies": {}}"#).components.len(),
        1
    );
    assert_eq!(projects(&sound(r#"{"lockfileVersion": 1, "name": "a"}"#)), ["web a is none"]);
    assert_eq!(projects(&sound(r#"{"lockfileVersion": 3, "packages": {}}"#)), ["web unnamed is none"]);
}

#[test]
fn what_is_wrong_with_the_file_ends_it() {
    let check = |text: &str, expected: &str| {
        let facts = read(text);
        assert_eq!(gaps(&facts), [expected], "{text}");
        assert!(facts.inventories.is_empty(), "{text}");
    };
    check("", "1:1 Malformed: JSON, found an empty file");
    check("[]", "1:1 Malformed: a lock file to be a table, found a list");
    check(
        "{\n\"lockfileVersion\": 3,\n\"packages\": {\n",
        "4:1 Malformed: JSON, found the end of the file in an object",
    );
    check("{\"a\": 1,\n\"a\": 2}", "2:1 Malformed: each key once, found the key `a` a second time");
    check("{\"lockfileVersion\": 1 // x\n}", "1:23 Malformed: JSON, found a comment");
    check("{\n\"lockfileVersion\": 4}", "2:20 UnknownVersion: a lock file of version 1 to 3, found version 4");
    check("{\n\"lockfileVersion\": 0}", "2:20 UnknownVersion: a lock file of version 1 to 3, found version 0");
    check("{\"lockfileVersion\": []}", "1:21 Malformed: `lockfileVersion` to be a string, found a list");
    check("{\"lockfileVersion\": 3}", "1:1 Malformed: a lock file with `packages`, found one without");
    check(
        "{\"lockfileVersion\": 3, \"dependencies\": {}}",
        "1:1 Malformed: a lock file with `packages`, found one without",
    );
    check("{\"lockfileVersion\": 2}", "1:1 Malformed: a lock file with `packages`, found one without");
    check("{}", "1:1 Malformed: a lock file with `lockfileVersion`, `packages` or `dependencies`, found one without");
    check("{\"packages\":\n[]}", "2:1 Malformed: `packages` to be a table, found a list");
    check("{\"dependencies\":\n1}", "2:1 Malformed: `dependencies` to be a table, found a number");
    let deep = format!("{}1{}", "{\"dependencies\": {\"x\": ".repeat(200), "}}".repeat(200));
    assert_eq!(read(&deep).inventories.len(), 0);
    let packages = "{\n\"packages\": {\n\"node_modules/x\": {\"version\": \"1\"},\n\"node_modules/x\": {}}}";
    check(packages, "4:1 Malformed: each key once, found the key `node_modules/x` a second time");
}

#[test]
fn what_is_wrong_with_an_entry_is_a_gap_of_its_own() {
    let check = |entry: &str, found: &[&str], expected: &[&str]| {
        let text = format!("{{\"packages\": {{\n{entry},\n\"node_modules/sound\": {{}}}}}}");
        let facts = read(&text);
        assert_eq!(gaps(&facts), expected, "{text}");
        assert_eq!(lines(&facts.inventories[0], Component::label), found, "{text}");
        assert_eq!(facts.gaps[0].contents.as_deref().map(str::len), Some(64));
    };
    let only = &["sound"];
    check("\"node_modules/x\": []", only, &["2:19 Malformed: a package to be a table, found a list"]);
    check("\"node_modules/x\": {\"version\": 1}", only, &["2:31 Malformed: `version` to be a string, found a number"]);
    check(
        "\"node_modules/x\": {\"resolved\": true}",
        only,
        &["2:32 Malformed: `resolved` to be a string, found a boolean"],
    );
    check("\"node_modules/x\": {\"name\": {}}", only, &["2:28 Malformed: `name` to be a string, found a table"]);
    check("\"node_modules/\": {}", only, &["2:1 Malformed: the folder of a package, found `node_modules/`"]);
    check("\"node_modules\": {}", only, &["2:1 Malformed: the folder of a package, found `node_modules`"]);
    check("\"..\": {}", only, &["2:1 Malformed: the folder of a package, found `..`"]);
    check("\"node_modules/x\": {\"link\": true}", only, &["2:1 Malformed: a link with `resolved`, found one without"]);
    check(
        "\"node_modules/x\": {\"link\": true, \"resolved\": \"a\"}",
        only,
        &["2:46 Malformed: the path of another entry, found `a`"],
    );
    check("\"node_modules/x\": {\"link\": 1}", only, &["2:28 Malformed: `link` to be true or false, found a number"]);
    // One gap for the folder, none for the link to it.
    check(
        "\"a\": [], \"node_modules/a\": {\"link\": true, \"resolved\": \"a\"}",
        only,
        &["2:6 Malformed: a package to be a table, found a list"],
    );
    let both = &["sound", "x 1"];
    check(
        "\"node_modules/x\": {\"version\": \"1\", \"integrity\": \"sha512-AAAA\"}",
        both,
        &["2:49 Malformed: Subresource Integrity of md5 to sha512, such as `sha512-` with base64, found `sha512-AAAA`"],
    );
    check(
        "\"node_modules/x\": {\"version\": \"1\", \"integrity\": 1, \"dev\": 1, \"hasInstallScript\": \"\", \"dependencies\": [], \"peerDependencies\": {\"y\": 1}}",
        both,
        &[
            "2:49 Malformed: `integrity` to be a string, found a number",
            "2:59 Malformed: `dev` to be true or false, found a number",
            "2:82 Malformed: `hasInstallScript` to be true or false, found a string",
            "2:102 Malformed: `dependencies` to be a table, found a list",
            "2:132 Malformed: a requirement to be a string, found a number",
        ],
    );
    let facts = read("{\"dependencies\": {\"\": {}}}");
    assert_eq!(gaps(&facts), ["1:19 Malformed: the name of a package, found ``"]);
    check("\"\": {\"name\": 1}", only, &["2:14 Malformed: `name` to be a string, found a number"]);
}

#[test]
fn contradictions_are_gaps() {
    let digest = |last: &str| format!("sha1-{}{last}=", "A".repeat(26));
    let (one, other) = (digest("A"), digest("E"));
    let text = format!(
        "{{\"packages\": {{\"node_modules/a/node_modules/x\": {{\"version\": \"1\", \"integrity\": \"{one}\"}},\n\
         \"node_modules/x\": {{\"version\": \"1\", \"integrity\": \"{other}\"}}}}}}"
    );
    let facts = read(&text);
    let expected = format!("2:49 Contradictory: one digest for `x 1`, {one}, found another, {other}");
    assert_eq!(gaps(&facts), [expected]);
    assert_eq!(lines(&facts.inventories[0], Component::label), ["x 1"]);

    let text = "{\"packages\": {\"node_modules/a/node_modules/x\": {\"resolved\": \"https://r.example/x/-/x-1.tgz\"},
\"node_modules/x\": {\"resolved\": \"https://r.example/y/-/y-1.tgz\"}}}";
    let expected = "2:1 Contradictory: one address for `x`, `https://r.example/x/-/x-1.tgz`, found another, \
                    `https://r.example/y/-/y-1.tgz`";
    assert_eq!(gaps(&read(text)), [expected]);

    let text = "{\"dependencies\": {\"x\": {\"version\": \"https://files.example/x.tgz\",\n\"resolved\": \"https://files.evil.example/x.tgz\"}}}";
    let facts = read(text);
    assert_eq!(
        gaps(&facts),
        ["2:13 Contradictory: one address for `x`, `https://files.example/x.tgz`, found another, \
          `https://files.evil.example/x.tgz`"]
    );
}

#[test]
fn the_name_of_the_folder_above_is_that_of_a_link() {
    let text = r#"{"packages": {"..": {"version": "1.0.0"}, "node_modules/@s/x": {"link": true, "resolved": ".."}}}"#;
    assert_eq!(lines(&sound(text), label), ["@s/x 1.0.0 path ..: runtime"]);
}

/// Looking a name up must not cost more in a deeper tree: this takes minutes where it does.
#[test]
fn deep_trees_are_read_in_time() {
    let mut path = String::new();
    let mut entries = Vec::new();
    for depth in 0..1500 {
        path.push_str(if depth == 0 { "node_modules/a" } else { "/node_modules/a" });
        entries.push(format!("\"{path}\": {{\"version\": \"{depth}\"}}"));
    }
    let asked: Vec<String> = (0..40_000).map(|n| format!("\"n{n}\": \"*\"")).collect();
    entries.push(format!("\"{path}/node_modules/b\": {{\"dependencies\": {{{}}}}}", asked.join(",")));
    let inventory = sound(&format!("{{\"packages\": {{{}}}}}", entries.join(",")));
    assert_eq!(inventory.components.len(), 1501);
}
