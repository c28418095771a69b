//! Options of mounts, and which of them are in force (`mount(8)`, measured with util-linux 2.38).

use std::collections::{BTreeMap, BTreeSet};

use crate::text::Text;

/// Options that switch one thing off, with those that switch it on.
const SWITCHES: [(&str, &str); 6] =
    [("nosuid", "suid"), ("nodev", "dev"), ("noexec", "exec"), ("ro", "rw"), ("noauto", "auto"), ("nouser", "user")];

/// Returns the options in force: of those that contradict each other the last. `user` and `users` stand for `noexec`, `nosuid`
/// and `nodev`, `owner` and `group` for the last two; `defaults` changes nothing, wherever it stands.
#[must_use]
pub fn effective(options: &str) -> BTreeSet<Text> {
    let mut out: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for option in split(options) {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        let implied: &[&str] = match name {
            "defaults" => continue,
            "user" | "users" => &["noexec", "nosuid", "nodev"],
            "owner" | "group" => &["nosuid", "nodev"],
            _ => &[],
        };
        for name in implied.iter().copied().chain([name]) {
            for (off, on) in SWITCHES {
                if name == on {
                    out.remove(off);
                } else if name == off {
                    out.remove(on);
                }
            }
            out.insert(name, value);
        }
    }
    // That something is allowed needs no word.
    for (_, on) in SWITCHES {
        out.remove(on);
    }
    let shown = |(name, value): (&str, Option<&str>)| match value {
        Some(value) => crate::text!("{}={}", *name, *value),
        None => Text::of(name),
    };
    out.into_iter().map(shown).collect()
}

/// Whether nothing mounts it at boot.
pub(super) fn is_on_request(options: &str) -> bool {
    let automount = split(options).any(|option| option == "x-systemd.automount");
    let last = split(options).filter(|option| matches!(*option, "auto" | "noauto")).last();
    last == Some("noauto") && !automount
}

/// Splits at commas that do not stand between quotes, as those of a context of SELINUX do.
fn split(options: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let parts = options.split(move |character: char| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    });
    parts.map(str::trim).filter(|option| !option.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_contradicting_options_counts() {
        let check = |options: &str, expected: &[&str]| {
            let found = effective(options);
            let found: Vec<&str> = found.iter().map(Text::as_str).collect();
            assert_eq!(found, expected, "{options}");
        };
        check("", &[]);
        check("defaults,noatime", &["noatime"]);
        check("nosuid,defaults", &["nosuid"]);
        check("nosuid,suid,nodev", &["nodev"]);
        check("suid,nosuid", &["nosuid"]);
        check("user", &["nodev", "noexec", "nosuid"]);
        check("user,exec", &["nodev", "nosuid"]);
        check("hidepid=2,hidepid=0", &["hidepid=0"]);
        check("context=\"a,nosuid\",nodev", &["context=\"a,nosuid\"", "nodev"]);
    }

    #[test]
    fn some_are_mounted_on_request() {
        let check = |options: &str, expected: bool| assert_eq!(is_on_request(options), expected, "{options}");
        check("noauto", true);
        check("noauto,auto", false);
        check("noauto,x-systemd.automount", false);
        check("defaults", false);
    }
}
