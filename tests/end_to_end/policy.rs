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
        for (number, line) in text.lines().take(24).enumerate() {
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
            ("too many", &(0..501).map(|n| CUSTOM.replace("no-fresh-majors", &format!("r{n}"))).collect::<String>()),
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
fn a_policy_of_any_size_is_read_in_a_moment() {
    let waiver = |n: usize| WAIVER.replace("pkg:cargo/ripple", &format!("pkg:cargo/r{n}*"));
    let many: String = (0..10_000).map(waiver).collect();
    for (what, text, code) in [
        ("waivers", (0..2_000).map(waiver).collect(), 0),
        ("too many waivers", format!("{many}{}", waiver(0)), 2),
        ("too many exclusions", format!("[tree]\nexclude = [{}]\n", "\"a*\",".repeat(10_001)), 2),
        (
            "too many allowed",
            format!("[rules]\n\"change/downgrade\" = {{ allow = [{}] }}\n", "\"a*\",".repeat(10_001)),
            2,
        ),
        ("too many extended", format!("extends = [{}]\n", "\"builtin:strict\",".repeat(10_001)), 2),
        ("too large", "# a remark\n".repeat(500_000), 2),
    ] {
        let sandbox = Sandbox::new();
        cargo::project(&sandbox, &[]);
        sandbox.write("portcullis.toml", &text);
        let begin = std::time::Instant::now();
        let run = sandbox.portcullis(["policy", "check"]);
        assert_eq!(run.code, code, "{what}: {}", run.whole());
        assert!(begin.elapsed() < std::time::Duration::from_secs(60), "{what}: {:?}", begin.elapsed());
    }
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
        (Some("file"), Some("./strict"))
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

/// The packages of the base.
fn packages() -> Vec<cargo::Package> {
    vec![package("ripple", "1.2.3", 'a'), package("tarn", "0.4.0", 'b')]
}

/// Writes two policies in two commits and judges the second.
fn change_of_policy(before: Option<&str>, now: Option<&str>) -> Sandbox {
    let sandbox = cargo::committed(&packages(), before);
    match now {
        Some(text) => sandbox.write("portcullis.toml", text),
        None => sandbox.remove("portcullis.toml"),
    }
    sandbox.commit("second");
    sandbox
}

#[test]
fn a_broken_policy_in_the_base_is_an_error_and_in_the_head_a_finding() {
    let mut transcript = Transcript::default();
    let (sound, broken) = ("[rules]\n\"change/downgrade\" = \"deny\"\n", "[rules]\n\"change/downgrde\" = \"deny\"\n");
    transcript.note("broken in the base");
    let base = change_of_policy(Some(broken), Some(sound));
    assert_eq!(transcript.portcullis(&base, ["gate", "--base", "HEAD~1"]).code, 2);
    transcript.note("broken in the head");
    let head = change_of_policy(Some(sound), Some(broken));
    let run = transcript.portcullis(&head, ["gate", "--base", "HEAD~1"]);
    assert_eq!(run.code, 1);
    let report = head.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]).report();
    let finding = &report["findings"][0];
    assert_eq!((&finding["rule"], &finding["state"]), (&"policy/weakened".into(), &"not-determined".into()));
    transcript.note("broken in the head, no policy in the base");
    let first = change_of_policy(None, Some(broken));
    assert_eq!(transcript.portcullis(&first, ["gate", "--base", "HEAD~1"]).code, 1);
    transcript.note("a link in the head");
    let link = change_of_policy(Some(sound), Some(sound));
    link.link("portcullis.toml", "/etc/hostname");
    link.commit("third");
    assert_eq!(transcript.portcullis(&link, ["gate", "--base", "HEAD~1"]).code, 1);
    transcript.note("broken in the file it extends");
    let extended = change_of_policy(Some(sound), Some("extends = [\"team.toml\"]\n"));
    extended.write("team.toml", "[rule]\n");
    extended.commit("third");
    assert_eq!(transcript.portcullis(&extended, ["gate", "--base", "HEAD~2"]).code, 1);
    transcript.note("staged");
    let staged = cargo::committed(&packages(), Some(sound));
    staged.write("portcullis.toml", broken);
    staged.git(["add", "-A"]);
    assert_eq!(transcript.portcullis(&staged, ["gate", "--staged"]).code, 1);
    transcript.keep("policy/broken-on-one-side");
}

