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
use crate::sbom::{self, Chosen, Document, Origin};
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
struct Read<'p> {
    path: &'p Path,
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

    fn listed(&self, sides: &[Read<'_>; 2]) -> Result<Documents, NotOne> {
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
}

/// Reads a document, or makes that of a tree.
fn read<'p>(path: &'p Path, environment: &Environment) -> Result<Read<'p>, Error> {
    if !output::is_folder(path) {
        return Ok(Read { path, bytes: file::read(path)?, gaps: None });
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
    Ok(Read { path, bytes, gaps: Some(evidence.gaps) })
}
