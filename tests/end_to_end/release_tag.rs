//! Tarballs beside their tags: the same as `git archive` writes, and everything that is otherwise.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, Sandbox, Transcript, has_tool, skip};

/// Compares a tarball with the tag `v1` of the sandbox.
fn compared<'a>(sandbox: &Sandbox, tarball: &'a str, more: impl IntoIterator<Item = &'a str>) -> Run {
    let asked = ["verify", tarball, "--against-tag", "v1", "--format", "json"];
    sandbox.portcullis(asked.into_iter().chain(more))
}

/// The tarball is what the tag holds.
#[track_caller]
fn same(sandbox: &Sandbox, tarball: &str) -> Run {
    let run = compared(sandbox, tarball, []);
    assert_eq!(run.code, 0, "{tarball}: {}", run.whole());
    assert_eq!(run.report()["findings"], serde_json::json!([]), "{}", run.whole());
    run
}

/// Rule, state and subject of each finding, in the order of the report; the message stands behind.
fn findings(run: &Run) -> Vec<(String, String)> {
    let report = run.report();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let one = |finding: &serde_json::Value| {
        let head =
            format!("{} {} {}", text(&finding["rule"]), text(&finding["state"]), text(&finding["subject"]["id"]));
        (head, text(&finding["message"]))
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

/// The tarball is refused, and these are the findings.
#[track_caller]
fn refused(sandbox: &Sandbox, tarball: &str, expected: &[&str]) -> Run {
    let run = compared(sandbox, tarball, []);
    assert_eq!(run.code, 1, "{}", run.whole());
    let found: Vec<String> = findings(&run).into_iter().map(|(head, _)| head).collect();
    assert_eq!(found, expected, "{}", run.whole());
    run
}

/// The comparison is not determined, by both rules, for this reason.
#[track_caller]
fn undetermined(sandbox: &Sandbox, tarball: &str, why: &str) {
    let run = refused(
        sandbox,
        tarball,
        &[
            &format!("release/differs-from-tag not-determined {tarball}"),
            &format!("release/not-in-tag not-determined {tarball}"),
        ],
    );
    for (_, message) in findings(&run) {
        assert!(message.contains(why), "{message}: expected {why}");
    }
}

fn notes(run: &Run) -> String {
    run.report()["artifacts"][0]["notes"].to_string()
}

/// A repository with everything that `git archive` treats in its own way.
fn repository() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox.write(
        ".gitattributes",
        "[attr]secret export-ignore -text\n*.crlf text eol=crlf\n*.auto text=auto eol=crlf\n*.old crlf\n\
         *.bin binary\nid.* ident\nsub*.txt export-subst\n*.u16 working-tree-encoding=UTF-16LE-BOM eol=lf text\n\
         *.be working-tree-encoding=UTF-16BE text\n*.latin working-tree-encoding=ISO-8859-1 text\n\
         ignored/ export-ignore\n*.gone export-ignore\nprivate/** export-ignore\ntop secret\n",
    );
    sandbox.write("deep/.gitattributes", "kept.gone -export-ignore\n/only.here export-ignore\n*.crlf -text\n");
    for path in ["a.crlf", "b.auto", "c.old", "deep/a.crlf", "deep/more/a.crlf"] {
        sandbox.write(path, "one\ntwo\n");
    }
    sandbox.write("mixed.auto", "one\r\ntwo\n");
    sandbox.write("zero.auto", b"one\n\0two\n");
    sandbox.write("empty.auto", "");
    sandbox.write("x.bin", b"\0\r\n\n");
    sandbox.write("id.c", "a $Id$ b\n$Id: 0123 $\n$Id: x.c,v 1.2 $\n$Id\n");
    sandbox.write("id.crlf", "$Id$\n");
    sandbox.write(
        "sub.txt",
        "$Format:%H %T %P|%an <%ae>|%ad|%aD|%at|%ai|%aI|%as$\n$Format:%cn %ce %cI %ct %s %n%%$ $Format:x\n",
    );
    sandbox.write(
        "sub2.txt",
        "h \"$Format:%h$\" t $Format:%t$ p $Format:%p$ d \"$Format:%d$\" $Format:%D$ $Format:%(describe:tags=true)$\n",
    );
    for path in ["t.u16", "t.be", "t.latin"] {
        sandbox.write(path, "grün\n");
    }
    for path in ["ignored/x", "x.gone", "deep/kept.gone", "deep/only.here", "deep/more/only.here", "private/a/b", "top"]
    {
        sandbox.write(path, path);
    }
    sandbox.write("run.sh", "#!/bin/sh\n");
    sandbox.executable("run.sh");
    sandbox.link("link", "deep/a.crlf");
    sandbox.link("dangling", &format!("nowhere/{}", "x".repeat(150)));
    sandbox.write(format!("long/{}/{}", "d".repeat(120), "f".repeat(120)), "long");
    sandbox.write("ümläut \\ \"quoted\"\n", "odd");
    sandbox.git(["add", "-A", "-f"]);
    let commit = "0123456789012345678901234567890123456789";
    sandbox.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module")]);
    sandbox.git(["commit", "-q", "-m", "A subject\nof two lines\n\nand a body"]);
    sandbox.git(["tag", "-a", "-m", "release", "v1"]);
    sandbox
}

#[test]
fn what_git_archive_writes_is_the_tag() {
    let sandbox = repository();
    for (tarball, prefix) in [("a.tar", ""), ("b.tar", "app-1/"), ("c.tar.gz", ""), ("d.tar.gz", "app-1/")] {
        sandbox.git(["archive", &format!("--prefix={prefix}"), "-o", tarball, "v1"]);
        let run = same(&sandbox, tarball);
        assert!(notes(&run).contains("nobody's signature was judged"), "{}", run.whole());
        assert!(notes(&run).contains("files that are as in the tag `v1`"), "{}", run.whole());
    }
    // The same is not the same under another tag.
    sandbox.write("a.crlf", "another\n");
    sandbox.commit("later");
    sandbox.git(["tag", "v2"]);
    let run = sandbox.portcullis(["verify", "d.tar.gz", "--against-tag", "v2"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    sandbox.git(["archive", "-o", "e.tar", "v2"]);
    assert_eq!(sandbox.portcullis(["verify", "e.tar", "--against-tag", "refs/tags/v2"]).code, 0);
    let told = refused_by_id(&sandbox);
    assert!(told.contains("was made of another commit"), "{told}");
}

/// The tarball of another commit with the same files names the commit in its header.
fn refused_by_id(sandbox: &Sandbox) -> String {
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "nothing"]);
    sandbox.git(["archive", "-o", "f.tar", "HEAD"]);
    let run = sandbox.portcullis(["verify", "f.tar", "--against-tag", "v2"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    run.stdout
}

#[test]
fn every_form_of_compression_is_read_and_names_count_for_nothing() {
    let sandbox = simple();
    let tar = fs::read(sandbox.join("app.tar")).unwrap();
    for (program, name) in [("gzip", "app.a"), ("bzip2", "app.b"), ("xz", "app.c"), ("zstd", "app.d")] {
        if !has_tool(program, "a form of compression") {
            continue;
        }
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{program} -c < app.tar > {name}")]);
        assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
        same(&sandbox, name);
        let whole = fs::read(sandbox.join(name)).unwrap();
        sandbox.write("cut", &whole[..whole.len() - 9]);
        let run = compared(&sandbox, "cut", []);
        assert_eq!(run.code, 1, "{program}: {}", run.whole());
        assert!(findings(&run).iter().all(|(head, _)| head.contains("not-determined")), "{program}: {}", run.whole());
        sandbox.write("more", [whole.as_slice(), b"more"].concat());
        let run = refused(&sandbox, "more", &["release/not-in-tag fail more"]);
        assert!(findings(&run)[0].1.contains("4 bytes that are no padding"), "{}", run.whole());
        // Padding, and the same in two streams, is what these programs read too.
        sandbox.write("padded", [whole.as_slice(), &[0; 512]].concat());
        same(&sandbox, "padded");
    }
    let half = tar.len() / 2;
    sandbox.write("two.gz", [gzip(&tar[..half]), gzip(&tar[half..])].concat());
    same(&sandbox, "two.gz");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A repository of three files with a tag, and its tarball `app.tar`.
fn simple() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox.write("main.c", "int main(void)\n{ return 0; }\n");
    sandbox.write("run.sh", "#!/bin/sh\nexit 0\n");
    sandbox.executable("run.sh");
    sandbox.link("latest", "main.c");
    sandbox.commit("release");
    sandbox.git(["tag", "v1"]);
    sandbox.git(["archive", "--prefix=app-1/", "-o", "app.tar", "v1"]);
    sandbox
}

/// An entry of a tarball.
struct Put<'a> {
    kind: tar::EntryType,
    name: &'a str,
    mode: u32,
    target: &'a str,
    bytes: &'a [u8],
}

fn file<'a>(name: &'a str, mode: u32, bytes: &'a [u8]) -> Put<'a> {
    Put { kind: tar::EntryType::Regular, name, mode, target: "", bytes }
}

fn special<'a>(kind: tar::EntryType, name: &'a str, target: &'a str) -> Put<'a> {
    Put { kind, name, mode: 0o644, target, bytes: b"" }
}

/// Writes entries as they are asked for, whatever their names.
fn entries(puts: &[Put<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for put in puts {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(put.kind);
        header.set_mode(put.mode);
        header.set_size(put.bytes.len() as u64);
        header.set_mtime(0);
        let raw = header.as_mut_bytes();
        raw[..put.name.len()].copy_from_slice(put.name.as_bytes());
        raw[157..157 + put.target.len()].copy_from_slice(put.target.as_bytes());
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(put.bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out
}

fn tarball(puts: &[Put<'_>]) -> Vec<u8> {
    [entries(puts), vec![0; 1024]].concat()
}

const MAIN: &[u8] = b"int main(void)\n{ return 0; }\n";
const RUN: &[u8] = b"#!/bin/sh\nexit 0\n";

/// The entries of the tag of [`simple`], and some more.
fn with(more: Vec<Put<'_>>) -> Vec<u8> {
    let mut all = vec![
        special(tar::EntryType::Directory, "app-1/", ""),
        file("app-1/main.c", 0o664, MAIN),
        file("app-1/run.sh", 0o775, RUN),
        special(tar::EntryType::Symlink, "app-1/latest", "main.c"),
    ];
    all.extend(more);
    tarball(&all)
}

#[test]
fn what_is_lost_or_changed_is_named_each_by_itself() {
    let sandbox = simple();
    sandbox.write("plain.tar", with(Vec::new()));
    same(&sandbox, "plain.tar");
    let two = |puts: &[Put<'_>]| tarball(puts);
    sandbox.write(
        "lost.tar",
        two(&[file("x/run.sh", 0o755, RUN), special(tar::EntryType::Symlink, "x/latest", "main.c")]),
    );
    refused(&sandbox, "lost.tar", &["release/differs-from-tag fail lost.tar!main.c"]);
    let main = || file("main.c", 0o600, MAIN);
    let link = |target| special(tar::EntryType::Symlink, "latest", target);
    sandbox.write("mode.tar", two(&[main(), file("run.sh", 0o644, RUN), link("main.c")]));
    refused(&sandbox, "mode.tar", &["release/differs-from-tag fail mode.tar!run.sh"]);
    sandbox.write("setid.tar", two(&[main(), file("run.sh", 0o4755, RUN), link("main.c")]));
    refused(&sandbox, "setid.tar", &["release/differs-from-tag fail setid.tar!run.sh"]);
    sandbox.write("link.tar", two(&[main(), file("run.sh", 0o755, RUN), link("/etc/passwd")]));
    let run = refused(&sandbox, "link.tar", &["release/differs-from-tag fail link.tar!latest"]);
    assert_eq!(run.report()["findings"][0]["evidence"]["target-in-tarball"], "/etc/passwd");
    sandbox.write("kind.tar", two(&[main(), file("run.sh", 0o755, RUN), file("latest", 0o644, MAIN)]));
    refused(&sandbox, "kind.tar", &["release/differs-from-tag fail kind.tar!latest"]);
    sandbox.write(
        "line.tar",
        two(&[file("main.c", 0o644, b"int main(void)\n{ evil\x1b[2J }\n"), file("run.sh", 0o755, RUN), link("main.c")]),
    );
    let run = refused(&sandbox, "line.tar", &["release/differs-from-tag fail line.tar!main.c"]);
    let evidence = &run.report()["findings"][0]["evidence"];
    assert_eq!(evidence["line-in-tag"], "2: { return 0; }");
    assert_eq!(evidence["line-in-tarball"], "2: { evil\\x1b[2J }");
    assert!(evidence["in-tag"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn what_no_tag_can_hold_is_refused() {
    let sandbox = simple();
    let check = |name: &str, more: Vec<Put<'_>>, expected: &[&str]| {
        sandbox.write(name, with(more));
        drop(refused(&sandbox, name, expected));
    };
    let whole = |name: &str| format!("release/not-in-tag fail {name}");
    check("up.tar", vec![file("app-1/../../evil", 0o644, b"x")], &[&whole("up.tar")]);
    check("root.tar", vec![file("/etc/cron.d/evil", 0o644, b"x")], &[&whole("root.tar")]);
    check("beside.tar", vec![file("evil.1", 0o644, b"x")], &[&whole("beside.tar")]);
    check("twice.tar", vec![file("app-1/main.c", 0o644, MAIN)], &[&whole("twice.tar!main.c")]);
    check(
        "again.tar",
        vec![file("app-1/main.c", 0o644, b"evil")],
        &["release/differs-from-tag fail again.tar!main.c", &whole("again.tar!main.c")],
    );
    check("device.tar", vec![special(tar::EntryType::Char, "app-1/null", "")], &[&whole("device.tar!null")]);
    check("fifo.tar", vec![special(tar::EntryType::Fifo, "app-1/pipe", "")], &[&whole("fifo.tar!pipe")]);
    check("hard.tar", vec![special(tar::EntryType::Link, "app-1/other", "/etc/shadow")], &[&whole("hard.tar!other")]);
    // What stands under a link is where it leads.
    check(
        "through.tar",
        vec![special(tar::EntryType::Symlink, "app-1/out", "/tmp"), file("app-1/out/evil", 0o644, b"x")],
        &[&whole("through.tar!out"), &whole("through.tar!out/evil")],
    );
    sandbox.write("behind.tar", [with(Vec::new()), entries(&[file("app-1/evil", 0o644, b"x")])].concat());
    drop(refused(&sandbox, "behind.tar", &[&whole("behind.tar")]));
    // No pattern lets these pass.
    sandbox.write("portcullis.toml", "[rules]\n\"release/not-in-tag\" = { level = \"deny\", allow = [\"*\"] }\n");
    for name in ["up.tar", "root.tar", "beside.tar", "behind.tar"] {
        drop(refused(&sandbox, name, &[&whole(name)]));
    }
    let run = same(&sandbox, "device.tar");
    assert!(notes(&run).contains("`allow` of `release/not-in-tag` lets 1 pass: `null`"), "{}", run.whole());
}

#[test]
fn a_hard_link_is_the_file_before_it() {
    let sandbox = simple();
    sandbox.write("copy.c", MAIN);
    sandbox.git(["add", "copy.c"]);
    sandbox.git(["commit", "-q", "-m", "copy"]);
    sandbox.git(["tag", "-f", "v1"]);
    sandbox.write("hard.tar", with(vec![special(tar::EntryType::Link, "app-1/copy.c", "app-1/main.c")]));
    same(&sandbox, "hard.tar");
    sandbox.write("other.tar", with(vec![special(tar::EntryType::Link, "app-1/copy.c", "app-1/run.sh")]));
    refused(&sandbox, "other.tar", &["release/differs-from-tag fail other.tar!copy.c"]);
    sandbox.write("none.tar", with(vec![special(tar::EntryType::Link, "app-1/copy.c", "app-1/later.c")]));
    refused(&sandbox, "none.tar", &["release/differs-from-tag fail none.tar!copy.c"]);
}

/// A record of an extended header.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length = (1..).find(|length| length.to_string().len() + rest.len() == *length).unwrap();
    format!("{length}{rest}")
}

#[test]
fn what_two_readers_could_take_for_two_things_is_not_determined() {
    let sandbox = simple();
    let check = |name: &str, bytes: &[u8], why: &str| {
        sandbox.write(name, bytes);
        undetermined(&sandbox, name, why);
    };
    let good = with(Vec::new());
    check("empty", b"", "it is cut off");
    check("nothing.tar", &[0; 1024], "expected at least one file");
    check("folders.tar", &tarball(&[special(tar::EntryType::Directory, "app-1/", "")]), "expected at least one file");
    check("cut.tar", &good[..good.len() - 700], "it is cut off");
    check("cut2.tar", &good[..1600], "it is cut off");
    check("text", &[b'x'; 2048], "expected the header of an entry");
    check("zip", b"PK\x03\x04rest", "found a ZIP archive");
    let lone = [entries(&[file("a", 0o644, b"")]), vec![0; 512], good.clone()].concat();
    check("lone.tar", &lone, "found one and more entries");
    let pax =
        |kind, text: &str| Put { kind, name: "x", mode: 0o644, target: "", bytes: text.as_bytes() }.bytes.to_vec();
    let extended = |kind, text: &str| {
        let bytes = pax(kind, text);
        let head = Put { kind, name: "x", mode: 0o644, target: "", bytes: &bytes };
        [entries(&[head]), good.clone()].concat()
    };
    let local = tar::EntryType::XHeader;
    check("size.tar", &extended(local, &record("size", "512")), "two sizes");
    check("damaged.tar", &extended(local, "7 a=b"), "an extended header is damaged");
    check("sparse.tar", &extended(local, &record("GNU.sparse.major", "1")), "a sparse file");
    check("global.tar", &extended(tar::EntryType::XGlobalHeader, &record("path", "y")), "a global header");
    let long = "x".repeat(5000);
    check("long.tar", &extended(local, &record("path", &format!("a/{long}"))), "names of at most 4096 bytes");
    let two = [entries(&[special(tar::EntryType::GNUSparse, "s", "")]), good.clone()].concat();
    check("gnu.tar", &two, "a sparse file");
    let unknown = [entries(&[special(tar::EntryType::new(b'Q'), "s", "")]), good.clone()].concat();
    check("kind.tar", &unknown, "the unknown kind `Q`");
    let mut flipped = gzip(&good);
    let middle = flipped.len() - 6;
    flipped[middle] ^= 1;
    check("flipped.gz", &flipped, "it is damaged");
}

#[test]
fn a_bomb_ends_at_a_bound() {
    let sandbox = simple();
    let mut header = tar::Header::new_ustar();
    header.set_path("app-1/bomb").unwrap();
    header.set_size(4 << 30);
    header.set_mode(0o644);
    header.set_cksum();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(header.as_bytes()).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(80 << 20), &mut encoder).unwrap();
    sandbox.write("bomb.gz", encoder.finish().unwrap());
    undetermined(&sandbox, "bomb.gz", "MiB are unpacked of it, found more");
}

#[test]
fn the_story_of_xz_is_told_from_the_build_script_on() {
    let sandbox = Sandbox::repository();
    sandbox.write("configure.ac", "AC_INIT([xz-like], [5.6.0])\nAC_CONFIG_MACRO_DIR([m4])\nAC_OUTPUT\n");
    sandbox.write("m4/build-to-host.m4", "# build-to-host.m4 serial 1\nAC_DEFUN([gl_BUILD_TO_HOST], [])\n");
    sandbox.write("configure", "#!/bin/sh\n# generated\necho checking\n");
    sandbox.executable("configure");
    sandbox.write("src/crc.c", "unsigned crc(void);\n");
    sandbox.write("tests/files/good-1.xz", b"\xfd7zXZ\0\0");
    sandbox.commit("release");
    sandbox.git(["tag", "-a", "-m", "5.6.0", "v5.6.0"]);
    let tarball = tarball(&[
        file(
            "xz-like-5.6.0/configure.ac",
            0o644,
            b"AC_INIT([xz-like], [5.6.0])\nAC_CONFIG_MACRO_DIR([m4])\nAC_OUTPUT\n",
        ),
        file(
            "xz-like-5.6.0/m4/build-to-host.m4",
            0o644,
            b"# build-to-host.m4 serial 30\ngl_am_configmake=`grep -aErls \"#{4}[[:alnum:]]{5}#{4}$\" $srcdir/`\n",
        ),
        file("xz-like-5.6.0/configure", 0o755, b"#!/bin/sh\n# generated\neval $gl_config_gt\necho checking\n"),
        file("xz-like-5.6.0/src/crc.c", 0o644, b"unsigned crc(void);\n"),
        file("xz-like-5.6.0/tests/files/good-1.xz", 0o644, b"\xfd7zXZ\0\0"),
        file("xz-like-5.6.0/tests/files/bad-3-corrupt_lzma2.xz", 0o644, b"####Hello####"),
    ]);
    sandbox.write("xz-like-5.6.0.tar.gz", gzip(&tarball));
    let asked = ["verify", "xz-like-5.6.0.tar.gz", "--against-tag", "v5.6.0"];
    let mut transcript = Transcript::default();
    let run = transcript.portcullis(&sandbox, asked);
    assert_eq!(run.code, 1);
    transcript.note("as it should have been");
    sandbox.git(["archive", "--prefix=xz-like-5.6.0/", "-o", "xz-like-5.6.0.tar.gz", "v5.6.0"]);
    assert_eq!(sandbox.portcullis(asked).code, 0);
    transcript.note("with files that the release makes");
    sandbox.write("made", "made\n");
    sandbox.write(
        "portcullis.toml",
        "[rules]\n\"release/not-in-tag\" = { level = \"deny\", allow = [\"made\", \"*.1\"] }\n",
    );
    sandbox.git(["archive", "--prefix=xz-like-5.6.0/", "--add-file=made", "-o", "made.tar", "v5.6.0"]);
    let run = sandbox.portcullis(["verify", "made.tar", "--against-tag", "v5.6.0"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    transcript.text(&accepted_without_digest(&run.stdout));
    transcript.keep("verify/against-tag");
}

/// The tarball's digest hangs on the version of git that made it.
fn accepted_without_digest(stdout: &str) -> String {
    stdout.lines().filter(|line| !line.starts_with("  over ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn many_files_are_counted_and_a_waiver_names_one() {
    let sandbox = simple();
    let names: Vec<String> = (0..250).map(|number| format!("app-1/extra/{number:03}")).collect();
    sandbox.write("many.tar", with(names.iter().map(|name| file(name, 0o644, b"x")).collect()));
    let run = compared(&sandbox, "many.tar", []);
    let found = findings(&run);
    assert_eq!((run.code, found.len()), (1, 101));
    assert!(found.iter().any(|(_, message)| message.starts_with("150 more files")), "{}", run.whole());
    sandbox.write("one.tar", with(vec![file("app-1/doc/app.pdf", 0o644, b"x")]));
    refused(&sandbox, "one.tar", &["release/not-in-tag fail one.tar!doc/app.pdf"]);
    sandbox.write(
        "portcullis.toml",
        "[[waiver]]\nrule = \"release/not-in-tag\"\nsubject = \"one.tar!doc/app.pdf\"\nowner = \"@mill\"\n\
         reason = \"read\"\nexpires = 2027-01-01\n",
    );
    let run = compared(&sandbox, "one.tar", ["--at", "2026-11-25"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(findings(&run)[0].0, "release/not-in-tag waived one.tar!doc/app.pdf");
}

#[test]
fn what_is_asked_beside_the_tag_is_judged_too() {
    let sandbox = simple();
    sandbox.write("key.pub", "untrusted comment: minisign public key 868F096B980B7E0\nRWTgt4C5lvBoCGlUm8nypEAVqf+k7j1RvGbGT9hCE0ZvoxfaH3fvzoLf\n");
    let run = compared(&sandbox, "app.tar", ["--key", "key.pub"]);
    assert_eq!(findings(&run)[0].0, "signature/missing fail app.tar", "{}", run.whole());
    sandbox.write("app.tar.minisig", "damaged");
    let run = compared(&sandbox, "app.tar", []);
    assert_eq!(run.code, 1, "{}", run.whole());
    sandbox.remove("app.tar.minisig");
    sandbox
        .write("portcullis.toml", "[[signer]]\nname = \"a\"\nartifacts = [\"app*\"]\ncertificates = [\"key.pub\"]\n");
    let run = compared(&sandbox, "app.tar", []);
    assert_eq!(findings(&run)[0].0, "signature/missing fail app.tar", "{}", run.whole());
}

#[test]
fn a_request_that_cannot_be_carried_out_says_why() {
    let sandbox = simple();
    let check = |arguments: &[&str], said: &str| {
        let run = sandbox.portcullis(["verify"].iter().chain(arguments).copied());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.whole());
        assert!(run.stderr.contains(said), "{}", run.whole());
    };
    fs::create_dir(sandbox.join("folder")).unwrap();
    sandbox.write("folder/app.tar", "x");
    let digest = format!("sha256:{}", "0".repeat(64));
    check(&["app.tar", "--against-tag", "v9"], "tag `v9`: expected a tag of this repository");
    check(&["app.tar", "--against-tag", "main"], "tag `main`");
    check(&["app.tar", "--against-tag", "../heads/main"], "tag `../heads/main`");
    check(&["app.tar", "main.c", "--against-tag", "v1"], "expected one tarball, found 2 artifacts");
    check(&["folder", "--against-tag", "v1"], "expected one tarball, found the folder `folder`");
    check(&[&digest, "--against-tag", "v1"], "expected one tarball, found a digest");
    check(&["gone.tar", "--against-tag", "v1"], "gone.tar");
    check(&["app.tar", "--against-tag", "v1", "--repo", "folder"], "expected a git repository");
    let blob = sandbox.git(["hash-object", "-w", "main.c"]);
    sandbox.git(["tag", "blob", blob.trim()]);
    check(&["app.tar", "--against-tag", "blob"], "a tag of something else");
}

#[test]
fn filters_are_not_run_and_pointers_are_followed() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitattributes", "*.dat filter=lfs\n*.enc filter=crypt\nday.txt export-subst\n");
    let digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 1\n");
    sandbox.write("big.dat", &pointer);
    sandbox.write("key.enc", "sealed\n");
    sandbox.commit("release");
    sandbox.git(["tag", "v1"]);
    let put = |dat: &[u8], enc: &[u8]| {
        let list = fs::read(sandbox.join(".gitattributes")).unwrap();
        tarball(&[file(".gitattributes", 0o644, &list), file("big.dat", 0o644, dat), file("key.enc", 0o644, enc)])
    };
    sandbox.write("a.tar", put(pointer.as_bytes(), b"sealed\n"));
    same(&sandbox, "a.tar");
    sandbox.write("b.tar", put(b"x", b"sealed\n"));
    let run = same(&sandbox, "b.tar");
    assert!(notes(&run).contains("what its pointer of Git LFS in the tag says"), "{}", run.whole());
    sandbox.write("c.tar", put(b"y", b"opened\n"));
    let expected =
        ["release/differs-from-tag fail c.tar!big.dat", "release/differs-from-tag not-determined c.tar!key.enc"];
    refused(&sandbox, "c.tar", &expected);
    sandbox.write("day.txt", "$Format:%ar$\n");
    sandbox.git(["add", "day.txt"]);
    sandbox.git(["commit", "-q", "-m", "day"]);
    sandbox.git(["tag", "-f", "v1"]);
    sandbox.git(["archive", "-o", "d.tar", "v1"]);
    let run = refused(&sandbox, "d.tar", &["release/differs-from-tag not-determined d.tar!day.txt"]);
    assert!(findings(&run)[0].1.contains("the placeholder `%ar` cannot be computed"), "{}", run.whole());
}

#[test]
fn a_placeholder_hides_nothing() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitattributes", "version.py export-subst\n");
    sandbox.write("version.py", "names = \"$Format:%d$\"\n");
    sandbox.commit("release");
    sandbox.git(["tag", "v1"]);
    let list = fs::read(sandbox.join(".gitattributes")).unwrap();
    let put = |text: &str| tarball(&[file(".gitattributes", 0o644, &list), file("version.py", 0o644, text.as_bytes())]);
    sandbox.write("a.tar", put("names = \" (HEAD, tag: v1, origin/main)\"\n"));
    let run = same(&sandbox, "a.tar");
    assert!(notes(&run).contains("held against their form: 1"), "{}", run.whole());
    for text in ["names = \"\"; import evil; \"\"\n", "names = \" (tag: v2)\"\n", "names = \"\"\n\n"] {
        sandbox.write("b.tar", put(text));
        refused(&sandbox, "b.tar", &["release/differs-from-tag fail b.tar!version.py"]);
    }
}

/// Folders of repositories below a folder, at most three deep.
fn repositories(folder: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(found) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    for path in paths {
        if path.join(".git").exists() || path.join("objects").is_dir() {
            out.push(path);
        } else if depth > 0 {
            repositories(&path, depth - 1, out);
        }
    }
}

#[test]
fn tags_of_others_are_what_git_archive_writes_of_them() {
    let folder = std::env::var_os("PORTCULLIS_HISTORIES").map(PathBuf::from).unwrap_or_default();
    if folder.as_os_str().is_empty() || !folder.is_dir() {
        return skip(&folder, "tags of other repositories (PORTCULLIS_HISTORIES, a folder of clones)");
    }
    let most: usize = std::env::var("PORTCULLIS_TAGS").ok().and_then(|most| most.parse().ok()).unwrap_or(20);
    let sandbox = Sandbox::new();
    let mut all = Vec::new();
    repositories(&folder, 2, &mut all);
    let (mut judged, mut faults) = (0, Vec::new());
    for repository in all {
        let path = repository.to_str().unwrap();
        let tags = sandbox.try_git([
            "-C",
            path,
            "for-each-ref",
            "--sort=-creatordate",
            "--count=3",
            "--format=%(refname:strip=2)",
            "refs/tags",
        ]);
        for tag in tags.stdout.lines().take(1) {
            let archive = sandbox.join("release.tar.gz");
            let archived = sandbox.try_git([
                "-C",
                path,
                "archive",
                "--prefix=app/",
                "-o",
                archive.to_str().unwrap(),
                &format!("refs/tags/{tag}"),
            ]);
            // A clone without contents cannot be archived.
            if archived.code != 0 || judged >= most {
                continue;
            }
            judged += 1;
            let run = sandbox.portcullis(["verify", "release.tar.gz", "--against-tag", tag, "--repo", path]);
            drop(writeln!(std::io::stderr(), "{path} {tag}: exit {}\n{}", run.code, run.stdout));
            if run.code != 0 {
                faults.push(format!("{path} {tag}: {}", run.whole().chars().take(3000).collect::<String>()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(judged > 0, "no tag could be archived");
}

#[test]
fn a_tag_under_another_name_is_no_release_of_that_name() {
    let sandbox = simple();
    sandbox.git(["tag", "-a", "-m", "release", "old", "v1"]);
    sandbox.git(["update-ref", "refs/tags/new", sandbox.git(["rev-parse", "refs/tags/old"]).trim()]);
    let ask = |tag: &str| sandbox.portcullis(["verify", "app.tar", "--against-tag", tag]);
    assert_eq!(ask("old").code, 0, "{}", ask("old").whole());
    let run = ask("new");
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stdout.contains("the tag `new` is signed as `old`"), "{}", run.whole());
}