const WEAK_BASE: &str = r#"extends = ["builtin:recommended", "team.toml"]

[rules]
"change/downgrade" = "deny"
"change/lock-out-of-sync" = { level = "warn", undetermined = "deny" }
"change/new-git-source" = { allow = ["ripple"] }
"policy/waiver-expired" = { days = 30 }

[tree]
exclude = ["vendor/**"]

[sources]
registries = ["https://cargo.example/index/"]
git = ["https://git.example/mill/"]

[[custom]]
id = "no-snapshots"
on = "component"
deny-if = 'component.version.endsWith("-SNAPSHOT")'
message = "{component.purl} is a snapshot"

[[waiver]]
rule = "change/downgrade"
subject = "pkg:cargo/ripple"
owner = "@mill"
reason = "1.2.4 does not build here"
expires = 2099-01-31
"#;

const WEAK_TEAM: &str = "[rules]\n\"policy/waiver-expired\" = \"deny\"\n\"policy/waiver-unused\" = \"allow\"\n";

/// Each change of the policy, and the messages of the findings it must give; none where it only gets stricter.
#[test]
fn every_way_to_weaken_the_policy_is_a_finding() {
    let with = |from: &str, to: &str| {
        assert!(WEAK_BASE.contains(from), "{from}");
        WEAK_BASE.replacen(from, to, 1)
    };
    let added = |text: &str| format!("{WEAK_BASE}\n{text}");
    let waiver = &WEAK_BASE[WEAK_BASE.find("[[waiver]]").unwrap()..];
    let cases: Vec<(&str, String, &str)> = vec![
        (
            "level lowered to warn",
            with("\"change/downgrade\" = \"deny\"", "\"change/downgrade\" = \"warn\""),
            WEAK_TEAM,
        ),
        (
            "level lowered to allow",
            with("\"change/downgrade\" = \"deny\"", "\"change/downgrade\" = \"allow\""),
            WEAK_TEAM,
        ),
        ("line removed, the default is lower", with("\"change/downgrade\" = \"deny\"\n", ""), WEAK_TEAM),
        ("undetermined lowered", with("undetermined = \"deny\"", "undetermined = \"allow\""), WEAK_TEAM),
        ("undetermined removed, the level is lower", with(", undetermined = \"deny\"", ""), WEAK_TEAM),
        (
            "level kept, undetermined lowered",
            with(
                "\"change/downgrade\" = \"deny\"",
                "\"change/downgrade\" = { level = \"deny\", undetermined = \"warn\" }",
            ),
            WEAK_TEAM,
        ),
        ("allow widened", with("allow = [\"ripple\"]", "allow = [\"ripple\", \"tarn\"]"), WEAK_TEAM),
        ("allow opened", with("allow = [\"ripple\"]", "allow = [\"*\"]"), WEAK_TEAM),
        ("number lowered", with("days = 30", "days = 7"), WEAK_TEAM),
        ("exclusion added", with("\"vendor/**\"", "\"vendor/**\", \"crates/**\""), WEAK_TEAM),
        ("registry added", with("registries = [", "registries = [\"https://mirror.example/\", "), WEAK_TEAM),
        ("registry widened to its host", with("https://cargo.example/index/", "https://cargo.example/"), WEAK_TEAM),
        ("git owner widened to its host", with("https://git.example/mill/", "https://git.example/"), WEAK_TEAM),
        ("image registry added", with("git = [", "images = [\"images.example\"]\ngit = ["), WEAK_TEAM),
        (
            "custom rule removed",
            with(&WEAK_BASE[WEAK_BASE.find("[[custom]]").unwrap()..WEAK_BASE.find("[[waiver]]").unwrap()], ""),
            WEAK_TEAM,
        ),
        ("custom rule only warns", with("deny-if", "warn-if"), WEAK_TEAM),
        ("custom rule has another condition", with("endsWith(\"-SNAPSHOT\")", "endsWith(\"-NEVER\")"), WEAK_TEAM),
        (
            "custom rule has another subject",
            with(
                "on = \"component\"\ndeny-if = 'component.version",
                "on = \"change\"\ndeny-if = 'change.after.version",
            )
            .replace("{component.purl}", "{change.after.purl}"),
            WEAK_TEAM,
        ),
        ("custom rule is renamed", with("id = \"no-snapshots\"", "id = \"no-snapshot\""), WEAK_TEAM),
        (
            "waiver added",
            added(
                "[[waiver]]\nrule = \"change/*\"\nsubject = \"pkg:cargo/*\"\nowner = \"@mill\"\nreason = \"all is well\"\nexpires = 2099-12-31\n",
            ),
            WEAK_TEAM,
        ),
        ("waiver extended", with("2099-01-31", "2099-02-01"), WEAK_TEAM),
        ("waiver for another rule", with("rule = \"change/downgrade\"", "rule = \"change/*\""), WEAK_TEAM),
        ("waiver for another subject", with("pkg:cargo/ripple", "pkg:cargo/*"), WEAK_TEAM),
        (
            "waiver loses its fingerprint",
            added(&waiver.replace("subject =", "fingerprint = \"0123456789ab\"\nsubject =")).replacen(waiver, "", 1),
            WEAK_TEAM,
        ),
        ("extends dropped", with(", \"team.toml\"", ""), WEAK_TEAM),
        ("a built-in policy is dropped", with("\"builtin:recommended\", ", ""), WEAK_TEAM),
        (
            "what it extends is written into it",
            with(", \"team.toml\"", "")
                .replace("days = 30", "days = 30, level = \"deny\"")
                .replace("[rules]", "[rules]\n\"policy/waiver-unused\" = \"allow\""),
            WEAK_TEAM,
        ),
        ("a file it extends is weaker", WEAK_BASE.to_owned(), "[rules]\n\"policy/waiver-unused\" = \"allow\"\n"),
        (
            "a file it extends adds a waiver",
            WEAK_BASE.to_owned(),
            concat!(
                "[rules]\n\"policy/waiver-expired\" = \"deny\"\n\"policy/waiver-unused\" = \"allow\"\n",
                "[[waiver]]\nrule = \"change/downgrade\"\nsubject = \"pkg:cargo/tarn\"\nowner = \"@mill\"\nreason = \"checked\"\nexpires = 2099-12-31\n"
            ),
        ),
        (
            "several at once",
            with("\"change/downgrade\" = \"deny\"", "\"change/downgrade\" = \"warn\"").replace("days = 30", "days = 7"),
            WEAK_TEAM,
        ),
    ];
    let mut transcript = Transcript::default();
    for (what, policy, team) in cases {
        let sandbox = cargo::committed(&packages(), Some(WEAK_BASE));
        sandbox.write("team.toml", WEAK_TEAM);
        sandbox.commit("team");
        sandbox.write("portcullis.toml", &policy);
        sandbox.write("team.toml", team);
        sandbox.commit("second");
        transcript.note(what);
        let run = sandbox.portcullis(["gate", "--base", "HEAD~1"]);
        assert_eq!(run.code, 1, "{what}: {}", run.whole());
        // The line of the digest and what stands at the end is the same each time.
        let lines: Vec<&str> = run.stdout.lines().take_while(|line| !line.starts_with("gate ")).collect();
        let told: Vec<&str> = lines
            .into_iter()
            .filter(|line| !["= why", "= more", "= fingerprint", "= policy"].iter().any(|note| line.contains(note)))
            .collect();
        transcript.text(&told.join("\n"));
        transcript.text("\n");
    }
    transcript.keep("policy/weakened");
}

