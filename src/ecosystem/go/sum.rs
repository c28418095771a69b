//! `go.sum` and `go.work.sum`: the digests of modules, and of their `go.mod` files.
//!
//! The format is documented in the Go Modules Reference, section "go.sum files"; the digest by
//! `golang.org/x/mod/sumdb/dirhash`.

use std::collections::HashMap;

use super::replace::{is_module_path, is_version};
use super::{CAPABILITY, ECOSYSTEM};
use crate::component::{Digest, DigestList, ListedDigest};
use crate::document::{Fault, Span};
use crate::ecosystem::{Facts, File, Format, Role, Unread};
use crate::fact::FactKind;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "go-sum",
    ecosystem: ECOSYSTEM,
    role: Role::Digests,
    names: &["go.sum", "go.work.sum"],
    capability: CAPABILITY,
    summary: "go.sum and go.work.sum",
    collect,
};

/// What a digest is of that is not that of the module itself.
const OWN_FILE: &str = "go.mod";

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let mut entries = Vec::new();
    let mut known: HashMap<(&str, &str, bool), Box<str>> = HashMap::new();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let span = Span { start, end: start + content.len() };
        start += line.len();
        if content.trim().is_empty() {
            continue;
        }
        match entry(file, content, span, &mut known) {
            Ok(Some(entry)) => entries.push(entry),
            Ok(None) => {}
            Err(unread) => facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, span)),
        }
    }
    facts.digest_lists.push(DigestList::new(file.path.clone(), ECOSYSTEM, entries));
    Ok(())
}

/// Reads `MODULE VERSION DIGEST` or `MODULE VERSION/go.mod DIGEST`; `None` for what stands there a second time.
fn entry<'a>(
    file: &File<'_>,
    line: &'a str,
    span: Span,
    known: &mut HashMap<(&'a str, &'a str, bool), Box<str>>,
) -> Result<Option<ListedDigest>, Unread> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [name, version, digest] = fields.as_slice() else {
        let expected = Text::trusted("a module, a version and a digest");
        return Err(Fault::new(span, expected, text!("{} words", fields.len())).into());
    };
    let (version, is_own_file) = match version.strip_suffix("/go.mod") {
        Some(version) => (version, true),
        None => (*version, false),
    };
    if !is_module_path(name) || !is_version(version) {
        let expected = Text::trusted("a module and a version of the form v1.2.3");
        return Err(Fault::new(span, expected, text!("`{} {}`", *name, version)).into());
    }
    let at =
        Span { start: span.start + line.rfind(digest).unwrap_or_default(), end: span.start + line.trim_end().len() };
    let Some(read) = Digest::from_h1(digest) else {
        return Err(Fault::new(at, Text::trusted("`h1:` and 32 bytes in base64"), text!("`{}`", *digest)).into());
    };
    match known.get(&(*name, version, is_own_file)) {
        Some(other) if *other == read.hex => return Ok(None),
        Some(_) => {
            let expected = text!("one digest for `{} {}`", *name, version);
            return Err(Unread::contradiction(Fault::new(at, expected, text!("another, {}", *digest))));
        }
        None => drop(known.insert((name, version, is_own_file), read.hex.clone())),
    }
    Ok(Some(ListedDigest {
        name: (*name).into(),
        version: version.into(),
        digest: if is_own_file { read.of_artifact(OWN_FILE) } else { read },
        at: file.places.spot(at),
    }))
}
