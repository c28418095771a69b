//! The ledger of signers: a release engineer records releases, and is told when somebody else signs the next.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::support::{Run, Sandbox, has_tool};

const LEDGER: &str = ".portcullis/signers.toml";

/// A folder in which two people have keys; `None` without ssh-keygen.
struct Release {
    sandbox: Sandbox,
}

impl Release {
    fn new() -> Option<Self> {
        if !has_tool("ssh-keygen", "the ledger of signers") {
            return None;
        }
        let release = Self { sandbox: Sandbox::new() };
        fs::create_dir(release.sandbox.join("keys")).unwrap();
        for name in ["ada", "bob", "eve"] {
            release.keygen(&["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", &format!("keys/{name}")]);
        }
        release.trusts(&["ada"]);
        Some(release)
    }

    #[track_caller]
    fn keygen(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("ssh-keygen");
        command.args(arguments);
        let run = self.sandbox.run(command, self.sandbox.path());
        assert_eq!(run.code, 0, "{}", run.whole());
        run.stdout
    }

    /// Writes the list of those who may sign.
    fn trusts(&self, names: &[&str]) {
        let line = |name: &&str| {
            format!("{name} {}", fs::read_to_string(self.sandbox.join(format!("keys/{name}.pub"))).unwrap())
        };
        self.sandbox.write("allowed_signers", names.iter().map(line).collect::<String>());
    }

    fn sign(&self, file: &str, by: &str) {
        drop(fs::remove_file(self.sandbox.join(format!("{file}.sig"))));
        self.keygen(&["-q", "-Y", "sign", "-n", "file", "-f", &format!("keys/{by}"), file]);
    }

    fn publish(&self, version: &str, by: &str) -> String {
        let name = format!("app-{version}.tar.gz");
        self.sandbox.write(&name, format!("contents of {version}"));
        self.sign(&name, by);
        name
    }

    fn key(&self, name: &str) -> String {
        let line = self.keygen(&["-l", "-f", &format!("keys/{name}.pub")]);
        line.split_whitespace().nth(1).unwrap().to_owned()
    }

    fn verify(&self, arguments: &[&str]) -> Run {
        let usual = ["verify", "--allowed-signers", "allowed_signers"];
        self.sandbox.portcullis(usual.into_iter().chain(arguments.iter().copied()))
    }

    /// The rules of the findings, each once, with their levels.
    #[track_caller]
    fn found(&self, code: i32, arguments: &[&str]) -> BTreeMap<String, String> {
        let run = self.verify(&[arguments, &["--format", "json"]].concat());
        assert_eq!(run.code, code, "{}", run.whole());
        let word = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
        let report = run.report();
        report["findings"].as_array().unwrap().iter().map(|one| (word(one, "rule"), word(one, "level"))).collect()
    }

    #[track_caller]
    fn refused(&self, rule: &str, arguments: &[&str]) {
        assert_eq!(self.found(1, arguments), BTreeMap::from([(rule.to_owned(), "deny".to_owned())]));
    }

    #[track_caller]
    fn quiet(&self, arguments: &[&str]) {
        assert_eq!(self.found(0, arguments), BTreeMap::new());
    }

    #[track_caller]
    fn record(&self, arguments: &[&str]) -> String {
        let run = self.verify(&[arguments, &["--record"]].concat());
        assert_eq!(run.code, 0, "{}", run.whole());
        run.stderr
    }

    fn ledger(&self) -> String {
        fs::read_to_string(self.sandbox.join(LEDGER)).unwrap()
    }

    fn add(&self, text: &str) {
        self.sandbox.write(LEDGER, self.ledger() + text);
    }

    /// The ledger cannot be read: that is no answer, and says where.
    #[track_caller]
    fn undone(&self, said: &str, arguments: &[&str]) {
        let run = self.verify(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.whole());
        assert!(run.stderr.contains(said), "{}", run.whole());
    }
}

#[test]
fn what_is_recorded_passes_again_and_twice_is_the_same_bytes() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.quiet(&[&first]);
    let said = release.record(&[&first, "--at", "2026-11-25"]);
    assert!(
        said.contains("recorded in .portcullis/signers.toml: version 1.3.0 of `app-*.tar.gz`, signed by ada"),
        "{said}"
    );
    let ledger = release.ledger();
    for part in ["format = 1", "recorded = 2026-11-25T00:00:00Z", &release.key("ada"), "digest = \"sha256:"] {
        assert!(ledger.contains(part), "{part}: {ledger}");
    }
    assert!(release.record(&[&first]).contains("nothing new"));
    assert_eq!(release.ledger(), ledger);
    // The next version, by the same key; what stands in the file stays to the letter.
    let ledger = format!("# ours\n{ledger}# the end");
    release.sandbox.write(LEDGER, &ledger);
    let second = release.publish("1.10.0", "ada");
    release.quiet(&[&first, &second]);
    release.record(&[&first, &second]);
    let after = release.ledger();
    assert!(after.starts_with(&ledger) && after.matches("[[release]]").count() == 2, "{after}");
    assert!(!after.split("# the end").nth(1).unwrap().contains("recorded ="), "{after}");
    release.quiet(&[&first, &second]);
}

