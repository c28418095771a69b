//! `sarif`: SARIF 2.1.0, for code scanning: one run a rule domain.
//!
//! Section numbers are those of the OASIS standard, "Static Analysis Results Interchange Format Version 2.1.0 Plus
//! Errata 01"; what GitHub makes of a file is in its documentation, "SARIF support for code scanning", called GitHub
//! here. Every domain that was judged has its run, also without a result: an alert closes when the next run of its
//! category no longer has it. Waived findings and those that are no longer there are left out, because GitHub ignores
//! `suppressions` and `baselineState` and would show both as open.

mod document;

use std::collections::BTreeMap;
use std::io;

use document::{
    Artifact, Configuration, Described, Descriptor, Driver, Formatted, Id, Invocation, Log, Message, Notification,
    Outcome, Physical, Place, Region, ResultProperties, RuleProperties, RuleReference, Run, RunProperties, Tool,
};

use super::{Format, Style};
use crate::fact::Location;
use crate::finding::{Baseline, Finding, Level, Reference, State, Verdict};
use crate::gate::Report;
use crate::policy::POLICY_FILE;
use crate::rule;
use crate::text::{Text, shortened, shortened_values};
use crate::tree::TreePath;

pub(super) static FORMAT: Format = Format {
    id: "sarif",
    summary: "SARIF 2.1.0, for code scanning: one run a rule domain",
    states_time: false,
    render,
};

/// How many results of a run GitHub accepts; it refuses a file with more.
const MAX_RESULTS: usize = 25_000;

/// How many locations of a result GitHub shows.
const MAX_RELATED: usize = 100;

/// How many tags of a rule GitHub accepts.
const MAX_TAGS: usize = 20;

/// How many characters of a value a message shows; a file of more than 10 MB, compressed, is refused.
const VALUE_WIDTH: usize = 200;

/// How many characters a message has.
const MESSAGE_WIDTH: usize = 2_000;

/// What paths are relative to: the root of the tree, wherever it lies (§3.4.4).
const ROOT: &str = "SRCROOT";

fn render(report: &Report, _: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: report.domains().into_iter().map(|domain| run(report, domain)).collect(),
    };
    serde_json::to_writer(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn run<'a>(report: &'a Report, domain: &str) -> Run<'a> {
    let is_listed = |finding: &&Finding| {
        rule::domain(finding.rule.as_str()) == domain
            && finding.baseline != Some(Baseline::Absent)
            && !matches!(finding.state, State::Waived | State::NotApplicable)
    };
    let mut findings: Vec<&Finding> = report.findings.iter().filter(is_listed).collect();
    // Whoever reads only the beginning, GitHub among them, reads what matters most; equals stay in their order.
    findings.sort_by_key(|finding| 100 - rank(finding));
    let left_out = findings.len().saturating_sub(MAX_RESULTS);
    findings.truncate(MAX_RESULTS);
    let rules = rules(domain, &findings);
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect();
    let results = findings.iter().filter_map(|finding| Some(result(finding, *index.get(finding.rule.as_str())?)));
    Run {
        tool: Tool {
            driver: Driver {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: rules.iter().map(|rule| rule.descriptor()).collect(),
            },
        },
        automation_details: Id { id: format!("{}/{domain}/", env!("CARGO_PKG_NAME")) },
        invocations: [Invocation {
            execution_successful: report.verdict != Verdict::Error,
            exit_code: report.verdict.exit_code(),
            tool_execution_notifications: notifications(&findings, &index, left_out),
        }],
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Described { description: Message { text: "the root of the tree that was judged".to_owned() } },
        )]),
        column_kind: "unicodeCodePoints",
        properties: RunProperties {
            verdict: report.verdict,
            policy: &report.policy,
            inputs: &report.inputs,
            at: report.at.as_ref(),
        },
        results: results.collect(),
    }
}

/// Returns how important a finding is (§3.27.25): its level first, then whether it is new.
fn rank(finding: &Finding) -> u8 {
    let of_level = match finding.level {
        Level::Deny => 90,
        Level::Warn => 60,
        Level::Allow => 30,
    };
    if finding.baseline == Some(Baseline::Unchanged) { of_level - 10 } else { of_level }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}

/// A rule of a run: one of ours, or one of the policy's own, of which a report knows the findings only.
struct RuleOfRun<'a> {
    id: &'a str,
    known: Option<&'static rule::Rule>,
    /// The strictest level that the policy gave it in this run.
    level: Level,
}

/// Returns the rules of a domain with the levels of this run.
fn rules<'a>(domain: &str, findings: &[&'a Finding]) -> Vec<RuleOfRun<'a>> {
    let mut levels: BTreeMap<&str, Level> = BTreeMap::new();
    for finding in findings {
        let level = levels.entry(finding.rule.as_str()).or_insert(finding.level);
        *level = (*level).max(finding.level);
    }
    let ours = rule::rules().filter(|rule| rule::domain(rule.id) == domain);
    let mut rules: Vec<RuleOfRun<'_>> = ours
        .map(|rule| RuleOfRun { id: rule.id, known: Some(rule), level: levels.remove(rule.id).unwrap_or(rule.level) })
        .collect();
    rules.extend(levels.into_iter().map(|(id, level)| RuleOfRun { id, known: None, level }));
    rules
}

