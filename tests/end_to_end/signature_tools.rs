//! Keys and signatures that real tools make: whole they verify, and with one flipped bit they do not, or say the same.
//!
//! Each byte of signature and key is flipped in one bit, and 1,000 places of the artifact, through the library: as many
//! runs of the binary would take hours. A sample of the same flips goes through the binary, which must answer alike.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::signature::{Artifact, Expected, Hashes, Material, SignedTime, Trust, scheme_of, scheme_of_message};
use portcullis::text::Text;

use crate::support::{Run, Sandbox, has_tool};

/// How many places of the artifact are flipped.
const PLACES: usize = 1_000;

/// How many flips of each file go through the binary.
const SAMPLE: usize = 40;

/// How many lines are signed, in a file of their own or in a message.
const LINES: usize = 40;

/// What a tool made.
#[derive(Clone)]
struct Case {
    name: &'static str,
    artifact: Vec<u8>,
    /// `None` where the artifact is a message that holds its signature.
    signature: Option<Vec<u8>>,
    key: Vec<u8>,
    /// Whom a list of SSH signers names, where the key is such a list.
    identity: Option<&'static str>,
}

/// The files of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Artifact,
    Signature,
    Key,
}

/// What is said of an artifact that is accepted.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    /// Names may stand in what nobody signs, as a comment of a key; they are looked at apart.
    names: BTreeSet<String>,
    signers: BTreeSet<String>,
    times: Vec<Option<SignedTime>>,
    digests: Vec<Option<(&'static str, String)>>,
    /// What a message signs.
    text: Vec<u8>,
}

impl Answer {
    /// Whether another answer says the same of who signed what, and when.
    fn is_same(&self, other: &Self) -> bool {
        (&self.signers, &self.times, &self.digests, &self.text)
            == (&other.signers, &other.times, &other.digests, &other.text)
    }
}

impl Case {
    fn part(&self, part: Part) -> &[u8] {
        match part {
            Part::Artifact => &self.artifact,
            Part::Signature => self.signature.as_deref().unwrap_or_default(),
            Part::Key => &self.key,
        }
    }

    /// The case with another content of one of its files.
    fn with(&self, part: Part, bytes: Vec<u8>) -> Self {
        let mut other = self.clone();
        match part {
            Part::Artifact => other.artifact = bytes,
            Part::Signature => other.signature = Some(bytes),
            Part::Key => other.key = bytes,
        }
        other
    }

    fn trust(&self) -> Trust {
        let key = vec![material("key", &self.key)];
        let (keys, allowed_signers) = if self.identity.is_some() { (Vec::new(), key) } else { (key, Vec::new()) };
        let expected = Expected { identity: self.identity.map(str::to_owned), ..Expected::default() };
        Trust { keys, allowed_signers, expected, at: now(), ..Trust::default() }
    }

    /// What is said of the case; nothing where it is refused.
    fn answer(&self) -> Option<Answer> {
        let (trust, mut text) = (self.trust(), Vec::new());
        let claims = match &self.signature {
            Some(signature) => {
                let pending = (scheme_of(signature)?.read)(&material("signature", signature), &trust).ok()?;
                let mut hashes = Hashes::new(pending.hashings());
                hashes.update(&self.artifact);
                pending.finish(&hashes)
            }
            None => {
                let (_, scheme) = scheme_of_message(self.artifact.get(..4096).unwrap_or(&self.artifact))?;
                (scheme.read)(&Text::of("artifact"), &mut self.artifact.as_slice(), &trust, &mut text).ok()?
            }
        };
        let artifact = Artifact { claims, ..Artifact::new("artifact", Text::of("artifact")) };
        artifact.is_accepted().then(|| Answer {
            names: artifact.signers().iter().map(|signer| signer.name.to_string()).collect(),
            signers: artifact.signers().iter().map(|signer| signer.fingerprint.to_string()).collect(),
            times: artifact.good_claims().map(|claim| claim.time).collect(),
            digests: artifact.good_claims().map(|claim| claim.digest.clone()).collect(),
            text,
        })
    }
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn material(name: &'static str, bytes: &[u8]) -> Material {
    Material { name: Text::of(name), bytes: bytes.to_vec() }
}

/// Numbers that are the same each time (splitmix64).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    /// The bytes with one bit of the byte at a place flipped.
    fn flipped(&mut self, bytes: &[u8], at: usize) -> Vec<u8> {
        let mut other = bytes.to_vec();
        other[at] ^= 1 << self.below(8);
        other
    }
}

