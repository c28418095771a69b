//! A release engineer asks whether SBOMs are valid, and whether they tell what a profile asks for.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use portcullis::sbom;
use serde_json::Value;

use crate::support::{Run, Sandbox, Transcript, binary, compare_with_file, project, skip};

/// A document that is valid, and tells what the minimum elements of NTIA ask for but one supplier.
const SOUND: &str = r#"{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "version": 1,
  "metadata": {
    "timestamp": "2026-11-01T09:00:00Z",
    "authors": [{ "name": "Acme Tools" }],
    "component": {
      "bom-ref": "ledgerd",
      "type": "application",
      "name": "ledgerd",
      "version": "0.3.0",
      "purl": "pkg:cargo/ledgerd@0.3.0",
      "supplier": { "name": "Acme Tools" }
    }
  },
  "components": [
    { "bom-ref": "bytes", "type": "library", "name": "bytes", "version": "1.10.0", "purl": "pkg:cargo/bytes@1.10.0" }
  ],
  "dependencies": [{ "ref": "ledgerd", "dependsOn": ["bytes"] }]
}
"#;

fn invalid() -> String {
    SOUND.replace("\"type\": \"library\"", "\"type\": \"libary\"").replace("\"version\": 1,", "\"edition\": 1,")
}

fn contradictory() -> String {
    SOUND.replace("[\"bytes\"]", "[\"byts\"]")
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("sound.json", SOUND);
    sandbox.write("invalid.json", invalid());
    sandbox.write("contradictory.json", contradictory());
    sandbox
}

#[test]
fn documents_are_judged_by_their_specification() {
    let sandbox = sandbox();
    let mut transcript = Transcript::default();
    transcript.note("valid");
    assert_eq!(transcript.portcullis(&sandbox, ["sbom", "validate", "sound.json"]).code, 0);
    transcript.note("not valid: each place with what was expected there");
    assert_eq!(transcript.portcullis(&sandbox, ["sbom", "validate", "sound.json", "invalid.json"]).code, 1);
    transcript.note("a contradiction is a warning, until it is asked for");
    assert_eq!(transcript.portcullis(&sandbox, ["sbom", "validate", "contradictory.json"]).code, 0);
    assert_eq!(transcript.portcullis(&sandbox, ["sbom", "validate", "--strict", "contradictory.json"]).code, 1);
    assert_eq!(transcript.portcullis(&sandbox, ["sbom", "validate", "--strict", "sound.json"]).code, 0);
    transcript.keep("sbom-validate/specification");
}

#[test]
fn documents_are_held_against_profiles() {
    let sandbox = sandbox();
    let mut transcript = Transcript::default();
    let run = transcript.portcullis(&sandbox, ["sbom", "validate", "--profile", "ntia", "sound.json"]);
    assert_eq!(run.code, 1);
    transcript.note("what was said before of the same document: nothing speaks against it but the profile");
    let run = transcript.portcullis(
        &sandbox,
        ["sbom", "validate", "--profile", "spec", "--profile", "ntia@2021", "--format", "ndjson", "sound.json"],
    );
    assert_eq!(run.code, 1);
    let supplied = SOUND.replace("\"name\": \"bytes\",", "\"name\": \"bytes\", \"supplier\": { \"name\": \"bytes\" },");
    sandbox.write("sound.json", supplied);
    let run = transcript.portcullis(&sandbox, ["sbom", "validate", "--profile", "ntia", "sound.json"]);
    assert_eq!(run.code, 0);
    transcript.keep("sbom-validate/profile");
}

#[test]
fn each_profile_lists_its_score_in_the_report() {
    let sandbox = sandbox();
    for profile in sbom::profile::PROFILES {
        let run = sandbox.portcullis(["sbom", "validate", "--profile", profile.id, "--format", "json", "sound.json"]);
        let report = run.report();
        let score = &report["sboms"][0]["scores"][0];
        assert_eq!(score["profile"], profile.edition);
        let musts = score["answers"].as_array().unwrap().iter();
        let failed = musts.filter(|answer| answer["level"] == "must" && answer["state"] == "fail").count();
        let denied = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "deny").count();
        assert_eq!(failed, denied, "{}", run.whole());
        assert_eq!(run.code, i32::from(failed > 0), "{}", run.whole());
    }
}

