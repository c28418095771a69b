//! What the loader loads into every program, where it looks for libraries, and variables that make programs load code
//! (`ld.so(8)`, `ldconfig(8)`, `environment(5)`, `pam_env.conf(5)`).

use std::collections::BTreeSet;

use globset::GlobBuilder;

use super::super::HostFile;
use super::super::command::{self, Program, Variable};
use super::super::configuration::open;
use super::super::files::Asked;
use super::super::line;
use super::super::reading::Reading;
use super::{Library, LibraryFolder, Preload};
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// How many files, and folders in them, are read.
const MAX_FILES: usize = 1_000;

/// How many libraries and folders are told.
const MAX_TOLD: usize = 10_000;

pub(super) struct Loader {
    pub(super) preload: Option<Preload>,
    pub(super) folders: Vec<LibraryFolder>,
    pub(super) environment: Vec<Variable>,
}

pub(super) fn read(reading: &Reading<'_>) -> Loader {
    let path = TreePath::new(b"etc/ld.so.preload");
    let preload = path.and_then(|path| open(reading, &path)).map(|file| Preload {
        path: file.path.clone(),
        real: reading.ask(&file.path, Asked::State),
        libraries: libraries(&file.bytes)
            .into_iter()
            .map(|(line, name)| Library { name: Text::of(&name), place: file.at(line) })
            .collect(),
    });
    Loader { preload, folders: library_folders(reading), environment: environment(reading) }
}

/// Returns the libraries that `ld.so.preload` names, with their lines: blanks and colons stand between them, and what
/// follows `#` on a line counts for nothing (`do_preload` of glibc's `rtld.c`).
#[must_use]
pub fn libraries(bytes: &[u8]) -> Vec<(u32, String)> {
    let of_line = |line: line::Line<'_>| {
        let before = line.bytes.split(|byte| *byte == b'#').next().unwrap_or_default().to_vec();
        let names = String::from_utf8_lossy(&before).into_owned();
        let names: Vec<(u32, String)> = names
            .split([' ', '\t', ':', '\0', '\r', '\u{b}', '\u{c}'])
            .filter(|name| !name.is_empty())
            .map(|name| (line.number, name.to_owned()))
            .collect();
        names
    };
    line::lines(bytes).flat_map(of_line).take(MAX_TOLD).collect()
}

/// A line of `ld.so.conf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoaderLine {
    /// A folder.
    Folder(String),
    /// A pattern of more such files.
    Include(String),
}

/// Returns what `ld.so.conf` says, with the lines (`parse_conf` of glibc's `ldconfig.c`).
#[must_use]
pub fn folders(bytes: &[u8]) -> Vec<(u32, LoaderLine)> {
    let mut out = Vec::new();
    for line in line::lines(bytes) {
        let text = line.text();
        let text = text.split('#').next().unwrap_or_default().trim();
        let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        if out.len() >= MAX_TOLD {
            break;
        } else if word == "include" && !rest.is_empty() {
            let patterns = rest.split([' ', '\t']).filter(|pattern| !pattern.is_empty());
            out.extend(patterns.map(|pattern| (line.number, LoaderLine::Include(pattern.to_owned()))));
        } else if !text.is_empty() && !word.eq_ignore_ascii_case("hwcap") {
            // `=libc6` behind a folder is the kind of libraries in it.
            let folder = text.split('=').next().unwrap_or(text).trim_end();
            out.push((line.number, LoaderLine::Folder(folder.to_owned())));
        }
    }
    out
}

