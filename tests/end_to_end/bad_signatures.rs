//! `portcullis verify` on bad input: exit 1 with the finding where it is judged, 2 where a file that was named cannot be
//! read, never a pass, and never much time or memory.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use portcullis::signature::{Function, Hashes, Hashing};

use crate::support::{Run, Sandbox, binary, project, skip, traced};

/// How many seconds bad input may keep a processor busy, without optimisation.
const PATIENCE: u32 = 30;

/// The memory that the binary may address while it reads bad input, in KiB: less than the artifacts here are long.
const MEMORY: u32 = 250_000;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(project().join("tests/fixtures/signatures").join(name)).unwrap()
}

/// A folder with the fixtures' artifact, and files that are named first.
fn folder<const N: usize>(files: [(&str, &str); N]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app", fixture("artifact"));
    for (name, from) in files {
        sandbox.write(name, fixture(from));
    }
    sandbox
}

/// Runs `portcullis verify` with little memory, and looks at what it prints.
#[track_caller]
fn verify<'a>(sandbox: &Sandbox, arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY} && ulimit -t {PATIENCE} && exec \"$0\" verify \"$@\""))
        .arg(binary())
        .args(arguments);
    let run = sandbox.run(command, sandbox.path());
    let is_inert = |text: &str| text.chars().all(|character| character == '\n' || !character.is_control());
    assert!(is_inert(&run.stdout) && is_inert(&run.stderr), "{:?}", run.whole());
    assert!(!run.stderr.contains("panicked"), "{}", run.whole());
    run
}

/// It is judged, and refused by one rule.
#[track_caller]
fn refused<'a>(sandbox: &Sandbox, rule: &str, state: &str, arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let run = verify(sandbox, ["--format", "json"].into_iter().chain(arguments));
    assert_eq!(run.code, 1, "{}", run.whole());
    let report = run.report();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "{}", run.whole());
    for finding in findings {
        assert_eq!((&finding["rule"], &finding["state"]), (&rule.into(), &state.into()), "{}", run.whole());
    }
    run
}

/// It cannot be read.
#[track_caller]
fn undone<'a>(sandbox: &Sandbox, said: &str, arguments: impl IntoIterator<Item = &'a str>) {
    let run = verify(sandbox, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.whole());
    assert!(run.stderr.contains(said), "{}", run.whole());
}

/// A file of so many bytes that takes no space.
fn sparse(sandbox: &Sandbox, name: &str, bytes: u64) {
    fs::File::create(sandbox.join(name)).unwrap().set_len(bytes).unwrap();
}

#[test]
fn what_is_cut_off_is_damaged() {
    for (signature, key) in [
        ("pages/subkey-good/signature", "pages/subkey-good/keyring"),
        ("ssh/ed25519.sig", "ssh/ed25519.pub"),
        ("minisign/prehashed.minisig", "minisign/a.pub"),
        ("signify/artifact.sig", "signify/a.pub"),
        ("summary.jsonl", "summary.pub"),
        ("message-v0.3.sigstore.json", "trusted-root.json"),
    ] {
        let sandbox = folder([("sig", signature), ("key", key)]);
        let option = if key.ends_with(".json") { "--trusted-root" } else { "--key" };
        let (whole, trusted) = (fixture(signature), fixture(key));
        for part in [1, 2, 3, 5, 7, 9] {
            sandbox.write("sig", &whole[..whole.len() * part / 10]);
            refused(&sandbox, "signature/bad", "fail", ["app", "--signature", "sig", option, "key", "--any-identity"]);
        }
        sandbox.write("sig", &whole);
        for part in [0, 1, 2, 3, 5, 7] {
            sandbox.write("key", &trusted[..trusted.len() * part / 10]);
            let run = verify(&sandbox, ["app", "--signature", "sig", option, "key", "--any-identity"]);
            assert_eq!(run.code, 1, "{key} cut at {part} tenths: {}", run.whole());
        }
    }
}

