//! Hashing an artifact once for all its signatures.

use std::collections::BTreeMap;

use aws_lc_rs::digest as fast;
use digest::Digest as _;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// MD5, which proves nothing.
    Md5,
    /// SHA-1, which proves nothing.
    Sha1,
    /// RIPEMD-160, which proves too little.
    Ripemd160,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA-512/256.
    Sha512_256,
    /// SHA3-256.
    Sha3_256,
    /// SHA3-384.
    Sha3_384,
    /// SHA3-512.
    Sha3_512,
    /// BLAKE2b with 32 bytes.
    Blake2b256,
    /// BLAKE2b with 48 bytes.
    Blake2b384,
    /// BLAKE2b with 64 bytes.
    Blake2b512,
    /// BLAKE2s with 32 bytes.
    Blake2s256,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 15] = [
        Self::Md5,
        Self::Sha1,
        Self::Ripemd160,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_256,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Blake2b256,
        Self::Blake2b384,
        Self::Blake2b512,
        Self::Blake2s256,
    ];

    /// Returns its name as reports have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Ripemd160 => "ripemd160",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha512_256 => "sha512-256",
            Self::Sha3_256 => "sha3-256",
            Self::Sha3_384 => "sha3-384",
            Self::Sha3_512 => "sha3-512",
            Self::Blake2b256 => "blake2b-256",
            Self::Blake2b384 => "blake2b-384",
            Self::Blake2b512 => "blake2b-512",
            Self::Blake2s256 => "blake2s-256",
        }
    }

    /// Returns the function of a name that reports have.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Returns the length of a digest in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 | Self::Ripemd160 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Sha512_256 | Self::Sha3_256 | Self::Blake2b256 | Self::Blake2s256 => 32,
            Self::Sha384 | Self::Sha3_384 | Self::Blake2b384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Blake2b512 => 64,
        }
    }

    /// Whether nobody is known to make two artifacts of one digest.
    #[must_use]
    pub fn is_strong(self) -> bool {
        !matches!(self, Self::Md5 | Self::Sha1 | Self::Ripemd160)
    }
}

/// One way to hash an artifact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hashing {
    /// By which function.
    pub function: Function,
    /// What is hashed before the artifact: a salt.
    pub prefix: Box<[u8]>,
    /// What becomes of line ends.
    pub lines: Lines,
}

/// What becomes of the artifact's line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lines {
    /// They are hashed as they are.
    AsTheyAre,
    /// Each is hashed as CR LF (RFC 9580, section 5.2.1.2).
    AsCrLf,
}

impl Hashing {
    /// Hashes nothing but the artifact, as it is.
    #[must_use]
    pub fn plain(function: Function) -> Self {
        Self { function, prefix: Box::default(), lines: Lines::AsTheyAre }
    }
}

/// An artifact hashed in several ways at once.
#[derive(Clone, Default)]
pub struct Hashes {
    running: BTreeMap<Hashing, Running>,
    given: BTreeMap<Function, Vec<u8>>,
    /// How many bytes the artifact has.
    pub length: u64,
}

impl Hashes {
    /// Returns the hashes that are wanted, each once.
    #[must_use]
    pub fn new(wanted: impl IntoIterator<Item = Hashing>) -> Self {
        let running = wanted.into_iter().map(|hashing| {
            let state = Running::new(&hashing);
            (hashing, state)
        });
        Self { running: running.collect(), given: BTreeMap::new(), length: 0 }
    }

    /// Returns the hashes of an artifact of which only digests are known.
    #[must_use]
    pub fn of_digests(digests: impl IntoIterator<Item = (Function, Vec<u8>)>) -> Self {
        Self { given: digests.into_iter().collect(), ..Self::default() }
    }

    /// Hashes the next bytes of the artifact.
    pub fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        for running in self.running.values_mut() {
            running.update(bytes);
        }
    }

    /// Returns the digest of the artifact and `suffix` behind it, `None` where this was not asked for.
    #[must_use]
    pub fn digest(&self, hashing: &Hashing, suffix: &[u8]) -> Option<Vec<u8>> {
        let mut state = self.running.get(hashing)?.state.clone();
        state.update(suffix);
        Some(state.finish())
    }

    /// Returns the digest of the artifact as it is.
    #[must_use]
    pub fn plain(&self, function: Function) -> Option<Vec<u8>> {
        if let Some(given) = self.given.get(&function) {
            return Some(given.clone());
        }
        self.digest(&Hashing::plain(function), &[])
    }
}

#[derive(Clone)]
struct Running {
    state: State,
    lines: Lines,
    ends_in_cr: bool,
}

impl Running {
    fn new(hashing: &Hashing) -> Self {
        let mut state = State::new(hashing.function);
        state.update(&hashing.prefix);
        Self { state, lines: hashing.lines, ends_in_cr: false }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self.lines {
            Lines::AsTheyAre => self.state.update(bytes),
            Lines::AsCrLf => {
                for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                    let Some(text) = line.strip_suffix(b"\n") else {
                        self.state.update(line);
                        self.ends_in_cr = line.ends_with(b"\r");
                        continue;
                    };
                    self.state.update(text);
                    let has_cr = text.last().map_or(self.ends_in_cr, |last| *last == b'\r');
                    self.state.update(if has_cr { b"\n" } else { b"\r\n" });
                    self.ends_in_cr = false;
                }
            }
        }
    }
}

