//! What `verify show` prints of every kind of file, and what `verify --output` writes.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, Sandbox, Transcript, binary, project, skip};

fn fixture(name: &str) -> Vec<u8> {
    fs::read(project().join("tests/fixtures/signatures").join(name)).unwrap()
}

/// A folder with the fixtures of these names, each under its last two names.
fn with(fixtures: &[&str]) -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let names: Vec<String> = fixtures.iter().map(|name| name.replace('/', "-")).collect();
    for (name, path) in names.iter().zip(fixtures) {
        sandbox.write(name, fixture(path));
    }
    (sandbox, names)
}

/// Keeps what is shown of fixtures, all of which are understood.
#[track_caller]
fn keep(name: &str, fixtures: &[&str]) {
    let (sandbox, names) = with(fixtures);
    let mut transcript = Transcript::default();
    let arguments = ["verify", "show"].into_iter().chain(names.iter().map(String::as_str));
    assert_eq!(transcript.portcullis(&sandbox, arguments).code, 0);
    transcript.keep(&format!("verify-show/{name}"));
}

#[test]
fn files_of_openpgp_are_shown() {
    keep(
        "openpgp",
        &[
            "pages/clear-good/keyring",
            "pages/subkey-good/keyring",
            "pages/subkey-stolen/keyring",
            "pages/subkey-good/signature",
            "pages/clear-good/artifact",
        ],
    );
}

#[test]
fn files_of_ssh_are_shown() {
    keep(
        "ssh",
        &[
            "ssh/ed25519.pub",
            "ssh/rsa-3072.pub",
            "ssh/ed25519.sig",
            "ssh/user.sig",
            "ssh/host.sig",
            "ssh/id.krl",
            "ssh/key.krl",
            "ssh/sha1.krl",
            "ssh/sha256.krl",
            "ssh/bitmap.krl",
            "ssh/range.krl",
        ],
    );
}

#[test]
fn files_of_minisign_and_signify_are_shown() {
    keep(
        "minisign-signify",
        &[
            "minisign/a.pub",
            "minisign/legacy.minisig",
            "minisign/prehashed.minisig",
            "signify/a.pub",
            "signify/artifact.sig",
            "signify/SHA256.sig",
            "signify/artifact.gz",
            "signify/SHA256",
        ],
    );
}

#[test]
fn bundles_and_roots_are_shown() {
    keep(
        "sigstore",
        &[
            "message-v0.1.sigstore.json",
            "managed-key.sigstore.json",
            "statement-rekor2.sigstore.json",
            "MODULE.bazel.intoto.jsonl",
            "trusted-root.json",
        ],
    );
}

#[test]
fn envelopes_and_plain_keys_are_shown() {
    keep("dsse", &["summary.jsonl", "summary.pub", "write-code.link", "write-code.pub"]);
}

#[test]
fn statements_and_what_they_say_are_shown() {
    let sandbox = Sandbox::new();
    let statement = |name: &str, kind: &str, predicate: &str| {
        let subject = r#"[{"name": "app.tar", "digest": {"sha256": "00ff"}}]"#;
        sandbox.write(
            name,
            format!(
                r#"{{"_type": "https://in-toto.io/Statement/v1", "subject": {subject}, "predicateType": "{kind}", "predicate": {predicate}}}"#
            ),
        );
    };
    let vex = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "Mill", "statements": [{"vulnerability": {"name":
        "CVE-2026-0001"}, "products": [{"@id": "pkg:generic/app@1"}], "status": "not_affected", "justification":
        "vulnerable_code_not_present"}]}"#;
    let cyclonedx = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"name": "app"}},
        "components": [{"name": "ripple", "version": "1.2.3", "purl": "pkg:cargo/ripple@1.2.3"}]}"#;
    let spdx =
        r#"{"spdxVersion": "SPDX-2.3", "name": "app", "packages": [{"name": "ripple", "versionInfo": "1.2.3"}]}"#;
    statement("vex.json", "https://openvex.dev/ns/v0.2.0", vex);
    statement("cyclonedx.json", "https://cyclonedx.org/bom", cyclonedx);
    statement("spdx.json", "https://spdx.dev/Document/v2.3", spdx);
    statement("other.json", "https://acme.example/review/v1", r#"{"by": "mill", "lines": 7, "ok": true, "all": []}"#);
    statement(
        "v0.2.json",
        "https://slsa.dev/provenance/v0.2",
        r#"{"builder": {"id": "https://ci.example/1"}, "buildType": "make", "invocation": {"configSource": {"uri":
        "git+https://git.example/acme/app@refs/tags/v1", "entryPoint": "Makefile"}}, "materials": [{"uri":
        "git+https://git.example/acme/app", "digest": {"sha1": "0123"}}]}"#,
    );
    sandbox.write("plain-vex.json", vex);
    sandbox.write("plain-cyclonedx.json", cyclonedx);
    sandbox.write("plain-spdx.json", spdx);
    let mut transcript = Transcript::default();
    let names = ["vex", "cyclonedx", "spdx", "other", "v0.2", "plain-vex", "plain-cyclonedx", "plain-spdx"];
    let names = names.map(|name| format!("{name}.json"));
    let arguments = ["verify", "show"].into_iter().chain(names.iter().map(String::as_str));
    assert_eq!(transcript.portcullis(&sandbox, arguments).code, 0);
    transcript.keep("verify-show/statements");
}

