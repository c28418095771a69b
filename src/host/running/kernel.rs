//! What the running kernel is, how it was started, what was loaded into it, and what it says of the processor.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use serde::{Deserialize, Serialize};

use super::source::{Known, Running as Source};
use crate::host::kernel::{Arguments, config};
use crate::host::line::lines;
use crate::host::reading::Reading;
use crate::text::Text;
use crate::tree::{Shown, TreePath};

/// The id of the family.
pub const ID: &str = "kernel";

/// How long the configuration of a kernel may be, unpacked.
const MAX_CONFIG_BYTES: u64 = 16 << 20;

/// How many modules are kept.
const MAX_MODULES: usize = 100_000;

/// What the running kernel is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// Its release: `6.1.0-18-amd64`.
    #[serde(default)]
    pub release: Known<Text>,
    /// The arguments it was started with.
    #[serde(default)]
    pub arguments: Known<Arguments>,
    /// How it was built, where it tells: options that matter.
    #[serde(default)]
    pub config: Known<BTreeMap<Text, Text>>,
    /// The bits by which it marks itself as changed or unstable.
    #[serde(default)]
    pub taint: Known<BTreeSet<u32>>,
    /// The modules that are loaded; absent where it takes none.
    #[serde(default)]
    pub modules: Known<BTreeMap<Text, Module>>,
    /// Whether a kernel is loaded that would be started by kexec.
    #[serde(default)]
    pub kexec_loaded: Known<Text>,
    /// What it says of each flaw of the processor.
    #[serde(default)]
    pub vulnerabilities: Known<BTreeMap<Text, Text>>,
    /// Whether `/sys` shows anything.
    #[serde(default)]
    pub is_sys_shown: bool,
    /// Whether the firmware verifies what it starts.
    #[serde(default)]
    pub secure_boot: SecureBoot,
    /// The TPMs, each with its version.
    #[serde(default)]
    pub tpm: BTreeMap<Text, Text>,
    /// Whether there is a device for the machine's memory.
    #[serde(default)]
    pub has_dev_mem: bool,
}

/// A module that is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Letters by which it marks the kernel: `P` proprietary, `O` from outside, `F` by force, `E` unsigned.
    #[serde(default)]
    pub marks: Text,
}

/// Whether the firmware verifies what it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum SecureBoot {
    /// It does.
    On,
    /// It does not.
    Off,
    /// The machine was not started by EFI.
    NoEfi,
    /// The variables of the firmware are not shown.
    #[default]
    NotShown,
    /// The variable cannot be read, for this reason.
    Unknown(Text),
}

impl Kernel {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let device = TreePath::new(b"dev/mem").and_then(|path| reading.root().look(&path).ok().flatten());
        Self { has_dev_mem: device.is_some(), ..Self::of(source) }
    }

    fn of(source: &Source<'_>) -> Self {
        let text = |shown: Shown, path: &str| source.text(shown, path);
        Self {
            release: text(Shown::Proc, "sys/kernel/osrelease").map(|release| Text::of(&release)),
            arguments: text(Shown::Proc, "cmdline").map(|line| Arguments::read(&line)),
            config: match source.read(Shown::Proc, "config.gz").map(|bytes| unpacked(&bytes)) {
                Known::Is(Some(bytes)) => Known::Is(config::read(&bytes)),
                Known::Is(None) => Known::Unknown(Text::trusted("`/proc/config.gz` cannot be unpacked")),
                Known::Absent => Known::Absent,
                Known::Unknown(reason) => Known::Unknown(reason),
            },
            taint: match text(Shown::Proc, "sys/kernel/tainted").map(|number| number.parse().ok().map(bits)) {
                Known::Is(Some(bits)) => Known::Is(bits),
                Known::Is(None) => Known::Unknown(Text::trusted("`/proc/sys/kernel/tainted` is no number")),
                Known::Absent => Known::Absent,
                Known::Unknown(reason) => Known::Unknown(reason),
            },
            modules: source.read(Shown::Proc, "modules").map(|bytes| modules(&bytes)),
            kexec_loaded: text(Shown::Sys, "kernel/kexec_loaded").map(|number| Text::of(&number)),
            vulnerabilities: vulnerabilities(source),
            is_sys_shown: source.has(Shown::Sys, "kernel"),
            secure_boot: secure_boot(source),
            tpm: tpm(source),
            has_dev_mem: false,
        }
    }

    /// Whether the running kernel was built without an option, where it tells.
    #[must_use]
    pub fn is_built_without(&self, option: &str) -> Option<bool> {
        Some(!self.config.value()?.contains_key(&Text::of(option)))
    }
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let read = flate2::read::GzDecoder::new(bytes).take(MAX_CONFIG_BYTES + 1).read_to_end(&mut out);
    (read.is_ok() && out.len() as u64 <= MAX_CONFIG_BYTES).then_some(out)
}

fn bits(number: u64) -> BTreeSet<u32> {
    (0..u64::BITS).filter(|bit| number >> bit & 1 == 1).collect()
}

/// Reads the modules that are loaded (`proc_modules(5)`): the name first, letters in parentheses last where it marks the
/// kernel. What counts and where they stand in memory is left out.
#[must_use]
pub fn modules(bytes: &[u8]) -> BTreeMap<Text, Module> {
    let module = |line: crate::host::line::Line<'_>| {
        let text = line.text();
        let mut words = text.split_ascii_whitespace();
        let name = words.next()?;
        let last = words.next_back().unwrap_or_default();
        let marks = last.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
        // A sign says that it is being loaded or taken out at the moment.
        let marks: String = marks.chars().filter(char::is_ascii_alphabetic).collect();
        Some((Text::of(name), Module { marks: Text::of(&marks) }))
    };
    lines(bytes).filter_map(module).take(MAX_MODULES).collect()
}

