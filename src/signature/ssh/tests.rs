//! The cases of SSH signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::super::trial::{ARTIFACT, claims, fixture, flipped, material, trust, verdict};
use super::super::{Expected, Trust, ed25519};
use super::*;
use FaultKind::{
    Bad, Expired, IdentityMismatch, Malformed, NotAllowedSigner, Revoked as IsRevoked, UnknownSigner, Unsupported,
    WeakKey, WrongType,
};

const KEY: &[u8] = fixture!("ssh/ed25519.pub");
const SIGNATURE: &[u8] = fixture!("ssh/ed25519.sig");
const AUTHORITY: &[u8] = fixture!("ssh/authority.pub");

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap().trim_end()
}

/// Trusts a list of signers, in which `KEY` and `AUTHORITY` stand for those keys.
fn allowing(list: &str) -> Trust {
    let list = list.replace("AUTHORITY", text(AUTHORITY)).replace("KEY", text(KEY));
    Trust { allowed_signers: vec![material(list.as_bytes())], ..trust(&[]) }
}

fn asked_for(identity: &str, trust: Trust) -> Trust {
    Trust { expected: Expected { identity: Some(identity.to_owned()), ..trust.expected }, ..trust }
}

fn armoured(blob: &[u8]) -> Vec<u8> {
    [BEGIN, b"\n", STANDARD.encode(blob).as_bytes(), b"\n", END, b"\n"].concat()
}

#[test]
fn every_kind_of_key_is_checked() {
    let good: [(&[u8], &[u8], &str); 6] = [
        (fixture!("ssh/ed25519.pub"), fixture!("ssh/ed25519.sig"), "ed25519@example.org"),
        (fixture!("ssh/ecdsa-256.pub"), fixture!("ssh/ecdsa-256.sig"), "ecdsa-256@example.org"),
        (fixture!("ssh/ecdsa-384.pub"), fixture!("ssh/ecdsa-384.sig"), "ecdsa-384@example.org"),
        (fixture!("ssh/ecdsa-521.pub"), fixture!("ssh/ecdsa-521.sig"), "ecdsa-521@example.org"),
        (fixture!("ssh/rsa-3072.pub"), fixture!("ssh/rsa-3072.sig"), "rsa-3072@example.org"),
        (fixture!("ssh/rsa-3072.pub"), fixture!("ssh/rsa-3072-sha256.sig"), "rsa-3072@example.org"),
    ];
    for (key, signature, name) in good {
        assert_eq!(verdict(signature, ARTIFACT, &trust(&[key])), Ok(name.to_owned()));
        assert_eq!(verdict(signature, b"other", &trust(&[key])), Err(vec![Bad]), "{name}");
        assert_eq!(verdict(signature, ARTIFACT, &trust(&[AUTHORITY])), Err(vec![UnknownSigner]), "{name}");
        assert_eq!(verdict(signature, ARTIFACT, &trust(&[])), Err(vec![UnknownSigner]), "{name}");
    }
    let weak = trust(&[fixture!("ssh/rsa-1024.pub")]);
    assert_eq!(verdict(fixture!("ssh/rsa-1024.sig"), ARTIFACT, &weak), Err(vec![WeakKey]));
    assert_eq!(verdict(fixture!("ssh/rsa-1024.sig"), b"other", &weak), Err(vec![Bad, WeakKey]));
}

#[test]
fn a_claim_says_who_and_over_what() {
    let claim = claims(SIGNATURE, ARTIFACT, &trust(&[KEY])).unwrap().remove(0);
    let signer = claim.signer.unwrap();
    assert!(signer.fingerprint.as_str().starts_with("SHA256:") && signer.fingerprint.as_str().len() == 50);
    assert_eq!(claim.digest.unwrap().0, "sha512");
    assert_eq!(claim.details["namespace"].as_str(), "file");
    assert_eq!(claim.time, None);
}

