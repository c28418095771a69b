//! Where an artifact was built, by whom and from what: what a certificate and a provenance say, against what is
//! expected.

mod name;
mod predicate;

use self::name::{is_builder, is_version, matches, same_repository, split_ref};
pub(super) use self::predicate::{
    Provenance, add, describe, describe_cyclonedx, describe_openvex, describe_spdx, read,
};
use super::{Expected, Fault, FaultKind};
use crate::text;
use crate::text::Text;

const GITHUB: &str = "https://github.com/";
const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";
const GITLAB: &str = "https://gitlab.com/";
const GITLAB_ISSUER: &str = "https://gitlab.com";

/// The builder of a provenance that npm has its workflows write: not a workflow, but the machine it runs on.
const GITHUB_RUNNER: &str = "https://github.com/actions/runner";

/// The workflows that sign for builders they were called by, and put the builder's name into the provenance only after
/// they verified it. Nobody else may speak for a builder.
const DELEGATORS: [&str; 2] = [
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_generic_slsa3.yml",
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_lowperms-generic_slsa3.yml",
];

/// What a certificate says of the build in which its key was used.
#[derive(Clone, Debug, Default)]
pub(super) struct Certified {
    /// Who: a workflow, a person, a service.
    pub(super) identity: String,
    /// Who vouches for that.
    pub(super) issuer: String,
    /// The repository built from.
    pub(super) source: Option<String>,
    /// The branch or tag built from.
    pub(super) source_ref: Option<String>,
    /// The commit built from.
    pub(super) source_digest: Option<String>,
    /// The definition of the build.
    pub(super) build_config: Option<String>,
    /// On what it ran.
    pub(super) runner: Option<String>,
    /// What started it.
    pub(super) trigger: Option<String>,
    /// The name of the workflow.
    pub(super) workflow: Option<String>,
}

/// Judges who signed and where it was built. The weightiest comes first. Where there is no certificate, a key signed that
/// whoever asks gave: it needs no other name.
pub(super) fn judge(expected: &Expected, certified: Option<&Certified>, stated: Option<&Provenance>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(certified) = certified {
        identity(expected, certified, &mut faults);
    }
    let none = Provenance::default();
    let build = Build { expected, certified, stated: stated.unwrap_or(&none) };
    build.builder(&mut faults);
    build.source(&mut faults);
    build.source_ref(&mut faults);
    build.build_config(&mut faults);
    build.circumstances(&mut faults);
    build.parameters(&mut faults);
    build.materials(&mut faults);
    // A provenance that says otherwise is not outvoted; what is none says nothing.
    let is_of_build = |fault: &Fault| matches!(fault.kind, FaultKind::Builder | FaultKind::Source);
    let is_final = |fault: &Fault| stated.is_some() && is_of_build(fault);
    faults.into_iter().map(|fault| if is_final(&fault) { fault.finally() } else { fault }).collect()
}

/// Judges who a certificate names, and whether anything says who it should be.
fn identity(expected: &Expected, certified: &Certified, faults: &mut Vec<Fault>) {
    if let Some(pattern) = &expected.identity
        && !matches(pattern, &certified.identity)
    {
        let message = text!("signed by `{}`, expected `{}`", certified.identity, pattern);
        faults.push(Fault::new(FaultKind::IdentityMismatch, message));
    }
    // A builder's name means something only by the word of who runs it.
    let issuer = expected.issuer.as_deref().or_else(|| match expected.builder.as_deref() {
        Some(builder) if builder.starts_with(GITHUB) => Some(GITHUB_ISSUER),
        Some(builder) if builder.starts_with(GITLAB) => Some(GITLAB_ISSUER),
        _ => None,
    });
    if let Some(issuer) = issuer
        && issuer != certified.issuer
    {
        let message = text!("`{}` vouches for the identity, expected `{}`", certified.issuer, issuer);
        faults.push(Fault::new(FaultKind::IssuerMismatch, message));
    }
    let by_identity = expected.identity.is_some() && expected.issuer.is_some();
    let by_build = expected.source.is_some() && expected.builder.is_some();
    if by_build && !by_identity && issuer.is_none() && !expected.any_identity {
        let message = Text::trusted("nothing says who vouches for the builder");
        faults.push(Fault::new(FaultKind::IssuerMismatch, message).help(Text::trusted("give --issuer")));
    }
    if !(by_identity || by_build || expected.any_identity) {
        let message = text!("nothing says that `{}` may sign", certified.identity);
        let help = "give --identity and --issuer, or --source and --builder, or --any-identity if anybody may sign";
        faults.push(Fault::new(FaultKind::IdentityMismatch, message).help(Text::trusted(help)));
    }
}

