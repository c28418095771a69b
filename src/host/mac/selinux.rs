//! SELinux: its configuration as libselinux reads it, the policies that are installed, and the domains that are permissive.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use serde::{Deserialize, Serialize};

use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::host::line::{Place, lines};
use crate::host::reading::{HostFile, Reading, Unread};
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The file of its configuration.
pub const CONFIG: &str = "etc/selinux/config";

/// Where modules of policies lie, and where those of systems before RHEL 8 do.
const STORES: [&str; 2] = ["var/lib/selinux", "etc/selinux"];

/// How large a module may be, unpacked.
const MAX_MODULE_BYTES: u64 = 16 << 20;

/// The priority at which an administrator's own modules stand (`semodule(8)`).
const LOCAL: &str = "400";

/// What is known of SELinux.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selinux {
    /// Its configuration; `None` where there is no file, or it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Config>,
    /// The compiled policies of the type that is configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<TreePath>,
    /// Other types of which a compiled policy is installed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub other_types: BTreeSet<Text>,
    /// Domains of that type that are permissive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissive: Vec<Permissive>,
    /// Modules of that type that an administrator added.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub local_modules: BTreeSet<Text>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// How SELinux is configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file.
    pub path: TreePath,
    /// The mode; `None` where no line of the file is understood, which is permissive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The line that decides, as it stands there behind `SELINUX=`, or the first that was not understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<ConfigLine>,
    /// Where no line begins with `SELINUX=`, the first that looks as if it was meant, as it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meant: Option<ConfigLine>,
    /// The type of the policy.
    pub policy: Text,
    /// Where that stands; `None` where nothing does, which is `targeted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_place: Option<Place>,
}

/// A line of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigLine {
    /// What stands there.
    pub text: Text,
    /// Where.
    pub place: Place,
}

/// A mode of SELinux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// What is not allowed is refused.
    Enforcing,
    /// What is not allowed is logged.
    Permissive,
    /// No policy is loaded.
    Disabled,
}

impl Mode {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforcing => "enforcing",
            Self::Permissive => "permissive",
            Self::Disabled => "disabled",
        }
    }
}

/// A domain that is permissive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissive {
    /// The domain.
    pub name: Text,
    /// The module that makes it so.
    pub module: Text,
    /// The file.
    pub path: TreePath,
}

/// What the lines of a configuration say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The mode, with the number of its line.
    pub mode: Option<(Mode, u32)>,
    /// What stands behind the first `SELINUX=`, understood or not; that of the line that decides where one does.
    pub text: Option<(String, u32)>,
    /// The first line that names the mode with blanks or in other capitals, which is passed over.
    pub meant: Option<(String, u32)>,
    /// The type of the policy, with the number of its line.
    pub policy: Option<(String, u32)>,
}

/// Reads the configuration as libselinux does (measured with 3.4). Of the mode the first line counts that is understood:
/// it begins with `SELINUX=`, capitals as they are and nothing in front, and a known word follows whatever the capitals and
/// whatever stands behind it. Of the type of the policy the last line counts, capitals and blanks in front being nothing.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    let mut out = Read::default();
    for line in lines(bytes) {
        let text = line.text();
        if let (Some(value), None) = (text.strip_prefix("SELINUX="), &out.mode) {
            let lower = value.trim_start().to_ascii_lowercase();
            let known = [Mode::Enforcing, Mode::Permissive, Mode::Disabled];
            let mode = known.into_iter().find(|mode| lower.starts_with(mode.name()));
            if mode.is_some() || out.text.is_none() {
                out.text = Some((value.trim().to_owned(), line.number));
            }
            out.mode = mode.map(|mode| (mode, line.number));
        }
        let named = text.split_once('=').map(|(name, _)| name);
        if out.meant.is_none() && named.is_some_and(|name| name != "SELINUX" && is_meant(name)) {
            out.meant = Some((text.trim().to_owned(), line.number));
        }
        let start = text.trim_start();
        let tag = start.get(..12).filter(|tag| tag.eq_ignore_ascii_case("SELINUXTYPE="));
        if let Some(value) = tag.and_then(|tag| start.get(tag.len()..)) {
            let value = value.trim_matches(|character: char| character.is_ascii_whitespace() || character.is_control());
            out.policy = Some((value.to_owned(), line.number));
        }
    }
    out
}

/// Whether what stands before the equals sign was meant to name the mode.
fn is_meant(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("SELINUX")
}

