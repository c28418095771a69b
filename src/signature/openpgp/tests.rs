//! Published signatures and tricky ones, damage, and bytes of any kind.
#![expect(clippy::disallowed_methods, reason = "cases are files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use proptest::prelude::*;
use sequoia_openpgp::cert::CertRevocationBuilder;
use sequoia_openpgp::cert::prelude::*;
use sequoia_openpgp::crypto::{KeyPair, mpi};
use sequoia_openpgp::packet::key::{Key4, Key6, PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::serialize::stream::{Armorer, Compressor, LiteralWriter, Message, Signer};
use sequoia_openpgp::types::{
    CompressionAlgorithm, Curve, HashAlgorithm, PublicKeyAlgorithm, ReasonForRevocation, SignatureType,
};
use sequoia_openpgp::{Packet, Profile, armor};

use super::SCHEME;
use super::validity::kind_of;
use crate::signature::{
    AcceptsExpired, Artifact, Claim, FaultKind, Function, Hashes, Hashing, Material, SignedTime, TimeSource, Trust,
    Unreadable, scheme_of, scheme_of_message,
};
use crate::text::Text;

/// The day by which published cases are judged.
const TODAY: &str = "2026-11-25";

/// The published cases whose verdict differs from the one in the table, and why.
const PUBLISHED: &[(&str, &str)] = &[
    ("pgp-rnp-source", RENEWED),
    ("pgp-rnp-source-armored", RENEWED),
    ("pgp-rnp-inline", "the signing key is RSA with 1024 bits"),
];

/// The table has what sequoia says. Where the certificate's only self-signature is newer than the signature, the binding
/// counts here from the key's creation; the key is sound in all else.
const RENEWED: &str = "the self-signature is newer than the signature, and valid at the time of the judgement";

/// The same for the tricky ones.
const TRICKY: &[(&str, &str)] = &[];

struct Case {
    id: String,
    scheme: String,
    artifact: Vec<u8>,
    signature: Option<Vec<u8>>,
    keys: Vec<Vec<u8>>,
    threshold: usize,
    at: String,
    /// `None`: either will do.
    is_valid: Option<bool>,
}

fn accepted(claims: &[Claim], threshold: usize) -> bool {
    let threshold = u32::try_from(threshold).unwrap();
    let artifact = Artifact::new("artifact", Text::trusted("artifact"));
    Artifact { threshold, claims: claims.to_vec(), ..artifact }.is_accepted()
}

/// A table of cases: one a line, the columns named in the first.
fn table(folder: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| names.iter().map(|name| (*name).to_owned()).zip(line.split('\t').map(str::to_owned)).collect())
        .collect()
}

fn extra<'a>(row: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    let mut pairs = row["extra"].split("; ");
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.split_whitespace().next())
}

fn case(folder: &Path, row: &BTreeMap<String, String>, artifact: &str, keys: &str, at: &str, verdict: &str) -> Case {
    let file = |name: &str| fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    Case {
        id: row["case_id"].clone(),
        scheme: row["scheme"].clone(),
        artifact: file(artifact),
        signature: (row["signature"] != "-").then(|| file(&row["signature"])),
        keys: row[keys].split(';').filter(|name| *name != "-").map(file).collect(),
        threshold: extra(row, "threshold").map_or(1, |number| number.parse().unwrap()),
        at: at.to_owned(),
        is_valid: (verdict != "either").then_some(verdict == "valid"),
    }
}

fn published(folder: &Path) -> Vec<Case> {
    let rows = table(folder);
    let ours = rows.iter().filter(|row| {
        ["openpgp-detached", "openpgp-cleartext", "openpgp-inline", "checksums-openpgp"]
            .contains(&row["scheme"].as_str())
    });
    ours.map(|row| {
        case(
            folder,
            row,
            &row["artifact"],
            "keys_or_trust",
            TODAY,
            extra(row, "strict-policy").unwrap_or(&row["expect"]),
        )
    })
    .collect()
}

