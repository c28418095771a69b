//! pip's requirements and constraints files.

use super::{components, facts, gaps, inventory, sha256, source};
use crate::component::SettingKind;

pub(super) fn everything() -> String {
    let (a, b) = (sha256(1), sha256(2));
    format!(
        r#"# Written by hand.
--index-url https://user:secret@pypi.example/simple
--extra-index-url=https://nightly.example/whl --trusted-host nightly.example
-f ./wheels
-f https://links.example/
--require-hashes
-r requirements-base.txt
-c ../constraints.txt

Zope.Interface[test]==5.0 ; python_version >= "3.8" \
    --hash={a} \
    --hash={b}   # via meter
requests >= 2.8.1, == 2.8.*
wire @ git+ssh://git@git.example/acme/wire@v1.0.0#subdirectory=py
-e git+https://user:secret@git.example/acme/tool.git@main#egg=tool[extra]
https://files.example/idna-3.10-py3-none-any.whl#{hash}
./packages/core
-e .
-e file:.
"#,
        hash = b.replace(':', "=")
    )
}

#[test]
fn everything_in_a_requirements_file_is_read() {
    let text = everything();
    assert_eq!(
        components(&inventory("py/requirements.txt", &text)),
        [
            "pkg:pypi/idna@3.10?download_url=https:%2F%2Ffiles.example%2Fidna-3.10-py3-none-any.whl :16 archive https://files.example/idna-3.10-py3-none-any.whl *=sha256:0202",
            "pkg:pypi/tool?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%2Ftool.git :15 git https://git.example/acme/tool.git Named(\"main\") ",
            "pkg:pypi/wire?vcs_url=git%2Bssh:%2F%2Fgit%40git.example%2Facme%2Fwire :14 git ssh://git@git.example/acme/wire Tag(\"v1.0.0\") ",
            "pkg:pypi/zope-interface@5.0 :10 registry https://pypi.example/simple *=sha256:0101 *=sha256:0202",
        ]
    );
    let facts = facts("py/requirements.txt", &text);
    let asked: Vec<_> = facts.manifests[0]
        .requirements
        .iter()
        .map(|it| (&*it.name, it.specifier.as_deref(), source(&it.source)))
        .collect();
    assert_eq!(
        asked,
        [
            ("requests", Some("==2.8.*,>=2.8.1"), "registry ".to_owned()),
            ("core", None, "path ./packages/core".to_owned()),
        ]
    );
    let set: Vec<String> = facts
        .settings
        .iter()
        .map(|it| match &it.kind {
            SettingKind::Index { url, option } => format!("{option} {url}"),
            SettingKind::FurtherIndex { url, option } => format!("further {option} {url}"),
            SettingKind::Unchecked { option, .. } => format!("without {option}"),
            SettingKind::Checked { option } => format!("with {option}"),
        })
        .collect();
    assert_eq!(
        set,
        [
            "--index-url https://pypi.example/simple",
            "further --extra-index-url https://nightly.example/whl",
            "without --trusted-host nightly.example",
            "further --find-links https://links.example/",
            "with --require-hashes",
        ]
    );
    let included: Vec<_> = facts.includes.iter().map(|it| it.path.as_bytes()).collect();
    assert_eq!(included, [&b"py/requirements-base.txt"[..], b"constraints.txt"]);
}

#[test]
fn places_are_those_of_the_file() {
    let inventory = inventory("py/requirements.txt", &everything());
    let zope = &inventory.components[3];
    let at = |spot: Option<crate::fact::Spot>| spot.map(|it| (it.position.line, it.position.column));
    assert_eq!(at(zope.version_at), Some((10, 23)));
    assert_eq!(at(zope.digest_at), Some((11, 5)));
    assert_eq!(at(zope.source_at), Some((2, 1)));
}

