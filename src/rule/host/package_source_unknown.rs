//! `host/package-source-unknown`: packages come from a source that nobody named.

use globset::{GlobBuilder, GlobMatcher};

use super::question::{Question, at, fail, joined, pass};
use super::source_list::{no_source, unread_lists};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/package-source-unknown",
    level: Level::Deny,
    summary: "packages come from a source that nobody named",
    why: "whoever runs a source of packages installs programs as root on every machine that uses it",
    help: "take the source out, or name its host in the policy: `[host.facts.\"host.package.repo_allow\"]` with `value = […]`",
    page: include_str!("package_source_unknown.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-829" }],
    judge: Judge::Host { family: "package", judge },
};

/// Fails for each source with an address whose host is none of those expected.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.package.repo_allow") else { return };
    unread_lists(question, &expected, answers);
    let allowed: Vec<Allowed> = expected.list().iter().filter_map(|text| Allowed::read(text)).collect();
    for source in &question.host.package.sources {
        let unknown: Vec<&Text> =
            source.uris.iter().filter(|uri| !allowed.iter().any(|allowed| allowed.means(uri.as_str()))).collect();
        let Some(first) = unknown.first() else {
            pass(&expected, answers);
            continue;
        };
        let message =
            text!("packages come from `{}` by /{}, a source that the policy does not name", **first, source.place.path);
        let subject = Subject::new("source", (*first).clone());
        let shown: Vec<Text> = unknown.into_iter().take(8).cloned().collect();
        answers.add(at(fail(&expected, subject, message), &source.place).found(joined(&shown)));
    }
    if question.host.package.sources.is_empty() {
        no_source(&expected, answers);
    }
}

/// A source that is expected: the pattern of a host, or with `://` in it of an address.
struct Allowed {
    pattern: GlobMatcher,
    is_address: bool,
}

impl Allowed {
    fn read(text: &str) -> Option<Self> {
        let pattern = GlobBuilder::new(text).case_insensitive(true).build().ok()?.compile_matcher();
        Some(Self { pattern, is_address: text.contains(':') })
    }

    fn means(&self, uri: &str) -> bool {
        if self.is_address {
            return self.pattern.is_match(uri);
        }
        let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
        !host.is_empty() && self.pattern.is_match(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_hosts_or_addresses() {
        let check = |pattern: &str, uri: &str, expected: bool| {
            assert_eq!(Allowed::read(pattern).unwrap().means(uri), expected, "{pattern} {uri}");
        };
        check("deb.debian.org", "http://deb.debian.org/debian", true);
        check("deb.debian.org", "http://deb.debian.org:80/debian", true);
        check("deb.debian.org", "http://deb.debian.org.evil.example/debian", false);
        check("deb.debian.org", "http://evil.example/deb.debian.org", false);
        check("*.debian.org", "mirror+http://ftp.de.debian.org/x", true);
        check("https://a.example/*", "https://a.example/b/c", true);
        check("https://a.example/*", "http://a.example/b/c", false);
        check("file:/srv/*", "file:/srv/mirror", true);
        check("*", "file:/srv/mirror", false);
    }
}
