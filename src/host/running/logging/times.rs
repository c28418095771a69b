//! Times at the beginning of the lines of a log, and where they leap.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::host::line::lines;
use crate::text;
use crate::text::Text;

/// How far times may go back: two programs may log at once, and a clock is set by a little.
const MAX_BACK_SECONDS: i64 = 10 * 60;

/// The same where lines bear local times without a year: an hour comes twice when summer ends.
const MAX_BACK_LOCAL_SECONDS: i64 = 2 * 60 * 60;

/// How long a log is silent that is written all day: two hours at most.
const BUSY_SECONDS: i64 = 2 * 60 * 60;

/// After how many lines without a longer silence a log counts as one that is written all day.
const BUSY_LINES: u32 = 200;

/// How long such a log may be silent while the system runs.
const MAX_SILENCE_SECONDS: i64 = 12 * 60 * 60;

/// In how many lines behind a silence it is looked for what explains it.
const EXPLAINED_WITHIN: u32 = 500;

/// What explains a silence: the system, or its logger, started, or it slept.
const EXPLANATIONS: [&[u8]; 5] = [b"Linux version", b"rsyslogd", b"syslog-ng", b"suspend exit", b"type=DAEMON_START"];

/// The fewest zeroes in a row that are told.
const MIN_ZEROES: usize = 4;

/// How many places of a log are told.
const MAX_TOLD: usize = 20;

/// From how many machines lines are told apart.
const MAX_MACHINES: usize = 1_024;

const YEAR_SECONDS: i64 = 366 * 24 * 60 * 60;

/// When something was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stamp {
    /// Seconds since the beginning of some year, which lines of RFC 3164 do not name, in local time.
    InYear(i64),
    /// Seconds since 1970.
    Exact(i64),
}

impl Stamp {
    /// Returns how many seconds lie between two times, where both are told in one way.
    #[must_use]
    pub fn between(from: Option<Self>, to: Option<Self>) -> Option<i64> {
        match (from?, to?) {
            (Self::Exact(from), Self::Exact(to)) => Some(to - from),
            (Self::InYear(from), Self::InYear(to)) => Some(match to - from {
                // A year ended in between.
                less if less < -YEAR_SECONDS / 2 => less + YEAR_SECONDS,
                more if more > YEAR_SECONDS / 2 => more - YEAR_SECONDS,
                seconds => seconds,
            }),
            _ => None,
        }
    }

    /// Returns the later one.
    #[must_use]
    pub fn later(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (None, some) | (some, None) => some,
            _ if Self::between(one, other).is_some_and(|seconds| seconds > 0) => other,
            _ => one,
        }
    }

    fn may_go_back(self) -> i64 {
        match self {
            Self::InYear(_) => MAX_BACK_LOCAL_SECONDS,
            Self::Exact(_) => MAX_BACK_SECONDS,
        }
    }
}

/// Two lines, one behind the other, whose times leap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leap {
    /// The time before, as it is written.
    pub from: Text,
    /// The time behind it.
    pub to: Text,
    /// The line of the latter, where all of the log was read.
    #[serde(skip)]
    pub line: Option<u32>,
}

/// What the lines of a log tell of what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// How many runs of zeroes there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub zeroes: u32,
    /// The first line with zeroes, where all of the log was read.
    #[serde(skip)]
    pub zeroes_line: Option<u32>,
    /// Where times go back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub back: Vec<Leap>,
    /// Where a log that is written all day falls silent, and nothing explains it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Leap>,
    /// The last time.
    #[serde(skip)]
    pub last: Option<Stamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Told {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.zeroes == 0 && self.back.is_empty() && self.silences.is_empty()
    }
}

/// What is remembered of the lines of one machine.
#[derive(Clone, Default)]
struct Machine {
    last: Option<Stamp>,
    shown: Vec<u8>,
    busy: u32,
    /// A silence that nothing has explained yet, and for how many lines more that may still happen.
    silence: Option<(Leap, u32)>,
}

