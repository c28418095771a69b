//! Which policy judges, and what a change does to it.

use std::path::PathBuf;

use super::{Before, GateError, Opened};
use crate::finding::Level;
use crate::policy::{Loader, POLICY_FILE, Policy, PolicyError, TreeFiles, weakenings};
use crate::rule::{PolicyChange, catalogue};
use crate::text;
use crate::text::Text;
use crate::tree::{Directory, Tree, TreePath};

/// Which policy judges.
#[derive(Clone, Debug)]
pub enum PolicyChoice {
    /// The one of the inspected repository: of the base, where there is one; else a built-in one.
    OfTree,
    /// A built-in one, by name.
    Builtin(String),
    /// One in a file of the machine.
    File {
        /// The file as the user named it.
        shown: String,
        /// The folder below which it, and all it extends, lies.
        root: PathBuf,
        /// The file below that folder.
        path: TreePath,
    },
}

/// The policies of a run.
pub(super) struct Policies {
    /// The policy that judges.
    pub in_force: Policy,
    builtin: Policy,
    before: Option<Policy>,
    now: Option<Result<Policy, PolicyError>>,
    /// Whether the policy came with the request rather than with the tree.
    given: bool,
}

/// The policy that judges where the repository has none.
const DEFAULT: &str = "recommended";

/// Loads the policies of a run.
///
/// # Errors
/// When the policy that judges cannot be read or understood.
pub(super) fn load(opened: &Opened, choice: &PolicyChoice) -> Result<Policies, GateError> {
    let builtin = loader("builtin", None).builtin(DEFAULT)?;
    let of_tree = |tree: &dyn Tree, origin| {
        let files = TreeFiles(tree);
        loader(origin, Some(&files)).file(&policy_path())
    };
    let now = opened.policy_now.as_ref().and_then(|tree| of_tree(tree.as_tree(), "tree").transpose());
    let tip = match &opened.policy_before {
        Some(Some(tip)) => of_tree(tip, "base")?,
        Some(None) | None => None,
    };
    // What the change is compared with: the policy it started from. Where that one is broken, or there was none
    // and the change brings one, it is the one that stands in the base today.
    let before = match &opened.policy_changed_from {
        None => None,
        Some(tree) => match of_tree(tree, "base") {
            Ok(Some(policy)) => Some(policy),
            Ok(None) => tip.clone().filter(|_| now.is_some()),
            Err(_) => tip.clone(),
        },
    };
    let in_force = match choice {
        PolicyChoice::OfTree => match &opened.policy_before {
            Some(_) => tip,
            None => now.clone().transpose()?,
        },
        PolicyChoice::Builtin(_) | PolicyChoice::File { .. } => Some(load_policy(choice)?),
    };
    let in_force = in_force.unwrap_or_else(|| builtin.clone());
    let selects = in_force
        .rules
        .values()
        .any(|setting| setting.level.value > Level::Allow || setting.undetermined() > Level::Allow);
    if !selects && in_force.custom.is_empty() {
        return Err(GateError::NothingSelected { policy: in_force.name });
    }
    Ok(Policies { in_force, builtin, before, now, given: !matches!(choice, PolicyChoice::OfTree) })
}

/// Loads the policy that a request names.
///
/// # Errors
/// When there is none, or it cannot be read or understood.
pub fn load_policy(choice: &PolicyChoice) -> Result<Policy, GateError> {
    match choice {
        PolicyChoice::OfTree => Ok(loader("builtin", None).builtin(DEFAULT)?),
        PolicyChoice::Builtin(name) => Ok(loader("builtin", None).builtin(name)?),
        PolicyChoice::File { shown, root, path } => {
            let directory = Directory::open_as(root, Text::of(shown))?;
            let files = TreeFiles(&directory);
            let policy = Loader { shown: Some(Text::of(shown)), ..loader("file", Some(&files)) }.file(path)?;
            policy.ok_or_else(|| GateError::File { file: Text::of(shown), found: Text::trusted("no file") })
        }
    }
}

/// Loads the policy at the root of a tree; the built-in one where there is none.
///
/// # Errors
/// When it cannot be read or understood.
pub fn policy_in(tree: &dyn Tree, origin: &'static str) -> Result<Policy, GateError> {
    let files = TreeFiles(tree);
    match loader(origin, Some(&files)).file(&policy_path())? {
        Some(policy) => Ok(policy),
        None => load_policy(&PolicyChoice::OfTree),
    }
}

/// Loads the policy that would judge the opened trees.
///
/// # Errors
/// When it cannot be read or understood.
pub fn policy_of(opened: &Opened, choice: &PolicyChoice) -> Result<Policy, GateError> {
    load(opened, choice).map(|policies| policies.in_force)
}

fn loader<'a>(origin: &'static str, files: Option<&'a dyn crate::policy::PolicyFiles>) -> Loader<'a> {
    Loader { catalogue: catalogue(), files, origin, shown: None }
}

fn policy_path() -> TreePath {
    TreePath::new(POLICY_FILE.as_bytes()).unwrap_or_default()
}

impl Policies {
    /// Returns what the change does to the policy file.
    pub(super) fn change(&self, accepted: Option<&str>) -> PolicyChange<'_> {
        let was = self.before.as_ref().unwrap_or(&self.builtin);
        let weakenings = match &self.now {
            Some(Ok(now)) => weakenings(&catalogue(), was, now),
            None if self.before.is_some() => weakenings(&catalogue(), was, &self.builtin),
            None | Some(Err(_)) => Vec::new(),
        };
        let is_accepted = matches!((&self.now, accepted), (Some(Ok(now)), Some(digest)) if now.digest == digest);
        PolicyChange {
            before: self.before.as_ref(),
            now: self.now.as_ref(),
            builtin: &self.builtin,
            weakenings,
            accepted: is_accepted,
        }
    }

    /// Returns what a reader must know about the choice of the policy.
    pub(super) fn notes(&self, opened: &Opened) -> Vec<Text> {
        let mut notes = Vec::new();
        if !self.given && self.in_force.origin == "builtin" {
            let place = match &opened.before {
                Some(Before::Revision { .. } | Before::Nothing) => "the base has",
                Some(Before::Snapshot { .. }) | None => "the tree has",
            };
            notes.push(text!("{} no {}: {} judges", place, POLICY_FILE, self.in_force.name));
        }
        notes
    }
}
