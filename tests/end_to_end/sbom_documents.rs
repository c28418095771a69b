//! A release engineer converts, compares and shows SBOMs.

use serde_json::{Value, json};

use crate::support::{Run, Sandbox};

/// A document of CycloneDX 1.6 with a little of everything that matters.
fn document(components: Value, dependencies: Value) -> String {
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-01-02T03:04:05Z",
            "component": {"type": "application", "bom-ref": "app", "name": "ledger", "version": "2.0.0"}
        },
        "components": components,
        "dependencies": dependencies
    });
    serde_json::to_string_pretty(&document).unwrap()
}

fn library(name: &str, version: &str, more: Value) -> Value {
    let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
    let mut component = json!({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl});
    for (key, value) in more.as_object().unwrap() {
        component[key] = value.clone();
    }
    component
}

fn digest(of: char) -> Value {
    json!({"hashes": [{"alg": "SHA-256", "content": of.to_string().repeat(64)}]})
}

fn before() -> String {
    let components = json!([
        library("lodash", "4.17.20", digest('a')),
        library("lodash", "3.10.1", digest('b')),
        library("left-pad", "1.3.0", digest('c')),
        library("chalk", "5.3.0", json!({"licenses": [{"license": {"id": "MIT"}}], "supplier": {"name": "Chalk"}})),
        library("gone", "1.0.0", json!({})),
    ]);
    let edges = json!([
        {"ref": "app", "dependsOn": ["pkg:npm/lodash@4.17.20", "pkg:npm/gone@1.0.0"]},
        {"ref": "pkg:npm/lodash@4.17.20", "dependsOn": ["pkg:npm/left-pad@1.3.0"]}
    ]);
    document(components, edges)
}

fn after() -> String {
    let components = json!([
        library("lodash", "4.17.21", digest('d')),
        library("lodash", "3.10.1", digest('b')),
        library("left-pad", "1.3.0", digest('e')),
        library(
            "chalk",
            "5.2.0",
            json!({
                "licenses": [{"license": {"id": "Apache-2.0"}}], "supplier": {"name": "Somebody"}, "scope": "optional"
            })
        ),
        library("come", "0.1.0", json!({})),
    ]);
    let edges = json!([
        {"ref": "app", "dependsOn": ["pkg:npm/lodash@4.17.21", "pkg:npm/come@0.1.0"]},
        {"ref": "pkg:npm/lodash@4.17.21", "dependsOn": ["pkg:npm/left-pad@1.3.0", "pkg:npm/lodash@3.10.1"]}
    ]);
    document(components, edges)
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("old.json", before());
    sandbox.write("new.json", after());
    sandbox
}

#[track_caller]
fn lines(run: &Run, code: i32, expected: &[&str]) {
    assert_eq!(run.code, code, "{}", run.whole());
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected, "{}", run.whole());
}

#[test]
fn two_documents_are_compared_component_by_component() {
    let sandbox = sandbox();
    let run = sandbox.portcullis(["sbom", "diff", "old.json", "new.json"]);
    lines(
        &run,
        0,
        &[
            "v chalk 5.3.0 -> 5.2.0",
            "    license: MIT -> Apache-2.0",
            "    supplier: Chalk -> Somebody",
            "    scope: (none) -> optional",
            "+ come 0.1.0",
            "- gone 1.0.0",
            "~ ledger 2.0.0",
            "    needs: -(gone 1.0.0) +(come 0.1.0)",
            "~ left-pad 1.3.0",
            "    digest: SHA-256:cccccccccccccccccccccc…ccccccccccccccccccccccccccccc -> SHA-256:eeeeeeeeeeeeeeeeeeeeee…eeeeeeeeeeeeeeeeeeeeeeeeeeeee",
            "^ lodash 4.17.20 -> 4.17.21",
            "    digest: SHA-256:aaaaaaaaaaaaaaaaaaaaaa…aaaaaaaaaaaaaaaaaaaaaaaaaaaaa -> SHA-256:dddddddddddddddddddddd…ddddddddddddddddddddddddddddd",
            "    needs: +(lodash 3.10.1)",
            "1 added, 1 removed, 1 upgraded, 1 downgraded, 2 otherwise changed",
        ],
    );
    assert_eq!(sandbox.portcullis(["sbom", "diff", "old.json", "new.json", "--exit-code"]).code, 1);
    lines(
        &sandbox.portcullis(["sbom", "diff", "old.json", "old.json", "--exit-code"]),
        0,
        &["0 added, 0 removed, 0 upgraded, 0 downgraded, 0 otherwise changed"],
    );
}

