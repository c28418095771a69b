//! The job of a CI runner in which this runs: what holds it back, what it reaches, and whether its machine is thrown away
//! behind it. Of variables no value is kept but of a few that are no secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::process_files::{Status, status};
use super::source::{Known, Running as Source};
use crate::host::line::lines;
use crate::host::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, EntryKind, Shown, TreePath};

/// The id of the family.
pub const ID: &str = "ci-runner";

/// The variables by which a job of each service is known, the more telling ones first.
const SERVICES: [(&str, &str); 18] = [
    ("GITEA_ACTIONS", "Gitea Actions"),
    ("FORGEJO_ACTIONS", "Forgejo Actions"),
    ("GITHUB_ACTIONS", "GitHub Actions"),
    ("GITLAB_CI", "GitLab CI"),
    ("BUILDKITE", "Buildkite"),
    ("JENKINS_URL", "Jenkins"),
    ("TF_BUILD", "Azure Pipelines"),
    ("CIRCLECI", "CircleCI"),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines"),
    ("TEAMCITY_VERSION", "TeamCity"),
    ("DRONE", "Drone"),
    ("TRAVIS", "Travis CI"),
    ("CODEBUILD_BUILD_ID", "AWS CodeBuild"),
    ("SEMAPHORE", "Semaphore"),
    ("CIRRUS_CI", "Cirrus CI"),
    ("WOODPECKER_CI", "Woodpecker"),
    ("CI_SYSTEM_NAME", "Woodpecker"),
    ("CI", "a CI service"),
];

/// The variables whose values are no secrets, and are kept.
const KEPT: [&str; 7] = [
    "BUILDKITE_BUILD_CHECKOUT_PATH",
    "CI_DISPOSABLE_ENVIRONMENT",
    "CI_PROJECT_DIR",
    "GITHUB_WORKSPACE",
    "RUNNER_ENVIRONMENT",
    "SYSTEM_DEFAULTWORKINGDIRECTORY",
    "WORKSPACE",
];

/// The variables that name the folder in which a job works.
const WORKSPACES: [&str; 5] = [
    "GITHUB_WORKSPACE",
    "CI_PROJECT_DIR",
    "BUILDKITE_BUILD_CHECKOUT_PATH",
    "SYSTEM_DEFAULTWORKINGDIRECTORY",
    "WORKSPACE",
];

/// What names of variables hold that may be secrets; which of them are, the policy says.
const TELLING: [&str; 8] = ["AUTH", "CRED", "KEY", "PASS", "PRIVATE", "SECRET", "TOKEN", "PAT"];

/// The sockets of daemons that run containers as root.
const SOCKETS: [&str; 7] = [
    "run/docker.sock",
    "var/run/docker.sock",
    "run/containerd/containerd.sock",
    "run/podman/podman.sock",
    "run/crio/crio.sock",
    "run/k3s/containerd/containerd.sock",
    "run/buildkit/buildkitd.sock",
];

/// What stands in a root that is a container's.
const MARKS: [&str; 3] = [".dockerenv", "run/.containerenv", "run/systemd/container"];

/// The numbers of the namespaces in which a machine starts (`include/linux/proc_ns.h`); that of the network has one of its
/// own since Linux 6.18 only.
const INITIAL: [(&str, u64); 6] = [
    ("cgroup", 4_026_531_835),
    ("ipc", 4_026_531_839),
    ("net", 4_026_531_833),
    ("pid", 4_026_531_836),
    ("user", 4_026_531_837),
    ("uts", 4_026_531_838),
];

/// File systems that lie on a disk, and may be the host's.
const DISKS: [&str; 8] = ["bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "xfs", "zfs"];

/// Folders of a machine that give it away.
const TELLING_FOLDERS: [&str; 6] =
    ["/", "/etc", "/root", "/var/lib/docker", "/var/lib/kubelet", "/var/lib/kubelet/pods"];

/// The variables of this very process: their names, and the values of those that are no secrets.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    names: BTreeSet<String>,
    values: BTreeMap<String, String>,
}

