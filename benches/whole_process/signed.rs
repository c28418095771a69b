//! Signed artifacts to measure on, made anew each time.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// How many small artifacts there are.
const MANY: usize = 1_000;

/// A folder of artifacts, with two keys of gpg in `ring.gpg`.
pub(crate) struct Signed {
    folder: TempDir,
}

impl Signed {
    /// Makes and signs them all; `None` without gpg.
    pub(crate) fn new() -> Option<Self> {
        if ["gpg", "gpgv"].iter().any(|name| crate::runs::program(name).is_none()) {
            return None;
        }
        let signed = Self { folder: tempfile::Builder::new().prefix("portcullis-bench-").tempdir().unwrap() };
        fs::create_dir(signed.path().join("g")).unwrap();
        for (user, kind) in [("release", "ed25519"), ("other", "rsa3072")] {
            signed.gpg(&["--quick-gen-key", user, kind, "sign", "never"]);
        }
        signed.gpg(&["-o", "ring.gpg", "--export"]);
        let mut large = BufWriter::new(File::create(signed.path().join("large")).unwrap());
        let mut block = [0_u8; 1 << 16];
        for at in 0..(1_u64 << 30) / block.len() as u64 {
            block[..8].copy_from_slice(&at.to_le_bytes());
            large.write_all(&block).unwrap();
        }
        large.into_inner().unwrap();
        signed.sign("release", "large", "large.sig");
        signed.sign("other", "large", "large.other");
        File::create(signed.path().join("sparse")).unwrap().set_len(10_000_000_000).unwrap();
        fs::create_dir(signed.path().join("many")).unwrap();
        for at in 0..MANY {
            let name = format!("many/{at}.tar");
            fs::write(signed.path().join(&name), format!("{at:02000}")).unwrap();
            signed.sign("release", &name, &format!("{name}.sig"));
        }
        signed.end();
        Some(signed)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn sign(&self, user: &str, artifact: &str, signature: &str) {
        self.gpg(&["--digest-algo", "SHA512", "-u", user, "-o", signature, "--detach-sign", artifact]);
    }

    fn gpg(&self, arguments: &[&str]) {
        let mut command = Command::new("gpg");
        command.args(["--batch", "-q", "--pinentry-mode", "loopback", "--passphrase", ""]).args(arguments);
        command.env("GNUPGHOME", self.path().join("g")).current_dir(self.path()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "gpg {arguments:?}");
    }

    /// Ends the agent that gpg has started.
    fn end(&self) {
        let mut command = Command::new("gpgconf");
        command.args(["--kill", "all"]).env("GNUPGHOME", self.path().join("g"));
        command.status().unwrap();
    }
}
