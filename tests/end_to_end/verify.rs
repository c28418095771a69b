//! Artifacts and who signed them: the stories of a release engineer, and the cases that others publish.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, Sandbox, Transcript, has_tool, project, skip};

/// A case that is judged otherwise than its table says, and why.
type Deviation = (&'static str, &'static str);

/// What the published cases say otherwise.
const PUBLISHED_DEVIATIONS: [Deviation; 12] = [
    ("pgp-rnp-source", NEWER_BINDING),
    ("pgp-rnp-source-armored", NEWER_BINDING),
    ("pgp-rnp-inline", "the key has 1024 bits, which is refused whoever signs"),
    ("sigstore-go-js-provenance", OLD_ENTRY),
    ("slsa-delegator-v2.1.0-dispatch", OLD_ENTRY),
    ("slsa-delegator-v2.1.0-tag-v14.2", OLD_ENTRY),
    ("slsa-delegator-v1.9.0-dispatch", OLD_ENTRY),
    ("slsa-delegator-v1.9.0-tag-v14.2", OLD_ENTRY),
    ("slsa-container-based-v1.7.0-dispatch", OWN_ROOT),
    ("slsa-bundle-valid", OWN_ROOT),
    ("minisign-dnscrypt-opennic", OLDER_FORM),
    ("minisign-dnscrypt-onion-services", OLDER_FORM),
];

const NEWER_BINDING: &str =
    "a self-signature newer than the signature counts from the key's creation on, as gpgv has it";
const OLD_ENTRY: &str =
    "the log's entry is of the kind `intoto`, which does not cover the signature: its time is no evidence";
const OWN_ROOT: &str = "the bundle brings a root certificate, which must come from the trusted root alone";
const OLDER_FORM: &str = "minisign's unhashed form, which only --allow-legacy accepts";

/// What the made cases say otherwise.
const MADE_DEVIATIONS: [Deviation; 1] =
    [("keyring-kbx", "the table lets a keybox be read or be refused by name; it is read")];

/// The rows of a table of cases, without its heading.
fn rows(table: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(table).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// The pairs of a column that holds several.
fn pairs(cell: &str) -> Vec<(&str, &str)> {
    cell.split("; ").filter_map(|pair| pair.split_once('=')).collect()
}

fn value<'a>(pairs: &[(&'a str, &'a str)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
}

/// The answers of a table of cases, held against what it says.
#[derive(Default)]
struct Answers {
    faults: Vec<String>,
    deviating: Vec<String>,
}

impl Answers {
    /// Takes one down. `wanted` is `valid`, `either`, or any kind of refusal.
    fn add(&mut self, id: &str, wanted: &str, run: &Run, deviations: &[Deviation]) {
        let is_as_wanted = match run.code {
            0 => matches!(wanted, "valid" | "either"),
            1 | 2 => wanted != "valid",
            _ => false,
        };
        if is_as_wanted {
            return;
        }
        if matches!(run.code, 0..=2) && deviations.iter().any(|(known, _)| *known == id) {
            self.deviating.push(id.to_owned());
        } else {
            self.faults.push(format!("{id}: expected {wanted}, found {}", run.whole()));
        }
    }

    /// Nothing is judged otherwise but what is known, and all that is known still is.
    #[track_caller]
    fn check(mut self, deviations: &[Deviation]) {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        let mut known: Vec<&str> = deviations.iter().map(|(id, _)| *id).collect();
        known.sort_unstable();
        self.deviating.sort_unstable();
        assert_eq!(self.deviating, known, "a deviation that is gone is taken from the list");
    }
}

/// Writes an object into a repository, whatever it holds, and returns its id.
fn object(sandbox: &Sandbox, kind: &str, file: &Path) -> String {
    let mut command = Command::new("git");
    command.args(["hash-object", "-t", kind, "-w", "--stdin", "--literally"]);
    let run = sandbox.run_on(command, sandbox.path(), &fs::read(file).unwrap());
    assert_eq!(run.code, 0, "{}", run.whole());
    run.stdout.trim().to_owned()
}

