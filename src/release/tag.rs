//! The files that `git archive` would write of a tag, with the attributes that decide how.

use std::collections::{BTreeMap, BTreeSet};

use super::attributes::{Attributes, Lists};
use super::limits;
use crate::text;
use crate::text::{Text, unhex};
use crate::tree::{CommitDetails, GitRevision, Mode, TreeError, TreeMember, TreePath};

/// A tag, as far as it goes into an archive.
pub(super) struct Tagged {
    /// Files and links.
    pub(super) files: BTreeMap<TreePath, TaggedFile>,
    /// Commits of other repositories, of which an archive holds an empty folder.
    pub(super) submodules: BTreeSet<TreePath>,
    pub(super) commit: CommitDetails,
    /// Why it cannot be known what goes into an archive.
    pub(super) unreadable: Option<Text>,
}

/// A file of a tag.
pub(super) struct TaggedFile {
    pub(super) member: TreeMember,
    pub(super) attributes: Attributes,
}

/// Reads the tree of a commit.
pub(super) fn read(commit: &GitRevision) -> Result<Tagged, TreeError> {
    let mut tagged =
        Tagged { files: BTreeMap::new(), submodules: BTreeSet::new(), commit: commit.details()?, unreadable: None };
    match Lists::new() {
        Ok(lists) => Walk { commit, lists, tagged: &mut tagged, met: 0 }.folder(None, 0)?,
        Err(error) => tagged.unreadable = Some(text!("the attributes of git: {}", error.to_string())),
    }
    Ok(tagged)
}

struct Walk<'a> {
    commit: &'a GitRevision,
    lists: Lists,
    tagged: &'a mut Tagged,
    met: usize,
}

impl Walk<'_> {
    fn folder(&mut self, folder: Option<&TreeMember>, depth: usize) -> Result<(), TreeError> {
        if depth > limits::MAX_FOLDERS {
            self.give_up(text!("folders at most {} deep are read of a tag, found deeper ones", limits::MAX_FOLDERS));
            return Ok(());
        }
        let members = self.commit.members(folder)?;
        let path = folder.map(|folder| folder.path.clone()).unwrap_or_default();
        let has_list = self.enter(&path, &members);
        for member in &members {
            self.met += 1;
            if self.met > limits::MAX_ENTRIES {
                self.give_up(text!("at most {} files are read of a tag, found more", limits::MAX_ENTRIES));
            }
            if self.tagged.unreadable.is_some() {
                return Ok(());
            }
            let is_folder = matches!(member.kind, Mode::Folder | Mode::Submodule);
            let attributes = self.lists.of(&member.path, is_folder);
            if attributes.export_ignore {
                continue;
            }
            match member.kind {
                Mode::Folder => self.folder(Some(member), depth + 1)?,
                Mode::Submodule => drop(self.tagged.submodules.insert(member.path.clone())),
                Mode::File | Mode::Program | Mode::Link | Mode::Other => {
                    let file = TaggedFile { member: member.clone(), attributes };
                    self.tagged.files.insert(member.path.clone(), file);
                }
            }
        }
        if has_list {
            self.lists.leave();
        }
        Ok(())
    }

    /// Reads the list of attributes of a folder, if it has one. Links are none.
    fn enter(&mut self, path: &TreePath, members: &[TreeMember]) -> bool {
        let is_list = |member: &&TreeMember| {
            member.path.file_name() == b".gitattributes" && matches!(member.kind, Mode::File | Mode::Program)
        };
        let Some(list) = members.iter().find(is_list) else { return false };
        let added = match self.commit.contents(list, limits::MAX_ATTRIBUTES_BYTES) {
            Ok(bytes) => self.lists.enter(path, &bytes).map_err(|error| text!("{}", error.to_string())),
            Err(fault) => Err(Text::of(&fault)),
        };
        if let Err(why) = &added {
            self.give_up(text!("`{}` of the tag cannot be read: found {}", list.path, *why));
        }
        added.is_ok()
    }

    fn give_up(&mut self, why: Text) {
        self.tagged.unreadable.get_or_insert(why);
    }
}

/// Reads the pointer that Git LFS leaves in the place of a file: the digest and the size of the contents.
pub(super) fn pointer(blob: &[u8]) -> Option<([u8; 32], u64)> {
    let text = std::str::from_utf8(blob.get(..blob.len().min(1024))?).ok()?;
    let rest = text.strip_prefix("version https://git-lfs.github.com/spec/v1\n")?;
    let value = |key: &str| rest.lines().find_map(|line| line.strip_prefix(key));
    let digest = unhex(value("oid sha256:")?.as_bytes())?.try_into().ok()?;
    Some((digest, value("size ")?.parse().ok()?))
}
