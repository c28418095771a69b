//! Bundles of others, and what becomes of them when something in them is another.

use proptest::prelude::*;

use super::*;
use crate::signature::published::{self, Case, Verdict};
use crate::signature::trial::shown;
use crate::signature::{Expected, TimeSource};

/// What is refused although its source accepts it: old forms, which `--allow-legacy` accepts.
const LEGACY: &[&str] = &[
    "sigstore-go-js-provenance",
    "slsa-bundle-valid",
    "slsa-container-based-v1.7.0-dispatch",
    "slsa-delegator-v1.9.0-dispatch",
    "slsa-delegator-v1.9.0-tag-v14.2",
    "slsa-delegator-v2.1.0-dispatch",
    "slsa-delegator-v2.1.0-tag-v14.2",
];

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/signatures/", $name))
    };
}

const ARTIFACT: &[u8] = fixture!("a.txt");
const MESSAGE: &str = include_str!("../../../tests/fixtures/signatures/message-v0.3.sigstore.json");
const OLD_MESSAGE: &str = include_str!("../../../tests/fixtures/signatures/message-v0.1.sigstore.json");
const STATEMENT: &str = include_str!("../../../tests/fixtures/signatures/statement-rekor2.sigstore.json");
const MANAGED: &str = include_str!("../../../tests/fixtures/signatures/managed-key.sigstore.json");
const BUILT: &str = include_str!("../../../tests/fixtures/signatures/MODULE.bazel.intoto.jsonl");
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn material(bytes: &[u8]) -> Material {
    Material { name: Text::trusted("file"), bytes: bytes.to_vec() }
}

/// Trusts the signer of the messages and the statement.
fn trust() -> Trust {
    Trust {
        trusted_roots: vec![material(fixture!("trusted-root.json")), material(fixture!("trusted-root-rekor2.json"))],
        expected: Expected {
            identity: Some(IDENTITY.to_owned()),
            issuer: Some(ISSUER.to_owned()),
            ..Expected::default()
        },
        at: "2026-11-25T00:00:00Z".parse().unwrap(),
        ..Trust::default()
    }
}

fn claims(bundle: &str, artifact: &[u8], trust: &Trust) -> Vec<Claim> {
    let pending = match read(&material(bundle.as_bytes()), trust) {
        Ok(pending) => pending,
        Err(unreadable) => return vec![Claim::new(ID, Text::default()).against(unreadable.fault)],
    };
    let mut hashes = Hashes::new(pending.hashings());
    hashes.update(artifact);
    pending.finish(&hashes)
}

fn claim(bundle: &str, artifact: &[u8], trust: &Trust) -> Claim {
    claims(bundle, artifact, trust).remove(0)
}

fn kinds(claim: &Claim) -> Vec<FaultKind> {
    claim.faults.iter().map(|fault| fault.kind).collect()
}

#[track_caller]
fn refused(bundle: &str, trust: &Trust, expected: FaultKind) {
    let claim = claim(bundle, ARTIFACT, trust);
    assert!(!claim.is_good());
    assert_eq!(kinds(&claim).first(), Some(&expected), "{:?}", claim.faults);
}

fn changed(bundle: &str, pointer: &str, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut value: serde_json::Value = serde_json::from_str(bundle).unwrap();
    change(value.pointer_mut(pointer).unwrap());
    value.to_string()
}

#[test]
fn a_good_bundle_says_who_when_and_over_what() {
    for bundle in [MESSAGE, OLD_MESSAGE, STATEMENT] {
        let claim = claim(bundle, ARTIFACT, &trust());
        assert!(claim.is_good(), "{:?}", claim.faults);
        assert_eq!(claim.signer.as_ref().unwrap().name.as_str(), IDENTITY);
        assert_eq!(claim.signer.unwrap().fingerprint.as_str().len(), 64);
        let digest = "a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf";
        assert_eq!(claim.digest, Some(("sha256", digest.to_owned())));
        assert!(claim.time.is_some_and(|time| time.source != TimeSource::Signer));
        assert_eq!(claim.details["issuer"].as_str(), ISSUER);
        assert_eq!(claim.details["source-ref"].as_str(), "refs/heads/main");
        assert_eq!(claim.details["trigger"].as_str(), "workflow_dispatch");
        assert_eq!(claim.details["runner-environment"].as_str(), "github-hosted");
    }
}

