//! People, organisations and tools, each one line of text (SPDX 2.3, sections 6.8, 7.5 and 12.1).

use std::borrow::Cow;

use crate::sbom::model::{Losses, Party, PartyKind, Stated, Tool, Words};
use crate::sbom::spdx2::NO_ASSERTION;

/// Who made a document, or a part of it.
pub(super) enum Creator<'a> {
    /// A person or an organisation.
    Party(Party<'a>),
    /// A program.
    Tool(Tool<'a>),
}

/// Reads one line.
pub(super) fn creator(text: Words<'_>) -> Creator<'_> {
    match after(&text, "Tool:") {
        Some(tool) => Creator::Tool(self::tool(tool)),
        None => Creator::Party(party(text)),
    }
}

/// Reads a line that may say that nothing is known.
pub(super) fn stated(text: Option<Words<'_>>) -> Stated<Party<'_>> {
    match text {
        None => Stated::Absent,
        Some(text) if text == NO_ASSERTION => Stated::Unknown,
        Some(text) => Stated::Value(party(text)),
    }
}

fn party(text: Words<'_>) -> Party<'_> {
    let kinds = [("Person:", PartyKind::Person), ("Organization:", PartyKind::Organization)];
    for (word, kind) in kinds {
        if let Some(rest) = after(&text, word) {
            let (name, email) = split_email(&rest);
            let emails = email.map(|email| Cow::Owned(email.to_owned())).into_iter().collect();
            let name = Some(Cow::Owned(name.to_owned())).filter(|name: &Words<'_>| !name.is_empty());
            return Party { kind, name, emails, urls: Vec::new() };
        }
    }
    Party { kind: PartyKind::Unstated, name: Some(text), ..Party::default() }
}

/// Returns the rest of a line that begins with `word`.
fn after<'t>(text: &'t str, word: &str) -> Option<Cow<'t, str>> {
    text.trim_start().strip_prefix(word).map(|rest| Cow::Borrowed(rest.trim()))
}

/// Parts a name from the address in brackets behind it, which may be empty.
fn split_email(text: &str) -> (&str, Option<&str>) {
    let parted = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    match parted {
        Some((name, "")) => (name.trim_end(), None),
        Some((name, email)) if email.contains('@') => (name.trim_end(), Some(email.trim())),
        _ => (text, None),
    }
}

/// The version is the text behind the last `-` that a digit follows.
fn tool<'a>(text: Cow<'_, str>) -> Tool<'a> {
    let dash = text.rmatch_indices('-').map(|(at, _)| at).find(|at| {
        *at > 0 && text.get(at + 1..).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    });
    let (name, version) = match dash.and_then(|at| text.split_at_checked(at)) {
        Some((name, version)) => (name, version.get(1..)),
        None => (&*text, None),
    };
    let owned = |text: &str| Cow::Owned(text.to_owned());
    Tool { vendor: None, name: owned(name), version: version.map(owned) }
}

/// Writes a party; `what` names the losses. One that is not said to be either is an organisation, as most are.
pub(super) fn render(party: &Party<'_>, what: &str, losses: &mut Losses) -> String {
    losses.note_many(&format!("{what}.url"), party.urls.len());
    let kind = match party.kind {
        PartyKind::Person => "Person",
        PartyKind::Organization | PartyKind::Unstated => "Organization",
        PartyKind::Software => "Tool",
    };
    let mut emails = party.emails.iter();
    // Who has no name is named by an address.
    let name = match party.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => emails.next().or(party.urls.first()).map_or("anonymous", |address| address.trim()),
    };
    let email = emails.next().filter(|_| kind != "Tool");
    losses.note_many(&format!("{what}.email"), emails.count());
    let line = match email {
        Some(email) => format!("{kind}: {name} ({})", email.trim()),
        None => format!("{kind}: {name}"),
    };
    one_line(&line)
}

/// Writes a tool.
pub(super) fn render_tool(tool: &Tool<'_>, losses: &mut Losses) -> String {
    losses.note_if("tools.vendor", tool.vendor.is_some());
    let name = if tool.name.trim().is_empty() { "anonymous" } else { &*tool.name };
    let line = match tool.version.as_deref() {
        Some(version) => format!("Tool: {name}-{version}"),
        None => format!("Tool: {name}"),
    };
    one_line(&line)
}

/// Returns a name in one line, NOASSERTION where there is none.
pub(super) fn name(text: &str, losses: &mut Losses) -> String {
    let line = one_line(text);
    losses.note_if("line breaks in names", line != text);
    if line.is_empty() { NO_ASSERTION.to_owned() } else { line }
}

/// Returns a text without line breaks, which one line cannot hold.
fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r']) {
        text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
}