#[test]
fn the_report_comes_in_every_format() {
    let sandbox = sandbox();
    let mut transcript = Transcript::default();
    let report = sandbox.portcullis(["sbom", "validate", "--format", "json", "invalid.json"]).report();
    let policy = report["policy"]["digest"].as_str().unwrap();
    for format in ["json", "sarif", "github", "markdown", "junit", "ndjson"] {
        let mut run = sandbox.portcullis(["sbom", "validate", "--format", format, "invalid.json"]);
        assert_eq!(run.code, 1, "{}", run.whole());
        assert!(run.stdout.contains("sbom/invalid"), "{}", run.whole());
        // The rules of the domain are those of another test.
        run.stdout = match run.stdout.find("\"results\":") {
            Some(at) if format == "sarif" => format!("…{}", &run.stdout[at..]),
            _ => run.stdout.replace(policy, "[POLICY]"),
        };
        transcript.ran(&sandbox, &format!("portcullis sbom validate --format {format} invalid.json"), &run);
    }
    transcript.keep("sbom-validate/formats");
    let digest = report["inputs"][0]["digest"].as_str().unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
}

#[test]
fn standard_input_and_files_elsewhere_are_read() {
    let sandbox = sandbox();
    let mut command = Command::new(binary());
    command.args(["sbom", "validate", "-"]);
    let run = sandbox.run_on(command, sandbox.path(), invalid().as_bytes());
    assert_eq!(run.code, 1, "{}", run.whole());
    assert!(run.stdout.contains(" --> -:4:3\n") && run.stdout.contains(" --> -:18:35\n"), "{}", run.whole());

    let elsewhere = Sandbox::new();
    let absolute = sandbox.join("invalid.json");
    let run = elsewhere.portcullis(["sbom", "validate", "--format", "sarif", absolute.to_str().unwrap()]);
    let sarif: Value = serde_json::from_str(&run.stdout).unwrap();
    let runs = sarif["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let place = &runs[0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], format!("file://{}", absolute.display()));
    assert_eq!(place["artifactLocation"]["uriBaseId"], Value::Null);
    assert!(place["region"]["startLine"].is_u64());
}

#[test]
fn a_policy_lowers_levels_and_waives() {
    let sandbox = sandbox();
    let waived = r#"
extends = ["builtin:recommended"]

[[waiver]]
rule = "sbom/invalid"
subject = "invalid.json"
owner = "@build-team"
reason = "a corrected one is asked for"
expires = 2027-03-31
"#;
    sandbox.write("portcullis.toml", waived);
    let at = |day| ["sbom", "validate", "--policy", "./portcullis.toml", "--at", day, "invalid.json"];
    assert_eq!(sandbox.portcullis(at("2026-12-01")).code, 0);
    assert_eq!(sandbox.portcullis(at("2027-04-01")).code, 1);
    // What lies in the current folder says nothing of files from elsewhere.
    assert_eq!(sandbox.portcullis(["sbom", "validate", "invalid.json"]).code, 1);
    sandbox.write("portcullis.toml", "extends = [\"builtin:recommended\"]\n\n[rules]\n\"sbom/invalid\" = \"warn\"\n");
    assert_eq!(sandbox.portcullis(at("2026-12-01")).code, 0);
}

/// What is denied of a document, as `path:line:column message`.
fn denied(run: &Run) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.whole()));
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == "deny");
    findings
        .map(|finding| {
            let place = &finding["location"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!("{}:{}:{} {}", text(&place["path"]), place["line"], place["column"], text(&finding["message"]))
        })
        .collect()
}

