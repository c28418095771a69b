//! Whole-process measurements against limits: `cargo bench --bench whole_process [-- WORD…]`.
//!
//! Two programs run by turns, and the ratio of their fastest runs is compared with a limit. What portcullis is
//! compared with is git, or a plain loop that this program itself runs in a process of its own (`probe`). Exit
//! code 1 where a limit is passed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and prints what it found"
)]

mod documents;
mod probe;
mod roots;
mod runs;
mod signed;
mod trees;

use std::path::{Path, PathBuf};

use runs::{Command, RUNS, fastest, peak_kilobytes, ratio};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [role, rest @ ..] = arguments.as_slice()
        && role == "probe"
    {
        return probe::run(rest);
    }
    let mut table = Table { passed_limit: false };
    println!("| what | portcullis | compared with | ratio | limit |\n|---|---|---|---|---|");
    for (name, measure) in GROUPS {
        if arguments.is_empty() || arguments.iter().any(|word| word == name) {
            measure(&mut table);
        }
    }
    if table.passed_limit {
        std::process::exit(1);
    }
}

type Measure = fn(&mut Table);

/// What can be asked for alone.
const GROUPS: [(&str, Measure); 10] = [
    ("staged", staged),
    ("changes", changes),
    ("walk", walks),
    ("lone", lone_lock_files),
    ("growth", growth),
    ("peer", peer),
    ("verify", verify),
    ("documents", documents),
    ("roots", roots),
    ("host", host),
];

/// What was measured, a line each.
struct Table {
    passed_limit: bool,
}

impl Table {
    fn row(&mut self, what: &str, ours: &str, theirs: &str, found: f64, limit: f64) {
        let mark = if found > limit { " (over the limit)" } else { "" };
        println!("| {what} | {ours} | {theirs} | {found:.3}{mark} | {limit} |");
        self.passed_limit |= found > limit;
    }

    fn against(&mut self, what: &str, ours: &Command, theirs: &Command, limit: f64) {
        self.against_in(RUNS, what, ours, theirs, limit);
    }

    /// Compares the fastest of so many runs.
    fn against_in(&mut self, runs: usize, what: &str, ours: &Command, theirs: &Command, limit: f64) {
        let (mine, other) = ratio(runs, ours, theirs);
        let milliseconds = |seconds: f64| format!("{:.1} ms", seconds * 1e3);
        self.row(what, &milliseconds(mine), &milliseconds(other), mine / other, limit);
    }

    fn at_most(&mut self, what: &str, found: f64, limit: f64, unit: &str) {
        self.row(what, &format!("{found:.1} {unit}"), &format!("{limit} {unit}"), found / limit, 1.0);
    }
}

fn portcullis(folder: &Path, arguments: &[&str]) -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_portcullis")), folder, arguments)
}

fn probe(folder: &Path, arguments: &[&str]) -> Command {
    let own = std::env::current_exe().unwrap();
    Command::new(&own, folder, &[&["probe"], arguments].concat())
}

/// The gate before a commit against `git status`, in 20,000 files of which one lock file changed.
fn staged(table: &mut Table) {
    let tree = trees::repository(20_000, 500);
    tree.stage_other_lock();
    table.against(
        "`gate --staged`, 20,000 files, against `git status`",
        &portcullis(tree.path(), &["gate", "--staged"]),
        &Command::new(Path::new("git"), tree.path(), &["status"]),
        2.0,
    );
}

/// What a change costs: by its own size, whatever the size of the tree.
fn changes(table: &mut Table) {
    let (name, before, after) = trees::largest_pair();
    let pair = trees::history(&name, &before, &after);
    for arguments in [&["changes", "HEAD~1..HEAD"][..], &["gate", "--base", "HEAD~1"]] {
        let command = portcullis(pair.path(), arguments).exits_with(&[0, 1]);
        let what = format!("`{}` on the largest pair, {name}", arguments.join(" "));
        table.at_most(&format!("{what}, time"), fastest(&command) * 1e3, 40.0, "ms");
        table.at_most(&format!("{what}, memory"), peak_kilobytes(&command) / 1e3, 40.0, "MB");
    }
    let (small, large) = (trees::repository(1_000, 500), trees::repository(20_000, 500));
    let changes = |tree: &trees::Tree| portcullis(tree.path(), &["changes", "HEAD~1..HEAD"]);
    table.against("`changes A..B`, 20,000 files, against 1,000 files", &changes(&large), &changes(&small), 1.5);
}

/// An SBOM of a tree against walking it and reading the same lock files, with a package for each forty files.
fn walks(table: &mut Table) {
    for (what, tree) in [
        ("work tree of 5,000 files", trees::repository(5_000, 125)),
        ("work tree of 20,000 files", trees::repository(20_000, 500)),
        ("directory of 20,000 files", trees::directory(20_000, 500)),
    ] {
        table.against(
            &format!("`sbom generate`, {what}, against a plain walk"),
            &portcullis(tree.path(), &["sbom", "generate"]),
            &probe(tree.path(), &["walk", "."]),
            1.5,
        );
    }
}