#[test]
fn a_policy_that_only_gets_stricter_or_says_the_same_passes() {
    let with = |from: &str, to: &str| WEAK_BASE.replacen(from, to, 1);
    let waiver = &WEAK_BASE[WEAK_BASE.find("[[waiver]]").unwrap()..];
    let cases: Vec<(&str, String, &str)> = vec![
        ("level raised", with("level = \"warn\"", "level = \"deny\""), WEAK_TEAM),
        (
            "undetermined raised",
            with(
                "\"change/new-git-source\" = {",
                "\"change/lock-file-removed\" = { undetermined = \"deny\" }\n\"change/new-git-source\" = {",
            ),
            WEAK_TEAM,
        ),
        ("allow narrowed", with("allow = [\"ripple\"]", "allow = []"), WEAK_TEAM),
        ("number raised", with("days = 30", "days = 90"), WEAK_TEAM),
        ("exclusion removed", with("\"vendor/**\"", ""), WEAK_TEAM),
        ("registry narrowed", with("https://cargo.example/index/", "https://cargo.example/index/crates/"), WEAK_TEAM),
        (
            "registry in another spelling",
            with("https://cargo.example/index/", "https://Cargo.example:443/index"),
            WEAK_TEAM,
        ),
        ("custom rule denies", with("id = \"no-snapshots\"", "id = \"no-snapshots\" # it does"), WEAK_TEAM),
        (
            "custom rule added",
            format!("{WEAK_BASE}\n[[custom]]\nid = \"x\"\non = \"change\"\nwarn-if = \"true\"\nmessage = \"m\"\n"),
            WEAK_TEAM,
        ),
        ("custom rule has another message", with("is a snapshot", "may not be a snapshot"), WEAK_TEAM),
        ("waiver ends earlier", with("2099-01-31", "2098-01-31"), WEAK_TEAM),
        ("waiver removed", with(waiver, ""), WEAK_TEAM),
        ("waiver has another owner", with("@mill", "@dam"), WEAK_TEAM),
        (
            "other order, comments and line ends",
            with("[tree]\nexclude = [\"vendor/**\"]\n", "")
                .replace("[[custom]]", "[tree]\r\n# ours\r\nexclude = [ 'vendor/**' ]\r\n[[custom]]"),
            WEAK_TEAM,
        ),
        ("extends the stricter one", with("\"builtin:recommended\"", "\"builtin:strict\""), WEAK_TEAM),
    ];
    for (what, policy, team) in cases {
        let sandbox = cargo::committed(&packages(), Some(WEAK_BASE));
        sandbox.write("team.toml", WEAK_TEAM);
        sandbox.commit("team");
        sandbox.write("portcullis.toml", &policy);
        sandbox.write("team.toml", team);
        sandbox.commit("second");
        let report = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]).report();
        let found: Vec<&serde_json::Value> =
            report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "policy/weakened").collect();
        assert!(found.is_empty(), "{what}: {found:#?}");
    }
}

