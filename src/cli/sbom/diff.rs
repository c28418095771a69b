//! `portcullis sbom diff`.

use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::{Args, ValueEnum};

use super::super::environment::Environment;
use super::super::output;
use super::super::progress::Progress;
use super::super::target::Place;
use super::file::{self, NotOne};
use super::tree;
use crate::changes::{Documents, Side};
use crate::diff::document::document_changes;
use crate::fact::Gap;
use crate::gate::Against;
use crate::generate::{self, Filter, Request, Root};
use crate::parallel;
use crate::sbom::model::{Bom, Losses, Unread};
use crate::sbom::{self, Chosen, Origin};
use crate::text;
use crate::text::Text;

/// Compares two SBOMs of any formats, or one with a tree, and lists what differs. What only one of them states at all is
/// told once and not compared.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom diff old.json new.spdx.json\n  \
    portcullis sbom diff released.json . --exit-code\n  \
    portcullis sbom diff old.json new.json --format markdown")]
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
    #[arg(long)]
    exit_code: bool,
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
struct Read {
    name: Text,
    bytes: Vec<u8>,
    /// What could not be read of a tree; `None` where it is a document.
    gaps: Option<Vec<Gap>>,
}

impl Diff {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let sides = [read(&self.old, environment)?, read(&self.new, environment)?];
        let listed = match self.listed(&sides) {
            Ok(listed) => listed,
            Err(NotOne(message)) => {
                output::complain(&format!("error: {message}"));
                return Ok(1);
            }
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

    fn listed(&self, sides: &[Read; 2]) -> Result<Documents, NotOne> {
        let _progress = Progress::start("comparing");
        let paths = [&self.old, &self.new];
        let places = [0, 1];
        let texts = parallel::map(&places, |at| file::decoded(paths[*at], &sides[*at].bytes));
        let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let documents = parallel::map(&places, |at| file::document(paths[*at], &texts[*at]));
        let documents = documents.into_iter().collect::<Result<Vec<_>, _>>()?;
        let unread = Unread::forgotten();
        let models = parallel::map(&documents, |document| document.model(&unread));
        let [old, new] = models.as_slice() else { return Err(NotOne(Text::trusted("two documents are compared"))) };
        let side = |at: usize, bom: &Bom<'_>| Side {
            name: sides[at].name.clone(),
            format: match sides[at].gaps {
                Some(_) => Text::trusted("tree"),
                None => text!("{} {}", documents[at].format.id, documents[at].version),
            },
            components: bom.components.len(),
        };
        let found = document_changes(old, new);
        let gaps = sides.each_ref().map(|side| side.gaps.as_deref().unwrap_or_default());
        let listed = Documents::of(side(0, old), side(1, new), &found, gaps);
        // The process ends here: to free what large documents hold would take as long as to compare them.
        drop(found);
        std::mem::forget(models);
        std::mem::forget(documents);
        Ok(listed)
    }
}

/// Reads a document, or makes that of a tree.
fn read(path: &Path, environment: &Environment) -> Result<Read, Error> {
    let name = output::shown(path);
    if !environment.directory.join(path).is_dir() {
        return Ok(Read { name, bytes: file::read(path)?, gaps: None });
    }
    let place = Place { path: path.to_owned(), repo: None };
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
    Ok(Read { name, bytes, gaps: Some(evidence.gaps) })
}