/// The options that the pairs of a published case stand for.
const OPTIONS: [(&str, &str); 14] = [
    ("identity", "--identity"),
    ("issuer", "--issuer"),
    ("namespace", "--namespace"),
    ("source-uri", "--source"),
    ("builder-id", "--builder"),
    ("source-branch", "--source-branch"),
    ("source-tag", "--source-tag"),
    ("source-versioned-tag", "--source-versioned-tag"),
    ("branch", "--source-branch"),
    ("tag", "--source-tag"),
    ("versioned-tag", "--source-versioned-tag"),
    ("key-id", "--key-id"),
    ("threshold", "--threshold"),
    ("at", "--at"),
];

/// The arguments that ask for a published case.
fn published(folder: &Path, cells: &[String], sandbox: &Sandbox) -> Vec<String> {
    let shown = |path: &str| folder.join(path).to_str().unwrap().to_owned();
    let (scheme, artifact, signature) = (cells[1].as_str(), cells[2].as_str(), cells[3].as_str());
    let extra = pairs(&cells[5]);
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |option: &str, value: &str| arguments.extend([option.to_owned(), value.to_owned()]);
    let mut is_root = false;
    let mut is_key = false;
    for file in cells[4].split(';').filter(|file| *file != "-") {
        let option = if file.contains("trusted_root")
            || file.contains("trust-root")
            || (scheme == "sigstore-bundle" && file.ends_with(".json"))
        {
            is_root = true;
            "--trusted-root"
        } else if file.contains("allowed") {
            "--allowed-signers"
        } else {
            is_key = true;
            "--key"
        };
        add(option, &shown(file));
    }
    for (key, value) in &extra {
        if let Some((_, option)) = OPTIONS.iter().find(|(known, _)| known == key) {
            add(option, value);
        }
    }
    if value(&extra, "at").is_none() {
        add("--at", "2026-11-25");
    }
    if let Some(kind) = scheme.strip_prefix("git-") {
        let kind = if kind.starts_with("tag") { "tag" } else { "commit" };
        let id = object(sandbox, kind, &folder.join(artifact));
        add(if kind == "tag" { "--git-tag" } else { "--git-commit" }, &id);
        return arguments;
    }
    if signature != "-" {
        add("--signature", &shown(signature));
    }
    if artifact != "-" {
        arguments.push(shown(artifact));
    } else {
        let digests =
            extra.iter().filter_map(|(key, value)| Some(format!("{}:{value}", key.strip_prefix("artifact-")?)));
        let digests: Vec<String> = digests.filter(|digest| digest.starts_with("sha")).collect();
        match digests.is_empty() {
            true => arguments.push("--attestation-only".to_owned()),
            false => arguments.extend(digests),
        }
    }
    let says_who = value(&extra, "identity").is_some()
        || (value(&extra, "source-uri").is_some() && value(&extra, "builder-id").is_some());
    if is_root && !is_key && !says_who {
        arguments.push("--any-identity".to_owned());
    }
    if value(&extra, "allow-legacy") == Some("true") {
        arguments.push("--allow-legacy".to_owned());
    }
    arguments
}

fn verify(sandbox: &Sandbox, arguments: &[String]) -> Run {
    sandbox.portcullis(["verify"].into_iter().chain(arguments.iter().map(String::as_str)))
}

#[test]
fn published_cases_get_their_verdicts() {
    let shared = std::env::var_os("PORTCULLIS_SHARED").map_or_else(|| project().join("../shared"), PathBuf::from);
    let folder = shared.join("cases/signatures");
    let table = folder.join("EXPECTED.tsv");
    if !table.is_file() {
        return skip(&table, "published signatures (PORTCULLIS_SHARED)");
    }
    let mut answers = Answers::default();
    let sandbox = Sandbox::repository();
    for cells in rows(&table) {
        let extra = pairs(&cells[5]);
        let wanted = value(&extra, "strict-policy").unwrap_or(&cells[6]);
        let wanted = wanted.split(' ').next().unwrap();
        let run = verify(&sandbox, &published(&folder, &cells, &sandbox));
        answers.add(&cells[0], wanted, &run, &PUBLISHED_DEVIATIONS);
    }
    answers.check(&PUBLISHED_DEVIATIONS);
}

