//! `markdown`: a page for a reviewer, in a comment on a pull request or in the summary of a job.
//!
//! Whatever comes from the tree stands in code spans, in which GitHub forms no link, no mention, no reference and no
//! element. The page stays under what a comment of GitHub holds, and says what it leaves out.

use std::borrow::Cow;
use std::io;

use super::{Format, Style};
use crate::diff::ChangeKind;
use crate::finding::{Finding, Level};
use crate::gate::{ChangeLine, Report, plural};
use crate::rule;
use crate::text::{Text, shortened, shortened_values};

pub(super) static FORMAT: Format =
    Format { id: "markdown", summary: "a page for a pull request's comment or a job's summary", render };

/// The size of the page. A comment holds 65,536 characters, none of which takes less than a byte.
const MAX_BYTES: usize = 65_535;

/// What each cut says, at most.
const MAX_REMARK: usize = 128;

/// How many characters of a value are shown.
const VALUE_WIDTH: usize = 80;

/// How many characters of a message or a fix are shown.
const MESSAGE_WIDTH: usize = 400;

/// How many changes stand open; more are folded.
const MAX_OPEN_CHANGES: usize = 25;

/// How many notes and inputs are shown, so that the frame of the page is small.
const MAX_NOTES: usize = 8;

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = report.groups();
    let frame = Frame::of(report);
    // Each of the four lists may be cut, and folded.
    let lists = 4 * (MAX_REMARK + 128);
    let mut page = Page { text: frame.head, left: MAX_BYTES.saturating_sub(frame.length + lists) };
    for (level, title) in [(Level::Deny, "Denied"), (Level::Warn, "Warnings")] {
        let of_level = groups.iter().filter(|group| group.first().is_some_and(|first| first.level == level));
        let items: Vec<&Vec<&Finding>> = of_level.collect();
        if !items.is_empty() {
            page.text.push_str(&format!("### {title}\n\n"));
            let left_out = page.list(items.iter().map(|group| item(group)));
            page.remark(left_out, "finding is", "findings are");
        }
    }
    changes(report, &mut page);
    details(report, &groups, &mut page);
    page.text.push_str(&frame.foot);
    out.write_all(page.text.as_bytes())
}

/// What stands on every page, whatever was found.
struct Frame {
    head: String,
    foot: String,
    length: usize,
}

impl Frame {
    fn of(report: &Report) -> Self {
        let head = format!("## portcullis: gate {}\n\n{}\n\n", report.verdict, report.counts_in_words());
        let mut foot = String::new();
        for note in report.notes.iter().take(MAX_NOTES) {
            foot.push_str(&format!("- note: {}\n", prose(note.as_str())));
        }
        foot.push_str(&format!("- read: {}\n", report.read_in_words(|name| value(name).into_owned())));
        foot.push_str(&format!("- policy: {} ({})\n", value(report.policy.name.as_str()), report.policy.origin));
        if let Some(rest) = report.left_out_in_words() {
            foot.push_str(&format!("- not shown: {rest}\n"));
        }
        Self { length: head.len() + foot.len(), head, foot }
    }
}

/// The page as far as it is written, and how many bytes lists may still take.
struct Page {
    text: String,
    left: usize,
}

