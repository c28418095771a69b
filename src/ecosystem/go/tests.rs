//! Go's files: what is read, what is a gap, and that others read the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use crate::component::{Component, Inventory, Relation};
use crate::ecosystem::{Facts, cases, format_of, read};
use crate::fact::{FactKind, Gap, GapReason};
use crate::tree::TreePath;

fn facts(path: &str, text: &str) -> Facts {
    let path = TreePath::new(path.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, text.as_bytes())
}

fn lines(components: &[Component]) -> String {
    let mut out = String::new();
    for component in components {
        let relation = if component.relation == Relation::Direct { "direct" } else { "indirect" };
        let instead = component.instead_of.as_deref().map(|old| format!(" instead of {old}")).unwrap_or_default();
        let line = component.location().and_then(|place| place.position).map_or(0, |position| position.line);
        writeln!(out, "{line} {} {} {relation}{instead}", component.purl, kind(component)).unwrap();
    }
    out
}

fn kind(component: &Component) -> &'static str {
    match component.source {
        crate::component::Source::Registry { registry: None } => "registry",
        crate::component::Source::Path { .. } => "path",
        _ => "other",
    }
}

fn gaps(facts: &Facts) -> String {
    let mut out = String::new();
    for gap in &facts.gaps {
        let at = gap.location.position.map(|position| format!("{}:{}", position.line, position.column));
        writeln!(out, "{} expected {}, found {}", at.unwrap_or_default(), gap.expected, gap.found).unwrap();
    }
    out
}

#[track_caller]
fn check(text: &str, components: &str, expected_gaps: &str) {
    let facts = facts("go.mod", text);
    assert_eq!(gaps(&facts), expected_gaps);
    assert_eq!(lines(&facts.inventories[0].components), components);
}

#[test]
fn every_directive_is_read_in_a_line_and_in_a_block() {
    check(
        "// A comment.\nmodule git.example/acme/store // another\n\ngo 1.24\ntoolchain go1.24.2\ngodebug default=go1.21\n\
         godebug (\n\tpanicnil=1\n)\nrequire git.example/acme/wire v0.8.0\nrequire (\n\tgit.example/acme/clock v1.2.0\n\t\
         // A line of its own.\n\tgit.example/sun/dial v0.0.0-20260102030405-0123456789ab // indirect\n\t\
         git.example/sun/arc v2.0.0+incompatible // indirect; for the tests\n)\nexclude git.example/acme/wire v0.7.0\n\
         exclude (\n)\nreplace ()\nretract v0.1.0 // wrong\nretract (\n\t[v0.2.0, v0.3.0]\n)\ntool git.example/acme/wire/cmd/gen\n\
         ignore ./node_modules\n",
        "12 pkg:golang/git.example/acme/clock@v1.2.0 registry direct\n\
         10 pkg:golang/git.example/acme/wire@v0.8.0 registry direct\n\
         15 pkg:golang/git.example/sun/arc@v2.0.0%2Bincompatible registry indirect\n\
         14 pkg:golang/git.example/sun/dial@v0.0.0-20260102030405-0123456789ab registry indirect\n",
        "",
    );
}

#[test]
fn both_kinds_of_strings_and_windows_line_ends_are_read() {
    check(
        "module \"git.example/acme/store\"\r\ngo 1.24\r\nrequire (\r\n\t`git.example/acme/wire` \"v0.8.0\"// indirect\r\n)\r\n",
        "4 pkg:golang/git.example/acme/wire@v0.8.0 registry indirect\n",
        "",
    );
}

#[test]
fn what_takes_the_place_of_a_module_is_the_component() {
    let head =
        "module git.example/acme/store\nrequire git.example/acme/wire v0.8.0\nrequire git.example/acme/wire v0.9.0\n";
    check(
        &format!("{head}replace git.example/acme/wire v0.8.0 => git.example/fork/wire v0.8.1\n"),
        "3 pkg:golang/git.example/acme/wire@v0.9.0 registry direct\n\
         4 pkg:golang/git.example/fork/wire@v0.8.1 registry direct instead of git.example/acme/wire\n",
        "",
    );
    check(
        &format!(
            "{head}replace (\n\tgit.example/acme/wire v0.8.0 => ./wire\n\tgit.example/acme/wire => git.example/acme/wire v0.9.1\n)\n"
        ),
        "2 pkg:golang/git.example/acme/wire@v0.8.0 path direct\n\
         6 pkg:golang/git.example/acme/wire@v0.9.1 registry direct\n",
        "",
    );
}

