//! `portcullis sbom generate`.

use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::Args;

use super::super::environment::Environment;
use super::super::output;
use super::super::target::{Place, platform_of};
use super::file::{self, NotOne};
use super::output::{Output, output_of};
use super::tree;
use crate::ecosystem;
use crate::evidence::{self, CargoSetup, Evidence};
use crate::fact::GapReason;
use crate::gate::Against;
use crate::generate::{self, Filter, Request, Root};
use crate::sbom::model::{Bom, Losses, Unread};
use crate::sbom::{Chosen, Origin};
use crate::tree::root::Platform;

/// Writes an SBOM of what the lock files of a tree pin, or of what is installed in a root filesystem or an image. Exits
/// with 1 when something could not be read; what is missing is told on stderr, and makes the document incomplete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom generate > bom.json\n  \
    portcullis sbom generate services/api -o cyclonedx-json=bom.json -o spdx-json=bom.spdx.json\n  \
    portcullis sbom generate --root rootfs -o spdx3-json=rootfs.json\n  \
    portcullis sbom generate image.tar --platform linux/arm64\n  \
    portcullis sbom generate --no-dev --only npm --from-sbom vendor.spdx.json")]
pub(super) struct Generate {
    #[command(flatten)]
    place: Place,

    /// List what is installed in a root filesystem: a directory, a tarball of one, an image
    #[arg(long, value_name = "DIR|TAR", conflicts_with_all = ["path", "repo", "head", "resolve"])]
    root: Option<PathBuf>,

    /// Of an image for several platforms, list the one for this
    #[arg(long, value_name = "OS/ARCH", value_parser = platform_of)]
    platform: Option<Platform>,

    /// List this revision instead of the directory
    #[arg(long, value_name = "REV")]
    head: Option<String>,

    /// Let cargo add licences and scopes; runs `cargo metadata --locked --offline`
    #[arg(long, requires = "trusted", conflicts_with_all = ["head", "repo"])]
    resolve: bool,

    /// Say that the tree is trusted: cargo reads its manifests
    #[arg(long, requires = "resolve")]
    trusted: bool,

    /// The format, on stdout or into a file; may be repeated (default: cyclonedx-json)
    #[arg(short = 'o', long = "output", value_name = "FORMAT[@VERSION][=FILE]", value_parser = output_of)]
    outputs: Vec<Output>,

    /// Take in the SBOM of a supplier, of any format; may be repeated
    #[arg(long, value_name = "FILE")]
    from_sbom: Vec<PathBuf>,

    /// Do not read files that match this pattern; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Leave out what only development and tests need
    #[arg(long)]
    no_dev: bool,

    /// List this ecosystem only; may be repeated
    #[arg(long, value_name = "ECOSYSTEM", value_parser = ecosystem_of)]
    only: Vec<String>,

    /// State when the document was made: `now`, or a time (default: SOURCE_DATE_EPOCH, else none)
    #[arg(long, value_name = "now|TIME")]
    timestamp: Option<String>,
}