#[test]
fn a_keyring_without_end_is_not_read() {
    let sandbox = folder([("app.minisig", "minisign/prehashed.minisig")]);
    sparse(&sandbox, "huge", 1 << 30);
    for option in ["--key", "--allowed-signers", "--revoked", "--trusted-root", "--signature", "--checksums"] {
        undone(&sandbox, "huge", ["app", "--any-identity", option, "huge"]);
    }
    // As long as may be read, and nothing in it.
    sparse(&sandbox, "huge", 64 << 20);
    let run = verify(&sandbox, ["app", "--key", "huge"]);
    assert_eq!(run.code, 1, "{}", run.whole());
}

#[test]
fn a_hundred_thousand_signatures_are_refused_in_little_time() {
    let packet = fixture("pages/subkey-good/signature");
    let encoded = STANDARD.encode(&packet);
    let armored = format!("-----BEGIN PGP SIGNATURE-----\n\n{encoded}\n-----END PGP SIGNATURE-----\n").into_bytes();
    let envelope = fixture("summary.jsonl");
    let line = [envelope.trim_ascii_end(), b"\n"].concat();
    for (what, one, key, count) in [
        ("packets", packet, "pages/subkey-good/keyring", 100_000),
        ("armored blocks", armored, "pages/subkey-good/keyring", 100_000),
        ("SSH", fixture("ssh/ed25519.sig"), "ssh/ed25519.pub", 100_000),
        ("minisign", fixture("minisign/prehashed.minisig"), "minisign/a.pub", 100_000),
        ("signify", fixture("signify/artifact.sig"), "signify/a.pub", 100_000),
        // As many as a file of 64 MiB holds, where that is fewer.
        ("envelopes", line.clone(), "summary.pub", (64 << 20) / line.len()),
    ] {
        let sandbox = folder([("key", key)]);
        sandbox.write("sig", one.repeat(count.min((64 << 20) / one.len())));
        let run = verify(&sandbox, ["app", "--signature", "sig", "--key", "key"]);
        let is_named = run.stdout.contains("signature/bad") || run.stdout.contains("signature/unsigned-content");
        assert!(run.code == 1 && is_named, "{what}: {}", run.whole());
        assert!(run.stdout.len() < 1 << 20, "{what}: a report of {} bytes", run.stdout.len());
    }
}

#[test]
fn an_artifact_that_grows_while_it_is_read_is_not_determined() {
    let sandbox = folder([("sig", "ssh/ed25519.sig"), ("key", "ssh/ed25519.pub")]);
    sparse(&sandbox, "growing", 64 << 20);
    let is_judged = AtomicBool::new(false);
    // It takes far longer to read it than to add to it, so that some is added in between.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(sandbox.join("growing")).unwrap();
            while !is_judged.load(Ordering::Relaxed) {
                file.write_all(b"a").unwrap();
                std::thread::sleep(Duration::from_micros(100));
            }
        });
        let run = sandbox.portcullis(["verify", "growing", "--signature", "sig", "--key", "key", "--format", "json"]);
        is_judged.store(true, Ordering::Relaxed);
        assert_eq!(run.code, 1, "{}", run.whole());
        let finding = &run.report()["findings"][0];
        assert_eq!((&finding["rule"], &finding["state"]), (&"signature/bad".into(), &"not-determined".into()));
        assert!(run.stdout.contains("was changed while it was read"), "{}", run.whole());
    });
}