#[test]
fn a_first_policy_is_a_warning_and_says_where_it_is_weaker() {
    let mut transcript = Transcript::default();
    for (what, policy) in [
        ("as strict as the built-in one", "extends = [\"builtin:recommended\"]\n"),
        ("stricter", "extends = [\"builtin:strict\"]\n"),
        (
            "weaker",
            "[rules]\n\"change/digest-removed\" = \"warn\"\n\"change/downgrade\" = \"allow\"\n\n[tree]\nexclude = [\"vendor/**\"]\n",
        ),
    ] {
        transcript.note(what);
        let sandbox = change_of_policy(None, Some(policy));
        assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 0);
    }
    transcript.keep("policy/first");
}

#[test]
fn a_deleted_policy_is_compared_with_the_built_in_one() {
    let mut transcript = Transcript::default();
    transcript.note("stricter than the built-in one");
    let sandbox = change_of_policy(Some("[rules]\n\"change/downgrade\" = \"deny\"\n"), None);
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 1);
    transcript.note("weaker than the built-in one");
    let sandbox = change_of_policy(Some("[rules]\n\"change/digest-removed\" = \"warn\"\n"), None);
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 0);
    transcript.note("renamed");
    let sandbox = cargo::committed(&packages(), Some("[rules]\n\"change/downgrade\" = \"deny\"\n"));
    sandbox.git(["mv", "portcullis.toml", "Portcullis.toml"]);
    sandbox.commit("second");
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1"]).code, 1);
    transcript.keep("policy/deleted");
}

