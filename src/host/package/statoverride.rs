//! Owners and modes that an administrator gave files of packages (`dpkg-statoverride(1)`). They permit nothing: what a file
//! may be is for the policy to say.

use serde::{Deserialize, Serialize};

use crate::host::line::{Line, Place};
use crate::host::reading::Reading;
use crate::text::Text;

/// An owner and a mode that were given to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statoverride {
    /// The file.
    pub path: Text,
    /// Its owner.
    pub user: Text,
    /// Its group.
    pub group: Text,
    /// Its mode.
    pub mode: Text,
    /// Where that is written.
    pub place: Place,
}

pub(super) fn collect(reading: &Reading<'_>) -> Vec<Statoverride> {
    let Ok(Some(file)) = reading.read("var/lib/dpkg/statoverride") else { return Vec::new() };
    let one = |line: Line<'_>| {
        let text = line.text();
        let mut words = text.splitn(4, ' ');
        let [user, group, mode, path] = [words.next()?, words.next()?, words.next()?, words.next()?].map(Text::of);
        Some(Statoverride { path, user, group, mode, place: file.at(line.number) })
    };
    file.lines().filter_map(one).collect()
}
