//! What the running kernel says of itself, in namespaces of a test's own: what is changed there is found, and nothing else.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, Sandbox, binary, has_tool, skip};

/// What a check costs the most, and nothing here is about.
const FAST: &str = "--skip setid --skip package --skip permissions";

/// Runs a shell script as root of namespaces of its own, where `$0` is the binary; `None` where that is forbidden.
fn inside(sandbox: &Sandbox, script: &str) -> Option<Run> {
    let what = "tests in namespaces of their own";
    if !cfg!(target_os = "linux") || !has_tool("unshare", what) {
        return None;
    }
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--net",
            "--uts",
            "--ipc",
            "--mount",
            "--pid",
            "--fork",
            "--mount-proc",
        ]);
        command.args(["sh", "-c", script]).arg(binary());
        sandbox.run(command, sandbox.path())
    };
    if unshared("true").code != 0 {
        skip(Path::new("a user namespace"), what);
        return None;
    }
    Some(unshared(&format!("set -e\n{script}")))
}

/// Checks the host inside, once a script has run there.
fn checked(script: &str) -> Option<Value> {
    let sandbox = Sandbox::new();
    let run = inside(&sandbox, &format!("{script}\nexec \"$0\" host check --format json {FAST}"))?;
    assert!(run.code < 2, "{}", run.whole());
    Some(run.report())
}

/// Returns state and message of what a rule says of a subject.
fn said(report: &Value, rule: &str, subject: &str) -> Option<(String, String)> {
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["rule"] == rule && finding["subject"]["id"] == subject)?;
    let word = |name: &str| found[name].as_str().unwrap().to_owned();
    Some((word("state"), word("message")))
}

fn state(report: &Value, rule: &str, subject: &str) -> Option<String> {
    said(report, rule, subject).map(|(state, _)| state)
}

#[test]
fn a_setting_that_is_changed_is_found() {
    let forward = |value: u8| checked(&format!("echo {value} > /proc/sys/net/ipv4/ip_forward"));
    let Some(report) = forward(1) else { return };
    let (state_of, message) = said(&report, "host/sysctl-value", "net.ipv4.ip_forward").unwrap();
    assert_eq!(state_of, "fail");
    assert!(message.starts_with("`net.ipv4.ip_forward` is `1` now, expected 0"), "{message}");
    assert_eq!(state(&forward(0).unwrap(), "host/sysctl-value", "net.ipv4.ip_forward"), None);
}

#[test]
fn what_a_container_shares_with_its_host_is_told_as_the_hosts() {
    let Some(report) = checked("") else { return };
    for finding in report["findings"].as_array().unwrap() {
        let key = finding["subject"]["id"].as_str().unwrap();
        if finding["rule"] == "host/sysctl-value"
            && finding["evidence"]["found"].is_string()
            && key.starts_with("kernel.")
        {
            let message = finding["message"].as_str().unwrap();
            assert!(message.contains("a setting of the host that this container shares"), "{message}");
        }
    }
    // It belongs to no network, and is shown in that of the host alone.
    assert_eq!(state(&report, "host/sysctl-value", "net.core.bpf_jit_harden").unwrap(), "not-determined");
    assert_eq!(state(&report, "host/time-unsynchronised", "clock").unwrap(), "not-applicable");
    assert_eq!(state(&report, "host/module-loaded", "running").unwrap(), "not-applicable");
}

#[test]
fn a_setting_that_files_set_otherwise_is_found() {
    let set = |in_file: &str| {
        checked(&format!(
            "mount -t tmpfs none /etc/sysctl.d\necho 'net.ipv4.tcp_rfc1337 = {in_file}' > /etc/sysctl.d/99-zz.conf\n\
             echo 1 > /proc/sys/net/ipv4/tcp_rfc1337"
        ))
    };
    let Some(report) = set("0") else { return };
    let (state_of, message) = said(&report, "host/sysctl-drift", "net.ipv4.tcp_rfc1337").unwrap();
    assert_eq!(state_of, "fail");
    assert_eq!(message, "`net.ipv4.tcp_rfc1337` is `1` now, and /etc/sysctl.d/99-zz.conf:1 sets it to `0`");
    // The same number in another spelling.
    assert_eq!(state(&set("0x1").unwrap(), "host/sysctl-drift", "net.ipv4.tcp_rfc1337"), None);
}