#[test]
fn what_is_no_file_is_no_artifact_signature_or_key() {
    let sandbox = folder([("sig", "ssh/ed25519.sig"), ("key", "ssh/ed25519.pub")]);
    let mut command = Command::new("mkfifo");
    command.arg("pipe");
    assert_eq!(sandbox.run(command, sandbox.path()).code, 0);
    fs::create_dir(sandbox.join("folder")).unwrap();
    for odd in ["pipe", "folder", "/dev/null", "/dev/zero", "absent"] {
        undone(&sandbox, odd, [odd, "--signature", "sig", "--key", "key"]);
        for option in ["--signature", "--key", "--allowed-signers", "--revoked", "--trusted-root", "--checksums"] {
            undone(&sandbox, odd, ["app", "--signature", "sig", "--key", "key", "--any-identity", option, odd]);
        }
    }
    // Beside the artifact they are no signature that is passed over.
    fs::create_dir(sandbox.join("app.sig")).unwrap();
    undone(&sandbox, "app.sig", ["app", "--key", "key"]);
    fs::remove_dir(sandbox.join("app.sig")).unwrap();
    fs::rename(sandbox.join("pipe"), sandbox.join("app.asc")).unwrap();
    undone(&sandbox, "app.asc", ["app", "--key", "key"]);
    undone(&sandbox, "app.asc", ["app", "--key", "key"]);
    // In a folder nobody named it: the others are judged all the same.
    let run = sandbox.portcullis(["verify", ".", "--key", "key", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    let report = run.report();
    let found = |id: &str, state: &str| {
        report["findings"].as_array().unwrap().iter().any(|one| one["subject"]["id"] == id && one["state"] == state)
    };
    for (id, state) in [("./app", "not-determined"), ("./app.asc", "not-determined"), ("./key", "fail")] {
        assert!(found(id, state), "{id} {}", run.whole());
    }
}

#[test]
fn pairs_that_do_not_belong_together_are_refused() {
    let files = [
        ("ssh", "ssh/ed25519.sig"),
        ("minisig", "minisign/prehashed.minisig"),
        ("bundle", "message-v0.3.sigstore.json"),
    ];
    let sandbox = folder(files);
    sandbox.write("ssh.pub", fixture("ssh/ed25519.pub"));
    sandbox.write("minisig.pub", fixture("minisign/a.pub"));
    sandbox.write("root", fixture("trusted-root.json"));
    for (signature, key) in [("ssh", "minisig.pub"), ("minisig", "ssh.pub")] {
        refused(&sandbox, "signature/unknown-signer", "fail", ["app", "--signature", signature, "--key", key]);
    }
    sandbox.write("other", "another content");
    for (signature, key) in [("ssh", "ssh.pub"), ("minisig", "minisig.pub")] {
        refused(&sandbox, "signature/bad", "fail", ["other", "--signature", signature, "--key", key]);
        // A key is no signature, and a signature no key.
        refused(&sandbox, "signature/bad", "fail", ["app", "--signature", key, "--key", key]);
        let run = verify(&sandbox, ["app", "--signature", signature, "--key", signature]);
        assert_eq!(run.code, 1, "{}", run.whole());
        let run = verify(&sandbox, ["app", "--signature", "bundle", "--any-identity", "--trusted-root", key]);
        assert_eq!(run.code, 1, "{}", run.whole());
    }
    let given = ["--signature", "bundle", "--any-identity", "--trusted-root", "root"];
    refused(&sandbox, "signature/bad", "fail", ["other"].into_iter().chain(given));
}

#[test]
fn a_bundle_says_one_thing() {
    let sandbox = folder([("root", "trusted-root.json"), ("app", "a.txt")]);
    let given = ["app", "--signature", "bundle", "--any-identity", "--trusted-root", "root"];
    let message = String::from_utf8(fixture("message-v0.3.sigstore.json")).unwrap();
    let payload = "\"dsseEnvelope\":{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.in-toto+json\",\
                   \"signatures\":[{\"sig\":\"AAAA\"}]},";
    let brace = message.find('{').unwrap() + 1;
    let (before, after) = message.split_at(brace);
    sandbox.write("bundle", &message);
    assert_eq!(verify(&sandbox, given).code, 0);
    for second in [payload, "\"messageSignature\":{\"signature\":\"AAAA\"},", "\"mediaType\":\"\","] {
        sandbox.write("bundle", format!("{before}{second}{after}"));
        refused(&sandbox, "signature/bad", "fail", given);
    }
    let last = message.trim_end().strip_suffix('}').unwrap();
    sandbox.write("bundle", format!("{last},\"messageSignature\":{{\"signature\":\"AAAA\"}}}}"));
    refused(&sandbox, "signature/bad", "fail", given);
    sandbox.write("bundle", format!("{message}{{}}"));
    refused(&sandbox, "signature/bad", "fail", given);
}

#[test]
fn base64_has_nothing_behind_its_end() {
    let trailing = ["AAAA", "A", "=", "====", "\u{e9}", " ", "\0"];
    for (signature, key, line) in [
        ("ssh/ed25519.sig", "ssh/ed25519.pub", 4),
        ("minisign/prehashed.minisig", "minisign/a.pub", 1),
        ("minisign/prehashed.minisig", "minisign/a.pub", 3),
        ("signify/artifact.sig", "signify/a.pub", 1),
    ] {
        let sandbox = folder([("key", key)]);
        let whole = String::from_utf8(fixture(signature)).unwrap();
        for more in trailing {
            let lines = whole
                .lines()
                .enumerate()
                .map(|(at, text)| if at == line { format!("{text}{more}\n") } else { format!("{text}\n") });
            sandbox.write("sig", lines.collect::<String>());
            let run = verify(&sandbox, ["app", "--signature", "sig", "--key", "key"]);
            // A blank at a line's end is none of the data.
            assert!(run.code == 1 || more == " ", "{signature}, {more:?}: {}", run.whole());
        }
    }
    let sandbox = folder([("key", "summary.pub")]);
    let envelope = String::from_utf8(fixture("summary.jsonl")).unwrap();
    for member in ["\"payload\":\"", "\"sig\":\""] {
        let spaced = member.replace(':', ": ");
        let member = if envelope.contains(member) { member } else { &spaced };
        let start = envelope.find(member).unwrap() + member.len();
        let end = start + envelope[start..].find('"').unwrap();
        for more in ["AAAA", "A", "=", "====", "\\n", " "] {
            sandbox.write("sig", format!("{}{more}{}", &envelope[..end], &envelope[end..]));
            let run = verify(&sandbox, ["--attestation-only", "--signature", "sig", "--key", "key"]);
            assert_eq!(run.code, 1, "{member} {more:?}: {}", run.whole());
        }
    }
}

#[test]
fn a_list_of_digests_names_no_path_and_no_unseen_character() {
    let digest = "b5bfe101682530516d8b9e96cabb728eea53b9188e9bbb5eb1415eece9f61be5";
    let sandbox = folder([("key", "signify/a.pub")]);
    for name in ["../app", "/app", "a/../app", "app\0", "./../app", "app\r", "\u{1b}[31mapp"] {
        sandbox.write("list", format!("{digest}  {name}\n"));
        let run = verify(&sandbox, ["app", "--checksums", "list", "--key", "key"]);
        assert_eq!(run.code, 1, "{name:?}: {}", run.whole());
        fs::rename(sandbox.join("list"), sandbox.join("SHA256SUMS")).unwrap();
        let run = verify(&sandbox, ["app", "--key", "key"]);
        assert_eq!(run.code, 1, "{name:?}: {}", run.whole());
        sandbox.remove("SHA256SUMS");
    }
}

#[test]
fn what_cannot_be_known_is_said_to_be_so() {
    // A list of revoked keys that is damaged.
    let sandbox = folder([("sig", "ssh/ed25519.sig"), ("key", "ssh/ed25519.pub")]);
    let krl = fixture("ssh/other.krl");
    for damaged in [&krl[..krl.len() - 5], b"SSHKRL\n\0", b"SSHKRL\n\0\0\0\0\x07"] {
        sandbox.write("revoked", damaged);
        let given = ["app", "--signature", "sig", "--key", "key", "--revoked", "revoked"];
        refused(&sandbox, "signature/revoked-key", "not-determined", given);
    }
    sandbox.write("revoked", &krl);
    assert_eq!(verify(&sandbox, ["app", "--signature", "sig", "--key", "key", "--revoked", "revoked"]).code, 0);
    // A root that does not know the log.
    let sandbox = folder([("sig", "message-v0.3.sigstore.json"), ("root", "trusted-root-rekor2.json")]);
    let given = ["app", "--signature", "sig", "--trusted-root", "root", "--any-identity"];
    refused(&sandbox, "signature/log-proof", "not-determined", given);
}

#[test]
fn a_key_that_is_too_long_is_not_determined() {
    // A key and a signature of RFC 9580, sections 5.5.2.2 and 5.2.3, with an RSA modulus of 4,608 bits.
    let number = |bits: u16, bytes: &[u8]| [&bits.to_be_bytes(), bytes].concat();
    let packet = |tag: u8, body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[0xc0 | tag, 0xff], &length[..], body].concat()
    };
    let time = [0x66, 0x5a, 0x64, 0x80];
    let modulus = number(4608, &[0x81; 576]);
    let key = [&[4], &time[..], &[1], &modulus, &number(17, &[1, 0, 1])].concat();
    let mut hashes = Hashes::new([Hashing::plain(Function::Sha1)]);
    hashes.update(&[&[0x99], &u16::try_from(key.len()).unwrap().to_be_bytes()[..], &key].concat());
    let fingerprint = hashes.plain(Function::Sha1).unwrap();
    let signed = [&[4, 0, 1, 8, 0, 6, 5, 2], &time[..]].concat();
    let unsigned = [&[0, 10, 9, 16], &fingerprint[12..]].concat();
    let signature = [&signed[..], &unsigned, &[0, 0], &number(4607, &[0x41; 576])].concat();
    let sandbox = folder([]);
    sandbox.write("key", [packet(6, &key), packet(13, b"release")].concat());
    sandbox.write("sig", packet(2, &signature));
    let run = refused(&sandbox, "signature/bad", "not-determined", ["app", "--signature", "sig", "--key", "key"]);
    assert!(run.stdout.contains("more than 4096 bits"), "{}", run.whole());
}