/// Reads the lines of a log.
#[must_use]
pub fn told(bytes: &[u8], is_whole: bool) -> Told {
    let mut out = Told::default();
    let mut machines: HashMap<Vec<u8>, Machine> = HashMap::new();
    for line in lines(bytes) {
        let number = is_whole.then_some(line.number);
        let runs = runs_of_zeroes(line.bytes);
        if runs > 0 {
            out.zeroes = out.zeroes.saturating_add(runs);
            out.zeroes_line = out.zeroes_line.or(number);
        }
        // What stands behind zeroes is a line all the same.
        let start = line.bytes.iter().position(|byte| *byte != 0).unwrap_or(line.bytes.len());
        let text = line.bytes.get(start..).unwrap_or_default();
        let Some((stamp, shown, machine)) = stamp(text) else { continue };
        out.last = Stamp::later(out.last, Some(stamp));
        if machines.len() >= MAX_MACHINES && !machines.contains_key(machine) {
            continue;
        }
        let known = machines.entry(machine.to_vec()).or_default();
        known.take(stamp, shown, text, number, &mut out);
    }
    let mut open: Vec<Leap> = machines.into_values().filter_map(|machine| Some(machine.silence?.0)).collect();
    open.sort_by(|one, other| (one.line, &one.from, &one.to).cmp(&(other.line, &other.from, &other.to)));
    out.silences.extend(open);
    out.silences.truncate(MAX_TOLD);
    out
}

impl Machine {
    fn take(&mut self, stamp: Stamp, shown: &[u8], text: &[u8], line: Option<u32>, out: &mut Told) {
        let passed = Stamp::between(self.last, Some(stamp)).unwrap_or(0);
        let leap = || Leap { from: Text::of(self.shown.as_slice()), to: Text::of(shown), line };
        if let Some((silence, left)) = self.silence.take() {
            let is_explained = EXPLANATIONS.iter().any(|word| text::find(text, word).is_some());
            match left {
                _ if is_explained => {}
                0 => out.silences.push(silence),
                left => self.silence = Some((silence, left - 1)),
            }
        }
        if passed < -stamp.may_go_back() {
            if out.back.len() < MAX_TOLD {
                out.back.push(leap());
            }
            self.busy = 0;
        } else if passed > MAX_SILENCE_SECONDS && self.busy >= BUSY_LINES {
            let is_explained = EXPLANATIONS.iter().any(|word| text::find(text, word).is_some());
            if !is_explained && out.silences.len() < MAX_TOLD {
                self.silence = Some((leap(), EXPLAINED_WITHIN));
            }
            self.busy = 0;
        } else if passed > BUSY_SECONDS {
            self.busy = 0;
        } else {
            self.busy = self.busy.saturating_add(1);
        }
        self.last = Some(stamp);
        self.shown.clear();
        self.shown.extend_from_slice(shown);
    }
}

/// Returns how many runs of zeroes a line has.
fn runs_of_zeroes(line: &[u8]) -> u32 {
    if !line.contains(&0) {
        return 0;
    }
    let runs = line.chunk_by(|one, other| (*one == 0) == (*other == 0));
    let long = runs.filter(|run| run.first() == Some(&0) && run.len() >= MIN_ZEROES);
    u32::try_from(long.count()).unwrap_or(u32::MAX)
}

/// Reads the time of a line, as it is written, and the machine it is of.
fn stamp(line: &[u8]) -> Option<(Stamp, &[u8], &[u8])> {
    if line.starts_with(b"type=") || line.starts_with(b"node=") {
        return of_audit(line);
    }
    let first = line.split(|byte| *byte == b' ').next()?;
    if first.first()?.is_ascii_digit() {
        let time: Timestamp = std::str::from_utf8(first).ok()?.parse().ok()?;
        let machine = line.get(first.len() + 1..)?.split(|byte| *byte == b' ').next()?;
        return Some((Stamp::Exact(time.as_second()), first, machine));
    }
    let shown = line.get(..15)?;
    let machine = line.get(16..)?.split(|byte| *byte == b' ').next()?;
    Some((Stamp::InYear(in_year(std::str::from_utf8(shown).ok()?)?), shown, machine))
}

