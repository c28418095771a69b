//! The ledger of signers: who signed which release, which keys were trusted then, and how keys were handed over since.

mod hand_over;
mod keyring;
mod product;
mod read;
mod record;

use std::collections::BTreeSet;

use self::hand_over::HandOvers;
pub(super) use self::product::Product;
use self::product::{order, rules_of};
use self::read::key_of;
pub use self::record::Recording;
use super::Named;
use super::trusted::{Ask, PolicyFolder, Trusted};
use crate::gate::GateError;
use crate::policy::{MAX_POLICY_BYTES, NotRead, PolicyError};
use crate::signature::{Artifact, Claim, Fault, FaultKind};
use crate::text;
use crate::text::Text;

/// Where the ledger stands in the policy's folder.
pub const LEDGER_FILE: &str = ".portcullis/signers.toml";

/// How many keys a message names.
const MOST_NAMED: usize = 5;

/// What was recorded.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    releases: Vec<Release>,
    hand_overs: Vec<HandOver>,
    /// What tells releases apart.
    known: BTreeSet<(&'static str, String, Option<String>, Option<String>)>,
}

/// A release that was recorded.
#[derive(Clone, Debug)]
struct Release {
    kind: &'static str,
    /// The name, with `*` where the version stands.
    product: String,
    version: Option<String>,
    digest: String,
    signers: Vec<Signature>,
    /// The keys that were trusted when it was recorded.
    keyring: BTreeSet<String>,
}

/// Who signed a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signature {
    key: String,
    scheme: String,
    name: String,
}

/// That one key stands for another from then on.
#[derive(Clone, Debug)]
struct HandOver {
    from: String,
    to: String,
    way: Way,
}

/// How it is known.
#[derive(Clone, Debug)]
enum Way {
    /// The old key signed the file of the new one.
    Signed { signature: String, certificate: String, old_certificate: Option<String> },
    /// Somebody answers for it.
    Reviewed,
}

impl Release {
    fn keys(&self) -> impl Iterator<Item = &String> {
        self.signers.iter().map(|signer| &signer.key)
    }

    /// Returns it as messages name it.
    fn shown(&self) -> Text {
        match &self.version {
            Some(version) => text!("version {}", *version),
            None => text!("{}", self.digest),
        }
    }
}

/// The ledger of a request, with what its hand-overs are worth.
pub(super) struct Opened {
    shown: Text,
    /// What stands in the file, `None` where there is none.
    text: Option<String>,
    ledger: Ledger,
    hand_overs: HandOvers,
}

