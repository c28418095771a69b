//! A platform engineer lists what is installed in a root filesystem or an image.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tar::EntryType;

use crate::archives::{Layout, Tarball, docker, gzip, old_docker, zstd};
use crate::support::{Run, Sandbox, Transcript, binary, project, skip, traced};

const STATUS: &str = "Package: base-files\nStatus: install ok installed\nMaintainer: Santiago Vila <sanvila@debian.org>\nArchitecture: amd64\nVersion: 12.4\n\nPackage: bash\nStatus: install ok installed\nMaintainer: Matthias Klose <doko@debian.org>\nArchitecture: amd64\nMulti-Arch: foreign\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b2\nPre-Depends: libc6 (>= 2.36)\nDepends: base-files (>= 2.1.12), debianutils (>= 5.6-0.1) | other\n\nPackage: half\nStatus: install ok half-configured\nArchitecture: all\nVersion: 1-1\n\nPackage: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1-1\n\n";

const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n";

const METADATA: &str = "Metadata-Version: 2.1\nName: Flit_Core\nVersion: 3.9.0\nLicense-Expression: BSD-3-Clause\n\n";

/// The files of a small root, and its links.
const FILES: [(&str, &str); 4] = [
    ("usr/lib/os-release", OS_RELEASE),
    ("var/lib/dpkg/status", STATUS),
    ("usr/lib/modules/6.1.0-18-amd64/modules.order", "kernel/fs/a.ko\nkernel/fs/b.ko\n"),
    ("usr/lib/python3/dist-packages/flit_core-3.9.0.dist-info/METADATA", METADATA),
];
const LINKS: [(&str, &str); 2] = [("etc/os-release", "../usr/lib/os-release"), ("lib", "usr/lib")];

fn root(sandbox: &Sandbox, folder: &str) {
    for (name, contents) in FILES {
        sandbox.write(Path::new(folder).join(name), contents);
    }
    std::fs::create_dir_all(sandbox.join(folder).join("etc")).unwrap();
    for (name, target) in LINKS {
        sandbox.link(&format!("{folder}/{name}"), target);
    }
}

fn tarball() -> Tarball {
    let files = FILES.iter().fold(Tarball::default(), |out, (name, contents)| out.file(&format!("./{name}"), contents));
    LINKS.iter().fold(files, |out, (name, target)| out.link(&format!("./{name}"), target))
}

fn generate(sandbox: &Sandbox, what: &str) -> Run {
    sandbox.portcullis(["sbom", "generate", "--root", what])
}

/// Returns what a document lists, and where it was found.
fn listed(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.whole()));
    serde_json::json!([document["components"], document["dependencies"]])
}

fn purls(run: &Run) -> Vec<String> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.whole()));
    let components = document["components"].as_array().cloned().unwrap_or_default();
    components.iter().filter_map(|component| component["purl"].as_str()).map(ToOwned::to_owned).collect()
}

#[test]
fn what_is_installed_is_listed() {
    let sandbox = Sandbox::new();
    root(&sandbox, "root");
    let mut transcript = Transcript::default();
    transcript.portcullis(&sandbox, ["sbom", "generate", "--root", "root"]);
    sandbox.write("image.tar", docker(&[tarball().bytes()]).bytes());
    transcript.portcullis(&sandbox, ["sbom", "generate", "image.tar", "--only", "pypi", "-o", "spdx-tag"]);
    transcript.keep("what_is_installed");
}