#[test]
fn no_flipped_bit_is_accepted() {
    for (signature, key) in [
        (SIGNATURE, KEY),
        (fixture!("ssh/ecdsa-256.sig"), fixture!("ssh/ecdsa-256.pub")),
        (fixture!("ssh/rsa-1024.sig"), fixture!("ssh/rsa-1024.pub")),
    ] {
        let trust = trust(&[key]);
        // The line's end at the end of the file counts for nothing.
        for (at, other) in flipped(signature.trim_ascii_end()) {
            let verdict = verdict(&other, ARTIFACT, &trust);
            assert!(verdict.is_err_and(|kinds| kinds != [WeakKey]), "byte {at} of {}", text(key));
        }
    }
    for (at, other) in flipped(ARTIFACT) {
        assert_eq!(verdict(SIGNATURE, &other, &trust(&[KEY])), Err(vec![Bad]), "{at}");
    }
    let certified = allowing("rel@example.org cert-authority AUTHORITY");
    let blob = unarmoured(fixture!("ssh/user.sig")).unwrap();
    for (at, other) in flipped(&blob) {
        assert!(verdict(&armoured(&other), ARTIFACT, &certified).is_err(), "byte {at} of the certificate");
    }
}

#[test]
fn what_stands_around_or_behind_a_signature_is_refused() {
    let trust = trust(&[KEY]);
    let blob = unarmoured(SIGNATURE).unwrap();
    assert!(verdict(&armoured(&blob), ARTIFACT, &trust).is_ok());
    let damaged: [(Vec<u8>, FaultKind); 8] = [
        ([b"\n", SIGNATURE].concat(), Unsupported),
        ([SIGNATURE, b"text\n"].concat(), Malformed),
        ([SIGNATURE, SIGNATURE].concat(), Malformed),
        (armoured(&[&blob, &b"\0"[..]].concat()), Malformed),
        (armoured(&blob[..blob.len() - 1]), Malformed),
        (armoured(b"SSHSIG\0\0\0\x02"), Unsupported),
        (armoured(b""), Malformed),
        (BEGIN.to_vec(), Malformed),
    ];
    for (file, kind) in damaged {
        assert_eq!(verdict(&file, ARTIFACT, &trust), Err(vec![kind]), "{}", file.escape_ascii());
    }
}

#[test]
fn a_signature_counts_for_its_namespace_alone() {
    let other = fixture!("ssh/ed25519-git.sig");
    assert_eq!(verdict(other, ARTIFACT, &trust(&[KEY])), Err(vec![WrongType]));
    let expected = Expected { namespace: Some("git".to_owned()), ..Expected::default() };
    let git = Trust { expected, ..trust(&[KEY]) };
    assert!(verdict(other, ARTIFACT, &git).is_ok());
    assert_eq!(verdict(SIGNATURE, ARTIFACT, &git), Err(vec![WrongType]));
}

