//! The specifications of installed gems, `specifications/*.gemspec`, as `RubyGems` writes them when it installs.
//!
//! They are Ruby, of which nothing is run: read are the comment `# stub: NAME VERSION PLATFORM PATHS` and assignments of
//! plain values, one a line. Where name or version are said in another way, they cannot be known.

use super::ruby::Values;
use crate::component::{Capability, Installed, Package};
use crate::document::{Fault, Span};
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands};
use crate::ecosystem::{File, Unread};
use crate::fact::{FactKind, GapReason};
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "gemspec",
    ecosystem: "gem",
    stands: Stands::Anywhere(&["specifications/*.gemspec", "specifications/default/*.gemspec"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "specifications of installed gems",
    read: Reader::Text(read),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

fn read(file: &File<'_>, packages: &mut Packages) -> Result<(), Unread> {
    let mut found = Found::default();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let span = Span { start, end: start + line.trim_end().len() };
        start += line.len();
        if let Err(fault) = found.line(line.trim(), span) {
            packages.gaps.push(file.gap_of_entry(FactKind::Component, fault.into(), span));
        }
    }
    let whole = Span { start: 0, end: 0 };
    let unsaid = |key: &str| Fault::new(whole, text!("`{}` as a plain value", key), Text::trusted("none"));
    let name = found.name.or(found.stub_name).filter(|(name, _)| !name.is_empty());
    let (name, span) = name.ok_or_else(|| unsaid("name"))?;
    let version = found.version.or(found.stub_version);
    if version.is_none() {
        packages.gaps.push(file.places.gap(FactKind::Component, GapReason::Malformed, unsaid("version")));
    }
    packages.packages.push(Package {
        license: found.licenses.filter(|names| !names.is_empty()).map(|names| names.join(", ").into()),
        needs: found.needs.into_iter().map(|name| vec![name.into()]).collect(),
        installed: Installed {
            maintainer: found.authors.filter(|names| !names.is_empty()).map(|names| names.join(", ").into()),
            ..Installed::default()
        },
        ..Package::new(&name, version.as_deref(), file.places.at(span))
    });
    Ok(())
}

/// What the lines of a specification say.
#[derive(Default)]
struct Found {
    stub_name: Option<(String, Span)>,
    stub_version: Option<String>,
    name: Option<(String, Span)>,
    version: Option<String>,
    licenses: Option<Vec<String>>,
    authors: Option<Vec<String>>,
    needs: Vec<String>,
}

impl Found {
    fn line(&mut self, line: &str, span: Span) -> Result<(), Fault> {
        if let Some(stub) = line.strip_prefix("# stub: ").filter(|_| self.stub_name.is_none()) {
            let mut words = stub.split_ascii_whitespace();
            self.stub_name = words.next().map(|name| (name.to_owned(), span));
            self.stub_version = words.next().map(str::to_owned);
            return Ok(());
        }
        // The variable is `s` where RubyGems wrote the file, and anything where a person did.
        let Some((_, setting)) = line.split_once('.').filter(|(variable, _)| is_variable(variable)) else {
            return Ok(());
        };
        if let Some((key, value)) = setting.split_once('=').filter(|(key, _)| is_variable(key.trim())) {
            let mut values = Values(value);
            match key.trim() {
                "name" => self.name = self.name.take().or(values.string().map(|name| (name, span))),
                "version" => self.version = self.version.take().or(values.version()),
                "license" | "licenses" => self.licenses = values.strings().or(self.licenses.take()),
                "author" | "authors" => self.authors = values.strings().or(self.authors.take()),
                _ => {}
            }
            return Ok(());
        }
        let Some(needed) = ["add_runtime_dependency", "add_dependency"].iter().find_map(|it| setting.strip_prefix(it))
        else {
            return Ok(());
        };
        let mut values = Values(needed);
        values.take("(");
        let Some(name) = values.string() else {
            return Err(Fault::new(span, Text::trusted("the name of a gem as a plain value"), text!("`{}`", line)));
        };
        if !self.needs.contains(&name) {
            self.needs.push(name);
        }
        Ok(())
    }
}

fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
