//! How strictly settings of units confine a service, so that two states of them can be compared (`systemd.exec(5)`).

use std::collections::BTreeSet;

/// What a setting lets a service do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// How far it confines, of an order: 0 for not at all.
    Rank(u8),
    /// Only these.
    Only(BTreeSet<String>),
    /// All but these.
    AllBut(BTreeSet<String>),
    /// The user, empty for root.
    User(String),
}

impl State {
    /// Returns the state of a setting that is nowhere set.
    pub(super) fn unset(key: &str) -> Self {
        match key {
            "CapabilityBoundingSet" | "SystemCallFilter" | "RestrictAddressFamilies" | "RestrictNamespaces" => {
                Self::AllBut(BTreeSet::new())
            }
            "User" => Self::User(String::new()),
            _ => Self::Rank(0),
        }
    }

    /// Takes one more assignment.
    pub(super) fn take(&mut self, key: &str, value: &str) {
        match key {
            "User" => *self = Self::User(if matches!(value, "root" | "0") { String::new() } else { value.to_owned() }),
            "CapabilityBoundingSet" => self.list(value, &Self::Only(BTreeSet::new())),
            "SystemCallFilter" => self.list(value, &Self::AllBut(BTreeSet::new())),
            "RestrictAddressFamilies" if value == "none" => *self = Self::Only(BTreeSet::new()),
            "RestrictAddressFamilies" => self.list(value, &Self::AllBut(BTreeSet::new())),
            "RestrictNamespaces" => match flag(value) {
                Some(true) => *self = Self::Only(BTreeSet::new()),
                Some(false) => *self = Self::AllBut(BTreeSet::new()),
                None => self.list(value, &Self::AllBut(BTreeSet::new())),
            },
            _ => *self = Self::Rank(rank(key, value)),
        }
    }

    /// Takes a list: what is named is let in, or behind `~` kept out; an empty one begins anew.
    fn list(&mut self, value: &str, empty: &Self) {
        let (is_denied, names) = match value.strip_prefix('~') {
            Some(names) => (true, names),
            None => (false, value),
        };
        // Behind a colon stands what a call that is kept out returns.
        let names: BTreeSet<String> = names
            .split_ascii_whitespace()
            .map(|name| name.split(':').next().unwrap_or(name).to_ascii_lowercase())
            .collect();
        let is_open = *self == Self::AllBut(BTreeSet::new());
        match (is_denied, names.is_empty()) {
            (false, true) => *self = empty.clone(),
            (true, true) => *self = Self::AllBut(BTreeSet::new()),
            (true, false) if is_open => *self = Self::AllBut(names),
            (false, false) if is_open => *self = Self::Only(names),
            (true, false) => match self {
                Self::Only(all) => all.retain(|name| !names.contains(name)),
                Self::AllBut(denied) => denied.extend(names),
                Self::Rank(_) | Self::User(_) => {}
            },
            (false, false) => match self {
                Self::Only(all) => all.extend(names),
                Self::AllBut(denied) => denied.retain(|name| !names.contains(name)),
                Self::Rank(_) | Self::User(_) => {}
            },
        }
    }

    /// Whether it confines less than another state.
    pub(super) fn is_weaker_than(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Rank(before), Self::Rank(now)) => now < before,
            (Self::User(before), Self::User(now)) => !before.is_empty() && now.is_empty(),
            (Self::Only(before), Self::Only(now)) => !now.is_subset(before),
            (Self::Only(_), Self::AllBut(_)) => true,
            (Self::AllBut(before), Self::AllBut(now)) => !before.is_subset(now),
            (Self::AllBut(before), Self::Only(now)) => !before.is_disjoint(now),
            _ => false,
        }
    }
}

/// Reads a boolean as systemd does; one that is empty says no.
pub(super) fn flag(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "yes" | "y" | "true" | "t" | "on" => Some(true),
        "0" | "no" | "n" | "false" | "f" | "off" | "" => Some(false),
        _ => None,
    }
}

/// How far a value confines.
fn rank(key: &str, value: &str) -> u8 {
    match (key, flag(value), value) {
        (_, Some(false), _) => 0,
        ("ProtectSystem", Some(true), _) => 1,
        ("ProtectSystem", None, "full") => 2,
        ("ProtectSystem", None, "strict") => 3,
        ("ProtectHome", None, "read-only") => 1,
        ("ProtectHome", None, "tmpfs") => 2,
        ("ProtectHome", Some(true), _) => 3,
        ("ProtectProc", None, "ptraceable" | "noaccess") => 1,
        ("ProtectProc", None, "invisible") => 2,
        ("ProtectProc", None, "default") | ("ProcSubset", None, "all") | ("DevicePolicy", None, "auto") => 0,
        ("DevicePolicy", None, "strict") => 2,
        (_, Some(true), _) => 1,
        // A word of a newer systemd than is known here: it confines as far as `yes`.
        (_, None, _) => 1,
    }
}

/// Whether a state confines at all.
pub(super) fn confines(key: &str, state: &State) -> bool {
    State::unset(key).is_weaker_than(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(key: &str, values: &[&str]) -> State {
        let mut state = State::unset(key);
        values.iter().for_each(|value| state.take(key, value));
        state
    }

    #[test]
    fn states_are_compared() {
        let check = |key: &str, before: &[&str], now: &[&str], is_weaker: bool| {
            let answer = state(key, now).is_weaker_than(&state(key, before));
            assert_eq!(answer, is_weaker, "{key} {before:?} {now:?}");
        };
        check("ProtectSystem", &["strict"], &["strict", "no"], true);
        check("ProtectSystem", &["full"], &["full", "strict"], false);
        check("NoNewPrivileges", &["yes"], &["yes", "0"], true);
        check("NoNewPrivileges", &["yes"], &["true"], false);
        check("User", &["app"], &["app", "root"], true);
        check("User", &["app"], &["app", ""], true);
        check("User", &["app"], &["other"], false);
        check("CapabilityBoundingSet", &["CAP_CHOWN"], &["CAP_CHOWN", "~"], true);
        check("CapabilityBoundingSet", &["CAP_CHOWN CAP_KILL"], &["CAP_CHOWN CAP_KILL", "~CAP_KILL"], false);
        check("CapabilityBoundingSet", &["CAP_CHOWN"], &["CAP_CHOWN", ""], false);
        check("CapabilityBoundingSet", &["~CAP_SYS_ADMIN"], &["~CAP_SYS_ADMIN", "CAP_SYS_ADMIN"], true);
        check("SystemCallFilter", &["@system-service"], &["@system-service", ""], true);
        check("SystemCallFilter", &["@system-service"], &["@system-service", "~@privileged"], false);
        check("RestrictAddressFamilies", &["AF_UNIX"], &["AF_UNIX", "AF_INET"], true);
        check("RestrictAddressFamilies", &["AF_UNIX"], &["none"], false);
    }

    #[test]
    fn what_confines_is_told() {
        let check = |key: &str, values: &[&str], expected: bool| {
            assert_eq!(confines(key, &state(key, values)), expected, "{key} {values:?}");
        };
        check("NoNewPrivileges", &["yes"], true);
        check("NoNewPrivileges", &["no"], false);
        check("SystemCallFilter", &["~@mount"], true);
        check("SystemCallFilter", &[], false);
    }
}