#[test]
fn a_list_allows_whom_it_names() {
    const SIGNER: &str = "rel@example.org";
    let cases: [(&str, Result<(), Vec<FaultKind>>); 34] = [
        ("rel@example.org KEY", Ok(())),
        ("  rel@example.org\tKEY", Ok(())),
        ("*@example.org KEY", Ok(())),
        ("two@example.org,rel@example.??? KEY", Ok(())),
        ("\"two@example.org,rel@example.org\" KEY", Ok(())),
        ("two@example.org KEY\n\n# comment\nrel@example.org KEY", Ok(())),
        ("rel@example.org namespaces=\"file\" KEY", Ok(())),
        ("rel@example.org NameSpaces=\"git,f*\" KEY", Ok(())),
        ("rel@example.org valid-after=\"20250615Z\" KEY", Ok(())),
        ("rel@example.org valid-before=\"20250615Z\" KEY", Ok(())),
        ("rel@example.org valid-before=\"202506150000Z\" KEY", Ok(())),
        ("rel@example.org valid-after=\"20250614235959\",valid-before=\"20250615000001UTC\" KEY", Ok(())),
        ("rel@example.org no-touch-required KEY", Ok(())),
        ("rel@example.org odd KEY\nrel@example.org KEY", Ok(())),
        ("rel@example.org namespaces=\"git\" KEY\nrel@example.org KEY", Ok(())),
        ("REL@example.org KEY", Err(vec![IdentityMismatch])),
        ("!rel@example.org,*@example.org KEY", Err(vec![IdentityMismatch])),
        ("!two@example.org KEY", Err(vec![IdentityMismatch])),
        ("rel@example.org AUTHORITY", Err(vec![UnknownSigner])),
        ("rel@example.org cert-authority KEY", Err(vec![UnknownSigner])),
        ("rel@example.org namespaces=\"git\" KEY", Err(vec![NotAllowedSigner])),
        ("rel@example.org namespaces=\"\" KEY", Err(vec![NotAllowedSigner])),
        ("two@example.org KEY\nrel@example.org namespaces=\"git\" KEY", Err(vec![NotAllowedSigner])),
        ("rel@example.org valid-after=\"20250615000001Z\" KEY", Err(vec![NotAllowedSigner])),
        ("rel@example.org valid-before=\"20250614235959Z\" KEY", Err(vec![Expired])),
        ("#rel@example.org KEY", Err(vec![UnknownSigner])),
        // A line that is not understood counts for nothing.
        ("rel@example.org odd KEY", Err(vec![UnknownSigner])),
        ("rel@example.org namespaces=file KEY", Err(vec![UnknownSigner])),
        ("rel@example.org namespaces=\"file\",namespaces=\"git\" KEY", Err(vec![UnknownSigner])),
        ("rel@example.org namespaces=\"file\", KEY", Err(vec![UnknownSigner])),
        ("rel@example.org valid-after=\"2025\" KEY", Err(vec![UnknownSigner])),
        ("rel@example.org valid-after=\"20251301Z\" KEY", Err(vec![UnknownSigner])),
        ("rel@example.org valid-after=\"20250601Z\",valid-before=\"20250601Z\" KEY", Err(vec![UnknownSigner])),
        ("KEY", Err(vec![UnknownSigner])),
    ];
    for (list, expected) in cases {
        let found = verdict(SIGNATURE, ARTIFACT, &asked_for(SIGNER, allowing(list)));
        assert_eq!(found, expected.map(|()| SIGNER.to_owned()), "{list}");
    }
    // Where nobody is asked for, the line says who it was.
    assert_eq!(verdict(SIGNATURE, ARTIFACT, &allowing("a@b,*@c KEY")), Ok("a@b,*@c".to_owned()));
    // Beside a list, keys count for nothing.
    let both = Trust { keys: vec![material(KEY)], ..allowing("a@b AUTHORITY") };
    assert_eq!(verdict(SIGNATURE, ARTIFACT, &both), Err(vec![UnknownSigner]));
}

#[test]
fn a_time_without_a_zone_is_said_to_be_read_as_utc() {
    let note = |list: &str| claims(SIGNATURE, ARTIFACT, &allowing(list)).unwrap().remove(0).notes;
    assert_eq!(note("a@b valid-after=\"20250101\" KEY").len(), 1);
    assert_eq!(note("a@b valid-after=\"20250101Z\" KEY").len(), 0);
    assert_eq!(note("a@b odd KEY\na@b KEY").len(), 1);
}

#[test]
fn a_plain_key_has_the_name_in_its_comment() {
    assert!(verdict(SIGNATURE, ARTIFACT, &asked_for("ed25519@example.org", trust(&[KEY]))).is_ok());
    assert_eq!(verdict(SIGNATURE, ARTIFACT, &asked_for("rel@example.org", trust(&[KEY]))), Err(vec![IdentityMismatch]));
}