#[test]
fn what_is_not_in_the_language_is_a_gap_with_its_place() {
    let head = "module git.example/acme/store\n";
    let wire = "3 pkg:golang/git.example/acme/wire@v0.8.0 registry direct\n";
    let one = |line: &str, gap: &str| {
        check(&format!("{head}{line}\nrequire git.example/acme/wire v0.8.0\n"), wire, &format!("2:{gap}\n"));
    };
    one("requires git.example/acme/clock v1.2.0", "1 expected a directive of `go.mod` known here, found `requires`");
    one("/* no comment */", "1 expected comments that begin with `//`, found `/*`");
    one("exclude git.example/a/* v1.0.0", "22 expected comments that begin with `//`, found `/*`");
    one("require git.example/acme/clock", "1 expected `require` with a module and its version, found one word");
    one("require git.example/acme/clock latest", "32 expected a version of the form v1.2.3, found `latest`");
    one("require git.example/acme/clock v1.2", "32 expected a version of the form v1.2.3, found `v1.2`");
    one(
        "require \"git.example/acme/clock v1.2.0",
        "9 expected a string that ends, found one that goes on to the end of the line",
    );
    one(
        "require \"git.example/acme/\\x63lock\" v1.2.0",
        "9 expected no escapes but `\\\\` and `\\\"`, found `git.example/acme/\\\\x63lock`",
    );
    one("require git.example/\u{202e}clock v1.2.0", "9 expected visible characters, found `\\u{202e}`");
    one("require git.example/../clock v1.2.0", "9 expected the path of a module, found `git.example/../clock`");
    one(
        "require https://git.example/clock v1.2.0",
        "1 expected `require` with a module and its version, found one word",
    );
    one(
        "replace a.example/x => b.example/x",
        "1 expected a module with its version, or a folder (`./`, `../` or `/`) without one, found one word",
    );
    one(
        "replace a.example/x b.example/x v1.0.0",
        "1 expected `MODULE [VERSION] => MODULE VERSION` or `MODULE [VERSION] => FOLDER`, found 3 words",
    );
    one("retract [v1.0.0]", "1 expected `retract` with a version or `[VERSION, VERSION]`, found 3 words");
    one("go one", "4 expected a version of the form 1.23, found `one`");
    one("module git.example/acme/other", "1 expected `module` once, found a second time");
    one("go 1.2 3", "1 expected `go` with a version, found 2 words");
}

#[test]
fn blocks_are_taken_as_strictly_as_the_go_command_does() {
    let head = "module git.example/acme/store\n";
    let one = |lines: &str, gap: &str| check(&format!("{head}{lines}\n"), "", gap);
    one("go (\n)", "2:1 expected a directive that may be a block, found `go`\n");
    one("require git.example/acme/wire (\n)", "2:1 expected a block with one name, found 2 words\n");
    one("require (\n) v1", "3:1 expected the end of a block by itself, found more on its line\n");
    one("require (", "2:1 expected a block that ends, found the end of the file\n");
}

#[test]
fn a_file_that_says_nothing_of_its_module_is_a_gap() {
    check("", "", "1:1 expected a `module` directive, found none\n");
}

#[test]
fn a_file_that_contradicts_itself_is_a_gap() {
    let text = "module git.example/acme/store\nrequire git.example/acme/wire v0.8.0\nreplace git.example/acme/wire => ./a\nreplace git.example/acme/wire => ./b\n";
    let facts = facts("go.mod", text);
    assert_eq!(gaps(&facts), "4:1 expected one replacement of `git.example/acme/wire`, `./a`, found another, `./b`\n");
    assert_eq!(facts.gaps[0].reason, GapReason::Contradictory);
}

const SUM: &str = "git.example/acme/wire v0.8.0 h1:+nCjc5Ed4D/dGSN8BCH65RiK2aDfkFbnVaHYiI0bkc8=\n\
                   git.example/acme/wire v0.8.0/go.mod h1:rGxg+/KPb89jrbG+V/quGYgBHOKEDrSTKKVm7hquMa0=\n";

