//! What rules about a tarball and its tag share: one finding a file, up to a bound, build scripts first.

use std::collections::BTreeMap;

use globset::GlobSet;

use super::answer::{Answers, Draft};
use super::judge::allow_list;
use super::{Judge, rules};
use crate::artifact::{AgainstTag, Artifact, Difference, DifferenceKind};
use crate::finding::Subject;
use crate::policy::Policy;
use crate::text;
use crate::text::Text;

/// How many files one rule names of one tarball; one more finding counts the rest.
const MAX_FILES: usize = 100;

/// The name under which the evidence says that a file is a build script. Findings that have it stand first.
pub const BUILD_SCRIPT: &str = "build-script";

/// Answers for one tarball, as far as the differences are of some kinds.
pub(super) fn judge(artifact: &Artifact, kinds: &[DifferenceKind], allowed: &GlobSet, answers: &mut Answers) {
    let Some(against) = &artifact.against_tag else { return };
    let subject = || Subject::new(artifact.kind, artifact.name.clone());
    if let Some(why) = &against.unreadable {
        let message = text!("`{}` cannot be compared with the tag `{}`: {}", artifact.name, against.tag, *why);
        let help =
            Text::trusted("fetch or build the tarball anew; only a .tar, plain or by gzip, bzip2, xz or zstd, is read");
        return answers.add(facts(Draft::not_determined(subject(), message), artifact, against).help(help));
    }
    let found: Vec<&Difference> = of_kinds(against, kinds).collect();
    let (passed, open): (Vec<&Difference>, Vec<&Difference>) =
        found.into_iter().partition(|difference| is_allowed(difference, allowed));
    passed.iter().for_each(|_| answers.pass());
    if passed.is_empty() && open.is_empty() {
        answers.pass();
    }
    for difference in open.iter().take(MAX_FILES) {
        answers.add(draft(artifact, against, difference));
    }
    if let Some(rest) = open.get(MAX_FILES..).filter(|rest| !rest.is_empty()) {
        let message =
            text!("{} more files of `{}` are otherwise than in the tag `{}`", rest.len(), artifact.name, against.tag);
        answers.add(facts(Draft::fail(subject(), message), artifact, against).never_allowed());
    }
}

/// Returns, for each rule, what the policy's patterns let pass of a tarball.
#[must_use]
pub fn let_pass(artifact: &Artifact, policy: &Policy) -> Vec<Text> {
    let Some(against) = &artifact.against_tag else { return Vec::new() };
    let mut notes = Vec::new();
    for rule in rules() {
        let (Judge::AgainstTag(kinds), Some(setting)) = (rule.judge, policy.rules.get(rule.id)) else { continue };
        let allowed = allow_list(setting);
        let mut passed = of_kinds(against, kinds).filter(|difference| is_allowed(difference, &allowed));
        let named: Vec<String> = passed.by_ref().take(MAX_NAMED).filter_map(named).collect();
        let more = passed.count();
        let names = Text::trusted(named.join(", "));
        match (named.len(), more) {
            (0, _) => {}
            (count, 0) => notes.push(text!("`allow` of `{}` lets {} pass: {}", rule.id, count, names)),
            (count, more) => {
                notes.push(text!("`allow` of `{}` lets {} pass: {} and {} more", rule.id, count + more, names, more));
            }
        }
    }
    notes
}

/// How many of the files that are let pass a note names; build scripts stand first.
const MAX_NAMED: usize = 10;

fn named(difference: &Difference) -> Option<String> {
    let path = difference.path.as_ref()?;
    Some(match difference.is_build_script {
        true => format!("`{path}` (a build script)"),
        false => format!("`{path}`"),
    })
}

fn of_kinds<'a>(against: &'a AgainstTag, kinds: &'a [DifferenceKind]) -> impl Iterator<Item = &'a Difference> {
    against.differences.iter().filter(|difference| kinds.contains(&difference.kind))
}

fn is_allowed(difference: &Difference, allowed: &GlobSet) -> bool {
    difference.kind != DifferenceKind::Unknown
        && difference.path.as_ref().is_some_and(|path| allowed.is_match(path.as_str()))
}

fn draft(artifact: &Artifact, against: &AgainstTag, difference: &Difference) -> Draft {
    let subject = match &difference.path {
        Some(path) => Subject::new(artifact.kind, text!("{}!{}", artifact.name, *path)).named(path.clone()),
        None => Subject::new(artifact.kind, artifact.name.clone()),
    };
    let mut draft = match difference.kind {
        DifferenceKind::Unknown => Draft::not_determined(subject, difference.message.clone()),
        DifferenceKind::Added | DifferenceKind::Changed | DifferenceKind::Lost => {
            Draft::fail(subject, difference.message.clone())
        }
    };
    if difference.path.is_none() {
        draft = draft.never_allowed().fact(difference.message.as_str());
    }
    if difference.is_build_script {
        draft = draft.with(BUILD_SCRIPT, Text::trusted("yes"));
    }
    let evidence: &BTreeMap<&'static str, Text> = &difference.evidence;
    for (name, value) in evidence {
        draft = draft.with(name, value.clone());
    }
    facts(draft, artifact, against)
}

fn facts(draft: Draft, artifact: &Artifact, against: &AgainstTag) -> Draft {
    let draft = draft.with("tag", against.tag.clone()).with("commit", against.commit.clone());
    match &artifact.digest {
        Some((function, value)) => draft.with("digest", text!("{}:{}", *function, *value)),
        None => draft,
    }
}
