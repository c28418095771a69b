//! A Debian that mmdebstrap made, read as its own tools read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Sandbox, skip};

/// A Debian in a folder, removed in the end unless somebody else made it.
struct Debian {
    folder: PathBuf,
    is_own: bool,
}

impl Drop for Debian {
    fn drop(&mut self) {
        if self.is_own {
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// Names the folder of a Debian 12 that is there already.
const READY: &str = "PORTCULLIS_DEBIAN_ROOT";

/// A mirror of a day in the past has lists that are no longer valid.
const VALID: &str = "--aptopt=Acquire::Check-Valid-Until \"false\"";

/// What is installed beside the base system.
const PACKAGES: &str = "openssh-server,ca-certificates,sudo,cron,iputils-ping,libcap2-bin,dbus,systemd-sysv";

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let run = Command::new(program).args(arguments).output().ok()?;
    run.status.success().then(|| String::from_utf8_lossy(&run.stdout).into_owned())
}

/// The first place from which this machine takes packages of Debian.
fn mirror() -> Option<String> {
    let folder = Path::new("/etc/apt");
    let lists = fs::read_dir(folder.join("sources.list.d")).into_iter().flatten().flatten().map(|entry| entry.path());
    let text: String =
        lists.chain([folder.join("sources.list")]).filter_map(|path| fs::read_to_string(path).ok()).collect();
    text.split_whitespace().find(|word| word.starts_with("http") && word.contains("debian")).map(str::to_owned)
}

/// Returns a Debian, `None` where none can be made.
fn debian(sandbox: &Sandbox) -> Option<Debian> {
    if let Some(ready) = std::env::var_os(READY) {
        return Some(Debian { folder: ready.into(), is_own: false });
    }
    let what = "a Debian held against its own tools";
    if output("id", &["-u"]).as_deref() != Some("0\n") || output("mmdebstrap", &["--version"]).is_none() {
        skip(Path::new("mmdebstrap"), what);
        return None;
    }
    let Some(mirror) = mirror() else {
        skip(Path::new("/etc/apt/sources.list"), what);
        return None;
    };
    let folder = sandbox.join("debian");
    let include = format!("--include={PACKAGES}");
    let target = folder.to_str().unwrap();
    if output("mmdebstrap", &["--quiet", "--variant=important", VALID, &include, "bookworm", target, &mirror]).is_none()
    {
        skip(Path::new(&mirror), what);
        return None;
    }
    Some(Debian { folder, is_own: true })
}

/// Runs a line of the shell in a root, with mounts that end with it; `None` where that is not allowed.
fn within(root: &Path, line: &str) -> Option<String> {
    let root = root.to_str().unwrap();
    let run = Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "chroot", root, "/bin/sh", "-c", line])
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .ok()?;
    run.status.success().then(|| String::from_utf8_lossy(&run.stdout).into_owned())
}

fn snapshot(sandbox: &Sandbox, root: &Path, name: &str) -> Value {
    let run = sandbox.portcullis(["host", "snapshot", "--root", root.to_str().unwrap(), "-o", name]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let text = fs::read_to_string(sandbox.join(name)).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["evidence"]["host"].clone()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap_or_else(|| panic!("{value}")).keys().cloned().collect()
}

#[test]
fn a_debian_is_read_as_its_own_tools_read_it() {
    let sandbox = Sandbox::new();
    let Some(debian) = debian(&sandbox) else { return };
    let root = &debian.folder;
    let host = snapshot(&sandbox, root, "host.json");
    setid_files_are_those_of_find(root, &host);
    capabilities_are_those_of_getcap(root, &host);
    settings_are_those_of_systemd_sysctl(root, &host);
    settings_are_those_of_sshd(root, &host);
    nothing_is_modified_and_little_is_denied(&sandbox, root);
    planted_changes_are_told_and_nothing_else(&sandbox, root);
}

fn setid_files_are_those_of_find(root: &Path, host: &Value) {
    let found = output("find", &[root.to_str().unwrap(), "-xdev", "-type", "f", "-perm", "/6000", "-printf", "%P\n"]);
    let found: BTreeSet<String> = found.unwrap().lines().map(str::to_owned).collect();
    assert!(!found.is_empty());
    assert_eq!(keys(&host["setid"]["programs"]), found);
}

fn capabilities_are_those_of_getcap(root: &Path, host: &Value) {
    let Some(found) = output("getcap", &["-r", root.to_str().unwrap()]) else {
        return skip(Path::new("getcap"), "capabilities of files");
    };
    let prefix = format!("{}/", root.display());
    let found: BTreeMap<String, String> = found
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix)?.rsplit_once(' '))
        .map(|(path, rights)| (path.to_owned(), rights.to_owned()))
        .collect();
    let ours: BTreeMap<String, String> = host["setid"]["capable"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, capable)| (path.clone(), capable["shown"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(ours, found);
}

fn settings_are_those_of_systemd_sysctl(root: &Path, host: &Value) {
    let line = "mount -t proc proc /proc && mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && \
        SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd-sysctl 2>&1; true";
    let Some(log) = within(root, line).filter(|log| log.contains("Setting '")) else {
        return skip(Path::new("unshare --mount"), "what systemd-sysctl would set");
    };
    let quoted = |line: &str| {
        let mut parts = line.strip_prefix("Setting '")?.split('\'');
        let key = parts.next()?.strip_prefix("/proc/sys/")?.to_owned();
        Some((key, parts.nth(1)?.to_owned()))
    };
    let theirs: BTreeMap<String, String> = log.lines().filter_map(quoted).collect();
    let ours: BTreeMap<String, String> = host["sysctl"]["settings"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, setting)| (key.clone(), setting["value"].as_str().unwrap_or_default().to_owned()))
        .collect();
    for (key, value) in &theirs {
        assert_eq!(ours.get(key), Some(value), "{key}: {log}");
    }
    // What this kernel does not have is set all the same.
    let unknown: Vec<_> = ours.keys().filter(|key| !theirs.contains_key(*key)).collect();
    assert!(unknown.iter().all(|key| !Path::new("/proc/sys").join(key).exists()), "{unknown:?}");
}

