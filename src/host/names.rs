//! The names of users and groups, from the root's own files.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::line::lines;
use crate::text::{Inspected, Text};

/// How many accounts or groups are read.
const MAX_NAMES: usize = 1_000_000;

/// A user or a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    /// The number.
    pub id: u32,
    /// The name that the root's own files give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
}

/// The name, or the number where there is none.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}"),
            None => write!(f, "{}", self.id),
        }
    }
}

impl Inspected for Principal {
    fn neutralise_into(&self, out: &mut String) {
        // The name was neutralised when it was read.
        out.push_str(&self.to_string());
    }
}

/// The names of users and groups.
#[derive(Clone, Debug, Default)]
pub struct Names {
    users: HashMap<u32, Text>,
    groups: HashMap<u32, Text>,
    /// The members of groups beside those whose primary group it is.
    has_users: bool,
    has_groups: bool,
}

impl Names {
    /// Reads passwd and group; `None` where a file is not there or cannot be read.
    #[must_use]
    pub fn read(passwd: Option<&[u8]>, group: Option<&[u8]>) -> Self {
        Self {
            users: passwd.map(names).unwrap_or_default(),
            groups: group.map(names).unwrap_or_default(),
            has_users: passwd.is_some(),
            has_groups: group.is_some(),
        }
    }

    /// Returns a user.
    #[must_use]
    pub fn user(&self, id: u32) -> Principal {
        Principal { id, name: self.users.get(&id).cloned() }
    }

    /// Returns a group.
    #[must_use]
    pub fn group(&self, id: u32) -> Principal {
        Principal { id, name: self.groups.get(&id).cloned() }
    }

    /// Whether there is a user of this number; `None` where that cannot be known.
    #[must_use]
    pub fn has_user(&self, id: u32) -> Option<bool> {
        self.has_users.then(|| self.users.contains_key(&id))
    }

    /// Whether there is a group of this number; `None` where that cannot be known.
    #[must_use]
    pub fn has_group(&self, id: u32) -> Option<bool> {
        self.has_groups.then(|| self.groups.contains_key(&id))
    }
}

/// Reads `name:…:number:…`. The first name of a number counts.
fn names(bytes: &[u8]) -> HashMap<u32, Text> {
    let mut out = HashMap::new();
    for line in lines(bytes).take(MAX_NAMES) {
        let mut fields = line.bytes.split(|byte| *byte == b':');
        let (Some(name), Some(number)) = (fields.next(), fields.nth(1)) else { continue };
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        if let (Some(number), false) = (number, name.is_empty()) {
            out.entry(number).or_insert_with(|| Text::of(name));
        }
    }
    out
}
