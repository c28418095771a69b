//! What was seen, written into the ledger.

use std::fmt::Write as _;

use super::product::{order, rules_of};
use super::{Artifact, Ledger, Of, Opened, Release, Signature, keyring_of, stable_key};
use crate::gate::GateError;
use crate::policy::{MAX_POLICY_BYTES, PolicyError};
use crate::signature::FaultKind;
use crate::text;
use crate::text::Text;
use crate::verify::trusted::Ask;

/// What comes of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// Nothing may be recorded, and why.
    Refused(Text),
    /// All of it was recorded before.
    Known,
    /// The ledger as it is to be, and what is new in it.
    New {
        /// The whole file.
        contents: String,
        /// A line for each release.
        added: Vec<Text>,
    },
}

/// What a new ledger begins with.
const HEAD: &str = "# Who signed which release, and which keys were trusted then. `portcullis verify --record` adds to it;\n\
                    # review what it adds as you review keys.\nformat = 1\n";

impl Opened {
    /// Records artifacts that were all accepted.
    ///
    /// # Errors
    /// When the ledger has a form to which nothing can be added.
    pub(in crate::verify) fn record<'a>(
        &self,
        artifacts: impl Iterator<Item = (&'a Artifact, Vec<&'a Ask>)>,
        stated_at: Option<&Text>,
    ) -> Result<Recording, GateError> {
        let mut new: Vec<Release> = Vec::new();
        for (artifact, asks) in artifacts {
            let release = match release(artifact, &asks) {
                Ok(release) => release,
                Err(why) => return Ok(Recording::Refused(why)),
            };
            let is_same = |known: &&Release| {
                (known.kind, &known.product, &known.version) == (release.kind, &release.product, &release.version)
                    && (release.version.is_some() || known.digest == release.digest)
            };
            match self.ledger.releases.iter().chain(&new).find(is_same) {
                Some(known) if known.digest == release.digest => {}
                Some(_) => {
                    let message =
                        text!("`{}` is {} of `{}`, and so is another", artifact.name, release.shown(), release.product);
                    return Ok(Recording::Refused(message));
                }
                None => new.push(release),
            }
        }
        if new.is_empty() {
            return Ok(Recording::Known);
        }
        sort(&mut new);
        let mut contents = self.text.clone().unwrap_or_else(|| HEAD.to_owned());
        if !contents.is_empty() && !contents.ends_with('\n') {
            contents.push('\n');
        }
        for release in &new {
            // To write into a string never fails.
            let _never = release.write(&mut contents, stated_at);
        }
        self.prove(&contents)?;
        Ok(Recording::New { contents, added: new.iter().map(line).collect() })
    }

    /// Makes sure that what is written can be read.
    fn prove(&self, contents: &str) -> Result<(), PolicyError> {
        let error = |message: Text| PolicyError { file: self.shown.clone(), position: None, message, hint: None };
        if contents.len() as u64 > MAX_POLICY_BYTES {
            return Err(error(text!("expected room for another release, found {} MiB", MAX_POLICY_BYTES >> 20)));
        }
        Ledger::parse(&self.shown, contents.as_bytes()).map(drop).map_err(|found| PolicyError {
            hint: Some(Text::trusted("write each release in double brackets: [[release]]")),
            ..error(text!("expected a ledger to which releases can be added, found {}", found.message))
        })
    }
}

/// Returns what is recorded of an artifact, or why nothing is.
fn release(artifact: &Artifact, asks: &[&Ask]) -> Result<Release, Text> {
    let is_told = |kind: FaultKind| matches!(kind, FaultKind::SignerChanged | FaultKind::KeyringWidened);
    if let Some(fault) = artifact.ledger.iter().flatten().find(|fault| is_told(fault.kind)) {
        return Err(fault.message.clone());
    }
    let of = Of::artifact(artifact);
    let Some((product, of)) = of.and_then(|mut of| Some((of.product.take()?, of))) else {
        return Err(text!("`{}` is no file and no tag, whose name would say what it is a release of", artifact.name));
    };
    let mut signers: Vec<Signature> = Vec::new();
    for claim in &of.claims {
        let (Some(key), Some(signer)) = (stable_key(claim), &claim.signer) else {
            return Err(text!("`{}` is signed by somebody who cannot be told from others", artifact.name));
        };
        let is_known = |known: &Signature| known.key == key && known.scheme == claim.scheme;
        if !signers.iter().any(is_known) {
            let name = Some(signer.name.as_str()).filter(|name| !name.trim().is_empty()).unwrap_or(&key).to_owned();
            signers.push(Signature { key, scheme: claim.scheme.to_owned(), name });
        }
    }
    signers.sort();
    let Some(digest) = of.digest.filter(|_| !signers.is_empty()) else {
        return Err(text!("nobody is known to have signed `{}`", artifact.name));
    };
    let keyring = keyring_of(artifact, asks).map_err(|fault| fault.message)?;
    Ok(Release { kind: product.kind, product: product.name, version: product.version, digest, signers, keyring })
}

/// Sorts by kind and product, then by version.
fn sort(releases: &mut [Release]) {
    let versions: Vec<String> = releases.iter().filter_map(|release| release.version.clone()).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let rules = rules_of(&versions);
    releases.sort_by(|a, b| {
        let of = |release: &Release| release.version.clone().unwrap_or_default();
        (a.kind, &a.product)
            .cmp(&(b.kind, &b.product))
            .then_with(|| order(rules, &of(a), &of(b)))
            .then_with(|| a.digest.cmp(&b.digest))
    });
}

fn line(release: &Release) -> Text {
    text!("{} of `{}`, signed by {}", release.shown(), release.product, super::shown_signers(release))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Release {
    fn write(&self, out: &mut String, stated_at: Option<&Text>) -> std::fmt::Result {
        writeln!(out, "\n[[release]]")?;
        if self.kind != "artifact" {
            writeln!(out, "kind = {}", quoted(self.kind))?;
        }
        writeln!(out, "product = {}", quoted(&self.product))?;
        if let Some(version) = &self.version {
            writeln!(out, "version = {}", quoted(version))?;
        }
        writeln!(out, "digest = {}", quoted(&self.digest))?;
        if let Some(at) = stated_at {
            writeln!(out, "recorded = {}", at.as_str())?;
        }
        writeln!(out, "signers = [")?;
        for Signature { key, scheme, name } in &self.signers {
            writeln!(out, "    {{ name = {}, scheme = {}, key = {} }},", quoted(name), quoted(scheme), quoted(key))?;
        }
        writeln!(out, "]\nkeyring = [")?;
        for key in &self.keyring {
            writeln!(out, "    {},", quoted(key))?;
        }
        writeln!(out, "]")
    }
}