/// An SBOM of one lock file against parsing it with serde.
fn lone_lock_files(table: &mut Table) {
    for (name, text) in [("Cargo.lock", trees::cargo_lock(3_000, 0)), ("package-lock.json", trees::npm_lock(3_000))] {
        let tree = trees::lone(name, &text);
        let sbom = portcullis(tree.path(), &["sbom", "generate"]);
        let what = format!("`sbom generate`, {name} of 3,000 packages");
        table.against(&format!("{what}, against serde"), &sbom, &probe(tree.path(), &["parse", name]), 3.0);
        table.at_most(&format!("{what}, memory"), peak_kilobytes(&sbom) / 1e3, 30.0, "MB");
    }
}

/// Ten times the components in at most eleven times the time.
fn growth(table: &mut Table) {
    for (name, small, large) in [
        ("Cargo.lock", trees::cargo_lock(3_000, 0), trees::cargo_lock(30_000, 0)),
        ("package-lock.json", trees::npm_lock(3_000), trees::npm_lock(30_000)),
    ] {
        let (small, large) = (trees::lone(name, &small), trees::lone(name, &large));
        let sbom = |tree: &trees::Tree| portcullis(tree.path(), &["sbom", "generate"]);
        let what = format!("`sbom generate`, {name}, 30,000 packages against 3,000");
        table.against(&what, &sbom(&large), &sbom(&small), 11.0);
    }
}

/// An SBOM of a large tree of Go and Python against that of syft: a fortieth of its time, a tenth of its memory.
fn peer(table: &mut Table) {
    let Some(syft) = runs::program("syft") else {
        eprintln!("SKIPPED: the comparison with syft: there is no such program on the path");
        return;
    };
    let tree = trees::go_and_python(40, 200, 20_000);
    let ours = portcullis(tree.path(), &["sbom", "generate"]);
    let theirs = Command::new(&syft, tree.path(), &["scan", "dir:.", "-o", "cyclonedx-json", "-q"]);
    let what = "`sbom generate`, 40 projects of Go and 40 of Python in 20,000 files, against syft";
    table.against_in(3, &format!("{what}, time"), &ours, &theirs, 1.0 / 40.0);
    let (mine, other) = (peak_kilobytes(&ours) / 1e3, peak_kilobytes(&theirs) / 1e3);
    table.row(&format!("{what}, memory"), &format!("{mine:.1} MB"), &format!("{other:.1} MB"), mine / other, 0.1);
}

/// Signatures of OpenPGP against gpgv, sqv and `sha512sum`, which hashes and does nothing else.
fn verify(table: &mut Table) {
    let Some(signed) = signed::Signed::new() else {
        eprintln!("SKIPPED: signatures: gpg or gpgv is not on the path");
        return;
    };
    let folder = signed.path();
    // Each of them, without what gpgv says on stderr.
    let tool = |name: &str, arguments: &str| {
        let line = format!("exec {name} {arguments} 2>/dev/null");
        runs::program(name).map(|_| Command::new(Path::new("sh"), folder, &["-c", &line]))
    };
    let one = portcullis(folder, &["verify", "large", "--signature", "large.sig", "--key", "ring.gpg"]);
    let what = "`verify`, 1 GiB with a signature over its SHA-512";
    // sqv's time is that of the same hash function: what is above it by a twentieth is chance.
    for (name, arguments, limit) in [
        ("gpgv", "--keyring ./ring.gpg large.sig large", 0.5),
        ("sqv", "--keyring ring.gpg large.sig large", 1.05),
        ("sha512sum", "large", 1.1),
    ] {
        match tool(name, arguments) {
            Some(theirs) => table.against_in(5, &format!("{what}, against {name}"), &one, &theirs, limit),
            None => eprintln!("SKIPPED: the comparison with {name}: there is no such program on the path"),
        }
    }
    table.at_most(&format!("{what}, memory"), peak_kilobytes(&one) / 1e3, 20.0, "MB");
    let two = ["verify", "large", "--signature", "large.sig", "--signature", "large.other", "--key", "ring.gpg"];
    let what = "`verify`, 1 GiB, two signatures over it against one";
    table.against_in(5, what, &portcullis(folder, &two), &one, 1.05);
    let many = portcullis(folder, &["verify", "many", "--key", "ring.gpg"]);
    let each = "for one in many/*.tar; do gpgv -q --keyring ./ring.gpg $one.sig $one 2>/dev/null || exit 1; done";
    let theirs = Command::new(Path::new("sh"), folder, &["-c", each]);
    table.against_in(3, "`verify`, 1,000 small artifacts, against a gpgv each", &many, &theirs, 1.0 / 20.0);
    let sparse = portcullis(folder, &["verify", "sparse", "--signature", "large.sig", "--key", "ring.gpg"]);
    let sparse = sparse.exits_with(&[1]);
    table.at_most("`verify`, a sparse file of 10 GB, memory", peak_kilobytes(&sparse) / 1e3, 20.0, "MB");
}