/// Returns the domains that a module makes permissive, in the language of CIL: `(typepermissive httpd_t)`, on one line or on
/// several. A comment reaches from `;` to the end of its line.
#[must_use]
pub fn permissive_of_cil(bytes: &[u8]) -> BTreeSet<String> {
    let code = bytes.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b';').next());
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || b"()".contains(byte);
    let mut words = code.flat_map(|line| line.split(is_between)).filter(|word| !word.is_empty());
    let mut out = BTreeSet::new();
    while let Some(word) = words.next() {
        if word == b"typepermissive"
            && let Some(name) = words.next()
        {
            out.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    out
}

impl Selinux {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        match reading.read(CONFIG) {
            Ok(Some(file)) => out.config = Some(config(&file)),
            Ok(None) => {}
            Err(unread) => out.unread.push(unread),
        }
        let policy = out.config.as_ref().map_or_else(|| Text::trusted("targeted"), |config| config.policy.clone());
        out.policies(reading, &policy);
        for store in STORES {
            out.modules(reading, store, &policy);
        }
        out.permissive.sort();
        out.permissive.dedup();
        out
    }

    /// Looks for compiled policies of each type.
    fn policies(&mut self, reading: &Reading<'_>, policy: &Text) {
        let types = self.listed(reading, "etc/selinux");
        for of_type in types {
            let folder = of_type.child(b"policy");
            let entries = match reading.list(&folder) {
                Ok(entries) => entries,
                Err(unread) => {
                    self.unread.push(unread);
                    continue;
                }
            };
            for entry in entries.iter().filter(|entry| entry.path.file_name().starts_with(b"policy.")) {
                let is_file =
                    reading.real(&entry.path).is_ok_and(|real| real.is_some_and(|real| real.kind == EntryKind::File));
                let name = Text::of(of_type.file_name());
                match (is_file, name == *policy) {
                    (true, true) => self.policies.push(entry.path.clone()),
                    (true, false) => drop(self.other_types.insert(name)),
                    (false, _) => {}
                }
            }
        }
    }

    fn listed(&mut self, reading: &Reading<'_>, folder: &str) -> Vec<TreePath> {
        match reading.list_at(folder) {
            Ok(entries) => entries.into_iter().map(|entry| entry.path).collect(),
            Err(unread) => {
                self.unread.push(unread);
                Vec::new()
            }
        }
    }

    /// Reads the modules of the type in use: of one name that of the highest priority, unless it is disabled.
    fn modules(&mut self, reading: &Reading<'_>, store: &str, policy: &Text) {
        let active = if store == "etc/selinux" { "modules/active/modules" } else { "active/modules" };
        let policy = policy.as_str();
        if policy.is_empty() || policy.contains('/') {
            return;
        }
        let modules = format!("{store}/{policy}/{active}");
        let disabled: BTreeSet<Vec<u8>> =
            self.listed(reading, &format!("{modules}/disabled")).iter().map(|path| path.file_name().to_vec()).collect();
        let mut strongest: BTreeMap<Vec<u8>, (u32, TreePath)> = BTreeMap::new();
        for priority in self.listed(reading, &modules) {
            let number = std::str::from_utf8(priority.file_name()).ok().and_then(|name| name.parse::<u32>().ok());
            let Some(number) = number else {
                // Before RHEL 8 modules lay here by their names.
                if priority.file_name().ends_with(b".pp") {
                    self.old_module(reading, &priority);
                }
                continue;
            };
            let is_local = priority.file_name() == LOCAL.as_bytes();
            let entries = match reading.list(&priority) {
                Ok(entries) => entries,
                Err(unread) => {
                    self.unread.push(unread);
                    continue;
                }
            };
            for module in entries {
                let name = module.path.file_name().to_vec();
                if is_local {
                    self.local_modules.insert(Text::of(name.as_slice()));
                }
                let before = strongest.get(&name).map_or(0, |(number, _)| *number);
                if number >= before {
                    strongest.insert(name, (number, module.path));
                }
            }
        }
        for (name, (_, folder)) in strongest {
            if !disabled.contains(&name) {
                self.module(reading, &folder, &name);
            }
        }
    }

    fn module(&mut self, reading: &Reading<'_>, folder: &TreePath, name: &[u8]) {
        // The source is there where the compiled form is not.
        for file in ["cil", "hll"] {
            let path = folder.child(file.as_bytes());
            match reading.read_at(&path) {
                Ok(Some(file)) => {
                    self.contents(reading, &file, name);
                    return;
                }
                Ok(None) => {}
                Err(unread) => {
                    self.unread.push(unread);
                    return;
                }
            }
        }
    }

    fn contents(&mut self, reading: &Reading<'_>, file: &HostFile, name: &[u8]) {
        let Some(bytes) = unpacked(&file.bytes) else {
            let (kind, reason) = (FactKind::Host, GapReason::Malformed);
            let found = text!("what is larger than {} MiB or damaged", MAX_MODULE_BYTES >> 20);
            let expected = Text::trusted("a module of SELinux, plain or packed with bzip2");
            let location = Location::file(file.path.clone());
            self.unread.push(Unread { path: file.path.clone(), found: found.clone() });
            reading.gap(Gap { kind, location, reason, expected, found, contents: None });
            return;
        };
        let domains = if file.path.file_name() == b"cil" || is_text(&bytes) {
            permissive_of_cil(&bytes)
        } else {
            permissive_of_name(name)
        };
        self.add(&file.path, name, domains);
    }

    fn old_module(&mut self, reading: &Reading<'_>, path: &TreePath) {
        let name = path.file_name();
        let name = name.strip_suffix(b".pp").unwrap_or(name).to_vec();
        // Which types a compiled module makes permissive stands in it as a bit; semanage names the module by the domain.
        if reading.real(path).is_ok_and(|real| real.is_some()) {
            self.add(path, &name, permissive_of_name(&name));
        }
    }

    fn add(&mut self, path: &TreePath, module: &[u8], domains: BTreeSet<String>) {
        for domain in domains {
            let (name, module) = (Text::of(&domain), Text::of(module));
            self.permissive.push(Permissive { name, module, path: path.clone() });
        }
    }
}