impl Variables {
    /// Takes names and values; keeps values of variables that are no secrets alone.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut out = Self::default();
        for (name, value) in variables {
            if value.is_empty() {
                continue;
            }
            if KEPT.contains(&name.as_str()) {
                out.values.insert(name.clone(), value);
            }
            out.names.insert(name);
        }
        out
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// What is known of the job in which this runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CiRunner {
    /// The service whose job it is; none where it is no job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Text>,
    /// Whether the machine is thrown away behind the job.
    pub is_ephemeral: Known<bool>,
    /// What tells that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_by: Option<Text>,
    /// The names of variables that may hold secrets.
    pub variables: BTreeSet<Text>,
    /// The sockets of daemons that run containers as root and that the job may write to.
    pub sockets: BTreeSet<Text>,
    /// What holds the process back.
    pub limits: Known<Limits>,
    /// Whether it runs in a container.
    pub is_contained: bool,
    /// The namespaces that it shares with the machine.
    pub shared: Known<BTreeSet<Text>>,
    /// Whether its capabilities count on the whole machine, and not in a namespace of users alone.
    pub is_of_machine: Known<bool>,
    /// Paths of the machine that are mounted into its container, by where.
    pub mounts: Known<BTreeMap<Text, Text>>,
    /// The folder in which it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Folder>,
    /// The files of the runner itself that it may write.
    pub runner_files: Vec<Folder>,
    /// Whether the files of a runner were found.
    pub has_runner: bool,
    /// How processes of one user are kept from each other's memory (`kernel.yama.ptrace_scope`).
    pub ptrace_scope: Known<u32>,
}

/// What holds a process back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The user as whom it acts.
    pub user: u32,
    /// The capabilities in force, a bit each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<u64>,
    /// Whether a program that it starts gets no more rights than it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_no_new_privileges: Option<bool>,
    /// How calls of the system are filtered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<u8>,
}

/// A file or folder, and who may write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// Where it stands.
    pub path: TreePath,
    /// Its mode.
    pub mode: u32,
    /// Who owns it.
    pub user: u32,
    /// Whether that is the job's user.
    pub is_own: bool,
}

impl CiRunner {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let variables = &reading.wants().variables;
        let service = SERVICES.iter().find(|(name, _)| variables.has(name)).map(|(_, service)| *service);
        let Some(service) = service else { return Self::default() };
        let told = source.read(Shown::Proc, &source.own("status")).map(|bytes| status(&bytes));
        let own = told.value().cloned().unwrap_or_default();
        let mut out = Self { service: Some(Text::trusted(service)), ..Self::default() };
        let is_telling = |name: &&String| {
            let name = name.to_ascii_uppercase();
            TELLING.iter().any(|word| name.contains(word))
        };
        out.variables = variables.names.iter().filter(is_telling).map(|name| text!("{}", *name)).collect();
        out.sockets = SOCKETS.iter().filter_map(|path| reachable(reading, path, &own)).collect();
        out.limits = told.map(|told| Limits {
            user: told.user,
            capabilities: told.capabilities,
            has_no_new_privileges: told.has_no_new_privileges,
            filter: told.filter,
        });
        out.namespaces(reading, source);
        out.mounts = source.read(Shown::Proc, &source.own("mountinfo")).map(|bytes| host_mounts(&bytes));
        out.ptrace_scope = match source.text(Shown::Proc, "sys/kernel/yama/ptrace_scope") {
            Known::Is(value) => match value.parse() {
                Ok(value) => Known::Is(value),
                Err(_) => Known::Unknown(text!("`/proc/sys/kernel/yama/ptrace_scope`: found `{}`", value)),
            },
            Known::Absent => Known::Absent,
            Known::Unknown(reason) => Known::Unknown(reason),
        };
        let workspace = WORKSPACES.iter().find_map(|name| variables.values.get(*name));
        let workspace = workspace
            .and_then(|path| TreePath::root().join(path.strip_prefix('/')?.as_bytes()))
            .and_then(|path| reading.real(&path).ok().flatten());
        out.workspace = workspace.as_ref().map(|entry| folder(entry, &own));
        out.runner(reading, &own, workspace.as_ref());
        out.ephemeral(reading, workspace.as_ref(), service);
        out
    }

    fn namespaces(&mut self, reading: &Reading<'_>, source: &Source<'_>) {
        let number =
            |name: &str| source.link(Shown::Proc, &source.own(&format!("ns/{name}"))).map(|link| number_of(&link));
        let mut shared = BTreeSet::new();
        let mut unknown = None;
        for (name, initial) in INITIAL {
            match number(name) {
                Known::Is(found) if found == Some(initial) => drop(shared.insert(Text::trusted(name))),
                Known::Is(_) | Known::Absent => {}
                Known::Unknown(reason) => unknown = Some(reason),
            }
        }
        let has_marks = MARKS
            .iter()
            .any(|path| TreePath::new(path.as_bytes()).is_some_and(|path| matches!(reading.look(&path), Ok(Some(_)))));
        self.is_contained = has_marks || number("pid").value().is_some_and(|found| *found != number_initial("pid"));
        self.is_of_machine = number("user").map(|found| found == number_initial("user"));
        self.shared = match unknown {
            Some(reason) => Known::Unknown(reason),
            None => Known::Is(shared),
        };
    }

    /// Looks for the files of the runner that started the job, above the folder in which it works.
    fn runner(&mut self, reading: &Reading<'_>, own: &Status, workspace: Option<&Entry>) {
        let Some(home) = runner_home(reading, workspace) else { return };
        self.has_runner = true;
        for name in [
            "",
            "bin",
            "bin/Runner.Listener",
            "bin/Runner.Worker",
            "externals",
            "run.sh",
            "run-helper.sh",
            ".runner",
            ".credentials",
        ] {
            let Some(path) = home.join(name.as_bytes()) else { continue };
            let Ok(Some(entry)) = reading.real(&path) else { continue };
            if may_write(&entry, own) {
                self.runner_files.push(Folder { path, ..folder(&entry, own) });
            }
        }
    }

    /// Finds out whether the machine is thrown away behind the job.
    fn ephemeral(&mut self, reading: &Reading<'_>, workspace: Option<&Entry>, service: &str) {
        let variables = &reading.wants().variables;
        let tell = |is: bool, by: Text| (Known::Is(is), Some(by));
        let runner = runner_home(reading, workspace).map(|home| home.child(b".runner"));
        let file = runner.and_then(|path| reading.read_at(&path).ok().flatten());
        (self.is_ephemeral, self.told_by) = if let Some(file) = file {
            match is_ephemeral(&file.bytes) {
                Some(is) => tell(is, text!("`/{}`", file.path)),
                None => (Known::Unknown(text!("`/{}` is not as runners write it", file.path)), None),
            }
        } else if let Some(kind) = variables.values.get("RUNNER_ENVIRONMENT").filter(|kind| *kind == "github-hosted") {
            tell(true, text!("`RUNNER_ENVIRONMENT={}`", *kind))
        } else if service == "GitLab CI" {
            // All executors but `shell` and `ssh` set it (GitLab, "Predefined CI/CD variables").
            match variables.values.get("CI_DISPOSABLE_ENVIRONMENT") {
                Some(_) => tell(true, Text::trusted("`CI_DISPOSABLE_ENVIRONMENT`")),
                None => tell(false, Text::trusted("the missing `CI_DISPOSABLE_ENVIRONMENT`")),
            }
        } else {
            (
                Known::Unknown(text!("a job of {} is not told whether its machine is thrown away behind it", service)),
                None,
            )
        };
    }
}

