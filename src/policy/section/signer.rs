//! `[[signer]]`: who may sign which artifacts.

use globset::{GlobBuilder, GlobMatcher};

use super::super::{Catalogue, Policy, PolicyError, Sourced, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::{Node, Value};
use crate::signature::SCHEMES;
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "signer", summary: "who may sign which artifacts, and how many of them must", read, weakened, show };

/// Somebody who may sign artifacts.
#[derive(Clone, Debug)]
pub struct PolicySigner {
    /// Its name, as reports show it.
    pub name: String,
    /// Which artifacts, by patterns of their file names.
    pub artifacts: Vec<String>,
    /// The scheme that must be used; any where it is not set.
    pub scheme: Option<String>,
    /// Files of keys and certificates, from the policy's root on.
    pub certificates: Vec<Sourced<String>>,
    /// The whole fingerprints of the keys in them that may sign; all of them where it is empty.
    pub fingerprints: Vec<String>,
    /// How many of the keys must have signed.
    pub threshold: u32,
    /// Whether a key that has expired by now is accepted for what it signed before.
    pub accepts_expired: bool,
    /// What a text may state: identity, issuer, source and their kin, by key.
    pub stated: Vec<(&'static str, String)>,
    matchers: Vec<GlobMatcher>,
}

/// The keys that state one text each, beside those that have a meaning of their own.
const STATED: [&str; 10] = [
    "allowed-signers",
    "build-config",
    "builder",
    "identity",
    "issuer",
    "key-id",
    "namespace",
    "source",
    "source-branch",
    "source-tag",
];

const KEYS: [&str; 18] = [
    "name",
    "artifacts",
    "scheme",
    "certificates",
    "fingerprints",
    "threshold",
    "accept-expired",
    "trusted-root",
    "allowed-signers",
    "build-config",
    "builder",
    "identity",
    "issuer",
    "key-id",
    "namespace",
    "source",
    "source-branch",
    "source-tag",
];

impl PolicySigner {
    /// Whether it is for an artifact of this name.
    #[must_use]
    pub fn is_for(&self, name: &std::path::Path) -> bool {
        self.matchers.iter().any(|matcher| matcher.is_match(name))
    }

    /// Returns what it states under a key.
    #[must_use]
    pub fn stated(&self, key: &str) -> Option<&str> {
        self.stated.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str())
    }
}

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for item in cursor.tables(node, "signer")? {
        let signer = read_one(cursor, item)?;
        cursor.add(&mut policy.signers, cursor.sourced(signer, item.span));
    }
    Ok(())
}

fn read_one(cursor: &Cursor<'_>, item: &Node<'_>) -> Result<PolicySigner, PolicyError> {
    let mut signer = PolicySigner {
        name: String::new(),
        artifacts: Vec::new(),
        scheme: None,
        certificates: Vec::new(),
        fingerprints: Vec::new(),
        threshold: 1,
        accepts_expired: false,
        stated: Vec::new(),
        matchers: Vec::new(),
    };
    for member in cursor.try_members(item, "[[signer]]")? {
        let (key, value) = (member.key.as_ref(), &member.value);
        let what = format!("`{key}`");
        match key {
            "name" => signer.name = cursor.filled(value, &what)?.to_owned(),
            "scheme" => signer.scheme = Some(scheme(cursor, value)?),
            "artifacts" => {
                for pattern in cursor.try_items(value, &what)? {
                    let text = cursor.pattern(pattern, "each of `artifacts`")?;
                    let glob = GlobBuilder::new(text).literal_separator(true).build().map_err(|error| {
                        cursor.error(pattern.span, text!("expected a pattern, found `{}`: {}", text, error.to_string()))
                    })?;
                    signer.matchers.push(glob.compile_matcher());
                    signer.artifacts.push(text.to_owned());
                }
            }
            "certificates" | "trusted-root" => {
                let list = match value.value {
                    Value::String(_) => vec![cursor.sourced(cursor.filled(value, &what)?.to_owned(), value.span)],
                    Value::Null
                    | Value::Boolean(_)
                    | Value::Number(_)
                    | Value::Datetime(_)
                    | Value::Sequence(_)
                    | Value::Mapping(_) => cursor.strings(value, &what)?,
                };
                signer.certificates.extend(list);
            }
            "fingerprints" => {
                for entry in cursor.try_items(value, &what)? {
                    signer.fingerprints.push(fingerprint(cursor, entry)?);
                }
            }
            "threshold" => signer.threshold = number(cursor, value)?,
            "accept-expired" => {
                signer.accepts_expired = match cursor.filled(value, &what)? {
                    "if-signed-before-expiry" => true,
                    "never" => false,
                    _ => {
                        let expected = "`accept-expired` to be \"never\" or \"if-signed-before-expiry\"";
                        return Err(cursor.unfit(value, expected));
                    }
                };
            }
            _ => match STATED.iter().find(|known| **known == key) {
                Some(known) => signer.stated.push((known, cursor.filled(value, &what)?.to_owned())),
                None => return Err(cursor.unknown_key(member, "[[signer]]", KEYS)),
            },
        }
    }
    required(cursor, item, &signer)?;
    Ok(signer)
}

