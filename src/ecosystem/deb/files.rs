//! Which files a package of Debian has: `info/NAME.list` names them, `info/NAME.md5sums` holds the MD5 of those that are not
//! to be edited, and the field `Conffiles` of the database names those that are.

use super::status;
use crate::component::{Algorithm, Head, Unstated};
use crate::document::{Field, Stanza, stanzas};
use crate::ecosystem::installed::{
    Beside, Damage, FileRole, Listed, Lists, Take, Written, from_root, lines_of, text_of_list,
};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Tells the lists of dpkg's database. A package without a list is broken, one without digests has none.
pub(super) fn of_status(path: &TreePath, bytes: &[u8], out: &mut Lists<'_>) {
    let folder = path.parent().unwrap_or_default().child(b"info");
    let text = text_of_list(bytes);
    for stanza in stanzas(&text) {
        let Some(package) = Head::read(&stanza, Unstated::Fault, &mut Vec::new()) else { continue };
        let Head { name: Field { value: package, .. }, architecture, is_multi_arch, .. } = package;
        out.packages += 1;
        let list_of = |is_multi_arch| status::list(&folder, package, architecture, is_multi_arch);
        let Some(list) = list_of(is_multi_arch) else { continue };
        let name = list.file_name().strip_suffix(b".list").unwrap_or_default();
        let sums = folder.child(&[name, b".md5sums"].concat());
        // What is said of a package may change from one of its versions to the next, and the names of its lists then stay
        // for a while.
        let other = list_of(!is_multi_arch).unwrap_or_default();
        let stem = other.file_name().strip_suffix(b".list").unwrap_or_default().to_vec();
        let otherwise = vec![other, folder.child(&[&stem, &b".md5sums"[..]].concat())];
        out.beside.push(Beside {
            package: (*package).into(),
            files: vec![(list, true), (sums, false)],
            otherwise,
            configuration: configuration(&stanza).map(Box::from).collect(),
            read,
        });
    }
}

/// Tells the lists of the folder `status.d`, where the digests stand beside the packages and nothing else is listed.
pub(super) fn of_status_d(path: &TreePath, bytes: &[u8], out: &mut Lists<'_>) {
    if path.file_name().ends_with(super::status_d::CONTENTS.as_bytes()) {
        return;
    }
    let folder = path.parent().unwrap_or_default();
    let text = text_of_list(bytes);
    for stanza in stanzas(&text) {
        let Some(package) = Head::read(&stanza, Unstated::Installed, &mut Vec::new()) else { continue };
        let package = package.name.value;
        out.packages += 1;
        let name = format!("{package}{}", super::status_d::CONTENTS);
        if name.contains('/') {
            continue;
        }
        out.beside.push(Beside {
            package: package.into(),
            files: vec![(folder.child(name.as_bytes()), false)],
            otherwise: Vec::new(),
            configuration: configuration(&stanza).map(Box::from).collect(),
            read: read_sums,
        });
    }
}

/// Returns the paths in the field `Conffiles`: each line a path, an MD5, and words about it.
fn configuration<'a>(stanza: &Stanza<'a>) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let field = stanza.fields.iter().find(|field| field.name.eq_ignore_ascii_case("Conffiles"));
    let value = field.map_or("", |field| field.value);
    value.lines().filter_map(|line| {
        let line = line.trim();
        let line = line.strip_suffix(" remove-on-upgrade").unwrap_or(line);
        let line = line.strip_suffix(" obsolete").unwrap_or(line);
        let (path, _) = line.rsplit_once(' ')?;
        from_root(path.trim_end().as_bytes())
    })
}

fn read(beside: &Beside, contents: &[Option<Vec<u8>>], take: &mut Take<'_>) -> Result<(), (TreePath, Damage)> {
    if let Some(Some(list)) = contents.first() {
        for path in lines_of(list) {
            take(&beside.package, &Listed { path, ..Listed::default() });
        }
    }
    edited(beside, take);
    match (contents.get(1), beside.files.get(1)) {
        (Some(Some(sums)), Some((path, _))) => sums_of(&beside.package, path, sums, take),
        _ => Ok(()),
    }
}