fn number_initial(name: &str) -> Option<u64> {
    INITIAL.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// Returns the number in `pid:[4026531836]`.
fn number_of(link: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(link).ok()?;
    text.split_once(":[")?.1.strip_suffix(']')?.parse().ok()
}

/// Returns the folder of the runner of GitHub or Gitea that has the folder in which the job works below it.
fn runner_home(reading: &Reading<'_>, workspace: Option<&Entry>) -> Option<TreePath> {
    workspace?
        .path
        .ancestors()
        .skip(1)
        .find(|folder| !folder.is_root() && matches!(reading.look(&folder.child(b".runner")), Ok(Some(_))))
}

fn folder(entry: &Entry, own: &Status) -> Folder {
    let user = entry.owner.map_or(0, |owner| owner.user);
    Folder { path: entry.path.clone(), mode: entry.mode.unwrap_or(0), user, is_own: user == own.user }
}

/// Whether a process may write a file or folder, by its mode; whether it comes so far is another question.
fn may_write(entry: &Entry, own: &Status) -> bool {
    let (mode, owner) = (entry.mode.unwrap_or(0), entry.owner);
    // CAP_DAC_OVERRIDE.
    if own.capabilities.is_some_and(|capabilities| capabilities >> 1 & 1 == 1) {
        return true;
    }
    let bit = match owner {
        Some(owner) if owner.user == own.user => 0o200,
        Some(owner) if owner.group == own.group || own.groups.contains(&owner.group) => 0o020,
        _ => 0o002,
    };
    mode & bit != 0
}

/// Returns the socket at a path if a process may write to it. It is looked at, and not connected to.
fn reachable(reading: &Reading<'_>, path: &str, own: &Status) -> Option<Text> {
    let entry = reading.root().real(&TreePath::new(path.as_bytes())?).ok()?;
    if entry.kind != EntryKind::Other("a socket") || !may_write(&entry, own) {
        return None;
    }
    // `/var/run` is `/run`: the socket is told by where it stands.
    Some(text!("/{}", entry.path))
}

/// Whether the settings of a runner of GitHub say that it takes one job only; `None` where they are none. Capitals differ
/// between versions.
#[must_use]
pub fn is_ephemeral(bytes: &[u8]) -> Option<bool> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let parsed: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let members = parsed.as_object()?;
    let found = members.iter().find(|(key, _)| key.eq_ignore_ascii_case("ephemeral"));
    Some(found.is_some_and(|(_, value)| value.as_bool() == Some(true)))
}

