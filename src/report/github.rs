//! `github`: annotations, as workflow commands that the runner of GitHub Actions reads from the log.
//!
//! The commands are those of GitHub's documentation, "Workflow commands for GitHub Actions"; what is escaped is what
//! the runner undoes (actions/runner, `ActionCommand.cs`).

use std::io;

use super::{Format, Style};
use crate::finding::{Finding, Level};
use crate::gate::{Report, plural};
use crate::text::{Text, shortened, shortened_values};

pub(super) static FORMAT: Format = Format {
    id: "github",
    summary: "annotations on the lines of a pull request, in a log of GitHub Actions",
    states_time: false,
    render,
};

/// How many annotations of a kind GitHub shows of one step; it drops the rest without a word.
const MAX_OF_A_KIND: usize = 10;

/// How many characters of a value an annotation shows.
const VALUE_WIDTH: usize = 80;

/// How many characters of a message or a fix an annotation shows.
const MESSAGE_WIDTH: usize = 1_000;

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = report.groups();
    let mut left_out = Vec::new();
    for (level, command, one, many) in [
        (Level::Deny, "error", "more finding denied", "more findings denied"),
        (Level::Warn, "warning", "more warning", "more warnings"),
    ] {
        let of_level = || groups.iter().filter(move |group| group.first().is_some_and(|first| first.level == level));
        for group in of_level().take(MAX_OF_A_KIND) {
            annotation(report, command, group, out)?;
        }
        let rest: usize = of_level().skip(MAX_OF_A_KIND).map(Vec::len).sum();
        if rest > 0 {
            left_out.push(plural(rest as u64, one, many));
        }
    }
    if left_out.is_empty() {
        return Ok(());
    }
    // A kind of its own, so that it is not one of those that are dropped.
    let rest = format!("{}: the log and the other reports list them", left_out.join(", "));
    writeln!(out, "::notice title={}::{}", property("portcullis"), data(&rest))
}

fn annotation(report: &Report, command: &str, group: &[&Finding], out: &mut dyn io::Write) -> io::Result<()> {
    let Some(finding) = group.first() else { return Ok(()) };
    let mut properties = Vec::new();
    if let Some(location) = &finding.location {
        properties.push(format!("file={}", property(&location.path.to_string())));
        if let Some(position) = location.position {
            properties.push(format!("line={0},endLine={0}", position.line));
            properties.push(format!("col={}", position.column));
            properties.push(format!("endColumn={}", position.column.saturating_add(location.width)));
        }
    }
    let rules: Vec<&str> = group.iter().map(|finding| finding.rule.as_str()).collect();
    let title = match rules.as_slice() {
        [rule] => (*rule).to_owned(),
        [rule, others @ ..] => format!("{rule} and {} more", others.len()),
        [] => String::new(),
    };
    properties.push(format!("title={}", property(&title)));
    let short = |text: &Text| shortened(&shortened_values(text.as_str(), VALUE_WIDTH), MESSAGE_WIDTH).into_owned();
    let mut lines = vec![short(&finding.message), format!("fix: {}", short(&finding.help))];
    lines.push(format!("policy: {}", report.level_in_words(finding)));
    if rules.len() > 1 {
        lines.push(format!("rules: {}", rules.join(", ")));
    } else {
        lines.push(format!("fingerprint: {}", finding.fingerprint));
    }
    writeln!(out, "::{command} {}::{}", properties.join(","), data(&lines.join("\n")))
}

/// Escapes what stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