#[test]
fn lists_of_signers_and_digests_are_shown() {
    let sandbox = Sandbox::new();
    let key = String::from_utf8(fixture("ssh/ed25519.pub")).unwrap();
    let options = "namespaces=\"git,file\",valid-after=\"20250101\",valid-before=\"20260101Z\"";
    sandbox.write("allowed", format!("# releases\n*@acme.example {options} {key}ca@acme.example cert-authority {key}"));
    sandbox.write("SHA512SUMS", format!("{}  app.tar\nSHA256 (b.tar) = {}\n", "0a".repeat(64), "0b".repeat(32)));
    let mut transcript = Transcript::default();
    assert_eq!(transcript.portcullis(&sandbox, ["verify", "show", "allowed", "SHA512SUMS"]).code, 0);
    transcript.keep("verify-show/lists");
}

/// Runs `verify show --format json`.
fn json(sandbox: &Sandbox, file: &str) -> (Run, Value) {
    let run = sandbox.portcullis(["verify", "show", "--format", "json", file]);
    let shown = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.whole()));
    (run, shown)
}

#[test]
fn json_has_the_shape_that_is_documented() {
    let (sandbox, _) = with(&["minisign/a.pub"]);
    let mut transcript = Transcript::default();
    transcript.portcullis(&sandbox, ["verify", "show", "minisign-a.pub", "--format", "json"]);
    sandbox.write("noise", "noise");
    transcript.portcullis(&sandbox, ["verify", "show", "noise", "--format", "json"]);
    transcript.keep("verify-show/json");
}

#[test]
fn every_fixture_is_answered_for_cut_off_anywhere() {
    let sandbox = Sandbox::new();
    for path in [
        "pages/subkey-good/keyring",
        "pages/clear-good/artifact",
        "ssh/user.sig",
        "ssh/id.krl",
        "signify/SHA256.sig",
        "minisign/prehashed.minisig",
        "summary.pub",
    ] {
        let whole = fixture(path);
        // As many runs as there is time for.
        for part in 1..8 {
            sandbox.write("cut", &whole[..whole.len() * part / 8]);
            let run = sandbox.portcullis(["verify", "show", "cut"]);
            assert!(matches!(run.code, 0 | 1), "{path}: {}", run.whole());
            assert!(run.stdout.starts_with("nothing was verified"), "{path}: {}", run.whole());
            assert_eq!(run.code == 1, run.stderr.starts_with("error: cut"), "{path}: {}", run.whole());
        }
    }
}

