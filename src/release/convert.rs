//! A file as `git archive` writes it: `$Id$`, line ends, encoding, placeholders. No filter is ever run.

use gix_filter::eol::{self, Configuration};

use super::attributes::Attributes;
use super::ident::identified;
use super::substitute::{self, Piece};
use crate::text;
use crate::text::Text;
use crate::tree::CommitDetails;

/// What is expected of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Converted {
    /// What it holds.
    pub(super) pieces: Vec<Piece>,
    /// Why another content may be right as well, where that is so.
    pub(super) doubt: Option<Text>,
}

/// Converts a file.
///
/// # Errors
/// Why it cannot be known what git writes.
pub(super) fn converted(
    blob: Vec<u8>,
    id: &str,
    attributes: &Attributes,
    commit: &CommitDetails,
    tag: &str,
) -> Result<Converted, Text> {
    let mut bytes = if attributes.ident { identified(blob, id) } else { blob };
    let mut buffer = Vec::new();
    let settings = Configuration { eol: Some(eol::Mode::Lf), ..Configuration::default() };
    if eol::convert_to_worktree(&bytes, attributes.line_ends, &mut buffer, settings)
        .map_err(|error| text!("its line ends cannot be converted: {}", error.to_string()))?
    {
        bytes = buffer;
    }
    let mut doubt = None;
    if let Some(encoding) = &attributes.encoding {
        let (encoded, is_sure) = encoded(bytes, encoding)?;
        bytes = encoded;
        if !is_sure {
            doubt = Some(text!("it is written in the encoding `{}`, in which programs differ", encoding.as_slice()));
        }
    }
    if let Some(filter) = &attributes.filter {
        doubt = Some(text!("it goes through the filter `{}`, which is never run", filter.as_slice()));
    }
    let pieces = match attributes.export_subst {
        true => substitute::pieces(&bytes, commit, tag)?,
        false => vec![Piece::Exactly(bytes)],
    };
    Ok(Converted { pieces, doubt })
}

/// Encodes a text, and says whether every program would do it so.
fn encoded(bytes: Vec<u8>, label: &[u8]) -> Result<(Vec<u8>, bool), Text> {
    let label = label.to_ascii_lowercase();
    if matches!(label.as_slice(), b"utf-8" | b"utf8") {
        return Ok((bytes, true));
    }
    // git writes what it cannot encode as it is.
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok((bytes, false)) };
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let marked = |mark: [u8; 2], rest: Vec<u8>| [mark.to_vec(), rest].concat();
    Ok(match label.as_slice() {
        b"utf-16le" | b"utf16le" => (little(text), true),
        b"utf-16be" | b"utf16be" => (big(text), true),
        b"utf-16le-bom" | b"utf16le-bom" => (marked([0xff, 0xfe], little(text)), true),
        // With a mark in any case, and in either order by the library.
        b"utf-16" | b"utf16" => (marked([0xff, 0xfe], little(text)), false),
        _ => match encoding_rs::Encoding::for_label(&label) {
            Some(encoding) => {
                let (encoded, _, unmappable) = encoding.encode(text);
                if unmappable { (bytes, false) } else { (encoded.into_owned(), false) }
            }
            None => (bytes, false),
        },
    })
}
