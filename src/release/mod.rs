//! A tarball held against the tag of which it is said to be made: what `git archive` would write of the tag, what the
//! tarball holds, and where they differ.
//!
//! Nothing is unpacked, no filter is run, and no setting of the machine is asked: attributes are those of the tag alone.
#![warn(clippy::wildcard_enum_match_arm)]

mod attributes;
mod build_script;
mod convert;
mod ident;
pub mod limits;
mod substitute;
mod tag;
mod tarball;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use sha2::{Digest as _, Sha256};

pub use tarball::{Held, HeldKind, Tarball, read};

use crate::artifact::{AgainstTag, Difference, DifferenceKind};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{GitRevision, Mode, TreeError, TreePath, short_tag};
use substitute::Piece;
use tag::{Tagged, TaggedFile};

/// What has to be looked into a second time, by the entry of the tarball that holds it, and the digest it had the first
/// time.
type Looks = BTreeMap<usize, Vec<(TreePath, [u8; 32])>>;

/// Compares a tarball with a tag. `again` opens it once more, where a difference has to be looked into.
///
/// # Errors
/// When the tag's tree cannot be read.
pub fn compare<R: Read>(
    tarball: Result<Tarball, Text>,
    name: &str,
    commit: &GitRevision,
    size: u64,
    again: impl FnOnce() -> Option<R>,
) -> Result<AgainstTag, TreeError> {
    let tag = Text::of(short_tag(name));
    let mut answer = AgainstTag { tag, commit: Text::trusted(commit.id()), ..AgainstTag::default() };
    let tagged = tag::read(commit)?;
    let tarball = match (tarball, &tagged.unreadable) {
        (Err(why), _) => return Ok(unreadable(answer, why)),
        (Ok(_), Some(why)) => return Ok(unreadable(answer, why.clone())),
        (Ok(tarball), None) => tarball,
    };
    let is_file = |held: &Held| held.kind != HeldKind::Folder;
    if !tarball.entries.values().any(is_file) {
        return Ok(unreadable(answer, Text::trusted("expected at least one file in it, found none")));
    }
    let prefix = prefix(&tarball, &tagged);
    let mut comparison = Comparison { commit, tagged: &tagged, name: short_tag(name), answer, looks: Looks::new() };
    comparison.whole(&tarball);
    comparison.entries(&tarball, &prefix)?;
    answer = comparison.look_closer(size, again);
    answer.differences.sort_by(|a, b| {
        let key = |one: &Difference| (!one.is_build_script, one.path.is_some(), one.path.clone(), one.kind);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    if !prefix.is_empty() {
        answer.notes.push(text!("its files stand in the folder `{}`", prefix.as_slice()));
    }
    Ok(answer)
}

fn unreadable(answer: AgainstTag, why: Text) -> AgainstTag {
    AgainstTag { unreadable: Some(why), ..answer }
}

/// Returns the folder in which the files of the tag stand: none, or one of those at the top.
fn prefix(tarball: &Tarball, tagged: &Tagged) -> Vec<u8> {
    let mut found: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut tops: BTreeSet<&[u8]> = BTreeSet::new();
    for name in tarball.entries.keys().filter(|name| !name.is_empty()) {
        if tagged.files.contains_key(name.as_slice()) {
            *found.entry(b"").or_default() += 1;
        }
        let slash = name.iter().position(|byte| *byte == b'/').unwrap_or(name.len());
        let (top, below) = name.split_at_checked(slash).unwrap_or_default();
        tops.insert(top);
        if below.get(1..).is_some_and(|below| tagged.files.contains_key(below)) {
            *found.entry(top).or_default() += 1;
        }
    }
    // The most files win; of several with as many, the first in order, which is no folder at all.
    let best = found.iter().max_by_key(|(prefix, count)| (**count, std::cmp::Reverse(**prefix)));
    match (best, tops.first()) {
        (Some((prefix, _)), _) => prefix.to_vec(),
        (None, Some(only)) if tops.len() == 1 && tarball.entries.keys().any(|name| name.contains(&b'/')) => {
            only.to_vec()
        }
        (None, _) => Vec::new(),
    }
}

struct Comparison<'a> {
    commit: &'a GitRevision,
    tagged: &'a Tagged,
    name: &'a str,
    answer: AgainstTag,
    looks: Looks,
}

impl Comparison<'_> {
    /// Says what is wrong with the tarball as a whole.
    fn whole(&mut self, tarball: &Tarball) {
        let tag = self.answer.tag.clone();
        for name in &tarball.unsound {
            let message =
                text!("`{}` in the tarball is no name inside the folder into which it is unpacked", name.as_slice());
            self.answer.differences.push(Difference::whole(DifferenceKind::Added, message));
        }
        if tarball.trailing_bytes > 0 {
            let message =
                text!("behind the end of the tarball stand {} bytes that are no padding", tarball.trailing_bytes);
            self.answer.differences.push(Difference::whole(DifferenceKind::Added, message));
        }
        let is_id = |comment: &&Vec<u8>| matches!(comment.len(), 40 | 64) && comment.iter().all(u8::is_ascii_hexdigit);
        if let Some(comment) = tarball.comment.as_ref().filter(is_id)
            && !comment.eq_ignore_ascii_case(self.answer.commit.as_str().as_bytes())
        {
            let message = text!("the tarball says that it was made of another commit than that of the tag `{}`", tag);
            let difference = Difference::whole(DifferenceKind::Changed, message)
                .with("commit-in-tag", self.answer.commit.clone())
                .with("commit-in-tarball", Text::of(comment.as_slice()));
            self.answer.differences.push(difference);
        }
    }

    fn entries(&mut self, tarball: &Tarball, prefix: &[u8]) -> Result<(), TreeError> {
        let tag = self.answer.tag.clone();
        let mut seen: BTreeSet<&TreePath> = BTreeSet::new();
        for (name, held) in &tarball.entries {
            let below = match (prefix.is_empty(), name.strip_prefix(prefix)) {
                (true, _) => Some(name.as_slice()),
                (false, Some([b'/', below @ ..])) => Some(below),
                (false, _) => None,
            };
            let path = below.and_then(TreePath::new);
            if held.times > 1 {
                let message =
                    text!("`{}` stands {} times in the tarball, and only the last counts", name.as_slice(), held.times);
                self.add(DifferenceKind::Added, path.as_ref(), message);
            }
            if held.kind == HeldKind::Folder {
                continue;
            }
            let Some(path) = path.filter(|path| !path.is_root()) else {
                let message =
                    text!("`{}` stands in the tarball beside the folder of its files, and in no tag", name.as_slice());
                self.answer.differences.push(Difference::whole(DifferenceKind::Added, message));
                continue;
            };
            match self.tagged.files.get_key_value(path.as_bytes()) {
                Some((known, file)) => {
                    seen.insert(known);
                    self.both(known, file, held)?;
                }
                None => {
                    let message = self.added(&path, held, &tag);
                    self.add(DifferenceKind::Added, Some(&path), message);
                }
            }
        }
        for path in self.tagged.files.keys().filter(|path| !seen.contains(path)) {
            let message = text!("{} is in the tag `{}`, and missing from the tarball", shown(path), tag);
            self.add(DifferenceKind::Lost, Some(path), message);
        }
        Ok(())
    }

    fn added(&self, path: &TreePath, held: &Held, tag: &Text) -> Text {
        if let Some(submodule) = path.ancestors().find(|folder| self.tagged.submodules.contains(folder)) {
            return text!(
                "{} is of the submodule `{}`, whose contents no tag of this repository holds",
                shown(path),
                submodule
            );
        }
        match &held.kind {
            HeldKind::Special(what) => text!("`{}` is {} in the tarball, which no tag holds", *path, *what),
            HeldKind::File(..) | HeldKind::Link(_) | HeldKind::DanglingHardLink(_) | HeldKind::Folder => {
                text!("{} is in the tarball, and not in the tag `{}`", shown(path), tag)
            }
        }
    }

    fn add(&mut self, kind: DifferenceKind, path: Option<&TreePath>, message: Text) -> Option<&mut Difference> {
        let is_build_script = path.is_some_and(build_script::is_one);
        self.answer.differences.push(Difference {
            path: path.map(Text::of),
            is_build_script,
            ..Difference::whole(kind, message)
        });
        self.answer.differences.last_mut()
    }

    /// Compares what stands in both.
    fn both(&mut self, path: &TreePath, file: &TaggedFile, held: &Held) -> Result<(), TreeError> {
        let tag = self.answer.tag.clone();
        let contents = match self.commit.contents(&file.member, limits::MAX_BLOB_BYTES) {
            Ok(contents) => contents,
            Err(fault) => {
                let message = text!("{} cannot be read in the tag `{}`: found {}", shown(path), tag, fault);
                self.add(DifferenceKind::Unknown, Some(path), message);
                return Ok(());
            }
        };
        match (file.member.kind, &held.kind) {
            (Mode::Link, HeldKind::Link(target)) if contents == *target => self.answer.same += 1,
            (Mode::Link, HeldKind::Link(target)) => {
                let message = text!("the link {} leads elsewhere than in the tag `{}`", shown(path), tag);
                if let Some(difference) = self.add(DifferenceKind::Changed, Some(path), message) {
                    difference.evidence.insert("target-in-tag", Text::of(contents.as_slice()));
                    difference.evidence.insert("target-in-tarball", Text::of(target.as_slice()));
                }
            }
            (Mode::File | Mode::Program, HeldKind::File(digest, size)) => {
                self.files(path, file, contents, (digest, *size), held);
            }
            (member, _) => {
                let message = text!(
                    "{} is {} in the tag `{}`, and {} in the tarball",
                    shown(path),
                    word(member),
                    tag,
                    held_word(held)
                );
                self.add(DifferenceKind::Changed, Some(path), message);
            }
        }
        Ok(())
    }

    /// Compares two files.
    fn files(&mut self, path: &TreePath, file: &TaggedFile, blob: Vec<u8>, found: (&[u8; 32], u64), held: &Held) {
        let tag = self.answer.tag.clone();
        let (digest, size) = found;
        let pointer = tag::pointer(&blob);
        let id = file.member.content.to_string();
        let converted = convert::converted(blob, &id, &file.attributes, &self.tagged.commit, self.name);
        let expected = match converted {
            Ok(expected) => expected,
            Err(why) => {
                let message = text!("{} cannot be compared with the tag `{}`: {}", shown(path), tag, why);
                self.add(DifferenceKind::Unknown, Some(path), message);
                return;
            }
        };
        let exact = substitute::exact(&expected.pieces);
        let is_same = exact.as_ref().is_some_and(|bytes| Sha256::digest(bytes).as_slice() == digest);
        if is_same || pointer == Some((*digest, size)) {
            if !is_same {
                self.answer.notes.push(text!("`{}` is what its pointer of Git LFS in the tag says", *path));
            }
            return self.modes(path, file, held);
        }
        match (&expected.doubt, exact) {
            (Some(why), _) if pointer.is_none() => {
                let message = text!("{} differs from the tag `{}`, and {}", shown(path), tag, *why);
                self.add(DifferenceKind::Unknown, Some(path), message);
            }
            (_, exact) => {
                let message = text!("{} differs from the one in the tag `{}`", shown(path), tag);
                let in_tag = exact.map(|bytes| text!("sha256:{}", hex(&Sha256::digest(bytes))));
                let is_open = in_tag.is_none();
                let in_tarball = text!("sha256:{}", hex(digest));
                if let Some(difference) = self.add(DifferenceKind::Changed, Some(path), message) {
                    difference.evidence.insert("in-tarball", in_tarball);
                    difference.evidence.extend(in_tag.map(|digest| ("in-tag", digest)));
                }
                let is_listed = self.looks.len() < MAX_EXCERPTS;
                if (is_open || is_listed) && size <= limits::MAX_LOOK_BYTES as u64 {
                    self.looks.entry(held.ordinal).or_default().push((path.clone(), *digest));
                }
                // The contents may turn out to be right: the mode is judged by itself.
                if is_open && !is_same_mode(file, held) {
                    self.mode_difference(path, file, held);
                }
            }
        }
    }

    fn modes(&mut self, path: &TreePath, file: &TaggedFile, held: &Held) {
        match is_same_mode(file, held) {
            true => self.answer.same += 1,
            false => self.mode_difference(path, file, held),
        }
    }

    fn mode_difference(&mut self, path: &TreePath, file: &TaggedFile, held: &Held) {
        let message = text!("{} may be run otherwise than in the tag `{}`", shown(path), self.answer.tag);
        let in_tag = if file.member.kind == Mode::Program { "0755" } else { "0644" };
        let in_tarball = Text::trusted(format!("{:04o}", held.mode & 0o7777));
        if let Some(difference) = self.add(DifferenceKind::Changed, Some(path), message) {
            difference.evidence.insert("mode-in-tag", Text::trusted(in_tag));
            difference.evidence.insert("mode-in-tarball", in_tarball);
        }
    }

    /// Looks into the files that differ: whether the placeholders explain it, and where the first difference is. What
    /// cannot be read again stays a difference.
    fn look_closer<R: Read>(self, size: u64, again: impl FnOnce() -> Option<R>) -> AgainstTag {
        let mut explained: BTreeSet<Text> = BTreeSet::new();
        let mut excerpts: BTreeMap<Text, (Text, Text)> = BTreeMap::new();
        let mut take = |ordinal: usize, bytes: &[u8]| {
            let digest = Sha256::digest(bytes);
            // Whatever is not what was read before was changed meanwhile.
            let same = |(_, before): &&(TreePath, [u8; 32])| before.as_slice() == digest.as_slice();
            for (path, _) in self.looks.get(&ordinal).into_iter().flatten().filter(same) {
                let Some(pieces) = self.pieces(path) else { continue };
                match substitute::exact(&pieces) {
                    None if substitute::matches(&pieces, bytes) => drop(explained.replace(Text::of(path))),
                    None => {}
                    Some(expected) => {
                        if let Some(excerpt) = first_difference(&expected, bytes) {
                            excerpts.insert(Text::of(path), excerpt);
                        }
                    }
                }
            }
        };
        if !self.looks.is_empty()
            && let Some(reader) = again()
        {
            let is_wanted = |ordinal: usize| self.looks.contains_key(&ordinal);
            drop(tarball::look(reader, size, &is_wanted, &mut take));
        }
        let mut answer = self.answer;
        let before = answer.differences.len();
        answer.differences.retain(|difference| {
            let is_of_contents = difference.evidence.contains_key("in-tarball");
            !(is_of_contents && difference.path.as_ref().is_some_and(|path| explained.contains(path)))
        });
        let count = before - answer.differences.len();
        answer.same += count as u64;
        if count > 0 {
            answer.notes.push(text!(
                "files with `%h`, `%d`, `%(describe)` or their kin, which hang on the clone and are held against their form: {}",
                count
            ));
        }
        for difference in &mut answer.differences {
            let excerpt = difference.path.as_ref().and_then(|path| excerpts.remove(path));
            let Some((in_tag, in_tarball)) = excerpt.filter(|_| difference.evidence.contains_key("in-tarball")) else {
                continue;
            };
            difference.evidence.insert("line-in-tag", in_tag);
            difference.evidence.insert("line-in-tarball", in_tarball);
        }
        answer
    }

    /// Returns what is expected of a file, once more: kept in memory, many files would fill it.
    fn pieces(&self, path: &TreePath) -> Option<Vec<Piece>> {
        let file = self.tagged.files.get(path)?;
        let blob = self.commit.contents(&file.member, limits::MAX_LOOK_BYTES as u64).ok()?;
        let id = file.member.content.to_string();
        convert::converted(blob, &id, &file.attributes, &self.tagged.commit, self.name).ok().map(|it| it.pieces)
    }
}

