//! The example of a fleet: the play and the units are read, and the commands that stand in them are run.

use std::collections::BTreeMap;
use std::process::Command;

use portcullis::document::{Node, yaml};

use crate::events::{ECS, OCSF, checked, entry};
use crate::host_root::HostRoot;
use crate::support::{Run, Sandbox, binary, copy, has_tool, project};

const PROGRAM: &str = "/usr/local/bin/portcullis";
const FOLDER: &str = "/var/lib/portcullis";
const UNITS: [&str; 2] = ["portcullis-host.service", "portcullis-host.timer"];

fn read(name: &str) -> String {
    std::fs::read_to_string(project().join("examples/fleet").join(name)).unwrap()
}

/// Returns the tasks of the play: the module of each, and what it is told.
fn tasks(text: &str) -> Vec<(String, Node<'_>)> {
    let mut documents = yaml(text).unwrap();
    assert_eq!(documents.len(), 1);
    let play = documents.remove(0).items("a list of plays").unwrap()[0].clone();
    assert_eq!(play.get("hosts").unwrap().string("hosts").unwrap(), "all");
    let tasks = play.get("tasks").unwrap().items("tasks").unwrap().to_vec();
    let module = |task: &Node<'_>| {
        let members = task.members("a task").unwrap();
        assert!(task.get("name").is_some());
        let mut modules = members.iter().filter(|member| !matches!(&*member.key, "name" | "loop"));
        let module = modules.next().unwrap().key.to_string();
        assert!(modules.next().is_none(), "{module}");
        module
    };
    tasks.iter().map(|task| (module(task), task.clone())).collect()
}

/// Returns the settings of a unit, by section and key; a key may have several values.
fn unit(text: &str) -> BTreeMap<(String, String), Vec<String>> {
    let mut out: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut section = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else {
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            assert!(!section.is_empty() && !key.contains(' '), "{line}");
            out.entry((section.to_owned(), key.to_owned())).or_default().push(value.to_owned());
        }
    }
    out
}

fn setting<'a>(unit: &'a BTreeMap<(String, String), Vec<String>>, section: &str, key: &str) -> &'a [String] {
    unit.get(&(section.to_owned(), key.to_owned())).map(Vec::as_slice).unwrap_or_default()
}

/// The commands that the play and the service run, in the order in which a host meets them.
fn commands() -> Vec<Vec<String>> {
    let text = read("site.yml");
    let mut out = Vec::new();
    for (module, task) in tasks(&text) {
        if module == "ansible.builtin.command" {
            let words = task.get(&module).unwrap().get("argv").unwrap().items("argv").unwrap().to_vec();
            out.push(words.iter().map(|word| word.string("a word").unwrap().to_owned()).collect());
        }
    }
    let service = unit(&read(UNITS[0]));
    let lines = setting(&service, "Service", "ExecStart").iter();
    out.extend(lines.map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>()));
    out
}

/// Runs a command of the example on a root, with its folder in the sandbox.
fn run(sandbox: &Sandbox, command: &[String], root: &str) -> Run {
    let (program, rest) = command.split_first().unwrap();
    assert_eq!(program, PROGRAM);
    let folder = sandbox.join("state").to_str().unwrap().to_owned();
    let mut here = Command::new(binary());
    here.args(rest.iter().map(|word| word.replace(FOLDER, &folder))).args(["--root", root]);
    sandbox.run(here, sandbox.path())
}

fn host(faults: &[&str]) -> Vec<u8> {
    let mut root = HostRoot::base("debian12");
    root.entry(&entry("path = '/etc/hostname'\ncontent = \"web1\\n\""));
    // Old faults are known, and do not count.
    root.entry(&entry("path = '/etc/passwd'\ntype = 'append'\ncontent = \"toor:x:0:0::/:/bin/bash\\n\""));
    faults.iter().for_each(|fault| root.entry(&entry(fault)));
    root.tarball()
}