/// Reads `Nov 26 12:00:01` (RFC 3164).
fn in_year(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const BEFORE: [i64; 12] = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];
    let mut words = text.split_ascii_whitespace();
    let month = words.next()?;
    let before = MONTHS.iter().zip(BEFORE).find(|(name, _)| **name == month)?.1;
    let day: i64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let mut clock = words.next()?.split(':');
    let mut part = |below: i64| clock.next()?.parse().ok().filter(|part: &i64| (0..below).contains(part));
    let (hours, minutes, seconds) = (part(24)?, part(60)?, part(61)?);
    Some((((before + day - 1) * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/// Reads `msg=audit(1700000000.123:456)`.
fn of_audit(line: &[u8]) -> Option<(Stamp, &[u8], &[u8])> {
    const MARK: &[u8] = b"msg=audit(";
    let machine = line.strip_prefix(b"node=").and_then(|rest| rest.split(|byte| *byte == b' ').next());
    let at = text::find(line, MARK)?;
    let shown = line.get(at + MARK.len()..)?.split(|byte| matches!(byte, b':' | b'.')).next()?;
    let seconds: i64 =
        std::str::from_utf8(shown).ok()?.parse().ok().filter(|seconds: &i64| (0..1 << 40).contains(seconds))?;
    Some((Stamp::Exact(seconds), shown, machine.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_lines_are_read() {
        let check = |line: &str, expected: Option<(Stamp, &str)>| {
            let found =
                stamp(line.as_bytes()).map(|(stamp, _, machine)| (stamp, std::str::from_utf8(machine).unwrap()));
            assert_eq!(found, expected, "{line}");
        };
        check("", None);
        check("no time here at all, sir", None);
        check("1970-01-02T00:00:00+00:00 web sshd[1]: x", Some((Stamp::Exact(86_400), "web")));
        check("1970-01-01T02:00:00.5+02:00 web x", Some((Stamp::Exact(0), "web")));
        check("Jan  1 00:00:01 web sshd[1]: x", Some((Stamp::InYear(1), "web")));
        check("Feb 30 25:00:01 web x", None);
        check("type=LOGIN msg=audit(12.345:6): x", Some((Stamp::Exact(12), "")));
        check("node=a type=LOGIN msg=audit(12.345:6): x", Some((Stamp::Exact(12), "a")));
        check("type=LOGIN msg=audit(99999999999999999999.1:6): x", None);
    }

    fn check(text: &str, expected: (u32, usize, usize)) {
        let found = told(text.as_bytes(), true);
        assert_eq!((found.zeroes, found.back.len(), found.silences.len()), expected, "{text:?}");
    }

    #[test]
    fn zeroes_and_times_that_go_back_are_told() {
        check("", (0, 0, 0));
        check("2026-01-01T10:00:00Z a x\n2026-01-01T10:00:01Z a y\n", (0, 0, 0));
        check("2026-01-01T10:00:00Z a x\n\0\0\0\0\0\0\0\x002026-01-01T10:00:01Z a y\n", (1, 0, 0));
        check("2026-01-01T10:00:00Z a x\0\0\n", (0, 0, 0));
        check("2026-01-01T10:00:00Z a x\n2026-01-01T09:00:01Z a y\n", (0, 1, 0));
        check("2026-01-01T10:00:00Z a x\n2026-01-01T09:55:01Z a y\n", (0, 0, 0));
        // Each machine has a clock of its own.
        check("2026-01-01T10:00:00Z a x\n2026-01-01T09:00:01Z b y\n", (0, 0, 0));
        check("Dec 31 23:59:59 a x\nJan  1 00:00:01 a y\n", (0, 0, 0));
        check("Oct 25 02:59:59 a x\nOct 25 02:00:01 a y\n", (0, 0, 0));
        check("Oct 25 12:59:59 a x\nOct 25 02:00:01 a y\n", (0, 1, 0));
        check("type=A msg=audit(9000.1:1): x\ntype=A msg=audit(1000.1:2): x\n", (0, 1, 0));
    }

    #[test]
    fn a_silence_is_told_where_the_log_is_written_all_day() {
        let busy: String =
            (0..220).map(|at| format!("2026-01-01T{:02}:{:02}:00Z a cron\n", at / 60, at % 60)).collect();
        check(&format!("{busy}2026-01-02T04:00:00Z a cron\n"), (0, 0, 1));
        check(&format!("{busy}2026-01-01T06:00:00Z a cron\n"), (0, 0, 0));
        check(
            &format!("{busy}2026-01-02T04:00:00Z a cron\n2026-01-02T04:00:01Z a kernel: Linux version 6\n"),
            (0, 0, 0),
        );
        check("2026-01-01T00:00:00Z a x\n2026-01-09T00:00:00Z a y\n", (0, 0, 0));
    }
}
