//! A signer as a policy is shown, and where one policy's signers are weaker than another's.

use super::super::super::{Catalogue, Policy, Weakening};
use super::super::quoted;
use super::PolicySigner;
use crate::artifact::AcceptsExpired;
use crate::text;
use crate::text::Text;

/// Who may sign more, or with less, than before makes the policy weaker.
pub(super) fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for signer in &now.signers {
        let was = before.signers.iter().find(|old| old.value.name == signer.value.name);
        let message = match was {
            Some(old) if shown(&old.value) == shown(&signer.value) => continue,
            Some(_) => text!("the signer `{}` is another than before", signer.value.name),
            None => text!("the signer `{}` is added", signer.value.name),
        };
        out.push(Weakening {
            key: text!("signer.{}", signer.value.name),
            message,
            was: was.map(|old| shown(&old.value)),
            found: shown(&signer.value),
            origin: signer.origin.clone(),
        });
    }
    for old in &before.signers {
        if !now.signers.iter().any(|signer| signer.value.name == old.value.name) {
            out.push(Weakening {
                key: text!("signer.{}", old.value.name),
                message: text!(
                    "the signer `{}` is gone: anybody named with --key may sign what they did",
                    old.value.name
                ),
                was: Some(shown(&old.value)),
                found: Text::trusted("none"),
                origin: old.origin.clone(),
            });
        }
    }
}

/// Shows a signer as it could stand in a policy file.
pub(super) fn shown(signer: &PolicySigner) -> Text {
    let mut line = format!("{{ name = {}", quoted(&signer.name));
    let mut add = |key: &str, value: String| line.push_str(&format!(", {key} = {value}"));
    add("artifacts", list(&signer.artifacts));
    if let Some(scheme) = &signer.scheme {
        add("scheme", quoted(scheme).to_string());
    }
    let files = [
        ("certificates", &signer.certificates),
        ("trusted-root", &signer.trusted_roots),
        ("allowed-signers", &signer.allowed_signers),
        ("revoked", &signer.revoked),
    ];
    for (key, files) in files.into_iter().filter(|(_, files)| !files.is_empty()) {
        add(key, list(files.iter().map(|file| &file.value)));
    }
    if !signer.fingerprints.is_empty() {
        add("fingerprints", list(&signer.fingerprints));
    }
    if signer.threshold != 1 {
        add("threshold", signer.threshold.to_string());
    }
    if signer.accepts_expired != AcceptsExpired::Never {
        add("accept-expired", quoted(signer.accepts_expired.word()).to_string());
    }
    if signer.allows_legacy {
        add("allow-legacy", "true".to_owned());
    }
    if let Some(function) = &signer.min_hash {
        add("min-hash", quoted(function).to_string());
    }
    if let Some(versions) = &signer.versions {
        add("valid-for-versions", quoted(&versions.to_string()).to_string());
    }
    for (key, value) in &signer.stated {
        add(key, quoted(value).to_string());
    }
    if !signer.parameters.is_empty() {
        let pairs = signer.parameters.iter().map(|(key, value)| format!("{} = {}", quoted(key), quoted(value)));
        add("parameters", format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", ")));
    }
    if !signer.materials.is_empty() {
        add("materials", list(&signer.materials));
    }
    if !signer.exceptions.is_empty() {
        let all: Vec<String> = signer.exceptions.iter().map(|exception| exception.value.shown()).collect();
        add("exception", format!("[{}]", all.join(", ")));
    }
    line.push_str(" }");
    Text::trusted(line)
}

fn list<'a>(entries: impl IntoIterator<Item = &'a String>) -> String {
    let entries: Vec<String> = entries.into_iter().map(|entry| quoted(entry).to_string()).collect();
    format!("[{}]", entries.join(", "))
}
