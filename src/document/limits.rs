//! The bounds of what is parsed, in one place.

/// The depth to which values may be nested. Real lock files of npm 6 nest dependencies about 20 deep.
pub const MAX_DEPTH: usize = 256;

/// The depth to which values of TOML, and the parts of its keys, may be nested: the library's own bound.
pub const MAX_TOML_DEPTH: usize = 80;

/// How many values one document may hold. The largest public lock files hold under one million.
pub const MAX_NODES: usize = 4_000_000;

/// Returns how many values a JSON document of so many bytes may hold: in a large one a value for each twelve bytes, half
/// as much again as the densest SBOM has, so that what is read stays a small multiple of the file.
#[must_use]
pub const fn max_nodes(bytes: usize) -> usize {
    if bytes / 12 > MAX_NODES { bytes / 12 } else { MAX_NODES }
}

/// How many characters of a text are quoted where it is not what was expected: a file may be one long line.
pub const MAX_QUOTED: usize = 1_000;

/// How many values the anchors and aliases of one YAML stream may copy.
pub const MAX_ALIASED: usize = 100_000;

/// How many documents one YAML stream may hold. pnpm 11 writes two.
pub const MAX_DOCUMENTS: usize = 16;

/// How many elements, attributes, texts and comments one XML document may hold. A document of 100,000 components
/// holds about six million, white space between tags included.
pub const MAX_XML_NODES: usize = 8_000_000;