/// What is signed: text, so that it may be clear-signed too.
fn artifact() -> Vec<u8> {
    let mut seeded = Seeded(1);
    let lines = (0..LINES).map(|at| format!("{at} {:016x}{:016x} line\n", seeded.next(), seeded.next()));
    lines.collect::<String>().into_bytes()
}

/// Holds a case to everything: whole it is accepted, damaged it is not, or what is said of it is the same.
#[expect(clippy::print_stdout, reason = "the figures are shown with --nocapture")]
fn check(case: &Case) {
    let whole = case.answer().unwrap_or_else(|| panic!("{}: expected to be accepted whole", case.name));
    assert_eq!(whole.signers.len(), 1, "{}: {whole:?}", case.name);
    assert!(binary(std::slice::from_ref(case)).iter().eq([&whole.signers]), "{}", case.name);

    let mut seeded = Seeded(2);
    for part in [Part::Signature, Part::Key, Part::Artifact] {
        let bytes = case.part(part);
        if bytes.is_empty() {
            continue;
        }
        let holds_signature = part != Part::Artifact || case.signature.is_none();
        let places: Vec<usize> = match holds_signature {
            true => (0..bytes.len()).collect(),
            false => (0..PLACES).map(|_| seeded.below(bytes.len())).collect(),
        };
        let sampled: BTreeSet<usize> = (0..SAMPLE).map(|_| seeded.below(places.len())).collect();
        let flips: Vec<(usize, usize, Vec<u8>)> =
            places.iter().enumerate().map(|(index, at)| (index, *at, seeded.flipped(bytes, *at))).collect();
        let needed = Needed::default();
        let one = |(index, at, flipped): &(usize, usize, Vec<u8>)| {
            let damaged = case.with(part, flipped.clone());
            let answer = damaged.answer();
            (*at, sampled.contains(index).then_some(damaged), flipped.clone(), answer)
        };
        let answers = on_all_cores(&flips, one);
        let (cases, expected): (Vec<Case>, Vec<_>) =
            answers.iter().filter_map(|(_, damaged, _, answer)| Some((damaged.clone()?, answer))).unzip();
        // What is trusted is one thing for a whole run.
        let size = if part == Part::Key { 1 } else { cases.len() };
        for (cases, expected) in cases.chunks(size).zip(expected.chunks(size)) {
            let expected: Vec<_> = expected
                .iter()
                .map(|answer| answer.as_ref().map(|answer| answer.signers.clone()).unwrap_or_default())
                .collect();
            assert_eq!(binary(cases), expected, "{} {part:?}", case.name);
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, _, flipped, answer) in answers {
            let Some(answer) = answer else { continue };
            let place = format!(
                "{} {part:?}, byte {at} of {}, {:#04x} for {:#04x}",
                case.name,
                bytes.len(),
                flipped[at],
                bytes[at]
            );
            assert!(whole.is_same(&answer), "{place}: expected {whole:?}, found {answer:?}");
            let reason = reason(case, part, &flipped, at, &needed);
            let reason = reason.unwrap_or_else(|| panic!("{place}: is accepted, and no reason is known"));
            *reasons.entry(reason).or_default() += 1;
            // A name is the same, or none, unless it stands in a comment that nobody signs.
            let is_named_alike = answer.names == whole.names || answer.names == whole.signers;
            assert!(is_named_alike || reason == COMMENT, "{place}: is named {:?}", answer.names);
        }
        let count: usize = reasons.values().sum();
        println!("{}: {part:?}: {} flips, {count} accepted: {reasons:?}", case.name, places.len());
        assert!(part != Part::Artifact || case.signature.is_none() || count == 0, "{}", case.name);
    }
}

