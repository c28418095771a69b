//! `portcullis hook`: a git hook that judges every commit before it is made.
#![expect(clippy::disallowed_methods, reason = "a hook is installed by writing and moving files of the repository")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::{Args, Subcommand};

use super::environment::Environment;
use super::gate::{deliver, usual};
use super::target::{self, Place};
use super::{Complaint, output};
use crate::gate::{self, Against, OldFindings, Request};
use crate::text;
use crate::text::{Text, find};
use crate::tree::{Repository, TreePath};

/// Guards every commit as a git hook.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis hook install")]
pub(super) struct Hook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install the pre-commit hook; a hook already there runs first
    #[command(after_help = "Example: portcullis hook install")]
    Install,
    /// Remove the hook, and put back the one that was there
    #[command(after_help = "Example: portcullis hook uninstall")]
    Uninstall,
    /// Judge what is staged, as the hook does
    #[command(after_help = "Example: portcullis hook run")]
    Run,
}

/// The line by which our hook is known.
const MARK: &str = "# Installed by portcullis; `portcullis hook uninstall` removes it.";

/// The name of our hook, and of one that was there before.
const HOOK: &str = "pre-commit";
const CHAINED: &str = "pre-commit.before-portcullis";

impl Hook {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        match self.command {
            Command::Install => install(environment),
            Command::Uninstall => uninstall(environment),
            Command::Run => run(environment),
        }
    }
}

/// Where hooks are looked for.
enum Folder {
    /// In a folder of this repository alone.
    Own(PathBuf),
    /// In a folder that others share: it is not ours to change.
    Shared(PathBuf, &'static str),
}

fn install(environment: &Environment) -> Result<u8, Error> {
    let program = program(environment)?;
    let folder = match folder(environment)? {
        Folder::Own(folder) => folder,
        Folder::Shared(folder, why) => {
            let line = [&*shell_word(&program), b" hook run || exit\n"].concat();
            output::complain(&format!(
                "core.hooksPath names {} ({why}): nothing is installed there",
                output::shown(&folder)
            ));
            output::complain(&format!("add this line to its {HOOK}:"));
            output::print(&line)?;
            return Ok(0);
        }
    };
    let (hook, chained) = (folder.join(HOOK), folder.join(CHAINED));
    fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    if fs::symlink_metadata(&hook).is_ok() && !is_ours(&hook) {
        if fs::symlink_metadata(&chained).is_ok() {
            return Err(Complaint::new(text!(
                "{}: expected no hook kept from an earlier installation, found one",
                output::shown(&chained)
            ))
            .hint(text!("remove it, or move it back to {}", HOOK))
            .into());
        }
        fs::rename(&hook, &chained).map_err(|error| unwritable(&hook, &error))?;
        output::complain(&format!("the {HOOK} hook that was there runs first"));
    }
    output::write_file(&hook, &script(&program))?;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).map_err(|error| unwritable(&hook, &error))?;
    output::complain(&format!("installed {}", output::shown(&hook)));
    Ok(0)
}

fn uninstall(environment: &Environment) -> Result<u8, Error> {
    let folder = match folder(environment)? {
        Folder::Own(folder) => folder,
        Folder::Shared(folder, why) => {
            return Err(Complaint::new(text!(
                "{}: expected a folder of this repository alone, found one that others share ({})",
                output::shown(&folder),
                why
            ))
            .hint(Text::trusted("remove the line that runs `portcullis hook run` by hand"))
            .into());
        }
    };
    let (hook, chained) = (folder.join(HOOK), folder.join(CHAINED));
    if !is_ours(&hook) {
        return Err(Complaint::new(text!(
            "{}: expected the hook of portcullis, found {}",
            output::shown(&hook),
            if output::is_there(&hook) { "another" } else { "none" }
        ))
        .into());
    }
    fs::remove_file(&hook).map_err(|error| unwritable(&hook, &error))?;
    output::complain(&format!("removed {}", output::shown(&hook)));
    if fs::symlink_metadata(&chained).is_ok() {
        fs::rename(&chained, &hook).map_err(|error| unwritable(&hook, &error))?;
        output::complain(&format!("put back the {HOOK} hook that was there before"));
    }
    Ok(0)
}

