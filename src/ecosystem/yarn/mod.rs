//! Yarn: `yarn.lock`, in the language of yarn 1 (classic) or the YAML of yarn 2 to 4 (berry).
//!
//! Both bear one name, so the contents decide, as they do for yarn itself: `__metadata` makes a file berry's.
//! The JSON that yarn 6 writes under that name is not read.

mod berry;
mod classic;
mod only;

use crate::component::Capability;
use crate::document::Span;
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "yarn-lock",
    ecosystem: "npm",
    role: Role::Lock,
    names: &["yarn.lock"],
    folder: None,
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: true,
        exact_requirements: true,
    },
    summary: "yarn.lock of yarn 1 to 4",
    collect,
};

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    if file.text.trim_start().starts_with('{') {
        let start = file.text.len() - file.text.trim_start().len();
        let (expected, found) = ("a lock file of yarn 1 to 4", "one in JSON, as yarn 6 writes it");
        return Err(Unread::version(Span { start, end: start + 1 }, Text::trusted(expected), Text::trusted(found)));
    }
    if file.text.lines().any(is_metadata) { berry::collect(file, facts) } else { classic::collect(file, facts) }
}

/// Whether a line is the key that only berry's files have.
fn is_metadata(line: &str) -> bool {
    ["__metadata:", "\"__metadata\":", "'__metadata':"].iter().any(|key| line.starts_with(key))
}

#[cfg(test)]
mod tests;
