//! `portcullis sbom generate`.

use anyhow::Error;
use clap::Args;

use super::super::environment::Environment;
use super::super::output;
use super::super::target::Place;
use super::output::{Output, output_of};
use super::tree;
use crate::evidence::{self, CargoSetup};
use crate::fact::GapReason;
use crate::gate::Against;
use crate::generate::{self, Root};
use crate::sbom::model::Losses;
use crate::sbom::{Chosen, Origin};

/// Writes an SBOM of what the lock files of a tree pin. Exits with 1 when a recognised file could not be read; what else
/// is missing is told on stderr, and makes the document incomplete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    portcullis sbom generate > bom.json\n  \
    portcullis sbom generate services/api -o cyclonedx-json@1.6=bom.json")]
pub(super) struct Generate {
    #[command(flatten)]
    place: Place,

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
}

impl Generate {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        let target = self.place.target(self.head.clone(), Against::Nothing, environment)?;
        let (mut evidence, commit) = tree::evidence(&target)?;
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
        let timestamp = environment.stated_time(None)?.map(|time| time.to_string());
        let usual =
            if self.outputs.is_empty() { vec![output_of("cyclonedx-json").map_err(Error::msg)?] } else { Vec::new() };
        generate::with_bom(&evidence, &root, timestamp.as_deref(), |bom| {
            self.outputs.iter().chain(&usual).try_for_each(|output| {
                let Chosen { format, version } = output.chosen;
                let written = (format.family.write)(bom, version, Origin::Tree);
                output.write(&(format.render)(&written.root, version, &mut Losses::default()))
            })
        })?;
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
        std::mem::forget(evidence);
        Ok(u8::from(!is_read))
    }
}