#[test]
fn one_root_in_every_form_holds_the_same() {
    let sandbox = Sandbox::new();
    root(&sandbox, "root");
    let plain = tarball().bytes();
    sandbox.write("root.tar", &plain);
    sandbox.write("root.tar.gz", gzip(&plain));
    sandbox.write("root.tar.zst", zstd(&plain));
    sandbox.write("docker.tar", docker(std::slice::from_ref(&plain)).bytes());
    sandbox.write("docker.tar.gz", gzip(&docker(std::slice::from_ref(&plain)).bytes()));
    sandbox.write("old-docker.tar", old_docker(std::slice::from_ref(&plain)).bytes());
    Layout::default().image("amd64", &[(plain.clone(), gzip(&plain))]).write(&sandbox, "layout");
    sandbox.write("oci.tar", Layout::default().image("amd64", &[(plain.clone(), zstd(&plain))]).tarball().bytes());
    sandbox
        .write("oci-plain.tar", Layout::default().image("amd64", &[(plain.clone(), plain.clone())]).tarball().bytes());
    let expected = generate(&sandbox, "root");
    assert_eq!(expected.code, 0, "{}", expected.whole());
    assert_eq!(purls(&expected).len(), 3, "{}", expected.whole());
    let forms = [
        "root.tar",
        "root.tar.gz",
        "root.tar.zst",
        "docker.tar",
        "docker.tar.gz",
        "old-docker.tar",
        "layout",
        "oci.tar",
        "oci-plain.tar",
    ];
    for form in forms {
        let found = generate(&sandbox, form);
        assert_eq!((found.code, found.stderr.as_str()), (0, ""), "{form}");
        assert_eq!(listed(&found), listed(&expected), "{form}");
        assert_eq!(sandbox.portcullis(["sbom", "generate", form]).stdout, found.stdout, "{form}");
        assert_eq!(generate(&sandbox, form).stdout, found.stdout, "{form}: the same bytes twice");
    }
}