/// The state of a hash function. What AWS-LC has is several times as fast as the same in Rust.
#[derive(Clone)]
enum State {
    Fast(fast::Context),
    Md5(md5::Md5),
    Ripemd160(ripemd::Ripemd160),
    Sha3_256(sha3::Sha3_256),
    Sha3_384(sha3::Sha3_384),
    Sha3_512(sha3::Sha3_512),
    Blake2b256(blake2::Blake2b<digest::consts::U32>),
    Blake2b384(blake2::Blake2b<digest::consts::U48>),
    Blake2b512(blake2::Blake2b512),
    Blake2s256(blake2::Blake2s256),
}

impl State {
    fn new(function: Function) -> Self {
        match function {
            Function::Md5 => Self::Md5(md5::Md5::new()),
            Function::Sha1 => Self::Fast(fast::Context::new(&fast::SHA1_FOR_LEGACY_USE_ONLY)),
            Function::Ripemd160 => Self::Ripemd160(ripemd::Ripemd160::new()),
            Function::Sha224 => Self::Fast(fast::Context::new(&fast::SHA224)),
            Function::Sha256 => Self::Fast(fast::Context::new(&fast::SHA256)),
            Function::Sha384 => Self::Fast(fast::Context::new(&fast::SHA384)),
            Function::Sha512 => Self::Fast(fast::Context::new(&fast::SHA512)),
            Function::Sha512_256 => Self::Fast(fast::Context::new(&fast::SHA512_256)),
            Function::Sha3_256 => Self::Sha3_256(sha3::Sha3_256::new()),
            Function::Sha3_384 => Self::Sha3_384(sha3::Sha3_384::new()),
            Function::Sha3_512 => Self::Sha3_512(sha3::Sha3_512::new()),
            Function::Blake2b256 => Self::Blake2b256(digest::Digest::new()),
            Function::Blake2b384 => Self::Blake2b384(digest::Digest::new()),
            Function::Blake2b512 => Self::Blake2b512(blake2::Blake2b512::new()),
            Function::Blake2s256 => Self::Blake2s256(blake2::Blake2s256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Fast(state) => state.update(bytes),
            Self::Md5(state) => state.update(bytes),
            Self::Ripemd160(state) => state.update(bytes),
            Self::Sha3_256(state) => state.update(bytes),
            Self::Sha3_384(state) => state.update(bytes),
            Self::Sha3_512(state) => state.update(bytes),
            Self::Blake2b256(state) => state.update(bytes),
            Self::Blake2b384(state) => state.update(bytes),
            Self::Blake2b512(state) => state.update(bytes),
            Self::Blake2s256(state) => state.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Fast(state) => state.finish().as_ref().to_vec(),
            Self::Md5(state) => state.finalize().to_vec(),
            Self::Ripemd160(state) => state.finalize().to_vec(),
            Self::Sha3_256(state) => state.finalize().to_vec(),
            Self::Sha3_384(state) => state.finalize().to_vec(),
            Self::Sha3_512(state) => state.finalize().to_vec(),
            Self::Blake2b256(state) => state.finalize().to_vec(),
            Self::Blake2b384(state) => state.finalize().to_vec(),
            Self::Blake2b512(state) => state.finalize().to_vec(),
            Self::Blake2s256(state) => state.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex;

    fn digest(hashing: Hashing, parts: &[&[u8]], suffix: &[u8]) -> String {
        let mut hashes = Hashes::new([hashing.clone()]);
        parts.iter().for_each(|part| hashes.update(part));
        hex(&hashes.digest(&hashing, suffix).unwrap())
    }

    #[test]
    fn every_function_has_the_digest_of_abc_that_its_standard_states() {
        let expected = [
            "900150983cd24fb0d6963f7d28e17f72",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
            "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
            "6f56a82c8e7ef526dfe182eb5212f7db9df1317e57815dbda46083fc30f54ee6c66ba83be64b302d7cba6ce15bb556f4",
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
        ];
        for (function, expected) in Function::ALL.into_iter().zip(expected) {
            assert_eq!(digest(Hashing::plain(function), &[b"abc"], b""), expected, "{function:?}");
            assert_eq!(expected.len(), 2 * function.length());
        }
    }

    #[test]
    fn a_prefix_and_a_suffix_are_hashed_around_the_artifact() {
        let salted = Hashing { prefix: Box::from(*b"a"), ..Hashing::plain(Function::Sha256) };
        assert_eq!(digest(salted, &[b"b"], b"c"), digest(Hashing::plain(Function::Sha256), &[b"abc"], b""));
    }

    #[test]
    fn line_ends_are_one_however_the_artifact_is_cut() {
        let text = Hashing { lines: Lines::AsCrLf, ..Hashing::plain(Function::Sha256) };
        let expected = digest(Hashing::plain(Function::Sha256), &[b"a\r\n\r\nb\rc\r\n"], b"");
        for whole in [&b"a\n\nb\rc\n"[..], b"a\r\n\nb\rc\r\n", b"a\r\n\r\nb\rc\n"] {
            for cut in 0..=whole.len() {
                let (head, tail) = whole.split_at(cut);
                assert_eq!(digest(text.clone(), &[head, tail], b""), expected, "{whole:?} cut at {cut}");
            }
        }
    }
}