fn settings_are_those_of_sshd(root: &Path, host: &Value) {
    let line = "mount -t tmpfs tmpfs /run && mkdir /run/sshd && /usr/sbin/sshd -T";
    let Some(told) = within(root, line) else {
        return skip(Path::new("unshare --mount"), "what sshd -T tells");
    };
    let theirs: BTreeMap<&str, &str> = told.lines().filter_map(|line| line.split_once(' ')).collect();
    let ours = host["sshd"]["settings"].as_object().unwrap();
    let mut compared = 0;
    for (keyword, setting) in ours {
        let Some(theirs) = theirs.get(keyword.to_ascii_lowercase().as_str()) else { continue };
        let Some(value) = setting["value"].as_str() else { continue };
        // sshd shows the older of two names of one value.
        let value = if value == "prohibit-password" { "without-password" } else { value };
        // An update of a distribution may add names to a list of algorithms; none may be missing.
        let named = |list: &str| list.to_ascii_lowercase().split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        assert!(named(value).is_subset(&named(theirs)), "{keyword}: {value} is not {theirs}");
        compared += 1;
    }
    assert!(compared >= 15, "{compared} settings were compared: {ours:?}");
}

fn nothing_is_modified_and_little_is_denied(sandbox: &Sandbox, root: &Path) {
    let run = sandbox.portcullis(["host", "check", "--deep", "--format", "json", "--root", root.to_str().unwrap()]);
    let report = run.report();
    let findings = report["findings"].as_array().unwrap();
    let counts = |finding: &&Value| finding["state"] == "fail" || finding["state"] == "not-determined";
    let modified: Vec<&Value> = findings
        .iter()
        .filter(counts)
        .filter(|finding| matches!(finding["rule"].as_str(), Some("host/package-modified" | "host/setid-modified")))
        .collect();
    assert!(modified.is_empty(), "{modified:?}");
    let denied: Vec<&Value> = findings.iter().filter(counts).filter(|finding| finding["level"] == "deny").collect();
    assert!(denied.len() <= 5, "{denied:#?}");
}

/// A change of a host: what is done, and the facts that tell it.
struct Planted {
    line: &'static str,
    told: &'static [&'static str],
}

/// A certificate that signs nothing.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBujCCAWGgAwIBAgIUfN8E2jB8Y3meBIVSAvHmYpfUZKMwCgYIKoZIzj0EAwIw\n\
MzEVMBMGA1UECgwMRml4dHVyZSBjb3JwMRowGAYDVQQDDBFGaXh0dXJlIGNvcnAg\n\
Um9vdDAeFw0yNjExMjUxMzA3MzNaFw00NjExMjAxMzA3MzNaMDMxFTATBgNVBAoM\n\
DEZpeHR1cmUgY29ycDEaMBgGA1UEAwwRRml4dHVyZSBjb3JwIFJvb3QwWTATBgcq\n\
hkjOPQIBBggqhkjOPQMBBwNCAAQFr3V+gFsKBWTKt7LzZTHNfyKK0BH2hueyYb6P\n\
nUdaRPC/PledfnGgkhNmh4esu2qRFO/CWVv8xJXEF8BANfTSo1MwUTAdBgNVHQ4E\n\
FgQU3Q4+6c6lZmJ18N61rdkcQ5WVzcEwHwYDVR0jBBgwFoAU3Q4+6c6lZmJ18N61\n\
rdkcQ5WVzcEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAP8E4V\n\
9+BJMzSPMWedImriG88ZnffL8fWT2bmUVkQA5AIgOKx8Ymh3LHcgmJCBFmc2ogA1\n\
wA5+JLfUGKHQEdd0zOA=\n-----END CERTIFICATE-----\n";