/// The arguments that ask for a made case.
fn made(folder: &Path, cells: &[String]) -> Vec<String> {
    let shown = |path: &str| folder.join(path).to_str().unwrap().to_owned();
    let (scheme, artifact, signature) = (cells[1].as_str(), cells[2].as_str(), cells[3].as_str());
    let extra = pairs(&cells[5]);
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |option: &str, value: &str| arguments.extend([option.to_owned(), value.to_owned()]);
    add("--at", &cells[6]);
    let is_git = scheme.starts_with("git-");
    if is_git {
        add("--repo", &shown(artifact));
        add(if scheme.contains("tag") { "--git-tag" } else { "--git-commit" }, value(&extra, "rev").unwrap());
    } else if signature != "-" {
        add("--signature", &shown(signature));
    }
    for file in cells[4].split(';').filter(|file| *file != "-") {
        let is_list = scheme.contains("ssh") && Path::new(file).extension().is_none_or(|extension| extension != "krl");
        add(if is_list { "--allowed-signers" } else { "--key" }, &shown(file));
    }
    for (key, value) in &extra {
        match *key {
            "threshold" | "identity" | "namespace" => add(&format!("--{key}"), value),
            "revoked" => add("--revoked", &shown(value)),
            "checksum-file" => add("--checksums", &shown(value)),
            _ => {}
        }
    }
    if !is_git {
        arguments.push(shown(artifact));
    }
    arguments
}

#[test]
fn made_cases_get_their_verdicts() {
    let folder = std::env::var_os("PORTCULLIS_SIGNATURE_CASES").map(PathBuf::from).unwrap_or_default();
    let table = folder.join("EXPECTED.tsv");
    if folder.as_os_str().is_empty() || !table.is_file() {
        return skip(&table, "made signatures (PORTCULLIS_SIGNATURE_CASES, the folder of make-openpgp-cases.sh)");
    }
    let mut answers = Answers::default();
    let sandbox = Sandbox::new();
    for cells in rows(&table) {
        let wanted = cells[7].strip_prefix("decide:").unwrap_or(&cells[7]);
        answers.add(&cells[0], wanted, &verify(&sandbox, &made(&folder, &cells)), &MADE_DEVIATIONS);
    }
    answers.check(&MADE_DEVIATIONS);
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    fs::read(project().join("tests/fixtures/signatures").join(name)).unwrap()
}

pub(crate) const APP: &str = "app-1.4.0.tar";

/// The fingerprint of `ssh/ed25519.pub`.
const ED25519: &str = "SHA256:IWJHQJuOLCuX1TzW0Y2WyyqirhpbmBNUGLIZObDeTPQ";
/// The key of `minisign/a.pub`, which is as good as a fingerprint.
const MINISIGN: &str = "RWQgSTZVdXIumNzQ6qsucz0wqYbraGNIZPVJmTXdsj36/ldp90JBz5pc";

/// A folder with an artifact, its minisign signature beside it, and two keys of which the first made it.
fn released() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(APP, fixture("artifact"));
    sandbox.write(format!("{APP}.minisig"), fixture("minisign/prehashed.minisig"));
    sandbox.write("release.pub", fixture("minisign/a.pub"));
    sandbox.write("other.pub", fixture("minisign/b.pub"));
    sandbox
}

/// The rules of the findings, each once, and their states.
fn found(run: &Run) -> BTreeMap<String, String> {
    let report = run.report();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| (finding["rule"].as_str().unwrap().to_owned(), finding["state"].as_str().unwrap().to_owned()))
        .collect()
}

/// Runs `portcullis verify --format json`, which must refuse by one rule.
#[track_caller]
pub(crate) fn refused<'a>(sandbox: &Sandbox, rule: &str, arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let run = sandbox.portcullis(["verify", "--format", "json"].into_iter().chain(arguments));
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(found(&run).into_keys().collect::<Vec<_>>(), [rule], "{}", run.whole());
    run
}