#[test]
fn what_is_damaged_or_unknown_says_what_was_expected() {
    let sandbox = Sandbox::new();
    sandbox.write("empty", "");
    sandbox.write("noise", "it is only a text\n");
    sandbox.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let cut = |name: &str, path: &str, length: usize| sandbox.write(name, &fixture(path)[..length]);
    cut("armor.asc", "pages/clear-good/artifact", 200);
    cut("keyring", "pages/clear-good/keyring", 150);
    cut("a.sig", "ssh/user.sig", 100);
    cut("a.krl", "ssh/id.krl", 40);
    cut("a.minisig", "minisign/prehashed.minisig", 190);
    cut("bundle.json", "message-v0.3.sigstore.json", 900);
    cut("root.json", "trusted-root.json", 900);
    sandbox.write("key.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    sandbox.write("SHA256SUMS", format!("{0}  a\n{0}  ../b\n", "0a".repeat(32)));
    let key = String::from_utf8(fixture("ssh/ed25519.pub")).unwrap();
    sandbox.write("keys", format!("{key}ssh-ed25519 AAAA nobody\n"));
    let mut transcript = Transcript::default();
    for name in [
        "empty",
        "noise",
        "picture.png",
        "armor.asc",
        "keyring",
        "a.sig",
        "a.krl",
        "a.minisig",
        "bundle.json",
        "root.json",
        "key.pem",
        "SHA256SUMS",
        "keys",
    ] {
        assert_eq!(transcript.portcullis(&sandbox, ["verify", "show", name]).code, 1, "{name}");
    }
    fs::create_dir(sandbox.join("folder")).unwrap();
    let mut command = Command::new("mkfifo");
    command.arg("pipe");
    assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
    for name in ["gone", "folder", "pipe"] {
        assert_eq!(transcript.portcullis(&sandbox, ["verify", "show", "noise", name]).code, 2, "{name}");
    }
    transcript.keep("verify-show/refused");
}

#[test]
fn what_a_terminal_would_obey_is_shown_inert() {
    let sandbox = Sandbox::new();
    let key = String::from_utf8(fixture("minisign/a.pub")).unwrap();
    sandbox.write("a.pub", key.replace("minisign public key", "minisign \u{1b}[2J\u{202e}\u{7}key"));
    let key = String::from_utf8(fixture("ssh/ed25519.pub")).unwrap();
    sandbox.write("b.pub", key.trim_end().to_owned() + "\u{1b}]0;x\u{7}\u{200b}\n");
    sandbox.write("c.json", "{\"_type\": \"https://in-toto.io/Statement/v1\", \"subject\": [], \"predicateType\": \"a\\u001b[1m\\n\", \"predicate\": {\"\\u0007\": \"\\u202e\"}}");
    for name in ["a.pub", "b.pub", "c.json"] {
        for format in ["human", "json"] {
            let run = sandbox.portcullis(["verify", "show", name, "--format", format]);
            assert_eq!(run.code, 0, "{}", run.whole());
            let is_inert = |c: char| c == '\n' || !(c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
            assert!(run.stdout.chars().all(is_inert), "{}", run.whole());
        }
    }
}

/// Runs a program of others that makes what is shown; `false` where it is not there.
fn made(sandbox: &Sandbox, script: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.arg("-ec").arg(script);
    let run = sandbox.run(shell, sandbox.path());
    if run.code == 127 {
        skip(Path::new(script.split(' ').next().unwrap()), "keys made by it");
    } else {
        assert_eq!(run.code, 0, "{}", run.whole());
    }
    run.code == 0
}

#[test]
fn of_secret_keys_only_the_public_half_is_shown() {
    let sandbox = Sandbox::new();
    if made(&sandbox, "ssh-keygen -q -t ed25519 -N '' -C mill -f ssh") {
        let (run, shown) = json(&sandbox, "ssh");
        assert_eq!((run.code, &shown["files"][0]["kind"]), (0, &"ssh-secret-key".into()), "{}", run.whole());
        let (_, public) = json(&sandbox, "ssh.pub");
        assert_eq!(shown["files"][0]["parts"][2]["value"], public["files"][0]["parts"][0]["value"]);
    }
    if made(&sandbox, "minisign -G -W -p m.pub -s m.key >m.out") {
        let (run, shown) = json(&sandbox, "m.key");
        assert_eq!((run.code, &shown["files"][0]["kind"]), (0, &"minisign-secret-key".into()), "{}", run.whole());
        let public = fs::read_to_string(sandbox.join("m.pub")).unwrap();
        assert!(run.stdout.contains(public.lines().nth(1).unwrap()), "{}", run.whole());
    }
    if made(&sandbox, "signify-openbsd -G -n -p s.pub -s s.sec") {
        let (run, shown) = json(&sandbox, "s.sec");
        assert_eq!((run.code, &shown["files"][0]["kind"]), (0, &"signify-secret-key".into()), "{}", run.whole());
        let public = fs::read_to_string(sandbox.join("s.pub")).unwrap();
        assert!(run.stdout.contains(public.lines().nth(1).unwrap()), "{}", run.whole());
    }
    for (name, make) in [
        ("p256", "openssl ecparam -name prime256v1 -genkey -noout -out p256"),
        ("ed25519", "openssl genpkey -algorithm ed25519 -out ed25519"),
        ("rsa", "openssl genrsa -out rsa 2048"),
    ] {
        if made(&sandbox, make) && made(&sandbox, &format!("openssl pkey -in {name} -pubout -out {name}.pub")) {
            let (run, shown) = json(&sandbox, name);
            assert_eq!((run.code, &shown["files"][0]["kind"]), (0, &"secret-key".into()), "{}", run.whole());
            let (_, public) = json(&sandbox, &format!("{name}.pub"));
            let key = shown["files"][0]["parts"].as_array().unwrap().last().unwrap();
            assert_eq!(key, &public["files"][0]["parts"][0]);
        }
    }
    let gpg = "mkdir -m 700 g; gpg --homedir g -q --batch --passphrase '' --quick-gen-key 'Mill <mill@acme.example>' \
               ed25519 sign 1y 2>/dev/null; gpg --homedir g -q --batch --export-secret-keys --armor >gpg.key";
    if made(&sandbox, gpg) {
        let run = sandbox.portcullis(["verify", "show", "gpg.key", "g/pubring.kbx"]);
        assert_eq!(run.code, 0, "{}", run.whole());
        assert!(run.stdout.contains("secret-key: only its public half is shown"), "{}", run.whole());
        assert_eq!(run.stdout.matches("user-id: Mill <mill@acme.example>").count(), 2, "{}", run.whole());
        let revoked = sandbox.join("g/openpgp-revocs.d");
        let file = fs::read_dir(revoked).unwrap().next().unwrap().unwrap().path();
        let text = fs::read_to_string(file).unwrap().replace(":-----BEGIN", "-----BEGIN");
        sandbox.write("revocation.asc", text);
        let run = sandbox.portcullis(["verify", "show", "revocation.asc"]);
        assert!(run.stdout.contains("signature: KeyRevocation (type 32)"), "{}", run.whole());
        assert!(made(
            &sandbox,
            "gpg --homedir g -q --batch --import revocation.asc && gpg --homedir g --export >revoked.gpg"
        ));
        let run = sandbox.portcullis(["verify", "show", "revoked.gpg"]);
        assert!(run.stdout.contains("revoked: for all time: "), "{}", run.whole());
    }
}

#[test]
fn an_artifact_that_is_called_show_is_verified() {
    let sandbox = Sandbox::new();
    sandbox.write("show", fixture("artifact"));
    sandbox.write("show.minisig", fixture("minisign/prehashed.minisig"));
    sandbox.write("a.pub", fixture("minisign/a.pub"));
    for arguments in [&["./show", "--key", "a.pub"][..], &["--key", "a.pub", "show"], &["--key", "a.pub", "--", "show"]]
    {
        let run = sandbox.portcullis(["verify"].into_iter().chain(arguments.iter().copied()));
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.whole());
    }
}

/// A folder with a message of each kind, the keys that signed them, and a file that stands where the text is to go.
fn messages() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("clear.asc", fixture("pages/clear-good/artifact"));
    sandbox.write("before.asc", fixture("pages/clear-text-before/artifact"));
    sandbox.write("release.gpg", fixture("pages/clear-good/keyring"));
    sandbox.write("list.sig", fixture("signify/SHA256.sig"));
    sandbox.write("release.pub", fixture("signify/a.pub"));
    sandbox.write("other.pub", fixture("signify/b.pub"));
    sandbox.write("out", "as it was");
    sandbox
}