impl Generate {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        if let Some(path) = self.of_root() {
            let (mut evidence, root) = tree::installed(&path, self.platform.as_ref(), &self.exclude, environment)?;
            return self.deliver(&mut evidence, &root, environment);
        }
        let target = self.place.target(self.head.clone(), Against::Nothing, environment)?;
        let (mut evidence, commit) = tree::evidence(&target, &self.exclude)?;
        if self.resolve {
            let setup = CargoSetup {
                tree: target.absolute.clone(),
                path: environment.path.clone(),
                home: environment.home.clone(),
                cargo_home: environment.cargo_home.clone(),
                rustup_home: environment.rustup_home.clone(),
                toolchain: environment.toolchain.clone(),
            };
            evidence::resolve(&mut evidence, &setup)?;
        }
        let root = Root::of(&evidence, &tree::hint(&target, commit));
        self.deliver(&mut evidence, &root, environment)
    }

    /// Returns the root filesystem or the image that is asked for: by its option, or because what is named is no
    /// directory of a project.
    fn of_root(&self) -> Option<PathBuf> {
        if self.root.is_some() || self.place.repo.is_some() || self.head.is_some() || self.resolve {
            return self.root.clone();
        }
        let is_asked = self.platform.is_some() || tree::is_image(&self.place.path);
        is_asked.then(|| self.place.path.clone())
    }

    /// Writes what is asked for, and tells what could not be read.
    fn deliver(&self, evidence: &mut Evidence, root: &Root, environment: &Environment) -> Result<u8, Error> {
        let filter =
            Filter { exclude: self.exclude.clone(), no_dev: self.no_dev, only: self.only.iter().cloned().collect() };
        filter.apply(evidence);
        let is_told = self.write(evidence, root, &filter, environment)?;
        for gap in &evidence.gaps {
            let at = gap.location.position.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
            // A line that began with the path could be a command to a build server.
            output::complain(&format!(
                "gap: {}{at}: expected {}, found {}",
                gap.location.path, gap.expected, gap.found
            ));
        }
        // A file that refers to packages it does not hold was read all the same: that is for the gate to judge.
        let is_read = evidence.gaps.iter().all(|gap| gap.reason == GapReason::Dangling);
        // The process ends here: to free what a large tree holds, value by value, would take a tenth of the time.
        std::mem::forget(std::mem::take(evidence));
        Ok(u8::from(!(is_read && is_told)))
    }

    /// Writes every output. Answers false where the document of a supplier is none.
    fn write(
        &self,
        evidence: &Evidence,
        root: &Root,
        filter: &Filter,
        environment: &Environment,
    ) -> Result<bool, Error> {
        let bytes: Vec<Vec<u8>> = self.from_sbom.iter().map(|path| file::read(path)).collect::<Result<_, _>>()?;
        match self.documents(&bytes, |suppliers| {
            let created = environment.stated_or_now(self.timestamp.as_deref())?.map(|time| time.to_string());
            let request = Request { evidence, root, created: created.as_deref(), filter, suppliers };
            generate::with_bom(&request, |bom| self.outputs(bom))
        }) {
            Ok(written) => written.map(|()| true),
            Err(NotOne(message)) => {
                output::complain(&format!("error: {message}"));
                Ok(false)
            }
        }
    }

    /// Reads the documents of suppliers, and hands them on with their names.
    fn documents<R>(&self, bytes: &[Vec<u8>], f: impl FnOnce(&[(String, Bom<'_>)]) -> R) -> Result<R, NotOne> {
        let named = || self.from_sbom.iter().zip(bytes);
        let texts = named().map(|(path, bytes)| file::decoded(path, bytes)).collect::<Result<Vec<_>, _>>()?;
        let documents = self.from_sbom.iter().zip(&texts);
        let documents = documents.map(|(path, text)| file::document(path, text)).collect::<Result<Vec<_>, _>>()?;
        let unread = Unread::forgotten();
        let name = |path: &PathBuf| output::shown(Path::new(path.file_name().unwrap_or_default())).to_string();
        let models = self.from_sbom.iter().zip(&documents);
        let models: Vec<_> = models.map(|(path, document)| (name(path), document.model(&unread))).collect();
        Ok(f(&models))
    }

    fn outputs(&self, bom: &Bom<'_>) -> Result<(), Error> {
        let origin = if self.from_sbom.is_empty() { Origin::Tree } else { Origin::Document };
        let usual =
            if self.outputs.is_empty() { vec![output_of("cyclonedx-json").map_err(Error::msg)?] } else { Vec::new() };
        for output in self.outputs.iter().chain(&usual) {
            let Chosen { format, version } = output.chosen;
            let straight = format.straight.filter(|_| origin == Origin::Tree);
            if let Some(parts) = straight.and_then(|straight| straight(bom, version)) {
                output.write(&parts)?;
                continue;
            }
            let written = (format.family.write)(bom, version, origin);
            output.write(&[(format.render)(&written.root, version, &mut Losses::default())])?;
            // As what the tree holds is: never freed.
            std::mem::forget(written);
        }
        Ok(())
    }
}

fn ecosystem_of(name: &str) -> Result<String, String> {
    ecosystem::known(name).map_err(|message| message.to_string())
}