#[test]
fn a_commit_signed_by_x509_is_not_determined() {
    let sandbox = Sandbox::repository();
    sandbox.write("a", "a");
    sandbox.commit("not signed");
    let plain = sandbox.git(["cat-file", "commit", "HEAD"]);
    let (head, message) = plain.split_once("\n\n").unwrap();
    let signed =
        format!("{head}\ngpgsig -----BEGIN SIGNED MESSAGE-----\n MIIB\n -----END SIGNED MESSAGE-----\n\n{message}");
    let mut command = Command::new("git");
    command.args(["hash-object", "-t", "commit", "-w", "--stdin"]);
    let id = sandbox.run_on(command, sandbox.path(), signed.as_bytes()).stdout;
    sandbox.write("key", fixture("ssh/ed25519.pub"));
    refused(&sandbox, "signature/bad", "not-determined", ["--git-commit", id.trim(), "--key", "key"]);
}

#[test]
fn a_large_artifact_is_read_in_little_memory() {
    let sandbox = folder([("sig", "ssh/ed25519.sig"), ("key", "ssh/ed25519.pub")]);
    sparse(&sandbox, "large", 256 << 20);
    // More than may be addressed.
    assert!(u64::from(MEMORY) << 10 < 256 << 20);
    refused(&sandbox, "signature/bad", "fail", ["large", "--signature", "sig", "--key", "key"]);
}

