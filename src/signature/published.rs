//! Published cases of other projects, judged as they say. They stand outside the tree; where they are absent, that is
//! said and nothing is tested.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test reads its cases, and says when there are none"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Claim, FaultKind, Function, Hashes, Material, Scheme, Trust, scheme_of};
use crate::text::Text;

/// A published case.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) expected: Verdict,
    artifact: Option<Vec<u8>>,
    artifact_name: Option<Vec<u8>>,
    signature: Material,
    trusted: Vec<Material>,
    extra: BTreeMap<String, String>,
}

/// What a case comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Refused,
    Either,
}

fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("PORTCULLIS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let cases = shared.join("cases/signatures");
    if cases.join("EXPECTED.tsv").is_file() {
        return Some(cases);
    }
    eprintln!("SKIPPED: no published cases in {}; set PORTCULLIS_SHARED", cases.display());
    None
}

/// Returns the cases of some schemes, `None` where there are none.
pub(super) fn cases(schemes: &[&str]) -> Option<Vec<Case>> {
    let folder = folder()?;
    let table = std::fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let material = |path: &str| Material { name: Text::of(path), bytes: std::fs::read(folder.join(path)).unwrap() };
    let mut out = Vec::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if !schemes.contains(&cells[1]) {
            continue;
        }
        let extra: BTreeMap<String, String> = cells[5]
            .split("; ")
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let strict = extra.get("strict-policy").and_then(|words| words.split(' ').next());
        let artifact = Some(cells[2]).filter(|path| *path != "-");
        out.push(Case {
            id: cells[0].to_owned(),
            expected: match strict.unwrap_or(cells[6]) {
                "valid" => Verdict::Accepted,
                "invalid" | "not-determined" => Verdict::Refused,
                "either" => Verdict::Either,
                other => panic!("{other}"),
            },
            artifact: artifact.map(|path| std::fs::read(folder.join(path)).unwrap()),
            artifact_name: artifact.and_then(|path| path.rsplit('/').next()).map(|name| name.as_bytes().to_vec()),
            signature: material(cells[3]),
            trusted: cells[4].split(';').filter(|path| *path != "-").map(material).collect(),
            extra,
        });
    }
    assert!(!out.is_empty());
    Some(out)
}

impl Case {
    /// Returns what the case trusts and expects.
    pub(super) fn trust(&self) -> Trust {
        let mut trust = Trust { at: "2026-11-25T00:00:00Z".parse().unwrap(), ..Trust::default() };
        for material in &self.trusted {
            let is_root = material.bytes.windows(22).any(|part| part == b"certificateAuthorities");
            if is_root { &mut trust.trusted_roots } else { &mut trust.keys }.push(material.clone());
        }
        let get = |name: &str| self.extra.get(name).cloned();
        let expected = &mut trust.expected;
        expected.identity = get("identity");
        expected.issuer = get("issuer");
        expected.source = get("source-uri");
        expected.builder = get("builder-id");
        expected.source_branch = get("source-branch");
        expected.source_tag = get("source-tag");
        expected.source_versioned_tag = get("source-versioned-tag");
        expected.key_id = get("key-id");
        expected.any_identity = expected.identity.is_none() && expected.source.is_none();
        expected.artifact_name.clone_from(&self.artifact_name);
        let has_digest = self.extra.keys().any(|name| name.starts_with("artifact-sha"));
        expected.attestation_only = self.artifact.is_none() && !has_digest;
        trust
    }

    /// Judges the case as `portcullis verify` does, and says why.
    pub(super) fn judge(&self, trust: &Trust) -> (Verdict, String) {
        let Some(scheme) = scheme_of(&self.signature.bytes) else {
            return (Verdict::Refused, "no scheme knows it".to_owned());
        };
        let pending = match (scheme.read)(&self.signature, trust) {
            Ok(pending) => pending,
            Err(unreadable) => return (Verdict::Refused, unreadable.fault.message.to_string()),
        };
        let mut hashes = Hashes::new(pending.hashings());
        match &self.artifact {
            Some(artifact) => hashes.update(artifact),
            None => {
                let functions = [("artifact-sha256", Function::Sha256), ("artifact-sha512", Function::Sha512)];
                hashes = Hashes::of_digests(functions.into_iter().filter_map(|(name, function)| {
                    Some((function, crate::text::unhex(self.extra.get(name)?.as_bytes()).unwrap()))
                }));
            }
        }
        let claims = pending.finish(&hashes);
        let is_broken = |claim: &Claim| {
            let is_fatal = |kind| matches!(kind, FaultKind::Bad | FaultKind::Malformed);
            claim.signer.is_some() && claim.faults.iter().any(|fault| is_fatal(fault.kind))
        };
        let is_accepted = claims.iter().any(Claim::is_good) && !claims.iter().any(is_broken);
        let why =
            claims.iter().flat_map(|claim| &claim.faults).map(|fault| format!("{:?} {}", fault.kind, fault.message));
        (if is_accepted { Verdict::Accepted } else { Verdict::Refused }, why.collect::<Vec<_>>().join(" | "))
    }
}

/// Reads bytes as a scheme does and answers, whatever they are. What is said can be printed.
pub(super) fn exercise(scheme: &Scheme, bytes: &[u8]) {
    let _is_signature = (scheme.is_signature)(bytes);
    let file = Material { name: Text::trusted("file"), bytes: bytes.to_vec() };
    if let Some(Ok(description)) = (scheme.describe)(&file) {
        description.parts.for_each(&mut |part| {
            assert!(!part.value.as_str().chars().any(char::is_control), "{}", part.value);
        });
    }
    if let Ok(pending) = (scheme.read)(&file, &Trust::default()) {
        let hashes = Hashes::new(pending.hashings());
        let claims = pending.finish(&hashes);
        assert!(!claims.is_empty());
        assert!(!claims.iter().any(Claim::is_good), "nobody is trusted");
    }
}
