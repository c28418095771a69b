//! Where pacman, apk and opkg take packages from.
//!
//! apk takes nothing unsigned from its sources unless its command line says so, which no file can (`apk(8)`,
//! `--allow-untrusted`): whether an address is encrypted is no matter of whether its packages are signed.

use std::collections::BTreeSet;

use super::{Packages, Setting, Source, ini, without_secret};
use crate::host::line::{Place, lines};
use crate::host::reading::{HostFile, Reading};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// How many files pacman's configuration may include.
const MAX_INCLUDES: usize = 256;

pub(super) fn collect(reading: &Reading<'_>, out: &mut Packages) {
    pacman(reading, out);
    apk(reading, out);
    opkg(reading, out);
}

/// What pacman takes of packages without a signature, as `SigLevel` says word by word (`pacman.conf(5)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Required,
    Optional,
    Never,
}

impl Level {
    fn read(self, value: &str) -> Self {
        value.split_ascii_whitespace().fold(self, |level, word| match word.strip_prefix("Package").unwrap_or(word) {
            "Never" => Self::Never,
            "Optional" => Self::Optional,
            "Required" => Self::Required,
            _ => level,
        })
    }
}

fn pacman(reading: &Reading<'_>, out: &mut Packages) {
    let Ok(Some(file)) = reading.read("etc/pacman.conf") else { return };
    let all = ini::read(&file.bytes);
    let setting = |value: &str, line: Option<u32>, level: Level| Setting {
        key: Text::trusted("SigLevel"),
        value: Text::of(value),
        place: Place { path: file.path.clone(), line },
        is_unsigned: level != Level::Required,
    };
    let given = all.iter().rev().find(|one| one.section == "options" && one.key == "SigLevel");
    // Without the setting a signature is looked at where there is one.
    let of_all = given.map_or_else(
        || (Level::Optional, setting("", None, Level::Optional)),
        |one| {
            let level = Level::Optional.read(&one.value);
            (level, setting(&one.value, Some(one.line), level))
        },
    );
    let names: BTreeSet<&str> =
        all.iter().map(|one| one.section.as_str()).filter(|name| !matches!(*name, "" | "options")).collect();
    if given.is_some() || !names.is_empty() {
        out.settings.push(of_all.1.clone());
    }
    let mut includes = 0;
    for name in names {
        let own = all.iter().rev().find(|one| one.section == name && one.key == "SigLevel");
        let counts = own.map_or_else(
            || of_all.1.clone(),
            |one| {
                let level = of_all.0.read(&one.value);
                setting(&one.value, Some(one.line), level)
            },
        );
        let mut uris = Vec::new();
        for one in all.iter().filter(|one| one.section == name) {
            match one.key.as_str() {
                "Server" => uris.push(without_secret(&one.value)),
                "Include" if includes < MAX_INCLUDES => {
                    includes += 1;
                    uris.extend(servers(reading, &one.value));
                }
                _ => {}
            }
        }
        let start = all.iter().find(|one| one.section == name).map_or(1, |one| one.line);
        out.sources.push(Source {
            name: text!("[{}]", name),
            uris,
            place: file.at(start),
            unsigned: Some(counts).filter(|setting| setting.is_unsigned),
        });
    }
}

/// Returns the addresses in a list of mirrors.
fn servers(reading: &Reading<'_>, path: &str) -> Vec<Text> {
    let file = TreePath::root().join(path.trim_start_matches('/').as_bytes()).map(|path| reading.read_at(&path));
    let Some(Ok(Some(file))) = file else { return Vec::new() };
    ini::read(&file.bytes).iter().filter(|one| one.key == "Server").map(|one| without_secret(&one.value)).collect()
}

fn apk(reading: &Reading<'_>, out: &mut Packages) {
    let more = reading.expand("etc/apk/repositories.d/*.list").into_iter().map(|(path, _)| path);
    for path in TreePath::new(b"etc/apk/repositories").into_iter().chain(more) {
        let Ok(Some(file)) = reading.read_at(&path) else { continue };
        for line in lines(&file.bytes) {
            let text = line.text();
            let mut words = text.split_ascii_whitespace();
            let Some(uri) = words.find(|word| !word.starts_with('@')).filter(|uri| !uri.starts_with('#')) else {
                continue;
            };
            let uri = without_secret(uri);
            out.sources.push(Source {
                name: uri.clone(),
                uris: vec![uri],
                place: file.at(line.number),
                unsigned: None,
            });
        }
    }
}

fn opkg(reading: &Reading<'_>, out: &mut Packages) {
    let main = reading.read("etc/opkg.conf").ok().flatten();
    let more =
        reading.expand("etc/opkg/*.conf").into_iter().filter_map(|(path, _)| reading.read_at(&path).ok().flatten());
    let files: Vec<HostFile> = main.into_iter().chain(more).collect();
    let words = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let all: Vec<(&HostFile, u32, Vec<String>)> = files
        .iter()
        .flat_map(|file| lines(&file.bytes).map(move |line| (file, line.number, words(&line.text()))))
        .collect();
    let is_checked = all.iter().any(|(_, _, words)| {
        matches!(words.as_slice(), [option, key, ..] if option == "option" && key == "check_signature")
            && words.get(2).is_none_or(|value| super::flag(value) != Some(false))
    });
    for (file, line, words) in &all {
        let [kind, name, uri, ..] = words.as_slice() else { continue };
        if kind != "src" && kind != "src/gz" {
            continue;
        }
        out.sources.push(Source {
            name: Text::of(&**name),
            uris: vec![without_secret(uri)],
            place: file.at(*line),
            unsigned: (!is_checked).then(|| Setting {
                key: Text::trusted("option check_signature"),
                value: Text::default(),
                place: file.at(*line),
                is_unsigned: true,
            }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_level_counts() {
        let check = |value: &str, expected: Level| assert_eq!(Level::Optional.read(value), expected, "{value}");
        check("Required DatabaseOptional", Level::Required);
        check("PackageRequired", Level::Required);
        check("Required Never", Level::Never);
        check("Optional TrustAll", Level::Optional);
        check("DatabaseNever", Level::Optional);
        check("", Level::Optional);
    }
}