fn library_folders(reading: &Reading<'_>) -> Vec<LibraryFolder> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut ahead: Vec<TreePath> = TreePath::new(b"etc/ld.so.conf").into_iter().collect();
    while let Some(path) = ahead.pop() {
        if seen.len() >= MAX_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let Some(file) = open(reading, &path) else { continue };
        reading.ask(&path, Asked::Package);
        for (line, said) in folders(&file.bytes) {
            match said {
                LoaderLine::Folder(name) => {
                    let folder = name.strip_prefix('/').and_then(|name| TreePath::root().join(name.as_bytes()));
                    let folder = folder.map(|folder| Program::at(reading, folder, Asked::State));
                    if out.len() < MAX_TOLD {
                        let place = file.at(line);
                        let written = Text::of(&name);
                        out.push(LibraryFolder { name: text!("{} in /{}", written, path), written, place, folder });
                    }
                }
                LoaderLine::Include(pattern) => {
                    let mut included = matching(reading, &pattern, &path.parent().unwrap_or_default());
                    included.reverse();
                    ahead.extend(included);
                }
            }
        }
    }
    out
}

/// Returns the files that a pattern of one folder means: patterns of folders are not known to be used.
fn matching(reading: &Reading<'_>, pattern: &str, beside: &TreePath) -> Vec<TreePath> {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let folder = match folder.strip_prefix('/') {
        Some(absolute) => TreePath::root().join(absolute.as_bytes()),
        None if pattern.starts_with('/') => Some(TreePath::root()),
        None => beside.join(folder.as_bytes()),
    };
    let Some(folder) = folder else { return Vec::new() };
    let Ok(glob) = GlobBuilder::new(name).literal_separator(true).build() else { return Vec::new() };
    let glob = glob.compile_matcher();
    let entries = reading.list(&folder).unwrap_or_default();
    let fits = |entry: &&crate::tree::Entry| {
        let file = String::from_utf8_lossy(entry.path.file_name());
        entry.kind != EntryKind::Folder && !file.starts_with('.') && glob.is_match(&*file)
    };
    entries.iter().filter(fits).take(MAX_FILES).map(|entry| entry.path.clone()).collect()
}

/// Scripts that shells read at login, beside those in `profile.d`.
pub(super) const LOGIN: [&str; 14] = [
    "etc/profile",
    "etc/bash.bashrc",
    "etc/bashrc",
    "etc/zshenv",
    "etc/zshrc",
    "etc/zprofile",
    "etc/zsh/zshenv",
    "etc/zsh/zshrc",
    "etc/zsh/zprofile",
    "etc/zsh/zlogin",
    "etc/csh.cshrc",
    "etc/csh.login",
    "etc/ksh.kshrc",
    "etc/kshrc",
];

fn environment(reading: &Reading<'_>) -> Vec<Variable> {
    let mut out = Vec::new();
    let file = |path: &str| reading.read(path).ok().flatten();
    if let Some(file) = file("etc/environment") {
        out.extend(of_lines(&file, |text| assignment(text.strip_prefix("export ").unwrap_or(text))));
    }
    if let Some(file) = file("etc/security/pam_env.conf") {
        out.extend(of_lines(&file, pam_variable));
    }
    for folder in ["usr/lib/environment.d", "etc/environment.d"] {
        for entry in reading.list_at(folder).unwrap_or_default() {
            if entry.path.file_name().ends_with(b".conf")
                && let Some(file) = open(reading, &entry.path)
            {
                out.extend(of_lines(&file, assignment));
            }
        }
    }
    let mut scripts: Vec<TreePath> = LOGIN.iter().filter_map(|path| TreePath::new(path.as_bytes())).collect();
    let entries = reading.list_at("etc/profile.d").unwrap_or_default();
    scripts.extend(entries.into_iter().filter(|entry| is_profile(entry.path.file_name())).map(|entry| entry.path));
    for path in scripts {
        let Some(file) = open(reading, &path) else { continue };
        reading.ask(&path, Asked::Contents);
        out.extend(of_script(&file));
    }
    out
}

/// Whether a shell reads a file of `profile.d`.
pub(super) fn is_profile(name: &[u8]) -> bool {
    [b".sh".as_slice(), b".csh", b".zsh"].iter().any(|ending| name.ends_with(ending)) && !name.starts_with(b".")
}

