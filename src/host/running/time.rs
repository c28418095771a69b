//! Whether somebody keeps the clock, as far as files and processes tell.
//!
//! The kernel itself knows (`adjtimex(2)`), but shows it in no file. What timesyncd has reached it says in a file of its own,
//! which goes when it ends; chrony and others say it over a socket alone, which is not opened.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::source::{Known, Running as Source};
use crate::host::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// The id of the family.
pub const ID: &str = "time";

/// What timesyncd touches whenever it has set the clock right (`systemd-timesyncd.service(8)`).
const MARK: &[u8] = b"run/systemd/timesync/synchronized";

/// Programs that keep the clock, as the kernel names their processes: in fifteen characters.
const SERVICES: [&str; 8] =
    ["chronyd", "ntp-daemon", "ntpd", "openntpd", "phc2sys", "ptp4l", "systemd-timesyn", "timemaster"];

/// Whether somebody keeps the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Whether timesyncd has set it right since it was started.
    #[serde(default)]
    pub is_marked: Known<bool>,
    /// The programs that run and keep it.
    #[serde(default)]
    pub services: Known<BTreeSet<Text>>,
}

impl Time {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let mark = TreePath::new(MARK).map(|path| reading.look(&path));
        let is_marked = match mark {
            Some(Ok(found)) => Known::Is(found.is_some()),
            Some(Err(unread)) => Known::Unknown(text!("`/{}`: found {}", unread.path, unread.found)),
            None => Known::Absent,
        };
        Self { services: services(source), is_marked }
    }
}

fn services(source: &Source<'_>) -> Known<BTreeSet<Text>> {
    let processes = source.processes();
    match &processes.hidden {
        Some(_) if !processes.is_shown => return Known::Absent,
        // The first process is always there: where it is not shown, others are hidden too.
        Some(reason) => return Known::Unknown(reason.clone()),
        None => {}
    }
    let names = processes.list.iter().map(|process| String::from_utf8_lossy(&process.name));
    Known::Is(names.filter(|name| SERVICES.contains(&&**name)).map(|name| Text::of(&*name)).collect())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests {
    use super::*;
    use crate::tree::System;

    #[test]
    fn services_are_known_by_the_names_of_their_processes() {
        let check = |names: &[(&str, &str)], expected: Known<&[&str]>| {
            let folder = tempfile::tempdir().unwrap();
            for (process, name) in names {
                let path = folder.path().join(process);
                std::fs::create_dir_all(&path).unwrap();
                std::fs::write(path.join("status"), format!("Name:\t{name}\nVmSize:\t    1 kB\n")).unwrap();
                std::os::unix::fs::symlink("/usr/bin/true", path.join("exe")).unwrap();
            }
            std::os::unix::fs::symlink("77", folder.path().join("self")).unwrap();
            let system = System::at(folder.path(), folder.path());
            let expected = expected.map(|names| names.iter().map(Text::of).collect());
            assert_eq!(services(&Source::new(&system)), expected, "{names:?}");
        };
        check(&[], Known::Absent);
        check(&[("1", "systemd"), ("9", "chronyd")], Known::Is(&["chronyd"]));
        check(&[("1", "init"), ("9", "chronyd-x"), ("10", "systemd-timesyn")], Known::Is(&["systemd-timesyn"]));
        check(&[("1", "init")], Known::Is(&[]));
        let hidden = Known::Unknown(Text::trusted("processes of other users are hidden (`hidepid`)"));
        check(&[("9", "chronyd")], hidden);
    }
}
