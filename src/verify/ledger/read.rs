//! The ledger as it is written.

use std::collections::BTreeSet;

use super::product::KINDS;
use super::{HandOver, Ledger, Release, Signature, Way};
use crate::document::{self, Lines, Node, Span, Value};
use crate::policy::{Cursor, PolicyError, whole_fingerprint};
use crate::text;
use crate::text::Text;

/// The one version of the format.
const FORMAT: &str = "1";

/// How many hand-overs are read: each may cost a signature.
const MAX_HAND_OVERS: usize = 1_000;

const KEYS: [&str; 3] = ["format", "hand-over", "release"];
const RELEASE_KEYS: [&str; 7] = ["digest", "keyring", "kind", "product", "recorded", "signers", "version"];
const SIGNER_KEYS: [&str; 3] = ["key", "name", "scheme"];
const HAND_OVER_KEYS: [&str; 7] = ["certificate", "from", "old-certificate", "owner", "reason", "signature", "to"];

/// Returns a key in the one form in which it is compared, `None` where it is too short to name one.
pub(super) fn key_of(text: &str) -> Option<String> {
    whole_fingerprint(text).or_else(|| {
        let (by, whom) = text.split_once(' ')?;
        let is_voucher = by == "*" || by.contains(':') || whole_fingerprint(by).is_some();
        (is_voucher && !whom.trim().is_empty()).then(|| text.to_owned())
    })
}

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    /// When it is none: where, what was expected there, and what was found.
    pub fn parse(file: &Text, bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = std::str::from_utf8(bytes).map_err(|error| PolicyError {
            file: file.clone(),
            position: None,
            message: text!("expected UTF-8 text, found another byte behind {} bytes", error.valid_up_to()),
            hint: None,
        })?;
        let lines = Lines::new(text);
        let cursor = Cursor::new(file.clone(), &lines);
        let root = document::toml(text)
            .map_err(|fault| cursor.error(fault.span, text!("expected {}, found {}", fault.expected, fault.found)))?;
        let mut ledger = Self::default();
        let mut has_format = false;
        for member in cursor.try_members(&root, "the ledger")? {
            match member.key.as_ref() {
                "format" => {
                    let is_known = matches!(&member.value.value, Value::Number(number) if number == FORMAT);
                    if !is_known {
                        return Err(cursor.unfit(&member.value, "`format` to be 1"));
                    }
                    has_format = true;
                }
                "release" => {
                    for item in cursor.tables(&member.value, "release")? {
                        ledger.add(&cursor, item.span, release(&cursor, item)?)?;
                    }
                }
                "hand-over" => {
                    let items = cursor.tables(&member.value, "hand-over")?;
                    if items.len() > MAX_HAND_OVERS {
                        let message = text!("expected at most {} entries, found {}", MAX_HAND_OVERS, items.len());
                        return Err(cursor.error(member.key_span, message));
                    }
                    for item in items {
                        let found = hand_over(&cursor, item)?;
                        let is_same = |known: &HandOver| (&known.from, &known.to) == (&found.from, &found.to);
                        if ledger.hand_overs.iter().any(is_same) {
                            let message =
                                text!("expected one hand-over from `{}` to `{}`, found two", found.from, found.to);
                            return Err(cursor.error(item.span, message));
                        }
                        ledger.hand_overs.push(found);
                    }
                }
                _ => return Err(cursor.unknown_key(member, "the ledger", KEYS)),
            }
        }
        match has_format {
            true => Ok(ledger),
            false => Err(cursor.error(Span::default(), Text::trusted("expected `format = 1`, found no format"))),
        }
    }

    fn add(&mut self, cursor: &Cursor<'_>, span: Span, release: Release) -> Result<(), PolicyError> {
        let of = |release: &Release| {
            // What has no version is told apart by its contents.
            let digest = release.version.is_none().then(|| release.digest.clone());
            (release.kind, release.product.clone(), release.version.clone(), digest)
        };
        if !self.known.insert(of(&release)) {
            let shown = release.version.as_deref().unwrap_or(&release.digest);
            let message = text!("expected one record of `{}` in the version `{}`, found two", release.product, shown);
            return Err(cursor.error(span, message));
        }
        self.releases.push(release);
        Ok(())
    }
}

fn release(cursor: &Cursor<'_>, item: &Node<'_>) -> Result<Release, PolicyError> {
    let mut kind = "artifact";
    let (mut product, mut version, mut digest, mut signers, mut keyring) = (None, None, None, None, None);
    for member in cursor.try_members(item, "[[release]]")? {
        let (key, value) = (member.key.as_ref(), &member.value);
        let what = format!("`{key}`");
        match key {
            "kind" => {
                let text = cursor.filled(value, &what)?;
                kind = KINDS
                    .into_iter()
                    .find(|kind| *kind == text)
                    .ok_or_else(|| cursor.unfit(value, "`kind` to be \"artifact\" or \"tag\""))?;
            }
            "product" => product = Some(cursor.filled(value, &what)?.to_owned()),
            "version" => version = Some(cursor.filled(value, &what)?.to_owned()),
            "digest" => digest = Some((value, read_digest(cursor, value)?)),
            "signers" => signers = Some(read_signers(cursor, value)?),
            "keyring" => keyring = Some(read_keyring(cursor, value)?),
            "recorded" => {
                if !matches!(value.value, Value::Datetime(_)) {
                    return Err(cursor.unfit(value, "`recorded` to be a time"));
                }
            }
            _ => return Err(cursor.unknown_key(member, "[[release]]", RELEASE_KEYS)),
        }
    }
    let missing = |key: &str| cursor.error(item.span, text!("expected `{}` in [[release]], found none", key));
    let (digest_at, digest) = digest.ok_or_else(|| missing("digest"))?;
    if digest.starts_with("git-") != (kind == "tag") {
        return Err(cursor.unfit(digest_at, "the digest of a file by sha256, that of a tag by git-sha1 or git-sha256"));
    }
    Ok(Release {
        kind,
        product: product.ok_or_else(|| missing("product"))?,
        version,
        digest,
        signers: signers.ok_or_else(|| missing("signers"))?,
        keyring: keyring.ok_or_else(|| missing("keyring"))?,
    })
}