#[track_caller]
pub(crate) fn accepted<'a>(sandbox: &Sandbox, arguments: impl IntoIterator<Item = &'a str>) -> Value {
    let run = sandbox.portcullis(["verify", "--format", "json"].into_iter().chain(arguments));
    assert_eq!(run.code, 0, "{}", run.whole());
    let report = run.report();
    let artifacts = report["artifacts"].as_array().unwrap();
    assert!(artifacts.iter().all(|artifact| artifact["verdict"] == "pass"), "{}", run.whole());
    report
}

/// Runs `portcullis verify`, which cannot do it and says this of it.
#[track_caller]
pub(crate) fn undone<'a>(sandbox: &Sandbox, said: &str, arguments: impl IntoIterator<Item = &'a str>) {
    let run = sandbox.portcullis(["verify"].into_iter().chain(arguments));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.whole());
    assert!(run.stderr.contains(said), "{}", run.whole());
}

#[test]
fn an_accepted_artifact_is_named_with_who_signed_it() {
    let sandbox = released();
    let mut transcript = Transcript::default();
    transcript.portcullis(&sandbox, ["verify", APP, "--key", "release.pub"]);
    let run = transcript.portcullis(&sandbox, ["verify", APP, "--key", "release.pub", "--format", "json"]);
    let signer = &run.report()["artifacts"][0]["signers"][0];
    assert_eq!((&signer["scheme"], &signer["fingerprint"]), (&"minisign".into(), &MINISIGN.into()));
    transcript.keep("verify/accepted");
}

#[test]
fn a_refused_artifact_says_the_one_reason() {
    let sandbox = released();
    let mut transcript = Transcript::default();
    transcript.note("another key");
    transcript.portcullis(&sandbox, ["verify", APP, "--key", "other.pub"]);
    transcript.note("changed");
    sandbox.write(APP, "another content");
    transcript.portcullis(&sandbox, ["verify", APP, "--key", "release.pub"]);
    transcript.note("not signed");
    sandbox.remove(&format!("{APP}.minisig"));
    transcript.portcullis(&sandbox, ["verify", APP, "--key", "release.pub"]);
    transcript.keep("verify/refused");
}

#[test]
fn what_was_changed_or_is_not_signed_or_by_nobody_known_is_refused() {
    let sandbox = released();
    accepted(&sandbox, [APP, "--key", "other.pub", "--key", "release.pub"]);
    refused(&sandbox, "signature/unknown-signer", [APP, "--key", "other.pub"]);
    refused(&sandbox, "signature/threshold", [APP, "--key", "release.pub", "--threshold", "2"]);
    sandbox.write(APP, "another content");
    refused(&sandbox, "signature/bad", [APP, "--key", "release.pub"]);
    sandbox.remove(&format!("{APP}.minisig"));
    refused(&sandbox, "signature/missing", [APP, "--key", "release.pub"]);
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let sandbox = released();
    undone(&sandbox, "gone.pub", [APP, "--key", "gone.pub"]);
    undone(&sandbox, "gone.sig", [APP, "--key", "release.pub", "--signature", "gone.sig"]);
    undone(&sandbox, "gone.tar", ["gone.tar", "--key", "release.pub"]);
    let mut command = Command::new("mkfifo");
    command.arg("pipe");
    assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
    undone(&sandbox, "pipe", ["pipe", "--key", "release.pub"]);
    undone(&sandbox, "pipe", ["pipe", "--key", "release.pub", "--signature", &format!("{APP}.minisig")]);
    undone(&sandbox, "pipe", [APP, "--key", "pipe"]);
    fs::create_dir(sandbox.join("empty")).unwrap();
    undone(&sandbox, "empty", ["empty", "--key", "release.pub"]);
}

