//! Which certificate authorities are trusted: the files from which the tools of distributions make their bundles, and the
//! bundles that programs read (`update-ca-certificates(8)`, `update-ca-trust(8)`).

mod certificate;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use certificate::{Certificate, Certificates, read as certificates};

use super::Family;
use super::files::Asked;
use super::line::{Place, lines};
use super::reading::{HostFile, Reading};
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The family of certificate authorities.
pub(super) static FAMILY: Family = Family {
    id: "catrust",
    summary: "certificate authorities that programs trust",
    reads: &[
        "etc/ca-certificates.conf",
        "usr/share/ca-certificates/*",
        "usr/share/ca-certificates/*/*",
        "usr/local/share/ca-certificates/*",
        "usr/local/share/ca-certificates/*/*",
        "usr/share/ca-certificates/trust-source/anchors/*",
        "usr/share/pki/ca-trust-source/*",
        "usr/share/pki/ca-trust-source/anchors/*",
        "usr/share/pki/trust/*",
        "usr/share/pki/trust/anchors/*",
        "etc/pki/ca-trust/source/*",
        "etc/pki/ca-trust/source/anchors/*",
        "etc/pki/trust/*",
        "etc/pki/trust/anchors/*",
        "etc/ca-certificates/trust-source/*",
        "etc/ca-certificates/trust-source/anchors/*",
        "etc/ssl/certs/*",
        "etc/ssl/cert.pem",
        "etc/ssl/ca-bundle.pem",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/pki/tls/cert.pem",
        "etc/pki/ca-trust/extracted/pem/*",
        "etc/pki/ca-trust/extracted/openssl/*",
        "etc/ca-certificates/extracted/*",
        "var/lib/ca-certificates/ca-bundle.pem",
    ],
};

/// Where an administrator of Debian or Alpine adds authorities: each file whose name ends in `.crt`, however deep.
const LOCAL: &str = "usr/local/share/ca-certificates";

/// Where packages of Debian and Alpine have them, as far as `/etc/ca-certificates.conf` names them.
const PACKAGED: &str = "usr/share/ca-certificates";

/// Folders of which `update-ca-trust` and its kin take every file.
const FOLDERS: [&str; 12] = [
    "etc/ca-certificates/trust-source",
    "etc/ca-certificates/trust-source/anchors",
    "etc/pki/ca-trust/source",
    "etc/pki/ca-trust/source/anchors",
    "etc/pki/trust",
    "etc/pki/trust/anchors",
    "usr/share/ca-certificates/trust-source",
    "usr/share/ca-certificates/trust-source/anchors",
    "usr/share/pki/ca-trust-source",
    "usr/share/pki/ca-trust-source/anchors",
    "usr/share/pki/trust",
    "usr/share/pki/trust/anchors",
];

/// The bundles that programs read.
const BUNDLES: [&str; 11] = [
    "etc/ssl/certs/ca-certificates.crt",
    "etc/ssl/certs/ca-bundle.crt",
    "etc/ssl/cert.pem",
    "etc/ssl/ca-bundle.pem",
    "etc/pki/tls/certs/ca-bundle.crt",
    "etc/pki/tls/cert.pem",
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "etc/pki/ca-trust/extracted/openssl/ca-bundle.trust.crt",
    "etc/ca-certificates/extracted/tls-ca-bundle.pem",
    "etc/ca-certificates/extracted/ca-bundle.trust.crt",
    "var/lib/ca-certificates/ca-bundle.pem",
];

/// How deep folders of certificates may be nested, and how many files are read.
const MAX_DEPTH: usize = 16;
const MAX_FILES: usize = 10_000;

/// What is known of certificate authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaTrust {
    /// What certificates say, by their SHA-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authorities: BTreeMap<Box<str>, Authority>,
    /// The files from which bundles are made, in the order of their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<Anchor>,
    /// The bundles, in the order of their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<Bundle>,
    /// Files from which bundles are made, or parts of them, that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<TreePath>,
    /// Bundles, or parts of them, that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_bundles: Vec<TreePath>,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The common name of its subject.
    pub name: Text,
    /// The last day on which it counts.
    pub not_after: Text,
    /// The kind of its key.
    pub key: Text,
    /// How many bits that has, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// The digest under its signature, where that is weak.
    pub signature: Text,
    /// Whether it signed itself, as roots do: nobody looks at that signature.
    pub is_self_signed: bool,
}

