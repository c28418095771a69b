//! What is said of modules (`modprobe.d(5)`), as kmod reads it: of the files of one name the first folder's counts, all are
//! read in the order of their names, and of several `install` lines the first holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::layers::{Contents, Hidden, Layers, read_quietly};
use crate::host::line::{Place, lines};
use crate::host::reading::{Reading, Unread};
use crate::text::Text;
use crate::tree::TreePath;

/// The folders, the strongest first.
const FOLDERS: [&str; 5] =
    ["etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d"];

/// How many lines are kept.
const MAX_LINES: usize = 100_000;

/// What is said of modules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modprobe {
    /// What is run instead of loading a module, by its name or a pattern of names, in the order in which they hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub install: Vec<Install>,
    /// Modules whose own aliases count for nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blacklist: BTreeMap<Text, Place>,
    /// Modules whose name stands for another: `off` for none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub off: BTreeMap<Text, Place>,
    /// Files that could not be read, each with how many `install` lines stand before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadFile>,
    /// Lines that would keep a module out, were their files read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<Unused>,
}

/// What is run instead of loading a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Install {
    /// The module, or a pattern of names.
    pub name: Text,
    /// The command.
    pub command: Text,
    /// Where it stands.
    pub place: Place,
}

/// A line of a file that kmod does not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unused {
    /// The line.
    pub install: Install,
    /// The file of the same name that hides it; without one its own name keeps it from being read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_by: Option<TreePath>,
}

/// A file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnreadFile {
    /// What.
    pub unread: Unread,
    /// How many `install` lines stand before it.
    pub after: usize,
}

/// A line as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A command is run instead.
    Install(String, String),
    /// Its aliases count for nothing.
    Blacklist(String),
    /// Its name stands for none.
    Off(String),
}

/// Reads a file: each thing said, with the line it begins on. Names have `_` for `-`.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<(Said, u32)> {
    let mut out = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for line in lines(bytes) {
        let text = line.text();
        let (goes_on, part) = match text.strip_suffix('\\') {
            Some(part) => (true, part),
            None => (false, &*text),
        };
        let (start, whole) = match open.take() {
            Some((start, before)) => (start, before + part),
            None => (line.number, part.to_owned()),
        };
        if goes_on {
            open = Some((start, whole));
            continue;
        }
        out.extend(said(&whole).map(|said| (said, start)));
    }
    let last = open.and_then(|(start, whole)| said(&whole).map(|said| (said, start)));
    out.extend(last);
    out.truncate(MAX_LINES);
    out
}

fn said(line: &str) -> Option<Said> {
    if line.starts_with('#') {
        return None;
    }
    let blank = |character: char| character == ' ' || character == '\t';
    let line = line.trim_start_matches(blank);
    let (keyword, rest) = line.split_once(blank)?;
    let rest = rest.trim_start_matches(blank);
    let (name, behind) = rest.split_once(blank).unwrap_or((rest, ""));
    if name.is_empty() {
        return None;
    }
    let (name, behind) = (underscored(name), behind.trim());
    match keyword {
        "install" if !behind.is_empty() => Some(Said::Install(name, behind.to_owned())),
        "blacklist" => Some(Said::Blacklist(name)),
        "alias" if behind == "off" => Some(Said::Off(name)),
        _ => None,
    }
}

/// Returns the name of a module as the kernel knows it.
#[must_use]
pub fn underscored(name: &str) -> String {
    name.replace('-', "_")
}

impl Modprobe {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        let layers = Layers::read(reading, &FOLDERS, b".conf", Hidden::LeftOut);
        out.unread.extend(layers.unread.into_iter().map(|unread| UnreadFile { unread, after: 0 }));
        for layer in layers.files {
            match layer.contents {
                Contents::Nothing => {}
                Contents::Unread(unread) => {
                    let after = out.install.len();
                    out.unread.push(UnreadFile { unread, after });
                }
                Contents::File(file) => {
                    for (said, line) in read(&file.bytes) {
                        let place = file.at(line);
                        match said {
                            Said::Install(name, command) => {
                                let (name, command) = (Text::of(&name), Text::of(&command));
                                out.install.push(Install { name, command, place });
                            }
                            Said::Blacklist(name) => drop(out.blacklist.entry(Text::of(&name)).or_insert(place)),
                            Said::Off(name) => drop(out.off.entry(Text::of(&name)).or_insert(place)),
                        }
                    }
                }
            }
        }
        for masked in layers.masked {
            out.unused(reading, &masked.path, Some(&masked.by));
        }
        for path in layers.misnamed {
            out.unused(reading, &path, None);
        }
        out
    }

    /// Keeps the lines of a file that is not read which would keep a module out.
    fn unused(&mut self, reading: &Reading<'_>, path: &TreePath, hidden_by: Option<&TreePath>) {
        let Some(bytes) = read_quietly(reading, path) else { return };
        for (said, line) in read(&bytes) {
            let Said::Install(name, command) = said else { continue };
            let place = Place { path: path.clone(), line: Some(line) };
            let install = Install { name: Text::of(&name), command: Text::of(&command), place };
            if install.does_nothing() && self.unused.len() < MAX_LINES {
                self.unused.push(Unused { install, hidden_by: hidden_by.cloned() });
            }
        }
    }

    /// Returns the first line of a file that is not read which would keep a module out.
    #[must_use]
    pub fn unused_of(&self, module: &str) -> Option<&Unused> {
        let module = underscored(module);
        self.unused.iter().find(|unused| unused.install.is_about(&module))
    }

    /// Returns the line that would keep a module out, were it not for one before it.
    #[must_use]
    pub fn behind(&self, module: &str, at: usize) -> Option<&Install> {
        let module = underscored(module);
        let mut behind = self.install.iter().skip(at.saturating_add(1));
        behind.find(|install| install.is_about(&module) && install.does_nothing())
    }

    /// Returns what is run instead of loading a module, with its place among the lines.
    #[must_use]
    pub fn instead_of(&self, module: &str) -> Option<(usize, &Install)> {
        let module = underscored(module);
        self.install.iter().enumerate().find(|(_, install)| install.is_about(&module))
    }
}