#[test]
fn accepting_a_policy_is_for_exactly_that_policy() {
    let (before, weak) = ("[rules]\n\"change/downgrade\" = \"deny\"\n", "[rules]\n\"change/downgrade\" = \"warn\"\n");
    let sandbox = change_of_policy(Some(before), Some(weak));
    let denied = sandbox.portcullis(["gate", "--base", "HEAD~1"]);
    assert_eq!(denied.code, 1, "{}", denied.whole());
    let digest = denied.stdout.split("--accept-policy ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let mut sum = std::process::Command::new("sha256sum");
    sum.arg("portcullis.toml");
    let sum = sandbox.run(sum, sandbox.path()).stdout;
    assert_eq!(digest, format!("sha256:{}", sum.split(' ').next().unwrap()));
    let mut transcript = Transcript::default();
    let accepted = transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1", "--accept-policy", &digest]);
    assert_eq!(accepted.code, 0);
    // The accepted policy does not judge yet.
    let report =
        sandbox.portcullis(["gate", "--base", "HEAD~1", "--accept-policy", &digest, "--format", "json"]).report();
    assert_eq!((&report["policy"]["origin"], &report["findings"][0]["level"]), (&"base".into(), &"warn".into()));
    assert_eq!(report["findings"][0]["evidence"]["digest"], digest.as_str());

    // One more line, and it is another policy.
    sandbox.write("portcullis.toml", format!("{weak}\"change/digest-removed\" = \"allow\"\n"));
    sandbox.commit("third");
    assert_eq!(sandbox.portcullis(["gate", "--base", "HEAD~2", "--accept-policy", &digest]).code, 1);
    sandbox.write("portcullis.toml", format!("{weak}# the same rules\n"));
    sandbox.commit("fourth");
    assert_eq!(sandbox.portcullis(["gate", "--base", "HEAD~3", "--accept-policy", &digest]).code, 1);

    // What it extends is part of it.
    let extended = cargo::committed(&packages(), Some(before));
    extended.write("portcullis.toml", "extends = [\"team.toml\"]\n");
    extended.write("team.toml", weak);
    extended.commit("second");
    let denied = extended.portcullis(["gate", "--base", "HEAD~1"]);
    let digest = denied.stdout.split("--accept-policy ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert_eq!(extended.portcullis(["gate", "--base", "HEAD~1", "--accept-policy", &digest]).code, 0);
    extended.write("team.toml", weak.replace("warn", "allow"));
    extended.commit("third");
    assert_eq!(extended.portcullis(["gate", "--base", "HEAD~2", "--accept-policy", &digest]).code, 1);

    for wrong in ["sha256:", "deadbeef", &digest.to_uppercase(), &digest[..70]] {
        let run = transcript.portcullis(&sandbox, ["gate", "--base", "HEAD~1", "--accept-policy", wrong]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{wrong}");
    }
    transcript.keep("policy/accepted");
}

#[test]
fn the_policy_of_the_base_judges_the_change() {
    // The head lets everything pass; the base does not.
    let strict = "[rules]\n\"change/downgrade\" = \"deny\"\n";
    let sandbox = cargo::committed(&packages(), Some(strict));
    sandbox.git(["checkout", "-q", "-b", "branch"]);
    sandbox.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"allow\"\n\"policy/weakened\" = \"allow\"\n");
    cargo::project(&sandbox, &[package("ripple", "1.2.2", 'c'), package("tarn", "0.4.0", 'b')]);
    sandbox.commit("older, and nobody shall know");
    let report = sandbox.portcullis(["gate", "--base", "main", "--format", "json"]).report();
    let denied: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["level"] == "deny" && finding["state"] == "fail")
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(denied, ["change/downgrade", "policy/weakened", "policy/weakened"]);
    assert_eq!((&report["verdict"], &report["policy"]["origin"]), (&"fail".into(), &"base".into()));
    // Judged alone, the tree's own policy holds.
    assert_eq!(sandbox.portcullis(["gate"]).code, 0);
}

#[test]
fn main_may_move_on_while_the_branch_tampers() {
    let loose = "[rules]\n\"change/downgrade\" = \"warn\"\n";
    let sandbox = cargo::committed(&packages(), Some(loose));
    sandbox.git(["checkout", "-q", "-b", "branch"]);
    let older = [package("ripple", "1.2.2", 'c'), package("tarn", "0.4.0", 'b')];
    cargo::project(&sandbox, &older);
    sandbox.commit("older");
    // Main gets stricter, and updates what the branch does not touch.
    sandbox.git(["checkout", "-q", "main"]);
    sandbox.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"deny\"\n");
    cargo::project(&sandbox, &[package("ripple", "1.2.3", 'a'), package("tarn", "0.5.0", 'd')]);
    sandbox.commit("stricter");
    sandbox.git(["checkout", "-q", "branch"]);
    let mut transcript = Transcript::default();
    transcript.note(
        "the tip of main judges what the branch changed since it left main: no downgrade of tarn, no weaker policy",
    );
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "main"]).code, 1);
    let report = sandbox.portcullis(["gate", "--base", "main", "--format", "json"]).report();
    let failed: Vec<&serde_json::Value> =
        report["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0]["subject"]["id"], "pkg:cargo/ripple");
    let base = sandbox.git(["merge-base", "main", "branch"]);
    assert_eq!(report["inputs"][1]["digest"], base.trim());

    // The branch weakens what it started from.
    sandbox.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"allow\"\n");
    sandbox.commit("tampered");
    transcript.note("the branch tampers with the policy as well");
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "main"]).code, 1);

    // Main gets its first policy meanwhile; that of the branch is compared with it.
    let late = cargo::committed(&packages(), None);
    late.git(["checkout", "-q", "-b", "branch"]);
    late.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"allow\"\n");
    late.commit("ours");
    late.git(["checkout", "-q", "main"]);
    late.write("portcullis.toml", "[rules]\n\"change/downgrade\" = \"deny\"\n");
    late.commit("theirs");
    late.git(["checkout", "-q", "branch"]);
    transcript.note("main has a first policy by now, and the branch another");
    assert_eq!(transcript.portcullis(&late, ["gate", "--base", "main"]).code, 1);
    transcript.keep("policy/main-moved-on");
}

