//! What portcullis is compared with, each in a process of its own: the least that its work needs.

use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use walkdir::WalkDir;

/// Runs one of the roles.
pub(crate) fn run(arguments: &[String]) {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["walk", folder] => walk(folder),
        ["parse", file] => parse(file),
        ["peak", program, rest @ ..] => peak(program, rest),
        _ => panic!("expected `walk FOLDER`, `parse FILE` or `peak PROGRAM…`, found {arguments:?}"),
    }
}

/// Walks a tree, and reads the lock files in it.
fn walk(folder: &str) {
    let lock_files = ["Cargo.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock"];
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    for entry in entries.map(Result::unwrap) {
        if entry.file_name().to_str().is_some_and(|name| lock_files.contains(&name)) {
            black_box(fs::read(entry.path()).unwrap());
        }
    }
}

/// Parses a lock file into plain values.
fn parse(file: &str) {
    let text = fs::read_to_string(file).unwrap();
    if file.ends_with(".json") {
        black_box(serde_json::from_str::<serde_json::Value>(&text).unwrap());
    } else {
        black_box(toml::from_str::<toml::Value>(&text).unwrap());
    }
}

/// Runs a program and prints the most memory it held, in kilobytes.
fn peak(program: &str, arguments: &[&str]) {
    Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}