#[test]
fn a_folder_is_refused_for_one_file_that_is_not_signed() {
    let sandbox = released();
    for name in ["dist/a.tar", "dist/b.tar", "dist/deep/c.tar"] {
        sandbox.write(name, fixture("artifact"));
        sandbox.write(format!("{name}.minisig"), fixture("minisign/prehashed.minisig"));
    }
    let report = accepted(&sandbox, ["dist", "--key", "release.pub"]);
    let names = |report: &Value| -> Vec<String> {
        let artifacts = report["artifacts"].as_array().unwrap().iter();
        artifacts.map(|one| format!("{} {}", one["path"].as_str().unwrap(), one["verdict"].as_str().unwrap())).collect()
    };
    assert_eq!(names(&report), ["dist/a.tar pass", "dist/b.tar pass", "dist/deep/c.tar pass"]);
    sandbox.remove("dist/b.tar.minisig");
    let run = refused(&sandbox, "signature/missing", ["dist/", "--key", "release.pub"]);
    let shown = sandbox.portcullis(["verify", "dist", "--key", "release.pub"]);
    assert!(shown.stdout.contains("--> dist/b.tar"), "{}", shown.whole());
    assert_eq!(names(&run.report()), ["dist/a.tar pass", "dist/b.tar fail", "dist/deep/c.tar pass"]);
}

#[test]
fn a_digest_stands_for_its_artifact() {
    let sandbox = Sandbox::new();
    sandbox.write("app.sig", fixture("ssh/ed25519.sig"));
    sandbox.write("release.pub", fixture("ssh/ed25519.pub"));
    let digits = concat!(
        "c3e41726125a8a6e9465d2fb6eb4d86476d2334b4adeddb45aa592f1de43710c",
        "b5bfe101682530516d8b9e96cabb728eea53b9188e9bbb5eb1415eece9f61be5"
    );
    let given = ["--key", "release.pub", "--signature", "app.sig"];
    let ask = |digest: &str| [vec![digest.to_owned()], given.map(str::to_owned).to_vec()].concat();
    let of = |digest: &str| sandbox.portcullis(["verify"].into_iter().chain(ask(digest).iter().map(String::as_str)));
    assert_eq!(of(&format!("sha512:{digits}")).code, 0);
    assert_eq!(of(&format!("sha512:{}", digits.to_uppercase())).code, 0);
    assert_eq!(of(&format!("sha512:d{}", &digits[1..])).code, 1);
    // The signature is over the other digest, of which nothing is known.
    assert_eq!(of(&format!("sha256:{}", &digits[..64])).code, 1);
    for wrong in [&digits[..64], &digits[..127], "", "zz"] {
        let run = of(&format!("sha512:{wrong}"));
        assert_eq!(run.code, 2, "{}", run.whole());
        assert!(run.stderr.contains("expected 128 hexadecimal digits behind `sha512:`"), "{}", run.whole());
    }
}

/// A folder with an artifact that two SSH keys have signed, and a policy of one signer.
pub(crate) fn two_keys(policy: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(APP, fixture("artifact"));
    sandbox.write(format!("{APP}.sig"), fixture("ssh/ed25519.sig"));
    sandbox.write(format!("{APP}.sshsig"), fixture("ssh/rsa-3072.sig"));
    sandbox.write("keys/first.pub", fixture("ssh/ed25519.pub"));
    sandbox.write("keys/second.pub", fixture("ssh/rsa-3072.pub"));
    sandbox.write("portcullis.toml", signer(policy));
    sandbox
}

pub(crate) fn signer(more: &str) -> String {
    format!(
        "[[signer]]\nname = \"release-team\"\nartifacts = [\"app-*.tar\"]\n\
         certificates = [\"keys/first.pub\", \"keys/second.pub\"]\n{more}\n"
    )
}