impl Page {
    /// Writes items as long as there is room, and returns how many are left out.
    fn list(&mut self, items: impl Iterator<Item = String>) -> u64 {
        let mut left_out = 0;
        for item in items {
            if left_out == 0 && item.len() <= self.left {
                self.left -= item.len();
                self.text.push_str(&item);
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// Says how much a list leaves out, and ends it.
    fn remark(&mut self, left_out: u64, one: &str, many: &str) {
        self.text.push('\n');
        if left_out > 0 {
            self.text.push_str(&format!("**{} not shown: the page is full.**\n\n", plural(left_out, one, many)));
        }
    }

    /// Writes a folded part.
    fn folded(&mut self, summary: &str, body: impl FnOnce(&mut Self)) {
        // Only behind an empty line is Markdown read again.
        self.text.push_str(&format!("<details>\n<summary>{summary}</summary>\n\n"));
        body(self);
        self.text.push_str("</details>\n\n");
    }
}

/// Returns a finding, or several rules that could not be judged for one reason, in one line.
fn item(group: &[&Finding]) -> String {
    let Some(finding) = group.first() else { return String::new() };
    let place = finding.location.as_ref().map(|location| format!(", {}", value(&location.to_string())));
    let more = match group.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!(
        "- {}: {} ({}{more}{})\n",
        finding.level.word(),
        prose(finding.message.as_str()),
        value(finding.rule.as_str()),
        place.unwrap_or_default()
    )
}

fn changes(report: &Report, page: &mut Page) {
    let Some(changes) = report.changes.as_ref().filter(|changes| !changes.is_empty()) else { return };
    let count = |kind| changes.iter().filter(|line| line.kind == kind).count();
    let summary = format!(
        "Packages: {} added, {} removed, {} updated",
        count(ChangeKind::Added),
        count(ChangeKind::Removed),
        count(ChangeKind::Changed)
    );
    let table = |page: &mut Page| {
        page.text.push_str("| | package | before | now | lock file |\n|---|---|---|---|---|\n");
        let left_out = page.list(changes.iter().map(row));
        page.remark(left_out, "package is", "packages are");
    };
    if changes.len() > MAX_OPEN_CHANGES {
        page.folded(&summary, table);
    } else {
        page.text.push_str(&format!("### {summary}\n\n"));
        table(page);
    }
}

fn row(line: &ChangeLine) -> String {
    let version = |version: &Option<Text>| {
        version.as_ref().filter(|text| !text.as_str().is_empty()).map(|text| value(text.as_str()).into_owned())
    };
    let what = match line.kind {
        ChangeKind::Added => "added".to_owned(),
        ChangeKind::Removed => "removed".to_owned(),
        ChangeKind::Changed if line.before == line.after => format!("changed: {}", line.fields.join(", ")),
        ChangeKind::Changed => "updated".to_owned(),
    };
    format!(
        "| {what} | {} | {} | {} | {} |\n",
        value(line.name.as_str()),
        version(&line.before).unwrap_or_default(),
        version(&line.after).unwrap_or_default(),
        value(&line.path.to_string())
    )
}

fn details(report: &Report, groups: &[Vec<&Finding>], page: &mut Page) {
    if groups.is_empty() {
        return;
    }
    page.folded("Why, and what to do", |page| {
        let left_out = page.list(groups.iter().map(|group| advice(report, group)));
        page.remark(left_out, "finding is", "findings are");
    });
}

fn advice(report: &Report, group: &[&Finding]) -> String {
    let Some(finding) = group.first() else { return String::new() };
    let mut lines = vec![format!("- {}", prose(finding.message.as_str()))];
    let known = rule::rule(finding.rule.as_str());
    if group.len() > 1 {
        let rules: Vec<String> = group.iter().map(|finding| value(finding.rule.as_str()).into_owned()).collect();
        lines.push(format!("rules: {}", rules.join(", ")));
    } else if let Some(rule) = known {
        lines.push(format!("why: {}", prose(rule.why)));
    }
    lines.push(format!("fix: {}", prose(finding.help.as_str())));
    for related in finding.related.iter().take(MAX_NOTES) {
        lines.push(format!("see: {}", value(&related.to_string())));
    }
    lines.push(format!("policy: {}", value(&report.level_in_words(finding))));
    if group.len() == 1 {
        lines.push(format!("fingerprint: `{}`", finding.fingerprint));
        if let Some(rule) = known {
            lines.push(format!("more: `portcullis explain {}`", rule.id));
        }
    }
    format!("{}\n", lines.join("\n  - "))
}

/// Returns a value as a code span.
fn value(text: &str) -> Cow<'_, str> {
    match text {
        "" => Cow::Borrowed("(empty)"),
        text => Cow::Owned(span(&shortened(text, VALUE_WIDTH))),
    }
}

/// Returns text as a code span. The two characters that could end it, or the cell of a table around it, are written
/// as the escapes that every report uses.
fn span(text: &str) -> String {
    format!("`{}`", text.replace('`', "\\x60").replace('|', "\\x7c"))
}

/// Returns a message: its values as code spans, our words around them as they are. A message in which a value holds
/// a backtick reads as if values were words; so words that could do anything make all of it one code span.
fn prose(message: &str) -> String {
    let message = shortened_values(message, VALUE_WIDTH);
    let message = shortened(&message, MESSAGE_WIDTH);
    let pieces: Vec<&str> = message.split('`').collect();
    let words = || pieces.iter().step_by(2);
    if pieces.len() % 2 == 0 || !words().all(|piece| is_plain(piece)) {
        return span(&message);
    }
    let mut out = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match (index % 2, *piece) {
            (0, words) => out.push_str(words),
            (_, text) => out.push_str(&value(text)),
        }
    }
    out
}

/// Whether words mean nothing in Markdown and nothing to GitHub, which makes links of addresses that begin with
/// `www.`, of `GH-1` and of commit ids.
fn is_plain(words: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || " ,;.()'’…%-+/".contains(character);
    let lower = words.to_ascii_lowercase();
    let is_commit = |word: &str| word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    words.chars().all(|character| is_plain(character) || character == ':')
        && !["://", "www.", "gh-", "--- "].iter().any(|start| lower.contains(start))
        && !lower.split(|character: char| !character.is_ascii_alphanumeric()).any(is_commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str) {
        assert_eq!(prose(message), expected, "{message}");
    }

    #[test]
    fn values_are_code_and_words_are_words() {
        check("`ms 2.1.3` has new contents under the same version", "`ms 2.1.3` has new contents under the same version");
        check("`a|b` could not be read: expected 4 MiB, found none", "`a\\x7cb` could not be read: expected 4 MiB, found none");
        check("`` is empty", "(empty) is empty");
    }

    #[test]
    fn a_value_that_reads_like_words_is_code_with_all_the_rest() {
        check("`a` @admin <b> `c` is new", "`\\x60a\\x60 @admin <b> \\x60c\\x60 is new`");
        check("`a` [x](y) `c` is new", "`\\x60a\\x60 [x](y) \\x60c\\x60 is new`");
        check("`a` is `new", "`\\x60a\\x60 is \\x60new`");
        for words in ["www.host.example", "http://host", "#1", "GH-12", "deadbeef1", "*a*", "a_b_", "~a~", "$a$", "日"] {
            assert!(!is_plain(words), "{words}");
        }
        for words in ["is added", "deadbee1x and feed", "ghost", "with --base, or staged (see there)"] {
            assert!(is_plain(words), "{words}");
        }
    }
}