/// Whether the bits that matter are the same: of a file's mode git knows one, and those above are never in a tag.
fn is_same_mode(file: &TaggedFile, held: &Held) -> bool {
    (held.mode & 0o100 != 0) == (file.member.kind == Mode::Program) && held.mode & 0o7000 == 0
}

/// How many differing files are looked into for the first line that differs.
const MAX_EXCERPTS: usize = 200;

/// Returns the first line in which two texts differ, from both; `None` where one is no text.
fn first_difference(expected: &[u8], found: &[u8]) -> Option<(Text, Text)> {
    let is_text = |bytes: &[u8]| !bytes.iter().take(8000).any(|byte| *byte == 0);
    if !is_text(expected) || !is_text(found) {
        return None;
    }
    let (mut a, mut b) = (expected.split(|byte| *byte == b'\n'), found.split(|byte| *byte == b'\n'));
    for number in 1_u64.. {
        let (a, b) = (a.next(), b.next());
        if a != b {
            let line = |line: Option<&[u8]>| match line {
                Some(line) => text!("{}: {}", number, Text::of(line).shortened(MAX_EXCERPT)),
                None => text!("{}: the end of the file", number),
            };
            return Some((line(a), line(b)));
        }
        a?;
    }
    None
}

/// How many characters of a line are shown.
const MAX_EXCERPT: usize = 120;

/// Returns a path in backticks, and says of a build script that it is one.
fn shown(path: &TreePath) -> Text {
    match build_script::is_one(path) {
        true => text!("the build script `{}`", *path),
        false => text!("`{}`", *path),
    }
}

fn word(kind: Mode) -> &'static str {
    match kind {
        Mode::File | Mode::Program => "a file",
        Mode::Link => "a link",
        Mode::Submodule => "a submodule",
        Mode::Folder => "a folder",
        Mode::Other => "something that git does not write",
    }
}

fn held_word(held: &Held) -> &'static str {
    match &held.kind {
        HeldKind::File(..) => "a file",
        HeldKind::Link(_) => "a link",
        HeldKind::DanglingHardLink(_) => "a hard link to no file before it",
        HeldKind::Folder => "a folder",
        HeldKind::Special(what) => what,
    }
}
