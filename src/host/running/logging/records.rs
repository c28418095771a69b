//! Records of logins (`utmp(5)`), of one length each.

use serde::{Deserialize, Serialize};

/// The length of a record where times have 32 bits in it, as on x86-64, and where they have 64.
const LENGTHS: [usize; 2] = [384, 400];

/// A multiple of both lengths: where the end of a long log begins.
pub(super) const STEP: u64 = 9_600;

/// The length of a record of `lastlog`.
const LAST_BYTES: usize = 292;

/// How far times may go back: two programs may note a login at once, and a clock is set by a little.
const MAX_BACK_SECONDS: i64 = 10 * 60;

/// Kinds of records: the start of the system, and those that say that the clock was set.
const START: u16 = 2;
const CLOCK: [u16; 4] = [1, 2, 3, 4];

/// The largest kind.
const MAX_KIND: u16 = 9;

/// What records of logins tell of what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// How many records are of zeroes alone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub zeroed: usize,
    /// How many are earlier than the one before, though nobody set the clock.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub back: usize,
    /// How many have a name or a place, and no time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timeless: usize,
    /// How many bytes at the end are no whole record.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rest: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Records {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        *self == Self::default()
    }
}

/// A record of a login.
struct Record {
    kind: u16,
    seconds: i64,
}

fn record(bytes: &[u8]) -> Option<Record> {
    let kind = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let seconds = match bytes.len() {
        384 => i64::from(u32::from_ne_bytes(bytes.get(340..344)?.try_into().ok()?)),
        _ => i64::from_ne_bytes(bytes.get(344..352)?.try_into().ok()?),
    };
    Some(Record { kind, seconds })
}

/// Returns the length of the records of a file: the one by which fewer of them are odd, and the file ends with one.
fn length(bytes: &[u8]) -> usize {
    let is_odd = |chunk: &&[u8]| {
        record(chunk).is_none_or(|record| record.kind > MAX_KIND || (record.kind != 0 && record.seconds == 0))
    };
    let oddities = |length: usize| {
        let odd = bytes.chunks_exact(length).take(64).filter(is_odd).count();
        odd * 2 + usize::from(!bytes.len().is_multiple_of(length))
    };
    let [short, long] = LENGTHS;
    if oddities(long) < oddities(short) { long } else { short }
}

/// Reads a file of records of logins.
#[must_use]
pub fn records(bytes: &[u8]) -> Records {
    let length = length(bytes);
    let chunks = bytes.chunks_exact(length);
    let mut out = Records { rest: chunks.remainder().len(), ..Records::default() };
    let mut last: Option<i64> = None;
    for chunk in chunks {
        if chunk.iter().all(|byte| *byte == 0) {
            out.zeroed += 1;
            continue;
        }
        let Some(Record { kind, seconds }) = record(chunk) else { continue };
        if seconds == 0 {
            out.timeless += 1;
            continue;
        }
        if last.is_some_and(|last| seconds.saturating_add(MAX_BACK_SECONDS) < last) && !CLOCK.contains(&kind) {
            out.back += 1;
        }
        last = Some(seconds);
    }
    out
}

/// Whether a file of records of logins holds one of the start of the system.
pub(super) fn has_start(bytes: &[u8]) -> bool {
    bytes.chunks_exact(length(bytes)).filter_map(record).any(|record| record.kind == START)
}

/// Reads `lastlog`: a record a user, of zeroes for those who never logged in.
#[must_use]
pub fn lastlog(bytes: &[u8]) -> Records {
    let chunks = bytes.chunks_exact(LAST_BYTES);
    let mut out = Records { rest: chunks.remainder().len(), ..Records::default() };
    for chunk in chunks {
        let (time, rest) = chunk.split_at(4);
        if time.iter().all(|byte| *byte == 0) && rest.iter().any(|byte| *byte != 0) {
            out.timeless += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(length: usize, kind: u16, seconds: u32) -> Vec<u8> {
        let mut out = vec![0; length];
        out[..2].copy_from_slice(&kind.to_ne_bytes());
        out[8..13].copy_from_slice(b"pts/0");
        match length {
            384 => out[340..344].copy_from_slice(&seconds.to_ne_bytes()),
            _ => out[344..352].copy_from_slice(&i64::from(seconds).to_ne_bytes()),
        }
        out
    }

    #[test]
    fn records_that_are_missing_are_told() {
        for length in LENGTHS {
            let (one, two, early) = (login(length, 7, 1000), login(length, 8, 90_000), login(length, 7, 500));
            let check = |parts: &[&[u8]], expected: Records| {
                assert_eq!(records(&parts.concat()), expected, "{length} {}", parts.len());
            };
            let zeroes = vec![0; length];
            check(&[], Records::default());
            check(&[&one, &two], Records::default());
            check(&[&one, &zeroes, &two], Records { zeroed: 1, ..Records::default() });
            check(&[&one, &two, &early], Records { back: 1, ..Records::default() });
            check(&[&one, &two, &login(length, 2, 500), &login(length, 7, 600)], Records::default());
            check(&[&one, &two, &login(length, 7, 0)], Records { timeless: 1, ..Records::default() });
            check(&[&one, &two, &one[..7]], Records { back: 0, rest: 7, ..Records::default() });
            assert!(has_start(&[one.clone(), login(length, 2, 5)].concat()));
            assert!(!has_start(&one));
        }
    }

    #[test]
    fn last_logins_without_a_time_are_told() {
        let mut named = vec![0; LAST_BYTES];
        named[4] = b'p';
        let mut sound = named.clone();
        sound[0] = 1;
        assert!(lastlog(&[vec![0; LAST_BYTES], sound].concat()).is_sound());
        assert_eq!(lastlog(&named), Records { timeless: 1, ..Records::default() });
    }
}
