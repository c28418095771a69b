//! The words in which a policy says which signatures are accepted.

/// The ids of the schemes of signatures.
pub const SCHEMES: &[&str] = &["minisign", "openpgp", "signify", "sigstore", "dsse", "ssh"];

/// The hash functions that may be demanded at least, the weakest first.
pub const STRONG_HASHES: &[&str] = &["sha256", "sha384", "sha512"];

/// Whether a key that has expired, or was given up, is accepted for what it signed before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcceptsExpired {
    /// It is not.
    #[default]
    Never,
    /// It is where somebody else than the signer says when it signed.
    IfSignedBefore,
    /// It is by the signature's own word: whoever has the old key can write any date.
    BySignatureTime,
}

impl AcceptsExpired {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Never, Self::IfSignedBefore, Self::BySignatureTime];

    /// Returns the word that says so.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::IfSignedBefore => "if-signed-before-expiry",
            Self::BySignatureTime => "by-signature-time",
        }
    }
}
