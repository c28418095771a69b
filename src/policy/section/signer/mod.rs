//! `[[signer]]`: who may sign which artifacts.

mod exception;
mod shown;

use globset::{GlobBuilder, GlobMatcher};
use semver::VersionReq;

pub use self::exception::SignerException;
use self::exception::read_exceptions;
use self::shown::{shown, weakened};
use super::super::{Policy, PolicyError, Sourced};
use super::{Cursor, Section, Shown, quoted};
use crate::artifact::{AcceptsExpired, SCHEMES, STRONG_HASHES};
use crate::document::{Node, Value};
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "signer", summary: "who may sign which artifacts, and how many of them must", read, weakened, show };

/// Somebody who may sign artifacts.
#[derive(Clone, Debug, Default)]
pub struct PolicySigner {
    /// Its name, as reports show it.
    pub name: String,
    /// Which artifacts, by patterns of their file names.
    pub artifacts: Vec<String>,
    /// The scheme that must be used; any where it is not set.
    pub scheme: Option<String>,
    /// Files of keys and certificates, from the policy's folder on.
    pub certificates: Vec<Sourced<String>>,
    /// Files of trusted roots of Sigstore.
    pub trusted_roots: Vec<Sourced<String>>,
    /// Files of SSH signers.
    pub allowed_signers: Vec<Sourced<String>>,
    /// Files of revoked SSH keys.
    pub revoked: Vec<Sourced<String>>,
    /// The whole fingerprints of the keys in them that may sign; all of them where it is empty.
    pub fingerprints: Vec<String>,
    /// How many of the keys must have signed.
    pub threshold: u32,
    /// Whether a key that has expired by now is accepted for what it signed before.
    pub accepts_expired: AcceptsExpired,
    /// Whether older forms are accepted, which prove less than today's.
    pub allows_legacy: bool,
    /// The weakest hash function that is accepted.
    pub min_hash: Option<String>,
    /// The versions of which it may sign artifacts; of all where it is not set.
    pub versions: Option<VersionReq>,
    /// What is accepted of some keys although it is weak or past.
    pub exceptions: Vec<Sourced<SignerException>>,
    /// What a text may state: identity, issuer, source and their kin, by key.
    pub stated: Vec<(&'static str, String)>,
    /// What the build was told, by the name of the parameter.
    pub parameters: Vec<(String, String)>,
    /// Patterns of what the build used: each must match something.
    pub materials: Vec<String>,
    matchers: Vec<GlobMatcher>,
}

/// The keys that state one text each, beside those that have a meaning of their own.
const STATED: [&str; 13] = [
    "build-config",
    "builder",
    "identity",
    "issuer",
    "key-id",
    "namespace",
    "runner-environment",
    "source",
    "source-branch",
    "source-tag",
    "source-versioned-tag",
    "trigger",
    "workflow",
];

/// The keys that have a meaning of their own.
const KEYS: [&str; 16] = [
    "name",
    "artifacts",
    "scheme",
    "certificates",
    "fingerprints",
    "threshold",
    "accept-expired",
    "allow-legacy",
    "min-hash",
    "valid-for-versions",
    "trusted-root",
    "allowed-signers",
    "revoked",
    "parameters",
    "materials",
    "exception",
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
    let mut signer = PolicySigner { threshold: 1, ..PolicySigner::default() };
    for member in cursor.try_members(item, "[[signer]]")? {
        let (key, value) = (member.key.as_ref(), &member.value);
        let what = format!("`{key}`");
        match key {
            "name" => signer.name = cursor.filled(value, &what)?.to_owned(),
            // One that is not known would be met by no signature.
            "scheme" => signer.scheme = Some(word(cursor, value, "scheme", SCHEMES)?),
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
            "certificates" => signer.certificates = one_or_more(cursor, value, &what)?,
            "trusted-root" => signer.trusted_roots = one_or_more(cursor, value, &what)?,
            "allowed-signers" => signer.allowed_signers = one_or_more(cursor, value, &what)?,
            "revoked" => signer.revoked = one_or_more(cursor, value, &what)?,
            "exception" => signer.exceptions = read_exceptions(cursor, value)?,
            "materials" => {
                signer.materials = cursor.strings(value, &what)?.into_iter().map(|pattern| pattern.value).collect();
            }
            "parameters" => {
                for parameter in cursor.try_members(value, &what)? {
                    let text = cursor.filled(&parameter.value, "a parameter")?.to_owned();
                    signer.parameters.push((parameter.key.to_string(), text));
                }
            }
            "allow-legacy" => signer.allows_legacy = truth(cursor, value, &what)?,
            "valid-for-versions" => {
                let text = cursor.filled(value, &what)?;
                let versions = VersionReq::parse(text).map_err(|error| {
                    let why = error.to_string();
                    cursor
                        .error(value.span, text!("expected versions as in \">=1.0, <2.0\", found `{}`: {}", text, why))
                })?;
                signer.versions = Some(versions);
            }
            "min-hash" => signer.min_hash = Some(word(cursor, value, "min-hash", STRONG_HASHES)?),
            "fingerprints" => {
                if cursor.try_items(value, &what)?.is_empty() {
                    return Err(cursor.error(value.span, Text::trusted("expected a fingerprint, found an empty list")));
                }
                for entry in cursor.try_items(value, &what)? {
                    signer.fingerprints.push(fingerprint(cursor, entry)?);
                }
            }
            "threshold" => signer.threshold = number(cursor, value)?,
            "accept-expired" => {
                let words = AcceptsExpired::ALL.map(AcceptsExpired::word);
                let found = word(cursor, value, "accept-expired", &words)?;
                let is_found = |accepts: &AcceptsExpired| accepts.word() == found;
                signer.accepts_expired = AcceptsExpired::ALL.into_iter().find(is_found).unwrap_or_default();
            }
            _ => match STATED.iter().find(|known| **known == key) {
                Some(known) => signer.stated.push((known, cursor.filled(value, &what)?.to_owned())),
                None => return Err(cursor.unknown_key(member, "[[signer]]", KEYS.into_iter().chain(STATED))),
            },
        }
    }
    required(cursor, item, &signer)?;
    Ok(signer)
}

fn required(cursor: &Cursor<'_>, item: &Node<'_>, signer: &PolicySigner) -> Result<(), PolicyError> {
    let nobody = signer.certificates.is_empty() && signer.trusted_roots.is_empty() && signer.allowed_signers.is_empty();
    let missing = [
        ("`name`", signer.name.is_empty()),
        ("`artifacts`", signer.artifacts.is_empty()),
        ("`certificates`, `trusted-root` or `allowed-signers`", nobody),
    ];
    if let Some((key, _)) = missing.into_iter().find(|(_, is_missing)| *is_missing) {
        return Err(cursor.error(item.span, text!("expected {} in [[signer]], found none", Text::trusted(key))));
    }
    if let Some(exception) = signer.exceptions.first().filter(|_| signer.scheme.as_deref() != Some("openpgp")) {
        let message = "expected `scheme = \"openpgp\"` beside an exception, found another or none";
        let origin = exception.origin.clone();
        return Err(PolicyError { position: origin.position, ..cursor.error(item.span, Text::trusted(message)) });
    }
    Ok(())
}

/// Reads a text, or a list of them.
fn one_or_more(cursor: &Cursor<'_>, node: &Node<'_>, what: &str) -> Result<Vec<Sourced<String>>, PolicyError> {
    match node.value {
        Value::String(_) => Ok(vec![cursor.sourced(cursor.filled(node, what)?.to_owned(), node.span)]),
        Value::Null
        | Value::Boolean(_)
        | Value::Number(_)
        | Value::Datetime(_)
        | Value::Sequence(_)
        | Value::Mapping(_) => cursor.strings(node, what),
    }
}

/// Reads one of some words.
fn word(cursor: &Cursor<'_>, node: &Node<'_>, key: &str, words: &[&str]) -> Result<String, PolicyError> {
    let text = cursor.filled(node, &format!("`{key}`"))?;
    match words.contains(&text) {
        true => Ok(text.to_owned()),
        false => {
            let known: Vec<String> = words.iter().map(|known| quoted(known).to_string()).collect();
            let message = text!("expected one of {} as `{}`, found `{}`", Text::trusted(known.join(", ")), key, text);
            Err(cursor.error(node.span, message))
        }
    }
}

fn truth(cursor: &Cursor<'_>, node: &Node<'_>, what: &str) -> Result<bool, PolicyError> {
    match node.value {
        Value::Boolean(truth) => Ok(truth),
        Value::Null
        | Value::Number(_)
        | Value::Datetime(_)
        | Value::String(_)
        | Value::Sequence(_)
        | Value::Mapping(_) => Err(cursor.unfit(node, &format!("{what} to be true or false"))),
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

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    for signer in &policy.signers {
        out.push(Shown {
            line: Text::trusted(format!("signer += {}", shown(&signer.value))),
            origin: signer.origin.clone(),
        });
    }
}
