//! The envelope of DSSE: a payload, its type, and signatures over both.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::document::Node;
use crate::signature::Fault;
use crate::signature::attestation::{items, malformed, string};
use crate::text;
use crate::text::Text;

/// How many signatures one envelope may have.
const MAX_SIGNATURES: usize = 64;

/// A payload and who signed it.
pub(super) struct Envelope {
    pub(super) payload_type: String,
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
}

/// A signature of an envelope.
pub(super) struct Signature {
    pub(super) bytes: Vec<u8>,
    /// By which key, which nobody signed.
    pub(super) key_id: String,
    /// Whether a certificate stands beside it.
    pub(super) has_certificate: bool,
}

impl Envelope {
    pub(super) fn of(node: &Node<'_>) -> Result<Self, Fault> {
        let field =
            |key: &str| string(node, key).ok_or_else(|| malformed(text!("`{}` of the envelope is no string", key)));
        let listed = items(node, "signatures");
        if listed.is_empty() {
            return Err(malformed(Text::trusted("the envelope has no signatures")));
        }
        if listed.len() > MAX_SIGNATURES {
            return Err(malformed(text!("the envelope has {} signatures, more than {}", listed.len(), MAX_SIGNATURES)));
        }
        let signatures = listed
            .iter()
            .map(|signature| {
                let bytes = string(signature, "sig").and_then(decode);
                let bytes =
                    bytes.ok_or_else(|| malformed(Text::trusted("a signature of the envelope is no base64")))?;
                let key_id = string(signature, "keyid").unwrap_or_default().to_owned();
                Ok(Signature { bytes, key_id, has_certificate: signature.get("cert").is_some() })
            })
            .collect::<Result<_, Fault>>()?;
        let payload_type = field("payloadType")?.to_owned();
        let payload = decode(field("payload")?);
        let payload = payload.ok_or_else(|| malformed(Text::trusted("the envelope's payload is no base64")))?;
        Ok(Self { payload_type, payload, signatures })
    }

    /// Returns what is signed (DSSE, "Signature definition").
    pub(super) fn signed(&self) -> Vec<u8> {
        let mut out = format!("DSSEv1 {} {} {} ", self.payload_type.len(), self.payload_type, self.payload.len());
        // The type is text, so what is written so far is too.
        let mut out = std::mem::take(&mut out).into_bytes();
        out.extend_from_slice(&self.payload);
        out
    }
}

/// Decodes base64 of either alphabet, with or without padding, and without anything left over.
fn decode(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_that_of_the_specification() {
        let envelope = Envelope {
            payload_type: "http://example.com/HelloWorld".to_owned(),
            payload: b"hello world".to_vec(),
            signatures: Vec::new(),
        };
        assert_eq!(envelope.signed(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn base64_is_read_strictly() {
        for text in ["aGk=", "aGk", "-_-_", "+/+/", ""] {
            assert!(decode(text).is_some(), "{text}");
        }
        for text in ["aGk==", "aGl=", "a Gk=", "aGk=\n", "a", "+-", "aGk=aGk="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