#[test]
fn of_hostile_documents_one_thing_is_told_clearly() {
    let sandbox = Sandbox::new();
    let check = |name: &str, bytes: &[u8], expected: &str| {
        sandbox.write(name, bytes);
        let run = sandbox.portcullis(["sbom", "validate", "--format", "json", name]);
        assert_eq!(run.code, 1, "{}", run.whole());
        let denied = denied(&run);
        assert!(denied.len() == 1 && denied[0].contains(expected), "{name}: {denied:?}");
    };
    let deep = format!("{{\"bomFormat\": \"CycloneDX\",\n\"specVersion\": \"1.6\", \"x\": {}", "[".repeat(100_000));
    check("deep.json", deep.as_bytes(), "values nested at most 256 deep");
    check("twice.json", SOUND.replace("\"version\": 1,", "\"version\": 1,\n  \"version\": 2,").as_bytes(), ":5:3 ");
    let mut bytes = SOUND.as_bytes().to_vec();
    let at = SOUND.find("ledgerd").unwrap();
    bytes[at] = 0xff;
    check(
        "bytes.json",
        &bytes,
        ":9:19 `bytes.json` is no SBOM that can be read: expected text in UTF-8, found the byte 0xff",
    );
    let wide: Vec<u8> = [0xfffe, u16::from(b'{').swap_bytes(), 0x00d8].into_iter().flat_map(u16::to_be_bytes).collect();
    check("wide.json", &wide, "expected text in UTF-16, found an unpaired surrogate");
    check(
        "other.json",
        b"{\"a\": 1}",
        ":1:1 `other.json` is no SBOM that can be read: expected an SBOM of one of the formats",
    );
    check("empty.json", b"", "found an empty file");
    check("version.json", SOUND.replace("1.6", "9.9").as_bytes(), ":3:18 ");
}

#[test]
fn what_cannot_be_opened_is_no_verdict() {
    let sandbox = sandbox();
    let large = fs::File::create(sandbox.join("large.json")).unwrap();
    large.set_len(2 << 30).unwrap();
    fs::create_dir(sandbox.join("folder.json")).unwrap();
    let mut transcript = Transcript::default();
    for file in ["gone.json", "folder.json", "large.json"] {
        let run = transcript.portcullis(&sandbox, ["sbom", "validate", "sound.json", file]);
        assert_eq!(run.code, 2, "{}", run.whole());
        assert_eq!(run.stdout, "");
    }
    let run = transcript.portcullis(&sandbox, ["sbom", "validate", "--profile", "nobody", "sound.json"]);
    assert_eq!(run.code, 2);
    transcript.keep("sbom-validate/cannot-be-opened");
}

/// The lock file of the project that `SOUND` is about.
const LOCK: &str = r#"version = 4

[[package]]
name = "bytes"
version = "1.10.0"
source = "registry+https://cargo.example/index"
checksum = "1111111111111111111111111111111111111111111111111111111111111111"

[[package]]
name = "ledgerd"
version = "0.3.0"
dependencies = [
 "bytes",
]
"#;