#[test]
fn a_certificate_counts_by_its_authority_its_principals_and_its_time() {
    let user: &[u8] = fixture!("ssh/user.sig");
    let list = "*@example.org cert-authority AUTHORITY";
    type Case<'a> = (&'a [u8], &'a str, Option<&'a str>, Result<&'a str, Vec<FaultKind>>);
    let cases: [Case<'_>; 15] = [
        (user, list, Some("rel@example.org"), Ok("rel@example.org")),
        (user, list, Some("two@example.org"), Ok("two@example.org")),
        (user, list, None, Ok("rel@example.org")),
        (user, "two@* cert-authority AUTHORITY", None, Ok("two@example.org")),
        (user, list, Some("three@example.org"), Err(vec![IdentityMismatch])),
        // The pattern of a line does not widen what a certificate names.
        (
            user,
            "three@example.org,rel@example.org cert-authority AUTHORITY",
            Some("three@example.org"),
            Err(vec![IdentityMismatch]),
        ),
        (user, "two@example.org cert-authority AUTHORITY", Some("rel@example.org"), Err(vec![IdentityMismatch])),
        (user, "a@b cert-authority AUTHORITY", None, Err(vec![NotAllowedSigner])),
        (user, "*@example.org AUTHORITY", None, Err(vec![UnknownSigner])),
        (user, "*@example.org KEY", None, Err(vec![UnknownSigner])),
        (fixture!("ssh/expired.sig"), list, None, Err(vec![Expired])),
        (fixture!("ssh/host.sig"), list, None, Err(vec![NotAllowedSigner])),
        (fixture!("ssh/nobody.sig"), list, Some("rel@example.org"), Err(vec![IdentityMismatch])),
        (fixture!("ssh/forced.sig"), list, None, Ok("rel@example.org")),
        (fixture!("ssh/critical.sig"), list, None, Err(vec![NotAllowedSigner])),
    ];
    for (signature, list, identity, expected) in cases {
        let trust = allowing(list);
        let trust = identity.map_or_else(|| trust.clone(), |identity| asked_for(identity, trust.clone()));
        assert_eq!(verdict(signature, ARTIFACT, &trust), expected.map(str::to_owned), "{list} {identity:?}");
    }
    // Both ends, as OpenSSH has them: the first second counts, the last does not.
    for (at, expected) in [
        ("2023-12-31T23:59:59Z", Err(vec![NotAllowedSigner])),
        ("2024-01-01T00:00:00Z", Ok("rel@example.org".to_owned())),
        ("2025-12-31T23:59:59Z", Ok("rel@example.org".to_owned())),
        ("2026-01-01T00:00:00Z", Err(vec![Expired])),
    ] {
        let trust = Trust { at: at.parse().unwrap(), ..allowing(list) };
        assert_eq!(verdict(user, ARTIFACT, &trust), expected, "{at}");
    }
    // The key of a certificate is no key that is trusted without it.
    assert_eq!(verdict(user, ARTIFACT, &trust(&[KEY])), Err(vec![UnknownSigner]));
}

#[test]
fn a_revoked_key_or_certificate_counts_for_nothing() {
    let plain = allowing("rel@example.org KEY");
    let certified = allowing("rel@example.org cert-authority AUTHORITY");
    let (key, user): (&[u8], &[u8]) = (SIGNATURE, fixture!("ssh/user.sig"));
    let cases: [(&str, &[u8], &[u8], bool); 20] = [
        ("list", KEY, key, true),
        ("list", KEY, user, true),
        ("list, of the authority", AUTHORITY, user, true),
        ("list, of the authority", AUTHORITY, key, false),
        ("list of others", fixture!("ssh/ecdsa-256.pub"), key, false),
        ("list of nothing", b"# nothing\n", key, false),
        ("list", fixture!("ssh/key.krl"), key, true),
        ("list", fixture!("ssh/key.krl"), user, true),
        ("other key", fixture!("ssh/other.krl"), key, false),
        ("serial", fixture!("ssh/serial.krl"), user, true),
        ("serial", fixture!("ssh/serial.krl"), key, false),
        ("range", fixture!("ssh/range.krl"), user, true),
        ("bitmap", fixture!("ssh/bitmap.krl"), user, true),
        ("other serial", fixture!("ssh/other-serial.krl"), user, false),
        ("id", fixture!("ssh/id.krl"), user, true),
        ("sha256", fixture!("ssh/sha256.krl"), key, true),
        ("sha1", fixture!("ssh/sha1.krl"), key, true),
        ("sha1", fixture!("ssh/sha1.krl"), user, true),
        ("authority", fixture!("ssh/authority.krl"), user, true),
        ("authority", fixture!("ssh/authority.krl"), key, false),
    ];
    for (what, list, signature, is_revoked) in cases {
        let trust = if signature == key { &plain } else { &certified };
        let trust = Trust { revoked: vec![material(list)], ..trust.clone() };
        let found = verdict(signature, ARTIFACT, &trust);
        match is_revoked {
            true => assert!(
                found.as_ref().is_err_and(|kinds| kinds.iter().all(|kind| *kind == IsRevoked)),
                "{what}: {found:?}"
            ),
            false => assert_eq!(found, Ok("rel@example.org".to_owned()), "{what}"),
        }
    }
}

