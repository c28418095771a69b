//! Digests of artifacts, and what became of them between two trees.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::text::{hex, unhex};

/// A digest algorithm, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// MD5: collisions are made in seconds.
    Md5,
    /// SHA-1: collisions are made for money (SHAttered, 2017; Shambles, 2020).
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-256 over the list of the SHA-256 digests of an archive's files, as Go has it (`golang.org/x/mod/sumdb/dirhash`).
    H1,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// Returns the algorithm of a name as lock files write it, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// Returns the name as lock files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::H1 => "h1",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Returns the length of a digest in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 | Self::H1 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// Stands for one of a version's artifacts, unsaid which.
const ANY_ARTIFACT: &str = "*";

/// The digest of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// What was digested, where a component has several artifacts or a tool its own.
    pub artifact: Option<Box<str>>,
    /// The value in lower-case hexadecimal.
    pub hex: Box<str>,
    /// Whether the file writes it in base64 (`sha512-…`) rather than hexadecimal.
    pub base64: bool,
}

impl Digest {
    /// Returns the digest that `text` writes in hexadecimal, `None` where it is none of that algorithm.
    #[must_use]
    pub fn from_hex(algorithm: Algorithm, text: &str) -> Option<Self> {
        let sound = text.len() == 2 * algorithm.length() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        sound.then(|| Self { algorithm, artifact: None, hex: text.to_ascii_lowercase().into(), base64: false })
    }

    /// Returns the digests of a Subresource Integrity text: `sha512-…`, several separated by blanks, each
    /// with options behind a `?` (W3C Subresource Integrity, section 3.5).
    ///
    /// Answers `None` where one of them is malformed, or of an algorithm not known here.
    #[must_use]
    pub fn from_integrity(text: &str) -> Option<Vec<Self>> {
        text.split_ascii_whitespace()
            .map(|one| {
                let (name, value) = one.split_once('-')?;
                let algorithm = Algorithm::named(name)?;
                let value = value.split_once('?').map_or(value, |(value, _)| value);
                let bytes = STANDARD.decode(value).ok()?;
                (bytes.len() == algorithm.length()).then(|| Self {
                    algorithm,
                    artifact: None,
                    hex: hex(&bytes).into(),
                    base64: true,
                })
            })
            .collect()
    }

    /// Returns the digest as one of several of which each belongs to one of a version's artifacts, unsaid to which:
    /// `--hash` of pip.
    #[must_use]
    pub fn of_any_artifact(self) -> Self {
        self.of_artifact(ANY_ARTIFACT)
    }

    /// Whether it belongs to one of several artifacts, unsaid to which.
    #[must_use]
    pub fn is_of_any_artifact(&self) -> bool {
        self.artifact.as_deref() == Some(ANY_ARTIFACT)
    }

    /// Returns the digest that `text` writes as Go does, `h1:…`, `None` where it is none.
    #[must_use]
    pub fn from_h1(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("h1:")?).ok()?;
        (bytes.len() == Algorithm::H1.length()).then(|| Self {
            algorithm: Algorithm::H1,
            artifact: None,
            hex: hex(&bytes).into(),
            base64: true,
        })
    }

    /// Returns the digest with the artifact it belongs to.
    #[must_use]
    pub fn of_artifact(mut self, artifact: &str) -> Self {
        self.artifact = Some(artifact.into());
        self
    }
}

/// Shows a digest as its file writes it.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.base64 {
            let mark = if self.algorithm == Algorithm::H1 { ':' } else { '-' };
            write!(
                f,
                "{}{mark}{}",
                self.algorithm.name(),
                STANDARD.encode(unhex(self.hex.as_bytes()).unwrap_or_default())
            )
        } else {
            write!(f, "{}:{}", self.algorithm.name(), self.hex)
        }
    }
}

/// What became of the digests of one component.
#[derive(Debug, PartialEq, Eq)]
pub enum Digests<'a> {
    /// None before, none now.
    None,
    /// None before, some now.
    Added,
    /// Some before, none now.
    Removed {
        /// The strongest before.
        was: &'a Digest,
    },
    /// Each digest now was there before.
    Equal,
    /// A digest of one algorithm over one artifact has another value.
    Differ {
        /// The value before.
        was: &'a Digest,
        /// The value now.
        now: &'a Digest,
    },
    /// No algorithm in common, the strongest now at least as strong as before.
    Stronger {
        /// The strongest before.
        was: &'a Digest,
        /// The strongest now.
        now: &'a Digest,
    },
    /// No algorithm in common, and the strongest now is weaker.
    Weaker {
        /// The strongest before.
        was: &'a Digest,
        /// The strongest now.
        now: &'a Digest,
    },
    /// Digests of different artifacts, which say nothing about each other.
    Incomparable,
}