fn with_digest(digit: &str) -> String {
    let hashes =
        format!(r#""hashes": [{{ "alg": "SHA-256", "content": "{}" }}], "purl": "pkg:cargo/bytes"#, digit.repeat(64));
    SOUND.replace("\"purl\": \"pkg:cargo/bytes", &hashes)
}

#[test]
fn a_committed_sbom_is_held_against_what_a_change_does() {
    let sandbox = Sandbox::repository();
    sandbox.write("Cargo.lock", LOCK);
    sandbox.write("bom.json", with_digest("1"));
    sandbox.write("vendor/old.cdx.json", invalid());
    sandbox.commit("List what is locked");
    let mut transcript = Transcript::default();

    transcript.note("the lock file is updated, and the SBOM is not; an old fault elsewhere does not count");
    let updated = LOCK.replace("1.10.0", "1.11.0").replace(&"1".repeat(64), &"2".repeat(64));
    sandbox.write("Cargo.lock", &updated);
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD"]).code, 0);

    transcript.note("the SBOM states another digest than the lock file");
    sandbox.write("Cargo.lock", LOCK);
    sandbox.write("bom.json", with_digest("3"));
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD"]).code, 1);

    transcript.note("an invalid SBOM is added");
    sandbox.write("bom.json", with_digest("1"));
    sandbox.write("sbom/ledgerd.cdx.json", invalid());
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--base", "HEAD"]).code, 1);

    transcript.note("policy leaves its folder out");
    sandbox.write(
        "portcullis.toml",
        "extends = [\"builtin:recommended\"]\n\n[tree]\nexclude = [\"sbom/**\", \"vendor/**\"]\n",
    );
    assert_eq!(transcript.portcullis(&sandbox, ["gate", "--policy", "./portcullis.toml", "--base", "HEAD"]).code, 0);

    transcript.note("without something to compare with, the old fault counts");
    sandbox.remove("sbom/ledgerd.cdx.json");
    sandbox.remove("portcullis.toml");
    assert_eq!(transcript.portcullis(&sandbox, ["gate"]).code, 1);
    transcript.keep("sbom-validate/gate");
}

#[test]
fn a_snapshot_remembers_sboms() {
    let sandbox = Sandbox::repository();
    sandbox.write("Cargo.lock", LOCK);
    sandbox.write("bom.cdx.json", invalid());
    let run = sandbox.portcullis(["baseline", "--output", "before.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(sandbox.portcullis(["gate", "--baseline", "before.json"]).code, 0);
    sandbox.write("bom.cdx.json", invalid().replace("libary", "libry"));
    assert_eq!(sandbox.portcullis(["gate", "--baseline", "before.json"]).code, 1);
}

#[test]
fn the_documentation_lists_the_names_of_sboms() {
    let path = project().join("docs/sbom.md");
    let text = fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- names -->\n", "<!-- /names -->\n");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut table = String::from("| format | is an SBOM | may be one |\n|---|---|---|\n");
    for format in sbom::FORMATS {
        let listed = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let (certain, possible) = (listed(format.names.certain), listed(format.names.possible));
        table.push_str(&format!("| `{}` | {certain} | {possible} |\n", format.id));
    }
    compare_with_file(&path, &format!("{before}{start}{table}{end}{after}"));
}

/// The published documents, with the verdict each should have, beside this repository.
fn published(folder: &str) -> Option<(PathBuf, Vec<Vec<String>>)> {
    let shared = std::env::var_os("PORTCULLIS_SHARED").map_or_else(|| project().join("../shared"), PathBuf::from);
    let folder = shared.join("cases").join(folder);
    let table = folder.join("EXPECTED.tsv");
    let Ok(text) = fs::read_to_string(&table) else {
        skip(&table, "published SBOMs (PORTCULLIS_SHARED)");
        return None;
    };
    let rows = text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect());
    Some((folder, rows.collect()))
}

/// Judges published documents, and returns those whose verdict is another than expected.
fn judged(folder: &str, rows: &[(PathBuf, Option<bool>, String)]) -> Vec<String> {
    let sandbox = Sandbox::new();
    let mut faults = Vec::new();
    let mut places = String::new();
    for (path, is_valid, first_error) in rows {
        let run = sandbox.portcullis(["sbom", "validate", "--format", "json", path.to_str().unwrap()]);
        let found = match run.code {
            0 => Some(true),
            1 => Some(false),
            _ => None,
        };
        let denied = denied(&run);
        if found.is_none() || is_valid.is_some_and(|expected| Some(expected) != found) {
            faults.push(format!("{}: expected {is_valid:?}, exit {}: {:?}", path.display(), run.code, denied.first()));
        }
        if let Some(first) = denied.first() {
            places.push_str(&format!("{first}\n    should be: {first_error}\n"));
        }
    }
    // For whoever compares the places with those of the reference validators.
    if let Some(file) = std::env::var_os("PORTCULLIS_PLACES") {
        fs::write(PathBuf::from(file).join(format!("{folder}.txt")), places).unwrap();
    }
    faults
}

#[test]
fn published_cyclonedx_documents_have_their_verdicts() {
    let Some((folder, rows)) = published("cyclonedx") else { return };
    let reads = |id: &str| sbom::FORMATS.iter().any(|format| format.id == id);
    let mut wanted = Vec::new();
    for row in &rows {
        let format = if row[0].ends_with(".json") { "cyclonedx-json" } else { "cyclonedx-xml" };
        if !reads(format) {
            continue;
        }
        let is_valid = match row[1].as_str() {
            "valid" => Some(true),
            "invalid" => Some(false),
            _ => by_schema(&folder, &row[0]),
        };
        wanted.push((folder.join(&row[0]), is_valid, row.get(3).cloned().unwrap_or_default()));
    }
    assert!(!wanted.is_empty());
    assert_eq!(judged("cyclonedx", &wanted), Vec::<String>::new());
}

/// Judges a JSON document by the schema beside it, where no verdict is given.
fn by_schema(folder: &std::path::Path, path: &str) -> Option<bool> {
    let document: Value = serde_json::from_str(&fs::read_to_string(folder.join(path)).ok()?).ok()?;
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join("schema").join(name)).unwrap()).unwrap()
    };
    let registry = jsonschema::Registry::new()
        .add("http://cyclonedx.org/schema/spdx.schema.json", read("spdx.schema.json"))
        .unwrap()
        .add("http://cyclonedx.org/schema/jsf-0.82.schema.json", read("jsf-0.82.schema.json"))
        .unwrap()
        .prepare()
        .unwrap();
    let schema = read(&format!("bom-{}.schema.json", document["specVersion"].as_str()?));
    let validator = jsonschema::options().with_registry(&registry).build(&schema).unwrap();
    Some(validator.is_valid(&document))
}

