//! Which files a package of pacman has: `files` beside its `desc` names them, and those that are to be edited; `mtree`
//! beside it holds digests, modes and owners, packed by gzip (`mtree(5)` of libarchive).

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use crate::component::Algorithm;
use crate::document::unescaped_octal;
use crate::ecosystem::installed::{
    Beside, Damage, FileRole, Listed, Lists, Take, Whose, Written, from_root, lines_of, text_of_list,
};
use crate::text::Text;
use crate::tree::{TreePath, limits};

pub(super) fn lists(path: &TreePath, bytes: &[u8], out: &mut Lists<'_>) {
    let text = text_of_list(bytes);
    let (desc, _) = super::Desc::read(&text);
    let Some((name, _)) = desc.name else { return };
    let folder = path.parent().unwrap_or_default();
    out.packages += 1;
    out.beside.push(Beside {
        package: name.into(),
        files: vec![(folder.child(b"files"), true), (folder.child(b"mtree"), false)],
        otherwise: Vec::new(),
        configuration: Vec::new(),
        read,
    });
}

fn read(beside: &Beside, contents: &[Option<Vec<u8>>], take: &mut Take<'_>) -> Result<(), (TreePath, Damage)> {
    if let Some(Some(files)) = contents.first() {
        let mut is_edited = false;
        for line in lines_of(files) {
            match line {
                b"%FILES%" => is_edited = false,
                b"%BACKUP%" => is_edited = true,
                line => {
                    let path = line.split(|byte| *byte == b'\t').next().unwrap_or_default();
                    let role = if is_edited { FileRole::Configuration } else { FileRole::Plain };
                    if let Some(path) = from_root(path) {
                        take(&beside.package, &Listed { path, role, ..Listed::default() });
                    }
                }
            }
        }
    }
    let (Some(Some(packed)), Some((path, _))) = (contents.get(1), beside.files.get(1)) else { return Ok(()) };
    let mut text = Vec::new();
    let unpacked = MultiGzDecoder::new(packed.as_slice()).take(limits::MAX_FILE_BYTES).read_to_end(&mut text);
    mtree(&beside.package, &text, take);
    unpacked.map(|_| ()).map_err(|error| {
        let found = crate::text!("{}", error.to_string());
        (path.clone(), Damage::malformed(Text::trusted("a list packed by gzip"), found))
    })
}

/// What `/set` lines say of all files behind them.
#[derive(Clone, Copy, Default)]
struct Words<'a> {
    kind: Option<&'a [u8]>,
    mode: Option<u32>,
    user: Option<u32>,
    group: Option<u32>,
    digest: Option<Written<'a>>,
}

impl<'a> Words<'a> {
    fn read(mut self, words: impl Iterator<Item = &'a [u8]>) -> Self {
        for word in words {
            let at = word.iter().position(|byte| *byte == b'=').unwrap_or(word.len());
            let (key, value) = word.split_at_checked(at).unwrap_or_default();
            let value = value.get(1..).unwrap_or_default();
            let text = std::str::from_utf8(value).unwrap_or_default();
            match key {
                b"type" => self.kind = Some(value),
                b"mode" => self.mode = u32::from_str_radix(text, 8).ok().map(|mode| mode & 0o7777),
                b"uid" => self.user = text.parse().ok(),
                b"gid" => self.group = text.parse().ok(),
                b"sha256digest" | b"sha256" => self.digest = Some(Written::Hex(Algorithm::Sha256, value)),
                b"md5digest" | b"md5" if self.digest.is_none() => {
                    self.digest = Some(Written::Hex(Algorithm::Md5, value));
                }
                _ => {}
            }
        }
        self
    }
}

/// Shows the files of an `mtree`; what describes the package itself stands there too, and on no disk.
fn mtree(package: &str, text: &[u8], take: &mut Take<'_>) {
    let mut all = Words::default();
    for line in lines_of(text) {
        let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
        match words.next() {
            Some(b"/set") => all = all.read(words),
            Some(name) if name.starts_with(b"./") && !name.starts_with(b"./.") => {
                let own = all.read(words);
                let path = unescaped_octal(name);
                let Some(path) = from_root(&path) else { continue };
                if own.kind.is_some_and(|kind| kind != b"file") {
                    continue;
                }
                take(
                    package,
                    &Listed {
                        path,
                        role: FileRole::Plain,
                        digest: own.digest,
                        mode: own.mode,
                        user: own.user.map(Whose::Number),
                        group: own.group.map(Whose::Number),
                        capabilities: None,
                    },
                );
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_with_their_digests() {
        let text = "#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO time=1.0 size=2 sha256digest=00\n\
                    ./usr time=1 mode=755 type=dir\n./usr/bin/a\\040b time=1 mode=4755 size=3 md5digest=01 sha256digest=02\n\
                    ./usr/bin/l type=link link=a\n";
        let mut found = Vec::new();
        mtree("p", text.as_bytes(), &mut |_, listed| {
            let path = String::from_utf8_lossy(listed.path).into_owned();
            found.push(format!("{path} {:o} {:?}", listed.mode.unwrap_or_default(), listed.digest));
        });
        let digest = Some(Written::Hex(Algorithm::Sha256, b"02"));
        assert_eq!(found, [format!("usr/bin/a b 4755 {digest:?}")]);
    }
}
