//! The text of modules that Go's linker leaves in programs, as `runtime/debug.ParseBuildInfo` reads it.

use super::replace::is_module_path;
use crate::component::{Digest, Source};
use crate::ecosystem::installed::Damage;
use crate::text;
use crate::text::Text;

/// What the text says.
#[derive(Debug, Default)]
pub(super) struct Modules<'a> {
    /// The path of the package that the program was built of.
    package: &'a str,
    /// The module it belongs to.
    main: Option<Module<'a>>,
    /// The modules it was built of beside.
    pub(super) needed: Vec<Module<'a>>,
    /// How it was built: names and values.
    settings: Vec<(&'a str, &'a str)>,
}

/// A module.
#[derive(Debug)]
pub(super) struct Module<'a> {
    /// Its path.
    pub(super) path: &'a str,
    /// Its version, empty where it has none.
    pub(super) version: &'a str,
    /// Its digest.
    pub(super) digest: Option<Digest>,
    /// Where it was taken from.
    pub(super) source: Source,
}

impl<'a> Modules<'a> {
    /// Reads the text, line by line; a line that cannot be understood is handed over, and the rest is read.
    pub(super) fn read(text: &'a str, mut refuse: impl FnMut(Damage)) -> Self {
        let mut modules = Self::default();
        for line in text.lines() {
            if modules.line(line).is_none() {
                let expected = Text::trusted("a line of Go's build information");
                refuse(Damage::malformed(expected, text!("`{}`", line).shortened(200)));
            }
        }
        modules
    }

    fn line(&mut self, line: &'a str) -> Option<()> {
        let (kind, rest) = line.split_once('\t').unwrap_or((line, ""));
        match kind {
            "path" => self.package = rest,
            "mod" => self.main = Some(Module::read(rest)?),
            "dep" => self.needed.push(Module::read(rest)?),
            "=>" => {
                let replaced = self.needed.last_mut().or(self.main.as_mut())?;
                let new = Module::read(rest)?;
                // A folder has no name but that of what it replaces.
                if new.version.is_empty() || !is_module_path(new.path) {
                    replaced.digest = None;
                    replaced.source = Source::Path { path: new.path.into() };
                } else {
                    *replaced = new;
                }
            }
            "build" => self.settings.push(rest.split_once('=')?),
            // Versions to come may write more.
            _ => {}
        }
        Some(())
    }

    /// Returns path and version of the program's own module; of a program that belongs to none, the path of its package.
    pub(super) fn main(&self) -> Option<(&'a str, Option<String>)> {
        match &self.main {
            Some(main) => {
                let version = main.stated_version().map(ToOwned::to_owned);
                Some((main.path, version.or_else(|| self.revision())))
            }
            // What was built of files that are named one by one has no path of its own.
            None => (!matches!(self.package, "" | "command-line-arguments")).then_some((self.package, None)),
        }
    }

    /// Returns the pseudo-version of the commit that the program was built of, as Go itself writes it since 1.24 (Go Modules
    /// Reference, "Pseudo-versions"); of other systems than git, and of a commit without a time, `None`.
    fn revision(&self) -> Option<String> {
        let setting = |name: &str| self.settings.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let commit = setting("vcs.revision")?.get(..12)?;
        let time: jiff::Timestamp = setting("vcs.time")?.parse().ok()?;
        let time = time.strftime("%Y%m%d%H%M%S");
        let changed = if setting("vcs.modified") == Some("true") { "+dirty" } else { "" };
        Some(format!("v0.0.0-{time}-{commit}{changed}"))
    }
}

impl<'a> Module<'a> {
    /// Returns its version, `None` where it was built as it lay there (`(devel)`).
    pub(super) fn stated_version(&self) -> Option<&'a str> {
        Some(self.version).filter(|version| !matches!(*version, "" | "(devel)"))
    }

    /// Reads `PATH`, `VERSION` and `DIGEST` with tabs between them, of which the last may be absent.
    fn read(text: &'a str) -> Option<Self> {
        let mut fields = text.split('\t');
        let path = fields.next().filter(|path| !path.is_empty())?;
        let version = fields.next()?;
        let digest = match fields.next() {
            None | Some("") => None,
            Some(text) => Some(Digest::from_h1(text)?),
        };
        Some(Self { path, version, digest, source: Source::Registry { registry: None } })
    }
}