/// Asks the same of everything on all cores; the answers stand in the order of what was asked.
fn on_all_cores<T: Sync, R: Send>(asked: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let one = &one;
        let parts = asked.chunks(asked.len().div_ceil(cores).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>())).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Judges cases of one key in one run of the binary, and returns who signed each of them; nobody where it is refused.
fn binary(cases: &[Case]) -> Vec<BTreeSet<String>> {
    let sandbox = Sandbox::new();
    let first = &cases[0];
    sandbox.write("key", &first.key);
    let mut arguments: Vec<String> = ["verify", "--format", "json"].map(str::to_owned).to_vec();
    match first.identity {
        Some(identity) => arguments.extend(["--allowed-signers", "key", "--identity", identity].map(str::to_owned)),
        None => arguments.extend(["--key", "key"].map(str::to_owned)),
    }
    for (at, case) in cases.iter().enumerate() {
        sandbox.write(format!("{at}/app"), &case.artifact);
        if let Some(signature) = &case.signature {
            sandbox.write(format!("{at}/app.sig"), signature);
        }
        arguments.push(format!("{at}/app"));
    }
    let run = sandbox.portcullis(arguments.iter().map(String::as_str));
    let report: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.whole()));
    let judged = report["artifacts"].as_array().unwrap();
    assert_eq!(judged.len(), cases.len());
    let is_pass = |one: &serde_json::Value| one["verdict"] == "pass";
    assert_eq!(run.code, i32::from(!judged.iter().all(is_pass)), "{}", run.whole());
    let signers = |one: &serde_json::Value| {
        let signers = one["signers"].as_array().unwrap().iter();
        signers.map(|signer| signer["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    judged.iter().map(|one| if is_pass(one) { signers(one) } else { BTreeSet::new() }).collect()
}

// Why a file with a flipped bit says the same.

/// The armor around it says the same: headers, checksum, dashes, line ends.
const ARMOR: &str = "armor";
/// A comment, which nobody signs.
const COMMENT: &str = "comment";
/// Blank space at a line's end, or between the members of a document.
const SPACE: &str = "space";
/// A hint at the key, or at a signature that follows, which proves nothing.
const HINT: &str = "hint";
/// The unhashed area of an OpenPGP signature.
const UNHASHED: &str = "unhashed area";
/// The first two bytes of the digest, which an OpenPGP signature repeats for speed.
const PREFIX: &str = "start of the digest";
/// What a message says of its text: format, name and date, which no signature is over (RFC 9580, section 5.9).
const ABOUT: &str = "about the text";
/// The same packets come out of other compressed data, or others that say the same.
const PACKED: &str = "compressed data";
/// A packet of a keyring without which the same is said: another subkey, a name, a second self-signature.
const DISPENSABLE: &str = "dispensable packet";

/// Tells why a damaged file says what the whole one does, where that is known and right.
fn reason(case: &Case, part: Part, flipped: &[u8], at: usize, needed: &Needed) -> Option<&'static str> {
    let whole = case.part(part);
    if let Some(reason) = of_text(case, part, whole, flipped, at) {
        return Some(reason);
    }
    let (whole_packets, other) = (unarmored(whole), unarmored(flipped));
    if whole.starts_with(b"-----BEGIN") && whole_packets == other {
        return Some(ARMOR);
    }
    let differs = whole_packets.iter().zip(&other).position(|(one, other)| one != other)?;
    let packets = packets(&whole_packets)?;
    let at = packets.iter().position(|packet| packet.whole.contains(&differs))?;
    if let Some(reason) = packets[at].unsigned(&whole_packets, differs) {
        return Some(reason);
    }
    let dispensable = needed.dispensable.get_or_init(|| dispensable(case, part, &whole_packets, &packets));
    dispensable.get(at)?.then_some(DISPENSABLE)
}

/// Which packets of a file may be missing; asked once.
#[derive(Default)]
struct Needed {
    dispensable: OnceCell<Vec<bool>>,
}

/// Tells of each packet whether the case says the same without it, or without the key or name that it is about.
fn dispensable(case: &Case, part: Part, bytes: &[u8], packets: &[Packet]) -> Vec<bool> {
    let whole = case.answer();
    let is_same_without = |range: Range<usize>| {
        let rest = [&bytes[..range.start], &bytes[range.end..]].concat();
        match (&whole, case.with(part, rest).answer()) {
            (Some(whole), Some(answer)) => whole.is_same(&answer),
            _ => false,
        }
    };
    let mut found = vec![false; packets.len()];
    for (at, packet) in packets.iter().enumerate() {
        let signatures = packets[at + 1..].iter().take_while(|next| next.tag == SIGNATURE).count();
        let last = if packet.tag == SIGNATURE { at } else { at + signatures };
        if is_same_without(packet.whole.start..packets[last].whole.end) {
            found[at..=last].fill(true);
        }
    }
    found
}

/// Tells it of what is read as lines of text.
fn of_text(case: &Case, part: Part, whole: &[u8], flipped: &[u8], at: usize) -> Option<&'static str> {
    let is = |prefix: &[u8]| whole.starts_with(prefix);
    let line = whole[..at].iter().filter(|byte| **byte == b'\n').count();
    if is(b"untrusted comment:") {
        return match (line, whole[at]) {
            (0, _) => Some(COMMENT),
            (_, b'\n') => Some(SPACE),
            _ => None,
        };
    }
    if is(b"ssh-") || is(b"ecdsa-") || case.identity.is_some() && part == Part::Key {
        let words = whole[..at].iter().filter(|byte| **byte == b' ').count();
        let comment = if case.identity.is_some() { 3 } else { 2 };
        return match (words, whole[at]) {
            (words, _) if words >= comment => Some(COMMENT),
            (_, b' ') => Some(SPACE),
            _ => None,
        };
    }
    if is(b"{") {
        let keyid = whole.windows(9).position(|window| window == b"\"keyid\":\"").map(|start| start + 1);
        let end = keyid.map(|start| start + whole[start..].iter().position(|byte| *byte == b',').unwrap());
        return match (keyid, end) {
            (Some(start), Some(end)) if (start..end).contains(&at) => Some(HINT),
            _ => whole[at].is_ascii_whitespace().then_some(SPACE),
        };
    }
    if is(b"-----BEGIN PGP SIGNED MESSAGE-----") {
        let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
            bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end().to_vec()).collect()
        };
        return (lines(whole) == lines(flipped)).then_some(SPACE);
    }
    None
}

