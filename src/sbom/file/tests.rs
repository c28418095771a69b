//! Files read as SBOMs.
