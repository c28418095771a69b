//! `portcullis policy`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use similar::TextDiff;

use super::environment::Environment;
use super::progress::Progress;
use super::target::{self, Place};
use super::{Complaint, output};
use crate::component::{Component, KnownSources, Source};
use crate::ecosystem;
use crate::evidence::{self, Evidence};
use crate::gate::{self, Against, GateError, PolicyChoice};
use crate::policy::{self, Loader, NotRead, POLICY_FILE, PolicyFiles, SECTIONS, TreeFiles};
use crate::rule;
use crate::text;
use crate::text::Text;
use crate::tree::{Directory, TreePath, Wants};

/// Starts, shows, checks and lists the policy.
#[derive(Debug, Args)]
#[command(after_help = "Example: portcullis policy init")]
pub(super) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented policy that pins what the tree uses today
    Init(Init),
    /// Show the policy in force, and where each value comes from
    Show(Show),
    /// Check that policies can be read and understood
    Check(Check),
    /// List the rules with their levels
    List(List),
}

/// Writes a commented policy that pins what the tree uses today.
#[derive(Debug, Args)]
#[command(after_help = "The policy is written to the root of the repository, where the gate reads it.\n\n\
    Examples:\n  \
    portcullis policy init\n  \
    portcullis policy init --print")]
struct Init {
    /// The directory to pin
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    path: PathBuf,

    /// Replace a policy that is already there
    #[arg(long)]
    force: bool,

    /// Print the policy instead of writing it
    #[arg(long)]
    print: bool,
}

/// Shows the policy in force, and where each value comes from.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis policy show\n  \
    portcullis policy show --diff recommended   what differs from a built-in policy\n  \
    portcullis policy show --policy strict --format json")]
struct Show {
    /// The directory whose policy is shown
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    path: PathBuf,

    /// Show this policy instead: a file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// Show only what differs from another policy
    #[arg(long, value_name = "FILE|NAME")]
    diff: Option<String>,

    /// The format
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
}

/// Checks that policies can be read and understood.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis policy check\n  \
    portcullis policy check portcullis.toml builtin:strict")]
struct Check {
    /// The policies: files, or names of built-in ones
    #[arg(value_name = "FILE|NAME", default_value = POLICY_FILE)]
    policies: Vec<String>,
}

/// Lists the rules with their levels.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis policy list\n  \
    portcullis policy list --policy strict")]
struct List {
    /// The levels of this policy: a file, or the name of a built-in one (default: the one of the tree)
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// The format
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// For people
    Human,
    /// For programs
    Json,
}

impl Policy {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        match self.command {
            Command::Init(command) => command.run(environment),
            Command::Show(command) => command.run(environment),
            Command::Check(command) => command.run(environment),
            Command::List(command) => command.run(environment),
        }
    }
}

impl Init {
    fn run(self, environment: &Environment) -> Result<u8, Error> {
        let root = self.root(environment)?;
        let target = Place { path: root.clone(), repo: None }.target(None, Against::Nothing, environment)?;
        let evidence = {
            let _progress = Progress::start("reading the tree");
            let opened = gate::open(&target)?;
            evidence::collect(opened.now.as_tree(), &Wants::new(ecosystem::names(), &[])?).map_err(GateError::from)?
        };
        let written = first_policy(&evidence);
        if self.print {
            output::print(written.as_bytes())?;
            return Ok(0);
        }
        let file = root.join(POLICY_FILE);
        if !self.force && output::is_there(&file) {
            show_difference(&file, &written);
            return Err(Complaint::new(text!("{}: expected no policy yet, found one", output::shown(&file)))
                .hint(Text::trusted("--force replaces it, --print only prints"))
                .into());
        }
        output::write_file(&file, written.as_bytes())?;
        output::complain(&format!("wrote {}", output::shown(&file)));
        Ok(0)
    }

    /// Returns the folder whose policy the gate reads: the root of the work tree, where there is one.
    fn root(&self, environment: &Environment) -> Result<PathBuf, Error> {
        let target = Place { path: self.path.clone(), repo: None }.target(None, Against::Nothing, environment)?;
        let root = gate::open(&target)?.root.filter(|root| target.absolute != *root);
        // As the user named it, where that is the root.
        let named = if self.path == Path::new(".") { PathBuf::new() } else { self.path.clone() };
        Ok(root.unwrap_or(named))
    }
}

