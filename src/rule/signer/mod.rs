//! Rules about who signs one release after another, by the ledger of signers.

mod changed;
mod keyring_widened;
mod new;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&changed::RULE, &keyring_widened::RULE, &new::RULE];