const AT: [&str; 2] = ["--at", "2025-06-01"];

/// The names in a folder.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(sandbox.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn write(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.portcullis(["verify"].into_iter().chain(arguments.iter().copied()).chain(AT))
}

#[test]
fn the_text_of_an_accepted_message_is_written_and_nothing_else() {
    let sandbox = messages();
    let run = write(&sandbox, &["list.sig", "--key", "release.pub", "--output", "list"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.whole());
    assert_eq!(fs::read(sandbox.join("list")).unwrap(), fixture("signify/SHA256"));
    let run = write(&sandbox, &["clear.asc", "--key", "release.gpg", "-o", "out"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.whole());
    let message = String::from_utf8(fixture("pages/clear-good/artifact")).unwrap();
    let text = message.split_once("\n\n").unwrap().1.split_once("\n-----BEGIN PGP SIGNATURE").unwrap().0;
    assert!(text.contains("\n- - dashed"), "{text}");
    assert_eq!(fs::read_to_string(sandbox.join("out")).unwrap(), text.replace("\n- - ", "\n- "));
    let expected = ["before.asc", "clear.asc", "list", "list.sig", "other.pub", "out", "release.gpg", "release.pub"];
    assert_eq!(names(&sandbox), expected);
}

#[test]
fn a_message_that_several_may_sign_is_written_once() {
    let sandbox = messages();
    let signer = |name: &str, file: &str| {
        format!("[[signer]]\nname = \"{name}\"\nartifacts = [\"*\"]\ncertificates = \"{file}\"\n")
    };
    let policy = [signer("a", "other.pub"), signer("b", "release.pub"), signer("c", "other.pub")].concat();
    sandbox.write("portcullis.toml", policy);
    let run = write(&sandbox, &["list.sig", "--output", "out"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(fs::read(sandbox.join("out")).unwrap(), fixture("signify/SHA256"));
}

#[test]
fn a_refused_message_leaves_everything_as_it_was() {
    let sandbox = messages();
    sandbox.write(
        "changed.sig",
        String::from_utf8(fixture("signify/SHA256.sig")).unwrap().replace("artifact", "artefact"),
    );
    let before = names(&sandbox);
    for (message, key) in [("list.sig", "other.pub"), ("changed.sig", "release.pub"), ("before.asc", "release.gpg")] {
        for output in ["out", "new"] {
            let run = write(&sandbox, &[message, "--key", key, "--output", output]);
            assert_eq!(run.code, 1, "{}", run.whole());
            assert_eq!(run.stderr, "--output: nothing was written, since the message is not accepted\n");
        }
    }
    // What only a waiver lets pass is signed by nobody.
    sandbox.write(
        "portcullis.toml",
        "[[waiver]]\nrule = \"signature/unsigned-content\"\nsubject = \"before.asc\"\nowner = \"@mill\"\n\
         reason = \"a footer\"\nexpires = 2025-07-01\n",
    );
    let run = write(&sandbox, &["before.asc", "--key", "release.gpg", "--output", "out"]);
    assert_eq!(run.code, 2, "{}", run.whole());
    assert!(run.stderr.contains("only a waiver or the policy's levels let pass"), "{}", run.whole());
    sandbox.remove("portcullis.toml");
    assert_eq!(fs::read_to_string(sandbox.join("out")).unwrap(), "as it was");
    assert_eq!(names(&sandbox), before);
}

#[test]
fn only_one_message_has_a_text() {
    let sandbox = messages();
    sandbox.write("app.tar", fixture("artifact"));
    sandbox.write("app.tar.minisig", fixture("minisign/prehashed.minisig"));
    sandbox.write("plain", "plain");
    fs::create_dir(sandbox.join("folder")).unwrap();
    let before = names(&sandbox);
    let digest = format!("sha256:{}", "00".repeat(32));
    let mut transcript = Transcript::default();
    for arguments in [
        &["list.sig", "clear.asc", "-o", "out"][..],
        &["app.tar", "-o", "out"],
        &["clear.asc", "--signature", "app.tar.minisig", "-o", "out"],
        &["clear.asc", "--checksums", "list.sig", "-o", "out"],
        &["plain", "-o", "out"],
        &["folder", "-o", "out"],
        &[digest.as_str(), "-o", "out"],
        &["--git-tag", "v1", "-o", "out"],
        &["--git-commit", "HEAD", "-o", "out"],
        &["--attestation-only", "--signature", "list.sig", "-o", "out"],
        &["clear.asc", "-o", "-"],
        &["clear.asc", "-o", "folder"],
        &["clear.asc", "-o", "gone/out"],
    ] {
        let run = transcript.portcullis(&sandbox, ["verify"].into_iter().chain(arguments.iter().copied()));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.whole());
    }
    transcript.keep("verify-show/no-message");
    assert_eq!(fs::read_to_string(sandbox.join("out")).unwrap(), "as it was");
    assert_eq!(names(&sandbox), before);
}

#[test]
fn gpg_writes_the_same_text_but_for_its_last_line_end() {
    let sandbox = Sandbox::new();
    let gpg = "mkdir -m 700 g; gpg --homedir g -q --batch --passphrase '' --quick-gen-key mill ed25519 sign 1y 2>/dev/null; \
               printf 'one \\t\\n-dash\\n\\n\\ntwo' >text; printf 'a\\r\\nb' >data; \
               gpg --homedir g -q --batch --clear-sign -o clear.asc text; gpg --homedir g -q --batch --sign -o inline.pgp data; \
               gpg --homedir g -q --batch --export >key.gpg; \
               gpg --homedir g -q --batch -o clear.out --decrypt clear.asc 2>/dev/null; \
               gpg --homedir g -q --batch -o inline.out --decrypt inline.pgp 2>/dev/null";
    if !made(&sandbox, gpg) {
        return;
    }
    let ours = |message: &str| {
        let run = sandbox.portcullis(["verify", message, "--key", "key.gpg", "-o", "ours"]);
        assert_eq!(run.code, 0, "{}", run.whole());
        fs::read(sandbox.join("ours")).unwrap()
    };
    let theirs = fs::read(sandbox.join("clear.out")).unwrap();
    assert_eq!([ours("clear.asc"), b"\n".to_vec()].concat(), theirs);
    assert_eq!(ours("clear.asc"), b"one\n-dash\n\n\ntwo");
    assert_eq!(ours("inline.pgp"), fs::read(sandbox.join("inline.out")).unwrap());
}

#[test]
fn memory_stays_the_same_however_long_a_message_is() {
    let sandbox = messages();
    // The whole process may take less address space than the message is long.
    let length = 300 << 20;
    let make = "mkdir -m 700 g; gpg --homedir g -q --batch --passphrase '' --quick-gen-key mill ed25519 sign 1y 2>/dev/null; \
                head -c 314572800 /dev/zero | gpg --homedir g -q --batch --compress-algo none --sign -o huge.pgp; \
                gpg --homedir g -q --batch --export >key.gpg";
    if !made(&sandbox, make) {
        return;
    }
    let mut shell = Command::new("sh");
    shell.arg("-c").arg("ulimit -v 262144; exec \"$0\" verify huge.pgp --key key.gpg -o huge").arg(binary());
    let run = sandbox.run(shell, sandbox.path());
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(fs::metadata(sandbox.join("huge")).unwrap().len(), length);
    // A file of keys has a bound, and is not read past it.
    fs::File::create(sandbox.join("sparse.asc")).unwrap().set_len(1 << 40).unwrap();
    let run = sandbox.portcullis(["verify", "show", "sparse.asc"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.whole());
    assert!(run.stderr.contains("64 MiB"), "{}", run.whole());
}

#[test]
fn of_many_the_rest_is_counted() {
    let sandbox = Sandbox::new();
    let list: String = (0..2_000).map(|number| format!("{}  file-{number:04}\n", "0a".repeat(32))).collect();
    sandbox.write("SHA256SUMS", list);
    let run = sandbox.portcullis(["verify", "show", "SHA256SUMS"]);
    assert!(run.stdout.ends_with("  and 1900 more\n"), "{}", run.whole());
    let (_, shown) = json(&sandbox, "SHA256SUMS");
    assert_eq!(shown["files"][0]["more"], 1_900);
    assert_eq!(shown["files"][0]["parts"].as_array().unwrap().len(), 100);
}
