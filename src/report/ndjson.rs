//! `ndjson`: one finding a line, each the object that `json` lists, for programs that read line by line.
//!
//! There is no line for the summary, so that every line is a finding and can be counted, filtered and concatenated
//! with those of other runs; the exit code is the verdict, and `json` has the rest.

use std::io;

use super::{Format, Style};
use crate::gate::Report;

pub(super) static FORMAT: Format = Format {
    id: "ndjson",
    summary: "one finding a line, as json lists them, for pipes and logs",
    states_time: false,
    render,
};

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in &report.findings {
        serde_json::to_writer(&mut *out, finding)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
