//! For which machines an image is made.

use std::fmt;
use std::str::FromStr;

use crate::text::Text;

/// An operating system, an architecture and its variant, in Go's words, as images have them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// `v7`.
    pub variant: Option<String>,
}

impl Platform {
    /// Returns the platform of this machine, as far as it is one that images are made for.
    pub(super) fn of_this_machine() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            other => other,
        };
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
    }

    /// Whether an image for this platform is one that was asked for: a variant that was not named may be any.
    pub(super) fn answers(&self, asked: &Self) -> bool {
        self.os == asked.os
            && self.architecture == asked.architecture
            && asked.variant.as_ref().is_none_or(|variant| self.variant.as_ref() == Some(variant))
    }
}

impl FromStr for Platform {
    type Err = Text;

    fn from_str(text: &str) -> Result<Self, Text> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (*os, *architecture, None),
            [os, architecture, variant] => (*os, *architecture, Some(*variant)),
            _ => {
                return Err(crate::text!("expected OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64, found `{}`", text));
            }
        };
        if os.is_empty() || architecture.is_empty() || variant == Some("") {
            return Err(crate::text!("expected OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64, found `{}`", text));
        }
        Ok(Self { os: os.to_owned(), architecture: architecture.to_owned(), variant: variant.map(ToOwned::to_owned) })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}
