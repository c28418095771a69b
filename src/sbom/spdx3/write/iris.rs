//! The identifiers of elements: those that are IRIs already stay, the others are put behind that of the document.

use std::collections::HashSet;

use uuid::Uuid;

use crate::sbom::model::Bom;

/// The namespace of the identifiers of documents that follow from their contents (RFC 9562, section 5.5).
const DOCUMENTS: Uuid = Uuid::from_u128(0x5c0e_91d7_2ab4_5d3c_9e17_80f3_6a4d_b2c9);

/// The identifiers that a document gives.
pub(super) struct Iris {
    document: String,
    base: String,
    taken: HashSet<String>,
    /// How many identifiers were numbered, so that the next number is free at once.
    numbered: usize,
}

impl Iris {
    /// Begins with the identifier of the document, which follows from its contents where it has none.
    pub(super) fn of(bom: &Bom<'_>) -> Self {
        let document = match bom.id.as_deref() {
            Some(id) if is_iri(id) => id.to_owned(),
            Some(id) => Uuid::new_v5(&DOCUMENTS, id.as_bytes()).urn().to_string(),
            None => {
                let mut contents = bom.name.as_deref().unwrap_or_default().to_owned();
                for component in &bom.components {
                    for part in [&*component.id, &*component.name, component.version.value().map_or("", |text| text)] {
                        contents.push('\0');
                        contents.push_str(part);
                    }
                }
                Uuid::new_v5(&DOCUMENTS, contents.as_bytes()).urn().to_string()
            }
        };
        let base = document.split_once('#').map_or(&*document, |(base, _)| base);
        let base = format!("{base}#");
        let taken = HashSet::from([document.clone()]);
        Self { document, base, taken, numbered: 0 }
    }

    /// Returns the identifier of the document.
    pub(super) fn document(&self) -> String {
        self.document.clone()
    }

    /// Returns an identifier that no other element has: as it is wanted where that is an IRI, else behind that of the
    /// document, and with a number where it is taken or none is wanted.
    pub(super) fn of_element(&mut self, wanted: &str, kind: &str) -> String {
        let mut iri = self.reference(wanted);
        if wanted.is_empty() || self.taken.contains(&iri) {
            let stem = if wanted.is_empty() { format!("{}{kind}", self.base) } else { iri };
            loop {
                self.numbered += 1;
                iri = format!("{stem}-{}", self.numbered);
                if !self.taken.contains(&iri) {
                    break;
                }
            }
        }
        self.taken.insert(iri.clone());
        iri
    }

    /// Returns an identifier as it is written where it is not given here.
    pub(super) fn reference(&self, wanted: &str) -> String {
        if is_iri(wanted) { wanted.to_owned() } else { format!("{}{}", self.base, escaped(wanted)) }
    }
}

/// Whether a text is an absolute IRI that RDF can hold (RFC 3987, section 2.2).
pub(super) fn is_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let is_forbidden = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
    };
    // A prefix that the context defines would be taken for one.
    is_scheme && !rest.is_empty() && scheme != "spdx" && !text.contains(is_forbidden) && has_sound_escapes(rest)
}

/// Whether every percent sign begins an escape, so that readers of IRIs take it.
fn has_sound_escapes(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('%') {
        if !behind.chars().take(2).all(|c| c.is_ascii_hexdigit()) || behind.len() < 2 {
            return false;
        }
        rest = behind;
    }
    true
}

/// Returns a text as it may stand behind a number sign: no two of them alike.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'/' | b'?' | b'!' | b'$' | b'&' | b'+' | b',' | b';' | b'=' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
