//! Processes, sockets, logs and jobs of a running system: on this machine, and on one that the test made up.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use portcullis::gate::{HostRequest, PolicyChoice, Report, judge_host, load_policy};
use portcullis::host::HostWants;
use portcullis::tree::System;
use portcullis::tree::root::Root;
use serde_json::Value;

use crate::support::{Run, Sandbox, binary, skip};

/// Ends a program when the test does.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn check(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(binary());
    command.args(["host", "check", "--skip", "setid", "--skip", "package", "--format", "json"]);
    command.envs(variables.iter().copied());
    sandbox.run(command, sandbox.path())
}

/// Returns the subjects of what fails by a rule, with the fact and the message.
fn failing(report: &Value, rule: &str) -> Vec<(String, String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = report["findings"].as_array().unwrap().iter();
    all.filter(|found| found["rule"] == rule && found["state"] == "fail")
        .map(|found| (word(&found["evidence"]["fact"]), word(&found["subject"]["id"]), word(&found["message"])))
        .collect()
}

fn has(found: &[(String, String, String)], fact: &str, subject: &str) -> bool {
    found.iter().any(|(of, about, _)| of == fact && about == subject)
}

fn path_of(sandbox: &Sandbox, name: &str) -> String {
    fs::canonicalize(sandbox.path()).unwrap().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_listener_of_this_machine_is_found_and_one_that_nobody_else_reaches_is_not() {
    let open = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let datagrams = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let sandbox = Sandbox::new();
    let run = check(&sandbox, &[]);
    let found = failing(&run.report(), "host/listener-unexpected");
    let own = fs::read_link("/proc/self/exe").unwrap();
    let named = |protocol: &str, port: u16| format!("{protocol}/0.0.0.0:{port} {}", own.display());
    let is_found = |name: &str| has(&found, "host.network.listen", name);
    assert!(is_found(&named("tcp", open.local_addr().unwrap().port())), "{}", run.whole());
    assert!(is_found(&named("udp", datagrams.local_addr().unwrap().port())), "{}", run.whole());
    let port = format!(":{} ", closed.local_addr().unwrap().port());
    assert!(!found.iter().any(|(_, about, _)| about.contains(&port)), "{}", run.whole());
}

#[test]
fn programs_that_are_gone_or_bear_another_name_are_found() {
    let sandbox = Sandbox::new();
    for name in ["gone", "stays", "thread"] {
        fs::copy("/bin/sleep", sandbox.join(name)).unwrap();
    }
    let start = |name: &str, title: &str| {
        Started(Command::new(sandbox.join(name)).arg0(title).arg("600").stdout(Stdio::null()).spawn().unwrap())
    };
    let (gone, _stays, _thread) = (start("gone", "gone"), start("stays", "stays"), start("thread", "[kworker/7:1]"));
    sandbox.remove("gone");
    let run = check(&sandbox, &[]);
    let report = run.report();
    let found = failing(&report, "host/process-executable");
    let deleted = "host.process.deleted_exe";
    assert!(has(&found, deleted, &path_of(&sandbox, "gone")), "{}", run.whole());
    assert!(!has(&found, deleted, &path_of(&sandbox, "stays")), "{}", run.whole());
    assert!(
        found.iter().any(|(_, _, message)| message.contains(&format!("process {}", gone.0.id()))),
        "{}",
        run.whole()
    );
    let names = failing(&report, "host/process-name");
    let mimic = "host.process.name_mimic";
    assert!(has(&names, mimic, &path_of(&sandbox, "thread")), "{}", run.whole());
    assert!(!has(&names, mimic, &path_of(&sandbox, "stays")), "{}", run.whole());
    // What is temporary stands where everyone may write.
    if path_of(&sandbox, "").starts_with("/tmp/") {
        assert!(has(&found, "host.process.exe_location", &path_of(&sandbox, "stays")), "{}", run.whole());
    }
}

#[test]
fn a_program_that_was_never_a_file_is_found() {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    let Ok(file) = rustix::fs::memfd_create("portcullis-test", rustix::fs::MemfdFlags::empty()) else {
        return skip(std::path::Path::new("memfd_create"), "whether a program in memory is found");
    };
    let mut file = fs::File::from(file);
    file.write_all(&fs::read("/bin/sleep").unwrap()).unwrap();
    let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    // It can be started once nobody writes to it any more.
    let readable = fs::File::open(&path).unwrap();
    drop(file);
    let path = format!("/proc/{}/fd/{}", std::process::id(), readable.as_raw_fd());
    let _started = Started(Command::new(path).arg("600").spawn().unwrap());
    let sandbox = Sandbox::new();
    let run = check(&sandbox, &[]);
    let found = failing(&run.report(), "host/process-executable");
    assert!(has(&found, "host.process.memfd_exe", "memfd:portcullis-test"), "{}", run.whole());
}

#[test]
fn variables_of_a_job_are_told_by_name_alone() {
    let sandbox = Sandbox::new();
    let secret = "hunter2-never-shown";
    let variables = [
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_DISPOSABLE_ENVIRONMENT", "true"),
        ("REGISTRY_TOKEN", secret),
        ("CI_JOB_TOKEN", secret),
        ("TOKENISER", secret),
        ("EMPTY_TOKEN", ""),
    ];
    let run = check(&sandbox, &variables);
    let found = failing(&run.report(), "host/runner-secret-exposed");
    let told: Vec<&str> =
        found.iter().map(|(_, about, _)| about.as_str()).filter(|about| !about.starts_with('/')).collect();
    assert_eq!(told, ["REGISTRY_TOKEN"], "{}", run.whole());
    assert!(!run.whole().contains(secret), "{}", run.whole());
    assert!(!has(&failing(&run.report(), "host/runner-not-ephemeral"), "host.ci.ephemeral", "host.ci.ephemeral"));
    let kept = check(&sandbox, &[("GITLAB_CI", "true")]);
    assert!(has(&failing(&kept.report(), "host/runner-not-ephemeral"), "host.ci.ephemeral", "host.ci.ephemeral"));
    // On a machine that runs no job nothing is said of one.
    let none = check(&sandbox, &[("REGISTRY_TOKEN", secret)]);
    assert_eq!(failing(&none.report(), "host/runner-secret-exposed"), []);
}

#[test]
fn the_policy_declares_whether_jobs_reach_the_metadata_of_the_cloud() {
    let sandbox = Sandbox::new();
    let state = |policy: &str| {
        sandbox.write("policy.toml", format!("extends = [\"builtin:recommended\"]\n{policy}"));
        let mut command = Command::new(binary());
        command.args(["host", "check", "--skip", "setid", "--skip", "package", "--format", "json"]);
        command.args(["--policy", "policy.toml"]).env("CI", "true");
        let report = sandbox.run(command, sandbox.path()).report();
        let fact = "host.ci.metadata_service";
        let found = report["findings"].as_array().unwrap().iter().find(|found| found["evidence"]["fact"] == fact);
        found.map(|found| found["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state("").as_deref(), Some("not-determined"));
    assert_eq!(state("[host]\nmetadata-reachable = true\n").as_deref(), Some("fail"));
    assert_eq!(state("[host]\nmetadata-reachable = false\n"), None);
}

#[test]
fn a_network_namespace_has_listeners_of_its_own() {
    let open = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let sandbox = Sandbox::new();
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]);
    command.arg(binary()).args(["host", "check", "--skip", "setid", "--skip", "package", "--format", "json"]);
    let run = sandbox.run(command, sandbox.path());
    if !run.stdout.starts_with('{') {
        return skip(std::path::Path::new("a namespace"), "whether listeners of another network namespace are told");
    }
    assert!(run.code < 2, "{}", run.whole());
    let port = format!(":{} ", open.local_addr().unwrap().port());
    let found = failing(&run.report(), "host/listener-unexpected");
    assert!(!found.iter().any(|(_, about, _)| about.contains(&port)), "{}", run.whole());
}

#[test]
fn processes_that_are_hidden_are_never_taken_for_none() {
    let sandbox = Sandbox::new();
    sandbox.mode("", 0o755);
    let what = "processes that are hidden";
    for hidden in ["1", "2"] {
        let script = format!(
            "mount -t proc -o hidepid={hidden} proc /proc && sleep 60 & sleep 0.3\n\
             setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\""
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", &script, "sh"]).arg(binary());
        command.args(["host", "check", "--skip", "setid", "--skip", "package", "--format", "json"]);
        let run = sandbox.run(command, sandbox.path());
        if !run.stdout.starts_with('{') {
            return skip(std::path::Path::new("a namespace of processes"), what);
        }
        let report = run.report();
        for (rule, fact) in
            [("host/process-executable", "host.process.deleted_exe"), ("host/process-traced", "host.process.traced")]
        {
            let all = report["findings"].as_array().unwrap().iter();
            let mut of_fact = all.filter(|found| found["rule"] == rule && found["evidence"]["fact"] == fact);
            let found = of_fact.next().unwrap_or_else(|| panic!("nothing of {fact} with hidepid={hidden}"));
            assert_eq!(found["state"], "not-determined", "hidepid={hidden} {found}");
        }
    }
}

#[test]
fn a_snapshot_holds_no_number_of_a_process_and_no_value_of_a_variable() {
    let sandbox = Sandbox::new();
    fs::copy("/bin/sleep", sandbox.join("gone")).unwrap();
    let started = Started(Command::new(sandbox.join("gone")).arg("600").spawn().unwrap());
    sandbox.remove("gone");
    let mut command = Command::new(binary());
    command.args(["host", "snapshot", "--skip", "setid", "--skip", "package", "-o", "host.json"]);
    command.envs([("GITHUB_ACTIONS", "true"), ("REGISTRY_TOKEN", "hunter2-never-kept")]);
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.code, 0, "{}", run.whole());
    let text = fs::read_to_string(sandbox.join("host.json")).unwrap();
    assert!(text.contains("gone (deleted)") && text.contains("REGISTRY_TOKEN"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains(&format!(" {}", started.0.id())), "{text}");
}

/// A machine that the test made up.
struct Made(Sandbox);

impl Made {
    fn new() -> Self {
        let made = Self(Sandbox::new());
        made.0.write("root/etc/os-release", "ID=debian\nVERSION_ID=12\n");
        made.0.write("sys/kernel/x", "");
        made.process(1, "init", "/bin/true");
        made.process(2, "portcullis", "/bin/true");
        made.0.link("proc/self", "2");
        made.write(2, "net/tcp", "head\n");
        made.write(2, "net/udp", "head\n");
        made.write(2, "net/raw", "head\n");
        made.write(2, "net/dev", "a\nb\n");
        made
    }

    fn process(&self, number: u32, name: &str, program: &str) {
        let status = format!("Name:\t{name}\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nVmSize:\t1 kB\n");
        self.write(number, "status", &status);
        self.write(number, "cgroup", "0::/\n");
        self.write(number, "maps", "7f00-7f01 r-xp 00000000 fe:00 7 /a\n");
        fs::create_dir_all(self.0.join(format!("proc/{number}/fd"))).unwrap();
        symlink(program, self.0.join(format!("proc/{number}/exe"))).unwrap();
        symlink("/", self.0.join(format!("proc/{number}/root"))).unwrap();
    }

    fn write(&self, number: u32, path: &str, text: &str) {
        self.0.write(format!("proc/{number}/{path}"), text);
    }

    fn judge(&self) -> Report {
        let root = Root::open(&self.0.join("root"), portcullis::text::Text::trusted("root"), None).unwrap();
        let system = System::at(&self.0.join("proc"), &self.0.join("sys"));
        judge_host(HostRequest {
            root: &root,
            wants: HostWants { system: Some(Arc::new(system)), ..HostWants::default() },
            policy: load_policy(&PolicyChoice::OfTree).unwrap(),
            before: None,
            old_findings: portcullis::gate::OldFindings::Listed,
            today: jiff::civil::date(2026, 1, 1),
            at: None,
        })
        .unwrap()
    }

    /// Returns subject and state of what a rule says of a fact.
    fn told(&self, fact: &str) -> Vec<(String, String)> {
        let report = self.judge();
        let of =
            |found: &&portcullis::finding::Finding| found.evidence.get("fact").is_some_and(|of| of.as_str() == fact);
        let findings = report.findings.iter().filter(of);
        findings.map(|found| (found.subject.id.to_string(), found.state.word().to_owned())).collect()
    }

    #[track_caller]
    fn fails(&self, fact: &str, subject: &str) {
        assert_eq!(self.told(fact), [(subject.to_owned(), "fail".to_owned())], "{fact}");
    }

    #[track_caller]
    fn is_quiet(&self, fact: &str) {
        assert_eq!(self.told(fact), [], "{fact}");
    }
}

#[test]
fn memory_tracers_roots_libraries_and_keyboards_are_told() {
    let made = Made::new();
    let facts = ["rwx_map", "traced", "root_dir", "preload", "input_device"].map(|fact| format!("host.process.{fact}"));
    facts.iter().for_each(|fact| made.is_quiet(fact));
    made.process(7, "cat", "/bin/cat");
    made.write(7, "maps", "7f00-7f01 rwxp 00000000 00:00 0 \n");
    made.write(7, "status", "Name:\tcat\nTracerPid:\t8\nUid:\t0\t0\t0\t0\nVmSize:\t1 kB\n");
    made.write(7, "environ", "A=1\0LD_PRELOAD=/x.so\0");
    fs::remove_file(made.0.join("proc/7/root")).unwrap();
    symlink("/srv/jail", made.0.join("proc/7/root")).unwrap();
    symlink("/dev/input/event3", made.0.join("proc/7/fd/3")).unwrap();
    let cat = fs::read_link(made.0.join("proc/7/exe")).unwrap();
    facts.iter().for_each(|fact| made.fails(fact, cat.to_str().unwrap()));
}

#[test]
fn packet_sockets_and_interfaces_are_told() {
    let made = Made::new();
    let head = "sk RefCnt Type Proto Iface R Rmem User Inode\n";
    made.write(2, "net/packet", head);
    made.is_quiet("host.network.packet_socket");
    made.process(7, "cat", "/bin/cat");
    symlink("socket:[4711]", made.0.join("proc/7/fd/3")).unwrap();
    made.write(2, "net/packet", &format!("{head}0 3 3 0003 2 1 0 0 4711\n"));
    made.fails("host.network.packet_socket", "/bin/cat");

    let interface = |name: &str, flags: &str| {
        made.0.write(format!("sys/devices/virtual/net/{name}/flags"), format!("{flags}\n"));
        made.0.link(&format!("sys/class/net/{name}"), &format!("../../devices/virtual/net/{name}"));
    };
    interface("lo", "0x9");
    interface("eth0", "0x1003");
    made.write(2, "net/dev", "a\nb\n    lo: 1\n  eth0: 1\n");
    made.is_quiet("host.network.promiscuous");
    interface("eth0", "0x1103");
    made.fails("host.network.promiscuous", "eth0");
    // Another network namespace.
    made.write(2, "net/dev", "a\nb\n    lo: 1\n");
    let undetermined = [("host.network.promiscuous".to_owned(), "not-determined".to_owned())];
    assert_eq!(made.told("host.network.promiscuous"), undetermined);
}

#[test]
fn hidden_processes_are_not_determined_once_a_fact() {
    let made = Made::new();
    made.process(9, "cat", "/bin/cat");
    fs::remove_dir_all(made.0.join("proc/1")).unwrap();
    for fact in ["host.process.deleted_exe", "host.process.name_mimic", "host.process.traced", "host.process.rwx_map"] {
        assert_eq!(made.told(fact), [(fact.to_owned(), "not-determined".to_owned())]);
    }
    made.write(2, "net/packet", "head\n0 3 3 0003 2 1 0 0 4711\n");
    let fact = "host.network.packet_socket";
    assert_eq!(made.told(fact), [(fact.to_owned(), "not-determined".to_owned())]);
}

#[test]
fn what_is_missing_from_logs_is_told() {
    let made = Made::new();
    let (lines, logins) = ("host.evidence.log_gaps", "host.evidence.login_records");
    made.0.write("root/var/log/auth.log", "2026-01-01T10:00:00Z a x\n2026-01-01T10:00:09Z a y\n");
    made.0.write("root/var/log/wtmp", login(1_000));
    made.is_quiet(lines);
    made.is_quiet(logins);
    made.0.write("root/var/log/auth.log", b"2026-01-01T10:00:00Z a x\n\0\0\0\0\0\0\0\0\n".as_slice());
    made.0.write("root/var/log/wtmp", [login(1_000), vec![0; 384], login(2_000)].concat());
    made.fails(lines, "/var/log/auth.log");
    made.fails(logins, "/var/log/wtmp");
    // Emptied, while another log went on.
    made.0.write("root/var/log/auth.log", "");
    made.0.write("root/var/log/auth.log.1", "2026-01-01T10:00:00Z a x\n");
    made.0.write("root/var/log/syslog", "2026-01-01T11:00:00Z a x\n");
    made.is_quiet(lines);
    made.0.write("root/var/log/syslog", "2026-01-05T11:00:00Z a x\n");
    made.fails(lines, "/var/log/auth.log");
    // What is no file cannot be read.
    made.0.remove("root/var/log/wtmp");
    made.0.link("root/var/log/wtmp", "wtmp");
    assert_eq!(made.told(logins), [("/var/log/wtmp".to_owned(), "not-determined".to_owned())]);
}

fn login(seconds: u32) -> Vec<u8> {
    let mut out = vec![0; 384];
    out[0] = 7;
    out[8] = b'p';
    out[340..344].copy_from_slice(&seconds.to_ne_bytes());
    out
}

#[test]
fn a_guard_that_was_started_and_is_not_at_work_is_told() {
    let made = Made::new();
    let fact = "host.systemd.security_units";
    let unit = |name: &str, kind: &str| {
        made.0.write(format!("root/usr/lib/systemd/system/{name}"), format!("[Service]\nType={kind}\nExecStart=/x\n"));
        let link = format!("root/etc/systemd/system/multi-user.target.wants/{name}");
        made.0.link(&link, &format!("/usr/lib/systemd/system/{name}"));
    };
    unit("auditd.service", "forking");
    unit("foreign.service", "simple");
    // Nothing notes what was started.
    assert_eq!(made.told(fact), [(fact.to_owned(), "not-applicable".to_owned())]);
    made.0.write("root/run/systemd/system/x", "");
    assert_eq!(made.told(fact), [("auditd.service".to_owned(), "not-determined".to_owned())]);
    made.0.link("root/run/systemd/units/invocation:auditd.service", "0123");
    made.fails(fact, "auditd.service");
    made.process(7, "auditd", "/bin/cat");
    made.write(7, "cgroup", "0::/system.slice/auditd.service\n");
    made.is_quiet(fact);
    unit("apparmor.service", "oneshot");
    made.0.link("root/run/systemd/units/invocation:apparmor.service", "0123");
    assert_eq!(made.told(fact), [("apparmor.service".to_owned(), "not-determined".to_owned())]);
}

#[test]
fn a_machine_without_rules_has_no_firewall() {
    let made = Made::new();
    let fact = "host.network.firewall";
    made.fails(fact, "firewall");
    made.0.write("proc/modules", "nf_tables 1 1 nft_ct, Live 0x0\nnft_ct 1 3 - Live 0x0\n");
    assert_eq!(made.told(fact), [(fact.to_owned(), "not-determined".to_owned())]);
    let rules = "table inet f { chain i { type filter hook input priority 0; policy drop; } }\n";
    made.0.write("root/etc/nftables.conf", rules);
    made.is_quiet(fact);
}

#[test]
fn many_processes_are_looked_at_and_names_are_inert() {
    let made = Made::new();
    for number in 10..2_010 {
        made.process(number, "a\\nb\u{1b}[31m", "/bin/cat");
    }
    made.write(2_009, "status", "garbage\0\u{1b}\n");
    made.write(2_008, "status", "Name:\tkworker/x\u{1b}[31m\nUid:\t1\nVmSize:\t1 kB\n");
    fs::remove_file(made.0.join("proc/2007/exe")).unwrap();
    let report = made.judge();
    let told = report.findings.iter().filter(|found| found.rule.as_str() == "host/process-name");
    let messages: Vec<String> = told.map(|found| found.message.to_string()).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(!messages[0].contains('\u{1b}') && messages[0].contains("kworker/x\\x1b[31m"), "{messages:?}");
}
