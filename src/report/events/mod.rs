//! Formats of events, for what collects those of many hosts: one file each. Here is what they have in common: the time they
//! state, how much a finding weighs, where it is.

pub(super) mod ecs;
pub(super) mod ocsf;

use std::io;

use jiff::Timestamp;

use crate::finding::{Baseline, Finding, Level};
use crate::gate::Report;
use crate::rule::Rule;

/// What the program calls itself.
const NAME: &str = env!("CARGO_PKG_NAME");

/// Returns the time that events state: the one that the report states.
fn time(report: &Report) -> io::Result<Timestamp> {
    let stated = report.at.as_ref().and_then(|at| at.as_str().parse().ok());
    stated.ok_or_else(|| io::Error::other("expected a report that states its time, found one without"))
}

/// Returns how much a finding weighs, from 1 (for information) to 5 (critical), and the word: by the fact that it is about,
/// else by what the policy makes of it.
fn severity(finding: &Finding) -> (u8, &'static str) {
    match finding.evidence.get("severity").map(|severity| severity.as_str()) {
        Some("info") => (1, "Informational"),
        Some("low") => (2, "Low"),
        Some("medium") => (3, "Medium"),
        Some("high") => (4, "High"),
        Some("critical") => (5, "Critical"),
        Some(_) | None => match finding.level {
            Level::Deny => (4, "High"),
            Level::Warn => (3, "Medium"),
            Level::Allow => (2, "Low"),
        },
    }
}

/// Returns the word for how a finding compares with the baseline.
fn baseline(baseline: Baseline) -> &'static str {
    match baseline {
        Baseline::New => "new",
        Baseline::Unchanged => "unchanged",
        Baseline::Absent => "absent",
    }
}

/// Returns the path of a finding's place; on a host it is from the root on.
fn path(report: &Report, finding: &Finding) -> String {
    let path = finding.location.as_ref().map(|location| crate::text!("{}", location.path).to_string());
    let is_of_host = crate::rule::domain(finding.rule.as_str()) == crate::rule::host::DOMAIN && report.host.is_some();
    let slash = if is_of_host { "/" } else { "" };
    format!("{slash}{}", path.unwrap_or_default())
}

/// Returns the page of the weakness behind a rule, where its references name one.
fn page(rule: &Rule) -> Option<String> {
    let weakness = rule.references.iter().find(|reference| reference.scheme == "cwe")?;
    let number = weakness.id.strip_prefix("CWE-")?;
    Some(format!("https://cwe.mitre.org/data/definitions/{number}.html"))
}