#[test]
fn a_terminal_sees_how_far_a_large_artifact_has_come() {
    let sandbox = folder([("sig", "ssh/ed25519.sig"), ("key", "ssh/ed25519.pub")]);
    // It takes longer than the second for which nothing is shown.
    sparse(&sandbox, "large.tar", 2 << 30);
    let controller = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&controller).unwrap();
    rustix::pty::unlockpt(&controller).unwrap();
    let name = rustix::pty::ptsname(&controller, Vec::new()).unwrap();
    let terminal = fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = Command::new(binary());
    command.args(["verify", "large.tar", "--signature", "sig", "--key", "key"]).env_clear().env("TERM", "xterm");
    let mut child = command.current_dir(sandbox.path()).stdout(Stdio::null()).stderr(terminal).spawn().unwrap();
    drop(command);
    let (mut shown, mut chunk, mut controller) = (Vec::new(), [0; 4096], fs::File::from(controller));
    // The end of a terminal is an error of input.
    while let Ok(count @ 1..) = controller.read(&mut chunk) {
        shown.extend_from_slice(&chunk[..count]);
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains("large.tar [") && shown.contains("% of 2048 MiB"), "{shown:?}");
    assert!(shown.ends_with("\r\u{1b}[2K"), "erased at the end: {shown:?}");
}

