//! ASCII armor (RFC 9580, section 6.2) of files that are held whole: every block in them.
//!
//! The checksum at a block's end is not looked at, as RFC 9580 says; nor are the headers, which nobody signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::packet::malformed;
use crate::signature::{Fault, FaultKind};
use crate::text;

/// How the line begins that opens a block.
pub(super) const BEGIN: &[u8] = b"-----BEGIN PGP ";
/// How the line begins that closes a block.
pub(super) const END: &[u8] = b"-----END PGP ";
/// How both end.
pub(super) const DASHES: &[u8] = b"-----";
/// The label of the text of a clear-signed message.
pub(super) const SIGNED_MESSAGE: &[u8] = b"SIGNED MESSAGE";

/// The most blocks that are read in one file.
const MOST_BLOCKS: usize = 100_000;

/// What stands in an armored file.
#[derive(Default)]
pub(super) struct Armored<'a> {
    /// The blocks: label and contents.
    pub(super) blocks: Vec<(&'a [u8], Vec<u8>)>,
    /// Whether text stands outside them.
    pub(super) has_text: bool,
    /// Whether a clear-signed text begins in the file. It is read no further than there.
    pub(super) has_signed_text: bool,
}

/// Returns the label of a line that opens a block.
pub(super) fn label(line: &[u8]) -> Option<&[u8]> {
    line.trim_ascii_end().strip_prefix(BEGIN)?.strip_suffix(DASHES)
}

/// Returns whether a line closes the block of this label.
pub(super) fn closes(line: &[u8], label: &[u8]) -> bool {
    line.trim_ascii_end().strip_prefix(END).and_then(|rest| rest.strip_suffix(DASHES)) == Some(label)
}

/// Returns whether a line is the checksum at the end of a block.
pub(super) fn is_checksum(line: &[u8]) -> bool {
    line.len() == 5 && line.starts_with(b"=")
}

/// Returns whether a line opens a block.
pub(super) fn is_armored(bytes: &[u8]) -> bool {
    labels(bytes).next().is_some()
}

/// Returns the labels of the blocks that begin in a file.
pub(super) fn labels(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter_map(label)
}

/// Reads every block of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Armored<'_>, Fault> {
    let mut armored = Armored::default();
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    while let Some(line) = lines.next() {
        let Some(label) = label(line) else {
            armored.has_text |= !line.is_empty();
            continue;
        };
        if label == SIGNED_MESSAGE {
            armored.has_signed_text = true;
            return Ok(armored);
        }
        if armored.blocks.len() == MOST_BLOCKS {
            return Err(Fault::new(FaultKind::Malformed, text!("more than {} armored blocks", MOST_BLOCKS)));
        }
        armored.blocks.push((label, block(&mut lines, label)?));
    }
    Ok(armored)
}

fn block<'a>(lines: &mut impl Iterator<Item = &'a [u8]>, label: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut encoded = Vec::new();
    let mut in_headers = true;
    let mut is_over = false;
    for line in lines {
        // No header has an empty line, and no line of base64 a colon.
        if in_headers && line.contains(&b':') {
            continue;
        }
        in_headers = false;
        if closes(line, label) {
            return STANDARD.decode(&encoded).or(Err(malformed("an armored block is no base64")));
        }
        if is_over && !line.is_empty() {
            return Err(malformed("an armored block goes on behind its checksum"));
        }
        is_over |= is_checksum(line);
        if !is_over {
            encoded.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        }
    }
    Err(malformed("an armored block is cut off"))
}