#[test]
fn a_policy_of_the_command_line_is_named_as_it_was_named() {
    let sandbox = Sandbox::repository();
    cargo::project(&sandbox, &[]);
    sandbox.write("ours/team/policy.toml", "extends = [\"../more.toml\"]\n");
    sandbox.write("ours/more.toml", "[rulez]\n");
    sandbox.write("ours/itself.toml", "extends = [\"../ours/itself.toml\"]\n");
    sandbox.write("ours/broken.toml", "[rulez]\n");
    let mut transcript = Transcript::default();
    for named in ["ours/team/policy.toml", "./ours/broken.toml", "ours/../ours/itself.toml"] {
        assert_eq!(transcript.portcullis(&sandbox, ["gate", "--policy", named]).code, 2);
        assert_eq!(transcript.portcullis(&sandbox, ["policy", "check", named]).code, 2);
    }
    sandbox.write("ours/more.toml", "[rules]\n\"change/downgrade\" = \"deny\"\n");
    let run = sandbox.portcullis_in(
        &sandbox.join("src"),
        ["gate", "..", "--policy", "../ours/team/policy.toml", "--format", "json"],
    );
    assert_eq!(run.report()["policy"]["name"], "../ours/team/policy.toml");
    let shown = sandbox.portcullis(["policy", "show", "--policy", "ours/team/policy.toml"]).stdout;
    assert!(shown.contains("rules.\"change/downgrade\".level = \"deny\"  # ours/more.toml:2:22"), "{shown}");
    transcript.keep("policy/named");
}

