//! The list of packages that images without rpm carry instead of a database, as Mariner and Azure Linux make them: a line a
//! package, with tabs between name, version and release, times of installation and build, vendor, epoch, size,
//! architecture, the epoch as a number, and the package of sources.

use crate::component::{Capability, Package, SourcePackage, one_line};
use crate::document::{Fault, Span};
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands, last_line};
use crate::ecosystem::{File, Unread};
use crate::text::Text;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "rpm-manifest",
    ecosystem: "rpm",
    stands: Stands::At(&["var/lib/rpmmanifest/container-manifest-2"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: false,
        exact_requirements: false,
    },
    summary: "the list of packages in images without rpm, container-manifest-2",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        if line.is_empty() {
            continue;
        }
        let span = Span { start, end: start + line.len() };
        match package(line, span, file) {
            Ok(package) => out.packages.extend(package),
            Err(fault) => out.gap_of_entry(file, fault, span),
        }
    }
    last_line(file)
}

/// Reads one line; a key that rpm keeps among the packages is none.
fn package(line: &str, span: Span, file: &File<'_>) -> Result<Option<Package>, Fault> {
    // One more than there are, so that a line of tabs makes no long list.
    let columns: Vec<&str> = line.splitn(11, '\t').collect();
    let &[name, version, _, _, vendor, epoch, _, architecture, epoch_number, source, ..] = columns.as_slice() else {
        let found = crate::text!("{} in `{}`", columns.len(), line);
        return Err(Fault::new(span, Text::trusted("ten columns with tabs between them"), found));
    };
    if name == "gpg-pubkey" {
        return Ok(None);
    }
    let is_sound = !name.is_empty() && version.split_once('-').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    if !is_sound {
        return Err(Fault::new(
            span,
            Text::trusted("a name, and a version with its release"),
            crate::text!("`{}`", line),
        ));
    }
    let is_stated = |text: &&str| !text.is_empty() && *text != "(none)";
    // Without an epoch the number is 0, which may be the epoch too.
    let version = if is_stated(&epoch) || !matches!(epoch_number, "" | "0" | "(none)") {
        if epoch_number.is_empty() || !epoch_number.bytes().all(|byte| byte.is_ascii_digit()) {
            let found = crate::text!("`{}`", epoch_number);
            return Err(Fault::new(span, crate::text!("a number for the epoch of `{}`", name), found));
        }
        format!("{epoch_number}:{version}")
    } else {
        version.to_owned()
    };
    let at = Span { start: span.start, end: span.start + name.len() };
    let mut package = Package::new(name, Some(&version), file.places.at(at));
    package.installed.architecture = Some(architecture).filter(is_stated).map(Into::into);
    package.installed.vendor = Some(vendor).filter(is_stated).and_then(one_line);
    package.installed.built_from =
        Some(source).filter(is_stated).map(|name| SourcePackage { name: name.into(), version: None });
    Ok(Some(package))
}

#[cfg(test)]
mod tests {
    use crate::ecosystem::installed::tests::{gaps, read, shown};

    #[track_caller]
    fn check(text: &str, expected: &[&str], expected_gaps: &[&str]) {
        let found = read("rpm-manifest", "var/lib/rpmmanifest/container-manifest-2", text.as_bytes());
        assert_eq!(shown(&found), expected, "{text}");
        assert_eq!(gaps(&found), expected_gaps, "{text}");
    }

    /// A line whose epoch and number of it are given.
    fn line(epoch: &str, number: &str) -> String {
        format!("vim\t9.0-1.cm2\t1\t2\tMicrosoft Corporation\t{epoch}\t3\tx86_64\t{number}\tvim-9.0-1.cm2.src.rpm\n")
    }

    #[test]
    fn lines_are_read_with_their_epoch() {
        let check = |epoch: &str, number: &str, version: &str| {
            check(&line(epoch, number), &[&format!("vim {version} x86_64 <vim-9.0-1.cm2.src.rpm")], &[]);
        };
        check("(none)", "0", "9.0-1.cm2");
        check("2", "2", "2:9.0-1.cm2");
        check("0", "0", "0:9.0-1.cm2");
        check("(none)", "2", "2:9.0-1.cm2");
    }

    #[test]
    fn keys_and_empty_lines_are_no_packages() {
        check("gpg-pubkey\t1-2\t1\t2\tv\t(none)\t3\t(none)\t0\t(none)\n\n", &[], &[]);
        check("a\t1-2\t1\t2\tv\t(none)\t3\t(none)\t0\t(none)\n\n", &["a 1-2"], &[]);
        check("", &[], &[]);
    }

    #[test]
    fn what_is_no_such_line_is_told_and_the_next_is_read() {
        let sound = line("(none)", "0");
        let check = |text: &str, gap: &str| {
            check(&format!("{text}\n{sound}"), &["vim 9.0-1.cm2 x86_64 <vim-9.0-1.cm2.src.rpm"], &[gap]);
        };
        check("vim", "1: ten columns with tabs between them, 1 in `vim`");
        let what = "1: a name, and a version with its release";
        check("vim\t9\t\t\t\t\t\t\t\t", &format!("{what}, `vim\\t9\\t\\t\\t\\t\\t\\t\\t\\t`"));
        check("\t9-1\t\t\t\t\t\t\t\t", &format!("{what}, `\\t9-1\\t\\t\\t\\t\\t\\t\\t\\t`"));
        check("a\t9-1\t\t\t\tx\t\t\tx\t", "1: a number for the epoch of `a`, `x`");
    }

    #[test]
    fn a_list_that_was_cut_off_is_told() {
        let text = line("(none)", "0");
        let text = text.trim_end();
        let gap = "1: the end of the last line, the end of the file behind `vim\\t9.0-1.cm2\\t1\\t2\\tMicrosoft \
                   Corporation\\t(none)\\t3\\tx86_64\\t0\\tvim-9.0-1.cm2.src.rpm`";
        check(text, &["vim 9.0-1.cm2 x86_64 <vim-9.0-1.cm2.src.rpm"], &[gap]);
    }
}