fn of_lines(file: &HostFile, read: impl Fn(&str) -> Option<(String, String)>) -> Vec<Variable> {
    let read = |line: line::Line<'_>| {
        let text = line.text();
        let text = text.trim();
        let (name, value) = read(text).filter(|_| !text.starts_with('#'))?;
        let is_told = command::is_loading(&name) && !value.is_empty();
        is_told.then(|| Variable::new(&name, &value, file.at(line.number)))
    };
    file.lines().filter_map(read).take(MAX_TOLD).collect()
}

fn assignment(text: &str) -> Option<(String, String)> {
    let (name, value) = command::assignment(text.trim())?;
    Some((name.to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
}

/// Reads `NAME DEFAULT=value OVERRIDE=value`.
fn pam_variable(text: &str) -> Option<(String, String)> {
    let (name, rest) = text.split_once([' ', '\t'])?;
    let value =
        rest.trim().strip_prefix("DEFAULT=").or_else(|| rest.split_once("OVERRIDE=").map(|(_, value)| value))?;
    let value = value.split("OVERRIDE=").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
    let value = if value.is_empty() { rest.split_once("OVERRIDE=").map_or("", |(_, value)| value) } else { value };
    Some((name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
}

/// Returns what a shell's script sets.
fn of_script(file: &HostFile) -> Vec<Variable> {
    let mut out = Vec::new();
    for line in file.lines() {
        for simple in command::script(&line.text()).iter().flatten() {
            let set = simple.assignments.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let first = simple.words.first().map(String::as_str).unwrap_or_default();
            let named: Vec<(&str, &str)> = match first {
                "export" | "declare" | "typeset" | "readonly" => {
                    simple.words.iter().filter_map(|word| command::assignment(word)).collect()
                }
                "setenv" => match simple.words.as_slice() {
                    [_, name, value, ..] => vec![(name, value)],
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            };
            let loading = set.chain(named).filter(|(name, value)| command::is_loading(name) && !value.is_empty());
            out.extend(loading.map(|(name, value)| Variable::new(name, value, file.at(line.number))));
        }
        if out.len() >= MAX_TOLD {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preloaded_libraries_are_read_as_the_loader_does() {
        let check = |text: &str, expected: &[(u32, &str)]| {
            let found = libraries(text.as_bytes());
            let found: Vec<(u32, &str)> = found.iter().map(|(line, name)| (*line, &**name)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("# /usr/lib/libx.so\n\n   \n", &[]);
        check("/a.so:/b.so\tc.so # /d.so\n/e.so", &[(1, "/a.so"), (1, "/b.so"), (1, "c.so"), (2, "/e.so")]);
    }

    #[test]
    fn folders_are_read_as_ldconfig_does() {
        use LoaderLine::{Folder, Include};
        let check = |text: &str, expected: &[LoaderLine]| {
            let found: Vec<LoaderLine> = folders(text.as_bytes()).into_iter().map(|(_, line)| line).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("# /opt/lib\n\n", &[]);
        check("/opt/lib # x\n", &[Folder("/opt/lib".to_owned())]);
        check("include /etc/ld.so.conf.d/*.conf\n", &[Include("/etc/ld.so.conf.d/*.conf".to_owned())]);
        check("hwcap 0 nosegneg\nlib\n", &[Folder("lib".to_owned())]);
        check("/opt/lib=libc6\n", &[Folder("/opt/lib".to_owned())]);
    }

    #[test]
    fn variables_of_pam_are_read() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(pam_variable(text), expected, "{text}");
        };
        check("LD_PRELOAD DEFAULT=/opt/x.so", Some(("LD_PRELOAD", "/opt/x.so")));
        check("LD_PRELOAD DEFAULT= OVERRIDE=/opt/x.so", Some(("LD_PRELOAD", "/opt/x.so")));
        check("DISPLAY", None);
    }
}
