//! Digests as documents state them.

use super::Words;
use crate::component::{Algorithm, Digest};

/// A digest as a document states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash<'a> {
    /// The algorithm.
    pub algorithm: HashAlgorithm<'a>,
    /// The value as it is written, which should be hexadecimal.
    pub value: Words<'a>,
}

impl Hash<'_> {
    /// Returns it as lock files have digests; `None` where they do not use the algorithm, or it is no digest.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let algorithm = Algorithm::named(&self.algorithm.name().replace('-', ""))?;
        Digest::from_hex(algorithm, &self.value)
    }
}

/// An algorithm of digests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashAlgorithm<'a> {
    /// One that is known here, as its place in [`ALGORITHMS`].
    Known(usize),
    /// Another, as it is written.
    Other(Words<'a>),
}

/// An algorithm as each format writes it, and what its values look like.
#[derive(Debug)]
pub struct Spelling {
    /// In CycloneDX, `None` where it has none.
    pub cyclonedx: Option<&'static str>,
    /// In SPDX 2, `None` where it has none.
    pub spdx2: Option<&'static str>,
    /// In SPDX 3, `None` where it has none.
    pub spdx3: Option<&'static str>,
    /// How many hexadecimal digits a value has, `None` where that varies.
    pub digits: Option<usize>,
}

const fn spelling(
    cyclonedx: Option<&'static str>,
    spdx2: Option<&'static str>,
    spdx3: Option<&'static str>,
    digits: Option<usize>,
) -> Spelling {
    Spelling { cyclonedx, spdx2, spdx3, digits }
}

/// The algorithms that formats name: CycloneDX 1.7 `hash-alg`, SPDX 2.3 section 7.10, SPDX 3.0.1 `HashAlgorithm`.
pub static ALGORITHMS: &[Spelling] = &[
    spelling(Some("MD5"), Some("MD5"), Some("md5"), Some(32)),
    spelling(Some("SHA-1"), Some("SHA1"), Some("sha1"), Some(40)),
    spelling(None, Some("SHA224"), Some("sha224"), Some(56)),
    spelling(Some("SHA-256"), Some("SHA256"), Some("sha256"), Some(64)),
    spelling(Some("SHA-384"), Some("SHA384"), Some("sha384"), Some(96)),
    spelling(Some("SHA-512"), Some("SHA512"), Some("sha512"), Some(128)),
    spelling(None, None, Some("sha3_224"), Some(56)),
    spelling(Some("SHA3-256"), Some("SHA3-256"), Some("sha3_256"), Some(64)),
    spelling(Some("SHA3-384"), Some("SHA3-384"), Some("sha3_384"), Some(96)),
    spelling(Some("SHA3-512"), Some("SHA3-512"), Some("sha3_512"), Some(128)),
    spelling(Some("BLAKE2b-256"), Some("BLAKE2b-256"), Some("blake2b256"), Some(64)),
    spelling(Some("BLAKE2b-384"), Some("BLAKE2b-384"), Some("blake2b384"), Some(96)),
    spelling(Some("BLAKE2b-512"), Some("BLAKE2b-512"), Some("blake2b512"), Some(128)),
    spelling(Some("BLAKE3"), Some("BLAKE3"), Some("blake3"), None),
    spelling(Some("Streebog-256"), None, None, Some(64)),
    spelling(Some("Streebog-512"), None, None, Some(128)),
    spelling(None, Some("MD2"), Some("md2"), Some(32)),
    spelling(None, Some("MD4"), Some("md4"), Some(32)),
    spelling(None, Some("MD6"), Some("md6"), None),
    spelling(None, Some("ADLER32"), Some("adler32"), Some(8)),
    spelling(None, None, Some("crystalsDilithium"), None),
    spelling(None, None, Some("crystalsKyber"), None),
    spelling(None, None, Some("falcon"), None),
];

impl<'a> HashAlgorithm<'a> {
    /// Returns the algorithm that is written so in any of the formats; case, `-` and `_` do not matter.
    #[must_use]
    pub fn named(text: Words<'a>) -> Self {
        // Documents repeat the same few spellings.
        let exact =
            ALGORITHMS.iter().position(|known| [known.cyclonedx, known.spdx2, known.spdx3].contains(&Some(&*text)));
        let folded = |text: &str| -> String {
            text.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
        };
        let at = exact.or_else(|| {
            let wanted = folded(&text);
            let spelt = |known: &Spelling| {
                [known.cyclonedx, known.spdx2, known.spdx3].into_iter().flatten().any(|name| folded(name) == wanted)
            };
            ALGORITHMS.iter().position(spelt)
        });
        at.map_or(Self::Other(text), Self::Known)
    }

    /// Returns how the formats write it, where it is known here.
    #[must_use]
    pub fn spelling(&self) -> Option<&'static Spelling> {
        match self {
            Self::Known(at) => ALGORITHMS.get(*at),
            Self::Other(_) => None,
        }
    }

    /// Returns its usual name.
    #[must_use]
    pub fn name(&self) -> &str {
        let known = self.spelling().and_then(|known| known.cyclonedx.or(known.spdx2).or(known.spdx3));
        match self {
            Self::Known(_) => known.unwrap_or_default(),
            Self::Other(text) => text,
        }
    }
}