#[test]
fn what_cannot_be_read_is_a_gap_and_the_rest_is_read() {
    let check = |line: &str, expected: &str| {
        let text = format!("attrs==1.0\n{line}\nidna==3.10\n");
        assert_eq!(gaps("a/requirements.txt", &text), [expected], "{line}");
        assert_eq!(facts("a/requirements.txt", &text).inventories[0].components.len(), 2, "{line}");
    };
    check("--frobnicate", ":2 expected a requirement, or an option of pip, found `--frobnicate`");
    check(
        "b==1 --hash=sha256:00",
        ":2 expected a digest such as `sha256:` and 64 hexadecimal digits, found `sha256:00`",
    );
    check(
        &format!("b==1 --hash=md5:{}", "0".repeat(32)),
        ":2 expected a digest of sha256, sha384 or sha512, found one of md5",
    );
    check("b==1 --index-url https://x.example", ":2 expected an option of a requirement, found `--index-url`");
    check("b 'x", ":2 expected a requirement, found `b 'x`");
    check("-i 'https://x.example", ":2 expected a quote that is closed, found `-i 'https://x.example`");
    check("two words", ":2 expected a requirement, found `two words`");
    let named = "a file of the tree that is called *requirements*.txt or *constraints*.txt";
    check("-r ../../other.txt", &format!(":2 expected {named}, found `../../other.txt`, which leads out of it"));
    check("-r base.txt", &format!(":2 expected {named}, found `base.txt`, whose name does not say so"));
    check(
        "-c https://user:secret@files.example/requirements.txt",
        &format!(":2 expected {named}, found the address `https://files.example/requirements.txt`"),
    );
    // Credentials are hidden in what is quoted too.
    check("https://user:secret@files.example/a b", ":2 expected a requirement, found `https://***@files.example/a b`");
}

#[test]
fn names_of_files_say_whether_they_are_read() {
    let check = |name: &str, expected: bool| {
        let path = crate::tree::TreePath::new(name.as_bytes()).unwrap();
        let format = crate::ecosystem::format_of(&path);
        assert_eq!(format.is_some_and(|format| format.id == "requirements"), expected, "{name}");
    };
    for name in [
        "requirements.txt",
        "requirements-dev.txt",
        "dev-requirements.txt",
        "constraints.txt",
        "requirements_3.txt",
        "test-requirements-3.9.txt",
        "upper-constraints-3.9.txt",
        "requirements.lock",
        "requirements-dev.lock",
        "requirements/main.txt",
        "services/api/requirements/main.txt",
    ] {
        check(name, true);
    }
    for name in [
        "requirements.in",
        "requirements.md",
        "base.txt",
        "requirement.txt",
        "requirements/main.in",
        "requirements/notes/main.txt",
        "my-requirements/main.txt",
        "main.lock",
    ] {
        check(name, false);
    }
}

#[test]
fn prose_of_another_name_is_no_requirements_file() {
    let prose = "The machine shall stop when the door is open.\nIt shall not start by itself.\n";
    assert_eq!(gaps("requirements/safety.txt", prose), [""; 0]);
    assert_eq!(gaps("time-constraints-2.txt", prose), [""; 0]);
    assert_eq!(gaps("requirements.txt", prose).len(), 2);
    assert_eq!(gaps("requirements/main.txt", "-r https://files.example/all.txt\n").len(), 1);
    // Where pip would take a line, the others are missing.
    assert_eq!(gaps("requirements/safety.txt", &format!("attrs==25.3.0\n{prose}")).len(), 2);
    let facts = facts("requirements/main.txt", "-r base.txt\n");
    assert_eq!((facts.includes[0].path.as_bytes(), facts.gaps.len()), (&b"requirements/base.txt"[..], 0));
}

#[test]
fn many_lines_and_long_ones_are_read_to_their_end() {
    let text = "a==1.0 \\\n".repeat(200_000);
    assert_eq!(gaps("requirements.txt", &text).len(), 1);
    let text: String = (0..100_000).map(|n| format!("p{n}==1.0 --hash={}\n", sha256(1))).collect();
    assert_eq!(facts("requirements.txt", &text).inventories[0].components.len(), 100_000);
    let text = format!("-r {}\n", "-r ".repeat(500_000));
    assert_eq!(gaps("requirements.txt", &text).len(), 1);
}
