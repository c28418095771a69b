//! Which files a package of apk has: in the database each folder begins with `F:`, each file in it with `R:`; `a:` tells
//! owner, group and mode of the file above, `Z:` its digest in base64 behind the letter of its kind (`Q1` is SHA-1, `Q2`
//! SHA-256; `apk_db_write` and `apk_blob_pull_csum` in apk-tools). What lies below `etc` is to be edited, as the package
//! manager itself has it.

use crate::component::Algorithm;
use crate::ecosystem::installed::{FileRole, Listed, Lists, Whose, Written, from_root};
use crate::tree::TreePath;

pub(super) fn lists(_: &TreePath, bytes: &[u8], out: &mut Lists<'_>) {
    let mut reading = Reading { package: String::new(), folder: &[], file: None, path: Vec::new() };
    for line in bytes.split(|byte| *byte == b'\n') {
        reading.line(line.strip_suffix(b"\r").unwrap_or(line), out);
    }
    reading.finish(out);
}

/// The file of which more lines may follow.
struct Open<'a> {
    name: &'a [u8],
    digest: Option<Written<'a>>,
    owner: Option<(u32, u32, u32)>,
}

struct Reading<'a> {
    package: String,
    folder: &'a [u8],
    file: Option<Open<'a>>,
    path: Vec<u8>,
}

impl<'a> Reading<'a> {
    fn line(&mut self, line: &'a [u8], out: &mut Lists<'_>) {
        match line {
            [] => {
                self.finish(out);
                self.package.clear();
                self.folder = &[];
            }
            [b'P', b':', name @ ..] => {
                self.finish(out);
                self.package = String::from_utf8_lossy(name).into_owned();
                out.packages += 1;
            }
            [b'F', b':', folder @ ..] => {
                self.finish(out);
                self.folder = folder;
                if let Some(path) = from_root(folder) {
                    out.take(&self.package, &Listed { path, ..Listed::default() });
                }
            }
            [b'R', b':', name @ ..] => {
                self.finish(out);
                self.file = Some(Open { name, digest: None, owner: None });
            }
            [b'Z', b':', digest @ ..] => {
                if let Some(file) = &mut self.file {
                    file.digest = digest_of(digest);
                }
            }
            [b'a', b':', owner @ ..] => {
                if let Some(file) = &mut self.file {
                    file.owner = owner_of(owner);
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, out: &mut Lists<'_>) {
        let Some(file) = self.file.take() else { return };
        self.path.clear();
        self.path.extend_from_slice(self.folder);
        self.path.push(b'/');
        self.path.extend_from_slice(file.name);
        let Some(path) = from_root(&self.path) else { return };
        let role = if path.starts_with(b"etc/") { FileRole::Configuration } else { FileRole::Plain };
        out.take(
            &self.package,
            &Listed {
                path,
                role,
                digest: file.digest,
                mode: file.owner.map(|(_, _, mode)| mode),
                user: file.owner.map(|(user, _, _)| Whose::Number(user)),
                group: file.owner.map(|(_, group, _)| Whose::Number(group)),
                capabilities: None,
            },
        );
    }
}

fn digest_of(text: &[u8]) -> Option<Written<'_>> {
    match text {
        [b'Q', b'1', value @ ..] => Some(Written::Base64(Algorithm::Sha1, value)),
        [b'Q', b'2', value @ ..] => Some(Written::Base64(Algorithm::Sha256, value)),
        _ => None,
    }
}

/// Reads `user:group:mode`, the mode in octal; more may follow.
fn owner_of(text: &[u8]) -> Option<(u32, u32, u32)> {
    let mut parts = std::str::from_utf8(text).ok()?.split(':');
    let (user, group) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((user, group, u32::from_str_radix(parts.next()?, 8).ok()? & 0o7777))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_below_their_folders() {
        let text = "P:musl\nV:1\nF:lib\nM:0:0:755\nR:ld.so\na:0:0:755\nZ:Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=\nR:x\n\n\
                    P:b\nF:etc\nR:conf\nZ:Q3x\nF:\nR:top\n";
        let mut found = Vec::new();
        let mut take = |package: &str, listed: &Listed<'_>| {
            let path = String::from_utf8_lossy(listed.path).into_owned();
            let digest =
                listed.digest.and_then(Written::read).map(|digest| digest.algorithm.name()).unwrap_or_default();
            found.push(format!("{package} {path} {:?} {:o} {digest}", listed.role, listed.mode.unwrap_or_default()));
        };
        let mut lists = Lists::new(&mut take);
        super::lists(&TreePath::root(), text.as_bytes(), &mut lists);
        assert_eq!(lists.packages, 2);
        assert_eq!(
            found,
            [
                "musl lib Plain 0 ",
                "musl lib/ld.so Plain 755 sha1",
                "musl lib/x Plain 0 ",
                "b etc Plain 0 ",
                "b etc/conf Configuration 0 ",
                "b top Plain 0 ",
            ]
        );
    }
}
