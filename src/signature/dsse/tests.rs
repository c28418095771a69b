//! Envelopes of others and of keys made here, and what becomes of them when something in them is another.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature as algorithms;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::signature::Function;
use crate::signature::published::{self, Verdict};
use crate::signature::trial::shown;

const ARTIFACT: &[u8] = b"contents";
const SUMMARY: &[u8] = include_bytes!("../../../tests/fixtures/signatures/summary.jsonl");
const SUMMARY_KEY: &[u8] = include_bytes!("../../../tests/fixtures/signatures/summary.pub");
const LINK: &[u8] = include_bytes!("../../../tests/fixtures/signatures/write-code.link");
const LINK_KEY: &[u8] = include_bytes!("../../../tests/fixtures/signatures/write-code.pub");

fn material(bytes: &[u8]) -> Material {
    Material { name: Text::trusted("file"), bytes: bytes.to_vec() }
}

/// A key made here.
struct Made {
    key: EcdsaKeyPair,
}

impl Made {
    fn new() -> Self {
        Self::by(&algorithms::ECDSA_P256_SHA256_ASN1_SIGNING)
    }

    fn by(algorithm: &'static algorithms::EcdsaSigningAlgorithm) -> Self {
        Self { key: EcdsaKeyPair::generate(algorithm).unwrap() }
    }

    fn pem(&self) -> Vec<u8> {
        let mut spki = unhexed("3059301306072a8648ce3d020106082a8648ce3d030107034200");
        spki.extend(self.key.public_key().as_ref());
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki)).into_bytes()
    }

    fn id(&self) -> String {
        public_key::read(&material(&self.pem())).unwrap()[0].fingerprint()
    }

    fn sign(&self, kind: &str, payload: &[u8]) -> Vec<u8> {
        let envelope = Envelope { payload_type: kind.to_owned(), payload: payload.to_vec(), signatures: Vec::new() };
        self.key.sign(&SystemRandom::new(), &envelope.signed()).unwrap().as_ref().to_vec()
    }
}

fn unhexed(text: &str) -> Vec<u8> {
    text::unhex(text.as_bytes()).unwrap()
}

fn digest(function: Function) -> String {
    let mut hashes = Hashes::new([Hashing::plain(function)]);
    hashes.update(ARTIFACT);
    text::hex(&hashes.plain(function).unwrap())
}

fn statement(subject: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://example.com/p/v1",
        "predicate": {},
    })
}

fn about_it() -> Value {
    json!([{ "name": "a", "digest": { "sha256": digest(Function::Sha256) } }])
}

/// Signs a payload by several keys, under the ids that are given.
fn envelope(kind: &str, payload: &str, by: &[(&Made, &str)]) -> Vec<u8> {
    let signatures: Vec<Value> = by
        .iter()
        .map(|(key, id)| json!({ "sig": STANDARD.encode(key.sign(kind, payload.as_bytes())), "keyid": id }))
        .collect();
    json!({ "payloadType": kind, "payload": STANDARD.encode(payload), "signatures": signatures })
        .to_string()
        .into_bytes()
}

fn signed(payload: &Value, by: &[(&Made, &str)]) -> Vec<u8> {
    envelope(statement::PAYLOAD_TYPE, &payload.to_string(), by)
}

fn trust(keys: &[&[u8]]) -> Trust {
    let keys = keys.iter().map(|key| material(key)).collect();
    Trust { keys, at: "2026-11-25T00:00:00Z".parse().unwrap(), ..Trust::default() }
}

fn claims(file: &[u8], trust: &Trust) -> Vec<Claim> {
    assert!(is_signature(file));
    let pending = match read(&material(file), trust) {
        Ok(pending) => pending,
        Err(unreadable) => return vec![Claim::new(ID, Text::default()).against(unreadable.fault)],
    };
    let mut hashes = Hashes::new(pending.hashings());
    hashes.update(ARTIFACT);
    pending.finish(&hashes)
}

fn kinds(file: &[u8], trust: &Trust) -> Vec<Vec<FaultKind>> {
    let claims = claims(file, trust);
    claims.iter().map(|claim| claim.faults.iter().map(|fault| fault.kind).collect()).collect()
}

