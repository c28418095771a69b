//! The policy file: what is wrong with it, named by line and nearest right word.

use crate::cargo::{self, package};
use crate::support::{Sandbox, Transcript};

/// Checks one policy after the other, and lets the gate judge by it as well: both must answer alike.
#[track_caller]
fn check_errors(name: &str, policies: &[(&str, &str)]) {
    let mut transcript = Transcript::default();
    for (what, text) in policies {
        let sandbox = Sandbox::new();
        cargo::project(&sandbox, &[]);
        sandbox.write("portcullis.toml", text);
        transcript.note(what);
        for (number, line) in text.lines().enumerate() {
            let shown: String = line.chars().take(100).collect();
            transcript.text(&format!("{:>3} | {shown}\n", number + 1));
        }
        let run = transcript.portcullis(&sandbox, ["policy", "check"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{what}: {}", run.whole());
        let judged = sandbox.portcullis(["gate", "--policy", "portcullis.toml"]);
        assert_eq!((judged.code, &judged.stderr), (2, &run.stderr), "{what}");
        let of_tree = sandbox.portcullis(["gate"]);
        assert_eq!((of_tree.code, &of_tree.stderr), (2, &run.stderr), "{what}");
    }
    transcript.keep(name);
}

#[test]
fn an_unknown_word_is_named_with_its_place_and_the_nearest_right_one() {
    check_errors(
        "policy/unknown-words",
        &[
            ("unknown section", "[rule]\n\"change/downgrade\" = \"deny\"\n"),
            ("unknown section, nothing near", "\n[zebra]\nstripes = 3\n"),
            ("unknown key at the top", "extend = [\"builtin:recommended\"]\n"),
            ("unknown rule", "[rules]\n\"change/downgrde\" = \"deny\"\n"),
            ("unknown rule, nothing near", "[rules]\n\"weather/rain\" = \"deny\"\n"),
            ("rule without quotes becomes a table", "[rules]\nchange = \"deny\"\n"),
            ("unknown level", "[rules]\n\"change/downgrade\" = \"denied\"\n"),
            ("level in another case", "[rules]\n\"change/downgrade\" = \"Deny\"\n"),
            ("unknown level of a table", "[rules]\n\"change/downgrade\" = { level = \"error\" }\n"),
            ("unknown level of the undetermined", "[rules]\n\"change/downgrade\" = { undetermined = \"wrn\" }\n"),
            ("unknown parameter", "[rules]\n\"policy/waiver-expired\" = { level = \"warn\", dayz = 7 }\n"),
            ("parameter of another rule", "[rules]\n\"change/downgrade\" = { days = 7 }\n"),
            ("unknown key of [tree]", "[tree]\nexcludes = [\"tests/**\"]\n"),
            ("unknown key of [sources]", "[sources]\nregistry = [\"https://cargo.example/\"]\n"),
            (
                "unknown key of a waiver",
                "[[waiver]]\nrule = \"change/downgrade\"\nsubject = \"pkg:cargo/ripple\"\nowner = \"@a\"\nreason = \"r\"\nexpire = 2099-01-01\n",
            ),
            (
                "unknown key of a custom rule",
                "[[custom]]\nid = \"x\"\non = \"change\"\ndeny_if = \"true\"\nmessage = \"m\"\n",
            ),
            ("unknown built-in policy", "extends = [\"builtin:recomended\"]\n"),
            ("unknown built-in policy, nothing near", "extends = [\"builtin:house-of-cards\"]\n"),
            ("a built-in policy named without its prefix", "extends = [\"recommended\"]\n"),
        ],
    );
}

#[test]
fn a_wrong_type_is_named_with_what_was_expected_and_found() {
    check_errors(
        "policy/wrong-types",
        &[
            ("extends is no list", "extends = \"builtin:recommended\"\n"),
            ("extends holds a number", "extends = [1]\n"),
            ("rules is no table", "rules = [\"change/downgrade\"]\n"),
            ("level is a boolean", "[rules]\n\"change/downgrade\" = true\n"),
            ("level is a list", "[rules]\n\"change/downgrade\" = { level = [\"deny\"] }\n"),
            ("allow is a string", "[rules]\n\"change/downgrade\" = { allow = \"ripple\" }\n"),
            ("allow holds a number", "[rules]\n\"change/downgrade\" = { allow = [\"ripple\", 7] }\n"),
            ("allow holds an empty pattern", "[rules]\n\"change/downgrade\" = { allow = [\"\"] }\n"),
            ("allow holds a broken pattern", "[rules]\n\"change/downgrade\" = { allow = [\"a[\"] }\n"),
            ("a number is negative", "[rules]\n\"policy/waiver-expired\" = { days = -1 }\n"),
            ("a number has a fraction", "[rules]\n\"policy/waiver-expired\" = { days = 1.5 }\n"),
            ("a number is too large", "[rules]\n\"policy/waiver-expired\" = { days = 99999999999 }\n"),
            ("a number is a string", "[rules]\n\"policy/waiver-expired\" = { days = \"7\" }\n"),
            ("tree is a list", "[[tree]]\nexclude = []\n"),
            ("exclude is a string", "[tree]\nexclude = \"tests/**\"\n"),
            ("exclude holds a broken pattern", "[tree]\nexclude = [\n  \"tests/**\",\n  \"{a\",\n]\n"),
            ("registries holds a table", "[sources]\nregistries = [{ url = \"https://cargo.example/\" }]\n"),
            ("a registry is no address", "[sources]\nregistries = [\"the usual one\"]\n"),
            ("a registry is a pattern", "[sources]\nregistries = [\"https://*.example/\"]\n"),
            ("a registry is a scheme", "[sources]\ngit = [\"https://\"]\n"),
            ("waiver is a table", "[waiver]\nrule = \"change/downgrade\"\n"),
            ("custom is a table", "[custom]\nid = \"x\"\n"),
        ],
    );
}

const WAIVER: &str = "[[waiver]]\nrule = \"change/downgrade\"\nsubject = \"pkg:cargo/ripple\"\nowner = \"@mill\"\nreason = \"checked\"\nexpires = 2099-01-31\n";

#[test]
fn a_waiver_that_lacks_something_is_no_waiver() {
    let without = |line: &str| WAIVER.replace(&format!("{line}\n"), "");
    let with = |from: &str, to: &str| WAIVER.replace(from, to);
    check_errors(
        "policy/waivers",
        &[
            ("no owner", &without("owner = \"@mill\"")),
            ("no reason", &without("reason = \"checked\"")),
            ("no expiry", &without("expires = 2099-01-31")),
            ("no rule", &without("rule = \"change/downgrade\"")),
            ("neither subject nor fingerprint", &without("subject = \"pkg:cargo/ripple\"")),
            ("empty owner", &with("@mill", " ")),
            ("empty reason", &with("checked", "")),
            ("date in quotes", &with("2099-01-31", "\"2099-01-31\"")),
            ("date that is none", &with("2099-01-31", "2099-02-30")),
            ("date with a time", &with("2099-01-31", "2099-01-31T12:00:00Z")),
            ("time alone", &with("2099-01-31", "12:00:00")),
            ("date that is a number", &with("2099-01-31", "20990131")),
            ("unknown rule", &with("change/downgrade", "change/downgraded")),
            ("unknown domain", &with("change/downgrade", "chnge/*")),
            ("broken pattern", &with("change/downgrade", "change/[")),
            ("custom rule that is not there", &with("change/downgrade", "custom/no-snapshots")),
            ("fingerprint too short", &with("subject = \"pkg:cargo/ripple\"", "fingerprint = \"abc123\"")),
            ("fingerprint that is none", &with("subject = \"pkg:cargo/ripple\"", "fingerprint = \"ABCDEFABCDEF\"")),
            ("subject that is a list", &with("\"pkg:cargo/ripple\"", "[\"pkg:cargo/ripple\"]")),
            ("second of two", &format!("{WAIVER}\n{}", without("owner = \"@mill\""))),
        ],
    );
}

const CUSTOM: &str = "[[custom]]\nid = \"no-fresh-majors\"\non = \"change\"\ndeny-if = 'change.kind == \"added\"'\nmessage = \"{change.after.purl} is new\"\n";

#[test]
fn a_custom_rule_that_names_what_is_not_there_is_an_error() {
    let with = |from: &str, to: &str| CUSTOM.replace(from, to);
    let condition = |text: &str| with("'change.kind == \"added\"'", &format!("'{text}'"));
    check_errors(
        "policy/custom-rules",
        &[
            ("no id", &with("id = \"no-fresh-majors\"\n", "")),
            ("no condition", &with("deny-if = 'change.kind == \"added\"'\n", "")),
            ("two conditions", &with("message", "warn-if = 'true'\nmessage")),
            ("no message", &with("message = \"{change.after.purl} is new\"\n", "")),
            ("no subject", &with("on = \"change\"\n", "")),
            ("id in capitals", &with("no-fresh-majors", "No Fresh Majors")),
            ("id twice", &format!("{CUSTOM}\n{CUSTOM}")),
            ("unknown subject", &with("on = \"change\"", "on = \"changes\"")),
            ("unknown name", &condition("chnge.kind == \"added\"")),
            ("the name of the other subject", &condition("component.name == \"ripple\"")),
            ("unknown field", &condition("change.after.nam == \"ripple\"")),
            ("unknown field by index", &condition("change[\"kid\"] == \"added\"")),
            ("field of a plain value", &condition("change.kind.name == \"added\"")),
            ("unknown field below has", &condition("has(change.after.digest)")),
            ("unknown function", &condition("lower(change.after.name) == \"ripple\"")),
            ("unknown method", &condition("change.after.name.startswith(\"ripple\")")),
            ("unknown function that looks like an operator", &condition("_add(1, 2) == 3")),
            ("unknown name in a comprehension", &condition("change.fields.exists(f, g == \"version\")")),
            ("comprehension inside another", &condition("change.fields.exists(f, change.fields.exists(g, f == g))")),
            ("unknown type", &condition("Foo{a: 1} == 1")),
            ("no expression", &condition("change.kind ==")),
            ("no CEL at all", &condition("change is added")),
            ("empty expression", &condition(" ")),
            ("broken pattern in matches", &condition("change.after.name.matches(\"(\")")),
            ("message with an unknown name", &with("{change.after.purl}", "{chang.after.purl}")),
            ("message with an unknown field", &with("{change.after.purl}", "{change.after.pur}")),
            ("message with a field of a plain value", &with("{change.after.purl}", "{change.kind.x}")),
            ("message with braces that hold nothing", &with("{change.after.purl}", "{}")),
            ("message with a brace that is not closed", &with("{change.after.purl}", "{change.after.purl")),
            ("nested too deep", &condition(&format!("{}true{}", "(".repeat(40), ")".repeat(40)))),
            ("too long", &condition(&format!("change.kind == \"{}\"", "x".repeat(5000)))),
            ("a chain too deep", &condition(&format!("{}0 > 1", "1+".repeat(300)))),
        ],
    );
}

#[test]
fn a_policy_extends_what_lies_in_its_repository_and_ends() {
    let mut transcript = Transcript::default();
    let mut check = |what: &str, files: &[(&str, &str)]| {
        let sandbox = Sandbox::repository();
        cargo::project(&sandbox, &[]);
        transcript.note(what);
        for (path, text) in files {
            match text.strip_prefix("-> ") {
                Some(target) => sandbox.link(path, target),
                None => sandbox.write(path, text),
            }
            transcript.text(&format!("  {path}: {}\n", text.trim_end().replace('\n', "; ")));
        }
        let run = transcript.portcullis(&sandbox, ["policy", "check"]);
        let judged = sandbox.portcullis(["gate"]);
        assert_eq!((run.code == 2, &run.stderr), (judged.code == 2, &judged.stderr), "{what}: {}", judged.whole());
    };
    check("itself", &[("portcullis.toml", "extends = [\"portcullis.toml\"]\n")]);
    check(
        "itself through two others",
        &[
            ("portcullis.toml", "extends = [\"a.toml\"]\n"),
            ("a.toml", "extends = [\"./b.toml\"]\n"),
            ("b.toml", "extends = [\"builtin:strict\", \"portcullis.toml\"]\n"),
        ],
    );
    check(
        "itself through another",
        &[
            ("portcullis.toml", "extends = [\"policy/a.toml\"]\n"),
            ("policy/a.toml", "extends = [\"../portcullis.toml\"]\n"),
        ],
    );
    check("out of the repository", &[("portcullis.toml", "extends = [\"../team.toml\"]\n")]);
    check("by an absolute path", &[("portcullis.toml", "extends = [\"/etc/portcullis.toml\"]\n")]);
    check("through a link", &[("portcullis.toml", "extends = [\"team.toml\"]\n"), ("team.toml", "-> /etc/hostname")]);
    check(
        "through a folder that is a link",
        &[("portcullis.toml", "extends = [\"team/hostname\"]\n"), ("team", "-> /etc")],
    );
    check("a folder", &[("portcullis.toml", "extends = [\"src\"]\n")]);
    check("what is not there", &[("portcullis.toml", "extends = [\"team.toml\"]\n")]);
    check("what is broken", &[("portcullis.toml", "extends = [\"team.toml\"]\n"), ("team.toml", "\n[rules\n")]);
    check(
        "a file that is named like a built-in policy",
        &[("portcullis.toml", "extends = [\"./builtin:strict\"]\n"), ("builtin:strict", "[rules]\n")],
    );
    let doubled: String = (0..6).map(|n| format!("l{n}.toml")).collect::<Vec<_>>().join(" ");
    let levels: Vec<(String, String)> = doubled
        .split(' ')
        .enumerate()
        .map(|(n, name)| (name.to_owned(), format!("extends = [\"l{}.toml\", \"l{}.toml\"]\n", n + 1, n + 1)))
        .chain([("l6.toml".to_owned(), "[rules]\n".to_owned())])
        .collect();
    let mut files: Vec<(&str, &str)> = vec![("portcullis.toml", "extends = [\"l0.toml\"]\n")];
    files.extend(levels.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    check("twice as many on each level", &files);
    let custom = "[[custom]]\nid = \"none\"\non = \"component\"\ndeny-if = \"false\"\nmessage = \"never\"\n";
    check(
        "the same file through two others",
        &[
            ("portcullis.toml", "extends = [\"a.toml\", \"b.toml\"]\n"),
            ("a.toml", "extends = [\"shared.toml\"]\n"),
            ("b.toml", "extends = [\"shared.toml\"]\n"),
            ("shared.toml", custom),
        ],
    );
    transcript.keep("policy/extends");
}

#[test]
fn a_policy_that_is_no_text_or_no_toml_is_an_error() {
    let mut transcript = Transcript::default();
    let mut check = |what: &str, bytes: &[u8], code: i32| {
        let sandbox = Sandbox::new();
        cargo::project(&sandbox, &[]);
        sandbox.write("portcullis.toml", bytes);
        transcript.note(what);
        let run = transcript.portcullis(&sandbox, ["policy", "check"]);
        assert_eq!(run.code, code, "{what}");
        let judged = sandbox.portcullis(["gate"]);
        assert_eq!((judged.code, &judged.stderr), (code, &run.stderr), "{what}");
    };
    check("not UTF-8", b"[rules]\n# gr\xfc\xdfe\n", 2);
    check("UTF-16", b"\xff\xfe[\0r\0u\0", 2);
    check("not TOML", b"rules: {}\n", 2);
    check("a table that does not end", b"[rules\n", 2);
    check("a string that does not end", b"extends = [\"builtin:recommended]\n", 2);
    check("a control character", b"extends = [\"builtin:recommended\x07\"]\n", 2);
    check("a key twice", b"[rules]\n\"change/downgrade\" = \"deny\"\n\"change/downgrade\" = \"warn\"\n", 2);
    check("a table twice", b"[rules]\n[tree]\n[rules]\n", 2);
    check("merge-conflict markers", b"<<<<<<< HEAD\n[rules]\n=======\n[tree]\n>>>>>>> b\n", 2);
    check("a tree of tables", format!("rules = {}{}\n", "{a=".repeat(10_000), "}".repeat(10_000)).as_bytes(), 2);
    check("a byte order mark", b"\xef\xbb\xbfextends = [\"builtin:recommended\"]\n", 0);
    check("line ends of Windows", b"extends = [\"builtin:recommended\"]\r\n[rules]\r\n", 0);
    check("nothing", b"", 0);
    check("comments alone", b"# nothing yet\n", 0);
    transcript.keep("policy/no-toml");
}

#[test]
fn a_file_of_the_tree_never_stands_for_a_built_in_policy() {
    let sandbox = Sandbox::new();
    cargo::project(&sandbox, &[]);
    let allows = "[rules]\n\"policy/waiver-unused\" = \"warn\"\n";
    for name in ["strict", "recommended", "builtin:strict"] {
        sandbox.write(name, allows);
        let report = sandbox.portcullis(["gate", "--policy", name, "--format", "json"]).report();
        assert_eq!(report["policy"]["origin"], "builtin", "{name}");
        let check = |sandbox: &Sandbox| sandbox.portcullis(["policy", "check", name]).stdout;
        assert_eq!(check(&sandbox), check(&Sandbox::new()), "{name}");
    }
    let report = sandbox.portcullis(["gate", "--policy", "./strict", "--format", "json"]).report();
    assert_eq!(
        (report["policy"]["origin"].as_str(), report["policy"]["name"].as_str()),
        (Some("file"), Some("strict"))
    );
    let refused = sandbox.portcullis(["gate", "--policy", "./builtin:strict"]);
    assert_eq!(refused.code, 2, "{}", refused.whole());
}

#[test]
fn the_digest_of_a_policy_is_that_of_its_file() {
    for text in ["[rules]\n", "\u{feff}[rules]\n", "extends = [\"builtin:strict\"]\n"] {
        let sandbox = Sandbox::new();
        cargo::project(&sandbox, &[]);
        sandbox.write("portcullis.toml", text);
        let mut sum = std::process::Command::new("sha256sum");
        sum.arg("portcullis.toml");
        let sum = sandbox.run(sum, sandbox.path()).stdout;
        let expected = format!("sha256:{}", sum.split(' ').next().unwrap());
        let report = sandbox.portcullis(["gate", "--format", "json"]).report();
        assert_eq!(report["policy"]["digest"], expected.as_str(), "{text:?}");
        assert!(sandbox.portcullis(["policy", "check"]).stdout.contains(&expected), "{text:?}");
    }
}
