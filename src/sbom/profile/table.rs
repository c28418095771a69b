//! A score as people read it.

use super::element::Level;
use super::score::{Answer, Offender, Score, State};
use crate::text::{Text, shortened};

/// How narrow a table gets.
const MIN_WIDTH: usize = 40;

/// Returns a score as text: a line a profile, a line an element, then the first subjects that each does not pass of.
///
/// `width` is how many characters fit in a line; longer ones are folded at their spaces.
#[must_use]
pub fn render(score: &Score, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let mut out = String::new();
    let verdict = if score.passes() { "passes" } else { "does not pass" };
    line(&mut out, &format!("{}: {}", score.profile.edition, score.profile.title), 2, width);
    let counts = [Level::Must, Level::Should].map(|level| {
        let tally = score.tally(level);
        format!("{} of {} {}s", tally.passed, tally.of, level.word())
    });
    line(&mut out, &format!("{verdict}: {}, {} components", counts.join(", "), score.components), 2, width);
    if let Some(error) = &score.error {
        line(&mut out, error.as_str(), 2, width);
    }
    out.push('\n');
    let ids = score.answers.iter().map(|answer| answer.element.id.len()).max().unwrap_or_default();
    for answer in &score.answers {
        let head =
            format!("{:<4}  {:<ids$}  {:<6}  ", mark(answer.state), answer.element.id, answer.element.level.word());
        line(&mut out, &format!("{head}{}", summary(score, answer)), head.chars().count().min(width / 2), width);
    }
    for answer in score.answers.iter().filter(|answer| !answer.offenders.is_empty()) {
        out.push('\n');
        let element = answer.element;
        line(&mut out, &format!("{}: {} ({})", element.id, element.meaning, element.source), 2, width);
        for offender in &answer.offenders {
            line(&mut out, &format!("  {}", offence(offender)), 6, width);
        }
        let lacking = answer.of.saturating_sub(answer.passed);
        if lacking > answer.offenders.len() {
            line(&mut out, &format!("  and {} more", lacking - answer.offenders.len()), 2, width);
        }
    }
    out
}

fn mark(state: State) -> &'static str {
    match state {
        State::Pass => "pass",
        State::Warn => "warn",
        State::Fail => "fail",
        State::NotApplicable => "n/a",
        State::NotDetermined => "open",
    }
}

/// Returns how many pass, what of them is unknown, and what is to be done.
fn summary(score: &Score, answer: &Answer) -> String {
    let mut parts = Vec::new();
    if answer.state != State::NotApplicable {
        let unknown = if answer.unknown > 0 { format!(" ({} unknown)", answer.unknown) } else { String::new() };
        parts.push(format!("{} of {}{unknown}", answer.passed, answer.of));
    }
    // What is remarked of a single subject stands beside it.
    let is_shown = |text: &Text| answer.offenders.iter().any(|one| one.note.as_ref() == Some(text));
    for remark in answer.remarks.iter().filter(|remark| answer.offenders.is_empty() || !is_shown(&remark.text)).take(3)
    {
        let times = if remark.count > 1 { format!(" ({} times)", remark.count) } else { String::new() };
        parts.push(format!("{}{times}", remark.text));
    }
    let hint = answer.element.hint.of(score.family);
    if matches!(answer.state, State::Fail | State::Warn) && !hint.is_empty() {
        parts.push(format!("fill in {hint}"));
    }
    parts.join("; ")
}

fn offence(offender: &Offender) -> String {
    let Offender { label, told, note, at, state, .. } = offender;
    let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let state = if *state == State::Fail { "" } else { state.word() };
    let state = if state.is_empty() { String::new() } else { format!(" ({state})") };
    format!("{}:{}  {label}  {}{note}{state}", at.line, at.column, told.word())
}

/// Adds a line, folded at its spaces; what follows the first part is indented.
fn line(out: &mut String, text: &str, indent: usize, width: usize) {
    let start = text.len() - text.trim_start().len();
    let mut used = 0;
    for (at, word) in text.split(' ').enumerate() {
        // A word that is wider than a line is cut in its middle.
        let word = shortened(word, width.saturating_sub(indent).max(1));
        let size = word.chars().count();
        if used > indent.max(start) && used + 1 + size > width {
            while out.ends_with(' ') {
                out.pop();
            }
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if at > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(&word);
        used += size;
    }
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
}