fn config(file: &HostFile) -> Config {
    let Read { mode, text, meant, policy } = read(&file.bytes);
    let line = |(text, line): (String, u32)| ConfigLine { text: Text::of(&text), place: file.at(line) };
    Config {
        path: file.path.clone(),
        mode: mode.map(|(mode, _)| mode),
        meant: meant.filter(|_| text.is_none()).map(line),
        line: text.map(line),
        policy: policy.as_ref().map_or_else(|| Text::trusted("targeted"), |(policy, _)| Text::of(policy)),
        policy_place: policy.map(|(_, line)| file.at(line)),
    }
}

/// `semanage permissive -a httpd_t` makes a module `permissive_httpd_t` (`semanage-permissive(8)`).
fn permissive_of_name(module: &[u8]) -> BTreeSet<String> {
    let name = String::from_utf8_lossy(module);
    name.strip_prefix("permissive_").map(str::to_owned).into_iter().collect()
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().take(512).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// Unpacks a module, which `semanage.conf(5)` packs with bzip2 unless told otherwise.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(b"BZh") {
        return Some(bytes.to_vec());
    }
    let mut out = Vec::new();
    bzip2::read::BzDecoder::new(bytes).take(MAX_MODULE_BYTES + 1).read_to_end(&mut out).ok()?;
    u64::try_from(out.len()).is_ok_and(|length| length <= MAX_MODULE_BYTES).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_read_as_libselinux_reads_it() {
        let check = |text: &str, mode: Option<(Mode, u32)>, policy: Option<&str>| {
            let found = read(text.as_bytes());
            assert_eq!(found.mode, mode, "{text:?}");
            assert_eq!(found.policy.as_ref().map(|(policy, _)| policy.as_str()), policy, "{text:?}");
        };
        check("", None, None);
        check("SELINUX=enforcing\n", Some((Mode::Enforcing, 1)), None);
        check("SELINUX=permissive\nSELINUX=enforcing\n", Some((Mode::Permissive, 1)), None);
        check("SELINUX=1\nSELINUX=Disabled\n", Some((Mode::Disabled, 2)), None);
        check(" SELINUX=enforcing\n", None, None);
        check("selinux=enforcing\nSELINUX =enforcing\nSELINUX=\"enforcing\"\n", None, None);
        check("SELINUX= enforcing # since 2026\n", Some((Mode::Enforcing, 1)), None);
        check("SELINUXTYPE=targeted  \r\n", None, Some("targeted"));
        check("SELINUXTYPE=a\n selinuxtype=b\n", None, Some("b"));
        check("#SELINUXTYPE=a\n", None, None);
    }

    #[test]
    fn a_line_that_only_looks_like_the_mode_is_told() {
        let check = |text: &str, expected: Option<(&str, u32)>| {
            let found = read(text.as_bytes());
            assert_eq!(found.meant.as_ref().map(|(text, line)| (text.as_str(), *line)), expected, "{text:?}");
        };
        check("# x\nSELINUX = enforcing\nselinux=enforcing\n", Some(("SELINUX = enforcing", 2)));
        check("  Selinux=disabled\n", Some(("Selinux=disabled", 1)));
        check("SELINUX=enforcing\n# SELINUX = x\nSELINUXTYPE = targeted\nSELINUX\n", None);
    }

    #[test]
    fn permissive_domains_are_found() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = permissive_of_cil(text.as_bytes()).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        };
        check("(typepermissive httpd_t)\n", &["httpd_t"]);
        check("( typepermissive  httpd_t )(typepermissive b_t)", &["b_t", "httpd_t"]);
        check("; (typepermissive httpd_t)\n", &[]);
        check("(type httpd_t)\n", &[]);
        check("(optional x (typepermissive\n", &[]);
        check("(block x)\n(type zabbix_t)\n( typepermissive\n  zabbix_t )\n", &["zabbix_t"]);
        check("(typepermissive ; (since 2026)\r\n\n;; x_t\nb_t\n)", &["b_t"]);
        check("(type typepermissive_t)\n(type b_t)\n", &[]);
    }
}
