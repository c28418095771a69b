//! Tarballs of roots and images of containers, made entry by entry so that they can be wrong in any way.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use crate::support::Sandbox;

/// A tarball in the making.
#[derive(Clone, Default)]
pub(crate) struct Tarball(Vec<u8>);

impl Tarball {
    /// Adds an entry whose name is written as it is.
    pub(crate) fn entry(mut self, kind: EntryType, name: &str, target: &str, contents: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(contents.len() as u64);
        header.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
        let old = header.as_old_mut();
        old.name[..name.len()].copy_from_slice(name.as_bytes());
        old.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(contents);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        self.entry(EntryType::Regular, name, "", contents.as_ref())
    }

    pub(crate) fn folder(self, name: &str) -> Self {
        self.entry(EntryType::Directory, name, "", b"")
    }

    pub(crate) fn link(self, name: &str, target: &str) -> Self {
        self.entry(EntryType::Symlink, name, target, b"")
    }

    pub(crate) fn hard_link(self, name: &str, target: &str) -> Self {
        self.entry(EntryType::Link, name, target, b"")
    }

    /// Ends it.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Returns what `docker save` writes of an image of these layers.
pub(crate) fn docker(layers: &[Vec<u8>]) -> Tarball {
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| format!("sha256:{}", digest(layer))).collect::<Vec<_>>()},
    })
    .to_string();
    let name = |at: usize| format!("{}/layer.tar", digest(format!("layer {at}").as_bytes()));
    let config_name = format!("{}.json", digest(config.as_bytes()));
    let names: Vec<String> = (0..layers.len()).map(name).collect();
    let manifest = json!([{"Config": config_name, "RepoTags": ["acme/tiny:1"], "Layers": names}]).to_string();
    let mut out = Tarball::default();
    for (name, layer) in names.iter().zip(layers) {
        out = out.file(name, layer);
    }
    out.file(&config_name, config).file("manifest.json", manifest)
}

/// Returns what `docker save` wrote before it had a manifest.
pub(crate) fn old_docker(layers: &[Vec<u8>]) -> Tarball {
    let mut out = Tarball::default();
    let mut parent: Option<String> = None;
    for (at, layer) in layers.iter().enumerate() {
        let id = digest(format!("layer {at}").as_bytes());
        let described = match &parent {
            Some(parent) => json!({"id": id, "parent": parent, "os": "linux", "architecture": "amd64"}),
            None => json!({"id": id, "os": "linux", "architecture": "amd64"}),
        };
        out = out.file(&format!("{id}/json"), described.to_string()).file(&format!("{id}/layer.tar"), layer);
        parent = Some(id);
    }
    out.file("repositories", json!({"acme/tiny": {"1": parent}}).to_string())
}

/// An OCI layout in the making.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) blobs: Vec<(String, Vec<u8>)>,
    manifests: Vec<Value>,
}

impl Layout {
    fn blob(&mut self, bytes: Vec<u8>, kind: &str) -> Value {
        let digest = digest(&bytes);
        let described = json!({"mediaType": kind, "digest": format!("sha256:{digest}"), "size": bytes.len()});
        self.blobs.push((digest, bytes));
        described
    }

    /// Adds an image of these layers, each with its packed bytes.
    pub(crate) fn image(mut self, architecture: &str, layers: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let ids: Vec<String> = layers.iter().map(|(plain, _)| format!("sha256:{}", digest(plain))).collect();
        let config =
            json!({"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids}});
        let config = self.blob(config.to_string().into_bytes(), "application/vnd.oci.image.config.v1+json");
        let kind = "application/vnd.oci.image.layer.v1.tar+gzip";
        let layers: Vec<Value> = layers.iter().map(|(_, packed)| self.blob(packed.clone(), kind)).collect();
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers}).to_string();
        let mut manifest = self.blob(manifest.into_bytes(), "application/vnd.oci.image.manifest.v1+json");
        manifest["platform"] = json!({"os": "linux", "architecture": architecture});
        self.manifests.push(manifest);
        self
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let index = json!({"schemaVersion": 2, "manifests": self.manifests}).to_string();
        let mut out = vec![
            ("oci-layout".to_owned(), br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec()),
            ("index.json".to_owned(), index.into_bytes()),
        ];
        out.extend(self.blobs.iter().map(|(digest, bytes)| (format!("blobs/sha256/{digest}"), bytes.clone())));
        out
    }

    /// Writes it into a folder.
    pub(crate) fn write(&self, sandbox: &Sandbox, folder: &str) {
        for (name, bytes) in self.files() {
            sandbox.write(Path::new(folder).join(name), bytes);
        }
    }

    /// Writes it as a tarball.
    pub(crate) fn tarball(&self) -> Tarball {
        self.files().into_iter().fold(Tarball::default(), |out, (name, bytes)| out.file(&name, bytes))
    }
}