/// What an armor holds; the bytes themselves where there is none, and nothing where it is broken.
fn unarmored(bytes: &[u8]) -> Vec<u8> {
    let Some(begin) = bytes.windows(10).rposition(|window| window == b"-----BEGIN") else { return bytes.to_vec() };
    let mut encoded = Vec::new();
    let mut in_headers = true;
    for line in bytes[begin..].split(|byte| *byte == b'\n').skip(1).map(<[u8]>::trim_ascii) {
        if line.starts_with(b"-") || line.starts_with(b"=") {
            break;
        }
        if in_headers && line.contains(&b':') {
            continue;
        }
        in_headers = false;
        encoded.extend_from_slice(line);
    }
    STANDARD.decode(&encoded).unwrap_or_default()
}

const SIGNATURE: u8 = 2;
const ONE_PASS: u8 = 4;
const COMPRESSED: u8 = 8;
const LITERAL: u8 = 11;

/// One OpenPGP packet.
struct Packet {
    tag: u8,
    whole: Range<usize>,
    body: usize,
}

impl Packet {
    /// Tells what at a place of a signature is not signed.
    fn unsigned(&self, bytes: &[u8], at: usize) -> Option<&'static str> {
        if self.tag == COMPRESSED {
            return Some(PACKED);
        }
        if self.tag == ONE_PASS {
            return Some(HINT);
        }
        if self.tag == LITERAL {
            // Format, name and date; the text follows.
            return (at < self.body + 6 + usize::from(bytes[self.body + 1])).then_some(ABOUT);
        }
        if self.tag != SIGNATURE || bytes[self.body] != 4 {
            return None;
        }
        let length = |at: usize| usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1]);
        let unhashed = self.body + 6 + length(self.body + 4);
        let prefix = unhashed + 2 + length(unhashed);
        match at {
            at if (unhashed..prefix).contains(&at) => Some(UNHASHED),
            at if (prefix..prefix + 2).contains(&at) => Some(PREFIX),
            _ => None,
        }
    }
}

