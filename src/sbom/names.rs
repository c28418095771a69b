//! The names by which files of a tree are taken for SBOMs.

use super::{FORMATS, Format};
use crate::tree::{NamePattern, TreePath};

/// The names that files of a format bear, as [`NamePattern`] reads them.
#[derive(Debug)]
pub struct Names {
    /// Names that say that the file is an SBOM.
    pub certain: &'static [&'static str],
    /// Names that other files bear as well.
    pub possible: &'static [&'static str],
}

/// What the name of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// That it is an SBOM.
    Certain,
    /// That it may be one.
    Possible,
}

/// Returns what the name of a file says, `None` where it is no name of an SBOM.
#[must_use]
pub fn name_of(path: &TreePath) -> Option<Name> {
    let bears = |names: fn(&Format) -> &'static [&'static str]| {
        FORMATS.iter().any(|format| NamePattern::any(names(format), path))
    };
    if bears(|format| format.names.certain) {
        return Some(Name::Certain);
    }
    bears(|format| format.names.possible).then_some(Name::Possible)
}

/// Returns the names of all files that may be SBOMs.
pub fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|format| [format.names.certain, format.names.possible]).flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whether_a_file_is_an_sbom() {
        let check = |path: &str, expected: Option<Name>| {
            assert_eq!(name_of(&TreePath::new(path.as_bytes()).unwrap()), expected, "{path}");
        };
        check("app.cdx.json", Some(Name::Certain));
        check("release/app.cdx.json", Some(Name::Certain));
        check("cdx.json", None);
        check("bom.json", Some(Name::Possible));
        check("docs/sbom.json", Some(Name::Possible));
        check("app.sbom.json", Some(Name::Possible));
        check("my-bom.json", None);
        check("bom.json.bak", None);
        check("bom.json/x", None);
    }
}
