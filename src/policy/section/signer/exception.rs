//! `[[signer.exception]]`: what is accepted of one key although it is weak or past, why and until when.

use jiff::civil::Date;

use super::super::super::{PolicyError, Sourced};
use super::super::waiver::date;
use super::super::{Cursor, quoted};
use super::{fingerprint, word};
use crate::artifact::FaultKind;
use crate::document::{Member, Node};
use crate::text;
use crate::text::Text;

/// What is accepted of one key.
#[derive(Clone, Debug)]
pub struct SignerException {
    /// The whole fingerprint of the certificate.
    pub fingerprint: String,
    /// What does not count against it.
    pub kind: FaultKind,
    /// Why.
    pub reason: String,
    /// The last day it holds.
    pub expires: Date,
}

/// The rules that an exception can be made of, with what they judge. What is forged, revoked or by somebody else is never
/// accepted; of a key that has expired `accept-expired` speaks.
const RULES: [(&str, FaultKind); 3] = [
    ("signature/weak-binding", FaultKind::WeakBinding),
    ("signature/weak-hash", FaultKind::WeakHash),
    ("signature/weak-key", FaultKind::WeakKey),
];

const KEYS: [&str; 4] = ["fingerprint", "rule", "reason", "expires"];

impl SignerException {
    /// Whether it holds on a day; it does on the day it names.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.expires
    }

    pub(super) fn shown(&self) -> String {
        let rule = RULES.into_iter().find(|(_, kind)| *kind == self.kind).map_or("", |(rule, _)| rule);
        let (fingerprint, rule, reason) = (quoted(&self.fingerprint), quoted(rule), quoted(&self.reason));
        let expires = self.expires;
        format!("{{ fingerprint = {fingerprint}, rule = {rule}, reason = {reason}, expires = {expires} }}")
    }
}

pub(super) fn read_exceptions(
    cursor: &Cursor<'_>,
    node: &Node<'_>,
) -> Result<Vec<Sourced<SignerException>>, PolicyError> {
    let items = cursor.tables(node, "signer.exception")?;
    items.iter().map(|item| Ok(cursor.sourced(read_one(cursor, item)?, item.span))).collect()
}

fn read_one(cursor: &Cursor<'_>, item: &Node<'_>) -> Result<SignerException, PolicyError> {
    let place = "[[signer.exception]]";
    let mut found: [Option<&Member<'_>>; 4] = [None; 4];
    for member in cursor.try_members(item, place)? {
        match KEYS.iter().position(|key| *key == member.key).and_then(|at| found.get_mut(at)) {
            Some(slot) => *slot = Some(member),
            None => return Err(cursor.unknown_key(member, place, KEYS)),
        }
    }
    let required = |at: usize, key: &str| match found.get(at).copied().flatten() {
        Some(member) => Ok(&member.value),
        None => Err(cursor.error(item.span, text!("expected `{}` in {}, found none", key, Text::trusted(place)))),
    };
    let rule = word(cursor, required(1, "rule")?, "rule", &RULES.map(|(rule, _)| rule))?;
    Ok(SignerException {
        fingerprint: fingerprint(cursor, required(0, "fingerprint")?)?,
        kind: RULES.into_iter().find(|(known, _)| *known == rule).map_or(FaultKind::WeakKey, |(_, kind)| kind),
        reason: cursor.filled(required(2, "reason")?, "`reason`")?.to_owned(),
        expires: date(cursor, item, found.get(3).copied().flatten(), place)?,
    })
}
