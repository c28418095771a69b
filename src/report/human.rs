//! `human`: findings as a reader needs them, with the line to edit, why it matters and what to do.

use std::io;

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Group, Level as Mark, Origin, Snippet};
use anstyle::{AnsiColor, Style as Paint};

use super::{Color, Format, Style};
use crate::diff::ChangeKind;
use crate::fact::Location;
use crate::finding::{Finding, Level, Verdict};
use crate::gate::{ChangeLine, Report, Window};
use crate::rule;
use crate::sbom::profile;
use crate::text::{Text, shortened, shortened_values};

pub(super) static FORMAT: Format = Format {
    id: "human",
    summary: "for people: each finding with its line, why and how to fix",
    states_time: false,
    render,
};

/// How many characters of a value are shown: half a line, within reason.
fn value_width(style: Style) -> usize {
    (style.width / 2).clamp(24, 60)
}

/// How many characters of a name or version a list of changes shows.
const MAX_NAME: usize = 60;

/// How many changes are listed before the rest is only counted.
const MAX_CHANGES: usize = 40;

/// How many published controls a finding shows.
const MAX_CONTROLS: usize = 5;

fn render(report: &Report, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for group in report.groups() {
        out.write_all(block(report, style, &group).as_bytes())?;
        out.write_all(b"\n\n")?;
    }
    changes(report, out)?;
    artifacts(report, out)?;
    sboms(report, style, out)?;
    controls(report, out)?;
    summary(report, style, out)
}

fn block(report: &Report, style: Style, group: &[&Finding]) -> String {
    let Some(finding) = group.first() else { return String::new() };
    let id = match group.len() {
        1 => finding.rule.to_string(),
        count => format!("{} and {} more", finding.rule, count - 1),
    };
    let mark = mark(finding.level).with_name(finding.level.word());
    let message = shortened_values(finding.message.as_str(), 2 * value_width(style));
    let title = mark.primary_title(message).id(id);
    let mut shown = Group::with_title(title);
    if let Some(location) = &finding.location {
        shown = place(shown, report, style, finding, location);
    } else if report.artifacts.is_some() {
        // Of many artifacts, the one that is meant.
        shown = shown.element(Origin::path(finding.subject.id.to_string()));
    }
    for related in &finding.related {
        shown = shown.element(Mark::NOTE.with_name("see").message(related.to_string()));
    }
    for (name, text) in notes(report, style, group) {
        shown = shown.element(Mark::NOTE.with_name(name).message(text));
    }
    let renderer = match style.color {
        Color::Ansi => Renderer::styled(),
        Color::Plain => Renderer::plain(),
    };
    let text = renderer.term_width(style.width).render(&[shown]);
    match finding.location.as_ref().and_then(|location| mistaken_place(report, style, location)) {
        Some((found, right)) => text.replacen(&found, &right, 1),
        None => text,
    }
}

/// Returns the place as the renderer counts it, in the line as it is shown, and as it is, where the two differ.
fn mistaken_place(report: &Report, style: Style, location: &Location) -> Option<(String, String)> {
    let position = location.position?;
    let window = window(report, style, location)?;
    let shown = window.before.chars().count() + 1;
    let written = |column: String| format!("{}:{}:{column}", Text::of(&location.path), position.line);
    let (found, right) = (written(shown.to_string()), written(position.column.to_string()));
    (found != right).then_some((found, right))
}

/// Returns the line of a place, cut around it.
fn window(report: &Report, style: Style, location: &Location) -> Option<Window> {
    let position = location.position?;
    let line = report.excerpts.get(&(location.path.clone(), position.line))?;
    let start = usize::try_from(position.column).ok()?.saturating_sub(1);
    let width = usize::try_from(location.width).ok()?;
    Window::of(line, start, start.saturating_add(width), value_width(style))
}

fn mark(level: Level) -> Mark<'static> {
    match level {
        Level::Deny => Mark::ERROR,
        Level::Warn => Mark::WARNING,
        Level::Allow => Mark::NOTE,
    }
}

/// Shows the line, with a caret under the place.
fn place<'a>(shown: Group<'a>, report: &Report, style: Style, finding: &Finding, location: &Location) -> Group<'a> {
    let path = Text::of(&location.path).to_string();
    let Some(position) = location.position else { return shown.element(Origin::path(path)) };
    let line = usize::try_from(position.line).unwrap_or(usize::MAX);
    let column = usize::try_from(position.column).unwrap_or(usize::MAX);
    let Some(Window { before, marked, behind }) = window(report, style, location) else {
        return shown.element(Origin::path(path).line(line).char_column(column));
    };
    let source = format!("{before}{marked}{behind}");
    // Of an empty place the character behind it is marked.
    let width = if marked.is_empty() { behind.chars().next().map_or(0, char::len_utf8) } else { marked.len() };
    let mut annotation = AnnotationKind::Primary.span(before.len()..before.len() + width);
    if let Some(label) = &finding.label {
        annotation = annotation.label(shortened_values(label.as_str(), value_width(style)));
    }
    shown.element(Snippet::source(source).path(path).line_start(line).annotation(annotation))
}

