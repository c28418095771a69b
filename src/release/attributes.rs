//! The attributes that the tag's own `.gitattributes` give its files, as `git archive` reads them.

use std::path::{Path, PathBuf};

use gix_attributes::search::{MetadataCollection, Outcome};
use gix_attributes::{Search, StateRef};
use gix_filter::eol::AttributesDigest;
use gix_glob::pattern::Case;

use crate::tree::TreePath;

/// What decides how a file is written into an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) export_ignore: bool,
    pub(super) export_subst: bool,
    pub(super) ident: bool,
    pub(super) line_ends: AttributesDigest,
    pub(super) filter: Option<Vec<u8>>,
    pub(super) encoding: Option<Vec<u8>>,
}

/// The names that are looked up, in the order of [`Found`].
const NAMES: [&str; 8] =
    ["export-ignore", "export-subst", "ident", "text", "crlf", "eol", "filter", "working-tree-encoding"];

/// The lists of patterns of a folder and of those above it.
pub(super) struct Lists {
    search: Search,
    known: MetadataCollection,
    found: Outcome,
}

/// The state of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Found {
    Set,
    Unset,
    Value(Vec<u8>),
    #[default]
    Unspecified,
}

impl Lists {
    /// Returns the attributes that are built into git.
    pub(super) fn new() -> std::io::Result<Self> {
        let mut known = MetadataCollection::default();
        let search = Search::new_globals(std::iter::empty::<PathBuf>(), &mut Vec::new(), &mut known)?;
        let mut lists = Self { search, known, found: Outcome::default() };
        lists.refresh();
        Ok(lists)
    }

    /// Adds the list of a folder.
    pub(super) fn enter(&mut self, folder: &TreePath, list: &[u8]) -> std::io::Result<()> {
        use std::os::unix::ffi::OsStrExt as _;
        let file = Path::new(std::ffi::OsStr::from_bytes(folder.as_bytes())).join(".gitattributes");
        // Macros may be defined at the top only (`gitattributes(5)`).
        self.search.add_patterns_buffer(list, file, Some(Path::new("")), &mut self.known, folder.is_root())?;
        self.refresh();
        Ok(())
    }

    /// Takes back the list that was added last.
    pub(super) fn leave(&mut self) {
        drop(self.search.pop_pattern_list());
    }

    fn refresh(&mut self) {
        self.found.initialize_with_selection(&self.known, NAMES);
    }

    /// Returns the attributes of a name.
    pub(super) fn of(&mut self, path: &TreePath, is_folder: bool) -> Attributes {
        self.found.reset();
        self.search.pattern_matching_relative_path(
            path.as_bytes().into(),
            Case::Sensitive,
            Some(is_folder),
            &mut self.found,
        );
        let mut states = self.found.iter_selected().map(|found| match found.assignment.state {
            StateRef::Set => Found::Set,
            StateRef::Unset => Found::Unset,
            StateRef::Value(value) => Found::Value(value.as_bstr().to_vec()),
            StateRef::Unspecified => Found::Unspecified,
        });
        let mut next = || states.next().unwrap_or_default();
        let (export_ignore, export_subst, ident) = (next(), next(), next());
        let (text, crlf, eol) = (next(), next(), next());
        let (filter, encoding) = (next(), next());
        Attributes {
            export_ignore: export_ignore == Found::Set,
            export_subst: export_subst == Found::Set,
            ident: ident == Found::Set,
            line_ends: line_ends(&text, &crlf, &eol),
            filter: filter.value(),
            encoding: encoding.value(),
        }
    }
}

impl Found {
    fn value(self) -> Option<Vec<u8>> {
        match self {
            Self::Value(value) if !value.is_empty() => Some(value),
            Self::Value(_) | Self::Set | Self::Unset | Self::Unspecified => None,
        }
    }

    fn is(&self, word: &[u8]) -> bool {
        matches!(self, Self::Value(value) if value == word)
    }
}

/// Puts three attributes together (`convert_attrs` in git's `convert.c`), where no setting says more.
fn line_ends(text: &Found, crlf: &Found, eol: &Found) -> AttributesDigest {
    let of = |found: &Found| match found {
        Found::Set => Some(AttributesDigest::Text),
        Found::Unset => Some(AttributesDigest::Binary),
        Found::Value(word) if word == b"input" => Some(AttributesDigest::TextInput),
        Found::Value(word) if word == b"auto" => Some(AttributesDigest::TextAuto),
        Found::Value(_) | Found::Unspecified => None,
    };
    let said = of(text).or_else(|| of(crlf));
    match said {
        Some(AttributesDigest::Binary) => AttributesDigest::Binary,
        Some(AttributesDigest::TextAuto) if eol.is(b"lf") => AttributesDigest::TextAutoInput,
        Some(AttributesDigest::TextAuto) if eol.is(b"crlf") => AttributesDigest::TextAutoCrlf,
        _ if eol.is(b"lf") => AttributesDigest::TextInput,
        _ if eol.is(b"crlf") => AttributesDigest::TextCrlf,
        said => said.unwrap_or(AttributesDigest::Binary),
    }
}