#[test]
fn a_good_envelope_says_who_and_over_what() {
    let key = Made::new();
    let claims = claims(&signed(&statement(about_it()), &[(&key, "")]), &trust(&[&key.pem()]));
    let [claim] = claims.as_slice() else { panic!("{claims:?}") };
    assert!(claim.is_good(), "{:?}", claim.faults);
    assert_eq!(claim.signer.as_ref().unwrap().fingerprint.as_str(), key.id());
    assert_eq!(claim.digest, Some(("sha256", digest(Function::Sha256))));
    assert_eq!(claim.details["predicate-type"].as_str(), "https://example.com/p/v1");
    assert_eq!(claim.details["subject"].as_str(), "a");
}

#[test]
fn only_digests_that_prove_something_match() {
    let key = Made::new();
    let judged = |subject: Value| {
        let file = signed(&statement(subject), &[(&key, "")]);
        kinds(&file, &trust(&[&key.pem()])).remove(0)
    };
    for (name, function) in [
        ("sha256", Function::Sha256),
        ("sha384", Function::Sha384),
        ("sha512", Function::Sha512),
        ("sha3_256", Function::Sha3_256),
    ] {
        assert_eq!(judged(json!([{ "digest": { name: digest(function) } }])), [], "{name}");
    }
    let other = json!({ "digest": { "sha512": "00".repeat(64) } });
    assert_eq!(judged(json!([other, { "digest": { "sha512": digest(Function::Sha512) } }])), []);
    let mismatch = [FaultKind::SubjectMismatch];
    assert_eq!(judged(json!([])), mismatch);
    assert_eq!(judged(json!([other])), mismatch);
    assert_eq!(judged(json!([{ "digest": { "sha1": digest(Function::Sha1) } }])), mismatch);
    assert_eq!(judged(json!([{ "digest": { "gitCommit": digest(Function::Sha256) } }])), mismatch);
    assert_eq!(judged(json!([{ "name": "a", "digest": {} }])), mismatch);
    let half = json!([{ "digest": { "sha256": digest(Function::Sha256), "sha512": "00".repeat(64) } }]);
    assert_eq!(judged(half), mismatch);
    assert_eq!(judged(json!([{ "name": "a" }])), [FaultKind::Malformed]);
    assert_eq!(judged(json!(vec![other; 1025])), [FaultKind::Malformed]);
}

#[test]
fn an_artifact_known_by_another_digest_is_not_determined() {
    let key = Made::new();
    let pending = read(&material(&signed(&statement(about_it()), &[(&key, "")])), &trust(&[&key.pem()])).ok().unwrap();
    let claims = pending.finish(&Hashes::of_digests([(Function::Sha512, vec![0; 64])]));
    assert!(claims[0].faults[0].is_undetermined);
}

#[test]
fn a_key_id_is_a_hint_and_no_proof() {
    let (key, other) = (Made::new(), Made::new());
    let statement = statement(about_it());
    // A wrong id does not hide who signed, a right one makes nobody a signer.
    assert_eq!(kinds(&signed(&statement, &[(&key, &other.id())]), &trust(&[&key.pem()])), [[]]);
    assert_eq!(kinds(&signed(&statement, &[(&key, "any")]), &trust(&[&key.pem()])), [[]]);
    let forged = signed(&statement, &[(&other, &key.id())]);
    assert_eq!(kinds(&forged, &trust(&[&key.pem()])), [[FaultKind::Bad]]);
    let mut wanted = trust(&[&key.pem()]);
    wanted.expected.key_id = Some("mine".to_owned());
    assert_eq!(kinds(&signed(&statement, &[(&key, "mine")]), &wanted), [[]]);
    assert_eq!(kinds(&signed(&statement, &[(&key, "other")]), &wanted), [[FaultKind::NotAllowedSigner]]);
    assert_eq!(kinds(&signed(&statement, &[(&other, "mine")]), &wanted), [[FaultKind::UnknownSigner]]);
}

#[test]
fn every_signature_is_answered_for() {
    let (key, other, stranger) = (Made::new(), Made::new(), Made::new());
    let both = trust(&[&key.pem(), &other.pem()]);
    let file = signed(&statement(about_it()), &[(&key, ""), (&other, ""), (&stranger, "")]);
    assert_eq!(kinds(&file, &both), [vec![], vec![], vec![FaultKind::UnknownSigner]]);
    // Two signatures by one key have one fingerprint, by which thresholds count.
    let twice = claims(&signed(&statement(about_it()), &[(&key, ""), (&key, "")]), &both);
    assert_eq!(twice[0].signer, twice[1].signer);
    // A signature that names a trusted key and is not its own stays a claim of that key, and so fails the file.
    let file = signed(&statement(about_it()), &[(&key, ""), (&stranger, &other.id())]);
    let answered = claims(&file, &both);
    assert!(answered[0].is_good());
    assert_eq!((answered[1].signer.is_some(), answered[1].faults[0].kind), (true, FaultKind::Bad));
}