/// Judges the index that the commit will write: git names it in `GIT_INDEX_FILE`.
fn run(environment: &Environment) -> Result<u8, Error> {
    let repository = repository(environment)?;
    let root = repository.work_tree().map_or_else(|| environment.directory.clone(), Path::to_owned);
    let place = Place { path: PathBuf::from("."), repo: None };
    let mut target = place.target(None, Against::Staged, environment)?;
    target.absolute = fs::canonicalize(&root).unwrap_or(root);
    let request = Request {
        target,
        policy: target::policy(None, environment)?,
        old_findings: OldFindings::Listed,
        accept_policy: None,
        today: environment.day(None)?,
        at: environment.stated_time(None)?.map(|time| text!("{}", time.to_string())),
        host: None,
    };
    deliver(&gate::run(&request)?, &usual(environment), None)
}

fn repository(environment: &Environment) -> Result<Repository, Error> {
    let opened = Repository::around(&environment.directory, &Text::trusted("."), &environment.git)
        .map_err(gate::GateError::from)?;
    match opened {
        Some(repository) if repository.work_tree().is_some() => Ok(repository),
        _ => Err(Complaint::new(text!(
            "{}: expected the work tree of a git repository, found none",
            output::shown(&environment.directory)
        ))
        .into()),
    }
}

fn folder(environment: &Environment) -> Result<Folder, Error> {
    let repository = repository(environment)?;
    let setting = repository.setting("core.hookspath");
    let Some(configured) = setting.anywhere else { return Ok(Folder::Own(repository.common_dir().join("hooks"))) };
    let root = repository.work_tree().unwrap_or(&environment.directory).to_owned();
    let folder = root.join(configured);
    if setting.local.is_none() {
        return Ok(Folder::Shared(folder, "a setting of all your repositories"));
    }
    if is_tracked(&repository, &root, &folder)? {
        return Ok(Folder::Shared(folder, "a folder that git tracks"));
    }
    Ok(Folder::Own(folder))
}

/// Whether git tracks anything in a folder of the work tree.
fn is_tracked(repository: &Repository, root: &Path, folder: &Path) -> Result<bool, Error> {
    use std::os::unix::ffi::OsStrExt as _;
    let absolute = fs::canonicalize(folder).unwrap_or_else(|_absent| folder.to_owned());
    let root = fs::canonicalize(root).unwrap_or_else(|_absent| root.to_owned());
    let Ok(below) = absolute.strip_prefix(&root) else { return Ok(false) };
    let Some(path) = TreePath::new(below.as_os_str().as_bytes()) else { return Ok(false) };
    let index = repository.index().map_err(gate::GateError::from)?;
    Ok(!index.below(&path).is_empty())
}

fn is_ours(hook: &Path) -> bool {
    fs::read(hook).is_ok_and(|bytes| find(&bytes, MARK.as_bytes()).is_some())
}

fn program(environment: &Environment) -> Result<PathBuf, Complaint> {
    environment
        .program
        .clone()
        .ok_or_else(|| Complaint::new(Text::trusted("hook: expected to find the program's own path, found none")))
}

fn script(program: &Path) -> Vec<u8> {
    let rest = format!(
        "\nif [ ! -x \"$program\" ]; then\n\
         \techo \"error: $program: expected portcullis, found no program\" >&2\n\
         \techo \"hint: install it again and run 'portcullis hook install', or remove $0\" >&2\n\
         \texit 2\n\
         fi\n\
         chained=\"$(dirname -- \"$0\")/{CHAINED}\"\n\
         if [ -x \"$chained\" ]; then\n\
         \t\"$chained\" \"$@\" || exit\n\
         fi\n\
         exec \"$program\" hook run\n"
    );
    let head = format!("#!/bin/sh\n{MARK}\nprogram=");
    [head.as_bytes(), &shell_word(program), rest.as_bytes()].concat()
}

/// Quotes a path, whatever its bytes, for a shell.
fn shell_word(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    let mut word = vec![b'\''];
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

fn unwritable(path: &Path, error: &std::io::Error) -> Complaint {
    Complaint::new(text!(
        "{}: expected a file that can be written, found {}",
        output::shown(path),
        output::io_words(error)
    ))
}