#[test]
fn several_releases_are_recorded_in_the_order_of_their_versions() {
    let Some(release) = Release::new() else { return };
    for version in ["1.10.0", "1.9.0", "1.10.0rc1"] {
        let name = release.publish(version, "ada");
        for suffix in ["", ".sig"] {
            release.sandbox.write(
                format!("dist/{name}{suffix}"),
                fs::read(release.sandbox.join(format!("{name}{suffix}"))).unwrap(),
            );
        }
    }
    release.record(&["dist"]);
    let ledger = release.ledger();
    let versions: Vec<&str> = ledger.lines().filter_map(|line| line.strip_prefix("version = ")).collect();
    assert_eq!(versions, ["\"1.9.0\"", "\"1.10.0rc1\"", "\"1.10.0\""]);
}

#[test]
fn another_signer_is_refused_until_the_key_was_handed_over() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.trusts(&["ada", "bob"]);
    release.record(&[&first]);
    let ledger = release.ledger();
    let next = release.publish("1.4.0", "bob");
    release.refused("signer/changed", &[&next]);
    let run = release.verify(&[&next, "--record"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stderr.contains("nothing is recorded: not everything is accepted"), "{}", run.whole());
    assert_eq!(release.ledger(), ledger);
    let (ada, bob) = (release.key("ada"), release.key("bob"));
    // By review.
    release.add(&format!(
        "[[hand-over]]\nfrom = \"{ada}\"\nto = \"{bob}\"\nreason = \"Bob releases\"\nowner = \"@ada\"\n"
    ));
    release.quiet(&[&next]);
    // By the old key's signature over the file of the new one.
    release.sign("keys/bob.pub", "ada");
    let signed = format!(
        "[[hand-over]]\nfrom = \"{ada}\"\nto = \"{bob}\"\nsignature = \"keys/bob.pub.sig\"\ncertificate = \"keys/bob.pub\"\n"
    );
    release.sandbox.write(LEDGER, format!("{ledger}{signed}"));
    release.quiet(&[&next]);
    release.record(&[&next]);
    // From then on the new key is the one that counts.
    release.refused("signer/changed", &[&release.publish("1.5.0", "ada")]);
    release.quiet(&[&first, &release.publish("1.5.0", "bob")]);
}

#[test]
fn a_forged_hand_over_counts_for_nothing_and_is_named() {
    let Some(release) = Release::new() else { return };
    release.trusts(&["ada", "bob", "eve"]);
    release.record(&[&release.publish("1.3.0", "ada")]);
    let ledger = release.ledger();
    let next = release.publish("1.4.0", "eve");
    let (ada, bob, eve) = (release.key("ada"), release.key("bob"), release.key("eve"));
    let hand_over = |from: &str, to: &str, certificate: &str| {
        format!(
            "[[hand-over]]\nfrom = \"{from}\"\nto = \"{to}\"\nsignature = \"{certificate}.sig\"\ncertificate = \"{certificate}\"\n"
        )
    };
    let check = |text: &str, said: &str| {
        release.sandbox.write(LEDGER, format!("{ledger}{text}"));
        release.refused("signer/changed", &[&next]);
        let run = release.verify(&[&next]);
        let line = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains("counts for nothing") && line.contains(said), "{}", run.whole());
    };
    // Signed by the key that is to follow.
    release.sign("keys/eve.pub", "eve");
    check(&hand_over(&ada, &eve, "keys/eve.pub"), "is not signed by that key");
    // The old key's signature over another key.
    release.sign("keys/bob.pub", "ada");
    check(&hand_over(&ada, &eve, "keys/bob.pub"), "alone is expected");
    // The old key's signature over other contents.
    fs::copy(release.sandbox.join("keys/bob.pub.sig"), release.sandbox.join("keys/eve.pub.sig")).unwrap();
    check(&hand_over(&ada, &eve, "keys/eve.pub"), "counts for nothing");
    check(&hand_over(&ada, &eve, "keys/gone"), "found none");
    check(&hand_over(&ada, &eve, "../gone"), "a path that leads out of the policy's tree");
    // A circle ends, and does not lead to whoever stands outside of it.
    let reviewed = |from: &str, to: &str| {
        format!("[[hand-over]]\nfrom = \"{from}\"\nto = \"{to}\"\nreason = \"x\"\nowner = \"y\"\n")
    };
    release.sandbox.write(LEDGER, format!("{ledger}{}{}", reviewed(&ada, &bob), reviewed(&bob, &ada)));
    release.refused("signer/changed", &[&next]);
    // A chain is followed.
    release.sandbox.write(LEDGER, format!("{ledger}{}{}", reviewed(&ada, &bob), reviewed(&bob, &eve)));
    release.quiet(&[&next]);
}

