//! Scripts that run at login, at boot, with a device, around packages and around git, and what names them.

use super::super::HostFile;
use super::super::command::told;
use super::super::configuration::open;
use super::super::files::Asked;
use super::super::home_folders::homes;
use super::super::line::{self, Place};
use super::super::reading::Reading;
use super::super::settings::settings;
use super::{Run, Script, When, apt, loader};
use crate::tree::{Entry, EntryKind, TreePath};

/// How many scripts are told.
const MAX_SCRIPTS: usize = 50_000;

/// How much of what a file has run is told.
const MAX_RUNS: usize = 1_000;

/// Folders of which every executable file runs.
const FOLDERS: [(&str, When); 34] = [
    ("etc/update-motd.d", When::Login),
    ("etc/X11/Xsession.d", When::Login),
    ("etc/X11/xinit/xinitrc.d", When::Login),
    ("etc/init.d", When::Boot),
    ("etc/rc.d/init.d", When::Boot),
    ("etc/local.d", When::Boot),
    ("etc/network/if-up.d", When::Boot),
    ("etc/network/if-pre-up.d", When::Boot),
    ("etc/network/if-down.d", When::Boot),
    ("etc/network/if-post-down.d", When::Boot),
    ("etc/NetworkManager/dispatcher.d", When::Boot),
    ("etc/NetworkManager/dispatcher.d/pre-up.d", When::Boot),
    ("etc/networkd-dispatcher/routable.d", When::Boot),
    ("etc/dhcp/dhclient-enter-hooks.d", When::Boot),
    ("etc/dhcp/dhclient-exit-hooks.d", When::Boot),
    ("etc/ppp/ip-up.d", When::Boot),
    ("etc/systemd/system-generators", When::Boot),
    ("run/systemd/system-generators", When::Boot),
    ("usr/local/lib/systemd/system-generators", When::Boot),
    ("usr/lib/systemd/system-generators", When::Boot),
    ("etc/systemd/system-environment-generators", When::Boot),
    ("usr/local/lib/systemd/system-environment-generators", When::Boot),
    ("usr/lib/systemd/system-environment-generators", When::Boot),
    ("etc/systemd/user-generators", When::Login),
    ("usr/lib/systemd/user-generators", When::Login),
    ("etc/systemd/system-sleep", When::Boot),
    ("usr/lib/systemd/system-sleep", When::Boot),
    ("usr/lib/systemd/system-shutdown", When::Boot),
    ("etc/kernel/postinst.d", When::Install),
    ("etc/kernel/postrm.d", When::Install),
    ("etc/kernel/install.d", When::Install),
    ("etc/apk/commit_hooks.d", When::Install),
    ("etc/apk/protected_paths.d", When::Install),
    ("usr/share/git-core/templates/hooks", When::Git),
];

/// Scripts in home folders that shells read at login.
const OWN: [&[u8]; 13] = [
    b".profile",
    b".bashrc",
    b".bash_profile",
    b".bash_login",
    b".bash_logout",
    b".zshenv",
    b".zshrc",
    b".zprofile",
    b".zlogin",
    b".cshrc",
    b".tcshrc",
    b".login",
    b".xprofile",
];

pub(super) fn read(reading: &Reading<'_>) -> Vec<Script> {
    let mut scripts = Scripts { reading, out: Vec::new() };
    scripts.login();
    for (folder, when) in FOLDERS {
        scripts.executables(folder, when);
    }
    for path in ["etc/rc.local", "etc/rc.d/rc.local"] {
        scripts.executable(path, When::Boot);
    }
    scripts.udev();
    scripts.binary_formats();
    scripts.packages();
    scripts.git();
    scripts.out.sort_by(|a, b| (&a.path, a.when).cmp(&(&b.path, b.when)));
    scripts.out.dedup_by(|a, b| a.path == b.path && a.when == b.when);
    scripts.out
}

struct Scripts<'a, 'b> {
    reading: &'a Reading<'b>,
    out: Vec<Script>,
}