impl RuleOfRun<'_> {
    fn descriptor(&self) -> Descriptor {
        let formatted = |text: &str| Formatted { text: text.to_owned(), markdown: None };
        let Some(rule) = self.known else {
            let help = "the rule and its condition stand in the policy, under [[custom]]";
            return Descriptor {
                id: self.id.to_owned(),
                short_description: Formatted { text: format!("the policy's own rule {}", self.id), markdown: None },
                full_description: formatted("a rule that the policy defines, judged by an expression"),
                help: formatted(help),
                default_configuration: Configuration { level: level(self.level) },
                properties: RuleProperties { tags: tags(self.id, &[]), security_severity: None },
            };
        };
        let text =
            format!("{}\n\nWhy: {}\nFix: {}\nMore: portcullis explain {}", rule.summary, rule.why, rule.help, rule.id);
        Descriptor {
            id: rule.id.to_owned(),
            short_description: formatted(rule.summary),
            full_description: formatted(rule.why),
            help: Formatted { text, markdown: Some(rule.page) },
            default_configuration: Configuration { level: level(rule.level) },
            properties: RuleProperties {
                tags: tags(rule.id, rule.references),
                security_severity: Some(severity(self.level)),
            },
        }
    }
}

/// Returns the score of a level as GitHub reads it: high, medium, low. It follows the policy, so that a check that
/// fails on high fails where the gate does.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "8.0",
        Level::Warn => "5.0",
        Level::Allow => "2.0",
    }
}

fn tags(id: &str, references: &[Reference]) -> Vec<String> {
    let mut tags = vec!["supply-chain".to_owned(), rule::domain(id).to_owned()];
    if !references.is_empty() {
        tags.insert(0, "security".to_owned());
    }
    // The form of CodeQL, by which GitHub filters: `external/cwe/cwe-494`.
    tags.extend(
        references.iter().map(|reference| format!("external/{}/{}", reference.scheme, reference.id.to_lowercase())),
    );
    tags.truncate(MAX_TAGS);
    tags
}

fn result(finding: &Finding, rule_index: usize) -> Outcome<'_> {
    let related = finding.related.iter().take(MAX_RELATED);
    Outcome {
        rule_id: &finding.rule,
        rule_index,
        level: level(finding.level),
        message: Message { text: sentence(&finding.message, &finding.help) },
        locations: [place(finding.location.as_ref(), None)],
        related_locations: related.enumerate().map(|(at, location)| place(Some(location), Some(at + 1))).collect(),
        // GitHub tells alerts apart by the second name only.
        partial_fingerprints: BTreeMap::from([
            ("portcullis/v1", finding.fingerprint.as_str()),
            ("primaryLocationLineHash", finding.fingerprint.as_str()),
        ]),
        baseline_state: finding.baseline,
        rank: rank(finding),
        properties: ResultProperties {
            state: finding.state,
            subject: &finding.subject,
            references: Report::controls(finding),
        },
    }
}

/// Returns what is wrong and what to do as two sentences; where there is little room GitHub shows the first.
fn sentence(message: &Text, help: &Text) -> String {
    // What is to be written somewhere stands in lines of its own, with no full stop behind.
    let end = if help.as_str().contains('\n') { "" } else { "." };
    plain(&format!("{message}. Fix: {help}{end}"))
}

/// Returns a message in which no inspected text can form a link: `[text](target)` is one also in plain text
/// (§3.11.6).
fn plain(text: &str) -> String {
    shortened(&shortened_values(text, VALUE_WIDTH), MESSAGE_WIDTH).replace("](", "]\\x28")
}

fn place(location: Option<&Location>, id: Option<usize>) -> Place {
    let known = location.filter(|location| !location.path.is_root());
    // A file that was named may lie outside of any tree.
    let is_absolute = known.is_some_and(|location| location.path.as_bytes().starts_with(b"/"));
    let region =
        known.and_then(|location| Some((location.position?, location.width))).map(|(position, width)| Region {
            start_line: position.line,
            start_column: position.column,
            end_line: position.line,
            end_column: position.column.saturating_add(width),
        });
    Place {
        id,
        physical_location: Physical {
            artifact_location: Artifact {
                // GitHub refuses a file in which one result has no place. What concerns no file is about the policy,
                // or answered there.
                uri: match known {
                    Some(location) if is_absolute => format!("file://{}", uri(&location.path)),
                    Some(location) => uri(&location.path),
                    None => POLICY_FILE.to_owned(),
                },
                uri_base_id: (!is_absolute).then_some(ROOT),
            },
            region,
        },
    }
}

/// Returns a path as a relative reference: all bytes but the unreserved ones of RFC 3986 section 2.3 and the slash
/// are encoded, so that no colon makes a scheme of its first part.
fn uri(path: &TreePath) -> String {
    let mut out = String::new();
    for byte in path.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Returns what a reader must know of the run itself: what could not be read, each once however many rules rest on
/// it, and how many results are left out.
fn notifications<'a>(
    findings: &[&'a Finding],
    index: &BTreeMap<&str, usize>,
    left_out: usize,
) -> Vec<Notification<'a>> {
    let mut seen: BTreeMap<(Option<&Location>, &Text), &'a Finding> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| matches!(finding.state, State::NotDetermined | State::Error)) {
        seen.entry((finding.location.as_ref(), &finding.message)).or_insert(finding);
    }
    let mut out: Vec<Notification<'_>> = seen
        .into_values()
        .map(|finding| Notification {
            level: if finding.state == State::Error { "error" } else { level(finding.level) },
            message: Message { text: plain(finding.message.as_str()) },
            locations: vec![place(finding.location.as_ref(), None)],
            associated_rule: index
                .get(finding.rule.as_str())
                .map(|at| RuleReference { id: finding.rule.as_str(), index: *at }),
        })
        .collect();
    if left_out > 0 {
        let text = format!(
            "{left_out} results are left out, the least important ones: code scanning accepts {MAX_RESULTS} a run; \
             the format json lists all"
        );
        out.push(Notification {
            level: "warning",
            message: Message { text },
            locations: Vec::new(),
            associated_rule: None,
        });
    }
    out
}
