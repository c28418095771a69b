//! A root filesystem to measure on, made anew each time: as a directory, and as an image.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// A folder with a root (`root`) and `docker save`'s tarball of it (`image.tar`).
pub(crate) struct Roots {
    folder: TempDir,
}

impl Roots {
    /// Makes a root of so many packages of Debian, each with ten files of so many bytes, and a hundred of Python.
    pub(crate) fn new(packages: usize, file_bytes: usize) -> Self {
        let roots = Self { folder: tempfile::Builder::new().prefix("portcullis-bench-").tempdir().unwrap() };
        let mut files: Vec<(String, Vec<u8>)> = vec![
            ("etc/os-release".to_owned(), b"ID=debian\nVERSION_ID=\"12\"\n".to_vec()),
            ("var/lib/dpkg/status".to_owned(), (0..packages).flat_map(stanza).collect()),
        ];
        for at in 0..packages * 10 {
            files.push((format!("usr/share/package-{}/file-{at}", at / 10), contents(at, file_bytes)));
        }
        for at in 0..100 {
            let path = format!("usr/lib/python3/dist-packages/module_{at}-1.{at}.dist-info/METADATA");
            files.push((path, format!("Metadata-Version: 2.1\nName: module_{at}\nVersion: 1.{at}\n\n").into_bytes()));
        }
        let mut layer = tar::Builder::new(Vec::new());
        for (path, contents) in &files {
            let file = roots.path().join("root").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, contents).unwrap();
            append(&mut layer, path, contents);
        }
        let layer = layer.into_inner().unwrap();
        let config = format!(
            r#"{{"os": "linux", "architecture": "amd64", "rootfs": {{"type": "layers", "diff_ids": ["sha256:{:x}"]}}}}"#,
            Sha256::digest(&layer)
        );
        let name = format!("{:x}.json", Sha256::digest(&config));
        let manifest =
            format!(r#"[{{"Config": "{name}", "RepoTags": ["bench:1"], "Layers": ["{}/layer.tar"]}}]"#, "0".repeat(64));
        let mut image = tar::Builder::new(fs::File::create(roots.path().join("image.tar")).unwrap());
        append(&mut image, &name, config.as_bytes());
        append(&mut image, &format!("{}/layer.tar", "0".repeat(64)), &layer);
        append(&mut image, "manifest.json", manifest.as_bytes());
        image.into_inner().unwrap().flush().unwrap();
        roots
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn stanza(at: usize) -> Vec<u8> {
    format!(
        "Package: package-{at}\nStatus: install ok installed\nPriority: optional\nSection: misc\nMaintainer: A Person <person@example.org>\nArchitecture: amd64\nVersion: 1.{at}-1\nDepends: package-{} (>= 1.0), package-0 | none\nDescription: a package\n that is one of many\n\n",
        at / 2
    )
    .into_bytes()
}

/// Returns bytes that do not compress to nothing.
fn contents(seed: usize, count: usize) -> Vec<u8> {
    let mut state = seed as u64 | 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33).to_le_bytes()[0]
        })
        .collect()
}

fn append<W: std::io::Write>(archive: &mut tar::Builder<W>, path: &str, contents: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(contents.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, contents).unwrap();
}