impl Scripts<'_, '_> {
    fn add(&mut self, path: &TreePath, when: When) -> Option<&mut Script> {
        if self.out.len() >= MAX_SCRIPTS {
            return None;
        }
        let real = self.reading.ask(path, Asked::Contents);
        let script = Script { path: path.clone(), real, when, runs: Vec::new(), owner: None, is_copy: false };
        self.out.push(script);
        self.out.last_mut()
    }

    fn add_said(&mut self, place: Place, what: &str, when: When) {
        let run = Run { what: told(what), place: place.clone() };
        match self.out.last_mut().filter(|last| last.path == place.path && last.when == when) {
            Some(script) if script.runs.len() < MAX_RUNS => script.runs.push(run),
            Some(_) => {}
            None => {
                if let Some(script) = self.add(&place.path, when) {
                    script.runs.push(run);
                }
            }
        }
    }

    /// Lists what a folder holds beside folders and masks.
    fn list(&self, folder: &str) -> Vec<Entry> {
        let mut entries = self.reading.list_at(folder).unwrap_or_default();
        let is_mask = |entry: &Entry| matches!(&entry.kind, EntryKind::Link(target) if **target == *b"/dev/null");
        entries.retain(|entry| entry.kind != EntryKind::Folder && !is_mask(entry));
        entries
    }

    fn open(&self, path: &TreePath) -> Option<HostFile> {
        open(self.reading, path)
    }

    fn executables(&mut self, folder: &str, when: When) {
        for entry in self.list(folder) {
            // Scripts of graphical logins are read rather than started.
            let is_read = folder.starts_with("etc/X11") || folder.starts_with("etc/dhcp");
            if self.is_executable(&entry.path) || is_read {
                let is_sample = entry.path.file_name().ends_with(b".sample");
                if !is_sample && !entry.path.file_name().starts_with(b".") {
                    self.add(&entry.path, when);
                }
            }
        }
    }

    fn executable(&mut self, path: &str, when: When) {
        if let Some(path) = TreePath::new(path.as_bytes())
            && self.is_executable(&path)
        {
            self.add(&path, when);
        }
    }

    fn is_executable(&self, path: &TreePath) -> bool {
        let entry = self.reading.real(path).ok().flatten();
        entry.is_some_and(|entry| entry.kind == EntryKind::File && entry.mode.is_none_or(|mode| mode & 0o111 != 0))
    }

    fn is_file(&self, path: &TreePath) -> bool {
        self.reading.real(path).ok().flatten().is_some_and(|entry| entry.kind == EntryKind::File)
    }

    fn login(&mut self) {
        let copy_of = |path: &str| match path {
            "etc/profile" => Some("usr/share/base-files/profile"),
            _ => None,
        };
        for name in loader::LOGIN {
            let Some(path) = TreePath::new(name.as_bytes()).filter(|path| self.is_file(path)) else { continue };
            let is_copy = copy_of(name).is_some_and(|original| self.is_same(&path, original));
            if let Some(script) = self.add(&path, When::Login) {
                script.is_copy = is_copy;
            }
        }
        for entry in self.list("etc/profile.d") {
            if loader::is_profile(entry.path.file_name()) {
                self.add(&entry.path, When::Login);
            }
        }
        for entry in self.list("etc/xdg/autostart") {
            if entry.path.file_name().ends_with(b".desktop") {
                self.add(&entry.path, When::Login);
            }
        }
        for home in homes(self.reading) {
            for entry in self.reading.list(&home.path).unwrap_or_default() {
                if entry.kind == EntryKind::File && OWN.contains(&entry.path.file_name()) {
                    if let Some(script) = self.add(&entry.path, When::OwnLogin) {
                        script.owner = Some(home.user.clone());
                    }
                } else if entry.path.file_name() == b".gitconfig" {
                    self.hooks(&entry.path);
                }
            }
        }
    }

    fn is_same(&self, path: &TreePath, original: &str) -> bool {
        let original = TreePath::new(original.as_bytes()).and_then(|original| self.open(&original));
        original.is_some_and(|original| self.open(path).is_some_and(|file| file.bytes == original.bytes))
    }