/// Returns the paths of the machine that are mounted into a container, by where they stand in it, and what of the kernel may
/// be written there (`proc_pid_mountinfo(5)`).
#[must_use]
pub fn host_mounts(bytes: &[u8]) -> BTreeMap<Text, Text> {
    let mut out = BTreeMap::new();
    let mut is_sysctl_guarded = false;
    let mut has_proc = false;
    for line in lines(bytes) {
        let text = line.text();
        let Some((before, behind)) = text.split_once(" - ") else { continue };
        let mut fields = before.split(' ');
        let (Some(root), Some(point), Some(options)) = (fields.nth(3), fields.next(), fields.next()) else { continue };
        let kind = behind.split(' ').next().unwrap_or_default();
        let is_read_only = options.split(',').any(|option| option == "ro");
        is_sysctl_guarded |= is_read_only && matches!(point, "/proc" | "/proc/sys");
        has_proc |= point == "/proc";
        if point == "/sys" && kind == "sysfs" && !is_read_only {
            out.insert(Text::trusted("/sys"), Text::trusted("/sys rw"));
        }
        let wanted = TELLING_FOLDERS.contains(&root);
        if wanted && point != "/" && DISKS.contains(&kind) {
            out.insert(text!("{}", *point), if root == "/" { Text::trusted("/ of host") } else { text!("{}", *root) });
        }
    }
    if has_proc && !is_sysctl_guarded {
        out.insert(Text::trusted("/proc/sys"), Text::trusted("/proc rw"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_of_what_is_no_secret() {
        let of = |name: &str| (name.to_owned(), "hunter2".to_owned());
        let variables =
            Variables::of([of("NPM_TOKEN"), of("GITHUB_WORKSPACE"), ("EMPTY_TOKEN".to_owned(), String::new())]);
        assert!(variables.has("NPM_TOKEN") && !variables.has("EMPTY_TOKEN"));
        assert_eq!(variables.values.keys().collect::<Vec<_>>(), ["GITHUB_WORKSPACE"]);
    }

    #[test]
    fn runners_of_one_job_are_told() {
        let check = |text: &str, expected: Option<bool>| assert_eq!(is_ephemeral(text.as_bytes()), expected, "{text}");
        check("", None);
        check("[]", None);
        check("{\"agentId\": 1, \"workFolder\": \"_work\"}", Some(false));
        check("\u{feff}{\"AgentId\": 1, \"Ephemeral\": true}", Some(true));
        check("{\"ephemeral\": true}", Some(true));
        check("{\"ephemeral\": \"yes\"}", Some(false));
    }

    #[test]
    fn paths_of_the_machine_are_told_from_a_containers_own() {
        const PROC: &str =
            "25 22 0:23 / /proc rw,nosuid - proc proc rw\n26 25 0:23 /sys /proc/sys ro,nosuid - proc proc rw\n";
        let check = |text: &str, expected: &[(&str, &str)]| {
            let found = host_mounts(format!("{PROC}{text}").as_bytes());
            let found: Vec<(&str, &str)> = found.iter().map(|(at, what)| (at.as_str(), what.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[]);
        check("22 1 0:44 / / rw - overlay overlay rw\n", &[]);
        check("30 22 8:1 / /host rw - ext4 /dev/sda1 rw\n", &[("/host", "/ of host")]);
        check("30 22 8:1 /etc /mnt rw master:1 - xfs /dev/sda1 rw\n", &[("/mnt", "/etc")]);
        check("30 22 8:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n", &[]);
        check("30 22 0:5 / /sys rw - sysfs sysfs rw\n", &[("/sys", "/sys rw")]);
        check("30 22 0:5 / /sys ro,nosuid - sysfs sysfs rw\n", &[]);
        assert_eq!(host_mounts(b"25 22 0:23 / /proc rw - proc proc rw\n").len(), 1);
        assert!(host_mounts(b"x - y\n - \n").is_empty());
    }
}
