//! The keys that log in without a password: authorized_keys of every account.

mod line;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use line::{KeyLine, read};

use super::line::Place;
use super::reading::Reading;
use super::{Family, accounts, sshd};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// The family of authorised keys.
pub(super) static FAMILY: Family = Family {
    id: "ssh-keys",
    summary: "keys that may log in over SSH",
    reads: &["etc/passwd", "etc/ssh/*", "etc/ssh/*/*", "root/.ssh/*", "home/*/.ssh/*", "var/lib/*/.ssh/*", "*/.ssh/*"],
};

/// How many keys are kept.
const MAX_KEYS: usize = 100_000;

/// What is known of authorised keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SshKeys {
    /// The files of keys that are there.
    pub files: Vec<KeyFile>,
    /// The keys.
    pub keys: Vec<Key>,
    /// The files that stand there and cannot be read.
    pub unread: Vec<TreePath>,
}

/// A file of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// Where it is looked for.
    pub path: TreePath,
    /// The account that its keys log in as.
    pub account: Text,
}

/// A key that may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The account that it logs in as, and the fingerprint.
    pub name: Text,
    /// `SHA256:…`.
    pub fingerprint: Text,
    /// The account.
    pub account: Text,
    /// The type: `ssh-ed25519`.
    pub kind: Text,
    /// The length of an RSA key in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// The names of its options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Text>,
    /// The names of the variables that it sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Text>,
    /// Where it stands.
    pub place: Place,
}

impl SshKeys {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut keys = Self::default();
        let named = sshd::authorized_keys_files(reading);
        let mut seen = BTreeSet::new();
        for home in accounts::homes(reading) {
            for pattern in &named {
                let Some(path) = place_of(pattern, &home) else { continue };
                if seen.insert(path.clone()) {
                    keys.file(reading, path, &home.name);
                }
            }
        }
        keys
    }

    fn file(&mut self, reading: &Reading<'_>, path: TreePath, account: &Text) {
        let file = match reading.read_at(&path) {
            Ok(Some(file)) => file,
            Ok(None) => return,
            Err(unread) => return self.unread.push(unread.path),
        };
        self.files.push(KeyFile { path: path.clone(), account: account.clone() });
        for line in read(&file.bytes) {
            if self.keys.len() == MAX_KEYS {
                let expected = text!("at most {} keys", MAX_KEYS);
                reading.malformed(&file.at(line.line), expected, Text::trusted("more"));
                return self.unread.push(path);
            }
            let variables = line.options.iter().filter(|(name, _)| name == "environment");
            let variable = |value: &Option<String>| {
                let value = value.as_deref().unwrap_or_default();
                Text::of(value.split('=').next().unwrap_or_default())
            };
            self.keys.push(Key {
                name: text!("{} {}", *account, line.fingerprint),
                fingerprint: Text::of(line.fingerprint.as_str()),
                account: account.clone(),
                kind: Text::of(line.kind.as_str()),
                bits: line.bits,
                variables: variables.map(|(_, value)| variable(value)).collect(),
                options: line.options.iter().map(|(name, _)| Text::of(name.as_str())).collect(),
                place: file.at(line.line),
            });
        }
    }
}

/// Returns where the keys of an account stand: `%h` is its home folder, `%u` its name, `%U` its number (`sshd_config(5)`,
/// TOKENS); a relative path stands in its home folder.
fn place_of(pattern: &str, home: &accounts::Home) -> Option<TreePath> {
    if pattern.eq_ignore_ascii_case("none") {
        return None;
    }
    let mut path: Vec<u8> = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            path.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match characters.next()? {
            '%' => path.push(b'%'),
            'h' => {
                path.push(b'/');
                path.extend(home.folder.as_bytes());
            }
            'u' => path.extend(home.name.as_str().as_bytes()),
            'U' => path.extend(home.user.to_string().as_bytes()),
            _ => return None,
        }
    }
    match path.strip_prefix(b"/") {
        Some(below) => TreePath::root().join(below),
        None => home.folder.join(&path),
    }
}
