//! Output formats, one file each. A report renders what the gate answered and decides nothing.

mod events;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod sarif;
pub mod schema;

use std::io;

use crate::gate::Report;

/// Every output format, in the order of their ids.
pub static FORMATS: &[&Format] = &[
    &github::FORMAT,
    &human::FORMAT,
    &json::FORMAT,
    &junit::FORMAT,
    &markdown::FORMAT,
    &ndjson::FORMAT,
    &events::ecs::FORMAT,
    &events::ocsf::FORMAT,
    &sarif::FORMAT,
];

/// An output format.
pub struct Format {
    /// Its id.
    pub id: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Whether it must state a time, which others state only where the user gives one.
    pub states_time: bool,
    /// Writes a report.
    pub render: fn(&Report, Style, &mut dyn io::Write) -> io::Result<()>,
}

/// How a report looks where the format leaves room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colours may be written.
    pub color: Color,
    /// How many characters a line has.
    pub width: usize,
}

/// Whether escape sequences for colours may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// They may.
    Ansi,
    /// They may not.
    Plain,
}

/// How many characters a line has where no terminal says.
pub const DEFAULT_WIDTH: usize = 120;

/// Returns the format of an id.
#[must_use]
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.id == id)
}