#[test]
fn what_one_document_states_nowhere_is_no_change_of_every_component() {
    let sandbox = Sandbox::new();
    sandbox.write("old.json", before());
    let plain = json!([library("lodash", "4.17.20", json!({})), library("chalk", "5.3.0", json!({}))]);
    sandbox.write("new.json", document(plain, json!([])));
    lines(
        &sandbox.portcullis(["sbom", "diff", "old.json", "new.json"]),
        0,
        &[
            "- gone 1.0.0",
            "- left-pad 1.3.0",
            "- lodash 3.10.1",
            "? digest is stated by the document before only, and was not compared",
            "? license is stated by the document before only, and was not compared",
            "? supplier is stated by the document before only, and was not compared",
            "? needs is stated by the document before only, and was not compared",
            "0 added, 3 removed, 0 upgraded, 0 downgraded, 0 otherwise changed",
        ],
    );
}

#[test]
fn a_comparison_is_there_for_programs_and_for_comments() {
    let sandbox = sandbox();
    let run = sandbox.portcullis(["sbom", "diff", "old.json", "new.json", "--format", "json"]);
    let listed: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(listed["schema_version"], "1.0");
    assert_eq!(listed["changes"].as_array().unwrap().len(), 6);
    assert_eq!(listed["changes"][0]["direction"], "down");
    assert_eq!(listed["changes"][0]["before"]["purl"], "pkg:npm/chalk@5.3.0");
    assert_eq!(listed["after"]["format"], "cyclonedx-json 1.6");
    let run = sandbox.portcullis(["sbom", "diff", "old.json", "new.json", "--format", "markdown"]);
    assert!(run.stdout.contains("| upgraded | lodash 4.17.20 → 4.17.21 |"), "{}", run.stdout);
}

#[test]
fn hostile_names_are_inert_in_a_comparison() {
    let sandbox = Sandbox::new();
    sandbox.write("old.json", document(json!([]), json!([])));
    let name = "a\u{202e}\u{1b}[31m|`<b>@all";
    sandbox.write("new.json", document(json!([{"type": "library", "name": name, "version": "1"}]), json!([])));
    for format in ["human", "json", "markdown"] {
        let run = sandbox.portcullis(["sbom", "diff", "old.json", "new.json", "--format", format]);
        assert!(!run.stdout.contains(['\u{202e}', '\u{1b}']), "{}", run.stdout);
        if format == "markdown" {
            assert!(!run.stdout.contains("<b>") && !run.stdout.contains("@all"), "{}", run.stdout);
        }
    }
}

#[test]
fn a_document_is_compared_with_a_tree() {
    let sandbox = Sandbox::new();
    let lock = |version: &str| {
        format!(
            "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\n \"bytes\",\n]\n\n\
             [[package]]\nname = \"bytes\"\nversion = \"{version}\"\nsource = \"registry+https://cargo.example/index\"\n\
             checksum = \"{}\"\n",
            "1".repeat(64)
        )
    };
    sandbox.write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"1.0.0\"\n\n[dependencies]\nbytes = \"1\"\n");
    sandbox.write("Cargo.lock", lock("1.10.0"));
    let bom = sandbox.portcullis(["sbom", "generate"]).stdout;
    sandbox.write("out/released.json", bom);
    let same = sandbox.portcullis(["sbom", "diff", "out/released.json", ".", "--exit-code"]);
    assert_eq!(same.code, 0, "{}", same.whole());
    sandbox.write("Cargo.lock", lock("1.11.0"));
    let run = sandbox.portcullis(["sbom", "diff", "out/released.json", ".", "--exit-code"]);
    lines(&run, 1, &["^ bytes 1.10.0 -> 1.11.0", "0 added, 0 removed, 1 upgraded, 0 downgraded, 0 otherwise changed"]);
    sandbox.write("Cargo.lock", "version = 4\n[[package]\n");
    let run = sandbox.portcullis(["sbom", "diff", "out/released.json", "."]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert!(run.stdout.contains("? Cargo.lock:2"), "{}", run.whole());
}