/// SBOM documents: read, compared and judged by their size; each format made of one tree.
fn documents(table: &mut Table) {
    let folder = documents::Pairs::new();
    let diff = |count: &str| {
        let (old, new) = (format!("old-{count}.json"), format!("new-{count}.json"));
        portcullis(folder.path(), &["sbom", "diff", &old, &new])
    };
    let (small, large) = (diff("10000"), diff("100000"));
    table.at_most("`sbom diff`, 100,000 components each, time", fastest(&large) * 1e3, 1_500.0, "ms");
    table.against("`sbom diff`, 100,000 components against 10,000", &large, &small, 11.0);
    let bytes = folder.bytes("old-100000.json") + folder.bytes("new-100000.json");
    let memory = peak_kilobytes(&large) * 1024.0 / bytes;
    table.row("`sbom diff`, memory against the two files", &format!("{memory:.1} times"), "the files", memory, 6.0);
    let tree = trees::lone("package-lock.json", &trees::npm_lock(30_000));
    let usual = portcullis(tree.path(), &["sbom", "generate"]);
    for format in ["cyclonedx-xml", "spdx-json", "spdx-tag", "spdx3-json"] {
        let other = portcullis(tree.path(), &["sbom", "generate", "-o", format]);
        let what = format!("`sbom generate -o {format}`, 30,000 packages, against cyclonedx-json");
        table.against(&what, &other, &usual, 2.0);
    }
    let Some(cases) = cases().and_then(|lock_files| Some(lock_files.parent()?.parent()?.join("cyclonedx"))) else {
        eprintln!("SKIPPED: the published document: the cases do not lie beside the checkout");
        return;
    };
    let published = "bom-examples/SBOM/keycloak-10.0.2/bom.json";
    let validate = portcullis(&cases, &["sbom", "validate", published]).exits_with(&[0, 1]);
    table.at_most("`sbom validate`, keycloak, 60,538 lines, time", fastest(&validate) * 1e3, 120.0, "ms");
}

/// Root filesystems and images: a tenth of syft's time and memory, and an image of 1 GB in 100 MB.
fn roots(table: &mut Table) {
    let small = roots::Roots::new(400, 20_000);
    let of = |what: &'static str, roots: &roots::Roots| portcullis(roots.path(), &["sbom", "generate", "--root", what]);
    match runs::program("syft") {
        Some(syft) => {
            for (what, theirs) in [("root", "dir:root"), ("image.tar", "docker-archive:image.tar")] {
                let ours = of(what, &small);
                let theirs = Command::new(&syft, small.path(), &["scan", theirs, "-o", "cyclonedx-json", "-q"]);
                let what = format!("`sbom generate --root {what}`, 400 packages, 4,000 files, 80 MB, against syft");
                table.against_in(3, &format!("{what}, time"), &ours, &theirs, 0.1);
                let (mine, other) = (peak_kilobytes(&ours) / 1e3, peak_kilobytes(&theirs) / 1e3);
                table.row(
                    &format!("{what}, memory"),
                    &format!("{mine:.1} MB"),
                    &format!("{other:.1} MB"),
                    mine / other,
                    0.1,
                );
            }
        }
        None => eprintln!("SKIPPED: the comparison with syft: there is no such program on the path"),
    }
    let large = roots::Roots::new(2_000, 50_000);
    let memory = peak_kilobytes(&of("image.tar", &large)) / 1e3;
    table.at_most("`sbom generate --root image.tar`, 20,000 files, 1 GB, memory", memory, 100.0, "MB");
    table.against(
        "`sbom generate --root root`, 20,000 files against 4,000",
        &of("root", &large),
        &of("root", &small),
        5.5,
    );
}

/// This machine judged, against a search for setid files alone; what configuration tells, in milliseconds.
fn host(table: &mut Table) {
    let either = &[0, 1];
    let folder = std::env::temp_dir();
    let whole = portcullis(&folder, &["host", "check"]).exits_with(either);
    let find = Command::new(Path::new("find"), &folder, &["/", "-xdev", "-perm", "/6000"]).exits_with(either);
    table.against_in(5, "`host check`, this machine, against `find / -xdev -perm /6000`", &whole, &find, 0.7);
    table.at_most("`host check`, this machine, memory", peak_kilobytes(&whole) / 1e3, 60.0, "MB");
    let settings = ["host", "check", "--skip", "setid", "--skip", "package"];
    let settings = portcullis(&folder, &settings).exits_with(either);
    table.at_most("`host check --skip setid --skip package`, time", fastest(&settings) * 1e3, 50.0, "ms");
}

/// Where the third-party cases lie beside a checkout, if they do.
fn cases() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/cases/lockfiles/real");
    path.is_dir().then_some(path)
}
