//! Cargo: `Cargo.lock`, `Cargo.toml`, and what `cargo auditable` leaves in programs.

pub(super) mod auditable;
#[cfg(test)]
mod auditable_tests;
pub(super) mod lock;
pub(super) mod manifest;

use crate::component::{GitReference, RemoteUrl, Source};

/// Reads a source id as `Cargo.lock` writes it (`SourceId::as_url` in cargo), `None` where it is none.
fn source(text: &str) -> Option<Source> {
    let (kind, address) = text.split_once('+')?;
    Some(match kind {
        "registry" | "sparse" | "local-registry" | "directory" => {
            Source::Registry { registry: Some(RemoteUrl::new(text)) }
        }
        "git" => {
            let (address, commit) =
                address.split_once('#').map_or((address, None), |(address, commit)| (address, Some(commit)));
            let (address, query) = address.split_once('?').map_or((address, ""), |(address, query)| (address, query));
            let reference = match query.split_once('=') {
                Some(("branch", name)) => GitReference::Branch(decoded(name)),
                Some(("tag", name)) => GitReference::Tag(decoded(name)),
                Some(("rev", name)) => revision(&decoded(name)),
                _ => GitReference::Default,
            };
            Source::Git { repository: RemoteUrl::new(address), reference, commit: commit.map(Into::into) }
        }
        "path" => Source::Path { path: address.into() },
        _ => return None,
    })
}

/// Returns what `rev = "…"` asks for: cargo takes a commit, shortened or not, or any other name.
fn revision(name: &str) -> GitReference {
    let is_hexadecimal = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hexadecimal { GitReference::Commit(name.into()) } else { GitReference::guess(name) }
}

/// Undoes the percent-encoding of a query's value (lock files of version 4 have it).
fn decoded(text: &str) -> Box<str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped =
            after.first_chunk::<2>().and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}
