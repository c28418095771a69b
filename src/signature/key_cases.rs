//! The published cases of SSH, minisign, signify, lists of digests and git, and those that are made by a script, where
//! they are at hand: `PORTCULLIS_SHARED` names the folder that holds `cases/signatures` (by default one beside the
//! project), `PORTCULLIS_SIGNATURE_CASES` what the script made.
#![expect(clippy::disallowed_methods, reason = "a test reads its cases, and where they are")]
#![expect(clippy::print_stderr, reason = "a test says what it leaves out")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::tree::{GitEnvironment, Repository};

/// Published cases in minisign's older form, whose table takes them as minisign does. Here they are refused unless that
/// form is asked for, as `minisign-legacy` of the script's cases demands.
const OLDER_FORM: [&str; 2] = ["minisign-dnscrypt-onion-services", "minisign-dnscrypt-opennic"];

struct Case {
    folder: PathBuf,
    fields: BTreeMap<String, String>,
    extra: BTreeMap<String, String>,
    at: String,
}

/// What came of a case.
#[derive(Debug, PartialEq)]
enum Outcome {
    Accepted,
    Refused(String),
    /// Its scheme is not there.
    Skipped,
}

impl Case {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| if value == "-" { "" } else { value })
    }

    fn material(&self, path: &str) -> Material {
        let bytes = fs::read(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Material { name: Text::of(path), bytes }
    }

    fn trust(&self) -> Trust {
        let keys = if self.field("keys_or_trust").is_empty() { "keyring" } else { "keys_or_trust" };
        let material: Vec<Material> = self.field(keys).split(';').map(|path| self.material(path)).collect();
        // A published case of SSH comes with a public key, one that was made with a list.
        let is_list = self.field(keys).rsplit('/').next().unwrap().starts_with("allowed");
        let (keys, allowed_signers) = if is_list { (Vec::new(), material) } else { (material, Vec::new()) };
        Trust {
            keys,
            allowed_signers,
            revoked: self.extra.get("revoked").map(|path| self.material(path)).into_iter().collect(),
            expected: Expected {
                identity: self.extra.get("identity").cloned(),
                namespace: self.extra.get("namespace").cloned(),
                ..Expected::default()
            },
            allows_legacy: self.extra.contains_key("allow-legacy"),
            at: format!("{}T00:00:00Z", self.at).parse().unwrap(),
            ..Trust::default()
        }
    }

    fn expected(&self) -> &str {
        let stated = self.extra.get("strict-policy").and_then(|policy| policy.split_whitespace().next());
        let expected = stated.unwrap_or_else(|| self.field("expect"));
        expected.strip_prefix("decide:").unwrap_or(expected)
    }

    fn outcome(&self) -> Outcome {
        self.judged_by(&self.trust())
    }

    fn judged_by(&self, trust: &Trust) -> Outcome {
        let scheme = self.field("scheme");
        if scheme.ends_with("openpgp") && !SCHEMES.iter().any(|scheme| scheme.id == "openpgp") {
            return Outcome::Skipped;
        }
        if scheme.starts_with("git-") {
            return self.git(trust);
        }
        if let Some(list) = self.extra.get("checksum-file") {
            return self.listed(list, trust);
        }
        let artifact = self.material(self.field("artifact")).bytes;
        signed(&self.material(self.field("signature")), &artifact, trust)
    }

    fn listed(&self, list: &str, trust: &Trust) -> Outcome {
        let list = self.material(list);
        let artifact = self.material(self.field("artifact"));
        let name = artifact.name.as_str().rsplit('/').next().unwrap().replace("\\\\", "\\");
        match signed(&self.material(self.field("signature")), &list.bytes, trust) {
            Outcome::Accepted => {}
            other @ (Outcome::Refused(_) | Outcome::Skipped) => return other,
        }
        let list = match checksums::parse(&list) {
            Ok(list) => list,
            Err(fault) => return Outcome::Refused(fault.message.to_string()),
        };
        let mut hashes = Hashes::new(list.hashings_of(name.as_bytes()));
        hashes.update(&artifact.bytes);
        match list.judge(name.as_bytes(), &hashes) {
            Ok(_) => Outcome::Accepted,
            Err(faults) => Outcome::Refused(format!("{faults:?}")),
        }
    }

    fn git(&self, trust: &Trust) -> Outcome {
        let is_tag = self.field("scheme").starts_with("git-tag");
        let read = |object: Option<Result<git::Object, Fault>>| match object {
            None => Outcome::Refused("a lightweight tag".to_owned()),
            Some(Err(fault)) => Outcome::Refused(fault.message.to_string()),
            Some(Ok(object)) => match object.judge(trust) {
                Err(unreadable) => Outcome::Refused(format!("{:?}", unreadable.fault)),
                Ok(git::Answer::Unsigned(why)) => Outcome::Refused(why.to_string()),
                Ok(git::Answer::Claims(claims)) => judged(&claims),
            },
        };
        let Some(revision) = self.extra.get("rev") else {
            let kind = if is_tag { git::Kind::Tag } else { git::Kind::Commit };
            let bytes = self.material(self.field("artifact")).bytes;
            let own_id = || git2::Oid::hash_object(git2::ObjectType::Commit, &bytes).unwrap().to_string();
            let id = self.extra.get("object-id").cloned().unwrap_or_else(own_id);
            return read(Some(git::read(kind, &id, &bytes)));
        };
        let path = self.folder.join(self.field("artifact"));
        let repository = Repository::open(&path, Text::trusted("cases"), &GitEnvironment::default()).unwrap();
        if is_tag {
            return read(git::tag(&repository, revision).unwrap());
        }
        let mut commits = git::commits(&repository, revision).unwrap();
        let (_, object) = commits.next().unwrap();
        read(Some(object.unwrap()))
    }
}