/// The packets of a file, where it is made of such and their lengths are plain.
fn packets(bytes: &[u8]) -> Option<Vec<Packet>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(head) = bytes.get(at) {
        let number = |from: usize, count: usize| {
            bytes.get(from..from + count).map(|octets| octets.iter().fold(0, |all, one| all << 8 | usize::from(*one)))
        };
        let (tag, body, length) = match head >> 6 {
            // A packet of no stated length goes to the end of the file.
            0b10 if head & 3 == 3 => ((head >> 2) & 0xf, at + 1, bytes.len() - at - 1),
            0b10 => {
                let octets = 1 << (head & 3);
                ((head >> 2) & 0xf, at + 1 + octets, number(at + 1, octets)?)
            }
            0b11 => match *bytes.get(at + 1)? {
                first @ ..192 => (head & 0x3f, at + 2, usize::from(first)),
                first @ 192..224 => (head & 0x3f, at + 3, (usize::from(first) - 192) * 256 + number(at + 2, 1)? + 192),
                255 => (head & 0x3f, at + 6, number(at + 2, 4)?),
                _ => return None,
            },
            _ => return None,
        };
        found.push(Packet { tag, whole: at..body + length, body });
        at = body + length;
    }
    Some(found)
}

// The tools.

/// A folder in which a tool works, and what it has made.
struct Workshop {
    sandbox: Sandbox,
}

impl Workshop {
    /// A folder with an artifact in it; `None` without the tool.
    fn of(tool: &str) -> Option<Self> {
        if !has_tool(tool, "signatures of a real tool") {
            return None;
        }
        let sandbox = Sandbox::new();
        sandbox.write("artifact", artifact());
        sandbox.write("empty", "");
        Some(Self { sandbox })
    }

    /// Runs a tool, which must succeed.
    #[track_caller]
    fn run<const N: usize>(&self, tool: &str, arguments: [&str; N]) -> String {
        let run = self.try_run(tool, &arguments);
        assert_eq!(run.code, 0, "{tool} {arguments:?}: {}", run.whole());
        run.stdout
    }

    fn try_run(&self, tool: &str, arguments: &[&str]) -> Run {
        let mut command = Command::new(tool);
        // Homes of their own, and a short path for the agent's socket.
        command.args(arguments).env("GNUPGHOME", self.sandbox.join("g")).env("SEQUOIA_HOME", self.sandbox.join("q"));
        self.sandbox.run(command, self.sandbox.path())
    }

