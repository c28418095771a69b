//! The kernel: how it is started, how it was built, which of its modules may be loaded, and who may change how it starts.

pub mod arguments;
mod bls;
mod boot;
pub mod config;
mod extlinux;
pub mod grub;
pub mod modprobe;
mod modules;
mod variables;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use arguments::{Argument, Arguments};
pub use bls::{Entry as BlsEntry, read as read_entry};
pub use boot::{Boot, BootEntry, Editing, Lock, Part};
pub use config::KernelConfig;
pub use extlinux::read as read_extlinux;
pub use modprobe::Modprobe;
pub use modules::{KernelModules, read as read_modules};
pub use variables::{Filled, Source, Variables};

use super::Family;
use super::reading::{Reading, Unread};
use crate::text::Text;

/// The family of the kernel.
pub(super) static FAMILY: Family = Family {
    id: "kernel",
    summary: "how the kernel is built and started, and which modules it may load",
    reads: &[
        "boot/grub/grub.cfg",
        "boot/grub2/grub.cfg",
        "boot/grub/custom.cfg",
        "boot/grub2/custom.cfg",
        "boot/grub2/user.cfg",
        "boot/grub/user.cfg",
        "boot/grub/grubenv",
        "boot/grub2/grubenv",
        "boot/efi/EFI/*/grub.cfg",
        "boot/efi/EFI/*/grubenv",
        "boot/efi/EFI/*/user.cfg",
        "boot/loader/entries/*",
        "boot/efi/loader/entries/*",
        "efi/loader/entries/*",
        "boot/loader/loader.conf",
        "boot/efi/loader/loader.conf",
        "efi/loader/loader.conf",
        "boot/efi/EFI/Linux/*",
        "boot/EFI/Linux/*",
        "efi/EFI/Linux/*",
        "boot/extlinux.conf",
        "boot/extlinux/extlinux.conf",
        "boot/syslinux/syslinux.cfg",
        "boot/cmdline.txt",
        "boot/firmware/cmdline.txt",
        "etc/default/grub",
        "etc/default/grub.d/*",
        "etc/kernel/cmdline",
        "usr/lib/kernel/cmdline",
        "boot/config-*",
        "lib/modules/*/config",
        "usr/lib/modules/*/config",
        "lib/modules/*/modules.dep",
        "lib/modules/*/modules.builtin",
        "usr/lib/modules/*/modules.dep",
        "usr/lib/modules/*/modules.builtin",
        "etc/modprobe.d/*",
        "run/modprobe.d/*",
        "usr/local/lib/modprobe.d/*",
        "usr/lib/modprobe.d/*",
        "lib/modprobe.d/*",
    ],
};

/// What is known of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// How it is started.
    #[serde(default)]
    pub boot: Boot,
    /// How kernels were built.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<KernelConfig>,
    /// Configurations of kernels that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_configs: Vec<Unread>,
    /// The modules of kernels, by the kernel's version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modules: BTreeMap<Text, KernelModules>,
    /// What is said of modules.
    #[serde(default)]
    pub modprobe: Modprobe,
}

impl Kernel {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut unread_configs = Vec::new();
        let configs = config::collect(reading, &mut unread_configs);
        Self {
            boot: Boot::collect(reading),
            configs,
            unread_configs,
            modules: modules::collect(reading),
            modprobe: Modprobe::collect(reading),
        }
    }

    /// Whether every kernel was built without an option, `None` where that is not known of all.
    #[must_use]
    pub fn is_built_without(&self, option: &str) -> Option<bool> {
        if self.configs.is_empty() || !self.unread_configs.is_empty() {
            return None;
        }
        Some(self.configs.iter().all(|config| config.value(option).is_none()))
    }
}
