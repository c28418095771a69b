//! `portcullis sbom diff`.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::super::environment::Environment;
use super::super::progress::Progress;
use super::super::{gate, output, target};
use super::file::{self, NotOne};
use super::tree;
use crate::changes::{Documents, Side};
use crate::diff::document::document_changes;
use crate::evidence::Evidence;
use crate::fact::Gap;
use crate::gate::{Against, Report, judge_documents, load_policy};
use crate::generate::{self, Filter, Request, Root};
use crate::parallel;
use crate::policy::Policy;
use crate::sbom::model::{Bom, Losses, Unread};
use crate::sbom::{self, Chosen, Document, Origin};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{Input, TreePath};

/// Compares two SBOMs of any formats, or one with a tree, and lists what differs. What only one of them states at all is
/// told once and not compared.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom diff old.json new.spdx.json\n  \
    portcullis sbom diff released.json . --exit-code\n  \
    portcullis sbom diff old.json new.json --format markdown\n  \
    portcullis sbom diff old.json new.json --policy builtin:recommended")]
pub(super) struct Diff {
    /// The document before, or a directory
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The document now, or a directory
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// The format
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,

    /// Exit with 1 when there are changes
    #[arg(long, conflicts_with = "policy")]
    exit_code: bool,

    /// Judge what changed by this policy, as a pull request is judged: a file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// Judge waivers as of this day or time
    #[arg(long, value_name = "TIME", requires = "policy")]
    at: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// A line a change, what differs below it
    Human,
    /// Everything, for programs
    Json,
    /// A table, for a comment or a release note
    Markdown,
}

/// One side, read but not yet understood.
struct Read<'p> {
    path: &'p Path,
    bytes: Vec<u8>,
    /// What could not be read of a tree; `None` where it is a document.
    gaps: Option<Vec<Gap>>,
}

impl Diff {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let sides = [read(&self.old, environment)?, read(&self.new, environment)?];
        if let Some(named) = self.policy.as_deref() {
            let policy = load_policy(&target::policy(Some(named), environment)?)?;
            let today = environment.day(self.at.as_deref())?;
            let at = environment.stated_time(self.at.as_deref())?.map(|time| text!("{}", time.to_string()));
            return match judged(&sides, &policy, today, at) {
                Ok(report) => {
                    let format = gate::output_of(self.format.word()).map_err(Error::msg)?;
                    gate::deliver(&report, &[format], None)
                }
                Err(NotOne(message)) => Ok(refused(&message)),
            };
        }
        let listed = match listed(&sides) {
            Ok(listed) => listed,
            Err(NotOne(message)) => return Ok(refused(&message)),
        };
        let text = match self.format {
            Form::Human => listed.human(),
            Form::Json => listed.json()?,
            Form::Markdown => listed.markdown(),
        };
        output::print(text.as_bytes())?;
        let differs = !(listed.changes.is_empty() && listed.gaps.is_empty());
        Ok(u8::from(self.exit_code && differs))
    }
}

fn refused(message: &Text) -> u8 {
    output::complain(&format!("error: {message}"));
    1
}

/// Judges the documents as a change.
fn judged(sides: &[Read<'_>; 2], policy: &Policy, today: Date, at: Option<Text>) -> Result<Report, NotOne> {
    let _progress = Progress::start("comparing");
    let evidence = |side: &Read<'_>| {
        let text = file::decoded(side.path, &side.bytes)?;
        let document = file::document(side.path, &text)?;
        let unread = Unread::forgotten();
        let path = TreePath::named(side.path.as_os_str().as_bytes());
        let mut evidence = Evidence::of_document(&document.model(&unread), &path, &text);
        evidence.gaps = side.gaps.clone().unwrap_or_default();
        Ok((evidence, path))
    };
    let [old, new] = sides.each_ref().map(evidence);
    let ((mut before, old), (mut now, new)) = (old?, new?);
    let [first, second] = sides;
    let inputs = [(&first.bytes, &old), (&second.bytes, &new)].map(|(bytes, path)| Input {
        kind: "sbom",
        name: Text::of(path),
        digest: Some(text!("sha256:{}", hex(&Sha256::digest(bytes)).as_str())),
    });
    // Both under one name: they are two states of one thing.
    for inventory in before.inventories.iter_mut().chain(&mut now.inventories) {
        inventory.path = new.clone();
    }
    Ok(judge_documents(&before, &now, policy, today, at, inputs.to_vec()))
}

/// Lists what differs between the documents.
fn listed(sides: &[Read<'_>; 2]) -> Result<Documents, NotOne> {
    let _progress = Progress::start("comparing");
    let texts = parallel::map(sides, |side| file::decoded(side.path, &side.bytes).map(|text| (side, text)));
    let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
    let documents = parallel::map(&texts, |(side, text)| file::document(side.path, text).map(|read| (*side, read)));
    let documents = documents.into_iter().collect::<Result<Vec<_>, _>>()?;
    let unread = Unread::forgotten();
    let models = parallel::map(&documents, |(side, document)| (*side, document, document.model(&unread)));
    let [old, new] = models.as_slice() else { return Err(NotOne(Text::trusted("two documents are compared"))) };
    let side = |(read, document, bom): &(&Read<'_>, &Document<'_>, Bom<'_>)| Side {
        name: output::shown(read.path),
        format: match read.gaps {
            Some(_) => Text::trusted("tree"),
            None => text!("{} {}", document.format.id, document.version),
        },
        components: bom.components.len(),
    };
    let found = document_changes(&old.2, &new.2);
    let gaps = sides.each_ref().map(|side| side.gaps.as_deref().unwrap_or_default());
    let listed = Documents::of(side(old), side(new), &found, gaps);
    // The process ends here: to free what large documents hold would take as long as to compare them.
    drop(found);
    std::mem::forget(models);
    std::mem::forget(documents);
    Ok(listed)
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }
}

/// Reads a document, or makes that of a tree.
fn read<'p>(path: &'p Path, environment: &Environment) -> Result<Read<'p>, Error> {
    if !output::is_folder(path) {
        return Ok(Read { path, bytes: file::read(path)?, gaps: None });
    }
    let place = target::Place { path: path.to_owned(), repo: None };
    let target = place.target(None, Against::Nothing, environment)?;
    let (evidence, commit) = tree::evidence(&target, &[])?;
    let root = Root::of(&evidence, &tree::hint(&target, commit));
    let Chosen { format, version } =
        sbom::choose("cyclonedx-json@1.7").map_err(|message| Error::msg(message.to_string()))?;
    let filter = Filter::default();
    let request = Request { evidence: &evidence, root: &root, created: None, filter: &filter, suppliers: &[] };
    let bytes = generate::with_bom(&request, |bom| {
        let written = (format.family.write)(bom, version, Origin::Tree);
        (format.render)(&written.root, version, &mut Losses::default())
    });
    Ok(Read { path, bytes, gaps: Some(evidence.gaps) })
}