    /// Checks a signature over an empty file: as good as any, and none over another file.
    fn check_empty(&self, signature: &str, key: &str) {
        let (name, signature, key) = ("an empty file", Some(self.read(signature)), self.read(key));
        let empty = Case { name, artifact: Vec::new(), signature, key, identity: None };
        let other = empty.with(Part::Artifact, b"a".to_vec());
        let [of_empty, of_other] = &binary(&[empty, other])[..] else { panic!("two were asked for") };
        assert_eq!((of_empty.len(), of_other.len()), (1, 0));
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.sandbox.join(name)).unwrap()
    }

    /// Checks what was made.
    fn check(&self, name: &'static str, signature: &str, key: &str) {
        self.check_listed(name, signature, key, None);
    }

    fn check_listed(&self, name: &'static str, signature: &str, key: &str, identity: Option<&'static str>) {
        let (artifact, signature) = (self.read("artifact"), Some(self.read(signature)));
        check(&Case { name, artifact, signature, key: self.read(key), identity });
    }

    /// Checks a message that was made.
    fn check_message(&self, name: &'static str, message: &str, key: &str) {
        let case = Case { name, artifact: self.read(message), signature: None, key: self.read(key), identity: None };
        check(&case);
    }
}

/// Ends the agent that gpg starts.
struct Agent<'a>(&'a Workshop);

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        self.0.try_run("gpgconf", &["--kill", "all"]);
    }
}

/// A home of gpg with a key of RSA, and one of Ed25519 whose subkey signs.
fn gpg() -> Option<Workshop> {
    let workshop = Workshop::of("gpg")?;
    fs::create_dir(workshop.sandbox.join("g")).unwrap();
    workshop.sandbox.mode("g", 0o700);
    Some(workshop)
}

const QUIET: [&str; 5] = ["--batch", "--pinentry-mode", "loopback", "--passphrase", ""];

fn gpg_run(workshop: &Workshop, arguments: &[&str]) -> String {
    let run = workshop.try_run("gpg", &[&QUIET[..], arguments].concat());
    assert_eq!(run.code, 0, "gpg {arguments:?}: {}", run.whole());
    run.stdout
}

#[test]
fn signatures_of_gpg_with_rsa_hold_and_damaged_ones_do_not() {
    let Some(workshop) = gpg() else { return };
    let _agent = Agent(&workshop);
    let gpg = |arguments: &[&str]| gpg_run(&workshop, arguments);
    gpg(&["--quick-gen-key", "Release <release@acme.example>", "rsa3072", "sign", "never"]);
    gpg(&["-o", "rsa.gpg", "--export", "release@acme.example"]);
    gpg(&["--digest-algo", "SHA512", "-o", "rsa.sig", "--detach-sign", "artifact"]);
    workshop.check("gpg, RSA, binary", "rsa.sig", "rsa.gpg");
    gpg(&["-o", "empty.sig", "--detach-sign", "empty"]);
    workshop.check_empty("empty.sig", "rsa.gpg");
}

#[test]
fn signatures_of_gpg_with_a_subkey_hold_and_damaged_ones_do_not() {
    let Some(workshop) = gpg() else { return };
    let _agent = Agent(&workshop);
    let gpg = |arguments: &[&str]| gpg_run(&workshop, arguments);
    gpg(&["--quick-gen-key", "Release <release@acme.example>", "ed25519", "cert", "never"]);
    let listed = gpg(&["--with-colons", "--list-keys"]);
    let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap().trim_matches(':').to_owned();
    gpg(&["--quick-add-key", &fingerprint, "ed25519", "sign", "never"]);
    gpg(&["-o", "ed.gpg", "--export"]);
    gpg(&["-o", "ed.asc", "--armor", "--export"]);
    gpg(&["-o", "ed.sig", "--detach-sign", "artifact"]);
    gpg(&["-o", "artifact.asc", "--armor", "--comment", "of the release team", "--detach-sign", "artifact"]);
    gpg(&["-o", "clear.asc", "--digest-algo", "SHA512", "--clear-sign", "artifact"]);
    gpg(&["-o", "inline.gpg", "--compress-algo", "none", "--sign", "artifact"]);
    gpg(&["-o", "packed.gpg", "--compress-algo", "zlib", "--sign", "artifact"]);
    workshop.check("gpg, Ed25519 subkey, binary", "ed.sig", "ed.gpg");
    workshop.check("gpg, Ed25519 subkey, armored", "artifact.asc", "ed.asc");
    workshop.check_message("gpg, Ed25519 subkey, clear-signed", "clear.asc", "ed.gpg");
    workshop.check_message("gpg, Ed25519 subkey, inline", "inline.gpg", "ed.gpg");
    workshop.check_message("gpg, Ed25519 subkey, inline and compressed", "packed.gpg", "ed.gpg");
}

