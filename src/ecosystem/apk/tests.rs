//! The database of apk, stanza by stanza.

use crate::component::FileList;
use crate::ecosystem::installed::tests::{gaps, read, shown};

const PATH: &str = "lib/apk/db/installed";

#[track_caller]
fn check(text: &str, expected: &[&str], expected_gaps: &[&str]) {
    let found = read("apk-installed", PATH, text.as_bytes());
    assert_eq!(shown(&found), expected, "{text}");
    assert_eq!(gaps(&found), expected_gaps, "{text}");
}

#[test]
fn a_stanza_is_read_with_all_that_is_asked() {
    let text = "C:Q1YCAH7jdO2W816b85sUh9Z8av4Cc=\nP:busybox\nV:1.36.1-r2\nA:x86_64\nS:11705\nL:GPL-2.0-only\no:box\n\
                m:M <m@host.example>\nt:1683642107\nD:so:libc.musl-x86_64.so.1 pc>=1.2 tilde~2 at@edge !bad !worse>1\n\
                p:/bin/sh cmd:ash=1.36.1-r2 so:x=1\nF:bin\nR:busybox\nZ:Q1=\n\nP:a\nV:1\n";
    let needs = ">so:libc.musl-x86_64.so.1 >pc >tilde >at";
    check(text, &[&format!("busybox 1.36.1-r2 x86_64 <box =/bin/sh =cmd:ash =so:x {needs}"), "a 1"], &[]);
    let found = read("apk-installed", PATH, text.as_bytes());
    let [busybox, a] = found.packages.as_slice() else { panic!() };
    assert_eq!((busybox.place.to_string(), busybox.place.width), (format!("{PATH}:2:3"), 7));
    assert_eq!(busybox.license.as_deref(), Some("GPL-2.0-only"));
    assert_eq!(busybox.installed.maintainer.as_deref(), Some("M <m@host.example>"));
    assert_eq!(busybox.digests, []);
    let at = u64::try_from(text.find("P:a\n").unwrap()).unwrap();
    assert!(matches!(&a.installed.files, Some(FileList::Within { at: found, .. }) if *found == at));
}

#[test]
fn what_is_wrong_with_a_stanza_is_told_and_the_next_is_read() {
    let check = |text: &str, gaps: &[&str]| check(&format!("{text}\n\nP:z\nV:9\n\n"), &["z 9"], gaps);
    let name = "1: a name, as in `P:name`, in each stanza, none";
    check("V:1", &[name]);
    check("P:\nV:1", &[name]);
    check("P:a", &["1: a version, as in `V:1.0-r0`, of `a`, none"]);
    check("p:a\nv:1", &[name]);
    check("text", &["1: a letter, a colon and a value, `text`", name]);
    check("\n\n", &[]);
}

#[test]
fn a_package_with_a_fault_is_told_with_the_gap() {
    check("P:a\nV:1\nP:b\n", &["b 1"], &["3: `P` once in a stanza, it again"]);
    check("P:a\nnoise\nV:1\n", &["a 1"], &["2: a letter, a colon and a value, `noise`"]);
    check("P:a\nV:1", &["a 1"], &["2: the end of the last line, the end of the file behind `V:1`"]);
    check("P:a\r\nV:1\r\n\r\nP:b\r\nV:2\r\n", &["a 1", "b 2"], &[]);
}