/// A file from which bundles are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Where it stands.
    pub path: TreePath,
    /// Where it stands, links followed, as packages list it.
    pub real: TreePath,
    /// Its certificates, by their SHA-256.
    pub certificates: BTreeSet<Box<str>>,
}

/// A bundle that programs read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Where it stands.
    pub path: TreePath,
    /// Where it stands, links followed, as packages list it.
    pub real: TreePath,
    /// Its certificates that stand in none of the files from which bundles are made, each with its place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strangers: BTreeMap<Box<str>, Place>,
}

impl CaTrust {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut collector = Collector { reading, out: Self::default(), seen: BTreeSet::new() };
        collector.configured();
        collector.local(LOCAL);
        for folder in FOLDERS {
            collector.folder(folder);
        }
        collector.hashed();
        collector.bundles();
        let Self { authorities, mut anchors, mut bundles, mut unread, unread_bundles } = collector.out;
        anchors.sort_by(|a, b| a.path.cmp(&b.path));
        bundles.sort_by(|a, b| a.path.cmp(&b.path));
        unread.sort();
        unread.dedup();
        Self { authorities, anchors, bundles, unread, unread_bundles }
    }
}

struct Collector<'a, 'b> {
    reading: &'a Reading<'b>,
    out: CaTrust,
    /// Files that were read, links followed.
    seen: BTreeSet<TreePath>,
}

impl Collector<'_, '_> {
    /// Reads the files of packages that `/etc/ca-certificates.conf` names: a path a line, `!` in front of one that is left
    /// out.
    fn configured(&mut self) {
        let path = "etc/ca-certificates.conf";
        let file = match self.reading.read(path) {
            Ok(Some(file)) => file,
            Ok(None) => return,
            Err(unread) => return self.out.unread.push(unread.path),
        };
        let Some(folder) = TreePath::new(PACKAGED.as_bytes()) else { return };
        for line in lines(&file.bytes) {
            let text = line.bytes;
            if text.is_empty() || text.starts_with(b"#") || text.starts_with(b"!") {
                continue;
            }
            if let Some(path) = folder.join(text) {
                self.anchor(&path, true);
            }
        }
    }

    /// Reads the files of a folder whose names end in `.crt`, and of the folders in it.
    fn local(&mut self, folder: &str) {
        let Some(folder) = TreePath::new(folder.as_bytes()) else { return };
        let mut ahead = vec![(folder, 0)];
        let mut folders = BTreeSet::new();
        while let Some((folder, depth)) = ahead.pop() {
            // A link may lead to a folder above.
            let real = match self.reading.real(&folder) {
                Ok(Some(entry)) => entry.path,
                Ok(None) => continue,
                Err(unread) => {
                    self.out.unread.push(unread.path);
                    continue;
                }
            };
            if depth > MAX_DEPTH || !folders.insert(real) {
                continue;
            }
            let entries = match self.reading.list(&folder) {
                Ok(entries) => entries,
                Err(unread) => {
                    self.out.unread.push(unread.path);
                    continue;
                }
            };
            for entry in entries {
                let is_named = entry.path.file_name().ends_with(b".crt");
                let kind = match (&entry.kind, is_named) {
                    (EntryKind::Link(_), _) => {
                        self.reading.root().real(&entry.path).map_or(EntryKind::Other("nothing"), |entry| entry.kind)
                    }
                    (kind, _) => kind.clone(),
                };
                match kind {
                    EntryKind::Folder => ahead.push((entry.path, depth + 1)),
                    EntryKind::File if is_named => self.anchor(&entry.path, true),
                    // `find -type f` passes over what is no regular file, and so does the tool.
                    EntryKind::Other("nothing") | EntryKind::File | EntryKind::Link(_) => {}
                    _ if is_named => self.anchor(&entry.path, true),
                    _ => {}
                }
            }
        }
    }

    /// Reads every file of a folder.
    fn folder(&mut self, folder: &str) {
        let entries = match self.reading.list_at(folder) {
            Ok(entries) => entries,
            Err(unread) => return self.out.unread.push(unread.path),
        };
        for entry in entries {
            let is_file = match entry.kind {
                EntryKind::File => true,
                EntryKind::Link(_) => {
                    self.reading.root().real(&entry.path).is_ok_and(|entry| entry.kind == EntryKind::File)
                }
                EntryKind::Folder => false,
                _ => true,
            };
            if is_file {
                self.anchor(&entry.path, false);
            }
        }
    }

