//! What is read from `pnpm-lock.yaml`, and what is refused.

use proptest::prelude::*;

use crate::component::{Component, InstallScript, Inventory, Project, Source};
use crate::ecosystem::tests::read_damaged;
use crate::ecosystem::{Facts, cases, format_of, read};
use crate::fact::GapReason;
use crate::tree::TreePath;

const NAME: &str = "pnpm-lock.yaml";

const SHA512: &str = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
const OTHER: &str = "sha512-AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn facts_at(path: &str, text: &str) -> Facts {
    let text = text.replace("SHA", SHA512).replace("OTHER", OTHER).replace("COMMIT", COMMIT);
    let path = TreePath::new(path.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, text.as_bytes())
}

fn inventory(text: &str) -> Inventory {
    let mut facts = facts_at(NAME, text);
    assert_eq!(facts.gaps, [], "{text}");
    facts.inventories.remove(0)
}

/// Shows a component: name, version, source, scope, lines, and the components it needs.
fn shown(inventory: &Inventory, component: &Component) -> String {
    let source = match &component.source {
        Source::Registry { registry: None } => "registry".to_owned(),
        Source::Registry { registry: Some(registry) } => format!("registry {registry}"),
        Source::Archive { url } => format!("archive {url}"),
        Source::Git { repository, reference, commit } => {
            format!("git {repository} {reference:?} {}", commit.as_deref().unwrap_or("-"))
        }
        Source::Path { path } => format!("path {path}"),
        other => format!("{other:?}"),
    };
    let lines: Vec<String> = component.places.iter().map(|it| it.position.unwrap().line.to_string()).collect();
    let needs = component.needs.iter().map(|index| inventory.component(*index).unwrap().label()).collect::<Vec<_>>();
    format!(
        "{} | {source} | {:?} | line {} | {} | needs {}",
        component.label(),
        component.scope,
        lines.join(", "),
        if component.digests.is_empty() { "-" } else { "digest" },
        needs.join(", "),
    )
}

fn check(text: &str, expected: &[&str]) -> Inventory {
    let inventory = inventory(text);
    let found: Vec<String> = inventory.components.iter().map(|component| shown(&inventory, component)).collect();
    assert_eq!(found, expected, "{text}");
    inventory
}

fn asked(inventory: &Inventory, project: &Project) -> Vec<String> {
    project
        .requirements
        .iter()
        .map(|it| {
            let component = it.component.map(|index| inventory.component(index).unwrap().label());
            let (specifier, component) = (it.specifier.as_deref().unwrap_or("-"), component.unwrap_or_default());
            format!("{} {specifier} {:?} -> {component}", it.name, it.scope)
        })
        .collect()
}

