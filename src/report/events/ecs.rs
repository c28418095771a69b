//! `ndjson-ecs`: one finding a line, in the fields of the Elastic Common Schema, for what collects events of many hosts.
//!
//! A finding is the state of a setting that was measured (`event.kind` is `state`). What ECS has no field for stands in
//! `labels`, whose values are words; controls stand in `tags`.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::super::{Format, Style};
use super::NAME;
use crate::finding::{Baseline, Finding, State};
use crate::gate::{HostLine, Report};
use crate::rule;
use crate::text::Text;

pub(in crate::report) static FORMAT: Format = Format {
    id: "ndjson-ecs",
    summary: "one finding a line in fields of ECS 9.4, for Elastic and its kin",
    states_time: true,
    render,
};

/// The version of the schema whose fields these are.
const ECS_VERSION: &str = "9.4.0";

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    ecs: Versioned,
    event: Categories<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<Host<'a>>,
    rule: Rule<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File>,
    observer: Observer,
    message: &'a str,
    labels: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Versioned {
    version: &'static str,
}

#[derive(Serialize)]
struct Categories<'a> {
    kind: &'static str,
    category: [&'static str; 1],
    #[serde(rename = "type")]
    kinds: [&'static str; 1],
    outcome: &'static str,
    severity: u8,
    code: &'a str,
    module: &'static str,
    dataset: &'static str,
    provider: &'static str,
}

#[derive(Serialize)]
struct Host<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<System<'a>>,
}

#[derive(Serialize)]
struct System<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    platform: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    category: &'a str,
    ruleset: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

#[derive(Serialize)]
struct File {
    path: String,
}

#[derive(Serialize)]
struct Observer {
    #[serde(rename = "type")]
    kind: &'static str,
    product: &'static str,
    version: &'static str,
}

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let timestamp = super::time(report)?.to_string();
    for finding in &report.findings {
        serde_json::to_writer(&mut *out, &event(report, finding, &timestamp))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn event<'a>(report: &'a Report, finding: &'a Finding, timestamp: &str) -> Event<'a> {
    let id = finding.rule.as_str();
    let known = rule::rule(id);
    Event {
        timestamp: timestamp.to_owned(),
        ecs: Versioned { version: ECS_VERSION },
        event: Categories {
            kind: "state",
            category: ["configuration"],
            kinds: ["info"],
            outcome: outcome(finding),
            severity: super::severity(finding).0,
            code: id,
            module: NAME,
            dataset: "portcullis.finding",
            provider: NAME,
        },
        host: report.host.as_ref().and_then(host),
        rule: Rule {
            id,
            name: known.map(|rule| rule.summary),
            description: known.map(|rule| rule.why),
            category: rule::domain(id),
            ruleset: report.policy.name.as_str(),
            reference: known.and_then(super::page),
        },
        file: finding.location.as_ref().map(|_| File { path: super::path(report, finding) }),
        observer: Observer { kind: "scanner", product: NAME, version: env!("CARGO_PKG_VERSION") },
        message: finding.message.as_str(),
        labels: labels(finding),
        tags: Report::controls(finding).iter().map(|control| format!("{} {}", control.scheme, control.id)).collect(),
    }
}

/// What became of the check, from where it was asked: that something cannot be told is no outcome.
fn outcome(finding: &Finding) -> &'static str {
    match (finding.baseline, finding.state) {
        (Some(Baseline::Absent), _) => "success",
        (_, State::Fail | State::Waived) => "failure",
        (_, State::NotDetermined | State::NotApplicable | State::Error) => "unknown",
    }
}

fn host(host: &HostLine) -> Option<Host<'_>> {
    let name = host.name.as_ref().map(Text::as_str);
    let os = host.system.as_ref().map(|system| System {
        kind: "linux",
        platform: system.as_str(),
        full: host.system_name.as_ref().map(Text::as_str),
        version: host.system_version.as_ref().map(Text::as_str),
    });
    (name.is_some() || os.is_some()).then_some(Host { name, os })
}

fn labels(finding: &Finding) -> BTreeMap<&'static str, String> {
    let mut labels = BTreeMap::from([
        ("fingerprint", finding.fingerprint.clone()),
        ("help", finding.help.to_string()),
        ("level", finding.level.word().to_owned()),
        ("state", finding.state.word().to_owned()),
        ("subject", finding.subject.id.to_string()),
        ("subject_kind", finding.subject.kind.to_owned()),
    ]);
    if let Some(baseline) = finding.baseline {
        labels.insert("baseline", super::baseline(baseline).to_owned());
    }
    if let Some(position) = finding.location.as_ref().and_then(|location| location.position) {
        labels.insert("line", position.line.to_string());
    }
    for name in ["fact", "found", "expected"] {
        if let Some(value) = finding.evidence.get(name) {
            labels.insert(name, value.to_string());
        }
    }
    if let Some(waiver) = &finding.waiver {
        labels.insert("waived_by", waiver.owner.to_string());
    }
    labels
}
