//! OCI layouts, as directories and as tarballs (`image-layout.md`, `image-index.md`, `manifest.md` of the image
//! specification).

use std::collections::HashSet;

use serde_json::Value;

use super::docker::{check_platform, json, unpacked_digests};
use super::layer::{Checked, Layer};
use super::{Found, MAX_LAYERS, NoImage, Parts, Platform, small};
use crate::text;
use crate::text::Text;

/// How deep indexes may be nested.
const MAX_DEPTH: usize = 4;

/// How many manifests all indexes may list together.
const MAX_MANIFESTS: usize = 1_000;

/// Whether these are the parts of a layout.
pub(super) fn is_layout(parts: &dyn Parts) -> bool {
    parts.part("oci-layout").is_some() && parts.part("index.json").is_some()
}

/// Finds the image for a platform, for this machine's where none is asked for and there are several.
pub(super) fn find(parts: &dyn Parts, platform: Option<&Platform>) -> Result<Found, NoImage> {
    let bytes = small(parts, "index.json")?.ok_or_else(|| Text::trusted("expected `index.json`, found nothing"))?;
    let index = json("index.json", &bytes)?;
    let mut candidates = Vec::new();
    let mut seen = HashSet::new();
    list(parts, &index, None, 0, &mut seen, &mut candidates)?;
    // Tags of one image are one image.
    candidates.sort_by(|a, b| a.digest.cmp(&b.digest));
    candidates.dedup_by(|a, b| a.digest == b.digest);
    let chosen = choose(&candidates, platform)?;
    let manifest = described(parts, &chosen.digest)?;
    let config = manifest.pointer("/config/digest").and_then(Value::as_str);
    let config =
        config.ok_or_else(|| Text::trusted("expected the manifest of an image, found one without `config`"))?;
    let kind = manifest.pointer("/config/mediaType").and_then(Value::as_str).unwrap_or_default();
    if manifest.get("artifactType").is_some() || !kind.contains("image.config") && !kind.contains("container.image") {
        return Err(text!("expected the manifest of an image, found one of `{}`", kind).into());
    }
    let config = described(parts, config)?;
    check_platform(&config, platform)?;
    let listed = manifest.get("layers").and_then(Value::as_array);
    let listed =
        listed.ok_or_else(|| Text::trusted("expected the manifest of an image, found one without `layers`"))?;
    let unpacked = unpacked_digests(&config, listed.len())?;
    let mut layers = Vec::new();
    for (layer, unpacked) in listed.iter().zip(unpacked).take(MAX_LAYERS + 1) {
        let digest = layer.get("digest").and_then(Value::as_str).unwrap_or_default();
        let name = blob_name(digest).ok_or_else(|| text!("expected the digest of a layer, found `{}`", digest))?;
        let blob = parts.part(&name);
        layers.push(Layer::new(&name, blob, Checked::of(Some(digest)), Checked::of(unpacked.as_str())));
    }
    Ok(Found { reference: chosen.reference.as_deref().map(Text::of), digest: Some(Text::of(&chosen.digest)), layers })
}

/// The manifest of an image in an index.
struct Candidate {
    digest: String,
    platform: Option<Platform>,
    reference: Option<String>,
}

/// Lists the manifests of an index and of those in it.
fn list(
    parts: &dyn Parts,
    index: &Value,
    above: Option<&str>,
    depth: usize,
    seen: &mut HashSet<String>,
    out: &mut Vec<Candidate>,
) -> Result<(), NoImage> {
    let manifests = index.get("manifests").and_then(Value::as_array);
    let manifests = manifests.ok_or_else(|| Text::trusted("expected an index of manifests, `manifests`"))?;
    for entry in manifests {
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
        let annotation = |key: &str| entry.get("annotations").and_then(|all| all.get(key)).and_then(Value::as_str);
        // What says how an image was built stands beside it.
        if annotation("vnd.docker.reference.type").is_some() || entry.get("artifactType").is_some() {
            continue;
        }
        let digest = text("/digest").ok_or_else(|| Text::trusted("expected the digest of a manifest in an index"))?;
        let own = annotation("io.containerd.image.name").or_else(|| annotation("org.opencontainers.image.ref.name"));
        let reference = own.or(above);
        // One that is listed twice is read once.
        if !seen.insert(digest.to_owned()) {
            continue;
        }
        if seen.len() > MAX_MANIFESTS {
            return Err(text!("expected at most {} manifests, found more", MAX_MANIFESTS).into());
        }
        if text("/mediaType").is_some_and(|kind| kind.contains("image.index") || kind.contains("manifest.list")) {
            if depth >= MAX_DEPTH {
                return Err(text!("expected indexes at most {} deep, found deeper ones", MAX_DEPTH).into());
            }
            list(parts, &described(parts, digest)?, reference, depth + 1, seen, out)?;
            continue;
        }
        let platform = text("/platform/os").zip(text("/platform/architecture")).map(|(os, architecture)| Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: text("/platform/variant").map(ToOwned::to_owned),
        });
        out.push(Candidate { digest: digest.to_owned(), platform, reference: reference.map(ToOwned::to_owned) });
    }
    Ok(())
}

fn choose<'a>(candidates: &'a [Candidate], asked: Option<&Platform>) -> Result<&'a Candidate, NoImage> {
    if let [only] = candidates {
        return Ok(only);
    }
    let usual = Platform::of_this_machine();
    let wanted = asked.unwrap_or(&usual);
    let fits = |it: &&Candidate| it.platform.as_ref().is_some_and(|platform| platform.answers(wanted));
    let fitting: Vec<&Candidate> = candidates.iter().filter(fits).collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        [] if candidates.is_empty() => Err(Text::trusted("expected an image in the index, found none").into()),
        [] => {
            let words =
                candidates.iter().map(|it| it.platform.as_ref().map_or("unstated".to_owned(), Platform::to_string));
            let words: Vec<String> = words.collect();
            Err(NoImage {
                reason: text!("expected an image for {}, found some for {}", wanted.to_string(), words.join(", ")),
                hint: Some("name one of them: `--platform OS/ARCH`"),
            })
        }
        several => Err(NoImage {
            reason: text!("expected one image for {}, found {} of them", wanted.to_string(), several.len()),
            hint: Some("name the variant, or keep one image in the layout"),
        }),
    }
}

/// Reads a blob of JSON whose digest is known.
fn described(parts: &dyn Parts, digest: &str) -> Result<Value, Text> {
    let name = blob_name(digest).ok_or_else(|| text!("expected a digest, found `{}`", digest))?;
    let bytes = small(parts, &name)?
        .ok_or_else(|| text!("expected `{}`, which is referred to, found nothing", name.as_str()))?;
    match Checked::of(Some(digest)) {
        Some(checked) => {
            let found = checked.of_bytes(&bytes);
            if found != checked.hex {
                return Err(text!(
                    "expected `{}` to have the digest that its name says, found {}",
                    name.as_str(),
                    found
                ));
            }
        }
        None => return Err(text!("expected a digest by SHA-256 or SHA-512, found `{}`", digest)),
    }
    json(&name, &bytes)
}

fn blob_name(digest: &str) -> Option<String> {
    let (algorithm, hex) = digest.split_once(':')?;
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_word(algorithm) && is_word(hex)).then(|| format!("blobs/{algorithm}/{hex}"))
}
