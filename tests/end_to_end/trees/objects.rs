//! Objects that git would never write: never a pass.

use std::os::unix::ffi::OsStrExt as _;

use super::*;

/// Writes an object as it is, whatever git thinks of it.
fn object(sandbox: &Sandbox, kind: &str, bytes: &[u8]) -> String {
    git_on(sandbox, sandbox.path(), ["hash-object", "-t", kind, "--literally", "-w", "--stdin"], bytes)
}

/// One entry of a tree object: mode, name, the object's id in hexadecimal.
fn entry(mode: &str, name: &[u8], id: &str) -> Vec<u8> {
    let id = (0..id.len()).step_by(2).map(|at| u8::from_str_radix(id.get(at..at + 2).unwrap(), 16).unwrap());
    [mode.as_bytes(), b" ", name, b"\0"].concat().into_iter().chain(id).collect()
}

/// Commits a tree on top of `main`, under the name `evil`.
fn commit_tree(sandbox: &Sandbox, tree: &str) {
    let commit = git_on(sandbox, sandbox.path(), ["commit-tree", "-p", "main", "-m", "evil", tree], b"");
    sandbox.git(["update-ref", "refs/heads/evil", &commit]);
}

/// Packs or leaves objects as they are, then writes other bytes over one of them.
fn replace_contents(sandbox: &Sandbox, id: &str, by: &str) {
    let file = object_file(sandbox, id);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::copy(object_file(sandbox, by), &file).unwrap();
}

#[test]
fn object_whose_bytes_are_not_those_of_its_name_is_never_a_pass() {
    let sandbox = crate_repository();
    let honest = sandbox.git(["rev-parse", "HEAD:Cargo.lock"]);
    sandbox.write("Cargo.lock", lock('b').replace("1.10.1", "1.10.2"));
    sandbox.commit("updated");
    passes(&gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]));
    let updated = sandbox.git(["rev-parse", "HEAD:Cargo.lock"]);
    // The head's file holds what the base's does: nothing seems to have changed.
    replace_contents(&sandbox, &updated, &honest);
    let corrupt = ("Cargo.lock".to_owned(), "contents that do not match their object id".to_owned());
    for arguments in [&["--base", "HEAD~1", "--head", "HEAD"][..], &["--head", "HEAD"]] {
        let run = gate(&sandbox, arguments);
        assert_eq!((run.code, unread(&run)), (1, vec![corrupt.clone()]), "{}", run.whole());
    }
    sandbox.write("Cargo.lock", lock(HONEST));
    let run = gate(&sandbox, &["--staged"]);
    assert_eq!(run.code, 0, "nothing is staged that is not committed: {}", run.whole());
    // In the base: there is nothing to compare with.
    sandbox.commit("back again");
    let run = gate(&sandbox, &["--base", "HEAD~1", "--head", "HEAD"]);
    refused(&run, &["`Cargo.lock`: expected its contents, found contents that do not match", "git fsck"]);
}

#[test]
fn tree_whose_bytes_are_not_those_of_its_name_is_never_a_pass() {
    let sandbox = crate_repository();
    write_crate(&sandbox, "sub/", FORGED);
    sandbox.commit("sub");
    let (tree, root) = (sandbox.git(["rev-parse", "HEAD:sub"]), sandbox.git(["rev-parse", "HEAD^{tree}"]));
    let empty = object(&sandbox, "tree", b"");
    for id in [tree, root] {
        replace_contents(&sandbox, &id, &empty);
        for arguments in [&["--head", "HEAD"][..], &["--base", "HEAD~1", "--head", "HEAD"], &["--base", "HEAD~1"]] {
            let run = gate(&sandbox, arguments);
            assert!(run.code == 2 || (arguments.len() == 2 && run.code == 0), "{arguments:?}: {}", run.whole());
        }
    }
}

#[test]
fn truncated_and_garbled_objects_are_never_a_pass() {
    for garble in [
        |bytes: &mut Vec<u8>| bytes.truncate(20),
        |bytes: &mut Vec<u8>| bytes[12] ^= 0xff,
        |bytes: &mut Vec<u8>| bytes.clear(),
    ] {
        let sandbox = crate_repository();
        let file = object_file(&sandbox, &sandbox.git(["rev-parse", "HEAD:Cargo.lock"]));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let mut bytes = fs::read(&file).unwrap();
        garble(&mut bytes);
        fs::write(&file, bytes).unwrap();
        let run = gate(&sandbox, &["--head", "HEAD"]);
        assert_eq!((run.code, unread(&run)[0].0.as_str()), (1, "Cargo.lock"), "{}", run.whole());
        // Packed objects are checked as well.
        let sandbox = crate_repository();
        sandbox.git(["gc", "-q"]);
        for entry in fs::read_dir(sandbox.join(".git/objects/pack")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "pack") {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
                let mut bytes = fs::read(&path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle..middle + 8].fill(0x5a);
                fs::write(&path, bytes).unwrap();
            }
        }
        let run = gate(&sandbox, &["--head", "HEAD"]);
        assert!(run.code == 1 || run.code == 2, "{}", run.whole());
    }
}

