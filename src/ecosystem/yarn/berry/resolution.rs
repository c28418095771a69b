//! What berry's `resolution` says: which package an entry is, and where it is taken from.
//!
//! Each protocol is one of yarn's plugins: `plugin-npm`, `plugin-git`, `plugin-http`, `plugin-file`,
//! `plugin-link`, `plugin-patch`, `plugin-exec`, and the workspaces of its core.

use semver::Version;

use super::locator;
use crate::component::{RemoteUrl, Source, npm};
use crate::document::{Fault, Span};
use crate::text;
use crate::text::Text;

/// How deep patches of patches are followed.
const MAX_PATCHES: usize = 8;

/// What a resolution says.
#[derive(Debug)]
pub(super) struct Resolution {
    /// The package's name; of a patched one that of the package that is patched.
    pub(super) name: Box<str>,
    /// The version that is fetched from the registry.
    pub(super) version: Option<Box<str>>,
    /// Where it is taken from; a patched package is taken from where the package is that is patched.
    pub(super) source: Source,
    /// The address, where one is stated.
    pub(super) resolved: Option<RemoteUrl>,
    /// Where the workspace lies, where it is one.
    pub(super) workspace: Option<Box<str>>,
    /// What it is patched by, with the digest yarn has of that.
    pub(super) patch: Option<String>,
    /// Whether it is made by running a script of the project.
    pub(super) is_generated: bool,
}

/// Reads a locator, split at its name. The fault lies at `span`, where the locator stands.
pub(super) fn resolution(name: &str, reference: &str, span: Span) -> Result<Resolution, Fault> {
    read(name, reference, span, 0)
}

fn read(name: &str, reference: &str, span: Span, patches: usize) -> Result<Resolution, Fault> {
    let (bare, bindings) = locator::bindings(reference);
    if !npm::is_plain_address(bare) {
        let expected = Text::trusted("a resolution without blanks, control characters and backslashes");
        return Err(Fault::new(span, expected, text!("`{}`", reference)));
    }
    let (protocol, rest) = match bare.split_once(':') {
        Some(parts) => parts,
        // Yarn 2 leaves the protocol out where it names the package that is patched.
        None if Version::parse(bare).is_ok() => ("npm", bare),
        None => return Err(unknown(reference, span)),
    };
    let of = |source| Resolution {
        name: name.into(),
        version: None,
        source,
        resolved: None,
        workspace: None,
        patch: None,
        is_generated: false,
    };
    let path = || Source::Path { path: locator::decoded(rest.split('#').next().unwrap_or(rest)).into() };
    Ok(match protocol {
        "npm" => {
            let address = locator::binding(bindings, "__archiveUrl");
            if let Some(address) = address.as_deref().filter(|address| !is_address(address)) {
                let expected = Text::trusted("an address with `://` behind `__archiveUrl=`");
                return Err(Fault::new(span, expected, text!("`{}`", address)));
            }
            let source = address.as_deref().map_or(Source::Registry { registry: None }, npm::locked_source);
            Resolution { version: Some(rest.into()), resolved: address.as_deref().map(RemoteUrl::new), ..of(source) }
        }
        "workspace" => Resolution { workspace: Some(locator::decoded(rest).into()), ..of(Source::Member) },
        "patch" if patches < MAX_PATCHES => patched(rest, bindings, span, patches)?,
        "file" | "link" | "portal" => of(path()),
        "exec" => Resolution { is_generated: true, ..of(path()) },
        _ => match npm::locked_source(bare) {
            Source::Path { .. } => return Err(unknown(reference, span)),
            source => Resolution { resolved: Some(RemoteUrl::new(bare)), ..of(source) },
        },
    })
}

/// Reads `LOCATOR#PATCH::version=…&hash=…`, the locator encoded: the package that is patched, which is what
/// comes from outside. Where that has an entry of its own, the two are one component at two places.
fn patched(rest: &str, bindings: &str, span: Span, patches: usize) -> Result<Resolution, Fault> {
    let (inner, patch) = rest.split_once('#').unwrap_or((rest, ""));
    let inner = locator::decoded(inner);
    let Some((name, reference)) = locator::split(&inner) else { return Err(unknown(rest, span)) };
    let mut resolution = read(name, reference, span, patches + 1)?;
    if resolution.workspace.is_some() {
        return Err(unknown(rest, span));
    }
    let hash = locator::binding(bindings, "hash").unwrap_or_default();
    let patch = format!("{} {hash}", locator::decoded(patch));
    resolution.patch = Some(match resolution.patch {
        Some(before) => format!("{before}, {patch}"),
        None => patch,
    });
    Ok(resolution)
}

/// Whether a text is an address that needs no other to be resolved against.
fn is_address(text: &str) -> bool {
    npm::is_plain_address(text) && text.split_once("://").is_some_and(|(scheme, _)| matches!(scheme, "https" | "http"))
}

fn unknown(reference: &str, span: Span) -> Fault {
    let expected = "a resolution to npm, a workspace, a patch, a path, a repository or an archive";
    Fault::new(span, Text::trusted(expected), text!("`{}`", reference))
}
