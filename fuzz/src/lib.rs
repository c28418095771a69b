//! What the fuzz targets share.

use portcullis::diff;
use portcullis::ecosystem;
use portcullis::evidence::Evidence;
use portcullis::sbom::{self, Document, Root, RootHint};
use portcullis::signature::{Claim, Hashes, Material, Scheme, Trust};
use portcullis::text::Text;
use portcullis::tree::TreePath;

/// Reads bytes as the file of a name, and carries what was read through everything that follows: links, the diff with
/// itself and an SBOM.
pub fn read(name: &str, bytes: &[u8]) {
    let path = TreePath::new(name.as_bytes()).unwrap_or_default();
    let Some(format) = ecosystem::format_of(&path) else { panic!("no format reads {name}") };
    let facts = ecosystem::read(format, &path, bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for gap in &facts.gaps {
        if let Some(position) = gap.location.position {
            assert!(position.line as usize <= lines, "{gap:?}");
        }
        assert!(!gap.message().as_str().chars().any(char::is_control));
    }
    let evidence = Evidence {
        inventories: facts.inventories,
        manifests: facts.manifests,
        settings: facts.settings,
        workflows: facts.workflows,
        digest_lists: facts.digest_lists,
        gaps: facts.gaps,
        ..Evidence::default()
    };
    let evidence = evidence.complete();
    assert!(diff::changes(&evidence, &evidence).is_empty());
    let root = Root::of(&evidence, &RootHint::default());
    for format in sbom::FORMATS {
        let written = (format.write)(&Document { evidence: &evidence, root: &root, timestamp: None });
        assert!(written.is_ok());
    }
}

/// Reads bytes as a file of signatures, and answers for each where nobody may sign.
pub fn verify(scheme: &Scheme, describe: fn(&[u8]) -> Option<Vec<Text>>, trust: &Trust, bytes: &[u8]) {
    let _is_signature = (scheme.is_signature)(bytes);
    for line in describe(bytes).unwrap_or_default() {
        assert!(!line.as_str().chars().any(char::is_control));
    }
    let file = Material { name: Text::trusted("file"), bytes: bytes.to_vec() };
    if let Ok(pending) = (scheme.read)(&file, trust) {
        let hashes = Hashes::new(pending.hashings());
        let claims = pending.finish(&hashes);
        assert!(!claims.is_empty());
        assert!(!claims.iter().any(Claim::is_good));
    }
}