#[test]
fn time_comes_from_the_log_or_from_a_timestamp() {
    assert_eq!(claim(MESSAGE, ARTIFACT, &trust()).time.unwrap().source, TimeSource::TransparencyLog);
    assert_eq!(claim(STATEMENT, ARTIFACT, &trust()).time.unwrap().source, TimeSource::TimestampAuthority);
    let early = Trust { at: "2020-01-01T00:00:00Z".parse().unwrap(), ..trust() };
    refused(MESSAGE, &early, FaultKind::Future);
}

#[test]
fn another_signer_or_issuer_is_refused_by_name() {
    let with = |identity: Option<&str>, issuer: Option<&str>| {
        let expected = Expected {
            identity: identity.map(str::to_owned),
            issuer: issuer.map(str::to_owned),
            ..Expected::default()
        };
        Trust { expected, ..trust() }
    };
    refused(
        MESSAGE,
        &with(Some("https://github.com/sigstore-conformance/"), Some(ISSUER)),
        FaultKind::IdentityMismatch,
    );
    refused(MESSAGE, &with(Some(IDENTITY), Some("https://accounts.google.com")), FaultKind::IssuerMismatch);
    let pattern = "https://github.com/sigstore-conformance/*@refs/heads/main";
    assert!(claim(MESSAGE, ARTIFACT, &with(Some(pattern), Some(ISSUER))).is_good());
    // Half of an expectation is none: anybody can have any identity by some issuer.
    for half in [with(Some(IDENTITY), None), with(None, Some(ISSUER)), with(None, None)] {
        refused(MESSAGE, &half, FaultKind::IdentityMismatch);
        let claim = claim(MESSAGE, ARTIFACT, &half);
        assert_eq!(claim.signer, None);
        assert!(claim.faults[0].help.as_ref().unwrap().as_str().contains("--identity"));
    }
    let mut anybody = with(None, None);
    anybody.expected.any_identity = true;
    assert!(claim(MESSAGE, ARTIFACT, &anybody).is_good());
}

#[test]
fn other_contents_are_refused() {
    let message = claim(MESSAGE, b"other", &trust());
    assert_eq!((kinds(&message), message.signer), (vec![FaultKind::Bad], None));
    assert_eq!(kinds(&claim(STATEMENT, b"other", &trust())), [FaultKind::SubjectMismatch]);
    let mut alone = trust();
    alone.expected.attestation_only = true;
    assert!(claim(STATEMENT, b"", &alone).is_good());
    refused(MESSAGE, &alone, FaultKind::WrongType);
}

#[test]
fn a_root_that_does_not_know_the_log_leaves_it_undetermined() {
    for roots in [vec![], vec![material(fixture!("trusted-root-rekor2.json"))]] {
        let claim = claim(MESSAGE, ARTIFACT, &Trust { trusted_roots: roots, ..trust() });
        assert!(!claim.is_good());
        assert!(claim.faults[0].is_undetermined, "{:?}", claim.faults);
        assert!(claim.faults[0].help.is_some());
    }
    let broken = Trust { trusted_roots: vec![material(b"{}")], ..trust() };
    assert_eq!(kinds(&claim(MESSAGE, ARTIFACT, &broken)), [FaultKind::Malformed]);
}

#[test]
fn what_there_is_one_of_stands_once() {
    let twice = MESSAGE.replacen('{', "{\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.3+json\",", 1);
    refused(&twice, &trust(), FaultKind::Malformed);
    let envelope = serde_json::from_str::<serde_json::Value>(STATEMENT).unwrap()["dsseEnvelope"].take();
    let two_payloads = changed(MESSAGE, "", |bundle| bundle["dsseEnvelope"] = envelope);
    refused(&two_payloads, &trust(), FaultKind::Malformed);
    let entries = "/verificationMaterial/tlogEntries";
    let double = |list: &mut serde_json::Value| {
        let list = list.as_array_mut().unwrap();
        list.push(list[0].clone());
    };
    refused(&changed(MESSAGE, entries, double), &trust(), FaultKind::Malformed);
    let none = |list: &mut serde_json::Value| list.as_array_mut().unwrap().clear();
    refused(&changed(MESSAGE, entries, none), &trust(), FaultKind::LogProof);
    refused(&changed(STATEMENT, "/dsseEnvelope/signatures", double), &trust(), FaultKind::Malformed);
    refused(&changed(STATEMENT, "/dsseEnvelope/signatures", none), &trust(), FaultKind::Malformed);
}