#[test]
fn upper_layers_lie_over_lower_ones() {
    let sandbox = Sandbox::new();
    let package = |name: &str| format!("Package: {name}\nVersion: 1\nArchitecture: all\n\n");
    let lower = Tarball::default()
        .folder("var/lib/dpkg/status.d")
        .file("var/lib/dpkg/status.d/kept", package("kept"))
        .file("var/lib/dpkg/status.d/replaced", package("old"))
        .file("var/lib/dpkg/status.d/taken", package("taken"))
        .file("app/node_modules/a/package.json", r#"{"name": "a", "version": "1.0.0"}"#)
        .file("srv/node_modules/b/package.json", r#"{"name": "b", "version": "1.0.0"}"#)
        .file("opt/specifications/c-1.gemspec", "# stub: c 1 ruby lib\n")
        .link("data", "opt")
        .bytes();
    let upper = Tarball::default()
        // What stands in this layer counts, wherever the folder is said to be opaque.
        .file("app/node_modules/d/package.json", r#"{"name": "d", "version": "1.0.0"}"#)
        .file("app/.wh..wh..opq", "")
        .file("var/lib/dpkg/status.d/replaced", package("new"))
        .file("var/lib/dpkg/status.d/.wh.taken", "")
        .file(".wh.srv", "")
        // Through a link of the layer below.
        .file("data/node_modules/e/package.json", r#"{"name": "e", "version": "1.0.0"}"#)
        .hard_link("opt/node_modules/f/package.json", "data/node_modules/e/package.json")
        .bytes();
    sandbox.write("image.tar", docker(&[lower.clone(), upper.clone()]).bytes());
    let found = generate(&sandbox, "image.tar");
    let names = |run: &Run| -> Vec<String> {
        purls(run).iter().map(|purl| purl.split('?').next().unwrap_or_default().to_owned()).collect()
    };
    let expected =
        ["pkg:deb/debian/kept@1", "pkg:deb/debian/new@1", "pkg:gem/c@1", "pkg:npm/d@1.0.0", "pkg:npm/e@1.0.0"];
    assert_eq!(names(&found), expected, "{}", found.whole());
    assert_eq!(found.code, 0, "{}", found.whole());
    assert!(found.stdout.contains("opt/node_modules/f/package.json"), "another name of a file is one");
    // A tarball of a root has no layers: such a name is a name.
    sandbox.write("root.tar", upper);
    let found = generate(&sandbox, "root.tar");
    assert!(purls(&found).iter().any(|purl| purl.starts_with("pkg:npm/d@")), "{}", found.whole());
}

#[test]
fn what_is_taken_away_is_not_taken_through_a_link_that_is_replaced() {
    let sandbox = Sandbox::new();
    let evil = "usr/lib/evil-6.6.dist-info/METADATA";
    let lower = Tarball::default().link("opt", "usr/lib").file(evil, "Name: evil\nVersion: 6.6\n\n").bytes();
    for removal in ["opt/.wh..wh..opq", "opt/.wh.evil-6.6.dist-info"] {
        let upper = Tarball::default().folder("opt/").file(removal, "").bytes();
        sandbox.write("image.tar", docker(&[lower.clone(), upper]).bytes());
        assert_eq!(purls(&generate(&sandbox, "image.tar")), ["pkg:pypi/evil@6.6"], "{removal}");
        // Where the link stays, what it leads to is meant.
        let upper = Tarball::default().file(removal, "").bytes();
        sandbox.write("image.tar", docker(&[lower.clone(), upper]).bytes());
        assert_eq!(purls(&generate(&sandbox, "image.tar")), [""; 0], "{removal}");
    }
}

#[test]
fn files_are_found_under_every_name() {
    let sandbox = Sandbox::new();
    let package = |name: &str| format!("{{\"name\": \"{name}\", \"version\": \"1.0.0\"}}");
    let check = |tarball: Tarball, expected: &[&str]| {
        let plain = tarball.bytes();
        sandbox.write("root.tar", &plain);
        sandbox.write("root.tar.gz", gzip(&plain));
        for form in ["root.tar", "root.tar.gz"] {
            assert_eq!(purls(&generate(&sandbox, form)), expected, "{form}");
        }
    };
    // A link above it gives a file another name; a hard link too.
    check(
        Tarball::default()
            .folder("app/node_modules")
            .link("app/nm", "node_modules")
            .file("app/nm/a/package.json", package("a")),
        &["pkg:npm/a@1.0.0"],
    );
    let stored = Tarball::default().file("store/1", package("a")).file("store/2", package("b"));
    check(
        stored.hard_link("node_modules/b/package.json", "store/2").hard_link("node_modules/a/package.json", "store/1"),
        &["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"],
    );
    let linked = Tarball::default().file("data/m", "Name: linked\nVersion: 1\n\n");
    check(linked.link("lib/linked-1.dist-info/METADATA", "/data/m"), &["pkg:pypi/linked@1"]);
    let odd = Tarball::default().file("node_modules/a/package.json", package("a"));
    sandbox.write("root.tar", odd.clone().entry(EntryType::Fifo, "lib/a.jar", "", b"").bytes());
    let found = generate(&sandbox, "root.tar");
    assert_eq!(found.code, 1, "{}", found.whole());
    assert!(found.stderr.contains("gap: lib/a.jar: expected a readable regular file"), "{}", found.whole());
    // An empty file is no archive, and a link to nothing no package.
    check(odd.file("lib/a.jar", "").link("lib/b.jar", "nowhere"), &["pkg:npm/a@1.0.0"]);
}

#[test]
fn headers_are_read_as_by_others() {
    let sandbox = Sandbox::new();
    let check = |before: (EntryType, &str), code: i32| {
        let (kind, header) = before;
        sandbox.write(
            "root.tar",
            Tarball::default()
                .entry(kind, "header", "", header.as_bytes())
                .file("lib/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n\n")
                .bytes(),
        );
        let found = generate(&sandbox, "root.tar");
        assert_eq!((found.code, purls(&found).len()), (code, usize::from(code == 0)), "{header:?}: {}", found.whole());
    };
    check((EntryType::XHeader, "8 path=\n"), 0);
    check((EntryType::new(b'V'), ""), 0);
    check((EntryType::XHeader, "13 size=1000\n"), 1);
    // What stands behind the end is read by some; where a digest tells that nothing is missing, the mark of the end may be.
    let plain = tarball().bytes();
    sandbox.write("root.tar", [plain.clone(), plain.clone()].concat());
    let found = generate(&sandbox, "root.tar");
    assert_eq!(found.code, 1, "{}", found.whole());
    assert!(found.stderr.contains("expected nothing behind its end"), "{}", found.whole());
    sandbox.write("image.tar", docker(&[plain[..plain.len() - 1024].to_vec()]).bytes());
    let found = generate(&sandbox, "image.tar");
    assert_eq!((found.code, purls(&found).len()), (0, 3), "{}", found.whole());
    // What else lies in the tarball of an image is not the image.
    let image = docker(std::slice::from_ref(&plain));
    sandbox.write(
        "image.tar",
        image.file("README", "hello").file("var/lib/dpkg/status", "Package: decoy\nVersion: 1\n\n").bytes(),
    );
    let found = generate(&sandbox, "image.tar");
    assert_eq!((found.code, purls(&found).len()), (0, 3), "{}", found.whole());
    assert!(found.stdout.contains("\"type\": \"container\""), "{}", found.whole());
}

#[test]
fn nothing_is_read_outside_the_root() {
    let sandbox = Sandbox::new();
    sandbox.write("canary/status", STATUS.replace("bash", "canary"));
    sandbox.write("canary/os-release", "ID=canary\n");
    sandbox.write("var/lib/dpkg/status", STATUS.replace("bash", "canary"));
    let outside = sandbox.path().to_str().unwrap().to_owned();
    let up = "../".repeat(30);
    let check = |target: &str, expected: &str| {
        sandbox.remove_folder("root");
        root(&sandbox, "root");
        std::fs::remove_file(sandbox.join("root/var/lib/dpkg/status")).unwrap();
        std::fs::remove_file(sandbox.join("root/etc/os-release")).unwrap();
        sandbox.link("root/var/lib/dpkg/status", &format!("{target}status"));
        sandbox.link("root/etc/os-release", &format!("{target}os-release"));
        let found = generate(&sandbox, "root");
        assert!(!found.whole().contains("canary"), "{target}: {}", found.whole());
        assert_eq!(found.code, 1, "{target}: {}", found.whole());
        assert!(found.stderr.contains(expected), "{target}: {}", found.whole());
    };
    check(&format!("{outside}/canary/"), "gap: var/lib/dpkg/status: expected a readable regular file, found no file");
    check(&format!("{up}{}/canary/", outside.trim_start_matches('/')), "gap: var/lib/dpkg/status");
    check("../../../../canary/", "gap: var/lib/dpkg/status");
    // As for a process whose root it is, `..` above the root is the root: a link through it leads to the root's own file.
    sandbox.remove_folder("root");
    root(&sandbox, "root");
    std::fs::rename(sandbox.join("root/var/lib/dpkg/status"), sandbox.join("root/etc/shadow")).unwrap();
    sandbox.link("root/var/lib/dpkg/status", "/etc/../../../../etc/shadow");
    let found = generate(&sandbox, "root");
    assert!(purls(&found).iter().any(|purl| purl.starts_with("pkg:deb/debian/bash@")), "{}", found.whole());
}

#[test]
fn what_is_no_file_is_a_gap() {
    let sandbox = Sandbox::new();
    let check = |make: &dyn Fn(&Path), expected: &str| {
        sandbox.remove_folder("root");
        root(&sandbox, "root");
        let status = sandbox.join("root/var/lib/dpkg/status");
        std::fs::remove_file(&status).unwrap();
        make(&status);
        let found = generate(&sandbox, "root");
        assert_eq!(found.code, 1, "{}", found.whole());
        assert!(found.stderr.contains(expected), "{}", found.whole());
        assert!(found.stdout.contains(r#""aggregate": "incomplete""#), "{}", found.whole());
    };
    let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    check(&fifo, "gap: var/lib/dpkg/status: expected a readable regular file, found something else");
    check(&|path| std::fs::create_dir(path).unwrap(), "found something else");
    check(&|path| std::os::unix::fs::symlink("status", path).unwrap(), "found something else");
    check(&|path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()), "found something else");
    check(&|path| std::fs::write(path, "").unwrap(), "expected installed packages, found a database without any");
    check(
        &|path| std::fs::File::create(path).unwrap().set_len(100 << 20).unwrap(),
        "expected a file of at most 64 MiB, found more than 64 MiB",
    );
}

#[test]
fn hostile_archives_are_gaps() {
    let sandbox = Sandbox::new();
    let check = |tarball: Tarball, expected: &str| {
        for (name, bytes) in [
            ("root.tar", tarball.clone().bytes()),
            ("root.tar.gz", gzip(&tarball.clone().bytes())),
            ("image.tar", docker(&[tarball.bytes()]).bytes()),
        ] {
            sandbox.write(name, bytes);
            let found = generate(&sandbox, name);
            assert_eq!(found.code, 1, "{name}: {}", found.whole());
            assert!(found.stderr.contains(expected), "{name}: {}", found.whole());
            assert!(!found.stderr.contains('\x1b'), "{name}");
        }
    };
    check(tarball().file("../escape", "x"), "expected names inside the root, found `../escape`");
    check(tarball().file("a/../../escape\x1b[2J", "x"), "expected names inside the root");
    check(tarball().hard_link("a", "../../etc/shadow"), "expected hard links to names inside the root");
    check(tarball().hard_link("a", "b"), "expected `b`, of which this is another name, found no such file");
    check(tarball().file("lib/os-release/a", "x"), "expected a folder above it, found something else at");
    check(tarball().link("var/lib/dpkg/status", "status"), "gap: var/lib/dpkg/status");
    check(tarball().entry(EntryType::Fifo, "var/lib/dpkg/status", "", b""), "gap: var/lib/dpkg/status");
    check(tarball().entry(EntryType::Char, "var/lib/dpkg/status", "", b""), "gap: var/lib/dpkg/status");
    check(tarball().entry(EntryType::GNUSparse, "sparse", "", b""), "a sparse file, which is not read");
    // A hundred million zeros, which compress to nearly nothing.
    check(tarball().file("var/lib/dpkg/status", vec![0; 100_000_000]), "found more than 64 MiB");
}

#[test]
fn odd_archives_are_read() {
    let sandbox = Sandbox::new();
    let check = |tarball: Tarball, expected: usize| {
        for (name, bytes) in [("root.tar", tarball.clone().bytes()), ("image.tar", docker(&[tarball.bytes()]).bytes())]
        {
            sandbox.write(name, bytes);
            let found = generate(&sandbox, name);
            assert_eq!((found.code, purls(&found).len()), (0, expected), "{name}: {}", found.whole());
        }
    };
    let one = STATUS.split_inclusive("\n\n").next().unwrap();
    check(tarball().file("/etc/motd", "an absolute name"), 3);
    check(tarball().file("var/lib/dpkg/status", one), 2);
    check(tarball().entry(EntryType::Char, "dev/null", "", b"").entry(EntryType::Fifo, "run/pipe", "", b""), 3);
    check(tarball().link("a", "b").link("b", "a"), 3);
    let many = (0..3_000).fold(tarball(), |out, at| out.file(&format!("usr/share/doc/{at}"), ""));
    check(many, 3);
}

#[test]
fn damaged_images_are_told() {
    let sandbox = Sandbox::new();
    let plain = tarball().bytes();
    let check = |name: &str, bytes: &[u8], code: i32, expected: &str| {
        sandbox.write(name, bytes);
        let found = generate(&sandbox, name);
        assert_eq!(found.code, code, "{name}: {}", found.whole());
        assert!(found.stderr.contains(expected), "{name}: {}", found.whole());
    };
    check("cut.tar", &plain[..plain.len() - 1024], 1, "expected a whole tarball, found expected more of it");
    check("cut.tar", &plain[..3000], 1, "it is cut off");
    check("cut.tar.gz", &gzip(&plain)[..400], 1, "expected a whole tarball");
    // The layer is cut off, and so has another digest; the image around it is whole.
    let whole = docker(std::slice::from_ref(&plain)).bytes();
    let at = whole.windows(11).position(|part| part == b"base-files\n").unwrap();
    let mut changed = whole.clone();
    changed[at] = b'B';
    check("changed.tar", &changed, 1, "expected a whole layer, found contents with the digest");
    check("short.tar", &whole[..whole.len() / 2], 2, "it is cut off");
    let mut layout = Layout::default().image("amd64", &[(plain.clone(), gzip(&plain))]);
    let layer = layout.blobs.iter_mut().find(|(_, bytes)| bytes.starts_with(&[0x1f, 0x8b])).unwrap();
    layer.1.truncate(400);
    check("oci.tar", &layout.tarball().bytes(), 1, "expected a whole layer, found");
    layout.blobs.retain(|(_, bytes)| !bytes.starts_with(&[0x1f, 0x8b]));
    check("oci.tar", &layout.tarball().bytes(), 1, "expected a whole layer, found nothing");
    let config = layout.blobs.iter_mut().find(|(_, bytes)| bytes.windows(6).any(|part| part == b"rootfs")).unwrap();
    config.1.push(b' ');
    check("oci.tar", &layout.tarball().bytes(), 2, "to have the digest that its name says");
    check("empty.tar", &Tarball::default().bytes(), 2, "expected a root filesystem, found an archive without entries");
    check("text.tar", b"no tarball at all", 2, "text.tar: expected");
    check("nothing.tar", b"", 2, "nothing.tar: expected");
    std::fs::create_dir(sandbox.join("empty")).unwrap();
    let found = generate(&sandbox, "empty");
    assert_eq!(found.code, 2, "{}", found.whole());
    assert!(found.stderr.contains("empty: expected a root filesystem, found an empty directory"), "{}", found.whole());
    let found = generate(&sandbox, "missing");
    assert_eq!(found.code, 2, "{}", found.whole());
    // Files, and nothing that was ever installed.
    sandbox.write("bare/etc/motd", "hello");
    let found = generate(&sandbox, "bare");
    assert_eq!(found.code, 1, "{}", found.whole());
    assert!(found.stderr.contains("expected a database of packages"), "{}", found.whole());
}

#[test]
fn an_image_is_chosen_by_platform() {
    let sandbox = Sandbox::new();
    let layer = |name: &str| {
        let plain =
            Tarball::default().file("var/lib/dpkg/status.d/a", format!("Package: {name}\nVersion: 1\n\n")).bytes();
        (plain.clone(), gzip(&plain))
    };
    let layout = Layout::default().image("riscv64", &[layer("for-riscv")]).image("s390x", &[layer("for-s390x")]);
    layout.write(&sandbox, "layout");
    sandbox.write("oci.tar", layout.tarball().bytes());
    for form in ["layout", "oci.tar"] {
        let found = sandbox.portcullis(["sbom", "generate", form, "--platform", "linux/s390x"]);
        assert_eq!(purls(&found), ["pkg:deb/debian/for-s390x@1"], "{}", found.whole());
        for (arguments, expected) in [
            (vec!["sbom", "generate", form], "found some for linux/riscv64, linux/s390x"),
            (vec!["sbom", "generate", form, "--platform", "linux/arm/v7"], "expected an image for linux/arm/v7"),
            (vec!["sbom", "generate", form, "--platform", "arm"], "expected OS/ARCH"),
        ] {
            let found = sandbox.portcullis(arguments);
            assert_eq!(found.code, 2, "{}", found.whole());
            assert!(found.stderr.contains(expected), "{}", found.whole());
        }
    }
    sandbox.write("docker.tar", docker(&[layer("a").0]).bytes());
    let found = sandbox.portcullis(["sbom", "generate", "docker.tar", "--platform", "linux/arm64"]);
    assert_eq!(found.code, 2, "{}", found.whole());
    assert!(found.stderr.contains("expected an image for linux/arm64, found one for linux/amd64"), "{}", found.whole());
}

#[test]
fn what_an_ordinary_user_may_not_read_is_a_gap() {
    use std::os::unix::process::CommandExt as _;
    let sandbox = Sandbox::new();
    root(&sandbox, "root");
    sandbox.write("root/private/secret", "x");
    sandbox.mode("root/private", 0o700);
    sandbox.mode("root/var/lib/dpkg/status", 0o600);
    std::fs::set_permissions(sandbox.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = sandbox.join("portcullis");
    std::fs::copy(binary(), &program).unwrap();
    let mut command = Command::new(program);
    command.args(["sbom", "generate", "--root", "root"]);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    } else {
        return skip(Path::new("root"), "what an ordinary user may not read");
    }
    let found = sandbox.run(command, sandbox.path());
    assert_eq!(found.code, 1, "{}", found.whole());
    for (path, what) in [("private", "a folder that can be listed"), ("var/lib/dpkg/status", "a readable regular file")]
    {
        let expected = format!("gap: {path}: expected {what}, found no permission");
        assert!(found.stderr.contains(&expected), "{}", found.whole());
    }
    assert_eq!(purls(&found), ["pkg:pypi/flit-core@3.9.0"], "{}", found.whole());
}

#[test]
fn a_root_is_only_read() {
    let sandbox = Sandbox::new();
    root(&sandbox, "root");
    let plain = tarball().bytes();
    sandbox.write("oci.tar", Layout::default().image("amd64", &[(plain.clone(), gzip(&plain))]).tarball().bytes());
    for form in ["root", "oci.tar"] {
        let Some((found, calls)) = traced(&sandbox, &["sbom", "generate", "--root", form]) else {
            return skip(Path::new("strace"), "which calls reading a root makes");
        };
        assert_eq!(found.code, 0, "{}", found.whole());
        assert!(!calls.contains("socket(") && !calls.contains("O_WRONLY") && !calls.contains("O_RDWR"), "{calls}");
        assert_eq!(calls.matches("execve(").count(), 1, "{calls}");
    }
}

#[test]
fn published_databases_are_read_as_elsewhere() {
    let cases = project().join("../shared/cases/ospackages");
    let Ok(table) = std::fs::read_to_string(cases.join("EXPECTED.tsv")) else {
        return skip(&cases, "the databases of distributions");
    };
    for row in table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let (path, format, count, first, last) = (row[0], row[1], row[2], row[4], row[5]);
        let name = path.rsplit('/').next().unwrap();
        let place = match format {
            "dpkg-status" => "var/lib/dpkg/status".to_owned(),
            "dpkg-status.d" => format!("var/lib/dpkg/status.d/{name}"),
            "opkg-status" => "usr/lib/opkg/status".to_owned(),
            "apk-installed" => "lib/apk/db/installed".to_owned(),
            "pacman-desc" => "var/lib/pacman/local/it-1-1/desc".to_owned(),
            "flatpak-metainfo" => {
                "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/0/export/share/metainfo/a.metainfo.xml".to_owned()
            }
            "rpm-bdb" | "rpm-ndb" | "rpm-sqlite" => format!("var/lib/rpm/{name}"),
            "rpm-manifest" => format!("var/lib/rpmmanifest/{name}"),
            other => panic!("{other}"),
        };
        let sandbox = Sandbox::new();
        sandbox.write(Path::new("root").join(&place), std::fs::read(cases.join(path)).unwrap());
        if let Ok(log) = std::fs::read(cases.join(format!("{path}-wal"))) {
            sandbox.write(format!("root/{place}-wal"), log);
        }
        let found = generate(&sandbox, "root");
        let document: Value =
            serde_json::from_str(&found.stdout).unwrap_or_else(|_| panic!("{path}: {}", found.whole()));
        let components = document["components"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut pairs: Vec<String> =
            components.iter().map(|it| format!("{}={}", text(&it["name"]), text(&it["version"]))).collect();
        pairs.sort();
        assert_eq!(pairs.len().to_string(), count, "{path}: {pairs:?} {}", found.stderr);
        assert_eq!(pairs.first().map_or("", String::as_str), first, "{path}");
        assert_eq!(pairs.last().map_or("", String::as_str), last, "{path}");
    }
}
