//! What is told of the running system, held against what its own tools tell.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process::Command;

use serde_json::Value;

use crate::support::{Sandbox, binary, has_tool};

/// What a tool says, line by line.
fn lines(tool: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(tool).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// What a snapshot of this machine tells of a family.
fn told(family: &str) -> Value {
    let sandbox = Sandbox::new();
    let mut command = Command::new(binary());
    command.args(["host", "snapshot", "--skip", "setid", "--skip", "package", "-o", "host.json"]);
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.code, 0, "{}", run.whole());
    let text = std::fs::read_to_string(sandbox.join("host.json")).unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    snapshot["evidence"]["host"]["running"][family].clone()
}

/// Asks a tool before and after, since the machine goes on: what it says both times, and what it says at all.
fn around<T: Ord + Clone>(
    ask: impl Fn() -> BTreeSet<T>,
    told: impl FnOnce() -> Value,
) -> (Value, BTreeSet<T>, BTreeSet<T>) {
    let before = ask();
    let told = told();
    let after = ask();
    (told, before.intersection(&after).cloned().collect(), before.union(&after).cloned().collect())
}

#[test]
fn kernel_settings_are_those_that_sysctl_shows() {
    if !has_tool("sysctl", "kernel settings as the tool shows them") {
        return;
    }
    let shown = || {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        for line in lines("sysctl", &["-a"]) {
            let Some((key, value)) = line.split_once(" =") else { continue };
            // A value of several lines is shown with its key on each.
            let known = all.entry(key.to_owned()).or_default();
            *known = format!("{known} {value}");
        }
        let words = |value: String| value.split_whitespace().collect::<Vec<_>>().join(" ");
        all.into_iter().map(|(key, value)| (key, words(value))).collect()
    };
    let (told, both, any) = around(shown, || told("sysctl"));
    // They change by themselves, are no settings, or are keys.
    let left_out = [
        "fs.aio-nr",
        "fs.dentry-state",
        "fs.file-nr",
        "fs.inode-nr",
        "fs.inode-state",
        "fs.quota.",
        "kernel.cad_pid",
        "kernel.hung_task_detect_count",
        "kernel.hung_task_warnings",
        "kernel.ns_last_pid",
        "kernel.pty.nr",
        "kernel.random.boot_id",
        "kernel.random.entropy_avail",
        "kernel.random.uuid",
        "net.core.netdev_rss_key",
        "net.ipv4.tcp_fastopen_key",
        "net.netfilter.nf_conntrack_count",
        ".stable_secret",
    ];
    // A line's end within a value is shown as what it is in text.
    let words = |value: &str| value.replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let values = told["values"].as_object().unwrap().iter();
    let ours: BTreeMap<&str, String> =
        values.map(|(key, value)| (key.as_str(), words(value.as_str().unwrap()))).collect();
    assert!(ours.len() > 100, "{ours:?}");
    for (key, value) in &both {
        if !left_out.iter().any(|name| key.contains(name)) && told["unknown"].get(key).is_none() {
            assert_eq!(ours.get(key.as_str()), Some(value), "{key}");
        }
    }
    for (key, value) in &ours {
        assert!(any.contains(&((*key).to_owned(), value.clone())), "{key} = {value}");
    }
}

#[test]
fn listeners_are_those_that_ss_shows() {
    if !has_tool("ss", "listeners as the tool shows them") {
        return;
    }
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let shown = || {
        let all = lines("ss", &["-lntuH"]).into_iter().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (protocol, address) = (words.first()?, words.get(4)?);
            // An interface stands behind a percent sign; a star is every address of both families.
            let (host, port) = address.rsplit_once(':')?;
            let host = host.split('%').next().unwrap_or(host).replace('*', "[::]");
            Some(format!("{protocol}/{host}:{port}"))
        });
        all.collect()
    };
    let (told, both, any) = around(shown, || told("network"));
    let listeners = told["listeners"].as_array().unwrap();
    let ours: BTreeSet<String> = listeners
        .iter()
        .map(|listener| listener["name"].as_str().unwrap().to_owned())
        .filter(|name| !name.starts_with("raw"))
        .collect();
    for own in [format!("tcp/{}", tcp.local_addr().unwrap()), format!("udp/{}", udp.local_addr().unwrap())] {
        assert!(ours.contains(&own), "{own} {ours:?}");
    }
    assert!(both.is_subset(&ours), "{both:?} {ours:?}");
    assert!(ours.is_subset(&any), "{ours:?} {any:?}");
}

#[test]
fn mounts_are_those_that_the_kernel_lists() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let shown = || {
        let text = std::fs::read_to_string("/proc/self/mounts").unwrap();
        let all = text.lines().filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            let (at, kind) = (words.next()?.trim_start_matches('/'), words.next()?);
            Some((if at.is_empty() { "." } else { at }.replace("\\040", " "), kind.to_owned()))
        });
        all.collect::<BTreeMap<String, String>>().into_iter().collect()
    };
    let (told, both, any) = around(shown, || told("mounts"));
    let mounts = told["mounts"]["value"].as_object().unwrap();
    let ours: BTreeSet<(String, String)> =
        mounts.iter().map(|(at, mount)| (at.clone(), mount["kind"].as_str().unwrap().to_owned())).collect();
    assert!(both.is_subset(&ours), "{both:?} {ours:?}");
    assert!(ours.is_subset(&any), "{ours:?} {any:?}");
}