fn required(cursor: &Cursor<'_>, item: &Node<'_>, signer: &PolicySigner) -> Result<(), PolicyError> {
    let missing = [
        ("name", signer.name.is_empty()),
        ("artifacts", signer.artifacts.is_empty()),
        ("certificates", signer.certificates.is_empty() && signer.stated("allowed-signers").is_none()),
    ];
    match missing.into_iter().find(|(_, is_missing)| *is_missing) {
        Some((key, _)) => Err(cursor.error(item.span, text!("expected `{}` in [[signer]], found none", key))),
        None => Ok(()),
    }
}

/// Reads the name of a scheme. One that is not known would be met by no signature.
fn scheme(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<String, PolicyError> {
    let text = cursor.filled(node, "`scheme`")?;
    match SCHEMES.iter().any(|known| known.id == text) {
        true => Ok(text.to_owned()),
        false => {
            let known: Vec<String> = SCHEMES.iter().map(|known| quoted(known.id).to_string()).collect();
            let message = text!("expected one of {} as `scheme`, found `{}`", Text::trusted(known.join(", ")), text);
            Err(cursor.error(node.span, message))
        }
    }
}

/// Reads a whole fingerprint. A short id can be made by anybody in minutes.
fn fingerprint(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<String, PolicyError> {
    let text = cursor.filled(node, "each of `fingerprints`")?;
    whole_fingerprint(text).ok_or_else(|| PolicyError {
        hint: Some(Text::trusted(SHORT_ID)),
        ..cursor.error(node.span, text!("expected a whole fingerprint, found `{}`", text))
    })
}

/// What to do about a short id.
const SHORT_ID: &str = "a short key id can be made by anybody; `gpg --fingerprint` shows the whole one";

/// Returns a whole fingerprint in the one form in which it is compared, `None` where it is none.
#[must_use]
pub fn whole_fingerprint(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let is_hex = matches!(digits.len(), 40 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_hex {
        true => Some(digits.to_ascii_uppercase()),
        false if text.starts_with("SHA256:") && text.len() == 50 => Some(text.to_owned()),
        // minisign and signify have no fingerprint; the key itself is as short.
        false if text.starts_with("RW") && text.len() == 56 => Some(text.to_owned()),
        false => None,
    }
}

fn number(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<u32, PolicyError> {
    let parsed = match &node.value {
        Value::Number(text) => text.parse().ok().filter(|number| *number > 0),
        Value::Null
        | Value::Boolean(_)
        | Value::String(_)
        | Value::Datetime(_)
        | Value::Sequence(_)
        | Value::Mapping(_) => None,
    };
    parsed.ok_or_else(|| cursor.unfit(node, "`threshold` to be a number from 1 on"))
}

/// Who may sign more, or with less, than before makes the policy weaker.
fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for signer in &now.signers {
        let was = before.signers.iter().find(|old| old.value.name == signer.value.name);
        let message = match was {
            Some(old) if shown(&old.value) == shown(&signer.value) => continue,
            Some(_) => text!("the signer `{}` is another than before", signer.value.name),
            None => text!("the signer `{}` is added", signer.value.name),
        };
        out.push(Weakening {
            key: text!("signer.{}", signer.value.name),
            message,
            was: was.map(|old| shown(&old.value)),
            found: shown(&signer.value),
            origin: signer.origin.clone(),
        });
    }
    for old in &before.signers {
        if !now.signers.iter().any(|signer| signer.value.name == old.value.name) {
            out.push(Weakening {
                key: text!("signer.{}", old.value.name),
                message: text!(
                    "the signer `{}` is gone: anybody named with --key may sign what they did",
                    old.value.name
                ),
                was: Some(shown(&old.value)),
                found: Text::trusted("none"),
                origin: old.origin.clone(),
            });
        }
    }
}

fn shown(signer: &PolicySigner) -> Text {
    let list = |entries: &mut dyn Iterator<Item = &String>| {
        let entries: Vec<String> = entries.map(|entry| quoted(entry).to_string()).collect();
        format!("[{}]", entries.join(", "))
    };
    let mut line = format!(
        "{{ name = {}, artifacts = {}, certificates = {}",
        quoted(&signer.name),
        list(&mut signer.artifacts.iter()),
        list(&mut signer.certificates.iter().map(|certificate| &certificate.value))
    );
    if let Some(scheme) = &signer.scheme {
        line.push_str(&format!(", scheme = {}", quoted(scheme)));
    }
    if !signer.fingerprints.is_empty() {
        line.push_str(&format!(", fingerprints = {}", list(&mut signer.fingerprints.iter())));
    }
    if signer.threshold != 1 {
        line.push_str(&format!(", threshold = {}", signer.threshold));
    }
    if signer.accepts_expired {
        line.push_str(", accept-expired = \"if-signed-before-expiry\"");
    }
    for (key, value) in &signer.stated {
        line.push_str(&format!(", {key} = {}", quoted(value)));
    }
    line.push_str(" }");
    Text::trusted(line)
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    for signer in &policy.signers {
        out.push(Shown {
            line: Text::trusted(format!("signer += {}", shown(&signer.value))),
            origin: signer.origin.clone(),
        });
    }
}
