//! `[[signer]]`: what a policy says of who may sign, and what the command line may add to it.

use crate::support::Sandbox;
use crate::verify::{APP, accepted, fixture, refused, signed_repository, signer, two_keys, undone};

#[test]
fn the_command_line_asks_for_more_and_never_for_less() {
    let sandbox = two_keys("namespace = \"file\"");
    let run = sandbox.portcullis(["verify", APP, "--key", "keys/second.pub", "--any-identity"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    for option in ["--key", "--any-identity"] {
        let note = format!("the policy says who may sign `{APP}`: {option} counts for nothing there");
        assert!(run.stdout.contains(&note), "{}", run.whole());
    }
    accepted(&sandbox, [APP, "--threshold", "2"]);
    refused(&sandbox, "signature/threshold", [APP, "--threshold", "3"]);
    accepted(&sandbox, [APP, "--namespace", "file"]);
    let said = "--namespace release: the signer `release-team` of the policy states `file`";
    undone(&sandbox, said, [APP, "--namespace", "release"]);
    // What is asked of other artifacts is no affair of this signer.
    sandbox.write("lib-1.0.tar", fixture("artifact"));
    sandbox.write("lib-1.0.tar.sig", fixture("ssh/ed25519-git.sig"));
    accepted(&sandbox, ["lib-1.0.tar", "--namespace", "git", "--key", "keys/first.pub"]);
}

#[test]
fn an_empty_list_of_fingerprints_is_no_list_of_all() {
    let sandbox = two_keys("fingerprints = []");
    undone(&sandbox, "expected a fingerprint, found an empty list", [APP]);
}

#[test]
fn what_is_expected_must_be_stated_by_the_scheme_that_signed() {
    let sandbox = two_keys("");
    for (option, value, rule) in [
        ("--source", "https://git.example/acme/app", "provenance/source"),
        ("--builder", "https://git.example/acme/app/build", "provenance/builder"),
        ("--issuer", "https://token.example", "signature/issuer-mismatch"),
        ("--key-id", "1", "signature/not-allowed-signer"),
    ] {
        refused(&sandbox, rule, [APP, option, value]);
    }
    sandbox.write("portcullis.toml", signer("source = \"https://git.example/acme/app\""));
    refused(&sandbox, "provenance/source", [APP]);
}

#[test]
fn what_is_damaged_is_not_outvoted_by_a_good_signature() {
    let sandbox = two_keys("");
    for damaged in ["", "no signature at all", "-----BEGIN PGP SIGNATURE-----\n\nwsA="] {
        sandbox.write(format!("{APP}.asc"), damaged);
        refused(&sandbox, "signature/bad", [APP]);
    }
}

#[test]
fn a_file_of_a_folder_is_hidden_by_no_name() {
    let sandbox = two_keys("");
    sandbox.write("dist/app-1.0.tar", fixture("artifact"));
    sandbox.write("dist/app-1.0.tar.sig", fixture("ssh/ed25519.sig"));
    accepted(&sandbox, ["dist"]);
    let signature = String::from_utf8(fixture("pages/subkey-good/signature")).unwrap_or_default();
    for hidden in ["#!/bin/sh\necho payload\n".to_owned(), format!("#!/bin/sh\n{signature}"), String::new()] {
        sandbox.write("dist/app-1.0.tar.minisig", hidden);
        let run = sandbox.portcullis(["verify", "--format", "json", "dist"]);
        assert_eq!(run.code, 1, "{}", run.whole());
        let artifacts = run.report()["artifacts"].as_array().unwrap().len();
        assert_eq!(artifacts, 2, "{}", run.whole());
    }
}

#[test]
fn a_key_that_is_revoked_signs_nothing_whoever_says_so() {
    let sandbox = two_keys("threshold = 1");
    sandbox.remove(&format!("{APP}.sshsig"));
    accepted(&sandbox, [APP]);
    refused(&sandbox, "signature/revoked-key", [APP, "--revoked", "keys/first.pub"]);
    sandbox.write("portcullis.toml", signer("revoked = \"keys/first.pub\""));
    refused(&sandbox, "signature/revoked-key", [APP]);
    sandbox.write("portcullis.toml", signer("revoked = [\"keys/second.pub\"]"));
    accepted(&sandbox, [APP]);
}

#[test]
fn the_policy_says_which_hash_functions_are_enough() {
    let sandbox = two_keys("min-hash = \"sha512\"");
    sandbox.remove(&format!("{APP}.sig"));
    accepted(&sandbox, [APP]);
    sandbox.write(format!("{APP}.sshsig"), fixture("ssh/rsa-3072-sha256.sig"));
    refused(&sandbox, "signature/weak-hash", [APP]);
    sandbox.write("portcullis.toml", signer("min-hash = \"sha256\""));
    accepted(&sandbox, [APP]);
    sandbox.write("portcullis.toml", signer("min-hash = \"sha1\""));
    undone(&sandbox, "expected one of \"sha256\", \"sha384\", \"sha512\" as `min-hash`, found `sha1`", [APP]);
}

#[test]
fn older_forms_are_accepted_by_the_policy_and_not_beside_it() {
    let sandbox = Sandbox::new();
    sandbox.write(APP, fixture("artifact"));
    sandbox.write(format!("{APP}.minisig"), fixture("minisign/legacy.minisig"));
    sandbox.write("keys/first.pub", fixture("minisign/a.pub"));
    sandbox.write("keys/second.pub", fixture("minisign/b.pub"));
    sandbox.write("portcullis.toml", signer(""));
    let run = sandbox.portcullis(["verify", APP, "--allow-legacy"]);
    assert_eq!(run.code, 1, "{}", run.whole());
    sandbox.write("portcullis.toml", signer("allow-legacy = true"));
    accepted(&sandbox, [APP]);
    sandbox.write("portcullis.toml", signer("allow-legacy = \"yes\""));
    undone(&sandbox, "expected `allow-legacy` to be true or false", [APP]);
}

#[test]
fn files_of_a_policy_stay_in_its_tree() {
    let sandbox = two_keys("");
    let with = |certificates: &str| {
        sandbox.write(
            "portcullis.toml",
            format!(
                "[[signer]]\nname = \"team\"\nartifacts = [\"app-*\"]\n\
                 certificates = [\"keys/first.pub\", \"{certificates}\"]\n"
            ),
        );
    };
    std::os::unix::fs::symlink("first.pub", sandbox.join("keys/link.pub")).unwrap();
    for (file, said) in [
        ("keys/none.pub", "portcullis.toml:4:35: expected a readable file at `keys/none.pub`, found no file"),
        ("keys", "expected a readable file at `keys`, found a folder"),
        ("keys/link.pub", "found a link to `first.pub`, which is not followed"),
        (
            "../first.pub",
            "expected a readable file at `../first.pub`, found a path that leads out of the policy's tree",
        ),
        (
            "/keys/first.pub",
            "expected a readable file at `/keys/first.pub`, found a path that leads out of the policy's tree",
        ),
    ] {
        with(file);
        undone(&sandbox, said, [APP]);
    }
    with("./keys/second.pub");
    accepted(&sandbox, [APP]);
}

#[test]
fn the_base_says_whose_keys_count() {
    let Some(sandbox) = signed_repository() else { return };
    sandbox.write("keys/release.pub", std::fs::read(sandbox.join(".git/keys/release.pub")).unwrap());
    sandbox.write(
        "portcullis.toml",
        "[[signer]]\nname = \"team\"\nartifacts = [\"v*\"]\ncertificates = [\"keys/release.pub\"]\n",
    );
    sandbox.commit("who may sign");
    accepted(&sandbox, ["--git-tag", "v1.0", "--base", "HEAD"]);
    // A pull request that puts its own key in place.
    sandbox.write("keys/release.pub", std::fs::read(sandbox.join(".git/keys/other.pub")).unwrap());
    accepted(&sandbox, ["--git-tag", "v1.0", "--base", "HEAD"]);
    refused(&sandbox, "signature/unknown-signer", ["--git-tag", "v1.0"]);
    refused(&sandbox, "signature/unknown-signer", ["--git-tag", "v1.0", "--base", "HEAD~1"]);
    undone(&sandbox, "no-such", ["--git-tag", "v1.0", "--base", "no-such"]);
    undone(
        &sandbox,
        "expected either --base <REV> or --policy",
        ["--git-tag", "v1.0", "--base", "HEAD", "--policy", "recommended"],
    );
}

#[test]
fn an_exception_names_one_key_one_rule_a_reason_and_an_end() {
    let sandbox = two_keys("");
    let exception = |scheme: &str, lines: &str| {
        sandbox.write(
            "portcullis.toml",
            format!("{}\n[[signer.exception]]\n{lines}", signer(&format!("scheme = \"{scheme}\""))),
        );
    };
    let whole = "fingerprint = \"0123456789ABCDEF0123456789ABCDEF01234567\"\nrule = \"signature/weak-key\"\n\
                 reason = \"until the new key\"\nexpires = 2027-01-31\n";
    exception("openpgp", whole);
    assert_eq!(sandbox.portcullis(["policy", "check"]).code, 0);
    let shown = sandbox.portcullis(["policy", "show"]).stdout;
    assert!(shown.contains("exception = [{ fingerprint = \"0123456789ABCDEF"), "{shown}");
    assert!(shown.contains("expires = 2027-01-31 }]"), "{shown}");
    for (scheme, from, to, said) in [
        ("ssh", "", "", "expected `scheme = \"openpgp\"` beside an exception"),
        ("openpgp", "weak-key", "revoked-key", "as `rule`, found `signature/revoked-key`"),
        ("openpgp", "weak-key", "expired-key", "as `rule`, found `signature/expired-key`"),
        ("openpgp", "0123456789ABCDEF0123456789ABCDEF01234567", "01234567", "expected a whole fingerprint"),
        ("openpgp", "expires = 2027-01-31\n", "", "expected `expires` in [[signer.exception]], found none"),
        ("openpgp", "reason = \"until the new key\"\n", "", "expected `reason` in [[signer.exception]], found none"),
        ("openpgp", "reason", "resaon", "unknown key `resaon`"),
    ] {
        exception(scheme, &whole.replace(from, to));
        undone(&sandbox, said, [APP]);
    }
}

#[test]
fn a_signer_may_sign_some_versions_alone() {
    let sandbox = two_keys("valid-for-versions = \">=1.0, <2.0\"");
    accepted(&sandbox, [APP]);
    for (name, code, state) in [
        ("app-1.tar", 0, None),
        ("app-1.99.7.4.tar", 0, None),
        ("app-2.0.tar", 1, Some("fail")),
        ("app-0.9.tar", 1, Some("fail")),
        ("app-2.0rc1.tar", 1, Some("fail")),
        ("app-next.tar", 1, Some("not-determined")),
    ] {
        sandbox.write(name, fixture("artifact"));
        sandbox.write(format!("{name}.sig"), fixture("ssh/ed25519.sig"));
        let run = sandbox.portcullis(["verify", "--format", "json", name]);
        assert_eq!(run.code, code, "{name} {}", run.whole());
        let findings = run.report()["findings"].as_array().unwrap().clone();
        assert_eq!(findings.first().and_then(|finding| finding["state"].as_str()), state, "{name} {}", run.whole());
        assert!(findings.iter().all(|finding| finding["rule"] == "signature/not-allowed-signer"), "{}", run.whole());
    }
    sandbox.write("portcullis.toml", signer("valid-for-versions = \"new\""));
    undone(&sandbox, "expected versions as in \">=1.0, <2.0\", found `new`", [APP]);
}
