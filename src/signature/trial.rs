//! What the tests of schemes share: fixtures, and what comes of a file of signatures.

use super::{Claim, FaultKind, Hashes, Material, Scheme, Trust, scheme_of};
use crate::text::Text;

/// What the fixtures are signatures over.
pub(super) const ARTIFACT: &[u8] = include_bytes!("../../tests/fixtures/signatures/artifact");

/// Returns the bytes of a fixture.
macro_rules! fixture {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/signatures/", $path)).as_slice()
    };
}
pub(super) use fixture;

pub(super) fn material(bytes: &[u8]) -> Material {
    Material { name: Text::trusted("file"), bytes: bytes.to_vec() }
}

/// Trusts these keys in the middle of the year 2025.
pub(super) fn trust(keys: &[&[u8]]) -> Trust {
    let keys = keys.iter().map(|key| material(key)).collect();
    Trust { keys, at: "2025-06-15T00:00:00Z".parse().unwrap(), ..Trust::default() }
}

/// Returns what the signatures of a file say of an artifact, or why it cannot be read.
pub(super) fn claims(file: &[u8], artifact: &[u8], trust: &Trust) -> Result<Vec<Claim>, FaultKind> {
    let file = material(file);
    let scheme = scheme_of(&file.bytes).ok_or(FaultKind::Unsupported)?;
    let pending = (scheme.read)(&file, trust).map_err(|unreadable| unreadable.fault.kind)?;
    let mut hashes = Hashes::new(pending.hashings());
    artifact.chunks(3).for_each(|chunk| hashes.update(chunk));
    Ok(pending.finish(&hashes))
}

/// Who signed, or what speaks against it.
pub(super) type Verdict = Result<String, Vec<FaultKind>>;

/// Returns the name of who made the one signature of a file, or the kinds of what speaks against it.
pub(super) fn verdict(file: &[u8], artifact: &[u8], trust: &Trust) -> Verdict {
    let claims = claims(file, artifact, trust).map_err(|kind| vec![kind])?;
    let [claim] = claims.as_slice() else { panic!("{} claims", claims.len()) };
    match &claim.signer {
        Some(signer) if claim.is_good() => Ok(signer.name.to_string()),
        _ => Err(claim.faults.iter().map(|fault| fault.kind).collect()),
    }
}

/// Returns what a scheme says that a file holds, a name and a value a line.
pub(super) fn shown(scheme: &Scheme, file: &[u8]) -> String {
    let mut lines = Vec::new();
    let description = (scheme.describe)(&material(file)).unwrap().unwrap();
    description.parts.for_each(&mut |part| lines.push(format!("{}: {}", part.name, part.value)));
    lines.join("\n")
}

/// Returns a copy of bytes for each byte, with one of its bits flipped, and the place of the byte.
pub(super) fn flipped(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..bytes.len()).map(|at| {
        let mut other = bytes.to_vec();
        // Each byte another bit: to check all of them takes minutes without optimisation.
        other[at] ^= 1 << (at % 8);
        (at, other)
    })
}

/// Reads bytes in hexadecimal.
pub(super) fn unhex(text: &str) -> Vec<u8> {
    crate::text::unhex(text.as_bytes()).unwrap()
}