#[test]
fn a_key_that_is_added_to_the_keyring_is_told_though_it_signed_nothing() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.record(&[&first]);
    release.trusts(&["ada", "eve"]);
    let next = release.publish("1.4.0", "ada");
    release.refused("signer/keyring-widened", &[&next]);
    assert_eq!(release.found(1, &[&release.publish("1.4.0", "eve")]).len(), 2);
    let (ada, eve) = (release.key("ada"), release.key("eve"));
    let next = release.publish("1.4.0", "ada");
    release
        .add(&format!("[[hand-over]]\nfrom = \"{ada}\"\nto = \"{eve}\"\nreason = \"Eve helps\"\nowner = \"@ada\"\n"));
    release.quiet(&[&next]);
    // Fewer keys are no more.
    release.record(&[&next]);
    release.trusts(&["ada"]);
    release.quiet(&[&next]);
}

#[test]
fn a_waived_change_of_signers_is_not_recorded() {
    let Some(release) = Release::new() else { return };
    release.trusts(&["ada", "bob"]);
    release.record(&[&release.publish("1.3.0", "ada")]);
    let ledger = release.ledger();
    let next = release.publish("1.4.0", "bob");
    release.sandbox.write("portcullis.toml", "[rules]\n\"signer/changed\" = \"warn\"\n");
    let run = release.verify(&[&next, "--record"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stderr.contains("nothing is recorded: `app-1.4.0.tar.gz` is signed by bob"), "{}", run.whole());
    assert_eq!(release.ledger(), ledger);
}

#[test]
fn a_product_without_a_record_is_a_warning_and_so_is_a_second_signer() {
    let Some(release) = Release::new() else { return };
    release.trusts(&["ada", "bob"]);
    release.record(&[&release.publish("1.3.0", "ada")]);
    release.sandbox.write("lib-1.0.zip", "contents");
    release.sign("lib-1.0.zip", "bob");
    let new = BTreeMap::from([("signer/new".to_owned(), "warn".to_owned())]);
    assert_eq!(release.found(0, &["lib-1.0.zip"]), new);
    release.record(&["lib-1.0.zip"]);
    release.quiet(&["lib-1.0.zip"]);
    let next = release.publish("1.4.0", "bob");
    fs::rename(release.sandbox.join(format!("{next}.sig")), release.sandbox.join(format!("{next}.sshsig"))).unwrap();
    release.sign(&next, "ada");
    assert_eq!(release.found(0, &[&next]), new);
}

#[test]
fn a_version_that_was_recorded_keeps_its_contents() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.record(&[&first]);
    release.sandbox.write(&first, "other contents");
    release.sign(&first, "ada");
    release.refused("signer/changed", &[&first]);
    let run = release.verify(&[&first]);
    assert!(run.stdout.contains("version 1.3.0 was recorded with other contents"), "{}", run.whole());
}

#[test]
fn what_is_refused_by_its_signature_stays_refused_and_nothing_is_written() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "eve");
    let run = release.verify(&[&first, "--record"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(!release.sandbox.join(".portcullis").exists());
    release.record(&[&release.publish("1.3.0", "ada")]);
    // A new product is a warning: it must not hide that nobody signed.
    release.sandbox.write("lib-1.0.zip", "contents");
    assert_eq!(release.found(1, &["lib-1.0.zip"]).len(), 2);
    release.refused("signature/unknown-signer", &[&release.publish("1.4.0", "eve")]);
}

#[test]
fn a_ledger_that_cannot_be_read_is_never_passed_over() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.record(&[&first]);
    let (ledger, ada) = (release.ledger(), release.key("ada"));
    let check = |text: &str, said: &str| {
        release.sandbox.write(LEDGER, text);
        release.undone(said, &[&first]);
        release.undone(said, &[&first, "--record"]);
        assert_eq!(release.ledger(), text);
    };
    let twice = format!("{ledger}{}", &ledger[ledger.find("[[release]]").unwrap()..]);
    check("format = 2\n", ".portcullis/signers.toml:1:10: expected `format` to be 1");
    check("", "expected `format = 1`, found no format");
    check("format = ", ".portcullis/signers.toml:1:");
    check(&ledger.replace("keyring", "keyrings"), "did you mean `keyring`?");
    check(
        &ledger.replace("product", "produkt"),
        ":6:1: unknown key `produkt` in [[release]]\nhint: did you mean `product`?",
    );
    check(&twice, "expected one record of `app-*.tar.gz` in the version `1.3.0`, found two");
    check(&ledger.replace(&ada, "0123 4567 89AB CDEF"), "expected a whole fingerprint, found `0123 4567 89AB CDEF`");
    check(&ledger.replace("sha256:", "sha1:"), "expected `digest` to be a whole one");
    check(&format!("{ledger}[[hand-over]]\nfrom = \"{ada}\"\nto = \"{ada}\"\n"), "handed over to itself");
    let other = release.key("bob");
    let hand_over = format!("[[hand-over]]\nfrom = \"{ada}\"\nto = \"{other}\"\n");
    check(&format!("{ledger}{hand_over}reason = \"x\"\n"), "expected either `signature` and `certificate`");
    let sound = format!("{hand_over}reason = \"x\"\nowner = \"y\"\n");
    check(&format!("{ledger}{sound}{sound}"), "found two");
    // Releases in another form: nothing could be added.
    release.sandbox.write(LEDGER, "format = 1\nrelease = []\n");
    release.undone("write each release in double brackets", &[&first, "--record"]);
}