fn tricky(folder: &Path) -> Vec<Case> {
    let rows = table(folder);
    let ours = rows.iter().filter(|row| row["scheme"].starts_with("openpgp-") || row["scheme"] == "checksums-openpgp");
    ours.map(|row| {
        let expected = row["expect"].trim_start_matches("decide:");
        let (artifact, expected) = match row["scheme"].as_str() {
            // Only the list's signature is judged here; of all lists one has another's.
            "checksums-openpgp" => {
                let is_valid = row["case_id"] != "sums-list-modified";
                (extra(row, "checksum-file").unwrap(), if is_valid { "valid" } else { "invalid" })
            }
            // The table leaves it to the reader whether a keybox is read or refused.
            _ if row["case_id"] == "keyring-kbx" => (row["artifact"].as_str(), "valid"),
            _ => (row["artifact"].as_str(), expected),
        };
        case(folder, row, artifact, "keyring", &row["at"], expected)
    })
    .collect()
}

fn trust(keys: Vec<Vec<u8>>, at: &str) -> Trust {
    let keys = keys.into_iter().map(|bytes| Material { name: Text::trusted("keyring"), bytes }).collect();
    Trust { keys, at: format!("{at}T00:00:00Z").parse::<Timestamp>().unwrap(), ..Trust::default() }
}

fn detached(artifact: &[u8], signature: &[u8], trust: &Trust) -> Result<Vec<Claim>, Unreadable> {
    let file = Material { name: Text::trusted("signature"), bytes: signature.to_vec() };
    let pending = (SCHEME.read)(&file, trust)?;
    let mut hashes = Hashes::new(pending.hashings());
    artifact.chunks(1000).for_each(|part| hashes.update(part));
    Ok(pending.finish(&hashes))
}

fn message(message: &[u8], trust: &Trust) -> (Result<Vec<Claim>, Unreadable>, Vec<u8>) {
    let mut text = Vec::new();
    let read = SCHEME.message.as_ref().unwrap().read;
    let claims = read(&Text::trusted("message"), &mut &message[..], trust, &mut text);
    (claims, text)
}

fn judge(case: &Case) -> Result<Vec<Claim>, Unreadable> {
    let trust = trust(case.keys.clone(), &case.at);
    match &case.signature {
        Some(signature) => detached(&case.artifact, signature, &trust),
        None => message(&case.artifact, &trust).0,
    }
}

/// Judges every case, and compares what differs from the table with what is known to.
fn check(cases: &[Case], known: &[(&str, &str)]) {
    assert!(cases.len() > 30, "{} cases", cases.len());
    let mut differing = Vec::new();
    let mut report = String::new();
    let mut wrong_rejects = 0;
    for case in cases {
        let claims = judge(case);
        let is_accepted = claims.as_ref().is_ok_and(|claims| accepted(claims, case.threshold));
        if case.is_valid.is_some_and(|expected| expected != is_accepted) {
            differing.push(case.id.as_str());
            writeln!(report, "{} {}: accepted is {is_accepted}: {claims:#?}", case.scheme, case.id).unwrap();
            wrong_rejects += usize::from(!is_accepted);
        }
    }
    let known: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
    assert_eq!(differing, known, "of {} cases: {report}", cases.len());
    assert!(wrong_rejects * 100 <= 3 * cases.len(), "{report}");
}

/// Returns a folder of cases, or says that it is absent.
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
fn folder(variable: &str, beside: Option<&str>) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let found = match beside {
        Some(beside) => {
            let shared = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
            Some(shared.join(beside))
        }
        None => named,
    };
    let found = found.filter(|folder| folder.join("EXPECTED.tsv").is_file());
    if found.is_none() {
        eprintln!("SKIPPED: no cases of signatures; {variable} names no folder that holds them");
    }
    found
}

#[test]
fn published_signatures_get_their_verdicts() {
    if let Some(folder) = folder("PORTCULLIS_SHARED", Some("cases/signatures")) {
        check(&published(&folder), PUBLISHED);
    }
}

#[test]
fn tricky_signatures_get_their_verdicts() {
    if let Some(folder) = folder("PORTCULLIS_SIGNATURE_CASES", None) {
        check(&tricky(&folder), TRICKY);
    }
}

/// The time at which keys are made here.
const MADE: &str = "2024-01-01";
const SIGNED: &str = "2024-06-01";
const JUDGED: &str = "2025-06-01";

const DATA: &[u8] = b"portcullis release 1.0\nsecond line\n";

fn day(day: &str) -> SystemTime {
    format!("{day}T00:00:00Z").parse::<Timestamp>().unwrap().into()
}