#[test]
fn verify_opens_no_socket_runs_nothing_and_writes_nothing() {
    let sandbox = folder([
        ("ssh.sig", "ssh/ed25519.sig"),
        ("ssh.pub", "ssh/ed25519.pub"),
        ("mini.sig", "minisign/prehashed.minisig"),
        ("mini.pub", "minisign/a.pub"),
        ("signify.sig", "signify/artifact.sig"),
        ("signify.pub", "signify/a.pub"),
        ("pgp.asc", "pages/subkey-good/keyring"),
        ("dist/app", "pages/subkey-good/artifact"),
        ("dist/app.asc", "pages/subkey-good/signature"),
        ("dist/deep/b", "artifact"),
        ("dist/deep/b.minisig", "minisign/prehashed.minisig"),
        ("clear", "pages/clear-good/artifact"),
        ("clear.pub", "pages/clear-good/keyring"),
        ("a.txt", "a.txt"),
        ("bundle.json", "message-v0.3.sigstore.json"),
        ("root.json", "trusted-root.json"),
        ("summary.jsonl", "summary.jsonl"),
        ("summary.pub", "summary.pub"),
        ("SHA256", "signify/SHA256"),
        ("SHA256.sig", "signify/SHA256.sig"),
    ]);
    sandbox.git(["init", "-q", "-b", "main"]);
    sandbox.git(["commit", "-q", "--allow-empty", "-m", "not signed"]);
    for (arguments, code) in [
        (&["app", "--signature", "ssh.sig", "--key", "ssh.pub"][..], 0),
        (&["app", "--signature", "mini.sig", "--key", "mini.pub"], 0),
        (&["app", "--signature", "signify.sig", "--key", "signify.pub"], 0),
        (&["dist/app", "--key", "pgp.asc"], 0),
        (&["clear", "--key", "clear.pub"], 0),
        (&["dist", "--key", "pgp.asc", "--key", "mini.pub"], 0),
        (&["a.txt", "--signature", "bundle.json", "--trusted-root", "root.json", "--any-identity"], 0),
        (&["--attestation-only", "--signature", "summary.jsonl", "--key", "summary.pub"], 0),
        (&["app", "--checksums", "SHA256", "--key", "signify.pub"], 1),
        (&["--git-commit", "HEAD", "--key", "pgp.asc"], 1),
        (&["app", "--signature", "ssh.sig", "--key", "absent"], 2),
    ] {
        let whole = [&["verify"], arguments].concat();
        let Some((run, trace)) = traced(&sandbox, &whole) else {
            return skip(Path::new("strace"), "which calls verify makes");
        };
        assert_eq!(run.code, code, "{arguments:?}: {}", run.whole());
        let calls = |name: &str| -> Vec<String> {
            trace.lines().filter(|line| line.contains(name)).map(str::to_owned).collect()
        };
        assert_eq!(calls("execve(").len(), 1, "{arguments:?}: {:?}", calls("execve("));
        // Each of them is denied, too, and what is judged is judged.
        for name in
            ["socket(", "connect(", "bind(", "sendto(", "sendmsg(", "socketpair(", "fork(", "unlink", "rename", "mkdir"]
        {
            assert_eq!(calls(&format!(" {name}")), Vec::<String>::new(), "{arguments:?}");
        }
        for flag in ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"] {
            assert_eq!(calls(flag), Vec::<String>::new(), "{arguments:?}");
        }
    }
}
