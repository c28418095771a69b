//! Small root filesystems, made of a base and entries, as tarballs: owners, setid bits, devices and capabilities stand in
//! them whoever runs the tests.

use std::collections::BTreeMap;
use std::fs;

use tar::{EntryType, Header};
use toml::{Table, Value};

use crate::support::project;

/// What stands at a path.
#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    mode: u32,
    user: u32,
    group: u32,
    attributes: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Debug)]
enum Kind {
    File(Vec<u8>),
    Folder,
    Link(Vec<u8>),
    HardLink(Vec<u8>),
    Fifo,
    Device(EntryType, (u32, u32)),
}

/// A package of a base's database.
#[derive(Clone, Debug)]
struct Package {
    name: String,
    version: String,
    status: String,
    architecture: String,
    info: String,
    files: Vec<String>,
    configuration: Vec<String>,
    digests: BTreeMap<String, String>,
    /// Owner, group, mode and SHA-1 of the files, by their paths.
    shipped: BTreeMap<String, (u32, u32, u32, [u8; 20])>,
}

/// A root filesystem in the making.
#[derive(Clone, Debug)]
pub(crate) struct HostRoot {
    nodes: BTreeMap<Vec<u8>, Node>,
    packages: Vec<Package>,
    overrides: Vec<String>,
    diversions: Vec<String>,
    database: Database,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Database {
    Dpkg,
    Apk,
    None,
}

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
    bin:x:2:2:bin:/bin:/usr/sbin/nologin\nsync:x:4:65534:sync:/bin:/bin/sync\n\
    mail:x:8:8:mail:/var/mail:/usr/sbin/nologin\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n\
    messagebus:x:101:102::/nonexistent:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
    alice:x:1000:1000:Alice:/home/alice:/bin/bash\n";
const GROUP: &str = "root:x:0:\ndaemon:x:1:\nbin:x:2:\ntty:x:5:\nmail:x:8:\nshadow:x:42:\nutmp:x:43:\nstaff:x:50:\n\
    games:x:60:\n_ssh:x:101:\nmessagebus:x:102:\ncrontab:x:103:\nnogroup:x:65534:\nalice:x:1000:\n";
const SHADOW: &str = "root:*:19700:0:99999:7:::\ndaemon:*:19700:0:99999:7:::\nbin:*:19700:0:99999:7:::\n\
    sync:*:19700:0:99999:7:::\nmail:*:19700:0:99999:7:::\nsshd:!:19700::::::\nmessagebus:!:19700::::::\n\
    nobody:*:19700:0:99999:7:::\n\
    alice:$y$j9T$madeupmadeupmadeup$0123456789abcdefghijklmnopqrstuvwxyzABCDEFG:19700:0:99999:7:::\n";

/// A stand-in for a program: it begins as one does, and differs by its name.
fn program(name: &str) -> Vec<u8> {
    [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".as_slice(), b"stand-in for ", name.as_bytes(), b"\n"].concat()
}

impl HostRoot {
    /// Returns a base: `debian12`, `debian12-sysvinit`, `rhel9`, `alpine` or `empty`.
    pub(crate) fn base(name: &str) -> Self {
        let database = match name {
            "debian12" | "debian12-sysvinit" => Database::Dpkg,
            "alpine" => Database::Apk,
            "rhel9" | "empty" => Database::None,
            other => panic!("no base {other}"),
        };
        let mut root = Self {
            nodes: BTreeMap::new(),
            packages: Vec::new(),
            overrides: Vec::new(),
            diversions: Vec::new(),
            database,
        };
        match name {
            "debian12" => root.debian(true),
            "debian12-sysvinit" => root.debian(false),
            "rhel9" => root.rhel(),
            "alpine" => root.alpine(),
            _ => {}
        }
        // What stands there is what the packages shipped, whatever entries put in its place.
        root.record();
        root
    }

    fn put(&mut self, path: &[u8], node: Node) {
        let path = path.strip_prefix(b"/").unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(path)));
        for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let folder = Node { kind: Kind::Folder, mode: 0o755, user: 0, group: 0, attributes: Vec::new() };
            self.nodes.entry(path[..at].to_vec()).or_insert(folder);
        }
        self.nodes.insert(path.to_vec(), node);
    }

    pub(crate) fn file(&mut self, path: &str, contents: impl AsRef<[u8]>, mode: u32, group: u32) {
        let kind = Kind::File(contents.as_ref().to_vec());
        self.put(path.as_bytes(), Node { kind, mode, user: 0, group, attributes: Vec::new() });
    }

    fn link(&mut self, path: &str, target: &str) {
        let kind = Kind::Link(target.as_bytes().to_vec());
        self.put(path.as_bytes(), Node { kind, mode: 0o777, user: 0, group: 0, attributes: Vec::new() });
    }

    fn folder(&mut self, path: &str, mode: u32, user: u32) {
        self.put(path.as_bytes(), Node { kind: Kind::Folder, mode, user, group: user, attributes: Vec::new() });
    }

    fn package(&mut self, name: &str, files: &[&str]) {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        self.packages.push(Package {
            name: name.to_owned(),
            version: "1.0-1".to_owned(),
            status: "install ok installed".to_owned(),
            architecture: "amd64".to_owned(),
            info: name.to_owned(),
            files,
            configuration: Vec::new(),
            digests: BTreeMap::new(),
            shipped: BTreeMap::new(),
        });
    }

    fn common(&mut self) {
        for folder in "boot dev etc home media mnt opt proc run srv sys usr var".split(' ') {
            self.folder(&format!("/{folder}"), 0o755, 0);
        }
        self.folder("/root", 0o700, 0);
        self.folder("/home/alice", 0o750, 1000);
        self.folder("/tmp", 0o1777, 0);
        self.folder("/var/tmp", 0o1777, 0);
        self.file("/etc/passwd", PASSWD, 0o644, 0);
        self.file("/etc/group", GROUP, 0o644, 0);
        let definitions = "UID_MIN\t\t\t 1000\nUID_MAX\t\t\t60000\nSYS_UID_MAX\t\t  999\nENCRYPT_METHOD YESCRYPT\n";
        self.file("/etc/login.defs", definitions, 0o644, 0);
        self.file("/etc/hostname", "small\n", 0o644, 0);
        self.file("/etc/fstab", "UUID=0000-1111 / ext4 errors=remount-ro 0 1\n", 0o644, 0);
    }

    fn merged(&mut self) {
        for folder in ["bin", "sbin", "lib", "lib64"] {
            self.folder(&format!("/usr/{folder}"), 0o755, 0);
            self.link(&format!("/{folder}"), &format!("usr/{folder}"));
        }
    }

    fn debian(&mut self, has_systemd: bool) {
        self.common();
        self.merged();
        let release = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
            VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        self.file("/usr/lib/os-release", release, 0o644, 0);
        self.link("/etc/os-release", "../usr/lib/os-release");
        self.file("/etc/debian_version", "12.9\n", 0o644, 0);
        self.file("/etc/shadow", SHADOW, 0o640, 42);
        self.file("/etc/gshadow", "root:*::\nshadow:*::\n", 0o640, 42);
        self.file("/etc/sysctl.conf", "# nothing set here\n", 0o644, 0);
        if has_systemd {
            self.link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf");
            self.file("/usr/lib/systemd/systemd", program("systemd"), 0o755, 0);
            self.file("/usr/lib/systemd/systemd-sysctl", program("systemd-sysctl"), 0o755, 0);
            self.link("/usr/sbin/init", "/lib/systemd/systemd");
            self.package("systemd", &["/lib/systemd/systemd", "/lib/systemd/systemd-sysctl"]);
        } else {
            self.file("/usr/sbin/init", program("sysvinit"), 0o755, 0);
            let script = "#!/bin/sh\n# applies kernel settings with: sysctl --system\n";
            self.file("/etc/init.d/procps", script, 0o755, 0);
            self.package("sysvinit-core", &["/sbin/init", "/etc/init.d/procps"]);
        }
        let programs: [(&str, &str, u32, u32, &str); 20] = [
            ("/usr/bin/su", "util-linux", 0o4755, 0, "/bin/su"),
            ("/usr/bin/mount", "mount", 0o4755, 0, "/bin/mount"),
            ("/usr/bin/umount", "mount", 0o4755, 0, "/bin/umount"),
            ("/usr/bin/sudo", "sudo", 0o4755, 0, ""),
            ("/usr/bin/passwd", "passwd", 0o4755, 0, ""),
            ("/usr/bin/chfn", "passwd", 0o4755, 0, ""),
            ("/usr/bin/chsh", "passwd", 0o4755, 0, ""),
            ("/usr/bin/gpasswd", "passwd", 0o4755, 0, ""),
            ("/usr/bin/chage", "passwd", 0o2755, 42, ""),
            ("/usr/bin/expiry", "passwd", 0o2755, 42, ""),
            ("/usr/bin/newgrp", "login", 0o4755, 0, ""),
            ("/usr/bin/crontab", "cron", 0o2755, 103, ""),
            ("/usr/bin/ssh-agent", "openssh-client", 0o2755, 101, ""),
            ("/usr/lib/openssh/ssh-keysign", "openssh-client", 0o4755, 0, ""),
            ("/usr/sbin/unix_chkpwd", "libpam-modules-bin", 0o2755, 42, "/sbin/unix_chkpwd"),
            ("/usr/lib/dbus-1.0/dbus-daemon-launch-helper", "dbus", 0o4754, 102, ""),
            ("/usr/bin/bash", "bash", 0o755, 0, "/bin/bash"),
            ("/usr/bin/true", "coreutils", 0o755, 0, "/bin/true"),
            ("/usr/sbin/nologin", "login", 0o755, 0, ""),
            ("/usr/bin/sync", "coreutils", 0o755, 0, "/bin/sync"),
        ];
        let mut listed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, package, mode, group, listed_as) in programs {
            self.file(path, program(path.rsplit('/').next().unwrap()), mode, group);
            listed.entry(package).or_default().push(if listed_as.is_empty() { path } else { listed_as });
        }
        self.file("/usr/bin/ping", program("ping"), 0o755, 0);
        self.attribute("/usr/bin/ping", "security.capability", &capability("cap_net_raw+ep", 2, 0));
        listed.insert("iputils-ping", vec!["/bin/ping"]);
        let sudoers = "Defaults\tenv_reset\nDefaults\tuse_pty\nroot\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n";
        self.file("/etc/sudoers", sudoers, 0o440, 0);
        for (name, mut files) in listed {
            if name == "sudo" {
                files.push("/etc/sudoers");
            }
            self.package(name, &files);
            if name == "sudo" {
                self.packages.last_mut().unwrap().configuration.push("/etc/sudoers".to_owned());
            }
        }
    }

    fn rhel(&mut self) {
        self.common();
        self.merged();
        let release = "NAME=\"Red Hat Enterprise Linux\"\nVERSION=\"9.4 (Plow)\"\nID=\"rhel\"\nID_LIKE=\"fedora\"\n\
            VERSION_ID=\"9.4\"\nPLATFORM_ID=\"platform:el9\"\nPRETTY_NAME=\"Red Hat Enterprise Linux 9.4 (Plow)\"\n";
        self.file("/etc/os-release", release, 0o644, 0);
        self.file("/etc/shadow", SHADOW, 0, 0);
        self.file("/usr/lib/systemd/systemd", program("systemd"), 0o755, 0);
        self.file("/usr/lib/systemd/systemd-sysctl", program("systemd-sysctl"), 0o755, 0);
        self.link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf");
        self.file("/etc/sysctl.conf", "# settings stand in /etc/sysctl.d\n", 0o644, 0);
        let selinux =
            "# This file controls the state of SELinux on the system.\nSELINUX=enforcing\nSELINUXTYPE=targeted\n";
        self.file("/etc/selinux/config", selinux, 0o644, 0);
        let policy = b"\x8c\xff\x7c\xf9\x08\0\0\0SE Linux\x21\0\0\0";
        self.file("/etc/selinux/targeted/policy/policy.33", policy, 0o644, 0);
        let contexts = "/.*\tsystem_u:object_r:default_t:s0\n";
        self.file("/etc/selinux/targeted/contexts/files/file_contexts", contexts, 0o644, 0);
        let entry = "title Red Hat Enterprise Linux (5.14.0-427.el9.x86_64) 9.4 (Plow)\n\
            version 5.14.0-427.el9.x86_64\nlinux /vmlinuz-5.14.0-427.el9.x86_64\n\
            initrd /initramfs-5.14.0-427.el9.x86_64.img\n\
            options root=/dev/mapper/rhel-root ro crashkernel=1G-4G:192M rhgb quiet audit=1\n\
            grub_users $grub_users\ngrub_arg --unrestricted\ngrub_class rhel\n";
        let name = "/boot/loader/entries/0123456789abcdef0123456789abcdef-5.14.0-427.el9.x86_64.conf";
        self.file(name, entry, 0o644, 0);
        let saved = "# GRUB Environment Block\nsaved_entry=0123456789abcdef0123456789abcdef-5.14.0-427.el9.x86_64\n";
        self.file("/boot/grub2/grubenv", format!("{saved}{}\n", "#".repeat(800)), 0o600, 0);
        self.file("/boot/grub2/grub.cfg", "insmod blscfg\nblscfg\n", 0o600, 0);
        let grub = "GRUB_CMDLINE_LINUX=\"crashkernel=1G-4G:192M rhgb quiet audit=1\"\nGRUB_ENABLE_BLSCFG=true\n";
        self.file("/etc/default/grub", grub, 0o644, 0);
    }

    fn alpine(&mut self) {
        self.common();
        let release = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n";
        self.file("/etc/os-release", release, 0o644, 0);
        self.file("/etc/alpine-release", "3.20.3\n", 0o644, 0);
        self.file("/etc/shadow", SHADOW, 0o640, 42);
        self.file("/bin/busybox", program("busybox"), 0o755, 0);
        self.file("/bin/bbsuid", program("bbsuid"), 0o4111, 0);
        for name in ["sh", "ls"] {
            self.link(&format!("/bin/{name}"), "/bin/busybox");
        }
        self.link("/bin/su", "/bin/bbsuid");
        self.package("busybox", &["/bin/busybox"]);
        self.package("busybox-suid", &["/bin/bbsuid"]);
    }

    /// Sets the mode of what stands at a path.
    pub(crate) fn mode(&mut self, path: &str, mode: u32) {
        self.nodes.get_mut(&path.as_bytes()[1..]).unwrap_or_else(|| panic!("{path}")).mode = mode;
    }

    fn attribute(&mut self, path: &str, name: &str, value: &[u8]) {
        let node = self.nodes.get_mut(&path.as_bytes()[1..]).unwrap_or_else(|| panic!("{path}"));
        node.attributes.push((name.to_owned(), value.to_vec()));
    }

    /// Lays a scenario over it: entries, packages, overrides and diversions.
    pub(crate) fn lay(&mut self, scenario: &Table) {
        let tables = |key: &str| scenario.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut later = Vec::new();
        for entry in tables("entry") {
            let entry = entry.as_table().unwrap().clone();
            if let Some(packaged) = entry.get("packaged-content").and_then(Value::as_str) {
                self.file(word(&entry, "path"), packaged, 0o644, 0);
                later.push(entry);
            } else {
                self.entry(&entry);
            }
        }
        for package in tables("package") {
            self.lay_package(package.as_table().unwrap());
        }
        // The digests of packages are those of what they shipped.
        self.record();
        later.iter().for_each(|entry| self.entry(entry));
        let lines = |key: &str| tables(key).iter().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>();
        self.overrides.extend(lines("statoverride"));
        self.diversions.extend(lines("diversions"));
    }

    fn lay_package(&mut self, package: &Table) {
        let files: Vec<&str> =
            package.get("files").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        self.package(word(package, "name"), &files);
        let made = self.packages.last_mut().unwrap();
        for (key, field) in [
            ("status", &mut made.status),
            ("version", &mut made.version),
            ("arch", &mut made.architecture),
            ("info", &mut made.info),
        ] {
            if let Some(value) = package.get(key).and_then(Value::as_str) {
                value.clone_into(field);
            }
        }
        let configuration = package.get("conffiles").and_then(Value::as_array).into_iter().flatten();
        made.configuration.extend(configuration.filter_map(Value::as_str).map(str::to_owned));
        for (path, digest) in package.get("md5").and_then(Value::as_table).into_iter().flatten() {
            made.digests.insert(path.clone(), digest.as_str().unwrap().to_owned());
        }
    }

    /// Adds an entry, by the keys of the scenarios.
    pub(crate) fn entry(&mut self, entry: &Table) {
        let is_on = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(false);
        if is_on("outside") {
            return;
        }
        let path = raw(word(entry, "path"), is_on("escaped"));
        let kind = entry.get("type").and_then(Value::as_str).unwrap_or("file");
        let contents = contents(entry);
        let number = |key: &str| entry.get(key).and_then(Value::as_integer).map_or(0, |it| u32::try_from(it).unwrap());
        let mode = entry.get("mode").and_then(Value::as_str).map(|mode| u32::from_str_radix(mode, 8).unwrap());
        let target = || raw(word(entry, "target"), is_on("escaped"));
        let device = || {
            let numbers = entry.get("dev").and_then(Value::as_array).into_iter().flatten();
            let mut numbers = numbers.map(|number| u32::try_from(number.as_integer().unwrap()).unwrap());
            // Those of `/dev/null`.
            (numbers.next().unwrap_or(1), numbers.next().unwrap_or(3))
        };
        let kind = match kind {
            "absent" => {
                let path = &path[1..];
                let below = [path, b"/"].concat();
                self.nodes.retain(|at, _| at != path && !at.starts_with(&below));
                return;
            }
            "append" => {
                let node = self.nodes.get_mut(&path[1..]).unwrap_or_else(|| panic!("{entry}"));
                let Kind::File(before) = &mut node.kind else { panic!("{entry}") };
                before.extend(contents);
                return;
            }
            "file" => Kind::File(contents),
            "dir" => Kind::Folder,
            "link" => Kind::Link(target()),
            "hardlink" => Kind::HardLink(target()),
            "fifo" => Kind::Fifo,
            "char" => Kind::Device(EntryType::Char, device()),
            "block" => Kind::Device(EntryType::Block, device()),
            other => panic!("{other}"),
        };
        let usual = match kind {
            Kind::Folder => 0o755,
            Kind::Link(_) => 0o777,
            _ => 0o644,
        };
        let mut attributes: Vec<(String, Vec<u8>)> = entry
            .get("xattr-hex")
            .and_then(Value::as_table)
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), unhex(value.as_str().unwrap())))
            .collect();
        if let Some(caps) = entry.get("caps").and_then(Value::as_str) {
            let version = entry.get("caps-version").and_then(Value::as_integer).unwrap_or(2);
            let value = capability(caps, u32::try_from(version).unwrap(), number("caps-rootid"));
            attributes.push(("security.capability".to_owned(), value));
        }
        let (user, group) = (number("uid"), number("gid"));
        self.put(&path, Node { kind, mode: mode.unwrap_or(usual), user, group, attributes });
    }

    /// Where a package's path lies once `/bin` and its kin are links.
    fn standing(&self, path: &str) -> Vec<u8> {
        let path = path.trim_start_matches('/');
        match path.split_once('/').and_then(|(first, rest)| Some((self.nodes.get(first.as_bytes())?, rest))) {
            Some((Node { kind: Kind::Link(target), .. }, rest)) => [target.as_slice(), b"/", rest.as_bytes()].concat(),
            _ => path.as_bytes().to_vec(),
        }
    }

    /// Records what packages ship, as it stands now, unless that was done.
    fn record(&mut self) {
        let mut packages = std::mem::take(&mut self.packages);
        for package in &mut packages {
            for file in package.files.iter().filter(|file| !package.configuration.contains(file)) {
                if let Some(Node { kind: Kind::File(bytes), mode, user, group, .. }) =
                    self.nodes.get(&self.standing(file))
                {
                    package.digests.entry(file.clone()).or_insert_with(|| md5(bytes));
                    let sum = || sha1_smol::Sha1::from(bytes).digest().bytes();
                    package.shipped.entry(file.clone()).or_insert_with(|| (*user, *group, *mode, sum()));
                }
            }
        }
        self.packages = packages;
    }

    fn write_dpkg(&mut self) {
        use std::fmt::Write as _;
        let mut status = String::new();
        let mut packages = self.packages.clone();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        for package in &packages {
            let Package { name, version, status: state, architecture, .. } = package;
            write!(
                status,
                "Package: {name}\nStatus: {state}\nPriority: optional\nSection: admin\nInstalled-Size: 1\n\
                 Maintainer: Nobody <nobody@host.example>\nArchitecture: {architecture}\nVersion: {version}\n"
            )
            .unwrap();
            if !package.configuration.is_empty() {
                status.push_str("Conffiles:\n");
                for file in &package.configuration {
                    let Some(Node { kind: Kind::File(bytes), .. }) = self.nodes.get(&self.standing(file)) else {
                        continue;
                    };
                    writeln!(status, " {file} {}", md5(bytes)).unwrap();
                }
            }
            writeln!(status, "Description: the package {name}\n").unwrap();
            let mut listed: Vec<String> = package.files.clone();
            listed.push("/.".to_owned());
            for file in &package.files {
                for (at, _) in file.char_indices().skip(1).filter(|(_, byte)| *byte == '/') {
                    listed.push(file[..at].to_owned());
                }
            }
            listed.sort();
            listed.dedup();
            self.file(&format!("/var/lib/dpkg/info/{}.list", package.info), listed.join("\n") + "\n", 0o644, 0);
            let sums: Vec<String> = package
                .digests
                .iter()
                .map(|(file, sum)| format!("{sum}  {}\n", file.trim_start_matches('/')))
                .collect();
            if !sums.is_empty() {
                self.file(&format!("/var/lib/dpkg/info/{}.md5sums", package.info), sums.concat(), 0o644, 0);
            }
        }
        self.file("/var/lib/dpkg/status", status, 0o644, 0);
        let lines = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let (overrides, diversions) = (lines(&self.overrides), lines(&self.diversions));
        self.file("/var/lib/dpkg/statoverride", overrides, 0o644, 0);
        self.file("/var/lib/dpkg/diversions", diversions, 0o644, 0);
        self.file("/var/lib/dpkg/arch", "amd64\n", 0o644, 0);
    }

    fn write_apk(&mut self) {
        use std::fmt::Write as _;
        let mut out = String::new();
        for package in &self.packages {
            let name = &package.name;
            write!(
                out,
                "C:Q1{}\nP:{name}\nV:1.0-r0\nA:x86_64\nS:1\nI:1\nT:the package {name}\nU:https://host.example\nL:MIT\n\
                 o:{name}\n",
                encode(&sha1(name.as_bytes()))
            )
            .unwrap();
            for file in &package.files {
                let Some((user, group, mode, sum)) = package.shipped.get(file) else { continue };
                let (folder, base) = file.rsplit_once('/').unwrap();
                writeln!(out, "F:{}\nR:{base}", folder.trim_start_matches('/')).unwrap();
                writeln!(out, "a:{user}:{group}:{mode:o}\nZ:Q1{}", encode(sum)).unwrap();
            }
            out.push('\n');
        }
        self.file("/lib/apk/db/installed", out, 0o644, 0);
    }

    /// Writes it as a tarball.
    pub(crate) fn tarball(mut self) -> Vec<u8> {
        self.record();
        match self.database {
            Database::Dpkg => self.write_dpkg(),
            Database::Apk => self.write_apk(),
            Database::None => {}
        }
        let mut builder = tar::Builder::new(Vec::new());
        // Another name of a file stands behind the file.
        let is_other_name = |node: &Node| matches!(node.kind, Kind::HardLink(_));
        let (others, first): (Vec<_>, Vec<_>) = self.nodes.iter().partition(|(_, node)| is_other_name(node));
        for (path, node) in first.into_iter().chain(others) {
            let mut header = Header::new_gnu();
            header.set_mode(node.mode);
            header.set_uid(node.user.into());
            header.set_gid(node.group.into());
            let attributes: Vec<(String, &[u8])> = node
                .attributes
                .iter()
                .map(|(name, value)| (format!("SCHILY.xattr.{name}"), value.as_slice()))
                .collect();
            if !attributes.is_empty() {
                builder.append_pax_extensions(attributes.iter().map(|(name, value)| (name.as_str(), *value))).unwrap();
            }
            let (kind, contents, target): (EntryType, &[u8], &[u8]) = match &node.kind {
                Kind::File(bytes) => (EntryType::Regular, bytes, b""),
                Kind::Folder => (EntryType::Directory, b"", b""),
                Kind::Link(target) => (EntryType::Symlink, b"", target),
                Kind::HardLink(target) => (EntryType::Link, b"", target.strip_prefix(b"/").unwrap_or(target)),
                Kind::Fifo => (EntryType::Fifo, b"", b""),
                Kind::Device(kind, (major, minor)) => {
                    header.set_device_major(*major).unwrap();
                    header.set_device_minor(*minor).unwrap();
                    (*kind, b"", b"")
                }
            };
            header.set_entry_type(kind);
            header.set_size(contents.len() as u64);
            use std::os::unix::ffi::OsStrExt as _;
            let named = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
            if target.is_empty() {
                builder.append_data(&mut header, named, contents).unwrap();
            } else {
                let target = std::path::Path::new(std::ffi::OsStr::from_bytes(target));
                builder.append_link(&mut header, named, target).unwrap();
            }
        }
        builder.into_inner().unwrap()
    }
}

