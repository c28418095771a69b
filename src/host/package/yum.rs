//! Where yum, dnf and zypper take packages from, and whether they look at signatures (`dnf.conf(5)`, `zypper(8)`).

use std::collections::BTreeSet;

use super::{Assigned, Packages, Setting, Source, flag, ini, without_secret};
use crate::host::line::Place;
use crate::host::reading::{HostFile, Reading};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Where dnf and yum are configured, in the order in which values count: the last one does.
const MAIN: [&str; 4] =
    ["usr/share/dnf5/libdnf.conf.d/*.conf", "etc/dnf/libdnf5.conf.d/*.conf", "etc/yum.conf", "etc/dnf/dnf.conf"];

/// Where their sources stand.
const SOURCES: [&str; 3] = ["etc/yum.repos.d/*.repo", "etc/distro.repos.d/*.repo", "usr/share/dnf5/repos.d/*.repo"];

/// The keys that say whether the signatures of packages are looked at.
const CHECKS: [&str; 2] = ["gpgcheck", "pkg_gpgcheck"];

pub(super) fn collect(reading: &Reading<'_>, out: &mut Packages) {
    // Without a setting yum and dnf 4 take packages unsigned (`gpgcheck` in `dnf.conf(5)`).
    let main = main(reading, &MAIN, "main");
    for setting in &main {
        out.settings.push(setting.clone());
    }
    let unset = || Setting {
        key: Text::trusted("gpgcheck"),
        value: Text::default(),
        place: Place::file(&TreePath::new(b"etc/dnf/dnf.conf").unwrap_or_default()),
        is_unsigned: true,
    };
    let of_all = main.last().cloned().unwrap_or_else(unset);
    for pattern in SOURCES {
        sources(reading, pattern, Some(&of_all), out);
    }
    // zypper looks at signatures unless it is told otherwise.
    let zypp: Vec<Setting> = self::main(reading, &["etc/zypp/zypp.conf"], "main");
    let of_all = zypp.last().cloned();
    out.settings.extend(zypp);
    sources(reading, "etc/zypp/repos.d/*.repo", of_all.as_ref(), out);
}

/// Returns the settings about signatures in a section of some files.
fn main(reading: &Reading<'_>, patterns: &[&'static str], section: &str) -> Vec<Setting> {
    let mut out: Vec<Setting> = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, entry) in patterns.iter().flat_map(|pattern| reading.expand(pattern)) {
        if !seen.insert(entry.path) {
            continue;
        }
        let Ok(Some(file)) = reading.read_at(&path) else { continue };
        for one in ini::read(&file.bytes) {
            if one.section == section && CHECKS.contains(&one.key.as_str()) {
                // The last value counts.
                out.clear();
                out.push(setting(&file, &one));
            }
        }
    }
    out
}

fn setting(file: &HostFile, one: &Assigned) -> Setting {
    Setting {
        key: Text::of(&*one.key),
        value: Text::of(&*one.value),
        place: file.at(one.line),
        is_unsigned: flag(&one.value) == Some(false),
    }
}

fn sources(reading: &Reading<'_>, pattern: &'static str, of_all: Option<&Setting>, out: &mut Packages) {
    for (path, _) in reading.expand(pattern) {
        let Ok(Some(file)) = reading.read_at(&path) else { continue };
        let all = ini::read(&file.bytes);
        let names: BTreeSet<&str> =
            all.iter().map(|one| one.section.as_str()).filter(|name| !name.is_empty()).collect();
        for name in names.into_iter().filter(|name| *name != "main") {
            let of = |key: &str| all.iter().rev().find(|one| one.section == name && one.key == key);
            if of("enabled").and_then(|one| flag(&one.value)) == Some(false) {
                continue;
            }
            let own = CHECKS.iter().find_map(|key| of(key)).map(|one| setting(&file, one));
            let counts = own.as_ref().or(of_all);
            let uris = ["baseurl", "mirrorlist", "metalink"].iter().filter_map(|key| of(key));
            let uris = uris.flat_map(|one| one.value.split([' ', ',', '\t'])).filter(|uri| !uri.is_empty());
            let start = all.iter().find(|one| one.section == name).map_or(1, |one| one.line);
            out.sources.push(Source {
                name: text!("[{}]", name),
                uris: uris.map(without_secret).collect(),
                place: file.at(start),
                unsigned: counts.filter(|setting| setting.is_unsigned).cloned(),
            });
        }
    }
}
