//! Signed objects, whole, damaged, and under other names.

use git2::{ObjectType, Oid};
use proptest::prelude::*;

use super::FaultKind::{Bad, Malformed, SubjectMismatch, UnknownSigner, UnsignedContent, Unsupported, WrongType};
use super::*;
use crate::signature::trial::{Verdict, fixture, flipped, trust};
use crate::tree::GitEnvironment;

const KEY: &[u8] = fixture!("ssh/ed25519.pub");
const COMMIT: &[u8] = fixture!("git/commit");
const TAG: &[u8] = fixture!("git/tag");
const UNSIGNED: &[u8] = fixture!("git/tag-unsigned");

fn id(kind: Kind, bytes: &[u8]) -> String {
    let kind = if kind == Kind::Tag { ObjectType::Tag } else { ObjectType::Commit };
    Oid::hash_object(kind, bytes).unwrap().to_string()
}

/// Returns who signed an object, or what speaks against it; nothing where it is not signed.
fn judged(object: Read, trust: &Trust) -> Verdict {
    let answer = object.map_err(|fault| vec![fault.kind])?.judge(trust);
    match answer.map_err(|unreadable| vec![unreadable.fault.kind])? {
        Answer::Unsigned(_) => Err(Vec::new()),
        Answer::Claims(claims) => match &claims[0].signer {
            Some(signer) if claims[0].is_good() => Ok(signer.name.to_string()),
            _ => Err(claims[0].faults.iter().map(|fault| fault.kind).collect()),
        },
    }
}

fn verdict(kind: Kind, bytes: &[u8]) -> Verdict {
    judged(read(kind, &id(kind, bytes), bytes), &trust(&[KEY]))
}

fn good() -> Verdict {
    Ok("ed25519@example.org".to_owned())
}

fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1).into_bytes()
}

#[test]
fn a_signed_object_names_its_signer_and_an_unsigned_one_none() {
    assert_eq!(verdict(Kind::Commit, COMMIT), good());
    assert_eq!(verdict(Kind::Tag, TAG), good());
    assert_eq!(verdict(Kind::Tag, UNSIGNED), Err(Vec::new()));
    assert_eq!(judged(read(Kind::Tag, &id(Kind::Tag, TAG), TAG), &trust(&[])), Err(vec![UnknownSigner]));
    // Whatever namespace files are signed for, git has its own.
    let mut other = trust(&[KEY]);
    other.expected.namespace = Some("file".to_owned());
    assert_eq!(judged(read(Kind::Tag, &id(Kind::Tag, TAG), TAG), &other), good());
    let signature = std::str::from_utf8(fixture!("ssh/ed25519.sig")).unwrap().trim_end().replace('\n', "\n ");
    let start = COMMIT.windows(7).position(|window| window == b"gpgsig ").unwrap();
    let by_file = [&COMMIT[..start], b"gpgsig ", signature.as_bytes(), b"\n\ntext\n"].concat();
    assert_eq!(verdict(Kind::Commit, &by_file), Err(vec![Bad, WrongType]));
}

#[test]
fn a_claim_says_which_object_it_is_about() {
    let object = read(Kind::Tag, &id(Kind::Tag, TAG), TAG).unwrap();
    let Answer::Claims(claims) = object.judge(&trust(&[KEY])).unwrap() else { panic!("unsigned") };
    assert_eq!(claims[0].digest, Some(("git-sha1", id(Kind::Tag, TAG))));
    assert_eq!(claims[0].details["tag"].as_str(), "v1.4.0");
    assert_eq!(claims[0].details["target"].as_str(), format!("commit {}", id(Kind::Commit, COMMIT)));
}

#[test]
fn no_flipped_bit_is_accepted() {
    for (kind, bytes) in [(Kind::Commit, COMMIT), (Kind::Tag, TAG)] {
        for (at, other) in flipped(bytes) {
            assert_eq!(read(kind, &id(kind, bytes), &other).unwrap_err().kind, Malformed);
            // The line's end behind the signature counts for nothing.
            let is_last = kind == Kind::Tag && at + 1 == bytes.len();
            assert!(is_last || verdict(kind, &other).is_err(), "{kind:?}: byte {at}");
        }
    }
}

#[test]
fn what_git_is_lenient_about_is_refused() {
    let commit = std::str::from_utf8(COMMIT).unwrap();
    let start = commit.find("gpgsig ").unwrap();
    let end = commit.find("\n\n").unwrap();
    let header = commit.get(start..=end).unwrap();
    let signature = &TAG[TAG.windows(10).position(|window| window == b"-----BEGIN").unwrap()..];
    let cases: [(Kind, Vec<u8>, Verdict); 13] = [
        (Kind::Commit, replaced(COMMIT, "\n\n", &format!("\n{header}\n")), Err(vec![Malformed])),
        (Kind::Commit, replaced(COMMIT, "gpgsig ", "gpgsigx text\ngpgsig "), Err(vec![Malformed])),
        (Kind::Commit, replaced(COMMIT, "gpgsig ", "gpgsig\ngpgsig "), Err(vec![Malformed])),
        // The signature over the same commit in a repository of the other format.
        (Kind::Commit, replaced(COMMIT, "gpgsig ", "gpgsig-sha256 text\n more\ngpgsig "), good()),
        (Kind::Tag, replaced(TAG, "tagger ", "gpgsig-sha256 text\n more\ntagger "), good()),
        (Kind::Commit, replaced(COMMIT, "gpgsig ", "encoding x\ngpgsig "), Err(vec![Bad])),
        (Kind::Commit, replaced(COMMIT, "tree ", "odd x\ntree "), Err(vec![Malformed])),
        (Kind::Commit, replaced(COMMIT, "tree ", " tree "), Err(vec![Malformed])),
        (
            Kind::Commit,
            replaced(COMMIT, "-----BEGIN SSH SIGNATURE", "-----BEGIN SIGNED MESSAGE"),
            Err(vec![Unsupported]),
        ),
        (Kind::Tag, [TAG, signature].concat(), Err(vec![Malformed])),
        (Kind::Tag, [TAG, b"text\n"].concat(), Err(vec![Malformed])),
        (Kind::Tag, replaced(TAG, "type commit", "type odd"), Err(vec![Malformed])),
        (Kind::Tag, COMMIT.to_vec(), Err(vec![Malformed])),
    ];
    for (kind, bytes, expected) in cases {
        assert_eq!(verdict(kind, &bytes), expected, "{}", bytes.escape_ascii());
    }
    assert_eq!(trailing(b"-----END X-----\n\n \n"), None);
    assert_eq!(trailing(b"-----END X-----\nmore").unwrap().kind, UnsignedContent);
}

