//! `junit`: findings as test cases, for what shows test results.
//!
//! The form is the one that Jenkins, GitLab and their kin read. It holds no time and no random identifier, so that the
//! same run gives the same bytes.

use std::collections::BTreeMap;
use std::io;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::{Format, Style};
use crate::finding::{Baseline, Finding, Level, State, Verdict};
use crate::gate::Report;
use crate::rule;

pub(super) static FORMAT: Format = Format {
    id: "junit",
    summary: "test results in XML: a suite a rule domain, a case a finding",
    states_time: false,
    render,
};

/// The suite and the case that hold the verdict: a file without a case is no test result to most readers.
const VERDICT: (&str, &str) = ("gate", "verdict");

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut document = quick_junit::Report::new(env!("CARGO_PKG_NAME"));
    document.add_test_suite(verdict(report));
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.baseline != Some(Baseline::Absent)) {
        let domain = rule::domain(finding.rule.as_str());
        suites.entry(domain).or_insert_with(|| TestSuite::new(domain)).add_test_case(case(report, finding));
    }
    document.add_test_suites(suites.into_values());
    document.serialize(out).map_err(io::Error::other)
}

fn verdict(report: &Report) -> TestSuite {
    let (suite, case) = VERDICT;
    let status = match report.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let mut case = TestCase::new(case, status);
    let line = format!("gate {}: {}", report.verdict, report.counts_in_words());
    case.status.set_message(line);
    case.set_classname(suite);
    let mut suite = TestSuite::new(suite);
    suite.add_property(Property::new("policy", report.policy.name.as_str()));
    suite.add_property(Property::new("policy-digest", report.policy.digest.as_str()));
    suite.add_property(Property::new("read", report.read_in_words(str::to_owned)));
    suite.add_test_case(case);
    suite
}

fn case(report: &Report, finding: &Finding) -> TestCase {
    let (mut status, why) = match skipped(report, finding) {
        Some(why) => (TestCaseStatus::skipped(), why),
        None if finding.state == State::Fail => (TestCaseStatus::non_success(NonSuccessKind::Failure), String::new()),
        None => (TestCaseStatus::non_success(NonSuccessKind::Error), String::new()),
    };
    status.set_message(if why.is_empty() {
        finding.message.to_string()
    } else {
        format!("{why}: {}", finding.message)
    });
    if why.is_empty() {
        status.set_type(finding.level.word());
        status.set_description(description(report, finding));
    }
    // The subject and the fingerprint stay while lines move, so that a reader can follow a case from run to run.
    let short: String = finding.fingerprint.chars().take(12).collect();
    let mut case = TestCase::new(format!("{} [{short}]", finding.subject.id), status);
    case.set_classname(finding.rule.as_str());
    if let Some(location) = &finding.location {
        case.extra.insert("file".into(), location.path.to_string().into());
        if let Some(position) = location.position {
            case.extra.insert("line".into(), position.line.to_string().into());
        }
    }
    case
}

/// Returns why a finding is neither a failure nor an error, `None` where it is one.
fn skipped(report: &Report, finding: &Finding) -> Option<String> {
    match finding.state {
        State::Waived => {
            let by = |waiver: &crate::finding::WaiverNote| format!("waived by {}: {}", waiver.owner, waiver.reason);
            Some(finding.waiver.as_ref().map_or_else(|| "waived".to_owned(), by))
        }
        State::NotApplicable => Some("not applicable".to_owned()),
        State::Fail | State::NotDetermined | State::Error if !finding.counts(report.counts_old) => {
            Some("there before".to_owned())
        }
        State::Fail | State::NotDetermined if finding.level == Level::Allow => Some("at level allow".to_owned()),
        State::Fail | State::NotDetermined | State::Error => None,
    }
}

fn description(report: &Report, finding: &Finding) -> String {
    let mut lines = Vec::new();
    if let Some(location) = &finding.location {
        // A line must not begin with a path: a log may be read for commands.
        lines.push(format!("at: {location}"));
    }
    if let Some(rule) = rule::rule(finding.rule.as_str()) {
        lines.push(format!("why: {}", rule.why));
    }
    lines.push(format!("fix: {}", finding.help));
    lines.push(format!("policy: {}", report.level_in_words(finding)));
    lines.push(format!("fingerprint: {}", finding.fingerprint));
    lines.join("\n")
}