/// Shows on stderr what would change in a policy that is there, as far as it can be read.
fn show_difference(file: &Path, written: &str) {
    let Ok(old) = output::read_file(file, 4 << 20) else { return };
    let old = String::from_utf8_lossy(&old).into_owned();
    let lines = TextDiff::from_lines(old.as_str(), written)
        .unified_diff()
        .context_radius(2)
        .header("the policy that is there", "the policy that would be written")
        .to_string();
    for line in lines.lines() {
        // A line of context begins with a space, behind which a build server would look for commands.
        output::complain(&format!("| {}", Text::of(line)));
    }
}

/// Returns a policy that pins the sources of a tree.
fn first_policy(evidence: &Evidence) -> String {
    let mut registries = BTreeSet::new();
    let mut git = BTreeSet::new();
    let mut odd = BTreeSet::new();
    for component in evidence.inventories.iter().flat_map(|inventory| &inventory.components) {
        let Some(place) = component.origin() else { continue };
        let list = if is_git(component) { &mut git } else { &mut registries };
        let place = if is_git(component) { place.parent() } else { place };
        if is_plain(&place) {
            list.insert(place)
        } else {
            odd.insert(place)
        };
    }
    let list = |places: &BTreeSet<crate::component::Place>| {
        let lines: String = places
            .iter()
            .map(|place| format!("  {},\n", toml_string(&format!("https://{}/", place.as_str()))))
            .collect();
        if lines.is_empty() { "[]".to_owned() } else { format!("[\n{lines}]") }
    };
    let known = KnownSources::of(&evidence.inventories);
    let found = if known == KnownSources::default() { " (no lock file names one)" } else { "" };
    let odd: String =
        odd.iter().map(|place| format!("# Left out, since it is no address: {}\n", Text::of(place))).collect();
    format!(
        "# The policy of this repository: what `portcullis gate` lets pass.\n\
         # `portcullis policy show` prints it with all it extends; `portcullis explain` lists the rules.\n\
         extends = [\"builtin:recommended\"]\n\
         \n\
         # Where components may come from, beside what the base revision already uses.\n\
         # Found in the lock files today{found}.\n\
         {odd}\
         [sources]\n\
         registries = {}\n\
         git = {}\n\
         \n\
         # Levels: deny closes the gate, warn is shown, allow is only listed.\n\
         # [rules]\n\
         # \"change/downgrade\" = \"deny\"\n\
         # \"change/new-install-script\" = {{ level = \"deny\", allow = [\"esbuild\"] }}\n\
         \n\
         # Files that are left out, and counted in the report.\n\
         # [tree]\n\
         # exclude = [\"tests/fixtures/**\"]\n\
         \n\
         # An exception has an owner, a reason and a last day.\n\
         # [[waiver]]\n\
         # rule = \"change/downgrade\"\n\
         # subject = \"pkg:cargo/time\"\n\
         # owner = \"@release-team\"\n\
         # reason = \"0.3.37 does not build here\"\n\
         # expires = 2027-01-31\n",
        list(&registries),
        list(&git),
    )
}

/// Whether a place is written as addresses are, so that a reader of the policy sees what it says.
fn is_plain(place: &crate::component::Place) -> bool {
    let text = place.as_str();
    Text::of(text).as_str() == text && !text.contains(|c: char| c.is_whitespace() || "\"'*`<>".contains(c))
}

fn is_git(component: &Component) -> bool {
    matches!(component.source, Source::Git { .. })
}

/// Writes a string as TOML has it.
pub(super) fn toml_string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Show {
    fn run(self, environment: &Environment) -> Result<u8, Error> {
        let shown = self.policy_lines(self.policy.as_deref(), environment)?;
        let text = match (&self.diff, self.format) {
            (Some(other), Form::Human) => {
                let other_lines = self.policy_lines(Some(other), environment)?;
                let plain = |lines: &[Line]| lines.iter().map(|line| format!("{}\n", line.value)).collect::<String>();
                let (before, now) = (plain(&other_lines), plain(&shown));
                TextDiff::from_lines(before.as_str(), now.as_str())
                    .unified_diff()
                    .context_radius(0)
                    .header(text!("{}", *other).as_str(), "in force")
                    .to_string()
            }
            (Some(other), Form::Json) => {
                let other = self.policy_lines(Some(other), environment)?;
                let only = |these: &[Line], others: &[Line]| -> Vec<Value> {
                    let is_new = |line: &&Line| !others.iter().any(|other| other.value == line.value);
                    these.iter().filter(is_new).map(|line| json!(line)).collect()
                };
                let difference = json!({ "removed": only(&other, &shown), "added": only(&shown, &other) });
                serde_json::to_string_pretty(&difference)? + "\n"
            }
            (None, Form::Human) => shown.iter().map(|line| format!("{}  # {}\n", line.value, line.from)).collect(),
            (None, Form::Json) => serde_json::to_string_pretty(&shown)? + "\n",
        };
        output::print(text.as_bytes())?;
        Ok(0)
    }

    fn policy_lines(&self, named: Option<&str>, environment: &Environment) -> Result<Vec<Line>, Error> {
        let policy = policy_at(&self.path, named, environment)?;
        let mut out = Vec::new();
        for section in SECTIONS {
            (section.show)(&policy, &mut out);
        }
        Ok(out.into_iter().map(|line| Line { from: line.origin.to_string(), value: line.line.to_string() }).collect())
    }
}