impl<'a> Digests<'a> {
    /// Compares the digests of one component before and now.
    ///
    /// A digest that was added beside an old one of the same algorithm counts as another value: a verifier
    /// takes any of them. One of another artifact says nothing about those there are, and where it is unsaid which
    /// artifact each belongs to, only one that takes the place of another does. Contents that were there before under the
    /// name of another artifact are no new ones.
    #[must_use]
    pub fn compare(before: &'a [Digest], now: &'a [Digest]) -> Self {
        let (was, is) = match (strongest(before), strongest(now)) {
            (None, None) => return Self::None,
            (None, Some(_)) => return Self::Added,
            (Some(was), None) => return Self::Removed { was },
            (Some(was), Some(is)) => (was, is),
        };
        let twin = |a: &Digest, b: &Digest| a.algorithm == b.algorithm && a.artifact == b.artifact;
        let mut common = false;
        let mut gone = None;
        for digest in now {
            let Some(first) = before.iter().find(|old| twin(old, digest)) else { continue };
            common = true;
            if before.iter().any(|old| old.algorithm == digest.algorithm && old.hex == digest.hex) {
                continue;
            }
            if !digest.is_of_any_artifact() {
                return Self::Differ { was: first, now: digest };
            }
            let gone = gone.get_or_insert_with(|| before.iter().filter(|old| !now.contains(old)).collect::<Vec<_>>());
            if let Some(was) = gone.iter().find(|old| twin(old, digest)) {
                return Self::Differ { was, now: digest };
            }
        }
        if is.algorithm < was.algorithm {
            return Self::Weaker { was, now: is };
        }
        if common {
            return Self::Equal;
        }
        if is.artifact == was.artifact { Self::Stronger { was, now: is } } else { Self::Incomparable }
    }
}

/// Returns the digest of the strongest algorithm, of equal ones that of the package itself.
fn strongest(digests: &[Digest]) -> Option<&Digest> {
    digests.iter().max_by_key(|digest| (digest.algorithm, digest.artifact.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integrity(algorithm: Algorithm, byte: u8) -> String {
        format!("{}-{}", algorithm.name(), STANDARD.encode(vec![byte; algorithm.length()]))
    }

    fn digests(of: &[(Algorithm, u8)]) -> Vec<Digest> {
        of.iter().flat_map(|(algorithm, byte)| Digest::from_integrity(&integrity(*algorithm, *byte)).unwrap()).collect()
    }

    #[test]
    fn digests_of_any_artifact_are_a_set() {
        use Algorithm::{Sha256, Sha512};
        let set =
            |of: &[(Algorithm, u8)]| -> Vec<Digest> { digests(of).into_iter().map(Digest::of_any_artifact).collect() };
        let check = |before: &[(Algorithm, u8)], now: &[(Algorithm, u8)], expected: &str| {
            let (before, now) = (set(before), set(now));
            let found = format!("{:?}", Digests::compare(&before, &now));
            assert!(found.starts_with(expected), "{before:?} {now:?}: {found}");
        };
        check(&[(Sha256, 1), (Sha256, 2)], &[(Sha256, 2), (Sha256, 1), (Sha256, 3)], "Equal");
        check(&[(Sha256, 1), (Sha256, 2)], &[(Sha256, 1)], "Equal");
        check(&[(Sha256, 1), (Sha256, 2)], &[(Sha256, 1), (Sha256, 3)], "Differ");
        check(&[(Sha256, 1)], &[(Sha256, 3)], "Differ");
        check(&[(Sha512, 1)], &[(Sha256, 1)], "Weaker");
        check(&[(Sha256, 1)], &[(Sha512, 1)], "Stronger");
        check(&[(Sha256, 1)], &[], "Removed");
    }

    #[test]
    fn contents_under_the_name_of_another_artifact_are_not_new() {
        let of = |artifact: &str, byte: u8| digests(&[(Algorithm::Sha256, byte)]).remove(0).of_artifact(artifact);
        let before = [of("a.whl", 1), of("a.tar.gz", 2)];
        assert_eq!(Digests::compare(&before, &[of("a.whl", 1), of("a.whl", 2)]), Digests::Equal);
        let now = [of("a.whl", 1), of("a.whl", 3)];
        assert_eq!(Digests::compare(&before, &now), Digests::Differ { was: &before[0], now: &now[1] });
    }

    fn check(before: &[(Algorithm, u8)], now: &[(Algorithm, u8)], expected: &str) {
        let (before, now) = (digests(before), digests(now));
        let found = format!("{:?}", Digests::compare(&before, &now));
        assert!(found.starts_with(expected), "{before:?} {now:?}: {found}");
    }

    #[test]
    fn integrity_texts_are_read_and_written() {
        let text = integrity(Algorithm::Sha512, 7);
        let read = Digest::from_integrity(&text).unwrap();
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), [text]);
        for bad in ["sha512-AAAA", "sha512", "sha3-AAAA", "sha1-!!!!"] {
            assert_eq!(Digest::from_integrity(bad), None, "{bad}");
        }
        assert_eq!(Digest::from_hex(Algorithm::Sha1, "zz"), None);
        let text = format!("h1:{}", STANDARD.encode([7; 32]));
        assert_eq!(Digest::from_h1(&text).unwrap().to_string(), text);
        assert_eq!(Digest::from_h1("h1:AAAA"), None);
        assert_eq!(Digest::from_integrity(&text.replace(':', "-")), None, "no other package manager writes it");
    }

    #[test]
    fn changes_of_digests_are_told_apart() {
        use Algorithm::{Sha1, Sha512};
        check(&[], &[], "None");
        check(&[], &[(Sha512, 1)], "Added");
        check(&[(Sha512, 1)], &[], "Removed");
        check(&[(Sha512, 1)], &[(Sha512, 1)], "Equal");
        check(&[(Sha512, 1)], &[(Sha512, 2)], "Differ");
        check(&[(Sha1, 1)], &[(Sha512, 2)], "Stronger");
        check(&[(Sha512, 1)], &[(Sha1, 2)], "Weaker");
        check(&[(Sha512, 1), (Sha1, 1)], &[(Sha1, 1)], "Weaker");
        check(&[(Sha1, 1)], &[(Sha1, 1), (Sha512, 1)], "Equal");
        check(&[(Sha512, 1)], &[(Sha512, 1), (Sha512, 2)], "Differ");
    }
}