#[test]
fn tree_that_git_would_never_write_is_never_a_pass() {
    let sandbox = crate_repository();
    let blob = object(&sandbox, "blob", lock(FORGED).as_bytes());
    let manifest = object(&sandbox, "blob", MANIFEST.as_bytes());
    let honest = sandbox.git(["rev-parse", "main:Cargo.lock"]);
    let honest = honest.trim_end();
    let folder = object(&sandbox, "tree", &entry("100644", b"Cargo.lock", &blob));
    let sound = [entry("100644", b"Cargo.lock", honest), entry("100644", b"Cargo.toml", &manifest)].concat();
    let twice = [
        entry("100644", b"Cargo.lock", honest),
        entry("100644", b"Cargo.lock", &blob),
        entry("100644", b"Cargo.toml", &manifest),
    ];
    let file_and_folder = [sound.clone(), entry("100644", b"a", honest), entry("40000", b"a", &folder)].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("one name twice", twice.concat()),
        ("a file and a folder of one name", file_and_folder),
        ("..", [entry("40000", b"..", &folder), sound.clone()].concat()),
        (".", [entry("40000", b".", &folder), sound.clone()].concat()),
        (".git", [entry("40000", b".git", &folder), sound.clone()].concat()),
        (".GIT", [entry("40000", b".GIT", &folder), sound.clone()].concat()),
        ("a slash", [sound.clone(), entry("100644", b"sub/Cargo.lock", &blob)].concat()),
        ("a leading slash", [entry("100644", b"/etc/passwd", &blob), sound.clone()].concat()),
    ];
    for (what, bytes) in cases {
        let root = object(&sandbox, "tree", &bytes);
        let below = object(&sandbox, "tree", &[entry("40000", b"below", &root), sound.clone()].concat());
        for tree in [root, below] {
            commit_tree(&sandbox, &tree);
            for arguments in [&["--head", "evil"][..], &["--base", "main", "--head", "evil"]] {
                let run = gate(&sandbox, arguments);
                assert_eq!(run.code, 1, "{what}: {}", run.whole());
                assert!(!denied(&run).is_empty(), "{what}");
            }
            assert_eq!(sandbox.portcullis(["sbom", "generate", "--head", "evil"]).code, 1, "{what}");
        }
    }
    // A tree out of order is odd, but says nothing wrong: all of it is read.
    let turned = [entry("100644", b"Cargo.toml", &manifest), entry("100644", b"Cargo.lock", &blob)].concat();
    commit_tree(&sandbox, &object(&sandbox, "tree", &turned));
    fails(&gate(&sandbox, &["--base", "main", "--head", "evil"]), TAMPERED);
    // A policy that stands there twice is no policy.
    let policies =
        [sound.clone(), entry("100644", b"portcullis.toml", &blob), entry("100644", b"portcullis.toml", &manifest)];
    commit_tree(&sandbox, &object(&sandbox, "tree", &policies.concat()));
    assert_ne!(gate(&sandbox, &["--head", "evil"]).code, 0);
}

#[test]
fn entries_of_other_modes_and_kinds_are_never_a_pass() {
    let sandbox = crate_repository();
    let folder = sandbox.git(["rev-parse", "HEAD^{tree}"]);
    let (folder, blob) = (folder.trim_end(), object(&sandbox, "blob", lock(HONEST).as_bytes()));
    let missing = "0123456789012345678901234567890123456789";
    for (mode, id) in [("100644", folder), ("100644", missing), ("120000", missing), ("060000", blob.as_str())] {
        commit_tree(&sandbox, &object(&sandbox, "tree", &entry(mode, b"Cargo.lock", id)));
        for arguments in [&["--head", "evil"][..], &["--base", "main", "--head", "evil"]] {
            let run = gate(&sandbox, arguments);
            // Where a link leads that is not there nobody knows: nothing can be said of the tree.
            assert!(run.code == 1 || (run.code == 2 && mode == "120000"), "{mode} {id}: {}", run.whole());
        }
    }
    // A folder that is none, or is not there: the tree as a whole cannot be read.
    for id in [blob.as_str(), missing] {
        commit_tree(&sandbox, &object(&sandbox, "tree", &entry("40000", b"sub", id)));
        assert_eq!(gate(&sandbox, &["--head", "evil"]).code, 2, "{id}");
    }
    // A link is one, whatever other bits its mode has: git checks it out as a link.
    let target = object(&sandbox, "blob", b"/etc/passwd");
    for mode in ["120000", "120777", "120755", "120111"] {
        commit_tree(&sandbox, &object(&sandbox, "tree", &entry(mode, b"escape", &target)));
        fails(&gate(&sandbox, &["--base", "main", "--head", "evil"]), "source/symlink-escape");
    }
    // Old gits wrote group-writable files.
    commit_tree(&sandbox, &object(&sandbox, "tree", &entry("100664", b"Cargo.lock", &blob)));
    passes(&gate(&sandbox, &["--head", "evil"]));
}