impl Opened {
    /// Reads the ledger of a policy's folder.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub(super) fn read(named: &Named, folder: &PolicyFolder, trusted: &Trusted) -> Result<Self, GateError> {
        let bytes = folder.file(LEDGER_FILE, MAX_POLICY_BYTES).map_err(|NotRead { found, hint }| PolicyError {
            file: named.shown.clone(),
            position: None,
            message: text!("expected a readable ledger of signers, found {}", found),
            hint: hint.map(Text::trusted),
        })?;
        let Some(bytes) = bytes else {
            let (ledger, hand_overs) = (Ledger::default(), HandOvers::default());
            return Ok(Self { shown: named.shown.clone(), text: None, ledger, hand_overs });
        };
        let ledger = Ledger::parse(&named.shown, &bytes)?;
        let hand_overs = HandOvers::of(&ledger, folder, trusted.asks());
        let text = Some(String::from_utf8_lossy(&bytes).into_owned());
        Ok(Self { shown: named.shown.clone(), text, ledger, hand_overs })
    }

    /// Whether there is one.
    pub(super) fn is_there(&self) -> bool {
        self.text.is_some()
    }

    /// Returns what speaks against an artifact by what is recorded.
    pub(super) fn compare(&self, artifact: &Artifact, asks: &[&Ask]) -> Vec<Fault> {
        let Some(of) = Of::artifact(artifact) else { return Vec::new() };
        let recorded = self.recorded(artifact, of.product.as_ref());
        let (Some(latest), Some(last)) = (latest(&recorded), recorded.last()) else {
            let message = match &of.product {
                Some(product) => {
                    text!("`{}` has no record of `{}`: nothing says who signed it before", self.shown, product.name)
                }
                None => text!("`{}` has no record of {}: nothing says who signed it before", self.shown, artifact.name),
            };
            return vec![Fault::new(FaultKind::SignerNew, message)];
        };
        let mut faults = Vec::new();
        // Of what is refused anyway it is told why it is, and not that nobody signed it whom it was signed by before.
        if artifact.is_accepted() {
            faults.extend(self.signers(artifact, &of, &recorded, latest));
        }
        faults.extend(self.keyring(artifact, asks, last));
        faults
    }

    /// Returns the records of a product, in the order of the file.
    fn recorded(&self, artifact: &Artifact, product: Option<&Product>) -> Vec<&Release> {
        let of = |release: &&Release| match product {
            Some(product) => release.kind == product.kind && release.product == product.name,
            // What has no name of its own is known by its digest.
            None => artifact.digest.as_ref().is_some_and(|(function, value)| {
                release.digest.strip_prefix(function).and_then(|rest| rest.strip_prefix(':')) == Some(value)
            }),
        };
        self.ledger.releases.iter().filter(of).collect()
    }

    fn signers(&self, artifact: &Artifact, of: &Of<'_>, recorded: &[&Release], latest: &Release) -> Option<Fault> {
        let product = of.product.as_ref();
        let version = product.and_then(|product| product.version.as_ref());
        let same = recorded.iter().find(|release| match (product, version) {
            (None, _) => true,
            (Some(_), Some(version)) => release.version.as_ref() == Some(version),
            (Some(_), None) => release.version.is_none() && Some(&release.digest) == of.digest.as_ref(),
        });
        if let Some(same) = same.filter(|_| product.is_some()) {
            let Some(digest) = &of.digest else {
                let message = text!("`{}`: whether it is what was recorded cannot be told", artifact.name);
                return Some(Fault::undetermined(FaultKind::SignerChanged, message));
            };
            if *digest != same.digest {
                let message =
                    text!("{} was recorded with other contents: {}, found {}", same.shown(), same.digest, *digest);
                let help = "find out which of the two was released; a release that is mended bears a new version";
                return Some(Fault::new(FaultKind::SignerChanged, message).help(Text::trusted(help)));
            }
        }
        let before = same.copied().unwrap_or(latest);
        let known = self.hand_overs.reached(before.keys());
        if !of.keys.iter().any(|key| known.contains(key)) {
            let message = text!(
                "`{}` is signed by {}, {} by {}",
                artifact.name,
                shown_claims(&of.claims),
                before.shown(),
                shown_signers(before)
            );
            return Some(Fault::new(FaultKind::SignerChanged, self.hand_overs.with_faults(message, &known)));
        }
        let ever = self.hand_overs.reached(recorded.iter().flat_map(|release| release.keys()));
        let new: Vec<&Claim> = of
            .claims
            .iter()
            .filter(|claim| !stable_key(claim).is_some_and(|key| ever.contains(&key)))
            .copied()
            .collect();
        (!new.is_empty()).then(|| {
            let message = text!("`{}` is also signed by {}, for the first time", artifact.name, shown_claims(&new));
            Fault::new(FaultKind::SignerNew, message)
        })
    }

    /// Compares the keys that are trusted now with those that were when a release was recorded last.
    fn keyring(&self, artifact: &Artifact, asks: &[&Ask], last: &Release) -> Option<Fault> {
        let now = match keyring_of(artifact, asks) {
            Ok(now) => now,
            Err(fault) => {
                let message = text!("which keys are trusted cannot be told: {}", fault.message);
                return Some(Fault::undetermined(FaultKind::KeyringWidened, message));
            }
        };
        let known = self.hand_overs.reached(last.keyring.iter().chain(last.keys()));
        let added: Vec<&String> = now.difference(&known).collect();
        if added.is_empty() {
            return None;
        }
        let shown = listed(added.iter().map(|key| text!("{}", **key)));
        let message =
            text!("trusted for `{}` now and not when {} was recorded: {}", artifact.name, last.shown(), shown);
        Some(Fault::new(FaultKind::KeyringWidened, self.hand_overs.with_faults(message, &known)))
    }
}

