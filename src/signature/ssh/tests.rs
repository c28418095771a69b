//! The cases of SSH signatures.