    /// Reads what OpenSSL finds by the hash of a name: `0123abcd.0` in `/etc/ssl/certs`. Most lead to files that were read,
    /// or are copies of such; what is left is trusted by itself.
    fn hashed(&mut self) {
        let known: BTreeSet<Box<str>> =
            self.out.anchors.iter().flat_map(|anchor| anchor.certificates.iter().cloned()).collect();
        let first = self.out.anchors.len();
        let entries = self.reading.list_at("etc/ssl/certs").unwrap_or_default();
        for entry in entries.into_iter().filter(|entry| is_hash(entry.path.file_name())) {
            match self.reading.root().real(&entry.path) {
                Ok(real) if real.kind == EntryKind::File && !self.seen.contains(&real.path) => {
                    self.anchor(&real.path, false);
                }
                _ => {}
            }
        }
        let found = self.out.anchors.split_off(first);
        let is_new = |anchor: &Anchor| !anchor.certificates.iter().all(|print| known.contains(print));
        self.out.anchors.extend(found.into_iter().filter(is_new));
    }

    /// Reads a file from which bundles are made, or that is trusted by itself.
    fn anchor(&mut self, path: &TreePath, must_hold_some: bool) {
        if self.out.anchors.len() >= MAX_FILES {
            return;
        }
        let file = match self.reading.read_at(path) {
            Ok(Some(file)) => file,
            Ok(None) => return,
            Err(unread) => return self.out.unread.push(unread.path),
        };
        if !self.seen.insert(file.real.clone()) {
            return;
        }
        let found = certificate::read_others(&file.bytes, &self.out.authorities);
        if self.faults(&file, &found) {
            self.out.unread.push(path.clone());
        }
        if found.certificates.is_empty() {
            if must_hold_some && found.faults.is_empty() {
                let expected = Text::trusted("a certificate");
                self.reading.malformed(&Place::file(path), expected, Text::trusted("none"));
                self.out.unread.push(path.clone());
            }
            return;
        }
        self.reading.ask(path, Asked::Contents);
        let certificates = found.certificates.iter().map(|one| one.fingerprint.as_str().into()).collect();
        self.authorities(found);
        self.out.anchors.push(Anchor { path: path.clone(), real: file.real, certificates });
    }

    fn bundles(&mut self) {
        let known: BTreeSet<Box<str>> =
            self.out.anchors.iter().flat_map(|anchor| anchor.certificates.iter().cloned()).collect();
        let mut seen = BTreeSet::new();
        for path in BUNDLES.iter().filter_map(|path| TreePath::new(path.as_bytes())) {
            let file = match self.reading.read_at(&path) {
                Ok(Some(file)) => file,
                Ok(None) => continue,
                Err(unread) => {
                    self.out.unread_bundles.push(unread.path);
                    continue;
                }
            };
            if !seen.insert(file.real.clone()) {
                continue;
            }
            let found = certificate::read_others(&file.bytes, &self.out.authorities);
            if self.faults(&file, &found) {
                self.out.unread_bundles.push(path.clone());
            }
            self.reading.ask(&path, Asked::Contents);
            let strangers = found.certificates.iter().filter(|one| !known.contains(one.fingerprint.as_str()));
            let strangers = strangers.map(|one| (one.fingerprint.as_str().into(), file.at(one.line))).collect();
            self.authorities(found);
            self.out.bundles.push(Bundle { path, real: file.real, strangers });
        }
    }

    fn authorities(&mut self, found: Certificates) {
        for one in found.certificates {
            if let Some(authority) = one.authority {
                self.out.authorities.insert(one.fingerprint.into(), authority);
            }
        }
    }

    /// Notes what of a file is no certificate and should be one; whether there is any.
    fn faults(&self, file: &HostFile, found: &Certificates) -> bool {
        for (line, fault) in &found.faults {
            self.reading.malformed(&file.at(*line), Text::trusted("certificates"), Text::trusted(*fault));
        }
        !found.faults.is_empty()
    }
}

/// Whether OpenSSL looks up a name by the hash in it.
fn is_hash(name: &[u8]) -> bool {
    let (hash, rest) = name.split_at_checked(8).unwrap_or_default();
    let is_hex = hash.iter().all(u8::is_ascii_hexdigit);
    is_hex && matches!(rest, [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
}