fn read_digest(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<String, PolicyError> {
    let text = cursor.filled(node, "`digest`")?;
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_sound = text.split_once(':').is_some_and(|(function, digits)| {
        is_hex(digits) && matches!((function, digits.len()), ("sha256" | "git-sha256", 64) | ("git-sha1", 40))
    });
    match is_sound {
        true => Ok(text.to_owned()),
        false => Err(cursor.unfit(node, "`digest` to be a whole one, as in sha256:HEX")),
    }
}

fn read_signers(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<Vec<Signature>, PolicyError> {
    let mut found: Vec<Signature> = Vec::new();
    for item in cursor.try_items(node, "`signers`")? {
        let (mut key, mut name, mut scheme) = (None, None, None);
        for member in cursor.try_members(item, "each of `signers`")? {
            let what = format!("`{}`", member.key);
            match member.key.as_ref() {
                "key" => key = Some(read_key(cursor, &member.value, &what)?),
                "name" => name = Some(cursor.filled(&member.value, &what)?.to_owned()),
                "scheme" => scheme = Some(cursor.filled(&member.value, &what)?.to_owned()),
                _ => return Err(cursor.unknown_key(member, "a signer", SIGNER_KEYS)),
            }
        }
        let missing = |key: &str| cursor.error(item.span, text!("expected `{}` of a signer, found none", key));
        let signer = Signature {
            key: key.ok_or_else(|| missing("key"))?,
            name: name.ok_or_else(|| missing("name"))?,
            scheme: scheme.ok_or_else(|| missing("scheme"))?,
        };
        if found.iter().any(|known| (&known.key, &known.scheme) == (&signer.key, &signer.scheme)) {
            return Err(cursor.error(item.span, text!("expected each signer once, found `{}` twice", signer.key)));
        }
        found.push(signer);
    }
    match found.is_empty() {
        true => Err(cursor.error(node.span, Text::trusted("expected at least one of `signers`, found none"))),
        false => Ok(found),
    }
}

fn read_keyring(cursor: &Cursor<'_>, node: &Node<'_>) -> Result<BTreeSet<String>, PolicyError> {
    let mut found = BTreeSet::new();
    for item in cursor.try_items(node, "`keyring`")? {
        let key = read_key(cursor, item, "each of `keyring`")?;
        if found.contains(&key) {
            return Err(cursor.error(item.span, text!("expected each key once, found `{}` twice", key)));
        }
        found.insert(key);
    }
    Ok(found)
}

fn read_key(cursor: &Cursor<'_>, node: &Node<'_>, what: &str) -> Result<String, PolicyError> {
    let text = cursor.filled(node, what)?;
    key_of(text).ok_or_else(|| PolicyError {
        hint: Some(Text::trusted("a short key id can be made by anybody; `portcullis verify` shows the whole one")),
        ..cursor.error(node.span, text!("expected a whole fingerprint, found `{}`", text))
    })
}

fn hand_over(cursor: &Cursor<'_>, item: &Node<'_>) -> Result<HandOver, PolicyError> {
    let (mut from, mut to) = (None, None);
    let (mut signature, mut certificate, mut old_certificate) = (None, None, None);
    let (mut reason, mut owner) = (None, None);
    for member in cursor.try_members(item, "[[hand-over]]")? {
        let what = format!("`{}`", member.key);
        let text = || cursor.filled(&member.value, &what).map(str::to_owned);
        match member.key.as_ref() {
            "from" => from = Some(read_key(cursor, &member.value, &what)?),
            "to" => to = Some(read_key(cursor, &member.value, &what)?),
            "signature" => signature = Some(text()?),
            "certificate" => certificate = Some(text()?),
            "old-certificate" => old_certificate = Some(text()?),
            "reason" => reason = Some(text()?),
            "owner" => owner = Some(text()?),
            _ => return Err(cursor.unknown_key(member, "[[hand-over]]", HAND_OVER_KEYS)),
        }
    }
    let missing = |key: &str| cursor.error(item.span, text!("expected `{}` in [[hand-over]], found none", key));
    let (from, to) = (from.ok_or_else(|| missing("from"))?, to.ok_or_else(|| missing("to"))?);
    if from == to {
        return Err(cursor.error(item.span, text!("expected two keys, found `{}` handed over to itself", from)));
    }
    let way = match (signature, certificate, old_certificate, reason, owner) {
        (Some(signature), Some(certificate), old_certificate, None, None) => {
            Way::Signed { signature, certificate, old_certificate }
        }
        (None, None, None, Some(_), Some(_)) => Way::Reviewed,
        _ => {
            let message = "expected either `signature` and `certificate`, or `reason` and `owner`, in [[hand-over]], found neither";
            return Err(cursor.error(item.span, Text::trusted(message)));
        }
    };
    Ok(HandOver { from, to, way })
}