#[test]
fn signatures_of_sq_hold_and_damaged_ones_do_not() {
    let Some(workshop) = Workshop::of("sq") else { return };
    let user = "Release <release@acme.example>";
    // The words of version 1, and those of the versions before.
    let new = [
        "key",
        "generate",
        "--own-key",
        "--userid",
        user,
        "--without-password",
        "--output",
        "key.pgp",
        "--rev-cert",
        "rev.pgp",
    ];
    let old = ["key", "generate", "--userid", user, "--export", "key.pgp"];
    if workshop.try_run("sq", &new).code == 0 {
        workshop.run("sq", ["packet", "dearmor", "key.pgp", "--output", "cert.pgp"]);
        workshop.run("sq", ["sign", "--signer-file", "key.pgp", "--signature-file", "artifact.sig", "artifact"]);
    } else {
        workshop.run("sq", old);
        workshop.run("sq", ["key", "extract-cert", "--binary", "--output", "cert.pgp", "key.pgp"]);
        workshop.run("sq", ["sign", "--detached", "--signer-key", "key.pgp", "--output", "artifact.sig", "artifact"]);
    }
    workshop.check("sq, Ed25519 subkey, armored", "artifact.sig", "cert.pgp");
}

#[test]
fn signatures_of_ssh_keygen_hold_and_damaged_ones_do_not() {
    let Some(workshop) = Workshop::of("ssh-keygen") else { return };
    let comment = "release@acme.example";
    for (name, kind, bits) in
        [("SSH, Ed25519", "ed25519", "256"), ("SSH, RSA", "rsa", "3072"), ("SSH, ECDSA", "ecdsa", "256")]
    {
        workshop.run("ssh-keygen", ["-q", "-t", kind, "-b", bits, "-N", "", "-C", comment, "-f", kind]);
        let signature = format!("{kind}.sig");
        workshop.run("ssh-keygen", ["-q", "-Y", "sign", "-f", kind, "-n", "file", "artifact"]);
        fs::rename(workshop.sandbox.join("artifact.sig"), workshop.sandbox.join(&signature)).unwrap();
        workshop.check(name, &signature, &format!("{kind}.pub"));
    }
    workshop.run("ssh-keygen", ["-q", "-Y", "sign", "-f", "ed25519", "-n", "file", "empty"]);
    workshop.check_empty("empty.sig", "ed25519.pub");
    let public = String::from_utf8(workshop.read("ed25519.pub")).unwrap();
    workshop.sandbox.write("allowed", format!("{comment} {public}"));
    workshop.check_listed("SSH, list of signers", "ed25519.sig", "allowed", Some(comment));
}

#[test]
fn signatures_of_minisign_hold_and_damaged_ones_do_not() {
    let Some(workshop) = Workshop::of("minisign") else { return };
    workshop.run("minisign", ["-G", "-W", "-p", "key.pub", "-s", "key.sec"]);
    workshop.run("minisign", ["-S", "-s", "key.sec", "-m", "artifact", "-x", "artifact.minisig", "-t", "the release"]);
    workshop.check("minisign", "artifact.minisig", "key.pub");
    workshop.run("minisign", ["-S", "-s", "key.sec", "-m", "empty", "-x", "empty.sig", "-t", "the release"]);
    workshop.check_empty("empty.sig", "key.pub");
}

