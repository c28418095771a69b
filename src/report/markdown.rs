//! `markdown`: a page for a reviewer, in a comment on a pull request or in the summary of a job.
//!
//! Whatever comes from the tree stands in code spans, in which GitHub forms no link, no mention, no reference and no
//! element. The page stays under what a comment of GitHub holds, and says what it leaves out.

use std::borrow::Cow;
use std::io;

use super::{Format, Style};
use crate::diff::ChangeKind;
use crate::finding::{Finding, Level};
use crate::gate::{ChangeLine, ControlLine, Report, plural};
use crate::rule;
use crate::text::{Text, shortened, shortened_values};

pub(super) static FORMAT: Format = Format {
    id: "markdown",
    summary: "a page for a pull request's comment or a job's summary",
    states_time: false,
    render,
};

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

/// How many controls stand open; more are folded.
const MAX_OPEN_CONTROLS: usize = 10;

/// How many notes and inputs are shown, so that the frame of the page is small.
const MAX_NOTES: usize = 8;

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = report.groups();
    let frame = Frame::of(report);
    // Each of the five lists may be cut, and folded.
    let lists = 5 * (MAX_REMARK + 128);
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
    controls(report, &mut page);
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

/// Writes which controls of a benchmark are covered, and lists what a reader has to look at.
fn controls(report: &Report, page: &mut Page) {
    let Some(controls) = &report.controls else { return };
    page.text.push_str(&format!("### Controls\n\n{}\n\n", controls.in_words()));
    let open: Vec<String> = controls.open().map(control).collect();
    if open.is_empty() {
        return;
    }
    let list = |page: &mut Page| {
        let left_out = page.list(open.iter().cloned());
        page.remark(left_out, "control is", "controls are");
    };
    if open.len() > MAX_OPEN_CONTROLS { page.folded("Controls to look at", list) } else { list(page) }
}

fn control(control: &ControlLine) -> String {
    format!("- {}: {}, {}\n", control.state, span(control.id), span(&control.deciding().join(", ")))
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
        if changes.first().is_some_and(|first| row(first).len() <= page.left) {
            page.text.push_str("| | package | before | now | lock file |\n|---|---|---|---|---|\n");
        }
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
    lines.push(fix(finding.help.as_str()));
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

/// Returns a message: its values as code spans, our words around them as they are. A value that holds a backtick
/// reads as if parts of it were words; so a word that could do anything is a code span as well.
fn prose(message: &str) -> String {
    let message = shortened_values(message, VALUE_WIDTH);
    let message = shortened(&message, MESSAGE_WIDTH);
    if message.matches('`').count() % 2 == 1 {
        return span(&message);
    }
    let mut out = String::new();
    for (index, piece) in message.split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(&value(piece));
        } else {
            let words: Vec<Cow<'_, str>> = piece.split(' ').map(word).collect();
            out.push_str(&words.join(" "));
        }
    }
    out
}

/// Returns a word as it is where it means nothing, else as a code span, without the punctuation behind it.
fn word(word: &str) -> Cow<'_, str> {
    if is_plain(word) {
        // Brackets name sections of the policy. Escaped, they form no link.
        return if word.contains(['[', ']']) {
            Cow::Owned(word.replace('[', "\\[").replace(']', "\\]"))
        } else {
            Cow::Borrowed(word)
        };
    }
    let kept = word.trim_end_matches([',', ';', ':', '.']);
    let behind = word.strip_prefix(kept).unwrap_or_default();
    Cow::Owned(format!("{}{behind}", span(kept)))
}

/// Whether a word means nothing in Markdown and nothing to GitHub, which makes links of addresses that begin with
/// `www.`, of `GH-1` and of commit ids.
fn is_plain(word: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || ",:;.()[]'’…%-+/".contains(character);
    let lower = word.to_ascii_lowercase();
    let is_commit = |part: &str| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    word.chars().all(is_plain)
        && !["://", "www.", "gh-"].iter().any(|start| lower.contains(start))
        && !lower.split(|character: char| !character.is_ascii_alphanumeric()).any(is_commit)
}

/// Returns what to do, in an item of a list: a sentence, and below it the lines that are to be written somewhere.
fn fix(help: &str) -> String {
    let (sentence, block) = help.split_once('\n').unwrap_or((help, ""));
    let mut out = format!("fix: {}", prose(sentence));
    if !block.is_empty() {
        out.push_str("\n\n    ```\n");
        for line in block.lines().take(MAX_NOTES) {
            out.push_str(&format!("    {}\n", shortened(line, MESSAGE_WIDTH).replace('`', "\\x60")));
        }
        out.push_str("    ```\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str) {
        assert_eq!(prose(message), expected, "{message}");
    }

    #[test]
    fn values_are_code_and_words_are_words() {
        check(
            "`ms 2.1.3` has new contents under the same version",
            "`ms 2.1.3` has new contents under the same version",
        );
        check(
            "`a|b` could not be read: expected 4 MiB, found none",
            "`a\\x7cb` could not be read: expected 4 MiB, found none",
        );
        check("`` is empty", "(empty) is empty");
        check("leave it out by [tree] exclude", "leave it out by \\[tree\\] exclude");
    }

    #[test]
    fn a_value_that_reads_like_words_is_code_where_it_could_do_anything() {
        check("`a` @admin <b> `c` is new", "`a` `@admin` `<b>` `c` is new");
        check("`a` [x](y) `c` is new", "`a` \\[x\\](y) `c` is new");
        check("`a` ![x](y), https://host. `c` is new", "`a` `![x](y)`, `https://host`. `c` is new");
        check("`a` is `new", "`\\x60a\\x60 is \\x60new`");
        for word in ["www.host.example", "http://host", "#1", "GH-12", "deadbeef1", "*a*", "a_b_", "~a~", "$a$", "日"]
        {
            assert!(!is_plain(word), "{word}");
        }
        for word in ["added", "deadbee1x", "feed", "ghost", "--base,", "(there)", ""] {
            assert!(is_plain(word), "{word}");
        }
    }

    #[test]
    fn lines_to_write_somewhere_stand_in_a_block() {
        assert_eq!(
            fix("write:\n[a]\nb = \"```\""),
            "fix: write:\n\n    ```\n    [a]\n    b = \"\\x60\\x60\\x60\"\n    ```\n"
        );
        assert_eq!(fix("do `this`"), "fix: do `this`");
    }
}