impl Install {
    /// Whether it is about a module, by the name that the kernel knows.
    fn is_about(&self, module: &str) -> bool {
        crate::host::glob::matches(self.name.as_str(), module)
    }

    /// Whether the command does nothing: `/bin/false`, `/bin/true` and their like, and no other command behind.
    #[must_use]
    pub fn does_nothing(&self) -> bool {
        let text = self.command.as_str();
        let code = text.split_once(" #").map_or(text, |(code, _)| code);
        let code = code.replace("$CMDLINE_OPTS", "");
        let mut words = code.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let name = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"]
            .iter()
            .find_map(|folder| name.strip_prefix(folder))
            .unwrap_or(name);
        let is_harmless = ["false", "true", ":", "exit", "nologin"].contains(&name);
        is_harmless && !code.contains([';', '&', '|', '`', '$', '<', '>', '(', '\n'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let check = |text: &str, expected: &[(Said, u32)]| assert_eq!(read(text.as_bytes()), expected, "{text:?}");
        let install = |name: &str, command: &str| Said::Install(name.to_owned(), command.to_owned());
        check("", &[]);
        check("install cramfs /bin/false\n", &[(install("cramfs", "/bin/false"), 1)]);
        check("# install cramfs /bin/false\n # install x y\ninstall x\n", &[]);
        check(" install\tusb-storage \t/bin/true  \n", &[(install("usb_storage", "/bin/true"), 1)]);
        check(
            "install a \\\n/bin/false\nblacklist b\n",
            &[(install("a", "/bin/false"), 1), (Said::Blacklist("b".into()), 3)],
        );
        check("alias c off\nalias d e\noptions f g=1\ninclude /x\n", &[(Said::Off("c".into()), 1)]);
    }

    #[test]
    fn commands_that_do_nothing_are_known() {
        let check = |command: &str, expected: bool| {
            let place = Place { path: TreePath::root(), line: None };
            let install = Install { name: Text::default(), command: Text::of(command), place };
            assert_eq!(install.does_nothing(), expected, "{command}");
        };
        check("/bin/false", true);
        check("/usr/bin/true $CMDLINE_OPTS", true);
        check("/bin/false # no", true);
        check("exit 1", true);
        check("/bin/true; modprobe --ignore-install cramfs", false);
        check("/bin/falsehood", false);
        check("/sbin/modprobe -i cramfs", false);
    }

    #[test]
    fn a_line_that_lost_is_found_again() {
        let install = |name: &str, command: &str| Install {
            name: Text::of(name),
            command: Text::of(command),
            place: Place { path: TreePath::root(), line: None },
        };
        let modprobe = Modprobe {
            install: vec![
                install("usb_storage", "/sbin/modprobe -i usb-storage"),
                install("usb_storage", "/sbin/modprobe usb-storage"),
                install("udf", "/bin/false"),
                install("usb_*", "/bin/false"),
            ],
            unused: vec![Unused { install: install("hfs", "/bin/false"), hidden_by: None }],
            ..Modprobe::default()
        };
        let behind = |module: &str, at: usize| modprobe.behind(module, at).map(|install| install.name.as_str());
        assert_eq!(behind("usb-storage", 0), Some("usb_*"));
        assert_eq!(behind("usb-storage", 3), None);
        assert_eq!(behind("hfs", 0), None);
        let unused = |module: &str| modprobe.unused_of(module).map(|unused| unused.install.name.as_str());
        assert_eq!((unused("hfs"), unused("udf")), (Some("hfs"), None));
    }
}