/// Both files of a folder: the components with their digests, and what could not be read.
fn both(module: &str, sum: &str) -> (Inventory, Vec<Gap>) {
    let (mut module, sum) = (facts("a/go.mod", module), facts("a/go.sum", sum));
    let mut inventory = module.inventories.remove(0);
    sum.digest_lists[0].attach(&mut inventory);
    (inventory, [module.gaps, sum.gaps].concat())
}

#[test]
fn components_have_the_digests_that_stand_in_the_other_file() {
    let module = "module git.example/acme/store\nrequire git.example/acme/wire v0.8.0\n";
    let (inventory, _) = both(module, SUM);
    let component = &inventory.components[0];
    let digests: Vec<_> = component.digests.iter().map(|it| (it.artifact.as_deref(), it.to_string())).collect();
    assert_eq!(
        digests,
        [
            (None, "h1:+nCjc5Ed4D/dGSN8BCH65RiK2aDfkFbnVaHYiI0bkc8=".to_owned()),
            (Some("go.mod"), "h1:rGxg+/KPb89jrbG+V/quGYgBHOKEDrSTKKVm7hquMa0=".to_owned())
        ]
    );
    let place = component.digest_location().unwrap();
    assert_eq!((place.path.to_string(), place.position.unwrap().line), ("a/go.sum".to_owned(), 1));
    assert_eq!(place.position.unwrap().column, 30);
    assert_eq!(component.unverified, []);
    // A folder has none, and the digest of the file that describes a module does not bind the module.
    let (inventory, _) = both(&format!("{module}replace git.example/acme/wire => ./wire\n"), SUM);
    assert_eq!(inventory.components[0].digests, []);
    let (inventory, _) = both(module, SUM.lines().nth(1).map(|line| format!("{line}\n")).unwrap().as_str());
    assert_eq!(inventory.components[0].unverified.len(), 1);
}

#[test]
fn digests_that_cannot_be_read_are_gaps() {
    let one = |line: &str, gap: &str| {
        let facts = facts("go.sum", &format!("{SUM}\n{line}\n"));
        assert_eq!(gaps(&facts), format!("4:{gap}\n"));
        assert_eq!(facts.gaps[0].kind, FactKind::Component);
        assert_eq!(facts.digest_lists[0].entries().len(), 2);
    };
    one("git.example/acme/wire v0.9.0", "1 expected a module, a version and a digest, found 2 words");
    one("git.example/acme/wire v0.9.0 h1:AAAA", "30 expected `h1:` and 32 bytes in base64, found `h1:AAAA`");
    one(
        "git.example/acme/wire v0.9.0 h2:+nCjc5Ed4D/dGSN8BCH65RiK2aDfkFbnVaHYiI0bkc8=",
        "30 expected `h1:` and 32 bytes in base64, found `h2:+nCjc5Ed4D/dGSN8BCH65RiK2aDfkFbnVaHYiI0bkc8=`",
    );
    one(
        "git.example/acme/wire 0.9.0 h1:+nCjc5Ed4D/dGSN8BCH65RiK2aDfkFbnVaHYiI0bkc8=",
        "1 expected a module and a version of the form v1.2.3, found `git.example/acme/wire 0.9.0`",
    );
    one(
        "git.example/acme/wire v0.8.0 h1:rGxg+/KPb89jrbG+V/quGYgBHOKEDrSTKKVm7hquMa0=",
        "30 expected one digest for `git.example/acme/wire v0.8.0`, found another, h1:rGxg+/KPb89jrbG+V/quGYgBHOKEDrSTKKVm7hquMa0=",
    );
    // A last line that is whole but for its end is read by the go command too.
    assert_eq!(gaps(&facts("go.sum", SUM.trim_end())), "");
    // The go command itself takes a line that stands there twice.
    assert_eq!(gaps(&facts("go.sum", &SUM.repeat(2))), "");
}