#[test]
fn version_5_is_read() {
    let inventory = check(
        r"lockfileVersion: 5.4
specifiers:
  foo: ^1.0.0
  alias: npm:@s/n@2
  here: link:../here
dependencies:
  foo: 1.0.0_peer@1.0.0
  alias: /@s/n/2.0.0
  here: link:../here
devDependencies:
  git: github.com/o/r/COMMIT
packages:
  /foo/1.0.0_peer@1.0.0:
    resolution: {integrity: SHA}
    requiresBuild: true
    dependencies:
      peer: 1.0.0
      n: /@s/n/2.0.0
    dev: false
  /foo/1.0.0_peer@2.0.0:
    resolution: {integrity: SHA}
    dev: true
    optionalDependencies:
      old: /old/1.0.0/peer@1.0.0
  /@s/n/2.0.0:
    resolution: {integrity: SHA, tarball: https://registry.npm.example/@s/n/-/n-2.0.0.tgz}
    optional: true
  /peer/1.0.0:
    resolution: {integrity: SHA, registry: https://registry.other.example/, tarball: peer/download/peer-1.0.0.tgz}
  /old/1.0.0/peer@1.0.0:
    resolution: {integrity: SHA, tarball: /old/-/old-1.0.0.tgz}
    dev: true
  registry.npm.example+8080/host/1.0.0:
    resolution: {integrity: SHA}
  github.com/o/r/COMMIT:
    resolution: {tarball: https://codeload.github.com/o/r/tar.gz/COMMIT}
    name: git
    version: 3.0.0
    prepare: true
    requiresBuild: true
    dev: true
  '@files.evil.example/x.tgz':
    resolution: {tarball: https://files.evil.example/x.tgz}
    name: x
  file:x.tgz:
    resolution: {integrity: SHA, tarball: file:x.tgz}
    name: y
    version: 0.0.0
",
        &[
            "@s/n 2.0.0 | registry https://registry.npm.example/ | Optional | line 25 | digest | needs ",
            "foo 1.0.0 | registry | Runtime | line 13, 20 | digest | needs @s/n 2.0.0, old 1.0.0, peer 1.0.0",
            &format!("git 3.0.0 | git https://github.com/o/r Unstated {COMMIT} | Dev | line 35 | - | needs "),
            "host 1.0.0 | registry https://registry.npm.example:8080/ | Runtime | line 33 | digest | needs ",
            "old 1.0.0 | registry | Dev | line 30 | digest | needs ",
            "peer 1.0.0 | registry https://registry.other.example/ | Runtime | line 28 | digest | needs ",
            "x | archive https://files.evil.example/x.tgz | Runtime | line 42 | - | needs ",
            "y 0.0.0 | path x.tgz | Runtime | line 45 | digest | needs ",
        ],
    );
    let [_, foo, git, host, old, ..] = inventory.components.as_slice() else { panic!() };
    assert_eq!((foo.install_script, git.install_script), (InstallScript::Runs, InstallScript::Runs));
    assert_eq!((host.install_script, &*old.purl), (InstallScript::None, "pkg:npm/old@1.0.0"));
    assert_eq!(
        inventory.components[0].resolved.as_ref().unwrap().as_str(),
        "https://registry.npm.example/@s/n/-/n-2.0.0.tgz"
    );
    assert!(inventory.capability.install_scripts && inventory.capability.scope);
    let [project] = inventory.projects.as_slice() else { panic!() };
    assert_eq!(project.folder, Some(TreePath::root()));
    assert_eq!(
        asked(&inventory, project),
        [
            "foo ^1.0.0 Runtime -> foo 1.0.0",
            "alias npm:@s/n@2 Runtime -> @s/n 2.0.0",
            "here link:../here Runtime -> ",
            "git - Dev -> git 3.0.0"
        ]
    );
}

#[test]
fn version_6_is_read() {
    let inventory = check(
        r"lockfileVersion: '6.0'
overrides:
  a: 1.0.0
  'b@>=1': 2.0.0
  c@1>@s/d@2: 3.0.0
importers:
  .:
    dependencies:
      foo:
        specifier: ^1.0.0
        version: 1.0.0(@s/p@1.0.0)
  packages/a:
    devDependencies:
      own:
        specifier: workspace:*
        version: file:packages/own(x@1.0.0)
  ../out: {}
packages:
  /foo@1.0.0(@s/p@1.0.0):
    resolution: {integrity: SHA}
    dependencies:
      '@s/p': 1.0.0
      q: /@s/p@1.0.0
    dev: false
  /@s/p@1.0.0:
    resolution: {integrity: SHA}
    dev: true
  file:packages/own(x@1.0.0):
    resolution: {directory: packages/own, type: directory}
    id: file:packages/own
    name: own
    version: 1.0.0
    dev: true
  git.example/o/r/COMMIT:
    resolution: {commit: COMMIT, repo: ssh://git@git.example/o/r.git, type: git}
    name: r
    version: 1.0.0
",
        &[
            "@s/p 1.0.0 | registry | Dev | line 25 | digest | needs ",
            "foo 1.0.0 | registry | Runtime | line 19 | digest | needs @s/p 1.0.0",
            "own 1.0.0 | path packages/own | Dev | line 28 | - | needs ",
            &format!("r 1.0.0 | git ssh://git@git.example/o/r.git Unstated {COMMIT} | Runtime | line 34 | - | needs "),
        ],
    );
    assert_eq!(
        &*inventory.components[3].purl,
        &format!("pkg:npm/r@1.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40git.example%2Fo%2Fr.git%40{COMMIT}")
    );
    assert_eq!(inventory.overridden, ["@s/d".into(), "a".into(), "b".into()]);
    assert!(inventory.capability.install_scripts);
    let folders: Vec<_> =
        inventory.projects.iter().map(|project| project.folder.as_ref().map(ToString::to_string)).collect();
    assert_eq!(folders, [Some(".".to_owned()), Some("packages/a".to_owned()), None]);
    assert_eq!(asked(&inventory, &inventory.projects[0]), ["foo ^1.0.0 Runtime -> foo 1.0.0"]);
    assert_eq!(asked(&inventory, &inventory.projects[1]), ["own workspace:* Dev -> own 1.0.0"]);
}

#[test]
fn version_9_is_read() {
    let inventory = check(
        r"lockfileVersion: '9.0'
catalogs:
  default: {}
importers:
  .:
    dependencies:
      foo: {specifier: 'catalog:', version: 1.0.0(p@1.0.0)}
      alias: {specifier: npm:p@1, version: p@1.0.0}
    optionalDependencies:
      own: {specifier: file:own, version: file:own}
packages:
  foo@1.0.0:
    resolution: {integrity: SHA}
  p@1.0.0:
    resolution: {integrity: SHA}
  p@work:1.0.0:
    resolution: {integrity: OTHER}
  git@https://codeload.github.com/o/r/tar.gz/COMMIT:
    resolution: {gitHosted: true, tarball: https://codeload.github.com/o/r/tar.gz/COMMIT}
    version: 2.0.0
  t@https://files.example/t@1.tgz:
    resolution: {integrity: SHA, tarball: https://files.example/t@1.tgz}
    version: 1.0.0
  u@file:u.tgz:
    resolution: {integrity: SHA, tarball: file:u.tgz}
    version: 1.0.0
snapshots:
  foo@1.0.0(p@1.0.0):
    dependencies:
      p: 1.0.0
      t: https://files.example/t@1.tgz
    optionalDependencies:
      q: p@work:1.0.0
  foo@1.0.0(patch_hash=0123)(p@1.0.0):
    dependencies:
      git: https://codeload.github.com/o/r/tar.gz/COMMIT
  p@1.0.0:
    optional: true
  own@file:own(p@1.0.0):
    dependencies:
      u: file:u.tgz
  p@work:1.0.0: {}
  git@https://codeload.github.com/o/r/tar.gz/COMMIT: {}
  t@https://files.example/t@1.tgz: {}
  u@file:u.tgz: {}
",
        &[
            "foo 1.0.0 | registry | Unknown | line 12 | digest | needs git 2.0.0, p 1.0.0, p 1.0.0, t 1.0.0",
            &format!("git 2.0.0 | git https://github.com/o/r Unstated {COMMIT} | Unknown | line 18 | - | needs "),
            "own file:own | path own | Unknown | line 39 | - | needs u 1.0.0",
            "p 1.0.0 | registry | Unknown | line 14 | digest | needs ",
            "p 1.0.0 | registry work: | Unknown | line 16 | digest | needs ",
            "t 1.0.0 | archive https://files.example/t@1.tgz | Unknown | line 21 | digest | needs ",
            "u 1.0.0 | path u.tgz | Unknown | line 24 | digest | needs ",
        ],
    );
    assert!(!inventory.capability.install_scripts);
    assert_eq!(inventory.components[0].install_script, InstallScript::Unrecorded);
    assert_eq!(
        asked(&inventory, &inventory.projects[0]),
        [
            "foo catalog: Runtime -> foo 1.0.0",
            "alias npm:p@1 Runtime -> p 1.0.0",
            "own file:own Optional -> own file:own"
        ]
    );
}

#[test]
fn both_documents_of_pnpm_11_count() {
    let inventory = check(
        r"---
lockfileVersion: '9.0'
importers:
  .:
    configDependencies: {}
    packageManagerDependencies:
      pnpm: {specifier: 11.0.0, version: 11.0.0}
packages:
  pnpm@11.0.0:
    resolution: {integrity: SHA}
snapshots:
  pnpm@11.0.0: {}
---
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1, version: 1.0.0}
packages:
  a@1.0.0:
    resolution: {integrity: SHA}
snapshots:
  a@1.0.0: {}
",
        &[
            "a 1.0.0 | registry | Unknown | line 20 | digest | needs ",
            "pnpm 11.0.0 | registry | Unknown | line 9 | digest | needs ",
        ],
    );
    let [own, project] = inventory.projects.as_slice() else { panic!() };
    assert_eq!((&own.folder, asked(&inventory, own)), (&None, vec!["pnpm 11.0.0 Build -> pnpm 11.0.0".to_owned()]));
    assert_eq!(project.folder, Some(TreePath::root()));

    check(
        r"---
lockfileVersion: '9.0'
packages:
  a@1.0.0: {}
snapshots:
  a@1.0.0: {}
---
",
        &["a 1.0.0 | registry | Unknown | line 4 | - | needs "],
    );
    check(
        "---\r\n---\r\nlockfileVersion: '9.0'\r\npackages:\r\n  a@1.0.0: {}\r\nsnapshots:\r\n  a@1.0.0: {}\r\n",
        &["a 1.0.0 | registry | Unknown | line 5 | - | needs "],
    );
}

#[test]
fn a_runtime_is_one_component_for_each_platform() {
    let inventory = check(
        r"lockfileVersion: '9.0'
importers:
  .:
    devDependencies:
      node: {specifier: runtime:22.0.0, version: runtime:22.0.0}
packages:
  node@runtime:22.0.0:
    hasBin: true
    resolution:
      type: variations
      variants:
        - resolution: {archive: tarball, bin: bin/node, integrity: SHA, type: binary, url: https://node.example/linux.tar.gz}
          targets: [{cpu: x64, os: linux}]
        - resolution: {archive: zip, bin: node.exe, integrity: OTHER, type: binary, url: https://node.example/win.zip}
          targets: [{cpu: x64, os: win32}]
    version: 22.0.0
snapshots:
  node@runtime:22.0.0: {}
",
        &[
            "node 22.0.0 | archive https://node.example/linux.tar.gz | Unknown | line 7 | digest | needs ",
            "node 22.0.0 | archive https://node.example/win.zip | Unknown | line 7 | digest | needs ",
        ],
    );
    assert_eq!(
        asked(&inventory, &inventory.projects[0]),
        ["node runtime:22.0.0 Dev -> node 22.0.0", "node runtime:22.0.0 Dev -> node 22.0.0"]
    );
}

#[test]
fn values_have_their_own_spots() {
    let inventory = inventory(
        r"lockfileVersion: '6.0'
packages:
  '/@s/n@1.0.0(n@1.0.0)':
    resolution: {integrity: SHA, tarball: https://registry.npm.example/@s/n/-/n-1.0.0.tgz}
",
    );
    let component = &inventory.components[0];
    let at = |spot: Option<crate::fact::Spot>| spot.map(|it| (it.position.line, it.position.column, it.width)).unwrap();
    assert_eq!(at(component.version_at), (3, 10, 5));
    assert_eq!(at(component.digest_at), (4, 29, 95));
    assert_eq!(at(component.source_at), (4, 135, 47));
    assert_eq!((component.places[0].position.unwrap().column, component.places[0].width), (3, 22));
}

#[test]
fn projects_lie_where_the_lock_file_says() {
    let text = r"lockfileVersion: '9.0'
importers:
  ../../apps/a: {}
  ../../../b: {}
";
    let facts = facts_at("common/config/pnpm-lock.yaml", text);
    let folders: Vec<_> = facts.inventories[0].projects.iter().map(|project| project.folder.clone()).collect();
    assert_eq!(folders, [TreePath::new(b"apps/a"), None]);
}

/// Checks reason, line, expectation and finding of each gap.
fn gaps(text: &str, expected: &[(GapReason, u32, &str, &str)]) {
    let facts = facts_at(NAME, text);
    let found: Vec<_> = facts
        .gaps
        .iter()
        .map(|gap| (gap.reason, gap.location.position.unwrap().line, gap.expected.as_str(), gap.found.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_is_no_lock_file_is_refused_as_a_whole() {
    use GapReason::{Malformed, UnknownVersion};
    let known = "a lock file of version 5, 6 or 9";
    gaps("", &[(Malformed, 1, "a lock file", "nothing")]);
    gaps("# nothing\n", &[(Malformed, 1, "a lock file", "nothing")]);
    gaps("---\n---\n", &[(Malformed, 2, "a lock file", "nothing")]);
    gaps("text", &[(Malformed, 1, "a lock file to be a table", "a string")]);
    gaps("packages: {}\n", &[(Malformed, 1, "a lock file with `lockfileVersion`", "one without")]);
    gaps("\nlockfileVersion: '7.0'\n", &[(UnknownVersion, 2, known, "version 7.0")]);
    gaps("lockfileVersion: 12\n", &[(UnknownVersion, 1, known, "version 12")]);
    gaps("lockfileVersion: 9.x\n", &[(UnknownVersion, 1, known, "version 9.x")]);
    gaps(
        "lockfileVersion: '6.0'\nlockfileVersion: '6.0'\n",
        &[(Malformed, 2, "each key once", "the key `lockfileVersion` a second time")],
    );
    gaps("lockfileVersion: '9.0'\npackages: []\n", &[(Malformed, 2, "`packages` to be a table", "a list")]);
    gaps(
        "lockfileVersion: '6.0'\nsnapshots: {}\n",
        &[(Malformed, 2, "the keys of its version", "`snapshots`, which version 9 has")],
    );
    gaps(
        "lockfileVersion: '9.0'\npackages:\n  <<: {evil@1.0.0: {}}\n",
        &[(Malformed, 3, "plain keys", "the merge key `<<`")],
    );
    let one_more = "one document, or two of which the first begins with `---` on the first line";
    gaps("lockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n", &[(Malformed, 3, one_more, "one more")]);
    gaps(
        r"---
a: 1
---
b: 1
---
c: 1
",
        &[(Malformed, 6, one_more, "one more")],
    );
    let cut_off = "lockfileVersion: '9.0'\npackages:\n  foo@1.0.0:\n    resolution: {integrity: sha512-";
    assert_eq!(facts_at(NAME, cut_off).gaps.len(), 1);
    assert_eq!(facts_at(NAME, cut_off).inventories, []);
}

#[test]
fn one_bad_entry_leaves_the_others() {
    use GapReason::{Contradictory, Malformed};
    let check = |version: &str, entry: &str, expected: &[(GapReason, u32, &str, &str)]| {
        let (rest, good) = match version {
            "5.4" => ("", "/good/1.0.0"),
            "6.0" => ("", "/good@1.0.0"),
            _ => ("snapshots:\n  good@1.0.0: {}\n", "good@1.0.0"),
        };
        let text = format!(
            "lockfileVersion: '{version}'\npackages:\n{entry}\n  {good}:\n    resolution: {{integrity: SHA}}\n{rest}"
        );
        gaps(&text, expected);
        let labels: Vec<_> = facts_at(NAME, &text).inventories[0].components.iter().map(Component::label).collect();
        assert!(labels.contains(&"good 1.0.0".to_owned()), "{text}");
    };
    check("5.4", "  /a/b: {}", &[(Malformed, 3, "a key such as `/name/1.0.0`", "`/a/b`")]);
    check("6.0", "  a@1.0.0: {}", &[(Malformed, 3, "a key such as `/name@1.0.0`", "`a@1.0.0`")]);
    check("9.0", "  /a@1.0.0: {}", &[(Malformed, 3, "a key such as `name@1.0.0`", "`/a@1.0.0`")]);
    check("9.0", "  a@1.0.0: text", &[(Malformed, 3, "a package to be a table", "a string")]);
    check("9.0", "  a@1.0.0:\n    resolution: text", &[(Malformed, 4, "`resolution` to be a table", "a string")]);
    check("6.0", "  /a@1.0.0:\n    dev: 1", &[(Malformed, 4, "`dev` to be true or false", "a number")]);
    check(
        "6.0",
        "  /a@1.0.0:\n    dependencies:\n      b: []",
        &[(Malformed, 5, "a dependency to be a string", "a list")],
    );
    check(
        "9.0",
        "  a@1.0.0:\n    resolution: {integrity: sha512-x}",
        &[(Malformed, 4, "a digest such as `sha512-` and 88 characters of base64", "`sha512-x`")],
    );
    check(
        "9.0",
        "  a@1.0.0:\n    resolution: {type: 'custom:cdn'}",
        &[(Malformed, 4, "a resolution of type directory, git, binary or variations", "`custom:cdn`")],
    );
    check(
        "9.0",
        "  a@file:a:\n    resolution: {type: git, repo: 'https://git.example/a'}",
        &[(Malformed, 4, "a resolution with `commit`", "one without")],
    );
    let variants = "{resolution: {type: binary, url: 'https://node.example/x'}}, ".repeat(65);
    check(
        "9.0",
        &format!("  node@runtime:22.0.0:\n    resolution: {{type: variations, variants: [{variants}]}}"),
        &[(Malformed, 4, "at most 64 platforms", "one more")],
    );
    check("6.0", "  file:a: {}", &[(Malformed, 3, "a package with `name`", "one without")]);
    check(
        "9.0",
        "  node@runtime:22.0.0: {}",
        &[(Malformed, 3, "a `resolution` with `tarball` or `type`", "one without")],
    );
    check(
        "9.0",
        "  a@file:a.tgz:\n    resolution: {tarball: https://evil.example/a.tgz}",
        &[(Contradictory, 4, "the file that the key names", "`https://evil.example/a.tgz`")],
    );
    // pnpm fetches by the key, whatever the entry states.
    check("6.0", "  /evil@1.0.0:\n    name: good", &[(Contradictory, 4, "`evil`, as the key has it", "`good`")]);
    check("9.0", "  a@1.0.0:\n    version: 6.6.6", &[(Contradictory, 4, "`1.0.0`, as the key has it", "`6.6.6`")]);
    check(
        "5.4",
        "  /a/1.0.0:\n    resolution: {integrity: SHA}\n  /a/1.0.0_p@1.0.0:\n    resolution: {integrity: OTHER}",
        &[(Contradictory, 6, &format!("one digest for `a 1.0.0`, {SHA512}"), &format!("another, {OTHER}"))],
    );
    check(
        "5.4",
        "  /a/1.0.0:\n    resolution: {tarball: /evil/-/evil-1.0.0.tgz}",
        &[(Contradictory, 4, "a tarball of `a`", "`/evil/-/evil-1.0.0.tgz`")],
    );
}

#[test]
fn what_is_referred_to_must_be_there() {
    let check = |text: &str, line: u32, expected: &str, found: &str| {
        gaps(text, &[(GapReason::Dangling, line, expected, found)]);
        // Without the end of its last line it was cut off.
        gaps(text.trim_end(), &[(GapReason::Malformed, line, expected, found)]);
    };
    let cut_off = r"lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1, version: 1.0.0}
      b: {specifier: ^1, version: 1.0.0(a@1.0.0)}
      linked: {specifier: 'link:x', version: 'link:x'}
";
    check(cut_off, 5, "`a@1.0.0` under `packages`", "none, nor what 1 more references lead to");
    let packages = "packages:\n  a@1.0.0:\n    resolution: {integrity: SHA}\n  b@1.0.0:\n";
    gaps(
        &format!("{cut_off}{packages}"),
        &[(GapReason::Malformed, 9, "`a@1.0.0` under `snapshots`", "none, nor what 1 more references lead to")],
    );
    let snapshots = "snapshots:\n  a@1.0.0:\n    dependencies:\n      c: 1.0.0\n  b@1.0.0(a@1.0.0): {}\n";
    check(&format!("{cut_off}{packages}{snapshots}"), 15, "`c@1.0.0` under `packages`", "none");
    let older = "lockfileVersion: '6.0'\npackages:\n  /a@1.0.0:\n    dependencies:\n      b: 1.0.0\n";
    check(older, 5, "`/b@1.0.0` under `packages`", "none");
}

#[test]
fn addresses_that_lead_elsewhere_than_they_read_are_refused() {
    let blank = "an address without blanks, control characters and backslashes";
    let form = "an address with `://`, a `file:` or a path on the registry";
    for (tarball, expected) in [
        ("https://registry.npm.example\\\\.evil.example/a.tgz", blank),
        ("https://registry.npm.example\\t/a.tgz", blank),
        ("//evil.example/a/-/a-1.0.0.tgz", form),
        ("https:/evil.example/a.tgz", form),
        ("https:///evil.example/a.tgz", form),
    ] {
        let text =
            format!("lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {{tarball: \"{tarball}\"}}\n");
        let facts = facts_at(NAME, &text);
        assert_eq!(facts.gaps.iter().map(|gap| gap.expected.as_str()).collect::<Vec<_>>(), [expected], "{tarball}");
    }
}

#[test]
fn snapshots_may_not_say_what_packages_should() {
    let text = |snapshots: &str| {
        format!(
            "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {{integrity: SHA}}\nsnapshots:\n{snapshots}  a@1.0.0(p@1.0.0): {{}}\n"
        )
    };
    let only = "`resolution` under `packages` only";
    gaps(
        &text("  a@1.0.0:\n    resolution: {tarball: https://evil.example/a.tgz}\n"),
        &[(GapReason::Malformed, 7, only, "it under `snapshots`")],
    );
    gaps(&text("  b@1.0.0: {}\n"), &[(GapReason::Malformed, 6, "`b@1.0.0` under `packages`", "none")]);
    gaps(&text("  b@file:b.tgz: {}\n"), &[(GapReason::Malformed, 6, "`b@file:b.tgz` under `packages`", "none")]);
    gaps(&text("  a@1.0.0: text\n"), &[(GapReason::Malformed, 6, "a snapshot to be a table", "a string")]);
}

#[test]
fn one_bad_requirement_leaves_the_others() {
    let text = r"lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: 1}
      b: {specifier: '1', version: 1.0.0}
  x: 1
";
    gaps(
        text,
        &[
            (GapReason::Malformed, 5, "a dependency with `version`", "one without"),
            (GapReason::Dangling, 6, "`b@1.0.0` under `packages`", "none"),
            (GapReason::Malformed, 7, "a project to be a table", "a number"),
        ],
    );
    let inventory = &facts_at(NAME, text).inventories[0];
    assert_eq!(asked(inventory, &inventory.projects[0]), ["b 1 Runtime -> "]);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(at in 0_usize..900, removed in 0_usize..40, inserted in "[-a-z0-9@/:_().{}'\"\\\\ \n]{0,6}") {
        let text = r"---
lockfileVersion: '9.0'
packages:
  p@1.0.0: {}
---
lockfileVersion: '9.0'
overrides:
  'a@1>b': 1
importers:
  .:
    dependencies:
      foo: {specifier: ^1, version: 1.0.0(p@1.0.0)}
packages:
  foo@1.0.0:
    resolution: {integrity: sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=, tarball: https://registry.npm.example/foo/-/foo-1.0.0.tgz}
  git@git+https://git.example/a/b#0123:
    resolution: {type: git, repo: https://git.example/a/b, commit: '0123'}
  node@runtime:22.0.0:
    resolution: {type: variations, variants: [{resolution: {type: binary, url: https://node.example/x, integrity: x}}]}
snapshots:
  foo@1.0.0(p@1.0.0):
    dependencies:
      git: git+https://git.example/a/b#0123
  x@file:x: {}
";
        for version in ["5.4", "6.0", "9.0"] {
            read_damaged(NAME, text.replace("9.0", version), at, removed, &inserted);
        }
    }
}

/// Differences from osv-scalibr.
///
/// `exotic.yaml`: `/foo/bar` is an error to pnpm, too (`parse` in `dependency-path`: "is an invalid relative
/// dependency path"), and the entry of a git repository must state its name (`nameVerFromPkgSnapshot`).
/// `files.yaml`: so must a folder. The peer leaves these entries out without a word. The others were shortened by
/// hand: they refer to packages that they do not hold, which is an error to pnpm
/// (`ERR_PNPM_LOCKFILE_MISSING_DEPENDENCY`).
const GAPS_WHERE_THE_PEER_SEES_NONE: [&str; 5] = [
    "osv-scalibr/javascript/pnpmlock/exotic.yaml",
    "osv-scalibr/javascript/pnpmlock/files.yaml",
    "osv-scalibr/javascript/pnpmlock/multiple-versions.v9.yaml",
    "osv-scalibr/javascript/pnpmlock/multiple-versions.yaml",
    "osv-scalibr/javascript/pnpmlock/peer-dependencies-advanced.yaml",
];

/// Differences from syft: it takes the key for the version where the entry states another, which is the one
/// pnpm goes by (`nameVerFromPkgSnapshot`: `version: pkgSnapshot.version ?? pkgInfo.version`).
const OTHER_VERSIONS_THAN_SYFT: [(&str, &str, &str, &str); 1] = [(
    "real/argoproj+argo-cd/ui/pnpm-lock.yaml",
    "argo-ui",
    "https://codeload.github.com/argoproj/argo-ui/tar.gz/f941b0a3ca094066dd9d5e002f48acdc5fda45a0",
    "1.0.0",
)];

#[test]
fn the_cases_of_osv_scalibr_are_read_as_there() {
    cases::check_osv_scalibr("javascript/pnpmlock", NAME, &GAPS_WHERE_THE_PEER_SEES_NONE);
}

#[test]
fn the_lock_files_of_real_projects_are_read_as_by_syft() {
    for case in cases::of_real_projects(NAME) {
        assert_eq!(case.facts.gaps, [], "{}", case.path);
        let other = OTHER_VERSIONS_THAN_SYFT.iter().filter(|(path, ..)| *path == case.path);
        let (theirs, ours) =
            other.map(|(_, name, theirs, ours)| ((*name, *theirs), (*name, *ours))).unzip::<_, _, Vec<_>, Vec<_>>();
        let owned = |pairs: Vec<(&str, &str)>| -> Vec<cases::Pair> {
            pairs.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
        };
        assert_eq!(case.differences(), (owned(theirs), owned(ours)), "{}", case.path);
    }
}