fn vulnerabilities(source: &Source<'_>) -> Known<BTreeMap<Text, Text>> {
    const FOLDER: &str = "devices/system/cpu/vulnerabilities";
    let names = match source.system().list(Shown::Sys, FOLDER) {
        Ok(names) if names.is_empty() => return Known::Absent,
        Ok(names) => names,
        Err(fault) => return Known::Unknown(crate::text!("`/sys/{}`: found {}", *FOLDER, fault)),
    };
    let mut out = BTreeMap::new();
    for name in names {
        let Ok(name) = std::str::from_utf8(&name) else { continue };
        match source.text(Shown::Sys, &format!("{FOLDER}/{name}")) {
            Known::Is(value) => drop(out.insert(Text::of(name), Text::of(&value))),
            Known::Absent => {}
            Known::Unknown(reason) => return Known::Unknown(reason),
        }
    }
    Known::Is(out)
}

/// Reads the variable `SecureBoot` of the firmware: four bytes of attributes, then the value.
fn secure_boot(source: &Source<'_>) -> SecureBoot {
    const VARIABLE: &str = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    match source.read(Shown::Sys, VARIABLE) {
        Known::Is(bytes) => match bytes.get(4) {
            Some(1) => SecureBoot::On,
            Some(_) => SecureBoot::Off,
            None => SecureBoot::Unknown(Text::trusted("the variable `SecureBoot` of the firmware has no value")),
        },
        Known::Unknown(reason) => SecureBoot::Unknown(reason),
        // Firmware without the variable verifies nothing.
        Known::Absent if source.has(Shown::Sys, "firmware/efi/efivars") => SecureBoot::Off,
        Known::Absent if source.has(Shown::Sys, "firmware/efi") => SecureBoot::NotShown,
        Known::Absent if source.has(Shown::Sys, "firmware") => SecureBoot::NoEfi,
        Known::Absent => SecureBoot::NotShown,
    }
}

fn tpm(source: &Source<'_>) -> BTreeMap<Text, Text> {
    let names = source.system().list(Shown::Sys, "class/tpm").unwrap_or_default();
    let version = |name: Box<[u8]>| {
        let name = std::str::from_utf8(&name).ok()?.to_owned();
        // What stands in the folder are links to devices: the version is a file of the device.
        let device = match source.link(Shown::Sys, &format!("class/tpm/{name}")) {
            Known::Is(target) => String::from_utf8_lossy(&target).trim_start_matches("../").to_owned(),
            Known::Absent | Known::Unknown(_) => format!("class/tpm/{name}"),
        };
        let version = source.text(Shown::Sys, &format!("{device}/tpm_version_major"));
        Some((Text::of(&name), Text::of(version.value().map_or("", String::as_str))))
    };
    names.into_iter().filter_map(version).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests {
    use super::*;
    use crate::tree::System;

    #[test]
    fn modules_are_read_with_their_marks() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let found = modules(text.as_bytes());
            let found: Vec<(&str, &str)> =
                found.iter().map(|(name, module)| (name.as_str(), module.marks.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[]);
        check("dccp 126976 0 - Live 0x0000000000000000\n", &[("dccp", "")]);
        check("nvidia 56717312 1 nvidia_uvm, Live 0xffffffffc0a0d000 (POE)\n", &[("nvidia", "POE")]);
        check("x 1 0 - Loading 0x0 (OE+)\n", &[("x", "OE")]);
        check("x\n\n", &[("x", "")]);
    }

    #[test]
    fn a_machine_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        let read = || {
            let system = System::at(&folder.path().join("proc"), &folder.path().join("sys"));
            Kernel::of(&Source::new(&system))
        };
        assert_eq!(read(), Kernel::default());
        write("proc/cmdline", b"quiet password=x nokaslr\n");
        write("proc/sys/kernel/tainted", b"12288\n");
        write("proc/config.gz", b"no gzip");
        write("sys/devices/system/cpu/vulnerabilities/mds", b"Not affected\n");
        write("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", &[6, 0, 0, 0, 1]);
        let found = read();
        let arguments: Vec<String> =
            found.arguments.value().unwrap().iter().map(|argument| argument.shown().to_string()).collect();
        assert_eq!(arguments, ["quiet", "password=…", "nokaslr"]);
        assert_eq!(found.taint, Known::Is([12, 13].into()));
        assert!(found.config.reason().is_some());
        assert_eq!(found.is_built_without("MODULES"), None);
        assert_eq!(found.modules, Known::Absent);
        assert_eq!(found.vulnerabilities, Known::Is([(Text::trusted("mds"), Text::trusted("Not affected"))].into()));
        assert_eq!(found.secure_boot, SecureBoot::On);
        write("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", &[6, 0, 0, 0, 0]);
        write("proc/sys/kernel/tainted", b"x\n");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, b"CONFIG_MODULES=y\n# CONFIG_BPF_JIT is not set\n").unwrap();
        write("proc/config.gz", &packed.finish().unwrap());
        let found = read();
        assert_eq!(found.secure_boot, SecureBoot::Off);
        assert!(found.taint.reason().is_some());
        assert_eq!(found.is_built_without("MODULES"), Some(false));
        assert_eq!(found.is_built_without("BPF_JIT"), Some(true));
    }
}
