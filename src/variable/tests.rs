//! Where variables are set, and what they switch off.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    let path = TreePath::new(path.as_bytes()).unwrap();
    let (disabled, gap) = read(format_of(&path).unwrap(), &path, text.as_bytes());
    assert_eq!(gap, None);
    let shown: Vec<String> = disabled
        .iter()
        .map(|check| {
            let position = check.place.position.unwrap();
            let mut line = format!("{}:{} {}={}", position.line, position.column, check.variable, check.value);
            write!(
                line,
                " {}",
                match check.check {
                    Check::Encryption => "encryption",
                    Check::Publication => "publication",
                }
            )
            .unwrap();
            if let Some(only_for) = &check.only_for {
                write!(line, " for {only_for}").unwrap();
            }
            line
        })
        .collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn what_a_value_of_go_switches_off_is_told_apart_from_what_it_leaves() {
    let one = |text: &str, expected: &[&str]| check(".env", text, expected);
    one(
        "GOFLAGS=-mod=readonly -insecure",
        &["1:1 GOFLAGS=-mod=readonly -insecure encryption", "1:1 GOFLAGS=-mod=readonly -insecure publication"],
    );
    one("GOFLAGS=-mod=readonly -trimpath -ldflags=-insecure", &[]);
    one("GOFLAGS=-insecure=false", &[]);
    one("GOINSECURE=git.example/acme", &["1:1 GOINSECURE=git.example/acme encryption for git.example/acme"]);
    one("GOINSECURE=", &[]);
    one("GONOSUMCHECK=1", &["1:1 GONOSUMCHECK=1 publication"]);
    one("GONOSUMCHECK=0", &[]);
    one("GOSUMDB=off", &["1:1 GOSUMDB=off publication"]);
    one("GOSUMDB=sum.evil.example+01234567+abc", &["1:1 GOSUMDB=sum.evil.example+01234567+abc publication"]);
    one("GOSUMDB=sum.golang.org https://proxy.example/sumdb", &[]);
    for wide in ["*", "*/*", "*.com", "github.com", "github.com/*", "gopkg.in"] {
        for name in ["GONOSUMDB", "GOPRIVATE"] {
            let covers =
                if wide.starts_with("*.") || !wide.starts_with('*') { format!(" for {wide}") } else { String::new() };
            one(
                &format!("{name}=git.example/acme,{wide}"),
                &[&format!("1:1 {name}=git.example/acme,{wide} publication{covers}")],
            );
        }
    }
    for narrow in
        ["git.example/acme/*", "*.corp.example", "git.example", "github.com/acme", "github.com/acme-*", "$(OWN)"]
    {
        one(&format!("GOPRIVATE={narrow}"), &[]);
    }
}

#[test]
fn assignments_are_found_as_the_tools_have_them() {
    let off = |place: &str| format!("{place} GOSUMDB=off publication");
    let one = |path: &str, text: &str, place: &str| check(path, text, &[&off(place)]);
    one("a/.env", "A=1\nexport GOSUMDB=\"off\" # why\n", "2:8");
    one("go.env", "GOSUMDB=off\r\n", "1:1");
    one("Makefile", "export GOSUMDB := off\n", "1:8");
    one("Makefile", "GOSUMDB ?= off # why\n", "1:1");
    one("Makefile", "test:\n\tGOSUMDB=off GOFLAGS=-x go test\n", "2:2");
    one("Makefile", "test:\n\tgo env -w GOSUMDB=off; go test\n", "2:12");
    one("Dockerfile", "ENV A=1 \\\n    GOSUMDB=off\n", "2:5");
    one("Dockerfile", "RUN export GOSUMDB='off' && go build\n", "1:12");
    one(".github/workflows/ci.yml", "env:\n  GOSUMDB: \"off\"\n", "2:12");
    one(".github/workflows/ci.yaml", "x: &a {GOSUMDB: off}\nenv: *a\n", "1:17");
    one(".github/workflows/ci.yml", "steps:\n  - run: |\n      cd x\n      GOSUMDB=off go test\n", "4:7");
    one(".github/workflows/ci.yml", "run: \"GOSUMDB\\x3Doff go test\"\n", "1:6");
    one(".github/workflows/ci.yml", "run: echo \"GOSUMDB=off\" >> $GITHUB_ENV\n", "1:12");
    for quiet in
        ["# GOSUMDB=off\n", "NOT_GOSUMDB=off\n", "test \"$GOSUMDB\" == off\n", "GOSUMDB=sum.golang.org\n", "GOSUMDB\n"]
    {
        check("Makefile", quiet, &[]);
    }
    assert!(format_of(&TreePath::new(b"docs/.github/workflows/ci.yml").unwrap()).is_none());
    assert!(format_of(&TreePath::new(b".github/workflows/readme.txt").unwrap()).is_none());
}

#[test]
fn a_workflow_that_is_no_yaml_is_a_gap() {
    let path = TreePath::new(b".github/workflows/ci.yml").unwrap();
    let (disabled, gap) = read(format_of(&path).unwrap(), &path, b"env: [\nGOSUMDB: off\n");
    assert_eq!(disabled, []);
    assert_eq!(gap.unwrap().kind, FactKind::Variable);
}

#[test]
fn more_assignments_than_anybody_has_are_a_gap() {
    let path = TreePath::new(b"Makefile").unwrap();
    let read = |count: usize| read(format_of(&path).unwrap(), &path, "GOSUMDB=off\n".repeat(count).as_bytes());
    assert_eq!(read(1_000).0.len(), 1_000);
    let (disabled, gap) = read(1_001);
    assert_eq!((disabled.len(), gap.unwrap().expected.as_str()), (0, "at most 1000 assignments"));
}

#[test]
fn credentials_are_dropped_and_other_variables_are_not_kept() {
    check(
        ".env",
        "TOKEN=secret\nGOSUMDB=x https://user:pw@host.example/\n",
        &["2:1 GOSUMDB=x https://***@host.example/ publication"],
    );
}

#[test]
fn registries_are_in_order() {
    assert!(FORMATS.iter().map(|format| format.id).is_sorted());
    for variables in VARIABLES {
        assert!(variables.iter().map(|variable| variable.name).is_sorted());
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "(?s)((GOFLAGS|GOSUMDB|env:|run: \\||=|:=|-insecure|off|[\\x00-\\x7f]|ä|\n| |\t|\"|'|\\{|&a|\\*a){0,30})") {
        for name in [".env", "Makefile", ".github/workflows/a.yml"] {
            let path = TreePath::new(name.as_bytes()).unwrap();
            let (disabled, _) = read(format_of(&path).unwrap(), &path, text.as_bytes());
            for check in disabled {
                prop_assert!(check.place.position.unwrap().line as usize <= text.split('\n').count());
            }
        }
    }
}