    fn udev(&mut self) {
        let folders = [
            "etc/udev/rules.d",
            "run/udev/rules.d",
            "usr/local/lib/udev/rules.d",
            "usr/lib/udev/rules.d",
            "lib/udev/rules.d",
        ];
        let mut names = std::collections::BTreeSet::new();
        for folder in folders {
            // A file masks those of the same name in later folders, also as a link to nothing.
            for entry in self.reading.list_at(folder).unwrap_or_default() {
                let name = entry.path.file_name();
                let is_mask = matches!(&entry.kind, EntryKind::Link(target) if **target == *b"/dev/null");
                if !name.ends_with(b".rules") || !names.insert(name.to_owned()) || is_mask {
                    continue;
                }
                let Some(file) = self.open(&entry.path) else { continue };
                for (line, program) in runs(&file.bytes) {
                    self.add_said(file.at(line), &program, When::Device);
                }
            }
        }
    }

    fn binary_formats(&mut self) {
        for folder in ["etc/binfmt.d", "run/binfmt.d", "usr/local/lib/binfmt.d", "usr/lib/binfmt.d"] {
            for entry in self.list(folder) {
                if !entry.path.file_name().ends_with(b".conf") {
                    continue;
                }
                let Some(file) = self.open(&entry.path) else { continue };
                for line in file.lines() {
                    if let Some((name, interpreter, flags)) = binary_format(&line.text())
                        && flags.contains('C')
                    {
                        let what = format!("{name}: {interpreter} with the flags {flags}");
                        self.add_said(file.at(line.number), &what, When::Start);
                    }
                }
            }
        }
    }

    fn packages(&mut self) {
        let mut files: Vec<TreePath> = TreePath::new(b"etc/apt/apt.conf").into_iter().collect();
        files.extend(self.list("etc/apt/apt.conf.d").into_iter().map(|entry| entry.path).filter(is_apt_name));
        for path in files {
            let Some(file) = self.open(&path) else { continue };
            for one in apt::assignments(&file.bytes) {
                if is_hook(&one.key) {
                    self.add_said(file.at(one.line), &one.value, When::Install);
                }
            }
        }
        let mut files: Vec<TreePath> = TreePath::new(b"etc/dpkg/dpkg.cfg").into_iter().collect();
        files.extend(self.list("etc/dpkg/dpkg.cfg.d").into_iter().map(|entry| entry.path));
        for path in files {
            let Some(file) = self.open(&path) else { continue };
            for line in file.lines() {
                let text = line.text();
                let (key, value) = text.trim().split_once(['=', ' ']).unwrap_or_default();
                let key = key.trim_start_matches('-');
                if matches!(key, "pre-invoke" | "post-invoke" | "status-logger") {
                    self.add_said(file.at(line.number), value, When::Install);
                }
            }
        }
        let patterns = [
            "usr/lib/python3*/site-packages/dnf-plugins/*.py",
            "usr/lib/yum-plugins/*.py",
            "etc/dnf/libdnf5-plugins/actions.d/*.actions",
            "etc/dnf/plugins/post-transaction-actions.d/*.action",
            "etc/dnf/plugins/pre-transaction-actions.d/*.action",
        ];
        for pattern in patterns {
            for (path, _) in self.reading.expand(pattern) {
                self.add(&path, When::Install);
            }
        }
    }

    fn git(&mut self) {
        if let Some(path) = TreePath::new(b"etc/gitconfig") {
            self.hooks(&path);
        }
    }

    /// Adds what a configuration of git says of hooks.
    fn hooks(&mut self, path: &TreePath) {
        let Some(file) = self.open(path) else { return };
        for one in settings(&file.bytes) {
            if one.section.eq_ignore_ascii_case("core") && one.key.eq_ignore_ascii_case("hooksPath") {
                self.add_said(file.at(one.line), &one.value, When::Git);
            }
        }
    }
}

/// Whether apt reads a file of `apt.conf.d`: it has no ending, or `.conf`.
fn is_apt_name(path: &TreePath) -> bool {
    let name = path.file_name();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    !name.starts_with(b".") && name.iter().all(is_plain) && (!name.contains(&b'.') || name.ends_with(b".conf"))
}

/// Whether a key of apt names a command that is run.
fn is_hook(key: &str) -> bool {
    let ends = [
        "pre-invoke",
        "post-invoke",
        "pre-install-pkgs",
        "post-invoke-success",
        "post-invoke-stats",
        "pre-invoke-success",
    ];
    key.rsplit("::").next().is_some_and(|last| ends.contains(&last))
}

