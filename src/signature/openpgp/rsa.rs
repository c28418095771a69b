//! RSA signatures, checked by a library that is many times faster than sequoia's own arithmetic.

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature as rsa;
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm};
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{self, Encode as _, Header, Tag};

use super::validity::is_too_long;

/// Whether a signature is by an RSA key over a digest (RFC 9580, section 5.2.3.1). What is not told here is for sequoia to
/// tell: `false` means nothing.
pub(super) fn holds(signature: &Signature, key: &Key<PublicParts, UnspecifiedRole>, digest: &[u8]) -> bool {
    #[expect(deprecated, reason = "old keys say that they sign alone")]
    let is_signing = matches!(key.pk_algo(), PublicKeyAlgorithm::RSAEncryptSign | PublicKeyAlgorithm::RSASign);
    let (mpi::PublicKey::RSA { e, n }, mpi::Signature::RSA { s }) = (key.mpis(), signature.mpis()) else {
        return false;
    };
    let functions = [
        (HashAlgorithm::SHA256, &rsa::RSA_PKCS1_2048_8192_SHA256, &digest::SHA256),
        (HashAlgorithm::SHA384, &rsa::RSA_PKCS1_2048_8192_SHA384, &digest::SHA384),
        (HashAlgorithm::SHA512, &rsa::RSA_PKCS1_2048_8192_SHA512, &digest::SHA512),
    ];
    let known = functions.into_iter().find(|(function, ..)| *function == signature.hash_algo());
    let Some((_, parameters, function)) = known else { return false };
    // What else sequoia looks at: versions that differ, a signature older than its key.
    let fits = signature.version() == 4
        && key.version() == 4
        && signature.signature_creation_time().is_some_and(|made| made >= key.creation_time());
    if !fits || !is_signing || signature.pk_algo() != key.pk_algo() || is_too_long(key) {
        return false;
    }
    let (Ok(digest), Ok(whole)) = (Digest::import_less_safe(digest, function), s.value_padded(n.value().len())) else {
        return false;
    };
    let Ok(key) = der_of(n.value(), e.value()) else { return false };
    rsa::UnparsedPublicKey::new(parameters, key).verify_digest(&digest, &whole).is_ok()
}

/// Writes a key as DER (RFC 8017, appendix A.1.1).
fn der_of(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, der::Error> {
    let parts = [UintRef::new(modulus)?.to_der()?, UintRef::new(exponent)?.to_der()?].concat();
    let mut whole = Header::new(Tag::Sequence, parts.len())?.to_der()?;
    whole.extend(parts);
    Ok(whole)
}