#[test]
fn the_policy_says_how_many_must_sign() {
    let sandbox = two_keys("threshold = 2");
    let report = accepted(&sandbox, [APP]);
    assert_eq!(report["artifacts"][0]["signers"].as_array().unwrap().len(), 2);
    // What the command line trusts is nothing beside the policy.
    sandbox.remove(&format!("{APP}.sshsig"));
    refused(&sandbox, "signature/threshold", [APP, "--threshold", "1", "--key", "keys/first.pub"]);
    sandbox.write(format!("{APP}.sshsig"), fixture("ssh/ed25519.sig"));
    refused(&sandbox, "signature/threshold", [APP]);
}

#[test]
fn the_policy_says_whose_keys_count() {
    let sandbox = two_keys(&format!("fingerprints = [\"{ED25519}\"]"));
    sandbox.remove(&format!("{APP}.sshsig"));
    accepted(&sandbox, [APP]);
    sandbox.write(format!("{APP}.sig"), fixture("ssh/rsa-3072.sig"));
    refused(&sandbox, "signature/not-allowed-signer", [APP]);
    sandbox.write("portcullis.toml", signer("fingerprints = [\"0123456789ABCDEF\"]"));
    undone(&sandbox, "expected a whole fingerprint, found `0123456789ABCDEF`", [APP]);
}

#[test]
fn keys_without_a_fingerprint_are_named_whole() {
    let policy = |fingerprint: &str| {
        format!(
            "[[signer]]\nname = \"release-team\"\nartifacts = [\"app-*\"]\nscheme = \"minisign\"\n\
             certificates = [\"release.pub\", \"other.pub\"]\nfingerprints = [\"{fingerprint}\"]\n"
        )
    };
    let sandbox = released();
    sandbox.write("portcullis.toml", policy(MINISIGN));
    accepted(&sandbox, [APP]);
    sandbox.write("portcullis.toml", policy(&MINISIGN.replace("90JB", "90jb")));
    refused(&sandbox, "signature/not-allowed-signer", [APP]);
}

#[test]
fn a_fingerprint_in_hexadecimal_digits_is_the_same_in_either_case() {
    let sandbox = Sandbox::new();
    sandbox.write("summary.jsonl", fixture("summary.jsonl"));
    sandbox.write("summary.pub", fixture("summary.pub"));
    let asked = ["--attestation-only", "--signature", "summary.jsonl"];
    let report = accepted(&sandbox, asked.into_iter().chain(["--key", "summary.pub"]));
    let fingerprint = report["artifacts"][0]["signers"][0]["fingerprint"].as_str().unwrap().to_owned();
    for written in [fingerprint.to_lowercase(), fingerprint.to_uppercase()] {
        sandbox.write(
            "portcullis.toml",
            format!(
                "[[signer]]\nname = \"ci\"\nartifacts = [\"*.jsonl\"]\ncertificates = [\"summary.pub\"]\n\
                 fingerprints = [\"{written}\"]\n"
            ),
        );
        accepted(&sandbox, asked);
    }
}

#[test]
fn the_policy_says_which_scheme_must_be_used() {
    let sandbox = two_keys("scheme = \"ssh\"");
    accepted(&sandbox, [APP]);
    sandbox.write("portcullis.toml", signer("scheme = \"minisign\""));
    let run = sandbox.portcullis(["verify", APP, "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    sandbox.write("portcullis.toml", signer("scheme = \"opengpg\""));
    undone(&sandbox, "as `scheme`, found `opengpg`", [APP]);
}