/// Returns the programs that a file of rules of udev starts, with their lines (`udev(7)`).
#[must_use]
pub fn runs(bytes: &[u8]) -> Vec<(u32, String)> {
    let mut out = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for line in line::lines(bytes) {
        let text = line.text();
        if open.is_none() && text.trim_start().starts_with('#') {
            continue;
        }
        let (start, mut whole) = open.take().unwrap_or((line.number, String::new()));
        match text.strip_suffix('\\') {
            Some(part) => {
                whole.push_str(part);
                open = Some((start, whole));
            }
            None => {
                whole.push_str(&text);
                out.extend(of_rule(&whole).into_iter().map(|program| (start, program)));
            }
        }
        if out.len() >= MAX_SCRIPTS {
            break;
        }
    }
    if let Some((start, whole)) = open {
        out.extend(of_rule(&whole).into_iter().map(|program| (start, program)));
    }
    out
}

fn of_rule(rule: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = rule;
    while let Some((before, behind)) = rest.split_once('"') {
        let (value, behind) = quoted(behind);
        let key = before.trim_matches(|character: char| character == ',' || character.is_whitespace());
        let key = key.strip_suffix('e').unwrap_or(key);
        let name = key.trim_end_matches(['=', '+', ':', '!', '-']).trim_end();
        let starts = matches!(name, "RUN" | "RUN{program}" | "PROGRAM" | "IMPORT{program}");
        if starts && !value.is_empty() && !key.ends_with("-=") {
            out.push(value);
        }
        rest = behind;
    }
    out
}

/// Reads up to the next quote that no backslash guards.
fn quoted(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (out, text.get(at + 1..).unwrap_or_default()),
            '\\' => out.extend(characters.next().map(|(_, escaped)| escaped)),
            other => out.push(other),
        }
    }
    (out, "")
}

/// Reads a registration of a binary format: its name, its interpreter, its flags (`binfmt.d(5)`).
#[must_use]
pub fn binary_format(line: &str) -> Option<(String, String, String)> {
    let line = line.trim();
    let separator = line.chars().next().filter(|first| !matches!(first, '#' | ';'))?;
    let mut fields = line.split(separator).skip(1);
    let name = fields.next()?.to_owned();
    let interpreter = fields.nth(4)?.to_owned();
    let flags = fields.next().unwrap_or_default().to_owned();
    Some((name, interpreter, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_udev_are_read() {
        let check = |text: &str, expected: &[(u32, &str)]| {
            let found = runs(text.as_bytes());
            let found: Vec<(u32, &str)> = found.iter().map(|(line, program)| (*line, &**program)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("ACTION==\"add\", RUN+=\"/opt/x %k\"\n", &[(1, "/opt/x %k")]);
        check("# RUN+=\"/opt/x\"\n", &[]);
        check("ENV{A}=\"RUN+=/opt/x\"\n", &[]);
        check("RUN{builtin}+=\"kmod load x\"\n", &[]);
        check("A==\"b\", \\\n  RUN{program}=\"/opt/y\"\n", &[(1, "/opt/y")]);
        check("RUN+=\"/opt/x", &[(1, "/opt/x")]);
    }

    #[test]
    fn registrations_of_binary_formats_are_read() {
        let check = |text: &str, expected: Option<(&str, &str, &str)>| {
            let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
            assert_eq!(binary_format(text), expected, "{text}");
        };
        check(":x:M::\\x7fELF::/opt/x:OC", Some(("x", "/opt/x", "OC")));
        check(":x:E::py::/usr/bin/python3:", Some(("x", "/usr/bin/python3", "")));
        check("# :x:M::a::/opt/x:C", None);
        check("", None);
    }

    #[test]
    fn hooks_of_apt_are_told_apart() {
        let check = |key: &str, expected: bool| assert_eq!(is_hook(key), expected, "{key}");
        check("dpkg::post-invoke", true);
        check("apt::update::post-invoke-success", true);
        check("apt::periodic::enable", false);
    }
}