/// Returns a policy by its name, else the one that would judge the tree at `path`.
fn policy_at(path: &Path, named: Option<&str>, environment: &Environment) -> Result<policy::Policy, Error> {
    let choice = target::policy(named, environment)?;
    Ok(match choice {
        PolicyChoice::OfTree => {
            let place = Place { path: path.to_owned(), repo: None };
            let opened = gate::open(&place.target(None, Against::Nothing, environment)?)?;
            gate::policy_of(&opened, &choice)?
        }
        chosen => gate::load_policy(&chosen)?,
    })
}

/// A line of a shown policy.
#[derive(serde::Serialize)]
struct Line {
    value: String,
    from: String,
}

impl Check {
    fn run(self, environment: &Environment) -> Result<u8, Error> {
        let mut lines = String::new();
        for named in &self.policies {
            let choice = target::policy(Some(named), environment)?;
            let policy = gate::load_policy(&choice)?;
            lines.push_str(&format!("{}: valid, {}\n", text!("{}", named), policy.digest));
        }
        output::print(lines.as_bytes())?;
        Ok(0)
    }
}

impl List {
    fn run(self, environment: &Environment) -> Result<u8, Error> {
        let policy = policy_at(Path::new("."), self.policy.as_deref(), environment)?;
        let mut rules = Vec::new();
        for rule in rule::rules() {
            let Some(setting) = policy.rules.get(rule.id) else { continue };
            let (level, undetermined) = (setting.level.value.word(), setting.undetermined().word());
            rules.push((Text::trusted(rule.id), level, undetermined, Text::trusted(rule.summary)));
        }
        for custom in policy.custom.iter().map(|custom| &custom.value) {
            let level = custom.level.word();
            rules.push((text!("{}", custom.rule_id()), level, level, text!("{}", custom.message)));
        }
        let text = match self.format {
            Form::Human => rules
                .iter()
                .map(|(id, level, undetermined, summary)| {
                    format!("{:<34} {level:<5}  undetermined: {undetermined:<5}  {summary}\n", id.as_str())
                })
                .collect(),
            Form::Json => {
                let entry = |(id, level, undetermined, summary): &(Text, &str, &str, Text)| json!({ "rule": id, "level": level, "undetermined": undetermined, "summary": summary });
                serde_json::to_string_pretty(&rules.iter().map(entry).collect::<Vec<_>>())? + "\n"
            }
        };
        output::print(text.as_bytes())?;
        Ok(0)
    }
}

/// Makes sure that a policy's text can be read and understood at the root of a tree, before it is written there.
pub(super) fn proved(text: &str, root: &Path) -> Result<(), Error> {
    struct Replaced<'a> {
        path: &'a TreePath,
        text: &'a str,
        others: TreeFiles<'a>,
    }
    impl PolicyFiles for Replaced<'_> {
        fn read(&self, path: &TreePath) -> Result<Option<Vec<u8>>, NotRead> {
            if path == self.path { Ok(Some(self.text.as_bytes().to_vec())) } else { self.others.read(path) }
        }
    }
    let directory = Directory::open(root).map_err(GateError::from)?;
    let path = TreePath::root().child(POLICY_FILE.as_bytes());
    let files = Replaced { path: &path, text, others: TreeFiles(&directory) };
    let loader = Loader { catalogue: rule::catalogue(), files: Some(&files), origin: "file", shown: None };
    loader.file(&path).map_err(GateError::from)?;
    Ok(())
}
