//! Workflows and actions read: what they use, where it stands, and what cannot be known.

use proptest::prelude::*;

use crate::ecosystem::{Facts, format_of, read};
use crate::tree::TreePath;
use crate::workflow::{ImageReference, Target, Workflow};

const COMMIT: &str = "855bc0bc050ab4f422b989e627e2a02ef1f5f435";

fn facts_at(path: &str, text: &str) -> Facts {
    let path = TreePath::new(path.as_bytes()).unwrap();
    read(format_of(&path).unwrap(), &path, text.as_bytes())
}

fn facts(text: &str) -> Facts {
    facts_at(".github/workflows/ci.yml", text)
}

/// What a file runs, a line each: the line, the job, and what it is.
fn lines(workflow: &Workflow) -> Vec<String> {
    let mut out = Vec::new();
    for job in &workflow.jobs {
        let used = job.calls.iter().chain(job.steps.iter().filter_map(|step| step.uses.as_ref()));
        for used in used {
            let what = match &used.target {
                Target::Local { path } => format!("local {path}"),
                Target::Image { reference } => format!("image {reference}"),
                Target::Repository { reference, .. } => {
                    format!("{} at {}", used.target.repository().unwrap(), reference.as_str())
                }
            };
            out.push(format!("{} {}: {what}", used.place.position.unwrap().line, job.id));
        }
        for image in &job.images {
            let kind =
                if matches!(image.reference, ImageReference::Expression { .. }) { "expression" } else { "image" };
            let line = image.place.position.unwrap().line;
            out.push(format!("{line} {} {}: {kind} {}", job.id, image.role, image.reference));
        }
    }
    out
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let facts = facts(text);
    assert_eq!(facts.gaps, [], "{text}");
    assert_eq!(lines(&facts.workflows[0]), expected, "{text}");
}