#[test]
fn unknown_versions_and_payloads_are_unsupported() {
    let version = |new: &'static str| changed(MESSAGE, "/mediaType", move |value| *value = new.into());
    refused(&version("application/vnd.dev.sigstore.bundle.v0.4+json"), &trust(), FaultKind::Unsupported);
    let kind = changed(MESSAGE, "/verificationMaterial/tlogEntries/0/kindVersion/version", |v| *v = "0.0.9".into());
    refused(&kind, &trust(), FaultKind::Unsupported);
    let payload = changed(STATEMENT, "/dsseEnvelope/payloadType", |value| *value = "text/plain".into());
    refused(&payload, &trust(), FaultKind::Unsupported);
}

#[test]
fn the_checkpoint_is_of_the_size_of_the_proof() {
    let pointer = "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize";
    let size = |value: &mut serde_json::Value| {
        *value = (value.as_str().unwrap().parse::<u64>().unwrap() + 1).to_string().into();
    };
    refused(&changed(MESSAGE, pointer, size), &trust(), FaultKind::LogProof);
}

#[test]
fn a_promise_without_a_proof_is_accepted_only_where_old_forms_are() {
    let promised = changed(OLD_MESSAGE, "/verificationMaterial/tlogEntries/0", |entry| {
        entry.as_object_mut().unwrap().remove("inclusionProof").unwrap();
    });
    refused(&promised, &trust(), FaultKind::LogProof);
    let lenient = Trust { allows_legacy: true, ..trust() };
    let claim = claim(&promised, ARTIFACT, &lenient);
    assert!(claim.is_good(), "{:?}", claim.faults);
    assert_eq!(claim.notes.len(), 1);
    let forged = changed(&promised, "/verificationMaterial/tlogEntries/0/integratedTime", |time| *time = "1".into());
    refused(&forged, &lenient, FaultKind::LogProof);
}

#[test]
fn a_managed_key_is_the_one_that_is_given() {
    let keys = |keys: &[&[u8]]| Trust { keys: keys.iter().map(|key| material(key)).collect(), ..trust() };
    let (own, other) = (fixture!("managed-key.pub"), fixture!("summary.pub"));
    let good = claim(MANAGED, ARTIFACT, &keys(&[other, own]));
    assert!(good.is_good(), "{:?}", good.faults);
    assert_eq!(good.signer.unwrap().name.as_str(), "file");
    refused(MANAGED, &keys(&[other]), FaultKind::UnknownSigner);
    let none = claim(MANAGED, ARTIFACT, &keys(&[]));
    assert_eq!(kinds(&none), [FaultKind::UnknownSigner]);
    assert!(none.faults[0].is_undetermined);
    // The key in the log makes nobody a signer, but shows damage.
    assert_eq!(kinds(&claim(MANAGED, b"other", &keys(&[]))), [FaultKind::Bad]);
}

#[test]
fn source_and_builder_are_those_of_the_certificate() {
    let artifact = fixture!("MODULE.bazel");
    let with = |source: &str, builder: &str, more: fn(&mut Expected)| {
        let mut trust = trust();
        trust.expected =
            Expected { source: Some(source.to_owned()), builder: Some(builder.to_owned()), ..Expected::default() };
        more(&mut trust.expected);
        kinds(&claim(BUILT, artifact, &trust))
    };
    let source = "github.com/aspect-build/rules_lint";
    let builder = "https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml";
    let nothing = |_: &mut Expected| {};
    assert_eq!(with(source, builder, nothing), []);
    assert_eq!(with("git+https://github.com/Aspect-Build/rules_lint.git", builder, nothing), []);
    assert_eq!(with(source, &format!("{builder}@refs/tags/v0.0.1"), nothing), []);
    assert_eq!(with(source, &format!("{builder}@v0.0.1"), nothing), []);
    assert_eq!(with(source, &format!("{builder}@v0.0.2"), nothing), [FaultKind::Builder]);
    assert_eq!(with("github.com/aspect-build/rules_lint2", builder, nothing), [FaultKind::Source]);
    assert_eq!(with("github.com/aspect-build/rules_lin", builder, nothing), [FaultKind::Source]);
    assert_eq!(with("github.com/aspect-build", builder, nothing), [FaultKind::Source]);
    assert_eq!(with(source, "https://github.com/bazel-contrib/publish-to-bcr", nothing), [FaultKind::Builder]);
    let branch: fn(&mut Expected) = |expected| expected.source_branch = Some("publish-to-bcr".to_owned());
    assert_eq!(with(source, builder, branch), []);
    let branch: fn(&mut Expected) = |expected| expected.source_branch = Some("main".to_owned());
    assert_eq!(with(source, builder, branch), [FaultKind::Source]);
    let tag: fn(&mut Expected) = |expected| expected.source_tag = Some("publish-to-bcr".to_owned());
    assert_eq!(with(source, builder, tag), [FaultKind::Source]);
    let config: fn(&mut Expected) = |expected| expected.build_config = Some(".github/workflows/release.yml".to_owned());
    assert_eq!(with(source, builder, config), []);
    let config: fn(&mut Expected) = |expected| expected.build_config = Some("release.yml".to_owned());
    assert_eq!(with(source, builder, config), [FaultKind::Builder]);
    let issuer: fn(&mut Expected) = |expected| expected.issuer = Some("https://gitlab.com".to_owned());
    assert_eq!(with(source, builder, issuer), [FaultKind::IssuerMismatch]);
}

