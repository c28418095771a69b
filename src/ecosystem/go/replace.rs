//! The directives that `go.mod` and `go.work` share: modules, versions and `replace`.

use std::collections::HashMap;

use semver::Version;

use super::syntax::{Directive, Word};
use crate::component::Source;
use crate::document::{Fault, Span};
use crate::text;
use crate::text::Text;

/// A module in a version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Module<'a> {
    pub(super) path: &'a str,
    pub(super) version: &'a str,
}

/// A `replace` directive.
#[derive(Clone, Debug)]
pub(super) struct Replacement<'a> {
    /// The path of the module that is replaced.
    pub(super) old: &'a str,
    /// The version that is replaced, `None` for all.
    pub(super) version: Option<&'a str>,
    /// What takes its place.
    pub(super) new: Target<'a>,
    /// Where the new module stands.
    pub(super) span: Span,
}

/// What takes the place of a module.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    /// Another module, or the same in another version.
    Module(Module<'a>),
    /// A folder.
    Folder(&'a str),
}

impl Target<'_> {
    /// Returns it as `go.mod` writes it.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Module(module) => format!("{} {}", module.path, module.version),
            Self::Folder(folder) => (*folder).to_owned(),
        }
    }

    /// Returns where a module that it replaces is taken from.
    pub(super) fn source(&self) -> Source {
        match self {
            Self::Module(_) => Source::Registry { registry: None },
            Self::Folder(folder) => Source::Path { path: (*folder).into() },
        }
    }
}

/// The `replace` directives of a file.
#[derive(Debug, Default)]
pub(super) struct Replacements<'a>(HashMap<(&'a str, Option<&'a str>), Replacement<'a>>);

impl<'a> Replacements<'a> {
    /// Adds a directive.
    ///
    /// # Errors
    /// A fault where the same module is replaced twice.
    pub(super) fn add(&mut self, replacement: Replacement<'a>, directive: &Directive<'_>) -> Result<(), Fault> {
        let (old, written) = (replacement.old, replacement.new.written());
        match self.0.insert((old, replacement.version), replacement) {
            // The go command takes the last where they agree, and refuses them where they do not.
            Some(other) if other.new.written() != written => {
                let expected = text!("one replacement of `{}`, `{}`", old, other.new.written());
                Err(Fault::new(directive.span, expected, text!("another, `{}`", written)))
            }
            _ => Ok(()),
        }
    }

    /// Returns what replaces a module: what is for its very version comes before what is for all.
    pub(super) fn of(&self, module: Module<'a>) -> Option<&Replacement<'a>> {
        self.0.get(&(module.path, Some(module.version))).or_else(|| self.0.get(&(module.path, None)))
    }

    /// Returns all of them, in the order of the file.
    pub(super) fn all(&self) -> Vec<&Replacement<'a>> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by_key(|replacement| replacement.span.start);
        all
    }
}

/// Reads `MODULE [VERSION] => MODULE VERSION` or `MODULE [VERSION] => FOLDER`.
///
/// # Errors
/// A fault where the arguments are something else.
pub(super) fn replacement<'a>(directive: &'a Directive<'a>) -> Result<Replacement<'a>, Fault> {
    let arguments = directive.arguments.as_slice();
    let arrow = arguments.iter().position(|word| word.text == "=>");
    let sides = arrow.and_then(|at| Some((arguments.get(..at)?, arguments.get(at + 1..)?)));
    let Some((old @ ([_] | [_, _]), new @ ([_] | [_, _]))) = sides else {
        let expected = Text::trusted("`MODULE [VERSION] => MODULE VERSION` or `MODULE [VERSION] => FOLDER`");
        return Err(directive.fault(expected, arguments.len()));
    };
    let (path, of_version) = match old {
        [path, version_of] => (path, Some(version(version_of)?)),
        [path, ..] => (path, None),
        [] => return Err(directive.fault(Text::trusted("a module to replace"), 0)),
    };
    let (new, span) = match new {
        [folder] if is_folder(&folder.text) => (Target::Folder(&folder.text), folder.span),
        [other, its_version] if !is_folder(&other.text) => {
            let span = Span { start: other.span.start, end: its_version.span.end };
            (Target::Module(Module { path: module_path(other)?, version: version(its_version)? }), span)
        }
        _ => {
            let expected = Text::trusted("a module with its version, or a folder (`./`, `../` or `/`) without one");
            return Err(directive.fault(expected, new.len()));
        }
    };
    Ok(Replacement { old: module_path(path)?, version: of_version, new, span })
}

/// Reads `MODULE VERSION`.
///
/// # Errors
/// A fault where the arguments are something else.
pub(super) fn module<'a>(directive: &'a Directive<'a>) -> Result<(Module<'a>, &'a Word<'a>), Fault> {
    let [path, of_version] = directive.arguments.as_slice() else {
        let expected = text!("`{}` with a module and its version", directive.name);
        return Err(directive.fault(expected, directive.arguments.len()));
    };
    Ok((Module { path: module_path(path)?, version: version(of_version)? }, of_version))
}

/// Reads the path of a module (Go Modules Reference, "Module paths and versions").
///
/// # Errors
/// A fault where it is none.
pub(super) fn module_path<'a>(word: &'a Word<'_>) -> Result<&'a str, Fault> {
    if is_module_path(&word.text) {
        return Ok(&word.text);
    }
    Err(Fault::new(word.span, Text::trusted("the path of a module"), text!("`{}`", *word.text)))
}

/// Whether a text is the path of a module.
pub(super) fn is_module_path(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+');
    let is_element = |element: &str| {
        !element.is_empty() && element.bytes().all(is_known) && !element.bytes().all(|byte| byte == b'.')
    };
    text.split('/').all(is_element)
}

/// Reads a version.
///
/// # Errors
/// A fault where it is none, or one that the go command would first look up (a branch, `latest`).
pub(super) fn version<'a>(word: &'a Word<'_>) -> Result<&'a str, Fault> {
    if is_version(&word.text) {
        return Ok(&word.text);
    }
    Err(Fault::new(word.span, Text::trusted("a version of the form v1.2.3"), text!("`{}`", *word.text)))
}

/// Whether a text is a version in its canonical form.
pub(super) fn is_version(text: &str) -> bool {
    let parsed = text.strip_prefix('v').and_then(|text| Version::parse(text).ok());
    parsed.is_some_and(|version| matches!(version.build.as_str(), "" | "incompatible"))
}

/// Whether a replacement is a folder, as `modfile.IsDirectoryPath` has it.
fn is_folder(text: &str) -> bool {
    let is_drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let marks = ["./", "../", "/", ".\\", "..\\", "\\"];
    matches!(text, "." | "..") || marks.iter().any(|mark| text.starts_with(mark)) || is_drive
}
