//! Command lines, as shells and schedulers read them: which programs they start, and what they feed to interpreters.
//!
//! This is no shell: nothing is expanded. It reads words, pipelines, nested commands and what runs other programs.

mod programs;
mod shell;
mod signs;

use serde::{Deserialize, Serialize};

use super::files::Asked;
use super::line::Place;
use super::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath, limits};

pub use programs::{programs, programs_of_words};
pub use shell::{Pipeline, Script, Simple, assignment, script};
pub use signs::{Sign, signs};

/// How deep commands may be nested.
const MAX_DEPTH: usize = 6;

/// How many programs of a command are told.
const MAX_PROGRAMS: usize = 64;

/// A program that something starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The path at which it was asked for.
    pub path: TreePath,
    /// What was asked about instead: where it stands, links followed; or, where it is not there, the nearest folder above
    /// it that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// Whether it is there.
    pub is_there: bool,
}

/// A variable that makes programs load code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Which, and where: `LD_PRELOAD in /etc/environment`.
    pub name: Text,
    /// Its own name.
    pub variable: Text,
    /// Its value.
    pub value: Text,
    /// Where it is set.
    pub place: Place,
}

impl Variable {
    pub(in crate::host) fn new(name: &str, value: &str, place: Place) -> Self {
        Self {
            name: text!("{} in /{}", *name, place.path),
            variable: Text::of(name),
            value: Text::of(value).shortened(200),
            place,
        }
    }
}

impl Program {
    /// Looks a program up: by its path, relative to a folder, or by its name in folders.
    pub(in crate::host) fn find(
        reading: &Reading<'_>,
        word: &str,
        search: &[TreePath],
        folder: Option<&TreePath>,
        asked: Asked,
    ) -> Option<Self> {
        if word.is_empty() || word.contains(['$', '*', '?', '\n', '\0']) {
            return None;
        }
        if let Some(absolute) = word.strip_prefix('/') {
            let path = TreePath::root().join(absolute.trim_start_matches('/').as_bytes())?;
            return (!path.is_root()).then(|| Self::at(reading, path, asked));
        }
        if word.contains('/') {
            return Some(Self::at(reading, folder?.join(word.as_bytes())?, asked));
        }
        let found = search.iter().filter_map(|folder| {
            let path = folder.child(word.as_bytes());
            let entry = reading.real(&path).ok().flatten()?;
            (entry.kind == EntryKind::File).then_some(path)
        });
        found.map(|path| Self::at(reading, path, asked)).next()
    }

    /// Asks about the program at a path.
    pub(in crate::host) fn at(reading: &Reading<'_>, path: TreePath, asked: Asked) -> Self {
        match reading.real(&path) {
            Ok(Some(_)) => Self { real: reading.ask(&path, asked), path, is_there: true },
            Ok(None) => Self { real: nearest(reading, &path), path, is_there: false },
            // It was noted as a gap.
            Err(_) => Self { real: None, path, is_there: false },
        }
    }
}

/// Asks about the nearest folder above a path that is there.
pub(in crate::host) fn nearest(reading: &Reading<'_>, path: &TreePath) -> Option<TreePath> {
    // Nobody ever starts what stands at a path that is longer than any the system takes.
    if path.as_bytes().len() as u64 > limits::MAX_LINK_BYTES {
        return None;
    }
    path.ancestors().skip(1).find_map(|folder| match reading.real(&folder) {
        Ok(Some(entry)) if entry.kind == EntryKind::Folder => Some(reading.ask(&folder, Asked::State)),
        Ok(_) => None,
        Err(_) => Some(None),
    })?
}

/// Returns the folders of a search path, `/usr/bin:/bin`.
pub(in crate::host) fn search_path(text: &str) -> Vec<TreePath> {
    text.split(':')
        .filter_map(|folder| TreePath::root().join(folder.trim().strip_prefix('/')?.as_bytes()))
        .take(MAX_PROGRAMS)
        .collect()
}

/// Whether an environment variable makes other programs load code.
#[must_use]
pub fn is_loading(name: &str) -> bool {
    let known = [
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONHOME",
        "PERL5LIB",
        "PERL5OPT",
        "RUBYOPT",
        "RUBYLIB",
        "NODE_OPTIONS",
        "NODE_PATH",
        "BASH_ENV",
        "GCONV_PATH",
        "JAVA_TOOL_OPTIONS",
    ];
    name.starts_with("LD_") || known.contains(&name)
}
/// Returns a command as it is told: without passwords in it, and not too long.
pub(in crate::host) fn told(command: &str) -> Text {
    Text::of(&*text::without_credentials(command)).shortened(200)
}
