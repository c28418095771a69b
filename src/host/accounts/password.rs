//! What a password field says, without the password: only the kind of a hash is kept (`crypt(5)`).

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What a password field says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Password {
    /// Nothing: no password is asked for.
    Empty,
    /// `x`: it stands in shadow.
    Shadowed,
    /// No password fits.
    Locked {
        /// The kind of the hash behind the lock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        behind: Option<Text>,
    },
    /// The hash of a password.
    Hash {
        /// The prefix that tells its kind: `$6$`; `DES` where there is none.
        method: Text,
    },
}

/// The characters of a hash without a prefix.
fn is_of_hash(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/'
}

/// Reads a password field.
pub(super) fn password(field: &[u8]) -> Password {
    if field.is_empty() {
        return Password::Empty;
    }
    if field == b"x" || field.starts_with(b"##") {
        return Password::Shadowed;
    }
    let bare = field.iter().position(|byte| *byte != b'!' && *byte != b'*').and_then(|at| field.split_at_checked(at));
    match bare {
        None => Password::Locked { behind: None },
        Some(([], hash)) => match method(hash) {
            Some(method) => Password::Hash { method },
            None => Password::Locked { behind: None },
        },
        Some((_, hash)) => Password::Locked { behind: method(hash) },
    }
}

/// Returns the kind of a hash; `None` where it is none that a password could fit.
fn method(hash: &[u8]) -> Option<Text> {
    if let Some(rest) = hash.strip_prefix(b"$") {
        let end = rest.iter().position(|byte| *byte == b'$' || *byte == b',')?;
        let (id, _) = rest.split_at_checked(end)?;
        let is_id =
            !id.is_empty() && id.len() <= 16 && id.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        return is_id.then(|| Text::trusted(format!("${}$", String::from_utf8_lossy(id))));
    }
    if let Some(rest) = hash.strip_prefix(b"_") {
        return (rest.len() == 19 && rest.iter().copied().all(is_of_hash)).then(|| Text::trusted("_ (extended DES)"));
    }
    (hash.len() >= 13 && hash.iter().copied().all(is_of_hash)).then(|| Text::trusted("DES"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kind_of_a_password_is_kept() {
        let check = |field: &str, expected: &str| {
            let found = match password(field.as_bytes()) {
                Password::Empty => "empty".to_owned(),
                Password::Shadowed => "shadowed".to_owned(),
                Password::Locked { behind: None } => "locked".to_owned(),
                Password::Locked { behind: Some(method) } => format!("locked {method}"),
                Password::Hash { method } => method.to_string(),
            };
            assert_eq!(found, expected, "{field}");
        };
        check("", "empty");
        check("x", "shadowed");
        check("##svc", "shadowed");
        for locked in ["!", "*", "!!", "!*", "*NP*", "NP", "*LK*", "$", "$6", "abc"] {
            check(locked, "locked");
        }
        check("!$1$old$abc", "locked $1$");
        check("$y$j9T$abc$def", "$y$");
        check("$1$abc$def", "$1$");
        check("$2a$10$abc", "$2a$");
        check("$md5,rounds=5$x", "$md5$");
        check("abJnggxhB/yWI", "DES");
        check("_J9..K0AyUubcXgv7MXE", "_ (extended DES)");
    }
}