/// Nests a folder in others, each of which holds it under all of the names.
fn nested(sandbox: &Sandbox, leaf: &[u8], times: usize, names: &[&[u8]]) -> String {
    (0..times).fold(object(sandbox, "tree", leaf), |tree, _| {
        object(sandbox, "tree", &names.iter().flat_map(|name| entry("40000", name, &tree)).collect::<Vec<u8>>())
    })
}

#[test]
fn folders_nested_deeper_than_any_path_are_never_a_pass() {
    let sandbox = crate_repository();
    let blob = object(&sandbox, "blob", lock(FORGED).as_bytes());
    commit_tree(&sandbox, &nested(&sandbox, &entry("100644", b"Cargo.lock", &blob), 600, &[b"d"]));
    for arguments in [&["--head", "evil"][..], &["--base", "main", "--head", "evil"]] {
        let run = gate(&sandbox, arguments);
        assert_eq!(run.code, 1, "{}", run.whole());
    }
}

#[test]
fn a_handful_of_objects_that_list_files_without_end_are_never_a_pass() {
    let sandbox = crate_repository();
    let blob = object(&sandbox, "blob", b"");
    let names: Vec<Vec<u8>> = (0..100).map(|number| format!("{number:02}").into_bytes()).collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    // A hundred million files.
    commit_tree(&sandbox, &nested(&sandbox, &entry("100644", b"file", &blob), 4, &names));
    let run = gate(&sandbox, &["--head", "evil"]);
    assert_eq!((run.code, unread(&run)), (1, vec![(".".to_owned(), "more than 5000000 files".to_owned())]));
}

#[test]
fn any_bytes_in_a_name_are_a_name() {
    let names: [&[u8]; 8] = [
        b"\xff\xfe",
        b"line\nbreak",
        b"\x1b[31mred\x1b[0m",
        b"tab\tand\rreturn",
        "\u{202e}sdrawkcab".as_bytes(),
        b"back\\slash",
        b"::error::annotation",
        b"quote'\"`<b>|@",
    ];
    let sandbox = Sandbox::repository();
    for name in names {
        let folder = Path::new(OsStr::from_bytes(name));
        sandbox.write(folder.join("Cargo.toml"), MANIFEST);
        sandbox.write(folder.join("Cargo.lock"), "no lock file");
        std::os::unix::fs::symlink("/etc/passwd", sandbox.join(folder.join(OsStr::from_bytes(b"out\x1b\xff"))))
            .unwrap();
    }
    sandbox.git(["add", "-A"]);
    let staged = gate(&sandbox, &["--staged"]);
    sandbox.commit("names");
    let expected = [
        "::error::annotation/Cargo.lock",
        r"\u{202e}sdrawkcab/Cargo.lock",
        r"\x1b[31mred\x1b[0m/Cargo.lock",
        r"\xff\xfe/Cargo.lock",
        r"back\\slash/Cargo.lock",
        r"line\nbreak/Cargo.lock",
        "quote'\"`<b>|@/Cargo.lock",
        r"tab\tand\rreturn/Cargo.lock",
    ];
    for run in [staged, gate(&sandbox, &[]), gate(&sandbox, &["--head", "HEAD"])] {
        assert_eq!(run.code, 1, "{}", run.whole());
        let paths: Vec<String> = unread(&run).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, expected);
        assert_eq!(run.report()["summary"]["fail"]["deny"], 8, "{}", run.whole());
    }
    for arguments in [&["gate"][..], &["gate", "--head", "HEAD"], &["sbom", "generate"], &["changes", "--staged"]] {
        let run = sandbox.portcullis(arguments.iter().copied());
        for text in [&run.stdout, &run.stderr] {
            let odd = text.chars().find(|found| (found.is_control() && *found != '\n') || *found == '\u{202e}');
            assert_eq!(odd, None, "{arguments:?}: {text}");
        }
    }
    // A folder whose name is no text can be asked for.
    let folder = sandbox.join(OsStr::from_bytes(names[0]));
    let run = gate_in(&sandbox, &folder, &["."]);
    assert_eq!(unread(&run)[0].0, "Cargo.lock", "{}", run.whole());
    let mut command = Command::new(binary());
    command.args(["gate", "--format", "json"]).arg(OsStr::from_bytes(names[0]));
    let run = sandbox.run(command, sandbox.path());
    assert_eq!(run.report()["inputs"][0]["name"], r"\xff\xfe", "{}", run.whole());
}
