//! What lies in the tarball that an image is kept in.

use std::collections::HashMap;
use std::io;

use super::blob::{Blob, is_packed, unpacked};
use super::{MAX_ENTRIES, MAX_JSON_BYTES, MAX_LAYER_BYTES, Parts};
use crate::archive::{Bounds, EntryKind, damaged, walk};
use crate::text;
use crate::text::Text;

/// How many members a tarball of an image may have.
const MAX_MEMBERS: usize = 20_000;

/// How many links may lead from one member to another.
const MAX_LINKS: usize = 8;

/// How many members of names that no image has are passed over before a tarball is taken for one of a directory.
const MAX_STRANGE: usize = 1_000;

/// The members of a tarball, by name.
pub(super) struct Members {
    whole: Blob,
    is_packed: bool,
    members: HashMap<String, Member>,
    /// How many members have names that no image has.
    strange: usize,
}

/// What lies under a name; of several the last.
enum Member {
    File { offset: u64, size: u64 },
    Link(String),
}

impl Members {
    /// Lists a tarball, `None` where it is one of a directory. What else lies in one whose manifest is that of an image is
    /// passed over, as whoever loads it does.
    pub(super) fn of(whole: &Blob) -> Result<Option<Self>, Text> {
        let is_packed = is_packed(whole)?;
        let mut members = Self { whole: whole.clone(), is_packed, members: HashMap::new(), strange: 0 };
        let is_image = if is_packed { members.walk()? } else { members.skim()? };
        let has = |name: &str| members.members.contains_key(name);
        let is_named = match members.strange {
            0 => has("manifest.json") || has("index.json") || has("repositories"),
            _ => (has("oci-layout") && has("index.json")) || members.has_manifest(),
        };
        Ok((is_image && is_named).then_some(members))
    }

    /// Whether its manifest names a configuration and layers that lie in it.
    fn has_manifest(&self) -> bool {
        let Some(Ok(bytes)) = self.part("manifest.json").map(|blob| blob.bytes(MAX_JSON_BYTES)) else { return false };
        let Ok(manifest) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return false };
        let images = manifest.as_array().map(Vec::as_slice).unwrap_or_default();
        let is_here = |name: &serde_json::Value| name.as_str().is_some_and(|name| self.part(name).is_some());
        let is_image = |image: &serde_json::Value| {
            let layers = image.get("Layers").and_then(serde_json::Value::as_array);
            image.get("Config").is_some_and(is_here) && layers.is_some_and(|layers| layers.iter().all(is_here))
        };
        !images.is_empty() && images.iter().all(is_image)
    }

    /// Adds a member. Answers false where too many have names that no image has.
    fn add(&mut self, name: &[u8], member: Option<Member>) -> Result<bool, Text> {
        let name = name.strip_prefix(b"./").unwrap_or(name);
        let name = name.strip_suffix(b"/").unwrap_or(name);
        let name = std::str::from_utf8(name).unwrap_or("\u{fffd}");
        if !is_of_image(name) {
            self.strange += 1;
            if self.strange > MAX_STRANGE {
                return Ok(false);
            }
        }
        if self.members.len() >= MAX_MEMBERS {
            return Err(text!("expected at most {} members of an image, found more", MAX_MEMBERS));
        }
        if let Some(member) = member {
            self.members.insert(name.to_owned(), member);
        }
        Ok(true)
    }

    /// Unpacks a compressed tarball to its end, or until it is one of a directory.
    fn walk(&mut self) -> Result<bool, Text> {
        let reader = self.whole.open().and_then(unpacked).map_err(|error| damaged(&error))?;
        let bounds = Bounds { bytes: MAX_LAYER_BYTES, entries: MAX_ENTRIES, may_end_early: true };
        let mut is_image = true;
        let walked = walk(reader, bounds, &mut |entry, _contents| {
            let member = match entry.kind {
                EntryKind::File => Some(Member::File { offset: entry.offset, size: entry.size }),
                EntryKind::Link => Some(Member::Link(lossy(&entry.target))),
                EntryKind::Folder | EntryKind::HardLink | EntryKind::Special(_) => None,
            };
            is_image = self.add(&entry.name, member)?;
            // There is no other way out of the walk.
            if is_image { Ok(()) } else { Err(Text::default()) }
        });
        match (walked, is_image) {
            (_, false) => Ok(false),
            (Ok(_), true) => Ok(true),
            // What is wrong with a tarball of a directory is told when that is read.
            (Err(_), true) if self.strange > 0 => Ok(true),
            (Err(reason), true) => Err(reason),
        }
    }

    /// Reads the headers of a tarball that is not compressed. Members of images have names that need no header of their
    /// own.
    fn skim(&mut self) -> Result<bool, Text> {
        let Some(window) = self.whole.window().cloned() else { return Ok(false) };
        let size = window.size();
        let mut archive = tar::Archive::new(window);
        let entries = archive.entries_with_seek().map_err(|error| not_tar(&error))?;
        for entry in entries.raw(true) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(_) if self.strange > 0 => return Ok(true),
                Err(error) => return Err(not_tar(&error)),
            };
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions()
                || kind.is_pax_local_extensions()
                || kind.is_gnu_longname()
                || kind.is_gnu_longlink()
            {
                continue;
            }
            let (offset, bytes) =
                (entry.raw_file_position(), entry.header().entry_size().map_err(|error| not_tar(&error))?);
            let member = if kind.is_file() {
                if offset.checked_add(bytes).is_none_or(|end| end > size)
                    && self.strange == 0
                    && is_of_image(&lossy(&entry.path_bytes()))
                {
                    return Err(text!(
                        "expected more of it, found its end: it is cut off in `{}`",
                        &*entry.path_bytes()
                    ));
                }
                Some(Member::File { offset, size: bytes })
            } else if kind.is_symlink() {
                entry.link_name_bytes().map(|target| Member::Link(lossy(&target)))
            } else {
                None
            };
            if !self.add(&entry.path_bytes(), member)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Parts for Members {
    fn part(&self, name: &str) -> Option<Blob> {
        let mut name = name.to_owned();
        for _ in 0..MAX_LINKS {
            match self.members.get(&name)? {
                Member::File { offset, size } => return Some(self.whole.part(*offset, *size, self.is_packed)),
                // docker writes a layer that two images share once, and links to it (`../ID/layer.tar`).
                Member::Link(target) => name = joined(&name, target)?,
            }
        }
        None
    }
}

/// Whether a member of an image may bear this name: `docker save` has files and folders of long hexadecimal names, an OCI
/// layout has blobs.
fn is_of_image(name: &str) -> bool {
    let is_id = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let first = name.split('/').next().unwrap_or_default();
    matches!(name, "" | "." | "manifest.json" | "index.json" | "oci-layout" | "repositories" | "ingest")
        || first == "blobs"
        || is_id(first)
        || is_id(first.strip_suffix(".json").unwrap_or(first))
        || is_id(first.split('.').next().unwrap_or_default()) && first.contains(".tar")
        || first.strip_prefix("sha256:").is_some_and(is_id)
}

fn joined(name: &str, target: &str) -> Option<String> {
    let folder = crate::tree::TreePath::new(name.as_bytes())?.parent()?;
    let path = folder.join(target.as_bytes())?;
    std::str::from_utf8(path.as_bytes()).ok().map(ToOwned::to_owned)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn not_tar(_error: &io::Error) -> Text {
    // What the crate says quotes the file.
    Text::trusted("expected a directory, a tarball or an image, found something else")
}