#[test]
fn the_commands_of_the_play_and_the_service_write_what_is_collected() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.join("state")).unwrap();
    sandbox.write("root.tar", host(&[]));
    let commands = commands();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in &commands {
        let run = run(&sandbox, command, "root.tar");
        assert_eq!(run.code, 0, "{command:?}: {}", run.whole());
    }
    let read = |name: &str| std::fs::read_to_string(sandbox.join("state").join(name)).unwrap();
    assert_eq!(read("known.json"), read("today.json"));
    let events = checked(ECS, &read("findings.ecs.ndjson"));
    assert!(events.iter().all(|event| event["labels"]["baseline"] != "unchanged"));

    sandbox.write("root.tar", host(&["path = '/opt/shell'\nprogram = 'shell'\nmode = '4755'"]));
    let codes: Vec<i32> = commands[1..].iter().map(|command| run(&sandbox, command, "root.tar").code).collect();
    assert_eq!(codes, [1, 0]);
    let events = checked(ECS, &read("findings.ecs.ndjson"));
    let worse = events.iter().find(|event| event["labels"]["subject"] == "/opt/shell").unwrap();
    assert_eq!((&worse["host"]["name"], &worse["labels"]["baseline"]), (&"web1".into(), &"new".into()));
    let events = checked(OCSF, &read("findings.ocsf.ndjson"));
    assert!(events.iter().any(|event| event["resources"][0]["name"] == "/opt/shell"));
    assert_ne!(read("known.json"), read("today.json"));
}

#[test]
fn the_play_needs_no_collection_and_fetches_what_the_service_writes() {
    let text = read("site.yml");
    let tasks = tasks(&text);
    assert!(tasks.len() > 5);
    assert!(tasks.iter().all(|(module, _)| module.starts_with("ansible.builtin.")));
    let looped = |wanted: &str| -> Vec<String> {
        let (_, task) =
            tasks.iter().rev().find(|(module, task)| module == wanted && task.get("loop").is_some()).unwrap();
        let items = task.get("loop").unwrap().items("a list").unwrap().to_vec();
        items.iter().map(|item| item.string("a name").unwrap().to_owned()).collect()
    };
    assert_eq!(looped("ansible.builtin.copy"), UNITS);
    let service = read(UNITS[0]);
    for file in looped("ansible.builtin.fetch") {
        assert!(service.contains(&format!("{FOLDER}/{file}")), "{file}");
    }
    if has_tool("ansible-playbook", "the play checked by Ansible itself") {
        let sandbox = Sandbox::new();
        let mut command = Command::new("ansible-playbook");
        command.args(["--syntax-check", "-i", "localhost,"]).arg(project().join("examples/fleet/site.yml"));
        let run = sandbox.run(command, sandbox.path());
        assert_eq!(run.code, 0, "{}", run.whole());
    }
}

#[test]
fn the_units_belong_together_and_judge_the_host_itself() {
    let (service, timer) = (unit(&read(UNITS[0])), unit(&read(UNITS[1])));
    assert_eq!(setting(&service, "Service", "Type"), ["oneshot"]);
    // A host that got worse is an answer; one that could not be judged is a failure.
    assert_eq!(setting(&service, "Service", "SuccessExitStatus"), ["1"]);
    assert_eq!(setting(&service, "Unit", "AssertPathExists"), [format!("{FOLDER}/known.json")]);
    assert_eq!(setting(&timer, "Timer", "OnCalendar"), ["daily"]);
    assert_eq!(setting(&timer, "Install", "WantedBy"), ["timers.target"]);
    for own in ["ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateNetwork", "PrivateUsers"] {
        assert!(setting(&service, "Service", own).is_empty(), "{own} would show the service another host");
    }
    if has_tool("systemd-analyze", "the units checked by systemd itself") {
        let sandbox = Sandbox::new();
        copy(&project().join("examples/fleet"), sandbox.path());
        let program = binary().to_str().unwrap().to_owned();
        sandbox.write(UNITS[0], read(UNITS[0]).replace(PROGRAM, &program));
        let mut command = Command::new("systemd-analyze");
        command.args(["verify", "--man=no"]).args(UNITS.map(|unit| sandbox.join(unit)));
        let run = sandbox.run(command, sandbox.path());
        let of_ours = run.stderr.lines().filter(|line| line.contains("portcullis-host"));
        assert_eq!(of_ours.collect::<Vec<_>>(), Vec::<&str>::new(), "{}", run.whole());
    }
}