#[test]
fn an_object_of_a_repository_of_the_newer_format_is_read() {
    let bytes = replaced(TAG, &id(Kind::Commit, COMMIT), &"a".repeat(64));
    let id = Format::Sha256.id(Kind::Tag, &bytes).unwrap();
    assert_eq!(judged(read(Kind::Tag, &id, &bytes), &trust(&[KEY])), Err(vec![Bad]));
}

/// Makes a repository with a signed commit and tags.
fn repository() -> (tempfile::TempDir, Repository) {
    let folder = tempfile::tempdir().unwrap();
    let git = git2::Repository::init_bare(folder.path()).unwrap();
    git.treebuilder(None).unwrap().write().unwrap();
    let objects = git.odb().unwrap();
    let commit = objects.write(ObjectType::Commit, COMMIT).unwrap();
    let tag = objects.write(ObjectType::Tag, TAG).unwrap();
    let unsigned = objects.write(ObjectType::Tag, UNSIGNED).unwrap();
    let lies = objects.write(ObjectType::Tag, &replaced(TAG, "type commit", "type tree")).unwrap();
    let lost = replaced(TAG, &commit.to_string(), &"a".repeat(40));
    let lost = objects.write(ObjectType::Tag, &lost).unwrap();
    let second = format!(
        "tree {}\nparent {commit}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\ntext\n",
        git.find_commit(commit).unwrap().tree_id()
    );
    let second = objects.write(ObjectType::Commit, second.as_bytes()).unwrap();
    let references = [
        ("heads/main", second),
        ("tags/v1.4.0", tag),
        ("tags/v2.0.0", tag),
        ("tags/light", commit),
        ("tags/v1.4.0-unsigned", unsigned),
        ("tags/lies", lies),
        ("tags/lost", lost),
    ];
    for (name, target) in references {
        git.reference(&format!("refs/{name}"), target, true, "").unwrap();
    }
    let repository = Repository::open(folder.path(), Text::trusted("test"), &GitEnvironment::default()).unwrap();
    (folder, repository)
}

#[test]
fn a_tag_counts_under_its_own_name() {
    let (_folder, repository) = repository();
    let found = |name: &str| tag(&repository, name).unwrap().map(|object| judged(object, &trust(&[KEY])));
    assert_eq!(found("v1.4.0"), Some(good()));
    assert_eq!(found("refs/tags/v1.4.0"), Some(good()));
    assert_eq!(found(&id(Kind::Tag, TAG)), Some(good()));
    assert_eq!(found("v2.0.0"), Some(Err(vec![SubjectMismatch])));
    assert_eq!(found("light"), None);
    assert_eq!(found(&id(Kind::Commit, COMMIT)), None);
    assert_eq!(found("v1.4.0-unsigned"), Some(Err(Vec::new())));
    assert_eq!(found("lies"), Some(Err(vec![Bad, SubjectMismatch, SubjectMismatch])));
    // What a tag names may stand in another clone: that is told, and nothing more.
    assert_eq!(found("lost"), Some(Err(vec![Bad, SubjectMismatch])));
    for name in ["v1", "main", "", "../heads/main", &"a".repeat(40)] {
        assert!(tag(&repository, name).is_err(), "{name}");
    }
}

#[test]
fn each_commit_of_a_range_is_judged() {
    let (_folder, repository) = repository();
    let found = |revisions: &str| {
        let commits = commits(&repository, revisions).ok()?;
        Some(commits.map(|(_, object)| judged(object.unwrap(), &trust(&[KEY]))).collect::<Vec<_>>())
    };
    assert_eq!(found("main"), Some(vec![Err(Vec::new())]));
    assert_eq!(found("main~1"), Some(vec![good()]));
    assert_eq!(found("v1.4.0"), Some(vec![good()]));
    assert_eq!(found("v1.4.0..main"), Some(vec![Err(Vec::new())]));
    assert_eq!(found(&id(Kind::Commit, COMMIT)), Some(vec![good()]));
    assert_eq!(found("main..main"), Some(Vec::new()));
    assert_eq!(found("none"), None);
    assert_eq!(found("none..main"), None);
    assert_eq!(found("v1.4.0...main"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "(gpgsig(-sha256)?|tree a| |\n|-----(BEGIN|END) SSH SIGNATURE-----|[a-z]){0,9}".prop_map(String::into_bytes),
        ],
        at in any::<prop::sample::Index>(),
    ) {
        for (kind, whole) in [(Kind::Commit, COMMIT), (Kind::Tag, TAG)] {
            let at = at.index(whole.len());
            for bytes in [bytes.clone(), [&whole[..at], &bytes, &whole[at..]].concat()] {
                drop(verdict(kind, &bytes));
            }
        }
    }
}
