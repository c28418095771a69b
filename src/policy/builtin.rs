//! The policies inside the binary.

/// A policy inside the binary.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, behind `builtin:`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Every policy inside the binary, in the order of their names.
pub static BUILTIN: &[Builtin] = &[
    Builtin { name: "recommended", text: include_str!("../../policies/recommended.toml") },
    Builtin { name: "strict", text: include_str!("../../policies/strict.toml") },
];