#[test]
fn circumstances_parameters_and_materials_of_a_build_are_those_that_are_expected() {
    let with = |more: fn(&mut Expected)| {
        let mut trust = trust();
        trust.expected = Expected {
            source: Some("github.com/aspect-build/rules_lint".to_owned()),
            builder: Some("https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml".to_owned()),
            ..Expected::default()
        };
        more(&mut trust.expected);
        kinds(&claim(BUILT, fixture!("MODULE.bazel"), &trust))
    };
    let none: [FaultKind; 0] = [];
    assert_eq!(with(|expected| expected.trigger = Some("workflow_dispatch".to_owned())), none);
    assert_eq!(with(|expected| expected.trigger = Some("push".to_owned())), [FaultKind::Builder]);
    assert_eq!(with(|expected| expected.runner_environment = Some("github-hosted".to_owned())), none);
    assert_eq!(with(|expected| expected.runner_environment = Some("self-hosted".to_owned())), [FaultKind::Builder]);
    assert_eq!(with(|expected| expected.workflow = Some("Other".to_owned())), [FaultKind::Builder]);
    assert_eq!(
        with(|expected| expected.parameters = vec![("workflow.ref".to_owned(), "refs/heads/*".to_owned())]),
        none
    );
    assert_eq!(
        with(|expected| expected.parameters = vec![("workflow.ref".to_owned(), "refs/heads/main".to_owned())]),
        [FaultKind::Builder]
    );
    assert_eq!(
        with(|expected| expected.parameters = vec![("workflow.branch".to_owned(), "*".to_owned())]),
        [FaultKind::Builder]
    );
    assert_eq!(
        with(|expected| expected.materials = vec!["git+https://github.com/aspect-build/rules_lint@*".to_owned()]),
        none
    );
    assert_eq!(
        with(|expected| expected.materials = vec!["git+https://github.com/aspect-build/rules_lint".to_owned()]),
        [FaultKind::Source]
    );
}

/// Writes a bundle as an attestation of a Python package.
fn python(bundle: &str) -> String {
    let bundle: serde_json::Value = serde_json::from_str(bundle).unwrap();
    serde_json::json!({
        "version": 1,
        "verification_material": {
            "certificate": bundle["verificationMaterial"]["certificate"]["rawBytes"],
            "transparency_entries": bundle["verificationMaterial"]["tlogEntries"],
        },
        "envelope": {
            "statement": bundle["dsseEnvelope"]["payload"],
            "signature": bundle["dsseEnvelope"]["signatures"][0]["sig"],
        },
    })
    .to_string()
}