struct Build<'a> {
    expected: &'a Expected,
    certified: Option<&'a Certified>,
    stated: &'a Provenance,
}

impl Build<'_> {
    fn builder(&self, faults: &mut Vec<Fault>) {
        let Some(expected) = &self.expected.builder else { return };
        let stated = self.stated.builder.as_deref();
        let found = match self.certified {
            None => match stated {
                Some(stated) if is_builder(expected, stated) => return,
                Some(stated) => text!("`{}`", stated),
                None => Text::trusted("an unnamed builder"),
            },
            Some(certified) => match Self::signed_by(expected, certified, stated) {
                Ok(()) => return,
                Err(found) => found,
            },
        };
        faults.push(Fault::new(FaultKind::Builder, text!("built by {}, expected `{}`", found, expected)));
    }

    /// Whether the signer may speak for the builder. A provenance alone proves nothing: anybody can write a name.
    fn signed_by(expected: &str, certified: &Certified, stated: Option<&str>) -> Result<(), Text> {
        let signer = certified.identity.as_str();
        let is_delegated = |stated: &str| {
            let (workflow, _) = split_ref(signer);
            DELEGATORS.contains(&workflow) && is_builder(workflow, signer) && is_builder(expected, stated)
        };
        // The machine is the certificate's word, and the workflow on it is the source's own.
        let source = certified.source.as_deref().unwrap_or_default().trim_end_matches('/');
        let is_own = !source.is_empty() && signer.strip_prefix(source).is_some_and(|rest| rest.starts_with('/'));
        let runner = certified.runner.as_deref().filter(|_| is_own);
        let whole = runner.map(|runner| format!("{GITHUB_RUNNER}/{runner}"));
        let is_short = |stated: &str| stated == GITHUB_RUNNER && runner == Some("github-hosted");
        let is_runner = |stated: &str| whole.as_deref() == Some(stated) || is_short(stated);
        // A builder of others that runs on a machine of whoever called it is in their hands, whatever it is.
        let is_isolated = is_own || certified.runner.as_deref() != Some("self-hosted");
        let is_signer = is_builder(expected, signer);
        match stated {
            _ if !is_isolated => Err(text!("`{}` on a machine of the caller's own", signer)),
            None if is_signer => Ok(()),
            Some(stated) if is_signer && (stated == signer || is_runner(stated)) => Ok(()),
            Some(stated) if is_runner(stated) && stated == expected => Ok(()),
            Some(stated) if is_short(stated) && whole.as_deref() == Some(expected) => Ok(()),
            Some(stated) if is_delegated(stated) => Ok(()),
            Some(stated) if stated != signer => Err(text!("`{}`, who names `{}`", signer, stated)),
            _ => Err(text!("`{}`", signer)),
        }
    }

    fn source(&self, faults: &mut Vec<Fault>) {
        let Some(expected) = &self.expected.source else { return };
        let mut wrong = |found: Text| {
            faults.push(Fault::new(FaultKind::Source, text!("built from {}, expected `{}`", found, expected)));
        };
        let stated = self.stated.source.as_deref();
        match self.certified {
            Some(certified) => match certified.source.as_deref() {
                Some(source) if same_repository(expected, source) => {}
                Some(source) => return wrong(text!("`{}`", source)),
                None => return wrong(Text::trusted("a source the certificate does not name")),
            },
            None if stated.is_none() => return wrong(Text::trusted("a source that is not named")),
            None => {}
        }
        if let Some(stated) = stated
            && !same_repository(expected, stated)
        {
            return wrong(text!("`{}`", stated));
        }
        self.commit(expected, faults);
    }

    /// What was used of the source must be the commit that the certificate names.
    fn commit(&self, expected: &str, faults: &mut Vec<Fault>) {
        let Some(commit) = self.certified.and_then(|certified| certified.source_digest.as_deref()) else { return };
        let of_source = self.stated.materials.iter().filter(|(uri, _)| same_repository(expected, uri));
        let commits: Vec<&String> = of_source.flat_map(|(_, commits)| commits).collect();
        if !commits.is_empty() && !commits.iter().any(|found| found.eq_ignore_ascii_case(commit)) {
            let found = commits.first().map_or("", |found| found.as_str());
            let message = text!("the provenance used commit {}, the certificate names {}", found, commit);
            faults.push(Fault::new(FaultKind::Source, message));
        }
    }

    fn source_ref(&self, faults: &mut Vec<Fault>) {
        let certified = self.certified.and_then(|certified| certified.source_ref.as_deref());
        let stated = self.stated.source_ref.as_deref();
        let found = certified.or(stated).unwrap_or_default();
        let mut wrong = |what: &str, expected: &str| {
            let shown = if found.is_empty() { Text::trusted("no ref that is named") } else { text!("`{}`", found) };
            let message = text!("built from {}, expected the {} `{}`", shown, what, expected);
            faults.push(Fault::new(FaultKind::Source, message));
        };
        let agrees = certified.is_none() || stated.is_none_or(|stated| stated == found);
        if let Some(branch) = &self.expected.source_branch {
            let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
            // A tag is built without a branch: the event that started the build names the one it was pushed from.
            let built = if found.starts_with("refs/tags/") { self.stated.base_ref.as_deref() } else { Some(found) };
            if !agrees || built.and_then(|built| built.strip_prefix("refs/heads/")) != Some(branch) {
                wrong("branch", branch);
            }
        }
        let built = found.strip_prefix("refs/tags/");
        if let Some(tag) = &self.expected.source_tag {
            let tag = tag.strip_prefix("refs/tags/").unwrap_or(tag);
            if !agrees || built != Some(tag) {
                wrong("tag", tag);
            }
        }
        if let Some(version) = &self.expected.source_versioned_tag {
            let version = version.strip_prefix("refs/tags/").unwrap_or(version);
            if !agrees || !built.is_some_and(|built| is_version(version, built)) {
                wrong("version", version);
            }
        }
    }

    fn build_config(&self, faults: &mut Vec<Fault>) {
        let Some(expected) = &self.expected.build_config else { return };
        let found = match self.certified {
            Some(certified) => certified.build_config.as_deref().map(|config| {
                let (whole, _) = split_ref(config);
                let source = certified.source.as_deref().unwrap_or_default();
                (config, whole, whole.strip_prefix(source).map(|path| path.trim_start_matches('/')))
            }),
            None => self.stated.build_config.as_deref().map(|path| (path, path, None)),
        };
        let is_expected = found.is_some_and(|(config, whole, path)| {
            [Some(config), Some(whole), path].contains(&Some(expected.trim_start_matches('/')))
        });
        if !is_expected {
            let found = found.map_or("a definition that is not named", |(config, ..)| config);
            let message = text!("built by the definition `{}`, expected `{}`", found, expected);
            faults.push(Fault::new(FaultKind::Builder, message));
        }
    }

    /// Judges what only a certificate says of a build.
    fn circumstances(&self, faults: &mut Vec<Fault>) {
        let certified = self.certified;
        let checks = [
            ("trigger", &self.expected.trigger, certified.and_then(|certified| certified.trigger.as_deref())),
            ("workflow", &self.expected.workflow, certified.and_then(|certified| certified.workflow.as_deref())),
            (
                "runner environment",
                &self.expected.runner_environment,
                certified.and_then(|certified| certified.runner.as_deref()),
            ),
        ];
        for (what, expected, found) in checks {
            let Some(expected) = expected.as_deref().filter(|expected| Some(*expected) != found) else { continue };
            let message = match found {
                Some(found) => text!("built with the {} `{}`, expected `{}`", what, found, expected),
                None => text!("no certificate names the {} of the build, expected `{}`", what, expected),
            };
            faults.push(Fault::new(FaultKind::Builder, message));
        }
    }

    fn parameters(&self, faults: &mut Vec<Fault>) {
        for (name, expected) in &self.expected.parameters {
            let found = self.stated.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            if found.is_some_and(|found| matches(expected, found)) {
                continue;
            }
            let message = match found {
                Some(found) => text!("built with `{}` as the parameter `{}`, expected `{}`", found, name, expected),
                None => text!("the provenance states no parameter `{}`, expected `{}`", name, expected),
            };
            faults.push(Fault::new(FaultKind::Builder, message));
        }
    }

    fn materials(&self, faults: &mut Vec<Fault>) {
        for pattern in &self.expected.materials {
            if !self.stated.materials.iter().any(|(uri, _)| matches(pattern, uri)) {
                let message = text!("the provenance names no material `{}`", pattern);
                faults.push(Fault::new(FaultKind::Source, message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_of_a_build_is_the_certificates_word() {
        let (short, hosted) = (GITHUB_RUNNER, "https://github.com/actions/runner/github-hosted");
        let on = |runner: &str, source: &str| Certified {
            identity: "https://github.com/acme/app/.github/workflows/r.yml@refs/tags/v1".to_owned(),
            source: Some(source.to_owned()),
            runner: Some(runner.to_owned()),
            ..Certified::default()
        };
        let own = on("github-hosted", "https://github.com/acme/app");
        let checks = [(hosted, hosted, true), (hosted, short, true), (short, short, true), (short, hosted, false)];
        for (expected, stated, result) in checks {
            assert_eq!(Build::signed_by(expected, &own, Some(stated)).is_ok(), result, "{expected} {stated}");
            for other in
                [on("self-hosted", "https://github.com/acme/app"), on("github-hosted", "https://github.com/acme/ap")]
            {
                assert!(Build::signed_by(expected, &other, Some(stated)).is_err());
            }
        }
    }

    #[test]
    fn a_builder_of_others_runs_on_no_machine_of_theirs() {
        let builder = "https://github.com/acme/b/.github/workflows/x.yml";
        let on = |runner: &str, source: &str| Certified {
            identity: format!("{builder}@refs/tags/v1"),
            source: Some(source.to_owned()),
            runner: Some(runner.to_owned()),
            ..Certified::default()
        };
        let checks = [
            ("github-hosted", "https://github.com/acme/app", true),
            ("self-hosted", "https://github.com/acme/app", false),
            ("self-hosted", "https://github.com/acme/b", true),
        ];
        for (runner, source, result) in checks {
            assert_eq!(Build::signed_by(builder, &on(runner, source), None).is_ok(), result, "{runner} {source}");
        }
    }

    #[test]
    fn only_a_delegator_speaks_for_another_builder() {
        let builder = "https://github.com/acme/b/.github/workflows/x.yml";
        let stated = format!("{builder}@refs/tags/v1");
        let by = |signer: String| Certified { identity: signer, ..Certified::default() };
        let delegated = by(format!("{}@refs/tags/v2.1.0", DELEGATORS[0]));
        assert_eq!(Build::signed_by(builder, &delegated, Some(&stated)), Ok(()));
        let branch = by(format!("{}@refs/heads/evil", DELEGATORS[0]));
        assert!(Build::signed_by(builder, &branch, Some(&stated)).is_err());
        let forged = by("https://github.com/evil/e/.github/workflows/x.yml@refs/heads/main".to_owned());
        assert!(Build::signed_by(builder, &forged, Some(&stated)).is_err());
        // The builder itself, who says it was somebody else.
        let own = by(stated);
        assert!(Build::signed_by(builder, &own, Some("https://example.com/other")).is_err());
    }
}
