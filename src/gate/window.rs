//! A line of an inspected file as a report shows it: a window around the place, made inert.
//!
//! Credentials are looked for in the whole line before it is cut, so that no cut can hide the address they stand in.

use crate::text::{HIDDEN, Text, credentials};

/// A line, cut into what stands before a place, the place itself, and what stands behind it.
#[derive(Debug, PartialEq, Eq)]
pub struct Window {
    /// What stands before the place.
    pub before: String,
    /// The place itself.
    pub marked: String,
    /// What stands behind it.
    pub behind: String,
}

impl Window {
    /// Cuts `line` around the characters from `start` to `end`, counted from zero, and shows at most `width`
    /// characters of each part. Answers `None` where the line hides credentials behind escapes.
    #[must_use]
    pub fn of(line: &str, start: usize, end: usize, width: usize) -> Option<Self> {
        if hides_credentials(line) {
            return None;
        }
        let secrets = credentials(line);
        let mut cells: Vec<String> = Vec::new();
        let mut last = [' '; 2];
        for (at, character) in line.char_indices() {
            let secret = secrets.iter().find(|secret| secret.contains(&at));
            cells.push(match secret {
                Some(secret) if secret.start == at => HIDDEN.to_owned(),
                Some(_) => String::new(),
                // What GitHub's runner obeys (`##[command]`), in one piece or in two.
                None if character == '[' && last == ['#', '#'] => "\\x5b".to_owned(),
                None => Text::of(character.encode_utf8(&mut [0; 4]) as &str).as_str().to_owned(),
            });
            last = [last[1], character];
        }
        let start = start.min(cells.len());
        let end = end.clamp(start, cells.len());
        // Indentation by tabs would be shown as escapes.
        let indent = line.chars().take(start).take_while(|character| character.is_whitespace()).count();
        for cell in cells.iter_mut().take(indent) {
            " ".clone_into(cell);
        }
        let (before, rest) = cells.split_at_checked(start)?;
        let (marked, behind) = rest.split_at_checked(end - start)?;
        Some(Self { before: tail(before, 2 * width), marked: middle(marked, width), behind: head(behind, width) })
    }
}

fn head(cells: &[String], width: usize) -> String {
    match cells.get(..width) {
        Some(kept) if cells.len() > width => format!("{}…", kept.concat()),
        _ => cells.concat(),
    }
}

fn tail(cells: &[String], width: usize) -> String {
    match cells.len().checked_sub(width).and_then(|cut| cells.get(cut..)) {
        Some(kept) if cells.len() > width => format!("…{}", kept.concat()),
        _ => cells.concat(),
    }
}

fn middle(cells: &[String], width: usize) -> String {
    if cells.len() <= width {
        return cells.concat();
    }
    let half = width / 2;
    let behind = cells.len() - (width - half - 1);
    let part = |range: std::ops::Range<usize>| cells.get(range).unwrap_or_default().concat();
    format!("{}…{}", part(0..half), part(behind..cells.len()))
}

/// Whether the value of a string in the line holds credentials that its spelling does not show: JSON may write
/// `https:\/\/me:secret@host`, and all three languages `\u003a`.
fn hides_credentials(line: &str) -> bool {
    line.contains('\\') && credentials(&meant(line)).len() > credentials(line).len()
}

/// Returns the line with its escapes undone, as far as they can stand for a visible character.
fn meant(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let ahead = rest.as_str();
        let digits = match ahead.chars().next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(plain) => {
                out.push(plain);
                rest.next();
                continue;
            }
            None => break,
        };
        let code = ahead.get(1..=digits).and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(meant) => {
                out.push(meant);
                rest = ahead.get(1 + digits..).unwrap_or_default().chars();
            }
            None => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, start: usize, end: usize, expected: [&str; 3]) {
        let window = Window::of(line, start, end, 20).unwrap();
        assert_eq!([&*window.before, &*window.marked, &*window.behind], expected, "{line}");
    }

    #[test]
    fn a_line_is_cut_around_its_place() {
        check("name = \"ripple\"", 7, 15, ["name = ", "\"ripple\"", ""]);
        check("\t\tname = 1", 2, 6, ["  ", "name", " = 1"]);
        check("a\tb", 2, 3, ["a\\t", "b", ""]);
        check("", 0, 1, ["", "", ""]);
        check("abc", 7, 9, ["abc", "", ""]);
        let long = "x".repeat(100);
        check(&long, 50, 80, [&format!("…{}", "x".repeat(40)), "xxxxxxxxxx…xxxxxxxxx", &"x".repeat(20)]);
        check(&format!("y{long}"), 0, 1, ["", "y", &format!("{}…", "x".repeat(20))]);
    }

    #[test]
    fn what_is_not_inert_is_escaped_wherever_the_line_is_cut() {
        check("##[error]", 2, 3, ["##", "\\x5b", "error]"]);
        check("a\u{1b}[31m\u{202e}", 1, 2, ["a", "\\x1b", "[31m\\u{202e}"]);
    }

    #[test]
    fn no_cut_lets_credentials_out() {
        let line = "source = \"https://me:secret@host.example/x?token=abc\"";
        for start in 0..line.len() {
            for width in [0, 1, 5] {
                let window = Window::of(line, start, start + width, 100).unwrap();
                let shown = format!("{}{}{}", window.before, window.marked, window.behind);
                assert_eq!(shown, "source = \"https://***@host.example/x?token=***\"", "{start}");
            }
        }
        for line in
            ["https:\\/\\/me:pw@h", "\"https\\u003a//me:pw@h\"", "https:\\x2f/me:pw@h", "\\U0000003a// a:\\u002f/m:p@h"]
        {
            assert_eq!(Window::of(line, 0, 1, 100), None, "{line}");
        }
        assert!(Window::of("C:\\users\\u12 https://host/", 0, 1, 100).is_some());
    }
}