#[test]
fn signatures_in_two_numbers_are_accepted() {
    let key = Made::by(&algorithms::ECDSA_P256_SHA256_FIXED_SIGNING);
    let file = signed(&statement(about_it()), &[(&key, "")]);
    assert_eq!(kinds(&file, &trust(&[&key.pem()])), [[]]);
}

#[test]
fn keys_are_read_as_in_toto_writes_them() {
    let key = Made::new();
    let pem = String::from_utf8(key.pem()).unwrap();
    let written =
        json!({ "keyid": "x", "keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": { "public": pem } });
    let file = signed(&statement(about_it()), &[(&key, "x")]);
    assert_eq!(kinds(&file, &trust(&[written.to_string().as_bytes()])), [[]]);
    let ed25519 = Ed25519KeyPair::generate().unwrap();
    let public = text::hex(ed25519.public_key().as_ref());
    let written = json!({ "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": public } }).to_string();
    let payload = statement(about_it()).to_string();
    let message = Envelope {
        payload_type: statement::PAYLOAD_TYPE.to_owned(),
        payload: payload.clone().into_bytes(),
        signatures: Vec::new(),
    };
    let signature = ed25519.sign(&message.signed());
    let file = json!({
        "payloadType": statement::PAYLOAD_TYPE,
        "payload": URL_SAFE.encode(payload),
        "signatures": [{ "sig": URL_SAFE.encode(signature) }],
    });
    assert_eq!(kinds(file.to_string().as_bytes(), &trust(&[written.as_bytes()])), [[]]);
    for broken in ["{\"keyval\": 1}", "{\"keyval\": {\"public\": \"00\"}, \"keytype\": \"ed25519\"}"] {
        assert_eq!(kinds(file.to_string().as_bytes(), &trust(&[broken.as_bytes()])), [[FaultKind::Malformed]]);
    }
    let truncated = pem.replace("-----END PUBLIC KEY-----", "");
    assert_eq!(kinds(file.to_string().as_bytes(), &trust(&[truncated.as_bytes()])), [[FaultKind::Malformed]]);
}

#[test]
fn what_is_no_statement_is_refused() {
    let key = Made::new();
    let judged =
        |kind: &str, payload: &str| kinds(&envelope(kind, payload, &[(&key, "")]), &trust(&[&key.pem()])).remove(0);
    let good = statement(about_it()).to_string();
    assert_eq!(judged(statement::PAYLOAD_TYPE, &good), []);
    assert_eq!(judged("application/vnd.in-toto.provenance+json", &good), []);
    assert_eq!(judged("application/vnd.in-toto+JSON", &good), [FaultKind::Unsupported]);
    assert_eq!(judged("text/plain", &good), [FaultKind::Unsupported]);
    let next = good.replace("Statement/v1", "Statement/v2");
    assert_eq!(judged(statement::PAYLOAD_TYPE, &next), [FaultKind::Unsupported]);
    let twice = good.replacen('{', "{\"_type\": \"https://in-toto.io/Statement/v1\",", 1);
    for broken in [twice.as_str(), "{}", "[]", "", "not JSON"] {
        assert_eq!(judged(statement::PAYLOAD_TYPE, broken), [FaultKind::Malformed], "{broken}");
    }
}

