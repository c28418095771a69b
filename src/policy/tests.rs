//! Policies read, laid over one another, and compared.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::tree::TreePath;

static PARAMETERS: [Parameter; 1] =
    [Parameter { name: "days", kind: ParameterKind::AtLeast(14), help: "how many days" }];

static RULES: [RuleInfo; 3] = [
    RuleInfo { id: "change/one", level: Level::Deny, undetermined: None, summary: "one", parameters: &[] },
    RuleInfo { id: "change/two", level: Level::Warn, undetermined: None, summary: "two", parameters: &[] },
    RuleInfo { id: "policy/three", level: Level::Warn, undetermined: None, summary: "three", parameters: &PARAMETERS },
];

/// Files of a policy, by path.
struct Files(BTreeMap<&'static str, String>);

impl PolicyFiles for Files {
    fn read(&self, path: &TreePath) -> Result<Option<Vec<u8>>, NotRead> {
        let path = std::str::from_utf8(path.as_bytes()).unwrap();
        Ok(self.0.get(path).map(|text| text.as_bytes().to_vec()))
    }
}

fn load(files: &[(&'static str, &str)]) -> Result<Policy, PolicyError> {
    let files = Files(files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect());
    let loader = Loader { catalogue: Catalogue { rules: &RULES }, files: Some(&files), origin: "file", shown: None };
    loader.file(&TreePath::new(POLICY_FILE.as_bytes()).unwrap()).map(Option::unwrap)
}

fn policy(text: &str) -> Policy {
    load(&[(POLICY_FILE, text)]).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn shown(policy: &Policy) -> Vec<Shown> {
    let mut lines = Vec::new();
    for section in SECTIONS {
        (section.show)(policy, &mut lines);
    }
    lines
}

#[test]
fn what_is_read_last_holds() {
    let check = |files: &[(&'static str, &str)], expected: [&str; 2]| {
        let policy = load(files).unwrap();
        let setting = &policy.rules["change/one"];
        assert_eq!([setting.level.value.word(), setting.undetermined().word()], expected, "{files:?}");
    };
    let team = ("team.toml", "[rules]\n\"change/one\" = { level = \"warn\", undetermined = \"allow\" }\n");
    let other = ("other.toml", "[rules]\n\"change/one\" = \"allow\"\n");
    check(&[(POLICY_FILE, "")], ["deny", "deny"]);
    check(&[(POLICY_FILE, "extends = [\"team.toml\"]"), team], ["warn", "allow"]);
    check(&[(POLICY_FILE, "extends = [\"team.toml\", \"other.toml\"]"), team, other], ["allow", "allow"]);
    check(&[(POLICY_FILE, "extends = [\"other.toml\", \"team.toml\"]"), team, other], ["warn", "allow"]);
    // A policy's own word stands above all it extends, wherever `extends` is written.
    let own = "rules.\"change/one\" = \"deny\"\nextends = [\"team.toml\"]\n";
    check(&[(POLICY_FILE, own), team], ["deny", "allow"]);
}

#[test]
fn lists_grow_and_name_where_each_entry_comes_from() {
    let team = "[tree]\nexclude = [\"a/**\"]\n[sources]\ngit = [\"https://git.example/a/\"]\n";
    let policy = load(&[
        (POLICY_FILE, "extends = [\"sub/team.toml\", \"sub/team.toml\"]\n[tree]\nexclude = [\n  \"b/**\",\n]\n"),
        ("sub/team.toml", team),
    ])
    .unwrap();
    assert_eq!(policy.excluded(), ["a/**", "b/**"]);
    let origins: Vec<String> = policy.exclude.iter().map(|entry| entry.origin.to_string()).collect();
    assert_eq!(origins, ["sub/team.toml:2:12", "portcullis.toml:4:3"]);
    assert_eq!(policy.sources.git.len(), 1);
}

#[test]
fn the_digest_covers_every_file_and_where_one_ends() {
    let digest = |files: &[(&'static str, &str)]| load(files).unwrap().digest;
    let main = (POLICY_FILE, "extends = [\"a.toml\", \"b.toml\"]");
    let one = digest(&[main, ("a.toml", "# x\n# y\n"), ("b.toml", "")]);
    let other = digest(&[main, ("a.toml", "# x\n"), ("b.toml", "# y\n")]);
    let third = digest(&[main, ("a.toml", ""), ("b.toml", "# x\n# y\n")]);
    assert!(one != other && other != third && one != third);
    assert_eq!(one, digest(&[main, ("a.toml", "# x\n# y\n"), ("b.toml", "")]));
}

#[test]
fn an_error_names_the_file_it_lies_in() {
    let error =
        load(&[(POLICY_FILE, "extends = [\"a/b.toml\"]"), ("a/b.toml", "\n[rules]\n\"change/on\" = \"deny\"\n")]);
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "a/b.toml:3:1: unknown rule `change/on` in [rules]");
    assert_eq!(error.hint.unwrap().as_str(), "did you mean `change/one`?");
}

#[test]
fn a_lower_level_is_weaker_and_a_higher_one_is_not() {
    let levels = ["allow", "warn", "deny"];
    let catalogue = Catalogue { rules: &RULES };
    let setting = |level: usize, undetermined: usize| {
        let (level, undetermined) = (levels[level], levels[undetermined]);
        policy(&format!("[rules]\n\"change/one\" = {{ level = \"{level}\", undetermined = \"{undetermined}\" }}\n"))
    };
    for (was, was_undetermined, is, is_undetermined) in (0..81).map(|n| (n % 3, n / 3 % 3, n / 9 % 3, n / 27 % 3)) {
        let found = weakenings(&catalogue, &setting(was, was_undetermined), &setting(is, is_undetermined));
        let is_weaker = is < was || is_undetermined < was_undetermined;
        assert_eq!(!found.is_empty(), is_weaker, "{was} {was_undetermined} {is} {is_undetermined}: {found:?}");
    }
}

/// A policy file of random but valid words.
fn text() -> impl Strategy<Value = String> {
    let level = prop::sample::select(vec!["deny", "warn", "allow"]);
    let rule = prop::sample::select(vec!["change/one", "change/two", "policy/three"]);
    let setting = (rule.clone(), level.clone(), level, prop::collection::vec("[a-z*]{1,4}", 0..3)).prop_map(
        |(rule, level, undetermined, allow)| {
            (rule, format!("{{ level = \"{level}\", undetermined = \"{undetermined}\", allow = {allow:?} }}"))
        },
    );
    let rules = prop::collection::btree_map(rule.clone(), setting, 0..3);
    let lists = (
        prop::collection::vec("[a-z]{1,4}/\\*\\*", 0..3),
        prop::collection::vec("https://[a-z]{1,3}\\.example/[a-z]{0,2}", 0..3),
    );
    let waiver = (rule, "[a-z*]{1,4}", 2000..2100_u16);
    (rules, lists, prop::collection::vec(waiver, 0..3)).prop_map(|(rules, (exclude, git), waivers)| {
        let mut out = format!("[tree]\nexclude = {exclude:?}\n\n[sources]\ngit = {git:?}\n\n[rules]\n");
        for (rule, (_, setting)) in rules {
            out.push_str(&format!("\"{rule}\" = {setting}\n"));
        }
        for (rule, subject, year) in waivers {
            out.push_str(&format!(
                "\n[[waiver]]\nrule = \"{rule}\"\nsubject = \"{subject}\"\nowner = \"@a\"\nreason = \"b\"\nexpires = {year}-01-31\n"
            ));
        }
        out
    })
}

proptest! {
    #[test]
    fn a_policy_is_never_weaker_than_itself(text in text()) {
        let (before, now) = (policy(&text), policy(&format!("# a remark\n{text}")));
        let found = weakenings(&Catalogue { rules: &RULES }, &before, &now);
        prop_assert!(found.is_empty(), "{:?}", found);
    }

    #[test]
    fn what_is_shown_of_the_rules_can_be_read_again(text in text()) {
        let policy = policy(&text);
        let lines: String = shown(&policy)
            .into_iter()
            .filter(|line| line.line.as_str().starts_with("rules."))
            .map(|line| format!("{}\n", line.line))
            .collect();
        let again = self::policy(&lines);
        for (id, setting) in &policy.rules {
            let read = &again.rules[id];
            prop_assert_eq!(setting.level.value, read.level.value);
            prop_assert_eq!(setting.undetermined(), read.undetermined());
            prop_assert_eq!(setting.patterns("allow"), read.patterns("allow"));
            prop_assert_eq!(setting.number("days"), read.number("days"));
        }
    }

    #[test]
    fn no_text_brings_the_reader_down(text in any::<String>()) {
        drop(load(&[(POLICY_FILE, &text)]));
    }

    #[test]
    fn no_slip_of_the_keyboard_brings_the_reader_down(text in text(), at in any::<prop::sample::Index>(), with in "\\PC{0,3}") {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        characters.splice(at..(at + 1), with.chars());
        let text: String = characters.into_iter().collect();
        if let Err(error) = load(&[(POLICY_FILE, &text)]) {
            prop_assert!(error.position.is_some(), "{}", error);
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