#[test]
fn an_attestation_of_a_python_package_is_about_a_file_of_its_name() {
    let (attestation, artifact) = (python(BUILT), fixture!("MODULE.bazel"));
    let mut trust = trust();
    trust.expected = Expected { any_identity: true, ..Expected::default() };
    assert!(claim(&attestation, artifact, &trust).is_good());
    let index = format!(r#"{{"version": 1, "attestation_bundles": [{{"attestations": [{attestation}]}}]}}"#);
    assert!(claim(&index, artifact, &trust).is_good());
    trust.expected.artifact_name = Some(b"module-1.0.tar.gz".to_vec());
    assert_eq!(kinds(&claim(&attestation, artifact, &trust)), [FaultKind::SubjectMismatch]);
    let next = attestation.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(kinds(&claim(&next, artifact, &trust)), [FaultKind::Unsupported]);
}

#[test]
fn bundles_among_others_are_answered_for_one_by_one() {
    let line = |bundle: &str| serde_json::from_str::<serde_json::Value>(bundle).unwrap().to_string();
    let two = format!("{}\n\n{}\n", line(MESSAGE), line(STATEMENT));
    assert_eq!(claims(&two, ARTIFACT, &trust()).iter().filter(|claim| claim.is_good()).count(), 2);
    let answer = format!(r#"{{"attestations": [{{"bundle": {MESSAGE}}}, {{"bundle": {{"mediaType": "x"}}}}]}}"#);
    let answered = claims(&answer, ARTIFACT, &trust());
    assert!(answered[0].is_good());
    assert_eq!(kinds(&answered[1]), [FaultKind::Unsupported]);
    for nothing in ["{}", r#"{"attestations": []}"#, "", "[]", "{\"verificationMaterial\""] {
        assert_eq!(kinds(&claim(nothing, ARTIFACT, &trust())), [FaultKind::Malformed], "{nothing}");
    }
}

#[test]
fn the_attestations_of_an_npm_package_stand_or_fall_together() {
    let good = || Claim::new(ID, Text::default());
    let with = |kind| good().against(Fault::new(kind, Text::trusted("wrong")));
    let unknown = good().against(Fault::undetermined(FaultKind::UnknownSigner, Text::trusted("unknown")));
    let judged = |published: &str, names: &[&str], mut claims: Vec<Claim>| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        whole_package(published, &names, &mut claims);
        claims.iter().map(kinds).collect::<Vec<_>>()
    };
    let (package, names) = ("pkg:npm/@acme/a@1.0.0", ["pkg:npm/%40acme/a@1.0.0"; 2]);
    assert_eq!(judged(package, &names, vec![unknown.clone(), good()]), [vec![FaultKind::UnknownSigner], vec![]]);
    let broken = judged(package, &names, vec![with(FaultKind::Bad), good()]);
    assert_eq!(broken, [[FaultKind::Bad], [FaultKind::Bad]]);
    let other = judged(package, &["pkg:npm/%40acme/a@1.0.0", "pkg:npm/%40acme/b@1.0.0"], vec![unknown, good()]);
    assert_eq!(other, [[FaultKind::UnknownSigner], [FaultKind::SubjectMismatch]]);
}

#[test]
fn what_a_bundle_holds_is_shown() {
    let shown = |bundle: &str| shown(&SCHEME, bundle.as_bytes());
    let message = shown(MESSAGE);
    assert!(message.contains(IDENTITY) && message.contains("log-entry: hashedrekord 0.0.1"), "{message}");
    let built = shown(BUILT);
    assert!(built.contains("builder: https://github.com/bazel-contrib/"), "{built}");
    assert!(built.contains("subject: "), "{built}");
    assert_eq!((SCHEME.describe)(&material(b"{}")), None);
}

#[test]
fn published_bundles_get_their_verdict() {
    let Some(cases) = published::cases(&["sigstore-bundle", "slsa-provenance"]) else { return };
    let judged = |case: &Case, allows_legacy| {
        let mut trust = case.trust();
        trust.allows_legacy = allows_legacy;
        case.judge(&trust)
    };
    let mut wrong = Vec::new();
    for case in &cases {
        let strict = if LEGACY.contains(&case.id.as_str()) { Verdict::Refused } else { case.expected };
        for (allows_legacy, expected) in [(false, strict), (true, case.expected)] {
            let (verdict, why) = judged(case, allows_legacy);
            if expected != Verdict::Either && verdict != expected {
                wrong.push(format!("{} legacy={allows_legacy}: {verdict:?}, expected {expected:?}: {why}", case.id));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "of {} cases", cases.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        published::exercise(&SCHEME, &bytes);
    }

    #[test]
    fn a_changed_byte_is_refused_or_changes_nothing(at in any::<prop::sample::Index>(), bit in 0_u8..8, which in 0_usize..3) {
        let original = [MESSAGE, STATEMENT, MANAGED][which];
        let mut bytes = original.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        published::exercise(&SCHEME, &bytes);
        let trust = Trust { keys: vec![material(fixture!("managed-key.pub"))], ..trust() };
        let before = claim(original, ARTIFACT, &trust);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            for after in claims(text, ARTIFACT, &trust).iter().filter(|claim| claim.is_good()) {
                prop_assert_eq!(&after.signer, &before.signer);
                prop_assert_eq!(&after.digest, &before.digest);
                prop_assert_eq!(&after.details, &before.details);
                // Without the log's promise a timestamp may still say when.
                prop_assert!(after.time.is_none_or(|time| time.source != TimeSource::Signer));
            }
        }
    }
}
