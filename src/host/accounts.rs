//! Accounts, groups, and who may become whom (`passwd(5)`, `shadow(5)`, `group(5)`, `sudoers(5)`).

use serde::{Deserialize, Serialize};

use super::line::Place;
use super::reading::Reading;
use super::{Family, HostFile};
use crate::text::Text;

/// The family of accounts.
pub(super) static FAMILY: Family = Family {
    id: "accounts",
    summary: "accounts, groups, passwords and sudo",
    reads: &["etc/passwd", "etc/shadow", "etc/group", "etc/gshadow"],
};

/// What is known of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// The accounts, in the order of the file.
    pub accounts: Vec<Account>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub place: Place,
    /// Its number.
    pub user: u32,
}

impl Accounts {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let Ok(Some(passwd)) = reading.read("etc/passwd") else { return Self::default() };
        Self { accounts: accounts(&passwd) }
    }
}

fn accounts(passwd: &HostFile) -> Vec<Account> {
    let account = |line: super::Line<'_>| {
        let mut fields = line.bytes.split(|byte| *byte == b':');
        let name = Text::of(fields.next()?);
        let user = std::str::from_utf8(fields.nth(1)?).ok()?.parse().ok()?;
        Some(Account { name, place: passwd.at(line.number), user })
    };
    passwd.lines().filter_map(account).collect()
}
