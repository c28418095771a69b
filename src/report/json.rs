//! `json`: the report as a public contract. Its schema is `report.schema.json`.

use std::io::{self, BufWriter, Write as _};

use serde::Serialize;

use super::{Format, Style};
use crate::finding::{Finding, Verdict};
use crate::gate::{ArtifactLine, ControlLine, Controls, FactLine, PolicySummary, Report, SbomLine, Summary};
use crate::text::Text;
use crate::tree::Input;

pub(super) static FORMAT: Format =
    Format { id: "json", summary: "everything, for programs", states_time: false, render };

/// The version of the report's form. A field that is added raises the second number, any other change the first.
pub(super) const SCHEMA_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: Tool,
    verdict: Verdict,
    policy: &'a PolicySummary,
    inputs: &'a [Input],
    at: &'a Option<Text>,
    summary: &'a Summary,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<&'a [ArtifactLine]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sboms: Option<&'a [SbomLine]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<&'a [FactLine]>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    benchmark: Option<Benchmark<'a>>,
}

/// The benchmark, and the list of its controls beside it.
#[derive(Serialize)]
struct Benchmark<'a> {
    benchmark: Coverage<'a>,
    controls: &'a [ControlLine],
}

#[derive(Serialize)]
struct Coverage<'a> {
    profile: &'a str,
    title: &'a str,
    controls_covered: u64,
}

impl<'a> Benchmark<'a> {
    fn of(controls: &'a Controls) -> Self {
        let Controls { profile, title, covered, controls, .. } = controls;
        Self { benchmark: Coverage { profile, title, controls_covered: *covered }, controls }
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let Report { verdict, policy, inputs, at, summary, findings, artifacts, sboms, facts, controls, .. } = report;
    let tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool,
        verdict: *verdict,
        policy,
        inputs,
        at,
        summary,
        findings,
        artifacts: artifacts.as_deref(),
        sboms: sboms.as_deref(),
        facts: facts.as_deref(),
        benchmark: controls.as_ref().map(Benchmark::of),
    };
    // It is written in very small pieces.
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}
