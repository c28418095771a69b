//! What the fuzz targets share.

use portcullis::diff;
use portcullis::component::{edges, purl_of};
use portcullis::ecosystem;
use portcullis::ecosystem::installed::{Opened, RECORDS, Reader};
use portcullis::evidence::Evidence;
use portcullis::generate::{Filter, Request, Root, RootHint, with_bom};
use portcullis::sbom::model::{Losses, Unread};
use portcullis::sbom::{Document, FORMATS, Kind, Origin, decode};
use portcullis::signature::{Claim, Hashes, Material, SCHEMES, Scheme, Trust};
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
    let filter = Filter::default();
    let request = Request { evidence: &evidence, root: &root, created: None, filter: &filter, suppliers: &[] };
    with_bom(&request, |bom| {
        for format in FORMATS {
            for version in format.writes {
                let written = (format.family.write)(bom, version, Origin::Tree);
                (format.render)(&written.root, version, &mut Losses::default());
            }
        }
    });
}

/// Reads bytes as the file of a record of installed packages, and names what they hold.
pub fn installed(id: &str, path: &str, bytes: &[u8]) {
    installed_beside(id, path, bytes, &[]);
}

/// Reads bytes as the file of a record of installed packages with a log beside it that counts before it, and names what
/// they hold: no panic, and nothing that a terminal would obey.
pub fn installed_beside(id: &str, path: &str, bytes: &[u8], log: &[u8]) {
    let Some(record) = RECORDS.iter().find(|record| record.id == id) else { panic!("no record {id}") };
    let path = TreePath::new(path.as_bytes()).unwrap_or_default();
    let found = match record.read {
        Reader::Text(_) => record.read_text(&path, bytes),
        Reader::Random(_) => {
            let beside = |ending: &str| Ok((ending == "-wal" && !log.is_empty()).then(|| log.to_vec()));
            let mut contents = std::io::Cursor::new(bytes);
            let size = bytes.len() as u64;
            record.read_random(Opened { path: &path, size, contents: &mut contents, beside: &beside })
        }
    };
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let places = found.packages.iter().map(|package| &package.place).chain(found.gaps.iter().map(|gap| &gap.location));
    for place in places {
        assert!(place.position.is_none_or(|position| position.line as usize <= lines), "{place:?}");
    }
    for gap in &found.gaps {
        assert!(!gap.message().as_str().chars().any(char::is_control));
    }
    let count = found.packages.len();
    for package in &found.packages {
        assert!(!package.name.is_empty());
        assert!(package.needs_at.iter().all(|at| *at < count));
        if let Ok(named) = purl_of(record.ecosystem, package, None) {
            assert!(named.purl.bytes().all(|byte| byte.is_ascii_graphic()), "{named:?}");
        }
    }
    for needed in edges(&found.packages).iter().flatten() {
        assert!((*needed as usize) < count);
    }
}

/// Reads bytes as an SBOM of a format, judges it, and writes it again: as it is in its own format, and through the model in
/// every version of its family.
pub fn sbom(format: &str, bytes: &[u8]) {
    let Ok(text) = decode(bytes) else { return };
    let Ok(document) = Document::read(&text) else { return };
    if document.format.id != format {
        return;
    }
    for violation in document.violations().into_iter().chain(document.inconsistencies()) {
        let span = violation.span;
        assert!(span.start <= span.end && span.end <= text.len().max(1), "{violation:?}");
        assert!(!violation.found.as_str().chars().any(char::is_control));
    }
    let again = (document.format.render)(&document.root, document.version, &mut Losses::default());
    assert!(!again.is_empty());
    let unread = Unread::remembered();
    let bom = document.model(&unread);
    drop(unread.losses(&document.root));
    // What breaks its specification may be carried over as it is.
    if document.violations().iter().any(|violation| violation.kind == Kind::Invalid) {
        return;
    }
    for other in FORMATS.iter().filter(|other| other.family.id == document.format.family.id) {
        for version in other.writes {
            let written = (other.family.write)(&bom, version, Origin::Document);
            let made = (other.render)(&written.root, version, &mut Losses::default());
            let text = String::from_utf8(made).expect("UTF-8");
            let read = Document::read(&text).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
            assert_eq!((read.format.id, read.version), (other.id, *version));
            assert_eq!(read.violations(), [], "{text}");
        }
    }
}

/// Reads bytes as signatures of a scheme, and as everything that whoever asks may trust: no panic, and nothing is good
/// by chance.
pub fn signature(scheme: &str, bytes: &[u8]) {
    let Some(scheme) = SCHEMES.iter().find(|known| known.id == scheme) else { panic!("no scheme {scheme}") };
    let file = Material { name: Text::trusted("file"), bytes: bytes.to_vec() };
    describe(&file);
    let trusted = || vec![file.clone()];
    let plain = Trust { keys: trusted(), revoked: trusted(), allows_legacy: true, ..Trust::default() };
    let listed = Trust { allowed_signers: trusted(), ..plain.clone() };
    for trust in [&plain, &listed] {
        let _ = (scheme.is_signature)(bytes);
        if let Ok(pending) = (scheme.read)(&file, trust) {
            let mut hashes = Hashes::new(pending.hashings());
            hashes.update(b"artifact");
            assert!(!pending.finish(&hashes).is_empty());
        }
        if let Some(message) = scheme.message.as_ref().filter(|message| (message.is_message)(bytes)) {
            let _ = (message.read)(&file.name, &mut &*bytes, trust, &mut std::io::sink());
        }
    }
}

/// Says what a file holds: no panic, and nothing that a terminal would obey.
pub fn describe(file: &Material) {
    let inert = |text: &Text| assert!(!text.as_str().chars().any(char::is_control));
    match portcullis::signature::describe(file) {
        Some(Ok(description)) => description.parts.for_each(&mut |part| inert(&part.value)),
        Some(Err(fault)) => inert(&fault.message),
        None => {}
    }
}

/// Reads bytes as a file of signatures, and answers for each where nobody may sign.
pub fn verify(scheme: &Scheme, trust: &Trust, bytes: &[u8]) {
    let _is_signature = (scheme.is_signature)(bytes);
    let file = Material { name: Text::trusted("file"), bytes: bytes.to_vec() };
    describe(&file);
    if let Ok(pending) = (scheme.read)(&file, trust) {
        let hashes = Hashes::new(pending.hashings());
        let claims = pending.finish(&hashes);
        assert!(!claims.is_empty());
        assert!(!claims.iter().any(Claim::is_good));
    }
}
