//! Signed tags and commits of a repository.

use super::demanded::allowed;
use super::judge::best;
use super::trusted::Trusted;
use crate::gate::GateError;
use crate::signature::git::{self, Answer, Read};
use crate::signature::{Artifact, Claim, Fault, FaultKind};
use crate::text;
use crate::text::Text;
use crate::tree::Repository;

/// Judges the tag of a name.
pub(super) fn tag(repository: &Repository, name: &str, trusted: &Trusted) -> Result<Artifact, GateError> {
    let artifact = Artifact::new("tag", Text::of(name));
    match git::tag(repository, name)? {
        Some(read) => judged(artifact, &read, trusted),
        None => {
            let message = text!("the tag `{}` is a lightweight one, in which nothing is signed", name);
            Ok(Artifact { faults: vec![Fault::new(FaultKind::Missing, message)], ..artifact })
        }
    }
}

/// Judges the commits that a revision or a range of revisions names.
pub(super) fn commits(repository: &Repository, revisions: &str, trusted: &Trusted) -> Result<Vec<Artifact>, GateError> {
    let artifacts = git::commits(repository, revisions)?
        .map(|(id, read)| judged(Artifact::new("commit", text!("{}", id)), &read?, trusted))
        .collect::<Result<Vec<_>, GateError>>()?;
    // What else is asked for may well be accepted: that says nothing of these.
    match artifacts.is_empty() {
        true => Err(GateError::NoCommits { range: Text::of(revisions) }),
        false => Ok(artifacts),
    }
}

fn judged(artifact: Artifact, read: &Read, trusted: &Trusted) -> Result<Artifact, GateError> {
    let object = match read {
        Ok(object) => object,
        Err(fault) => return Ok(Artifact { faults: vec![fault.clone()], ..artifact }),
    };
    let asks = trusted.of(std::path::Path::new(artifact.name.as_str()))?;
    let mut answers = Vec::new();
    for ask in &asks {
        match object.judge(&ask.trust) {
            Ok(Answer::Unsigned(message)) => {
                return Ok(Artifact { faults: vec![Fault::new(FaultKind::Missing, message)], ..artifact });
            }
            Ok(Answer::Claims(claims)) => answers.push(claims.into_iter().map(|claim| allowed(claim, ask)).collect()),
            Err(unreadable) => {
                answers.push(vec![Claim::new("git", artifact.name.clone()).against(unreadable.fault)]);
            }
        }
    }
    Ok(best(artifact, asks.iter().copied().zip(answers)))
}
