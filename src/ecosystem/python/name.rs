//! Names of packages in their normal form.

/// Returns a name in normal form: in lower case, each run of `-`, `_` and `.` one `-` (PEP 503). What is no name has none,
/// and stays as it is.
pub(super) fn normalised(name: &str) -> Box<str> {
    if !is_name(name) {
        return name.into();
    }
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.push(character.to_ascii_lowercase()),
        }
    }
    out.into()
}

/// Whether a text is a name (PEP 508): letters, digits, and between them `-`, `_` and `.`.
pub(super) fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.bytes().all(inner) && outer(text.as_bytes().first()) && outer(text.as_bytes().last())
}