fn word<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no {key} in {table}"))
}

fn contents(entry: &Table) -> Vec<u8> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    if let Some(name) = text("program") {
        return program(name);
    }
    // A data file, by its path below the fixtures.
    if let Some(file) = text("copy-from") {
        return fs::read(project().join("tests/fixtures").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let mut out = Vec::new();
    if let Some(repeat) = entry.get("repeat").and_then(Value::as_table) {
        let count = repeat["count"].as_integer().unwrap();
        for at in 0..count {
            out.extend(word(repeat, "line").replace("{i}", &at.to_string()).into_bytes());
            out.push(b'\n');
        }
    }
    let content = text("content").unwrap_or_default();
    if entry.get("latin1").and_then(Value::as_bool).unwrap_or(false) {
        out.extend(content.chars().map(|character| u8::try_from(u32::from(character)).unwrap()));
    } else {
        out.extend(content.as_bytes());
    }
    out
}

/// The bytes of a path, in which `\xNN` is a byte where it is written so.
fn raw(path: &str, is_escaped: bool) -> Vec<u8> {
    if !is_escaped {
        return path.as_bytes().to_vec();
    }
    let mut out = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('\\') {
        out.extend(before.as_bytes());
        match after.as_bytes() {
            [b'x', ..] => {
                out.push(u8::from_str_radix(&after[1..3], 16).unwrap());
                rest = &after[3..];
            }
            [b'n', ..] => {
                out.push(b'\n');
                rest = &after[1..];
            }
            [b't', ..] => {
                out.push(b'\t');
                rest = &after[1..];
            }
            _ => panic!("{path}"),
        }
    }
    out.extend(rest.as_bytes());
    out
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn sha1(bytes: &[u8]) -> [u8; 20] {
    sha1_smol::Sha1::from(bytes).digest().bytes()
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn md5(bytes: &[u8]) -> String {
    use md5::{Digest as _, Md5};
    format!("{:x}", Md5::digest(bytes))
}

/// The names of capabilities, in the order of their numbers (`linux/capability.h`).
const CAPABILITIES: &str = "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable \
    net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace \
    sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control \
    setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore";

/// The attribute of `cap_net_raw,cap_net_admin+ep` (`linux/capability.h`, `struct vfs_ns_cap_data`).
fn capability(text: &str, version: u32, root: u32) -> Vec<u8> {
    let (names, flags) = text.split_once('+').unwrap();
    let place =
        |name: &str| CAPABILITIES.split(' ').position(|known| known == name).unwrap_or_else(|| panic!("{name}"));
    let bits: u64 = names.split(',').map(|name| 1 << place(name.strip_prefix("cap_").unwrap_or(name))).sum();
    let is = |flag: char| u64::from(flags.contains(flag));
    let (permitted, inheritable) = (bits * is('p'), bits * is('i'));
    let mut words = vec![(version << 24) | u32::from(flags.contains('e'))];
    for shift in if version == 1 { vec![0] } else { vec![0, 32] } {
        for set in [permitted, inheritable] {
            words.push(u32::try_from((set >> shift) & 0xffff_ffff).unwrap());
        }
    }
    if version == 3 {
        words.push(root);
    }
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