/// What of an artifact is compared.
struct Of<'a> {
    /// What it is a release of, `None` for a digest.
    product: Option<Product>,
    digest: Option<String>,
    claims: Vec<&'a Claim>,
    keys: BTreeSet<String>,
}

impl<'a> Of<'a> {
    /// Returns what is compared, `None` for what is no release: commits, and attestations alone.
    fn artifact(artifact: &'a Artifact) -> Option<Self> {
        if !product::KINDS.contains(&artifact.kind) {
            return None;
        }
        let claims: Vec<&Claim> = artifact.good_claims().collect();
        let of_tag = || claims.iter().find_map(|claim| claim.digest.as_ref());
        let digest = match artifact.kind {
            "tag" => of_tag().map(|(function, value)| format!("{function}:{value}")),
            _ => artifact.sha256.as_ref().map(|value| format!("sha256:{value}")),
        };
        let keys = claims.iter().filter_map(|claim| stable_key(claim)).collect();
        Some(Self { product: Product::of(artifact), digest, claims, keys })
    }
}

fn stable_key(claim: &Claim) -> Option<String> {
    let key = claim.stable_key()?;
    Some(key_of(key.as_str()).unwrap_or_else(|| key.as_str().to_owned()))
}

/// Returns the keys that may sign an artifact.
fn keyring_of(artifact: &Artifact, asks: &[&Ask]) -> Result<BTreeSet<String>, Fault> {
    let mut found = BTreeSet::new();
    for ask in asks {
        let keyring = match artifact.kind {
            "tag" => ask.keyring_of_tags.get_or_init(|| keyring::trusted_by(ask, true)),
            _ => ask.keyring.get_or_init(|| keyring::trusted_by(ask, false)),
        };
        found.extend(keyring.clone()?);
    }
    Ok(found)
}

/// Returns the latest of a product's releases: by the order of versions, or the last of the file where one has none.
fn latest<'a>(recorded: &[&'a Release]) -> Option<&'a Release> {
    let versions: Vec<&str> = recorded.iter().filter_map(|release| release.version.as_deref()).collect();
    if versions.len() != recorded.len() {
        return recorded.last().copied();
    }
    let key = |release: &'a Release| release.version.as_deref().unwrap_or_default();
    let rules = rules_of(&versions);
    recorded.iter().copied().max_by(|a, b| order(rules, key(a), key(b)))
}

fn shown_claims(claims: &[&Claim]) -> Text {
    listed(claims.iter().map(|claim| {
        let key = claim.stable_key().unwrap_or_default();
        let name = claim.signer.as_ref().map(|signer| signer.name.clone()).unwrap_or_default();
        shown_signer(&name, &key)
    }))
}

fn shown_signers(release: &Release) -> Text {
    listed(release.signers.iter().map(|signer| shown_signer(&Text::of(&signer.name), &text!("{}", signer.key))))
}

fn shown_signer(name: &Text, key: &Text) -> Text {
    match name.as_str().is_empty() || key.as_str().contains(name.as_str()) {
        true => key.clone(),
        false => text!("{} ({})", *name, *key),
    }
}

/// Joins the first few, and says how many more there are.
fn listed(all: impl Iterator<Item = Text>) -> Text {
    let all: Vec<Text> = all.collect();
    let named: Vec<&str> = all.iter().take(MOST_NAMED).map(Text::as_str).collect();
    let named = named.join(", ");
    match all.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        Some(more) => Text::trusted(format!("{named} and {more} more")),
        None => Text::trusted(named),
    }
}