#[test]
fn what_a_rule_allows_it_lets_pass_and_nothing_else() {
    let after = [package("ripple", "1.2.2", 'c'), package("ripple-macros", "0.9.0", 'd')];
    let before = [package("ripple", "1.2.3", 'a'), package("ripple-macros", "1.0.0", 'b')];
    let judged = |allow: &str| {
        let policy = format!("[rules]\n\"change/downgrade\" = {{ level = \"deny\", allow = {allow} }}\n");
        let sandbox = cargo::committed(&before, Some(&policy));
        cargo::project(&sandbox, &after);
        sandbox.commit("second");
        let report = sandbox.portcullis(["gate", "--base", "HEAD~1", "--format", "json"]).report();
        let findings = report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "change/downgrade");
        findings.map(|finding| finding["subject"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (one, macros) = ("pkg:cargo/ripple", "pkg:cargo/ripple-macros");
    assert_eq!(judged("[]"), [one, macros]);
    assert_eq!(judged("[\"ripple\"]"), [macros]);
    assert_eq!(judged("[\"ripple-*\"]"), [one]);
    assert_eq!(judged("[\"rip\", \"ipple\", \"RIPPLE\", \"ripple \", \"pkg:cargo/ripple\"]"), [one, macros]);
    assert_eq!(judged("[\"*\"]"), Vec::<String>::new());
    assert_eq!(judged("[\"{ripple,tarn}\", \"ripple-macro?\"]"), Vec::<String>::new());
}

#[test]
fn a_finding_may_be_milder_than_its_rule_and_never_harsher() {
    // The first source of an ecosystem is a warning of a rule that denies.
    for (level, expected) in [("deny", "warn"), ("warn", "warn"), ("allow", "allow")] {
        let sandbox = Sandbox::new();
        cargo::project(&sandbox, &packages());
        sandbox.write("portcullis.toml", format!("[rules]\n\"change/untrusted-registry\" = \"{level}\"\n"));
        let report = sandbox.portcullis(["gate", "--format", "json"]).report();
        let finding = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "change/untrusted-registry");
        assert_eq!(finding.unwrap()["level"], expected, "{level}");
    }
    // What cannot be determined has a level of its own, above or below that of the rule.
    for (setting, expected) in [
        ("\"deny\"", "deny"),
        ("{ level = \"deny\", undetermined = \"allow\" }", "allow"),
        ("{ level = \"allow\", undetermined = \"deny\" }", "deny"),
        ("{ undetermined = \"warn\" }", "warn"),
    ] {
        let sandbox = cargo::committed(&packages(), Some(&format!("[rules]\n\"change/downgrade\" = {setting}\n")));
        sandbox.write("Cargo.lock", "version = 99\n");
        let report = sandbox.portcullis(["gate", "--base", "HEAD", "--format", "json"]).report();
        let finding = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "change/downgrade").unwrap();
        assert_eq!((&finding["state"], &finding["level"]), (&"not-determined".into(), &expected.into()), "{setting}");
    }
}