fn read_sums(beside: &Beside, contents: &[Option<Vec<u8>>], take: &mut Take<'_>) -> Result<(), (TreePath, Damage)> {
    edited(beside, take);
    match (contents.first(), beside.files.first()) {
        (Some(Some(sums)), Some((path, _))) => sums_of(&beside.package, path, sums, take),
        _ => Ok(()),
    }
}

fn edited(beside: &Beside, take: &mut Take<'_>) {
    for path in &beside.configuration {
        take(&beside.package, &Listed { path, role: FileRole::Configuration, ..Listed::default() });
    }
}

/// Shows the files of a list of digests: each line an MD5, two blanks, a path. What is wrong with it first is told at the
/// end.
fn sums_of(package: &str, path: &TreePath, sums: &[u8], take: &mut Take<'_>) -> Result<(), (TreePath, Damage)> {
    let mut fault = Ok(());
    for line in lines_of(sums) {
        match sum(line) {
            Some((digest, file)) => take(package, &Listed { path: file, digest: Some(digest), ..Listed::default() }),
            None if fault.is_ok() => {
                let expected = Text::trusted("an MD5, two blanks and a path");
                fault = Err((path.clone(), Damage::malformed(expected, text!("`{}`", *line))));
            }
            None => {}
        }
    }
    fault
}

/// Reads one line of a list of digests.
fn sum(line: &[u8]) -> Option<(Written<'_>, &[u8])> {
    let (digest, rest) = line.split_at_checked(32)?;
    let [b' ', b' ' | b'*', path @ ..] = rest else { return None };
    let is_hex = digest.iter().all(u8::is_ascii_hexdigit);
    let path = from_root(path).filter(|_| is_hex)?;
    Some((Written::Hex(Algorithm::Md5, digest), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nMulti-Arch: same\n\
                          Conffiles:\n /etc/a b.conf 0123 obsolete\n /etc/c 0123\n\n\
                          Package: b\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n\n\
                          Package: c\nStatus: install ok half-configured\nVersion: 1\nArchitecture: all\n";

    #[test]
    fn packages_on_the_disk_have_lists() {
        let path = TreePath::new(b"var/lib/dpkg/status").unwrap();
        let mut take = |_: &str, _: &Listed<'_>| {};
        let mut lists = Lists::new(&mut take);
        of_status(&path, STATUS.as_bytes(), &mut lists);
        let found: Vec<String> = lists
            .beside
            .iter()
            .map(|beside| {
                let edited: Vec<_> = beside.configuration.iter().map(|path| String::from_utf8_lossy(path)).collect();
                format!("{} {} {}", beside.package, beside.files[0].0, edited.join(","))
            })
            .collect();
        assert_eq!(found, ["a var/lib/dpkg/info/a:amd64.list etc/a b.conf,etc/c", "c var/lib/dpkg/info/c.list "]);
        assert_eq!(lists.packages, 2);
    }

    #[test]
    fn digests_are_read_line_by_line() {
        let check = |line: &str, expected: Option<&str>| {
            let found = sum(line.as_bytes()).map(|(_, path)| String::from_utf8_lossy(path));
            assert_eq!(found.as_deref(), expected, "{line}");
        };
        check("d41d8cd98f00b204e9800998ecf8427e  bin/a", Some("bin/a"));
        check("d41d8cd98f00b204e9800998ecf8427e  a file", Some("a file"));
        check("d41d8cd98f00b204e9800998ecf8427e bin/a", None);
        check("x41d8cd98f00b204e9800998ecf8427e  bin/a", None);
        check("d41d8cd98f00b204e9800998ecf8427e  ../a", None);
        check("", None);
    }
}