#[test]
fn a_ledger_is_a_file_of_the_folder() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.record(&[&first]);
    let outside = Sandbox::new();
    outside.write("signers.toml", release.ledger());
    release.sandbox.link(LEDGER, outside.join("signers.toml").to_str().unwrap());
    release.undone("expected a readable ledger of signers, found a link", &[&first]);
    release.undone("found a link", &[&first, "--record"]);
    release.sandbox.remove(LEDGER);
    let mut command = Command::new("mkfifo");
    command.arg(LEDGER);
    assert_eq!(release.sandbox.run(command, release.sandbox.path()).code, 0);
    release.undone("expected a readable ledger of signers", &[&first]);
    release.sandbox.remove(LEDGER);
    fs::create_dir(release.sandbox.join(LEDGER)).unwrap();
    release.undone("found a folder", &[&first]);
    fs::remove_dir_all(release.sandbox.join(".portcullis")).unwrap();
    // A folder that is a link leads to another ledger, or to none.
    for target in [outside.path().to_str().unwrap(), "gone"] {
        release.sandbox.link(".portcullis", target);
        release.undone("expected a readable ledger of signers", &[&first, "--record"]);
        release.sandbox.remove(".portcullis");
    }
}

#[test]
fn the_ledger_stands_beside_the_policy_and_tags_are_products_too() {
    let Some(release) = Release::new() else { return };
    release.sandbox.git(["init", "-q", "-b", "main"]);
    release.sandbox.git(["config", "gpg.format", "ssh"]);
    for (tag, by) in [("v1.3.0", "ada"), ("v1.4.0", "ada"), ("v1.5.0", "bob")] {
        release.sandbox.git([
            "config",
            "user.signingkey",
            release.sandbox.join(format!("keys/{by}")).to_str().unwrap(),
        ]);
        release.sandbox.commit(tag);
        release.sandbox.git(["tag", "-s", "-m", tag, tag]);
    }
    release.trusts(&["ada", "bob"]);
    release.sandbox.write("ours/portcullis.toml", "extends = [\"builtin:recommended\"]\n");
    let by = ["--policy", "ours/portcullis.toml"];
    let said = release.record(&[&by[..], &["--git-tag", "v1.3.0"]].concat());
    assert!(said.contains("recorded in ours/.portcullis/signers.toml: version 1.3.0 of `v*`, signed by ada"), "{said}");
    let ledger = fs::read_to_string(release.sandbox.join("ours").join(LEDGER)).unwrap();
    assert!(ledger.contains("kind = \"tag\"") && ledger.contains("digest = \"git-sha1:"), "{ledger}");
    release.quiet(&[&by[..], &["--git-tag", "v1.4.0", "--git-tag", "v1.3.0"]].concat());
    release.refused("signer/changed", &[&by[..], &["--git-tag", "v1.5.0"]].concat());
    // Commits are no releases, and cannot be recorded.
    let commits = release.verify(&["--git-commit", "HEAD", "--record"]);
    assert_eq!(commits.code, 2, "{}", commits.whole());
}

#[test]
fn a_digest_is_known_by_what_was_recorded_and_is_not_recorded_itself() {
    let Some(release) = Release::new() else { return };
    let first = release.publish("1.3.0", "ada");
    release.record(&[&first]);
    let ledger = release.ledger();
    let digest = ledger.lines().find_map(|line| line.strip_prefix("digest = \"")).unwrap().trim_end_matches('"');
    // ssh-keygen signs over SHA-512.
    let run = release.verify(&[digest, "--signature", &format!("{first}.sig"), "--record"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    assert_eq!(release.ledger(), ledger);
}