/// Published documents of SPDX that peers and the specification judge differently, with the reason.
const DISPUTED: &[(&str, &str)] = &[
    (
        "ntia-conformance-checker/tests/data/missing_timestamp/SPDXJSONExample-v2.3.spdx.json",
        "the time of creation is empty; the schema lets any string stand there, SPDX 2.3 clause 6.9 does not",
    ),
    (
        "ntia-conformance-checker/tests/data/real_world_sboms/spdx_sample_12.json",
        "the namespace holds a `#`; the schema lets any string stand there, SPDX 2.3 clause 6.5 does not",
    ),
    (
        "ntia-conformance-checker/tests/data/real_world_sboms/spdx_sample_13.json",
        "of several packages the document describes none, which SPDX 2.3 clause 11.1 asks for and the schema cannot say",
    ),
    (
        "tools-python/tests/spdx/writer/tagvalue/expected_results/expected_tag_value.spdx",
        "what a writer makes of names of members in place of values: `spdxVersion` is no version (SPDX 2.3 clause 6.1)",
    ),
];

#[test]
fn published_spdx_documents_have_their_verdicts() {
    let Some((folder, rows)) = published("spdx") else { return };
    let formats: BTreeMap<&str, &str> = BTreeMap::from([
        ("2-json", "spdx-json"),
        ("2-yaml", "spdx-yaml"),
        ("2-tag", "spdx-tag"),
        ("2-xml", "spdx-xml"),
        ("2-rdf", "spdx-rdf"),
        ("3.0-jsonld", "spdx3-json"),
    ]);
    let mut wanted = Vec::new();
    for row in &rows {
        let Some(id) = row[1].split(' ').next().and_then(|format| formats.get(format)) else { continue };
        let is_disputed = DISPUTED.iter().any(|(path, _)| *path == row[0]);
        if is_disputed || !sbom::FORMATS.iter().any(|format| format.id == *id) {
            continue;
        }
        let is_valid = match (row[2].as_str(), row[3].as_str()) {
            (peer, _) if peer.starts_with("valid") => Some(true),
            (peer, _) if peer.starts_with("invalid") => Some(false),
            (_, "valid") => Some(true),
            (_, "invalid") => Some(false),
            _ => None,
        };
        wanted.push((folder.join(&row[0]), is_valid, row.get(5).cloned().unwrap_or_default()));
    }
    assert_eq!(judged("spdx", &wanted), Vec::<String>::new());
}