#[test]
fn a_signer_for_other_artifacts_lends_no_trust() {
    let sandbox = two_keys("");
    sandbox.write("lib-1.0.tar", fixture("artifact"));
    sandbox.write("lib-1.0.tar.sig", fixture("ssh/ed25519.sig"));
    let run = sandbox.portcullis(["verify", "lib-1.0.tar"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    accepted(&sandbox, ["lib-1.0.tar", "--key", "keys/first.pub"]);
}

#[test]
fn a_waiver_excuses_a_signature_that_is_missing() {
    let sandbox = released();
    sandbox.remove(&format!("{APP}.minisig"));
    sandbox.write(
        "portcullis.toml",
        format!(
            "[[waiver]]\nrule = \"signature/missing\"\nsubject = \"{APP}\"\nowner = \"@mill\"\n\
             reason = \"signed by hand\"\nexpires = 2026-02-01\n"
        ),
    );
    let run = sandbox.portcullis(["verify", APP, "--key", "release.pub", "--at", "2026-01-15", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(found(&run), BTreeMap::from([("signature/missing".to_owned(), "waived".to_owned())]));
    refused(&sandbox, "signature/missing", [APP, "--key", "release.pub", "--at", "2026-03-01"]);
}

/// A folder with an artifact and a signed list that names it.
fn listed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("artifact", fixture("artifact"));
    sandbox.write("SHA256", fixture("signify/SHA256"));
    sandbox.write("list.sig", fixture("signify/SHA256.sig"));
    sandbox.write("release.pub", fixture("signify/a.pub"));
    sandbox.write("other.pub", fixture("signify/b.pub"));
    sandbox
}

#[test]
fn a_list_of_digests_counts_when_it_is_signed() {
    let sandbox = listed();
    let signed = ["--checksums", "SHA256", "--signature", "list.sig"];
    let ask = |more: &[&'static str]| [more, &signed].concat();
    accepted(&sandbox, ask(&["artifact", "--key", "release.pub"]));
    refused(&sandbox, "signature/unknown-signer", ask(&["artifact", "--key", "other.pub"]));
    refused(&sandbox, "checksum/unsigned", ["artifact", "--key", "release.pub", "--checksums", "SHA256"]);
    let digest = sandbox.portcullis(["verify", "artifact", "--format", "json"]).report();
    let digest = digest["artifacts"][0]["digest"].as_str().unwrap().to_owned();
    let of_digest = |digest: &str| {
        let asked = ["verify", digest, "--key", "release.pub", "--format", "json"];
        sandbox.portcullis(asked.into_iter().chain(signed))
    };
    assert_eq!(of_digest(&digest).code, 0, "{}", of_digest(&digest).whole());
    let other = format!("sha256:{}", "0".repeat(64));
    assert_eq!(found(&of_digest(&other)).into_keys().collect::<Vec<_>>(), ["checksum/missing-entry"]);
    sandbox.write("another", fixture("artifact"));
    refused(&sandbox, "checksum/missing-entry", ask(&["another", "--key", "release.pub"]));
    sandbox.write("artifact", "another content");
    refused(&sandbox, "checksum/mismatch", ask(&["artifact", "--key", "release.pub"]));
}

#[test]
fn a_list_may_be_the_text_of_a_message_that_is_signed() {
    if !has_tool("gpg", "lists that are signed messages") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("dist/app", fixture("artifact"));
    let script = "export GNUPGHOME=$PWD/g && mkdir -m 700 g && exec 2>&1 && \
        gpg -q --batch --passphrase '' --quick-gen-key 'Release <r@example.org>' ed25519 sign never && \
        gpg -q --export > key.gpg && (cd dist && sha256sum app) > list && \
        gpg -q --batch -o dist/SHA256SUMS.asc --clear-sign list; status=$?; gpgconf --kill gpg-agent; exit $status";
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.code, 0, "{}", run.whole());
    accepted(&sandbox, ["dist/app", "--key", "key.gpg"]);
    accepted(&sandbox, ["dist", "--key", "key.gpg"]);
    accepted(&sandbox, ["dist/app", "--key", "key.gpg", "--checksums", "dist/SHA256SUMS.asc"]);
    let list = fs::read_to_string(sandbox.join("dist/SHA256SUMS.asc")).unwrap();
    sandbox.write("dist/SHA256SUMS.asc", list.replace("  app", "  other"));
    refused(&sandbox, "signature/missing", ["dist/app", "--key", "key.gpg"]);
    let run = sandbox.portcullis(["verify", "dist/app", "--key", "key.gpg", "--checksums", "dist/SHA256SUMS.asc"]);
    assert_eq!(run.code, 1, "{}", run.whole());
}

/// A repository with a signed commit on an unsigned one, and tags of every kind; `None` without ssh-keygen.
pub(crate) fn signed_repository() -> Option<Sandbox> {
    if !has_tool("ssh-keygen", "signed tags and commits") {
        return None;
    }
    let sandbox = Sandbox::repository();
    let keys = sandbox.join(".git/keys");
    fs::create_dir(&keys).unwrap();
    for name in ["release", "other"] {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-C", "release@acme.example", "-f", name]);
        let run = sandbox.run(command, &keys);
        assert_eq!(run.code, 0, "{}", run.whole());
    }
    sandbox.git(["config", "gpg.format", "ssh"]);
    sandbox.git(["config", "user.signingkey", keys.join("release").to_str().unwrap()]);
    sandbox.write("a", "a");
    sandbox.commit("not signed");
    sandbox.write("a", "b");
    sandbox.git(["commit", "-q", "-a", "-S", "-m", "signed"]);
    sandbox.git(["tag", "-s", "-m", "release", "v1.0"]);
    sandbox.git(["tag", "-a", "-m", "not signed", "v1.1"]);
    sandbox.git(["tag", "v1.2"]);
    let public = fs::read_to_string(keys.join("release.pub")).unwrap();
    sandbox.write("allowed_signers", format!("release@acme.example namespaces=\"git\" {public}"));
    Some(sandbox)
}

#[test]
fn tags_are_judged_by_their_own_signatures() {
    let Some(sandbox) = signed_repository() else { return };
    let key = ["--key", ".git/keys/release.pub"];
    accepted(&sandbox, [&["--git-tag", "v1.0"][..], &key].concat());
    let allowed = ["--allowed-signers", "allowed_signers", "--identity"];
    accepted(&sandbox, [&["--git-tag", "v1.0"][..], &allowed, &["release@acme.example"]].concat());
    let other = [&["--git-tag", "v1.0"][..], &allowed, &["other@acme.example"]].concat();
    assert_eq!(sandbox.portcullis(["verify"].into_iter().chain(other)).code, 1);
    refused(&sandbox, "signature/unknown-signer", ["--git-tag", "v1.0", "--key", ".git/keys/other.pub"]);
    refused(&sandbox, "signature/missing", [&["--git-tag", "v1.1"][..], &key].concat());
    refused(&sandbox, "signature/missing", [&["--git-tag", "v1.2"][..], &key].concat());
    undone(&sandbox, "v9.9", [&["--git-tag", "v9.9"][..], &key].concat());
    // The same tag under another name.
    let id = sandbox.git(["rev-parse", "v1.0"]);
    sandbox.git(["update-ref", "refs/tags/v2.0", id.trim()]);
    let moved = sandbox.portcullis(["verify", "--git-tag", "v2.0", "--key", ".git/keys/release.pub"]);
    assert_eq!(moved.code, 1, "{}", moved.whole());
}

#[test]
fn commits_are_judged_each_and_no_commit_is_no_pass() {
    let Some(sandbox) = signed_repository() else { return };
    let key = ["--key", ".git/keys/release.pub"];
    let report = accepted(&sandbox, [&["--git-commit", "HEAD~1..HEAD"][..], &key].concat());
    assert_eq!(report["artifacts"].as_array().unwrap().len(), 1);
    accepted(&sandbox, [&["--git-commit", "HEAD"][..], &key].concat());
    refused(&sandbox, "signature/missing", [&["--git-commit", "HEAD~1"][..], &key].concat());
    refused(&sandbox, "signature/unknown-signer", ["--git-commit", "HEAD", "--key", ".git/keys/other.pub"]);
    let none = "expected at least one commit, found none";
    undone(&sandbox, none, [&["--git-commit", "HEAD..HEAD"][..], &key].concat());
    undone(&sandbox, none, [&["--git-commit", "HEAD..HEAD~1"][..], &key].concat());
    // Neither is it one beside something that is accepted.
    undone(&sandbox, none, [&["--git-tag", "v1.0", "--git-commit", "HEAD..HEAD"][..], &key].concat());
    undone(&sandbox, "no-such", [&["--git-commit", "no-such"][..], &key].concat());
}