#[test]
fn signatures_of_signify_hold_and_damaged_ones_do_not() {
    // Debian has another program of the name.
    let Some(workshop) = Workshop::of("signify-openbsd") else { return };
    workshop.run("signify-openbsd", ["-G", "-n", "-p", "key.pub", "-s", "key.sec", "-c", "of the release"]);
    workshop.run("signify-openbsd", ["-S", "-s", "key.sec", "-m", "artifact", "-x", "artifact.sig"]);
    workshop.run("signify-openbsd", ["-S", "-e", "-s", "key.sec", "-m", "artifact", "-x", "message.sig"]);
    workshop.check("signify", "artifact.sig", "key.pub");
    workshop.run("signify-openbsd", ["-S", "-s", "key.sec", "-m", "empty", "-x", "empty.sig"]);
    workshop.check_empty("empty.sig", "key.pub");
    workshop.check_message("signify, with its text", "message.sig", "key.pub");
}

/// The type of the payload of the envelopes.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope around a statement about the artifact (DSSE, "Protocol").
fn envelope(payload: &str, signature: &[u8]) -> String {
    let (payload, signature) = (STANDARD.encode(payload), STANDARD.encode(signature));
    format!(
        "{{\"payloadType\":\"{PAYLOAD_TYPE}\", \"payload\":\"{payload}\",\n \
         \"signatures\":[{{\"keyid\":\"release\",\"sig\":\"{signature}\"}}]}}\n"
    )
}

/// The two numbers of an ECDSA signature in DER, one behind the other, each of 32 bytes.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut out = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let number = if number.len() > 32 { &number[number.len() - 32..] } else { number };
        out.extend(vec![0; 32 - number.len()]);
        out.extend(number);
        rest = after;
    }
    out
}

#[test]
fn envelopes_signed_by_openssl_hold_and_damaged_ones_do_not() {
    let Some(workshop) = Workshop::of("openssl") else { return };
    let digest = workshop.run("openssl", ["dgst", "-sha256", "-r", "artifact"]);
    let payload = format!(
        "{{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{{\"name\":\"app\",\"digest\":{{\"sha256\":\"{}\"}}}}],\
         \"predicateType\":\"https://acme.example/release\",\"predicate\":{{}}}}",
        digest.split(' ').next().unwrap()
    );
    let signed = format!("DSSEv1 {} {PAYLOAD_TYPE} {} {payload}", PAYLOAD_TYPE.len(), payload.len());
    workshop.sandbox.write("signed", signed);
    for (name, kind, option) in [
        ("openssl, ECDSA", "ec", "ec_paramgen_curve:P-256"),
        ("openssl, RSA", "rsa", "rsa_keygen_bits:2048"),
        ("openssl, Ed25519", "ed25519", ""),
    ] {
        let (private, public) = (format!("{kind}.pem"), format!("{kind}.pub"));
        let generate = ["genpkey", "-algorithm", kind, "-out", &private];
        let options = if option.is_empty() { vec![] } else { vec!["-pkeyopt", option] };
        let run = workshop.try_run("openssl", &[&generate[..], &options].concat());
        assert_eq!(run.code, 0, "{}", run.whole());
        workshop.run("openssl", ["pkey", "-in", &private, "-pubout", "-out", &public]);
        match kind {
            "ed25519" => workshop.run(
                "openssl",
                ["pkeyutl", "-sign", "-inkey", &private, "-rawin", "-in", "signed", "-out", "signature"],
            ),
            _ => workshop.run("openssl", ["dgst", "-sha256", "-sign", &private, "-out", "signature", "signed"]),
        };
        let signature = workshop.read("signature");
        workshop.sandbox.write("envelope", envelope(&payload, &signature));
        workshop.check(name, "envelope", &public);
        if kind == "ec" {
            workshop.sandbox.write("envelope", envelope(&payload, &raw(&signature)));
            workshop.check("openssl, ECDSA, r and s one behind the other", "envelope", &public);
        }
    }
}