const PLANTED: &[Planted] = &[
    Planted {
        line: "cp bin/bash usr/local/bin/.shell && chmod 4755 usr/local/bin/.shell",
        told: &["usr/local/bin/.shell"],
    },
    Planted {
        line: "echo /usr/local/lib/x.so > etc/ld.so.preload",
        told: &["ld.so.preload", "/usr/local/lib/x.so", "preload"],
    },
    Planted { line: "echo toor:x:0:0::/:/bin/bash >> etc/passwd", told: &["toor"] },
    Planted { line: "echo kernel.dmesg_restrict = 0 > etc/sysctl.d/99-x.conf", told: &["dmesg_restrict"] },
    Planted { line: "cp CERTIFICATE usr/local/share/ca-certificates/x.crt", told: &["x.crt", "985ac05b"] },
    Planted { line: "ln -s /dev/null etc/systemd/system/cron.service", told: &["cron.service"] },
    Planted { line: "echo x > srv/open && chmod 666 srv/open", told: &["srv/open"] },
    Planted {
        line: "cp bin/true usr/local/bin/tool && setcap cap_sys_admin+ep usr/local/bin/tool",
        told: &["usr/local/bin/tool"],
    },
    Planted {
        line: "echo PermitRootLogin yes > etc/ssh/sshd_config.d/x.conf",
        told: &["PermitRootLogin", "permitrootlogin", "sshd_config.d/x.conf"],
    },
    Planted {
        line: "echo 'daemon ALL=(ALL) NOPASSWD: ALL' > etc/sudoers.d/x && chmod 440 etc/sudoers.d/x",
        told: &["daemon", "etc/sudoers.d/x"],
    },
    Planted { line: "echo '* * * * * root /bin/true' > etc/cron.d/x", told: &["etc/cron.d/x"] },
    Planted {
        line: "printf '[Service]\\nExecStart=/bin/true\\n' > etc/systemd/system/planted.service",
        told: &["planted.service"],
    },
    Planted {
        line: "mkdir -p var/lib/x/.ssh && sed -i 's#^games:x:5:60:games:[^:]*#games:x:5:60:games:/var/lib/x#' etc/passwd && \
               echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x' > \
               var/lib/x/.ssh/authorized_keys",
        told: &["authorized_keys", "games", "SHA256:", "var/lib/x/.ssh"],
    },
    Planted {
        line: "sed -i '1i auth sufficient pam_permit.so' etc/pam.d/common-auth",
        told: &["common-auth", "pam_permit.so", "pam."],
    },
    Planted { line: "echo 'tmpfs /tmp tmpfs defaults 0 0' >> etc/fstab", told: &["mounts"] },
    Planted { line: "echo 'install cramfs /bin/false' > etc/modprobe.d/x.conf", told: &["cramfs", "modprobe"] },
    Planted { line: "sed -i 's/^sync:[^:]*:/sync::/' etc/shadow", told: &["sync"] },
    Planted { line: "echo docker:x:999:daemon >> etc/group", told: &["docker"] },
    Planted { line: "mknod srv/null c 1 3", told: &["srv/null"] },
    Planted { line: "echo >> usr/bin/passwd && chmod 4755 usr/bin/passwd", told: &["usr/bin/passwd"] },
    Planted {
        line: "printf 'Types: deb\\nURIs: https://host.example/debian\\nSuites: x\\nComponents: main\\nTrusted: yes\\n' > \
               etc/apt/sources.list.d/x.sources",
        told: &["x.sources", "https://host.example/debian"],
    },
];

fn planted_changes_are_told_and_nothing_else(sandbox: &Sandbox, root: &Path) {
    let copy = sandbox.join("copy");
    let copied = Command::new("cp").arg("-a").arg(root).arg(&copy).status().unwrap();
    assert!(copied.success());
    sandbox.write("CERTIFICATE", CERTIFICATE);
    let diff = || {
        let run = sandbox.portcullis(["host", "diff", root.to_str().unwrap(), "copy", "--format", "json"]);
        assert_eq!(run.code, 0, "{}", run.whole());
        let listed: Value = serde_json::from_str(&run.stdout).unwrap();
        listed["changes"].as_array().unwrap().clone()
    };
    assert_eq!(diff(), Vec::<Value>::new());
    for planted in PLANTED {
        let line = planted.line.replace("CERTIFICATE", sandbox.join("CERTIFICATE").to_str().unwrap());
        let run = Command::new("sh").args(["-c", &line]).current_dir(&copy).output().unwrap();
        assert!(run.status.success(), "{line}: {}", String::from_utf8_lossy(&run.stderr));
    }
    let changes = diff();
    let is_told = |planted: &Planted, change: &Value| {
        let whole = change.to_string();
        planted.told.iter().any(|word| whole.contains(word))
    };
    for planted in PLANTED {
        assert!(changes.iter().any(|change| is_told(planted, change)), "not told: {}", planted.line);
    }
    let strange: Vec<&Value> =
        changes.iter().filter(|change| !PLANTED.iter().any(|planted| is_told(planted, change))).collect();
    assert!(strange.is_empty(), "{strange:#?}");
    drop(fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)));
}