#[test]
fn source_and_builder_are_those_of_the_provenance() {
    let key = Made::new();
    let provenance = |kind: &str, predicate: Value| {
        let mut statement = statement(about_it());
        statement["predicateType"] = kind.into();
        statement["predicate"] = predicate;
        signed(&statement, &[(&key, "")])
    };
    let old = provenance(
        "https://slsa.dev/provenance/v0.2",
        json!({
            "builder": { "id": "https://build.example/b@refs/tags/v1" },
            "buildType": "t",
            "invocation": { "configSource": { "uri": "git+https://github.com/acme/app@refs/tags/v1.2.0", "entryPoint": "b.yml" } },
        }),
    );
    let new = provenance(
        "https://slsa.dev/provenance/v1",
        json!({
            "buildDefinition": {
                "buildType": "t",
                "externalParameters": {
                    "workflow": { "repository": "https://github.com/acme/app", "ref": "refs/tags/v1.2.0", "path": "b.yml" },
                },
            },
            "runDetails": { "builder": { "id": "https://build.example/b@refs/tags/v1" } },
        }),
    );
    let none = signed(&statement(about_it()), &[(&key, "")]);
    type Expect = fn(&mut Expected);
    let checks: [(Expect, &[FaultKind]); 9] = [
        (|e| e.source = Some("github.com/acme/app".to_owned()), &[]),
        (|e| e.source = Some("github.com/acme/ap".to_owned()), &[FaultKind::Source]),
        (|e| e.builder = Some("https://build.example/b".to_owned()), &[]),
        (|e| e.builder = Some("https://build.example".to_owned()), &[FaultKind::Builder]),
        (|e| e.source_tag = Some("v1.2.0".to_owned()), &[]),
        (|e| e.source_tag = Some("v1.2".to_owned()), &[FaultKind::Source]),
        (|e| e.source_versioned_tag = Some("v1.2".to_owned()), &[]),
        (|e| e.source_branch = Some("main".to_owned()), &[FaultKind::Source]),
        (|e| e.build_config = Some("b.yml".to_owned()), &[]),
    ];
    for (expect, faults) in checks {
        let mut trust = trust(&[&key.pem()]);
        expect(&mut trust.expected);
        assert_eq!(kinds(&old, &trust), [faults], "{:?}", trust.expected);
        assert_eq!(kinds(&new, &trust), [faults], "{:?}", trust.expected);
        assert_eq!(kinds(&none, &trust)[0].len(), 1, "a statement that names nothing: {:?}", trust.expected);
    }
}

#[test]
fn a_summary_of_a_failed_verification_is_none_of_a_passed_one() {
    let key = Made::new();
    for (result, faults) in
        [("PASSED", vec![]), ("FAILED", vec![FaultKind::SubjectMismatch]), ("", vec![FaultKind::SubjectMismatch])]
    {
        let mut summary = statement(about_it());
        summary["predicateType"] = "https://slsa.dev/verification_summary/v1".into();
        summary["predicate"] = json!({ "verificationResult": result, "verifiedLevels": ["SLSA_BUILD_LEVEL_3"] });
        assert_eq!(kinds(&signed(&summary, &[(&key, "")]), &trust(&[&key.pem()])), [faults]);
    }
}

#[test]
fn envelopes_of_others_are_accepted_without_an_artifact() {
    for (file, key) in [(SUMMARY, SUMMARY_KEY), (LINK, LINK_KEY)] {
        let mut alone = trust(&[key]);
        alone.expected.attestation_only = true;
        assert_eq!(kinds(file, &alone), [[]]);
        assert_eq!(kinds(file, &trust(&[key])), [[FaultKind::SubjectMismatch]]);
        alone.keys.clear();
        let none = claims(file, &alone);
        assert!(none[0].faults[0].is_undetermined && none[0].signer.is_none());
    }
}

#[test]
fn what_an_envelope_and_a_key_hold_is_shown() {
    let shown = |file: &[u8]| shown(&SCHEME, file);
    let summary = shown(SUMMARY);
    assert!(summary.contains("result: PASSED") && summary.contains("level: SLSA_BUILD_LEVEL_2"), "{summary}");
    assert!(shown(SUMMARY_KEY).starts_with("key: ECDSA P-256\nsha256: "));
    assert!(shown(LINK_KEY).starts_with("key: RSA with 3072 bits"));
    assert_eq!((SCHEME.describe)(&material(b"{}")), None);
}

#[test]
fn published_envelopes_get_their_verdict() {
    let Some(cases) = published::cases(&["dsse"]) else { return };
    let mut wrong = Vec::new();
    for case in &cases {
        let (verdict, why) = case.judge(&case.trust());
        if case.expected != Verdict::Either && verdict != case.expected {
            wrong.push(format!("{}: {verdict:?}, expected {:?}: {why}", case.id, case.expected));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "of {} cases", cases.len());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        published::exercise(&SCHEME, &bytes);
    }

    #[test]
    fn a_changed_byte_is_refused_or_changes_nothing(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut alone = trust(&[SUMMARY_KEY]);
        alone.expected.attestation_only = true;
        let mut bytes = SUMMARY.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        published::exercise(&SCHEME, &bytes);
        let before = claims(SUMMARY, &alone).remove(0);
        if is_signature(&bytes) {
            for after in claims(&bytes, &alone).iter().filter(|claim| claim.is_good()) {
                prop_assert_eq!(&after.signer, &before.signer);
                prop_assert_eq!(&after.details, &before.details);
            }
        }
    }
}