#[test]
fn a_revocation_list_that_cannot_be_read_leaves_the_question_open() {
    let krl: &[u8] = fixture!("ssh/other.krl");
    let lists: [Vec<u8>; 4] = [
        b"hello".to_vec(),
        krl[..krl.len() - 1].to_vec(),
        [krl, &b"\x09\0\0\0\0"[..]].concat(),
        [krl, &b"\x04\0\0\0\0\0\0\0\0"[..]].concat(),
    ];
    for list in lists {
        let trust = Trust { revoked: vec![material(&list)], ..trust(&[KEY]) };
        let claim = claims(SIGNATURE, ARTIFACT, &trust).unwrap().remove(0);
        assert_eq!(claim.faults.len(), 1, "{}", list.escape_ascii());
        assert!(claim.faults[0].kind == IsRevoked && claim.faults[0].is_undetermined);
    }
}

/// Signs as a security key does, by a key made for the test.
fn by_security_key(flags: u8) -> (Vec<u8>, Vec<u8>) {
    let put = |parts: &[&[u8]]| {
        let mut out = Vec::new();
        parts.iter().for_each(|part| put_string(&mut out, part));
        out
    };
    let sha256 = |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec();
    let name = b"sk-ssh-ed25519@openssh.com";
    let key = put(&[name, &ed25519::trial::key(5), b"ssh:"]);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, ARTIFACT);
    let signed = [MAGIC, &put(&[b"file", b"", b"sha512", digest.as_ref()])].concat();
    let about = [&[flags][..], &7_u32.to_be_bytes()].concat();
    let message = [&sha256(b"ssh:")[..], &about, &sha256(&signed)].concat();
    let value = [put(&[name, &ed25519::trial::sign(5, &message)]), about].concat();
    let blob = [MAGIC, &1_u32.to_be_bytes(), &put(&[&key, b"file", b"", b"sha512", &value])].concat();
    let line = [name, &b" "[..], STANDARD.encode(key).as_bytes(), b" sk@example.org"].concat();
    (line, armoured(&blob))
}

#[test]
fn a_security_key_must_have_been_touched() {
    let (key, touched) = by_security_key(1);
    let (_, untouched) = by_security_key(4);
    let list = |options: &str| {
        let line = format!("sk@example.org {options}{}", std::str::from_utf8(&key).unwrap());
        Trust { allowed_signers: vec![material(line.as_bytes())], ..trust(&[]) }
    };
    assert_eq!(verdict(&touched, ARTIFACT, &trust(&[&key])), Ok("sk@example.org".to_owned()));
    assert_eq!(verdict(&touched, b"other", &trust(&[&key])), Err(vec![Bad]));
    assert_eq!(verdict(&untouched, ARTIFACT, &trust(&[&key])), Err(vec![NotAllowedSigner]));
    assert_eq!(verdict(&untouched, ARTIFACT, &list("")), Err(vec![NotAllowedSigner]));
    assert_eq!(verdict(&untouched, ARTIFACT, &list("no-touch-required ")), Ok("sk@example.org".to_owned()));
    for (at, other) in flipped(&unarmoured(&touched).unwrap()) {
        assert!(verdict(&armoured(&other), ARTIFACT, &trust(&[&key])).is_err(), "{at}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        blob in proptest::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        list in "(a@b |\"|namespaces=|valid-after=|cert-authority|,|ssh-ed25519 |[a-zA-Z0-9 ]){0,12}",
    ) {
        let trust = Trust {
            allowed_signers: vec![material(list.as_bytes()), material(&blob)],
            revoked: vec![material(&blob), material(&[&b"SSHKRL\n\0\0\0\0\x01"[..], &[0; 32], &blob].concat())],
            keys: vec![material(&blob)],
            ..trust(&[KEY])
        };
        let whole = unarmoured(fixture!("ssh/user.sig")).unwrap();
        let at = at.index(whole.len());
        let mixed = [&whole[..at], &blob, &whole[at..]].concat();
        for file in [armoured(&blob), armoured(&mixed), blob, SIGNATURE.to_vec()] {
            drop(claims(&file, ARTIFACT, &trust));
        }
    }
}

/// A list of many lines takes no more than a moment.
#[test]
fn long_lists_are_read() {
    let list = "a@b odd KEY\n".repeat(2000) + "rel@example.org KEY";
    assert!(verdict(SIGNATURE, ARTIFACT, &allowing(&list)).is_ok());
}
