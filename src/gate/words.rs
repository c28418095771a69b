//! A run in words: the lines that every report for people has in common.

use std::collections::BTreeMap;

use super::Report;
use crate::fact::Location;
use crate::finding::{Finding, Level, Reference, State};
use crate::policy::{BUILTIN_PREFIX, DEFAULT_ORIGIN};
use crate::rule::{self, Judged};
use crate::text::Text;
use crate::tree::Input;

impl Report {
    /// Whether people are shown a finding: it counts, and is denied or warned of.
    #[must_use]
    pub fn shows(&self, finding: &Finding) -> bool {
        finding.level > Level::Allow && finding.counts(self.counts_old)
    }

    /// Returns the findings that people are shown. Rules that could not be judged for one and the same reason stand
    /// together, the strictest first.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<&Finding>> {
        let mut groups: Vec<Vec<&Finding>> = Vec::new();
        let mut undetermined: BTreeMap<(Option<&Location>, &Text), usize> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| self.shows(finding)) {
            if finding.state == State::NotDetermined {
                let key = (finding.location.as_ref(), &finding.message);
                if let Some(group) = undetermined.get(&key).and_then(|at| groups.get_mut(*at)) {
                    group.push(finding);
                    continue;
                }
                undetermined.insert(key, groups.len());
            }
            groups.push(vec![finding]);
        }
        for group in &mut groups {
            // The strictest first: it gives the group its level.
            group.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.rule.cmp(&b.rule)));
        }
        groups
    }

    /// Returns the domains of the rules that were asked, but those of the policy's own.
    #[must_use]
    pub fn domains(&self) -> Vec<&'static str> {
        match &self.sboms {
            Some(_) => vec!["sbom"],
            None if self.artifacts.is_some() => rule::domains(&[Judged::Artifacts]),
            None if self.is_of_host() => rule::domains(&[Judged::Hosts]),
            None if self.facts.is_some() => rule::domains(&[Judged::Trees, Judged::Hosts]),
            None => rule::domains(&[Judged::Trees]),
        }
    }

    /// Whether a host alone was judged, and no tree.
    #[must_use]
    pub fn is_of_host(&self) -> bool {
        self.facts.is_some() && self.inputs.first().is_some_and(|input| matches!(input.kind, "root" | "image"))
    }

    /// Returns the counts behind the verdict: `1 finding denied, no warnings`.
    #[must_use]
    pub fn counts_in_words(&self) -> String {
        let counts = &self.summary;
        let denied = counts.fail.deny + counts.not_determined.deny + counts.error;
        let warned = counts.fail.warn + counts.not_determined.warn;
        format!("{}, {}", plural(denied, "finding denied", "findings denied"), plural(warned, "warning", "warnings"))
    }

    /// Returns what was read: each input in `quoted` form, files and components.
    #[must_use]
    pub fn read_in_words(&self, quoted: fn(&str) -> String) -> String {
        if let Some(artifacts) = &self.artifacts {
            return plural(artifacts.len() as u64, "artifact", "artifacts");
        }
        if let Some(sboms) = &self.sboms {
            return plural(sboms.len() as u64, "SBOM", "SBOMs");
        }
        let inputs: Vec<String> = self.inputs.iter().map(|one| input(one, quoted)).collect();
        let facts = self.facts.as_ref().map(|facts| plural(facts.len() as u64, "fact", "facts"));
        if let Some(facts) = facts.filter(|_| self.is_of_host()) {
            let files = plural(self.summary.files, "file", "files");
            return format!("{}; {files}; {facts}", inputs.join(" against "));
        }
        format!(
            "{}; {}; {}{}",
            inputs.join(" against "),
            plural(self.summary.files, "file", "files"),
            plural(self.summary.components, "component", "components"),
            // Of two revisions only what differs is read.
            if self.inputs.iter().skip(1).any(|input| input.kind == "git-revision") { " in what changed" } else { "" }
        )
    }

    /// Returns what was found and is not shown to people, `None` where nothing is left out.
    #[must_use]
    pub fn left_out_in_words(&self) -> Option<String> {
        let counts = &self.summary;
        let allowed = counts.fail.allow + counts.not_determined.allow;
        let rest = [
            (if self.counts_old { 0 } else { counts.unchanged }, "there before", "there before"),
            (counts.absent, "no longer there", "no longer there"),
            (counts.waived, "waived", "waived"),
            (allowed, "at level allow", "at level allow"),
            (counts.not_applicable, "not applicable", "not applicable"),
            (counts.skipped_folders, "skipped folder", "skipped folders"),
            (counts.excluded_files, "file excluded by policy", "files excluded by policy"),
        ];
        let rest: Vec<String> = rest
            .iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, one, many)| plural(*count, one, many))
            .collect();
        (!rest.is_empty()).then(|| rest.join(", "))
    }

    /// Returns the identifiers of a finding beside those of its rule: the published controls that want a fact.
    #[must_use]
    pub fn controls(finding: &Finding) -> &[Reference] {
        let of_rule = rule::rule(finding.rule.as_str()).map_or(0, |rule| rule.references.len());
        finding.references.get(of_rule..).unwrap_or_default()
    }

    /// Returns the level of a finding and where it is set; that of a built-in policy has no place to edit.
    #[must_use]
    pub fn level_in_words(&self, finding: &Finding) -> String {
        let (from, level) = (finding.rule_level.from.as_str(), finding.rule_level.level);
        let base = if self.policy.origin == "base" { " of the base" } else { "" };
        let set = match from.strip_prefix(BUILTIN_PREFIX).and_then(|rest| rest.split(':').next()) {
            Some(name) => format!("{BUILTIN_PREFIX}{name}, level {}", level.word()),
            None if from == DEFAULT_ORIGIN => format!("{}{base}, level {} by default", self.policy.name, level.word()),
            None => format!("{from}{base}, level {}", level.word()),
        };
        if finding.level == level { set } else { format!("{set}, here {}", finding.level.word()) }
    }
}

fn input(input: &Input, quoted: fn(&str) -> String) -> String {
    let name = quoted(input.name.as_str());
    match (&input.digest, input.kind) {
        (Some(digest), "git-revision") => {
            format!("{name} ({})", digest.as_str().chars().take(7).collect::<String>())
        }
        _ => name,
    }
}

/// Returns a count with its noun: `no warnings`, `1 warning`, `2 warnings`.
#[must_use]
pub fn plural(count: u64, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}
