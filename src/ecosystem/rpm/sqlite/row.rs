//! The values of one row.

use super::super::bytes::slice;
use crate::ecosystem::installed::Damage;
use crate::text;
use crate::text::Text;

/// How many values of a row are looked at.
const VALUES: usize = 4;

/// The first values of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a>([Value<'a>; VALUES]);

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// None, or one that is of no interest here.
    Other,
    /// A whole number.
    Integer(i64),
    /// Text, in the encoding of the database.
    Text(&'a [u8]),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> Row<'a> {
    /// Returns the row that some bytes are: the types of its values, and the values behind them.
    pub(super) fn parse(payload: &'a [u8]) -> Result<Self, Damage> {
        Self::of(payload).ok_or_else(|| {
            Damage::malformed(
                Text::trusted("a row within its bytes"),
                text!("one of {} bytes that is not", payload.len()),
            )
        })
    }

    /// Returns the value at a place, [`Value::Other`] where there is none.
    pub(super) fn value(&self, at: usize) -> Value<'a> {
        self.0.get(at).copied().unwrap_or(Value::Other)
    }

    fn of(payload: &'a [u8]) -> Option<Self> {
        let (head, mut types) = varint(payload)?;
        let head = usize::try_from(head).ok()?;
        let taken = payload.len() - types.len();
        types = slice(types, 0, head.checked_sub(taken)?)?;
        let mut rest = payload.get(head..)?;
        let mut values = [Value::Other; VALUES];
        for value in &mut values {
            if types.is_empty() {
                break;
            }
            let kind;
            (kind, types) = varint(types)?;
            let (bytes, after) = rest.split_at_checked(length(kind)?)?;
            rest = after;
            *value = match kind {
                1..=6 => Value::Integer(integer(bytes)),
                8 => Value::Integer(0),
                9 => Value::Integer(1),
                12.. if kind % 2 == 0 => Value::Blob(bytes),
                12.. => Value::Text(bytes),
                _ => Value::Other,
            };
        }
        Some(Self(values))
    }
}

/// Returns the number that bytes begin with, and what follows it: seven bits a byte, and eight in the ninth.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        let rest = bytes.get(at + 1..)?;
        if at == 8 {
            return Some((number << 8 | u64::from(*byte), rest));
        }
        number = number << 7 | u64::from(*byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, rest));
        }
    }
    None
}

/// Returns how many bytes a value of a type takes.
fn length(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}

/// Returns the number in at most eight bytes, the first of which carries the sign.
fn integer(bytes: &[u8]) -> i64 {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if is_negative { -1_i64 } else { 0 };
    bytes.iter().fold(start, |number, byte| number << 8 | i64::from(*byte))
}