#[test]
fn a_document_is_shown_as_table_tree_licences_and_chains() {
    let sandbox = sandbox();
    let show = |more: &[&str]| sandbox.portcullis([&["sbom", "show", "new.json"], more].concat());
    lines(
        &show(&[]),
        0,
        &[
            "format:     cyclonedx-json 1.6",
            "identifier: urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            "subject:    ledger 2.0.0",
            "created:    2026-01-02T03:04:05Z",
            "components: 5",
            "",
            "NAME      VERSION  TYPE  SCOPE     LICENCE",
            "chalk     5.2.0    npm   optional  Apache-2.0",
            "come      0.1.0    npm",
            "left-pad  1.3.0    npm",
            "lodash    3.10.1   npm",
            "lodash    4.17.21  npm",
        ],
    );
    lines(
        &show(&["--tree"]),
        0,
        &[
            "ledger 2.0.0",
            "├── lodash 4.17.21",
            "│   ├── lodash 3.10.1",
            "│   └── left-pad 1.3.0",
            "└── come 0.1.0",
            "",
            "nothing leads to:",
            "  chalk 5.2.0",
        ],
    );
    lines(
        &show(&["--licenses"]),
        0,
        &[
            "(nothing stated) (5)",
            "  come 0.1.0",
            "  ledger 2.0.0",
            "  left-pad 1.3.0",
            "  lodash 3.10.1",
            "  lodash 4.17.21",
            "Apache-2.0 (1)",
            "  chalk 5.2.0",
        ],
    );
    for wanted in ["pkg:npm/left-pad", "pkg:npm/left-pad@1.3.0", "left-pad", "left-pad@1.3.0"] {
        lines(&show(&["--why", wanted]), 0, &["ledger 2.0.0 -> lodash 4.17.21 -> left-pad 1.3.0"]);
    }
    let run = show(&["--why", "pkg:npm/nothing"]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert_eq!(run.stderr, "error: new.json: expected a component `pkg:npm/nothing`, found none\n");
}

#[test]
fn circles_and_long_chains_are_shown_without_end() {
    let sandbox = Sandbox::new();
    let name = |at: usize| format!("pkg:npm/p{at}@1.0.0");
    let components: Vec<Value> = (0..3000).map(|at| library(&format!("p{at}"), "1.0.0", json!({}))).collect();
    let mut edges: Vec<Value> =
        (0..3000).map(|at| json!({"ref": name(at), "dependsOn": [name((at + 1) % 3000)]})).collect();
    edges.push(json!({"ref": "app", "dependsOn": [name(0)]}));
    sandbox.write("bom.json", document(json!(components), json!(edges)));
    let run = sandbox.portcullis(["sbom", "show", "bom.json", "--tree"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("(...)"));
    let run = sandbox.portcullis(["sbom", "show", "bom.json", "--why", "p2999"]);
    assert_eq!(run.code, 0);
    assert_eq!(run.stdout.lines().count(), 1);
}

#[test]
fn a_conversion_tells_what_it_loses() {
    let sandbox = Sandbox::new();
    let more = json!({
        "supplier": {"name": "Acme"},
        "manufacturer": {"name": "Maker"},
        "licenses": [{"license": {"id": "MIT", "acknowledgement": "declared"}}],
        "evidence": {"occurrences": [{"location": "package-lock.json", "line": 12}]},
        "pedigree": {"notes": "patched"}
    });
    sandbox.write("bom.json", document(json!([library("lodash", "4.17.21", more)]), json!([])));
    let run = sandbox.portcullis(["sbom", "convert", "bom.json", "-o", "cyclonedx-json@1.4"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    assert_eq!(
        run.stderr,
        "lost: cyclonedx-json@1.4 has no place for components[].evidence.occurrences (1 times)\n\
         lost: cyclonedx-json@1.4 has no place for components[].manufacturer (1 times)\n"
    );
    let made: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(made["specVersion"], "1.4");
    assert_eq!(made["components"][0]["pedigree"]["notes"], "patched");
    assert_eq!(made["components"][0]["supplier"]["name"], "Acme");
    let run = sandbox.portcullis(["sbom", "convert", "bom.json", "-o", "cyclonedx-json@1.4", "--strict"]);
    assert_eq!(run.code, 1);
    let run = sandbox.portcullis(["sbom", "convert", "bom.json", "-o", "cyclonedx-json@1.7", "--strict"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
}

#[test]
fn what_is_no_document_is_told_in_one_line() {
    let sandbox = Sandbox::new();
    let check = |text: &[u8], expected: &str| {
        sandbox.write("x", text);
        for command in
            [&["sbom", "show", "x"][..], &["sbom", "diff", "x", "x"], &["sbom", "convert", "x", "-o", "cyclonedx-json"]]
        {
            let run = sandbox.portcullis(command.to_vec());
            assert_eq!((run.code, &*run.stdout), (1, ""), "{}", run.whole());
            assert!(run.stderr.starts_with(&format!("error: x{expected}")), "{}", run.whole());
            assert_eq!(run.stderr.lines().count(), 1, "{}", run.whole());
        }
    };
    check(b"", ": expected an SBOM, found an empty file");
    check(b"{}", ":1:1: expected an SBOM of one of the formats ");
    check(b"{\"bomFormat\": \"CycloneDX\",", ":1:27: expected JSON, found the end of the file");
    check(b"{\"a\": 1,\n \"a\": 2}", ":2:2: expected each key once, found the key `a` a second time");
    check(b"{\"a\": \"\xff\"}", ": expected text in UTF-8, found the byte 0xff");
    check("[".repeat(100_000).as_bytes(), ":1:258: expected values nested at most 256 deep, found a deeper one");
    check(
        b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"9.9\"}",
        ": expected a version of cyclonedx-json that is known here, found `9.9`",
    );
    let run = sandbox.portcullis(["sbom", "show", "missing.json"]);
    assert_eq!(run.code, 2, "{}", run.whole());
}

#[test]
fn a_document_in_utf_16_is_read() {
    let sandbox = Sandbox::new();
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(before().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    sandbox.write("wide.json", wide);
    sandbox.write("old.json", before());
    assert_eq!(sandbox.portcullis(["sbom", "diff", "old.json", "wide.json", "--exit-code"]).code, 0);
}

#[test]
fn documents_of_suppliers_are_taken_in() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "package.json",
        "{\"name\": \"shop\", \"version\": \"1.0.0\", \"dependencies\": {\"lodash\": \"4.17.20\"}}",
    );
    sandbox.write(
        "package-lock.json",
        json!({
            "name": "shop", "version": "1.0.0", "lockfileVersion": 3,
            "packages": {
                "": {"name": "shop", "version": "1.0.0", "dependencies": {"lodash": "4.17.20"}},
                "node_modules/lodash": {"version": "4.17.20"}
            }
        })
        .to_string(),
    );
    sandbox.write("out/vendor.json", before());
    let run = sandbox.portcullis(["sbom", "generate", "--from-sbom", "out/vendor.json"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let bom: Value = serde_json::from_str(&run.stdout).unwrap();
    let components = bom["components"].as_array().unwrap();
    let named = |name: &str| components.iter().filter(|one| one["name"] == name).collect::<Vec<_>>();
    // What both list is one component, with the digest that only the supplier knew.
    let lodash: Vec<_> = named("lodash").into_iter().filter(|one| one["version"] == "4.17.20").collect();
    assert_eq!(lodash.len(), 1);
    assert_eq!(lodash[0]["hashes"][0]["content"], "a".repeat(64));
    assert_eq!(named("chalk")[0]["supplier"]["name"], "Chalk");
    let tree =
        sandbox.portcullis(["sbom", "generate", "--from-sbom", "out/vendor.json", "-o", "cyclonedx-json=out/all.json"]);
    assert_eq!(tree.code, 0);
    let run = sandbox.portcullis(["sbom", "show", "out/all.json", "--why", "left-pad"]);
    assert_eq!(run.stdout, "shop 1.0.0 -> lodash 4.17.20 -> left-pad 1.3.0\n");
    let run = sandbox.portcullis(["sbom", "show", "out/all.json", "--why", "gone"]);
    assert_eq!(run.stdout, "shop 1.0.0 -> ledger 2.0.0 -> gone 1.0.0\n");
}

#[test]
fn what_is_left_out_is_told_and_makes_the_document_incomplete() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "package-lock.json",
        json!({
            "name": "shop", "version": "1.0.0", "lockfileVersion": 3,
            "packages": {
                "": {"name": "shop", "version": "1.0.0", "dependencies": {"a": "1"}, "devDependencies": {"b": "1"}},
                "node_modules/a": {"version": "1.0.0"},
                "node_modules/b": {"version": "1.0.0", "dev": true}
            }
        })
        .to_string(),
    );
    sandbox.write("sub/Cargo.lock", "version = 4\n\n[[package]]\nname = \"c\"\nversion = \"1.0.0\"\n");
    let generate = |more: &[&str]| -> Value {
        let run = sandbox.portcullis([&["sbom", "generate"], more].concat());
        assert_eq!(run.code, 0, "{}", run.whole());
        serde_json::from_str(&run.stdout).unwrap()
    };
    let names = |bom: &Value| -> Vec<String> {
        bom["components"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let left_out = |bom: &Value| -> Vec<String> {
        let properties = bom["metadata"]["component"]["properties"].as_array().into_iter().flatten();
        let properties = properties.filter(|property| property["name"] == "portcullis:left-out");
        properties.map(|property| property["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&generate(&[])), ["c", "a", "b"]);
    for (more, expected, told) in [
        (&["--no-dev"][..], &["c", "a"][..], "what only development needs"),
        (&["--only", "npm"], &["a", "b"], "ecosystems other than npm"),
        (&["--exclude", "sub/**"], &["a", "b"], "files that match sub/**"),
    ] {
        let bom = generate(more);
        assert_eq!(names(&bom), expected);
        assert_eq!(left_out(&bom), [told]);
        assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");
    }
    let run = sandbox.portcullis(["sbom", "generate", "--only", "cobol"]);
    assert_eq!(run.code, 2, "{}", run.whole());
    let bom = generate(&["--timestamp", "2026-02-03T04:05:06Z"]);
    assert_eq!(bom["metadata"]["timestamp"], "2026-02-03T04:05:06Z");
    assert!(generate(&["--timestamp", "now"])["metadata"]["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(generate(&[])["metadata"]["timestamp"], Value::Null);
}

#[test]
fn what_changed_between_documents_is_judged_by_a_policy() {
    let sandbox = sandbox();
    let run = sandbox.portcullis([
        "sbom",
        "diff",
        "old.json",
        "new.json",
        "--policy",
        "builtin:recommended",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 1, "{}", run.whole());
    let report = run.report();
    let denied: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["level"] == "deny" && finding["state"] == "fail")
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(denied, ["change/same-version-new-digest"], "{}", run.stdout);
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["level"] == "deny" && finding["state"] == "fail")
        .unwrap();
    assert_eq!(finding["location"]["path"], "new.json");
    assert!(finding["message"].as_str().unwrap().contains("left-pad 1.3.0"), "{finding}");
    // The same documents, and another version with another digest: nothing that is denied.
    let run = sandbox.portcullis(["sbom", "diff", "new.json", "new.json", "--policy", "builtin:recommended"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    sandbox.write("next.json", after().replace("left-pad@1.3.0", "left-pad@1.3.1").replace("\"1.3.0\"", "\"1.3.1\""));
    let run = sandbox.portcullis(["sbom", "diff", "old.json", "next.json", "--policy", "builtin:recommended"]);
    assert_eq!(run.code, 0, "{}", run.whole());
    let run = sandbox.portcullis(["sbom", "diff", "old.json", "next.json", "--policy", "missing.toml"]);
    assert_eq!(run.code, 2, "{}", run.whole());
}