fn signed(file: &Material, artifact: &[u8], trust: &Trust) -> Outcome {
    let Some(scheme) = scheme_of(&file.bytes) else { return Outcome::Refused("no known scheme".to_owned()) };
    match (scheme.read)(file, trust) {
        Err(unreadable) => Outcome::Refused(unreadable.fault.message.to_string()),
        Ok(pending) => {
            let mut hashes = Hashes::new(pending.hashings());
            artifact.chunks(7).for_each(|chunk| hashes.update(chunk));
            judged(&pending.finish(&hashes))
        }
    }
}

/// Accepts what the rules will: a good signature, and none by a trusted key that is not.
fn judged(claims: &[Claim]) -> Outcome {
    let is_broken = |claim: &Claim| {
        let is_bad = |fault: &Fault| matches!(fault.kind, FaultKind::Bad | FaultKind::Malformed);
        claim.signer.is_some() && claim.faults.iter().any(is_bad)
    };
    if claims.iter().any(Claim::is_good) && !claims.iter().any(is_broken) {
        return Outcome::Accepted;
    }
    let faults = claims.iter().flat_map(|claim| &claim.faults);
    Outcome::Refused(faults.map(|fault| format!("{:?}: {}", fault.kind, fault.message)).collect::<Vec<_>>().join("; "))
}

fn read_table(folder: &Path, at: Option<&str>) -> Option<Vec<Case>> {
    let table = fs::read_to_string(folder.join("EXPECTED.tsv")).ok()?;
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next()?.split('\t').collect();
    let cases = lines.map(|line| {
        let fields: BTreeMap<String, String> =
            names.iter().zip(line.split('\t')).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect();
        let pairs = fields["extra"].split("; ").filter_map(|pair| pair.split_once('='));
        let extra = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let at = at.map_or_else(|| fields["at"].clone(), str::to_owned);
        Case { folder: folder.to_owned(), fields, extra, at }
    });
    Some(cases.collect())
}

/// Runs the cases of a folder whose scheme is one of these, and returns how many there are.
fn run(folder: Option<PathBuf>, at: Option<&str>, schemes: &[&str]) -> usize {
    let Some(cases) = folder.as_deref().and_then(|folder| read_table(folder, at)) else {
        eprintln!("SKIPPED: no cases of signatures in {folder:?}");
        return 0;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases.iter().filter(|case| schemes.iter().any(|scheme| case.field("scheme").starts_with(scheme))) {
        let outcome = case.outcome();
        let is_right = match (&outcome, case.expected()) {
            (Outcome::Skipped, _) => {
                eprintln!("SKIPPED: {} needs a scheme that is not there", case.field("case_id"));
                continue;
            }
            (_, "either") => true,
            (outcome, _) if OLDER_FORM.contains(&case.field("case_id")) => {
                let asked = Trust { allows_legacy: true, ..case.trust() };
                matches!(outcome, Outcome::Refused(_)) && case.judged_by(&asked) == Outcome::Accepted
            }
            (outcome, expected) => (*outcome == Outcome::Accepted) == (expected == "valid"),
        };
        count += 1;
        if !is_right {
            wrong.push(format!("{}: expected {}, found {outcome:?}", case.field("case_id"), case.expected()));
        } else if let Outcome::Refused(why) = &outcome {
            eprintln!("{}: {why}", case.field("case_id"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    eprintln!("{count} cases are right");
    count
}

#[test]
fn published_cases_have_the_verdict_that_is_expected() {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    run(Some(shared.join("cases/signatures")), Some("2026-11-25"), &["sshsig", "minisign", "signify", "git-"]);
}

#[test]
fn cases_that_a_script_made_have_the_verdict_that_is_expected() {
    let folder = std::env::var_os("PORTCULLIS_SIGNATURE_CASES").map(PathBuf::from);
    run(folder, None, &["sshsig", "minisign", "signify", "git-", "checksums-"]);
}