#[test]
fn options_of_a_mount_in_force_are_judged() {
    let mounted = |options: &str| checked(&format!("mount -t tmpfs -o {options} none /var/tmp"));
    let Some(report) = mounted("nodev,noexec") else { return };
    let (state_of, message) = said(&report, "host/mount-option", "/var/tmp").unwrap();
    assert_eq!(state_of, "fail");
    assert!(message.starts_with("/var/tmp is mounted now without nosuid: tmpfs with "), "{message}");
    assert_eq!(state(&mounted("nodev,noexec,nosuid").unwrap(), "host/mount-option", "/var/tmp"), None);
}

#[test]
fn what_is_not_shown_is_not_determined() {
    let Some(report) = checked("mount -t tmpfs none /sys") else { return };
    for (rule, subject) in [
        ("host/lockdown", "host.kernel.lockdown"),
        ("host/lockdown", "host.kernel.secureboot"),
        ("host/selinux-runtime", "enforce"),
        ("host/apparmor-runtime", "host.kernel.lsm.active"),
        ("host/apparmor-runtime", "host.kernel.apparmor.runtime"),
        ("host/cpu-vulnerability", "host.kernel.cpu.vulnerabilities"),
    ] {
        let (state_of, message) = said(&report, rule, subject).unwrap();
        assert_eq!(state_of, "not-determined", "{rule} {subject}: {message}");
    }
    let report = checked("mount -t tmpfs none /proc/sys").unwrap();
    for (rule, subject) in [
        ("host/sysctl-value", "kernel.kptr_restrict"),
        ("host/sysctl-drift", "host.sysctl.drift"),
        ("host/kernel-taint", "kernel.tainted"),
        ("host/module-loaded", "running"),
    ] {
        assert_eq!(state(&report, rule, subject).as_deref(), Some("not-determined"), "{rule} {subject}");
    }
    // Nothing of the kernel at all.
    let report = checked("mount -t tmpfs none /proc").unwrap();
    assert_eq!(state(&report, "host/sysctl-value", "kernel.kptr_restrict").unwrap(), "not-determined");
}

#[test]
fn snapshots_tell_exactly_what_changed() {
    let sandbox = Sandbox::new();
    let script = format!(
        "echo 0 > /proc/sys/net/ipv4/tcp_rfc1337\n\"$0\" host snapshot -o a.json {FAST}\n\
         \"$0\" host snapshot -o b.json {FAST}\necho 1 > /proc/sys/net/ipv4/tcp_rfc1337\n\
         \"$0\" host snapshot -o c.json {FAST}\n\"$0\" host diff b.json c.json"
    );
    let Some(run) = inside(&sandbox, &script) else { return };
    let read = |name: &str| std::fs::read_to_string(sandbox.join(name)).unwrap();
    let (one, other) = (read("a.json"), read("b.json"));
    // What other programs on the machine do may show in it: processes, not the kernel.
    let kernel = |text: &str| {
        let snapshot: Value = serde_json::from_str(text).unwrap();
        let running = ["/host/running", "/evidence/host/running"].iter().find_map(|at| snapshot.pointer(at)).unwrap();
        ["kernel", "mac", "mounts", "sysctl", "time"].map(|family| running[family].clone())
    };
    assert_eq!(kernel(&one), kernel(&other));
    let told: Vec<&str> = run.stdout.lines().filter(|line| line.contains("net.")).collect();
    assert_eq!(told.len(), 1, "{}", run.whole());
    assert!(told[0].contains("net.ipv4.tcp_rfc1337"), "{}", run.whole());
    // A key is no setting.
    assert!(!one.contains("tcp_fastopen_key") && !one.contains("stable_secret"));
}

#[test]
fn an_ordinary_user_is_told_what_only_root_may_read() {
    let key = Path::new("/proc/sys/net/core/bpf_jit_harden");
    let is_root = rustix::process::geteuid().is_root();
    if !is_root || !key.exists() || !has_tool("setpriv", "a check as an ordinary user") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.mode("", 0o755);
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(binary());
    command.args(["host", "check", "--format", "json"]).args(FAST.split(' '));
    let run = sandbox.run(command, sandbox.path());
    if run.stdout.is_empty() {
        return skip(&binary(), "a check as an ordinary user");
    }
    let report = run.report();
    let (state_of, message) = said(&report, "host/sysctl-value", "net.core.bpf_jit_harden").unwrap();
    assert_eq!(state_of, "not-determined", "{message}");
    assert!(message.contains("root may read it"), "{message}");
}
