//! The database of opkg.

use crate::component::FileList;
use crate::ecosystem::installed::tests::{gaps, read, shown};
use crate::tree::TreePath;

#[test]
fn stanzas_are_read_as_those_of_dpkg() {
    let check = |text: &str, expected: &[&str], expected_gaps: &[&str]| {
        let found = read("opkg-status", "usr/lib/opkg/status", text.as_bytes());
        assert_eq!(shown(&found), expected, "{text}");
        assert_eq!(gaps(&found), expected_gaps, "{text}");
    };
    let text = "Package: libuci20130104\nABIVersion: 20130104\nVersion: 2023.08.10~5781664d-r1\nDepends: libc, libubox\n\
                Provides: libuci\nStatus: install user installed\nArchitecture: x86_64\n";
    check(text, &["libuci20130104 2023.08.10~5781664d-r1 x86_64 =libuci >libc >libubox"], &[]);
    check("Package: a\nVersion: 1\nStatus: install ok not-installed\n", &[], &[]);
    check("Package: a\nVersion: 1\nStatus: install ok post-inst-failed\n", &["a 1 post-inst-failed"], &[]);
    check("Package: a\nVersion: 1\n", &[], &["1: a `Status` in each stanza, none"]);
}

#[test]
fn licence_and_files_are_told() {
    let text = "Package: a\nVersion: 1\nStatus: install ok installed\nLicense: GPL-2.0\n";
    let found = read("opkg-status", "opt/lib/opkg/status", text.as_bytes());
    assert_eq!(found.packages[0].license.as_deref(), Some("GPL-2.0"));
    let path = TreePath::new(b"opt/lib/opkg/info/a.list").unwrap();
    assert_eq!(found.packages[0].installed.files, Some(FileList::Own { path }));
}
