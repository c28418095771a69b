//! The bounds of what is parsed, in one place.

/// The depth to which values may be nested. Real lock files of npm 6 nest dependencies about 20 deep.
pub const MAX_DEPTH: usize = 256;

/// How many values one document may hold. The largest public lock files hold under one million.
pub const MAX_NODES: usize = 4_000_000;

/// How many documents one YAML stream may hold. pnpm 11 writes two.
pub const MAX_DOCUMENTS: usize = 16;