#[track_caller]
fn gaps(text: &str, expected: &[&str]) {
    let found: Vec<String> = facts(text)
        .gaps
        .iter()
        .map(|gap| format!("{}: {}, found {}", gap.location.position.unwrap().line, gap.expected, gap.found))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn everything_that_is_used_is_read_with_its_line() {
    let text = format!(
        "on: push\njobs:\n  a:\n    container: {{image: 'node:22'}}\n    services:\n      db: {{image: postgres}}\n      none: \n\
         \x20   steps:\n      - uses: actions/checkout@v4\n      - run: make\n      - uses: docker://alpine:3\n\
         \x20     - uses: ./setup\n      - uses: acme/a/sub/dir@{COMMIT} # v1\n  b:\n    uses: acme/p/.github/workflows/w.yml@main\n"
    );
    check(
        &text,
        &[
            "9 a: actions/checkout at v4",
            "11 a: image alpine:3",
            "12 a: local ./setup",
            &format!("13 a: acme/a/sub/dir at {COMMIT}"),
            "4 a container: image node:22",
            "6 a db: image postgres",
            "15 b: acme/p/.github/workflows/w.yml at main",
        ],
    );
    let inventory = &facts(&text).inventories[0];
    let purls: Vec<&str> = inventory.components.iter().map(|component| &*component.purl).collect();
    assert_eq!(
        purls,
        [
            &format!("pkg:githubactions/acme/a@{COMMIT}"),
            "pkg:githubactions/acme/p@main",
            "pkg:githubactions/actions/checkout@v4"
        ]
    );
}

#[test]
fn aliases_are_followed_to_where_the_text_stands() {
    check(
        "jobs:\n  a:\n    steps: &steps\n      - &one {uses: a/b@v1}\n      - *one\n  b:\n    steps: *steps\n",
        &["4 a: a/b at v1", "4 a: a/b at v1", "4 b: a/b at v1", "4 b: a/b at v1"],
    );
}

#[test]
fn values_of_a_matrix_stand_for_its_expression() {
    let job = |image: &str, matrix: &str| {
        format!("jobs:\n  a:\n    container: {image}\n    strategy:\n      matrix:\n{matrix}    steps: []\n")
    };
    let listed = "        image: [a, 'b:1']\n        include:\n          - {image: c}\n          - {other: d}\n";
    check(
        &job("${{ matrix.image }}", listed),
        &["6 a container: image a", "6 a container: image b:1", "8 a container: image c"],
    );
    check(&job("${{matrix.image}}", "        image: ['']\n"), &[]);
    for (image, matrix) in [
        ("${{ matrix.other }}", "        image: [a]\n"),
        ("${{ matrix.image }}:1", "        image: [a]\n"),
        ("${{ matrix.image }}", "        image: ${{ fromJSON(needs.x.outputs.y) }}\n"),
        ("${{ matrix.image }}", "        image: ['${{ inputs.image }}']\n"),
    ] {
        check(&job(image, matrix), &[&format!("3 a container: expression {image}")]);
    }
}

#[test]
fn what_is_not_understood_is_a_gap_and_the_rest_is_read() {
    gaps("", &[]);
    gaps("# switched off for now\n#on: push\n", &[]);
    gaps("---\n", &["2: a workflow to be a table, found nothing"]);
    gaps("[]", &["1: a workflow to be a table, found a list"]);
    gaps("name: x\n", &["1: a workflow with `jobs`, found one without"]);
    gaps("jobs: []\n", &["1: `jobs` to be a table, found a list"]);
    gaps("jobs: {}\n---\njobs: {}\n", &["3: one document, found a second one"]);
    gaps("jobs:\n  a: 1\n", &["2: a job to be a table, found a number"]);
    gaps("jobs:\n  a:\n    steps: {}\n", &["3: `steps` to be a list, found a table"]);
    gaps("jobs:\n  a:\n    steps:\n      - x\n", &["4: a step to be a table, found a string"]);
    gaps("jobs:\n  a:\n    steps:\n      - uses: [x]\n", &["4: `uses` to be a string, found a list"]);
    gaps("jobs:\n  a:\n    container: {image: []}\n", &["3: an image to be a string, found a list"]);
    gaps("jobs:\n  a: {}\n  a: {}\n", &["3: each key once, found the key `a` a second time"]);
    let action = "an action such as `owner/name@commit`, `./folder` or `docker://image`";
    for text in ["a/b", "a@v1", "a/b@", "a/b@${{ x }}", "../x", "http://x/y@z", "a b/c@v1", "docker://"] {
        gaps(&format!("jobs:\n  a:\n    steps:\n      - uses: {text}\n"), &[&format!("4: {action}, found `{text}`")]);
    }
    let workflow = "a workflow such as `owner/name/.github/workflows/file.yml@commit` or `./file.yml`";
    for text in ["a/b@v1", "docker://alpine"] {
        gaps(&format!("jobs:\n  a:\n    uses: {text}\n"), &[&format!("3: {workflow}, found `{text}`")]);
    }
    let rest = facts("jobs:\n  a:\n    steps:\n      - uses: x\n      - uses: a/b@v1\n");
    assert_eq!((rest.gaps.len(), lines(&rest.workflows[0])), (1, vec!["5 a: a/b at v1".to_owned()]));
}

#[test]
fn an_alias_bomb_is_refused_before_it_goes_off() {
    let mut text = "jobs:\n  a:\n    x0: &x0 [y, y, y, y, y, y, y, y, y, y]\n".to_owned();
    for at in 1..12 {
        let before = format!("*x{}", at - 1);
        text.push_str(&format!("    x{at}: &x{at} [{}]\n", vec![before; 10].join(", ")));
    }
    gaps(&text, &["7: anchors and aliases for at most 100000 values, found more"]);
    gaps("jobs: &a\n  a: *a\n", &["2: an alias for what stands before it, found another"]);
    // Anchors inside anchors are copied too.
    let nested = (0..200).map(|at| format!("&a{at} [")).collect::<String>() + &"x,".repeat(2_000) + &"]".repeat(200);
    let found = facts(&format!("jobs:\n  a:\n    x: {nested}\n"));
    assert_eq!(found.gaps.len(), 1);
}

#[test]
fn of_an_action_the_steps_and_the_image_are_read() {
    let check = |text: &str, expected: &[&str]| {
        for name in ["action.yml", "setup/action.yaml"] {
            let facts = facts_at(name, text);
            assert_eq!(facts.gaps, [], "{text}");
            assert_eq!(lines(&facts.workflows[0]), expected, "{text}");
        }
    };
    check("runs:\n  using: composite\n  steps:\n    - uses: a/b@v1\n", &["4 runs: a/b at v1"]);
    check("runs:\n  using: docker\n  image: docker://a:1\n", &["3 runs image: image a:1"]);
    check("runs:\n  using: docker\n  image: Dockerfile\n", &[]);
    check("runs:\n  using: node20\n  main: index.js\n", &[]);
    assert_eq!(facts_at("action.yml", "name: x\n").gaps.len(), 1);
}

#[test]
fn only_files_that_run_are_workflows() {
    let format = |path: &str| format_of(&TreePath::new(path.as_bytes()).unwrap()).map(|format| format.id);
    assert_eq!(format(".github/workflows/a.yml"), Some("github-workflow"));
    assert_eq!(format(".github/workflows/a.yaml"), Some("github-workflow"));
    assert_eq!(format(".github/workflows/.yml"), Some("github-workflow"));
    for path in ["a.yml", "workflows/a.yml", "x/.github/workflows/a.yml", ".github/workflows/x/a.yml", ".github/a.yml"]
    {
        assert_eq!(format(path), None, "{path}");
    }
    assert_eq!(format("x/action.yml"), Some("github-action"));
    assert_eq!(format("reaction.yml"), None);
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in "(jobs:\n  a:\n)?((    )?(steps|uses|container|services|x): ?(&a |\\*a)?[\\[{}\\], a@/:v1\n-]{0,8}\n){0,6}") {
        let _facts = facts(&text);
        let _facts = facts_at("action.yml", &text.replace("jobs", "runs"));
    }
}