#[test]
fn a_workspace_says_what_takes_the_place_of_modules() {
    let text = "go 1.24\nuse ./store\nuse (\n\t./wire\n)\nreplace (\n\tgit.example/sun/dial => git.example/fork/dial v1.0.0\n\tgit.example/sun/arc => ../arc\n)\n";
    let facts = facts("go.work", text);
    assert_eq!(gaps(&facts), "");
    assert_eq!(
        lines(&facts.inventories[0].components),
        "7 pkg:golang/git.example/fork/dial@v1.0.0 registry direct instead of git.example/sun/dial\n"
    );
    let faulty = self::facts("go.work", "use ./store\nrequire git.example/acme/wire v0.8.0\n");
    assert_eq!(
        gaps(&faulty),
        "1:1 expected a `go` directive, found none\n2:1 expected a directive of `go.work` known here, found `require`\n"
    );
}

#[test]
fn what_is_vendored_says_what_it_is_required_for() {
    let text = "# git.example/acme/wire v0.8.0\n## explicit; go 1.17\ngit.example/acme/wire\ngit.example/acme/wire/frame\n# git.example/sun/arc v1.0.0\n## go 1.20\ngit.example/sun/arc\n# git.example/sun/dial v1.0.0 => git.example/fork/dial v1.0.1\n## explicit\ngit.example/sun/dial\n# git.example/sun/dial => git.example/fork/dial v1.0.1\n";
    let facts = facts("vendor/modules.txt", text);
    assert_eq!(gaps(&facts), "");
    let asked: BTreeMap<_, _> =
        facts.manifests[0].requirements.iter().map(|it| (&*it.name, it.specifier.as_deref().unwrap())).collect();
    let expected =
        [("git.example/acme/wire", "v0.8.0"), ("git.example/sun/dial", "v1.0.0 => git.example/fork/dial v1.0.1")];
    assert_eq!(asked, BTreeMap::from(expected));
    assert_eq!(self::facts("vendor/modules.txt", &format!("## workspace\n{text}")).manifests, []);
    let faulty = self::facts("vendor/modules.txt", "# git.example/acme/wire latest\n<html>\n");
    assert_eq!(
        gaps(&faulty),
        "1:1 expected a module with its version, found `git.example/acme/wire latest`\n2:1 expected a package or a module, found `<html>`\n"
    );
    assert!(format_of(&TreePath::new(b"lib/modules.txt").unwrap()).is_none(), "others call their files so too");
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "(?s)((module|require|replace|go|use|#|##|=>|git.example/a|v1.0.0|[\\x00-\\x7f]|\\(|\\)|\n| |\"|`|//){0,40})") {
        for name in ["go.mod", "go.sum", "go.work", "vendor/modules.txt"] {
            let facts = facts(name, &text);
            let count = text.split('\n').count();
            for gap in &facts.gaps {
                prop_assert!(gap.location.position.is_none_or(|position| position.line as usize <= count));
            }
        }
    }
}

/// Without the letter in front, as this peer has versions.
fn plain(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

/// The peer lists the standard library too, in the version of `toolchain` or `go`. But these state the lowest version that
/// will do (Go Modules Reference, "go directive"), not the one that builds.
#[test]
fn the_cases_of_a_peer_are_read_as_the_peer_does() {
    for mut case in cases::of_osv_scalibr("golang/gomod", "go.mod") {
        case.expected.retain(|(name, _)| name != "stdlib");
        for component in case.facts.inventories.iter_mut().flat_map(|inventory| &mut inventory.components) {
            component.version = component.version.as_deref().map(|version| plain(version).into());
        }
        assert_eq!(case.differences(), (vec![], vec![]), "{}", case.path);
        // Some of them have no `module` directive, and are for the peer alone.
        let faults: Vec<_> = case.facts.gaps.iter().filter(|gap| !gap.expected.as_str().contains("`module`")).collect();
        assert_eq!(faults.is_empty(), !case.error, "{}: {faults:?}", case.path);
    }
}

#[test]
fn the_files_of_real_projects_are_read_as_by_syft() {
    for case in cases::of_real_projects("go.mod") {
        assert_eq!(case.facts.gaps, [], "{}", case.path);
        assert_eq!(case.differences(), (vec![], vec![]), "{}", case.path);
        let sum = cases::text(&case.path.replace("go.mod", "go.sum"));
        let module = cases::text(&case.path);
        let (inventory, gaps) = both(&module, &sum);
        assert_eq!(gaps, [], "{}", case.path);
        for component in &inventory.components {
            assert_eq!(component.digests.len(), 2, "{}: {}", case.path, component.label());
        }
    }
}