fn notes(report: &Report, style: Style, group: &[&Finding]) -> Vec<(&'static str, String)> {
    let Some(finding) = group.first() else { return Vec::new() };
    let mut notes = Vec::new();
    let has_place = finding.location.as_ref().is_some_and(|location| location.position.is_some());
    if !has_place || finding.label.is_none() {
        for (name, key) in [("was", "was"), ("now", "found")] {
            if let Some(value) = finding.evidence.get(key) {
                notes.push((name, shortened(value.as_str(), 2 * value_width(style)).into_owned()));
            }
        }
    }
    // A waiver of a policy that did not come with the tree.
    if let (None, Some(place)) = (&finding.location, finding.evidence.get("policy")) {
        notes.push(("see", place.to_string()));
    }
    match rule::rule(finding.rule.as_str()) {
        _ if group.len() > 1 => {
            notes.push(("rules", group.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>().join(", ")));
        }
        Some(rule) => notes.push(("why", rule.why.to_owned())),
        None => {}
    }
    notes.push(("fix", finding.help.to_string()));
    let controls = Report::controls(finding);
    if !controls.is_empty() && group.len() == 1 {
        let told = controls.iter().take(MAX_CONTROLS).map(|control| format!("{} {}", control.scheme, control.id));
        let mut told: Vec<String> = told.collect();
        if controls.len() > MAX_CONTROLS {
            told.push(format!("and {} more", controls.len() - MAX_CONTROLS));
        }
        notes.push(("control", told.join(", ")));
    }
    notes.push(("policy", report.level_in_words(finding)));
    if group.len() == 1 {
        if rule::rule(finding.rule.as_str()).is_some() {
            notes.push(("more", format!("portcullis explain {}", finding.rule)));
        }
        notes.push(("fingerprint", finding.fingerprint.clone()));
    }
    notes
}

fn changes(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(changes) = report.changes.as_ref().filter(|changes| !changes.is_empty()) else { return Ok(()) };
    writeln!(out, "changes:")?;
    for line in changes.iter().take(MAX_CHANGES) {
        writeln!(out, "  {}", change_line(line))?;
    }
    if changes.len() > MAX_CHANGES {
        writeln!(out, "  … and {} more (portcullis changes lists them)", changes.len() - MAX_CHANGES)?;
    }
    writeln!(out)
}

/// Writes who signed each artifact that is accepted.
fn artifacts(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(artifacts) = &report.artifacts else { return Ok(()) };
    for artifact in artifacts.iter().filter(|artifact| artifact.verdict == Verdict::Pass) {
        writeln!(out, "accepted: {}", artifact.path)?;
        for signer in &artifact.signers {
            writeln!(out, "  signed by {} ({} {})", signer.name, signer.scheme, signer.fingerprint)?;
            if let (Some(time), Some(source)) = (&signer.time, signer.time_source) {
                writeln!(out, "  at {time}, by the word of {}", source.word())?;
            }
        }
        if let Some(digest) = &artifact.digest {
            writeln!(out, "  over {digest}")?;
        }
        for note in &artifact.notes {
            writeln!(out, "  note: {note}")?;
        }
    }
    if artifacts.iter().any(|artifact| artifact.verdict == Verdict::Pass) { writeln!(out) } else { Ok(()) }
}

/// Writes what each SBOM is, and whether it is valid.
fn sboms(report: &Report, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(sboms) = &report.sboms else { return Ok(()) };
    for sbom in sboms {
        for score in &sbom.scores {
            writeln!(out, "{}", profile::render(score, style.width))?;
        }
    }
    for sbom in sboms {
        let is = match (&sbom.format, &sbom.version) {
            (Some(format), Some(version)) => format!("{format} {version}"),
            _ => "no SBOM that can be read".to_owned(),
        };
        match sbom.verdict {
            Verdict::Pass => {
                writeln!(out, "valid: {} ({is}; SPDX licence list {})", sbom.path, sbom.license_list_version)?;
            }
            Verdict::Fail | Verdict::Error => writeln!(out, "not valid: {} ({is})", sbom.path)?,
        }
    }
    writeln!(out)
}

/// Writes which controls of a benchmark are covered, and lists what a reader has to look at.
fn controls(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(controls) = &report.controls else { return Ok(()) };
    for control in controls.open() {
        writeln!(out, "{:<14}  {}  {}", control.state, control.id, control.deciding().join(", "))?;
    }
    writeln!(out, "{}\n", controls.in_words())
}

/// Returns a change in one line.
pub(crate) fn change_line(line: &ChangeLine) -> String {
    let short = |text: &Text| shortened(text.as_str(), MAX_NAME).into_owned();
    let version = |version: &Option<Text>| version.as_ref().map(short).unwrap_or_default();
    let (name, before, after) = (short(&line.name), version(&line.before), version(&line.after));
    let what = match line.kind {
        ChangeKind::Added => format!("+ {name} {after}"),
        ChangeKind::Removed => format!("- {name} {before}"),
        ChangeKind::Changed if before == after => format!("~ {name} {after} ({})", line.fields.join(", ")),
        ChangeKind::Changed => format!("~ {name} {before} -> {after}"),
    };
    format!("{what}  [{}]", line.path)
}

fn summary(report: &Report, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let color = match report.verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Fail | Verdict::Error => AnsiColor::Red,
    };
    let paint = match style.color {
        Color::Ansi => Paint::new().bold().fg_color(Some(color.into())),
        Color::Plain => Paint::new(),
    };
    writeln!(out, "{paint}gate {}{paint:#}: {}", report.verdict, report.counts_in_words())?;
    for note in &report.notes {
        writeln!(out, "  note: {note}")?;
    }
    writeln!(out, "  read: {}", report.read_in_words(str::to_owned))?;
    writeln!(out, "  policy: {} ({})", report.policy.name, report.policy.origin)?;
    if let Some(rest) = report.left_out_in_words() {
        writeln!(out, "  not shown: {rest}")?;
    }
    Ok(())
}