fn certificate(profile: Profile, build: impl Fn(CertBuilder<'static>) -> CertBuilder<'static>) -> Cert {
    let builder = CertBuilder::new()
        .set_profile(profile)
        .unwrap()
        .set_creation_time(day(MADE))
        .add_userid("Release Key <release@example.org>")
        .add_signing_subkey();
    build(builder).generate().unwrap().0
}

fn pair(cert: &Cert) -> KeyPair {
    let policy = StandardPolicy::new();
    let valid = cert.with_policy(&policy, day(SIGNED)).unwrap();
    let key = valid.keys().secret().for_signing().next().unwrap().key().clone();
    key.into_keypair().unwrap()
}

fn sign(cert: &Cert, data: &[u8]) -> Vec<u8> {
    let builder = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(day(SIGNED)).unwrap();
    Packet::from(builder.sign_message(&mut pair(cert), data).unwrap()).to_vec().unwrap()
}

fn clear_sign(cert: &Cert, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let signer = Signer::new(Message::new(&mut out), pair(cert)).unwrap();
    let mut writer = signer.cleartext().creation_time(day(SIGNED)).build().unwrap();
    writer.write_all(text).unwrap();
    writer.finalize().unwrap();
    out
}

fn inline_sign(cert: &Cert, data: &[u8], compression: Option<CompressionAlgorithm>, is_armored: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut message = Message::new(&mut out);
    if is_armored {
        message = Armorer::new(message).kind(armor::Kind::Message).build().unwrap();
    }
    if let Some(compression) = compression {
        message = Compressor::new(message).algo(compression).build().unwrap();
    }
    let message = Signer::new(message, pair(cert)).unwrap().creation_time(day(SIGNED)).build().unwrap();
    let mut writer = LiteralWriter::new(message).build().unwrap();
    writer.write_all(data).unwrap();
    writer.finalize().unwrap();
    out
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.to_vec().unwrap()
}

fn armored(kind: armor::Kind, bytes: &[u8]) -> Vec<u8> {
    let mut writer = armor::Writer::new(Vec::new(), kind).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finalize().unwrap()
}

fn plain(profile: Profile) -> Cert {
    certificate(profile, |builder| builder)
}

fn kinds(claims: &[Claim]) -> Vec<Vec<FaultKind>> {
    claims.iter().map(|claim| claim.faults.iter().map(|fault| fault.kind).collect()).collect()
}

fn judged(signature: &[u8], keys: Vec<Vec<u8>>) -> Vec<Claim> {
    detached(DATA, signature, &trust(keys, JUDGED)).unwrap()
}

#[test]
fn a_good_signature_says_who_when_and_over_what() {
    for profile in [Profile::RFC4880, Profile::RFC9580] {
        let cert = plain(profile);
        let signature = sign(&cert, DATA);
        for signature in [signature.clone(), armored(armor::Kind::Signature, &signature)] {
            assert_eq!(scheme_of(&signature).unwrap().id, "openpgp");
            let claims = judged(&signature, vec![public(&cert)]);
            let [claim] = claims.as_slice() else { panic!("{claims:?}") };
            assert!(claim.is_good(), "{claim:?}");
            let signer = claim.signer.as_ref().unwrap();
            assert_eq!(signer.fingerprint.as_str(), cert.fingerprint().to_hex());
            assert_eq!(signer.name.as_str(), "Release Key <release@example.org>");
            let time = claim.time.unwrap();
            assert_eq!((time.at.to_string().as_str(), time.source), ("2024-06-01T00:00:00Z", TimeSource::Signer));
            let (function, digest) = claim.digest.as_ref().unwrap();
            let function = Function::named(function).unwrap();
            let mut hashes = Hashes::new([Hashing::plain(function)]);
            hashes.update(DATA);
            assert_eq!(*digest, crate::text::hex(&hashes.plain(function).unwrap()));
        }
    }
}

#[test]
fn one_flipped_bit_never_makes_another_signature_good() {
    for profile in [Profile::RFC4880, Profile::RFC9580] {
        let cert = plain(profile);
        let signature = sign(&cert, DATA);
        let ring = trust(vec![public(&cert)], JUDGED);
        for at in 0..signature.len() {
            let mut damaged = signature.clone();
            damaged[at] ^= 1 << (at % 8);
            // What is not signed may change: the data and the key are the same.
            if let Ok(claims) = detached(DATA, &damaged, &ring) {
                let good = claims.iter().filter(|claim| claim.is_good());
                for claim in good {
                    assert_eq!(claim.signer.as_ref().unwrap().fingerprint.as_str(), cert.fingerprint().to_hex());
                }
            }
        }
        for at in 0..DATA.len() {
            let mut damaged = DATA.to_vec();
            damaged[at] ^= 1 << (at % 8);
            let claims = detached(&damaged, &signature, &ring).unwrap();
            assert_eq!(kinds(&claims), [[FaultKind::Bad]]);
            assert!(claims[0].signer.is_some() && claims[0].time.is_none());
        }
    }
}

#[test]
fn a_bad_signature_by_a_trusted_key_fails_the_file_and_one_by_another_does_not() {
    let (ours, other) = (plain(Profile::RFC4880), plain(Profile::RFC4880));
    let (good, bad, strange) = (sign(&ours, DATA), sign(&ours, b"other"), sign(&other, DATA));
    let ring = vec![public(&ours)];
    for (file, expected) in [
        ([good.clone(), strange.clone()].concat(), true),
        ([strange.clone(), good.clone()].concat(), true),
        ([armored(armor::Kind::Signature, &strange), armored(armor::Kind::Signature, &good)].concat(), true),
        ([good.clone(), bad.clone()].concat(), false),
        ([bad, good.clone()].concat(), false),
        (strange, false),
    ] {
        assert_eq!(accepted(&judged(&file, ring.clone()), 1), expected);
    }
    let twice = [good.clone(), good].concat();
    assert!(!accepted(&judged(&twice, ring), 2));
}

#[test]
fn what_a_signature_says_of_itself_is_judged() {
    let cert = plain(Profile::RFC4880);
    let ring = vec![public(&cert)];
    let builder = |kind| SignatureBuilder::new(kind).set_signature_creation_time(day(SIGNED)).unwrap();
    let binary = || builder(SignatureType::Binary);
    let notation = |is_critical| binary().set_notation("purpose@example.org", b"testing", None, is_critical).unwrap();
    for (builder, expected) in [
        (binary(), vec![]),
        (notation(false), vec![]),
        (notation(true), vec![FaultKind::Unsupported]),
        (binary().set_hash_algo(HashAlgorithm::SHA1), vec![FaultKind::WeakHash]),
        (binary().set_signature_validity_period(Duration::from_secs(60)).unwrap(), vec![FaultKind::Expired]),
        (binary().set_signature_creation_time(day("2030-01-01")).unwrap(), vec![FaultKind::Future]),
        (builder(SignatureType::Standalone), vec![FaultKind::WrongType]),
        (builder(SignatureType::PositiveCertification), vec![FaultKind::WrongType]),
    ] {
        let mut hash = builder.hash_algo().context().unwrap().for_signature(4);
        hash.update(DATA);
        let signature = builder.sign_hash(&mut pair(&cert), hash).unwrap();
        let claims = judged(&Packet::from(signature).to_vec().unwrap(), ring.clone());
        assert_eq!(kinds(&claims), [expected]);
        assert_eq!(claims[0].signer.as_ref().unwrap().fingerprint.as_str(), cert.fingerprint().to_hex());
    }
    for version in [2, 3, 5, 9] {
        let mut signature = sign(&cert, DATA);
        let at = signature.iter().position(|octet| *octet == 4).unwrap();
        signature[at] = version;
        assert_eq!(kinds(&judged(&signature, ring.clone())), [[FaultKind::Unsupported]]);
    }
    let garbage = [sign(&cert, DATA), b"\0garbage".to_vec()].concat();
    assert_eq!(detached(DATA, &garbage, &trust(ring, JUDGED)).unwrap_err().fault.kind, FaultKind::Malformed);
}

#[test]
fn a_text_signature_is_over_lines_whatever_ends_them() {
    let cert = plain(Profile::RFC9580);
    let crlf = String::from_utf8(DATA.to_vec()).unwrap().replace('\n', "\r\n");
    let builder = SignatureBuilder::new(SignatureType::Text).set_signature_creation_time(day(SIGNED)).unwrap();
    let signature = Packet::from(builder.sign_message(&mut pair(&cert), &crlf).unwrap()).to_vec().unwrap();
    for data in [DATA, crlf.as_bytes()] {
        let claims = detached(data, &signature, &trust(vec![public(&cert)], JUDGED)).unwrap();
        assert!(accepted(&claims, 1) && claims[0].notes.len() == 1, "{claims:?}");
    }
}

#[test]
fn an_rsa_signature_counts_by_its_key_over_its_contents_and_not_before_the_key() {
    let cert = certificate(Profile::RFC4880, |builder| builder.set_cipher_suite(CipherSuite::RSA2k));
    let at = |time: &str, function: HashAlgorithm| {
        let builder = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(day(time)).unwrap();
        let signed = builder.set_hash_algo(function).sign_message(&mut pair(&cert), DATA).unwrap();
        Packet::from(signed).to_vec().unwrap()
    };
    let trust = trust(vec![public(&cert)], JUDGED);
    for function in [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512, HashAlgorithm::SHA224] {
        let good = at(SIGNED, function);
        assert!(accepted(&detached(DATA, &good, &trust).unwrap(), 1), "{function}");
        assert!(!accepted(&detached(b"other", &good, &trust).unwrap(), 1), "{function}");
        assert!(!accepted(&detached(DATA, &at("2023-06-01", function), &trust).unwrap(), 1), "{function}");
    }
}

#[test]
fn version_6_has_no_key_of_the_old_kind_of_ed25519() {
    let point = mpi::MPI::new(&[0x40; 33]);
    let key = || mpi::PublicKey::EdDSA { curve: Curve::Ed25519, q: point.clone() };
    let algorithm = PublicKeyAlgorithm::EdDSA;
    let six = Key6::<PublicParts, UnspecifiedRole>::new(day(MADE), algorithm, key()).unwrap();
    let four = Key4::<PublicParts, UnspecifiedRole>::new(day(MADE), algorithm, key()).unwrap();
    assert_eq!(kind_of(&six.into(), "key").unwrap().kind, FaultKind::Unsupported);
    assert!(kind_of(&four.into(), "key").is_none());
}

#[test]
fn a_key_that_has_expired_counts_only_where_that_is_asked_for() {
    let cert =
        certificate(Profile::RFC9580, |builder| builder.set_validity_period(Duration::from_secs(200 * 24 * 60 * 60)));
    let signature = sign(&cert, DATA);
    let mut trust = trust(vec![public(&cert)], JUDGED);
    let claims = detached(DATA, &signature, &trust).unwrap();
    assert!(kinds(&claims)[0].iter().all(|kind| *kind == FaultKind::Expired), "{claims:?}");
    assert!(!claims[0].is_good());
    trust.accepts_expired = AcceptsExpired::BySignatureTime;
    let claims = detached(DATA, &signature, &trust).unwrap();
    assert!(claims[0].is_good() && claims[0].notes.len() == 1, "{claims:?}");
}

#[test]
fn who_says_when_a_key_that_has_expired_signed_must_be_somebody_else() {
    let cert =
        certificate(Profile::RFC9580, |builder| builder.set_validity_period(Duration::from_secs(200 * 24 * 60 * 60)));
    let signature = sign(&cert, DATA);
    let mut trust = trust(vec![public(&cert)], JUDGED);
    trust.accepts_expired = AcceptsExpired::IfSignedBefore;
    let claims = detached(DATA, &signature, &trust).unwrap();
    let fault = &claims[0].faults[0];
    assert_eq!(fault.kind, FaultKind::Expired);
    assert!(fault.help.as_ref().unwrap().as_str().contains("nobody but the signer says when"), "{fault:?}");
    for (at, counts) in [("2024-06-02", true), ("2024-12-01", false)] {
        let at = Timestamp::try_from(day(at)).unwrap();
        trust.known_time = Some(SignedTime { at, source: TimeSource::Commit });
        assert_eq!(accepted(&detached(DATA, &signature, &trust).unwrap(), 1), counts, "{at}");
    }
}

#[test]
fn an_exception_is_for_one_weakness_of_one_certificate() {
    let (cert, other) = (plain(Profile::RFC4880), plain(Profile::RFC4880));
    let builder = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(day(SIGNED)).unwrap();
    let weak = builder.set_hash_algo(HashAlgorithm::SHA1).sign_message(&mut pair(&cert), DATA).unwrap();
    let weak = Packet::from(weak).to_vec().unwrap();
    let mut trust = trust(vec![public(&cert)], JUDGED);
    assert_eq!(kinds(&detached(DATA, &weak, &trust).unwrap()), [[FaultKind::WeakHash]]);
    for (of, kind, counts) in [
        (&cert, FaultKind::WeakHash, true),
        (&other, FaultKind::WeakHash, false),
        (&cert, FaultKind::WeakKey, false),
        (&cert, FaultKind::WeakBinding, false),
    ] {
        trust.exceptions = vec![(of.fingerprint().to_hex().to_lowercase(), kind)];
        let claims = detached(DATA, &weak, &trust).unwrap();
        assert_eq!(accepted(&claims, 1), counts, "{kind:?} {claims:?}");
        assert!(!counts || claims[0].notes[0].as_str().starts_with("accepted by an exception"), "{claims:?}");
        assert!(!accepted(&detached(b"other", &weak, &trust).unwrap(), 1));
    }
}

#[test]
fn an_exception_for_a_weak_binding_is_for_weak_hash_functions_alone() {
    let folder = |name: &str| Path::new("tests/fixtures/signatures/pages").join(name);
    let read = |name: &str, file: &str| fs::read(folder(name).join(file)).unwrap();
    let stolen = read("subkey-stolen", "keyring");
    let mut trust = trust(vec![stolen.clone()], JUDGED);
    let cert = <Cert as sequoia_openpgp::parse::Parse<'_, Cert>>::from_bytes(&stolen).unwrap();
    trust.exceptions = vec![(cert.fingerprint().to_hex(), FaultKind::WeakBinding)];
    let claims = detached(&read("subkey-stolen", "artifact"), &read("subkey-stolen", "signature"), &trust).unwrap();
    assert!(!accepted(&claims, 1), "{claims:?}");
}

#[test]
fn what_is_revoked_for_good_counts_never_and_what_is_given_up_for_what_came_before() {
    for (reason, counts) in [(ReasonForRevocation::KeyCompromised, false), (ReasonForRevocation::KeySuperseded, true)] {
        let cert = plain(Profile::RFC4880);
        let signature = sign(&cert, DATA);
        let mut primary = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
        let revocation = CertRevocationBuilder::new()
            .set_reason_for_revocation(reason, b"")
            .unwrap()
            .set_signature_creation_time(day("2025-01-01"))
            .unwrap()
            .build(&mut primary, &cert, None)
            .unwrap();
        let revoked = cert.clone().insert_packets([revocation]).unwrap().0;
        // The revocation stands in the second copy only.
        let mut trust = trust(vec![public(&cert), public(&revoked)], JUDGED);
        assert_eq!(kinds(&detached(DATA, &signature, &trust).unwrap()), [[FaultKind::Revoked]]);
        trust.accepts_expired = AcceptsExpired::BySignatureTime;
        assert_eq!(accepted(&detached(DATA, &signature, &trust).unwrap(), 1), counts);
    }
}

#[test]
fn keyrings_come_in_several_forms() {
    let (cert, other) = (plain(Profile::RFC4880), plain(Profile::RFC9580));
    let signature = sign(&cert, DATA);
    let block = |cert: &Cert| armored(armor::Kind::PublicKey, &public(cert));
    let blob = |kind: u8, data: &[u8]| {
        let head = 32_u32;
        let mut blob = (head + u32::try_from(data.len()).unwrap()).to_be_bytes().to_vec();
        blob.extend([kind, 1, 0, 0]);
        blob.extend(head.to_be_bytes());
        blob.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        blob.resize(32, 0);
        blob.extend(data);
        blob
    };
    let mut keybox = blob(1, b"");
    keybox[8..12].copy_from_slice(b"KBXf");
    let keybox = [keybox, blob(3, b"an X.509 certificate"), blob(2, &public(&cert))].concat();
    for ring in [
        public(&cert),
        [public(&other), public(&cert)].concat(),
        block(&cert),
        [block(&other), b"between\n".to_vec(), block(&cert)].concat(),
        keybox,
        cert.as_tsk().to_vec().unwrap(),
    ] {
        assert!(accepted(&judged(&signature, vec![ring]), 1));
    }
    assert!(accepted(&judged(&signature, vec![b"RWQ minisign".to_vec(), public(&cert)]), 1));
    assert_eq!(kinds(&judged(&signature, vec![public(&other)])), [[FaultKind::UnknownSigner]]);

    let mut unknown = public(&other);
    let at = unknown.iter().position(|octet| *octet == 6).unwrap();
    unknown[at] = 9;
    let claims = judged(&signature, vec![[unknown, public(&cert)].concat()]);
    assert!(accepted(&claims, 1) && claims[0].notes[0].as_str().contains("version 9"), "{claims:?}");

    let broken = [b"\xc6\x03\x04\0\0".to_vec(), public(&cert)].concat();
    for ring in [Vec::new(), broken, public(&cert)[..80].to_vec(), signature.clone()] {
        let refused = detached(DATA, &signature, &trust(vec![ring], JUDGED)).unwrap_err();
        assert_eq!(refused.fault.kind, FaultKind::Malformed);
    }
}

#[test]
fn too_much_is_refused_before_it_is_read() {
    let cert = plain(Profile::RFC4880);
    let signature = sign(&cert, DATA);
    let refused = |signature: &[u8], ring: Vec<u8>| {
        detached(DATA, signature, &trust(vec![ring], JUDGED)).err().map(|refused| refused.fault.kind)
    };
    assert_eq!(refused(&signature.repeat(1000), public(&cert)), None);
    assert_eq!(refused(&signature.repeat(1001), public(&cert)), Some(FaultKind::Malformed));
    assert_eq!(refused(&signature.repeat(100_000), public(&cert)), Some(FaultKind::Malformed));
    assert_eq!(refused(&vec![b'\n'; 65 << 20], public(&cert)), Some(FaultKind::Malformed));
    assert_eq!(refused(&signature, vec![0xc6; 65 << 20]), Some(FaultKind::Malformed));
    let many = [public(&cert), signature.repeat(10_001)].concat();
    assert_eq!(refused(&signature, many), Some(FaultKind::Malformed));
}

#[test]
fn clear_signed_text_is_given_on_as_it_is_signed() {
    for profile in [Profile::RFC4880, Profile::RFC9580] {
        let cert = plain(profile);
        let trust = trust(vec![public(&cert)], JUDGED);
        let long = "a long line ".repeat(20_000);
        for (text, expected) in [
            ("Origin: Example\n- dashed\n\nlast\n", "Origin: Example\n- dashed\n\nlast\n"),
            ("-dash\nspace \t\n", "-dash\nspace\n"),
            ("\nfirst is empty\n", "\nfirst is empty\n"),
            ("ends in empty lines\n\n\n", "ends in empty lines\n\n\n"),
            ("no line end", "no line end"),
            ("", ""),
            (long.as_str(), long.trim_end()),
        ] {
            let signed = clear_sign(&cert, text.as_bytes());
            assert_eq!(scheme_of_message(&signed[..40]).unwrap().0.id, "openpgp");
            let crlf = String::from_utf8(signed.clone()).unwrap().replace('\n', "\r\n").into_bytes();
            for signed in [signed, crlf] {
                let (claims, given) = message(&signed, &trust);
                assert!(accepted(&claims.unwrap(), 1), "{text:?}");
                assert_eq!(String::from_utf8(given).unwrap(), expected);
            }
        }
        let huge = "nine MiB\n".repeat(1 << 20);
        let (claims, given) = message(&clear_sign(&cert, huge.as_bytes()), &trust);
        let claims = claims.unwrap();
        // A salt is only known behind the text, and so much text is not held.
        assert_eq!(accepted(&claims, 1), profile == Profile::RFC4880, "{claims:?}");
        assert_eq!(given, huge.as_bytes());
    }
}

#[test]
fn nothing_that_is_not_signed_stands_beside_clear_signed_text() {
    let cert = plain(Profile::RFC4880);
    let trust = trust(vec![public(&cert)], JUDGED);
    let signed = String::from_utf8(clear_sign(&cert, b"Suite: stable\nmore\n")).unwrap();
    let kind = |text: String| message(text.as_bytes(), &trust).0.unwrap_err().fault.kind;
    let header = |header: &str| signed.replacen("\n\n", &format!("\n{header}\n\n"), 1);
    for text in [
        format!("Suite: evil\n{signed}"),
        format!("{signed}Suite: evil\n"),
        format!("{signed}{signed}"),
        header("Comment: Suite: evil"),
        header("NotDashEscaped: GnuPG-only"),
        header("Hash: Suite, evil"),
    ] {
        assert_eq!(kind(text), FaultKind::UnsignedContent);
    }
    assert_eq!(kind(signed.replace("more", "-more")), FaultKind::Malformed);
    assert_eq!(kind(signed.split("-----BEGIN PGP SIGNATURE").next().unwrap().to_owned()), FaultKind::Malformed);
    for text in [format!("\n{signed}\n \n"), header("Hash: SHA256"), signed.replace("stable\n", "stable  \n")] {
        assert!(accepted(&message(text.as_bytes(), &trust).0.unwrap(), 1));
    }
    let changed = message(signed.replace("stable", "sid").as_bytes(), &trust).0.unwrap();
    assert_eq!(kinds(&changed), [[FaultKind::Bad]]);
}

#[test]
fn inline_messages_are_unpacked_and_given_on() {
    let long: Vec<u8> = (0..60_000_u32).flat_map(u32::to_be_bytes).collect();
    for profile in [Profile::RFC4880, Profile::RFC9580] {
        let cert = plain(profile);
        let trust = trust(vec![public(&cert)], JUDGED);
        for data in [DATA, b"", long.as_slice()] {
            for compression in [
                None,
                Some(CompressionAlgorithm::Zip),
                Some(CompressionAlgorithm::Zlib),
                Some(CompressionAlgorithm::BZip2),
            ] {
                for is_armored in [false, true] {
                    let signed = inline_sign(&cert, data, compression, is_armored);
                    assert!(scheme_of_message(&signed).is_some());
                    let (claims, given) = message(&signed, &trust);
                    assert!(accepted(&claims.unwrap(), 1), "{compression:?} {is_armored}");
                    assert_eq!(given, data);
                    let beside = [signed.as_slice(), b"evil"].concat();
                    assert_eq!(message(&beside, &trust).0.unwrap_err().fault.kind, FaultKind::UnsignedContent);
                    let cut = &signed[..signed.len() - 30];
                    assert_eq!(message(cut, &trust).0.unwrap_err().fault.kind, FaultKind::Malformed);
                }
            }
        }
    }
}

#[test]
fn a_message_is_not_unpacked_without_end() {
    let cert = plain(Profile::RFC4880);
    let trust = trust(vec![public(&cert)], JUDGED);
    let bomb = inline_sign(&cert, &vec![0; 20 << 20], Some(CompressionAlgorithm::BZip2), false);
    assert!(bomb.len() < 10_000);
    assert_eq!(message(&bomb, &trust).0.unwrap_err().fault.kind, FaultKind::Malformed);
}

fn sample() -> &'static [Vec<u8>; 5] {
    static SAMPLE: std::sync::OnceLock<[Vec<u8>; 5]> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| {
        let cert = plain(Profile::RFC9580);
        [
            public(&cert),
            sign(&cert, DATA),
            clear_sign(&cert, DATA),
            inline_sign(&cert, DATA, None, true),
            inline_sign(&cert, DATA, Some(CompressionAlgorithm::Zip), false),
        ]
    })
}

fn read_all(bytes: &[u8], ring: &[u8]) {
    let trust = trust(vec![ring.to_vec()], JUDGED);
    if let Ok(claims) = detached(DATA, bytes, &trust) {
        assert!(!claims.is_empty());
    }
    let _is_message = scheme_of_message(bytes);
    let _claims = message(bytes, &trust);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), tag in any::<u8>()) {
        let [ring, signature, ..] = sample();
        read_all(&bytes, ring);
        read_all(signature, &bytes);
        read_all(&[&[0xc0 | tag], bytes.as_slice()].concat(), &[&[0xc6, 0xff, 0, 0, 0, 50, 4], bytes.as_slice()].concat());
    }

    #[test]
    fn damage_is_read_without_panic(which in 0..5_usize, edits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut damaged = sample()[which].clone();
        for (at, octet) in edits {
            let at = usize::from(at) % damaged.len();
            damaged[at] = octet;
        }
        let [ring, signature, ..] = sample();
        if which == 0 { read_all(signature, &damaged) } else { read_all(&damaged, ring) }
    }
}
