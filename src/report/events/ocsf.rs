//! `ndjson-ocsf`: one finding a line, each a Compliance Finding of the Open Cybersecurity Schema Framework.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::super::{Format, Style};
use super::NAME;
use crate::finding::{Baseline, Finding, Reference, State};
use crate::gate::{HostLine, Report};
use crate::rule;
use crate::text::Text;

pub(in crate::report) static FORMAT: Format = Format {
    id: "ndjson-ocsf",
    summary: "one finding a line, each a Compliance Finding of OCSF 1.8",
    states_time: true,
    render,
};

/// The version of the schema.
const OCSF_VERSION: &str = "1.8.0";

/// Category and class: Findings, Compliance Finding.
const CATEGORY: u32 = 2;
const CLASS: u32 = 2003;

#[derive(Serialize)]
struct Event<'a> {
    activity_id: u32,
    activity_name: &'static str,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    severity_id: u8,
    severity: &'static str,
    status_id: u32,
    status: &'static str,
    time: i64,
    metadata: Metadata,
    finding_info: FindingInfo<'a>,
    compliance: Compliance<'a>,
    message: &'a str,
    remediation: Remediation<'a>,
    resources: [Resource<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device<'a>>,
    evidences: [Evidence<'a>; 1],
    unmapped: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct Metadata {
    version: &'static str,
    product: Product,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FindingInfo<'a> {
    uid: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    desc: Option<&'a str>,
    types: [&'a str; 1],
}

#[derive(Serialize)]
struct Compliance<'a> {
    standards: Vec<&'a str>,
    control: &'a str,
    status_id: u32,
    status: &'static str,
    status_code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Check<'a> {
    uid: &'a str,
    standards: [&'a str; 1],
    status_id: u32,
    status: &'static str,
}

#[derive(Serialize)]
struct Remediation<'a> {
    desc: &'a str,
}

#[derive(Serialize)]
struct Resource<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<&'a str>,
}

#[derive(Serialize)]
struct Device<'a> {
    hostname: &'a str,
    type_id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<System<'a>>,
}

#[derive(Serialize)]
struct System<'a> {
    name: &'a str,
    type_id: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    data: Data<'a>,
}

/// The values that the finding rests on, and the place to edit.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    values: &'a BTreeMap<&'static str, Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let time = super::time(report)?.as_millisecond();
    for finding in &report.findings {
        serde_json::to_writer(&mut *out, &event(report, finding, time))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn event<'a>(report: &'a Report, finding: &'a Finding, time: i64) -> Event<'a> {
    let known = rule::rule(finding.rule.as_str());
    let (activity_id, activity_name) = activity(finding.baseline);
    let (severity_id, severity) = super::severity(finding);
    let (status_id, status) = status(finding);
    let mut unmapped = BTreeMap::from([("level", finding.level.word()), ("policy", report.policy.name.as_str())]);
    if let Some(baseline) = finding.baseline {
        unmapped.insert("baseline", super::baseline(baseline));
    }
    Event {
        activity_id,
        activity_name,
        category_uid: CATEGORY,
        category_name: "Findings",
        class_uid: CLASS,
        class_name: "Compliance Finding",
        type_uid: CLASS * 100 + activity_id,
        severity_id,
        severity,
        status_id,
        status,
        time,
        metadata: Metadata {
            version: OCSF_VERSION,
            product: Product { name: NAME, vendor_name: NAME, version: env!("CARGO_PKG_VERSION") },
        },
        finding_info: FindingInfo {
            uid: &finding.fingerprint,
            title: known.map_or(finding.rule.as_str(), |rule| rule.summary),
            desc: known.map(|rule| rule.why),
            types: [finding.rule.as_str()],
        },
        compliance: compliance(report, finding),
        message: finding.message.as_str(),
        remediation: Remediation { desc: finding.help.as_str() },
        resources: [Resource {
            name: finding.subject.id.as_str(),
            kind: finding.subject.kind,
            hostname: report.host.as_ref().and_then(|host| host.name.as_ref()).map(Text::as_str),
        }],
        device: report.host.as_ref().and_then(device),
        evidences: [Evidence {
            data: Data {
                values: &finding.evidence,
                path: finding.location.as_ref().map(|_| super::path(report, finding)),
                line: finding.location.as_ref().and_then(|location| location.position).map(|position| position.line),
            },
        }],
        unmapped,
    }
}

/// What the event tells of the finding: it is there for the first time, still there, or there no longer.
fn activity(baseline: Option<Baseline>) -> (u32, &'static str) {
    match baseline {
        None | Some(Baseline::New) => (1, "Create"),
        Some(Baseline::Unchanged) => (2, "Update"),
        Some(Baseline::Absent) => (3, "Close"),
    }
}

/// What became of the finding itself: a waiver suppresses it, and what is there no longer is resolved.
fn status(finding: &Finding) -> (u32, &'static str) {
    match (finding.state, finding.baseline) {
        (_, Some(Baseline::Absent)) => (4, "Resolved"),
        (State::Waived, _) => (3, "Suppressed"),
        (_, Some(Baseline::Unchanged)) => (99, "Unchanged"),
        (_, Some(Baseline::New) | None) => (1, "New"),
    }
}

/// How the check ended. `Warning` is OCSF's word for one without a result, for lack of information.
fn compliance<'a>(report: &Report, finding: &'a Finding) -> Compliance<'a> {
    let (status_id, status) = match (finding.baseline, finding.state) {
        (Some(Baseline::Absent), _) => (1, "Pass"),
        (_, State::Fail | State::Waived) => (3, "Fail"),
        (_, State::NotDetermined | State::Error) => (2, "Warning"),
        (_, State::NotApplicable) => (99, "Not applicable"),
    };
    let of_benchmark = |control: &&Reference| report.controls.as_ref().is_some_and(|all| all.scheme == control.scheme);
    let controls = Report::controls(finding);
    // The control that was asked for, where a benchmark was. Without a published control, the rule is its own.
    let first = controls.iter().find(of_benchmark).or(controls.first());
    let (scheme, control) = first.map_or((NAME, finding.rule.as_str()), |first| (first.scheme, first.id));
    let mut standards: Vec<&str> = controls.iter().map(|control| control.scheme).chain([scheme]).collect();
    standards.sort_unstable();
    standards.dedup();
    let check = |control: &Reference| Check { uid: control.id, standards: [control.scheme], status_id, status };
    let checks = controls.iter().map(check).collect();
    Compliance { standards, control, status_id, status, status_code: finding.state.word(), checks }
}

/// The device has a name, or is not told of: OCSF wants one. What kind of machine it is, is not known.
fn device(host: &HostLine) -> Option<Device<'_>> {
    let os = host.system.as_ref().map(|system| System {
        name: host.system_name.as_ref().unwrap_or(system).as_str(),
        type_id: 200,
        kind: "Linux",
        version: host.system_version.as_ref().map(Text::as_str),
    });
    host.name.as_ref().map(|name| Device { hostname: name.as_str(), type_id: 0, os })
}
