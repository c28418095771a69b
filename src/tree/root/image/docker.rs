//! `docker save`'s tarballs: with a manifest (since docker 1.10), and before it with one folder a layer.

use serde_json::Value;

use super::layer::{Checked, Layer};
use super::{Found, MAX_LAYERS, NoImage, Parts, Platform, small};
use crate::text;
use crate::text::{Text, hex};
use sha2::{Digest as _, Sha256};

/// Whether a tarball is one of these.
pub(super) fn is_archive(parts: &dyn Parts) -> bool {
    parts.part("manifest.json").is_some()
}

/// Finds the image of a tarball.
pub(super) fn find(parts: &dyn Parts, platform: Option<&Platform>) -> Result<Found, NoImage> {
    match small(parts, "manifest.json")? {
        Some(bytes) => of_manifest(parts, &json("manifest.json", &bytes)?, platform),
        None => of_repositories(parts, platform),
    }
}

fn of_manifest(parts: &dyn Parts, manifest: &Value, platform: Option<&Platform>) -> Result<Found, NoImage> {
    let images = manifest.as_array().ok_or_else(|| Text::trusted("`manifest.json`: expected a list of images"))?;
    let [image] = images.as_slice() else {
        return Err(NoImage {
            reason: text!("expected one image, found {} of them", images.len()),
            hint: Some("save one image: `docker save NAME`"),
        });
    };
    let name = image.get("Config").and_then(Value::as_str);
    let name = name.ok_or_else(|| Text::trusted("`manifest.json`: expected the name of a configuration, `Config`"))?;
    let bytes =
        small(parts, name)?.ok_or_else(|| text!("expected `{}`, which the manifest names, found nothing", name))?;
    let digest = hex(&Sha256::digest(&bytes));
    let stem = name.rsplit('/').next().unwrap_or(name);
    let stem = stem.strip_suffix(".json").unwrap_or(stem);
    let stem = stem.strip_prefix("sha256:").unwrap_or(stem);
    if stem.len() == 64 && stem != digest {
        return Err(text!("expected `{}` to have the digest that its name says, found {}", name, digest).into());
    }
    let config = json(name, &bytes)?;
    check_platform(&config, platform)?;
    let named = image.get("Layers").and_then(Value::as_array);
    let named = named.ok_or_else(|| Text::trusted("`manifest.json`: expected a list of layers, `Layers`"))?;
    let unpacked = unpacked_digests(&config, named.len())?;
    let mut layers = Vec::new();
    for (layer, digest) in named.iter().zip(unpacked).take(MAX_LAYERS + 1) {
        let name = layer.as_str().ok_or_else(|| Text::trusted("`manifest.json`: expected the names of layers"))?;
        let blob = parts.part(name);
        layers.push(Layer::new(name, blob, None, Checked::of(digest.as_str())));
    }
    let tags = image.get("RepoTags").and_then(Value::as_array);
    let reference = tags.and_then(|tags| tags.first()).and_then(Value::as_str).map(Text::of);
    Ok(Found { reference, digest: Some(text!("sha256:{}", digest)), layers })
}

/// The layers of old tarballs know the one below them; no digest is known of any.
fn of_repositories(parts: &dyn Parts, platform: Option<&Platform>) -> Result<Found, NoImage> {
    let bytes = small(parts, "repositories")?;
    let bytes = bytes.ok_or_else(|| Text::trusted("expected `manifest.json` or `index.json`, found neither"))?;
    let repositories = json("repositories", &bytes)?;
    let tags: Vec<(String, &str)> = repositories
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(name, tags)| {
            tags.as_object().into_iter().flatten().map(move |(tag, id)| (format!("{name}:{tag}"), id))
        })
        .filter_map(|(name, id)| Some((name, id.as_str()?)))
        .collect();
    let mut ids: Vec<&str> = tags.iter().map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let [id] = ids.as_slice() else {
        return Err(text!("expected one image in `repositories`, found {} of them", ids.len()).into());
    };
    let mut layers = Vec::new();
    let mut next = Some((*id).to_owned());
    while let Some(id) = next {
        if layers.len() > MAX_LAYERS {
            return Err(text!("expected at most {} layers, found more", MAX_LAYERS).into());
        }
        let described = format!("{id}/json");
        let bytes =
            small(parts, &described)?.ok_or_else(|| text!("expected `{}`, found nothing", described.as_str()))?;
        let description = json(&described, &bytes)?;
        if layers.is_empty() {
            check_platform(&description, platform)?;
        }
        let name = format!("{id}/layer.tar");
        let blob = parts.part(&name);
        layers.push(Layer::new(&name, blob, None, None));
        next = description.get("parent").and_then(Value::as_str).map(ToOwned::to_owned);
    }
    layers.reverse();
    Ok(Found { reference: tags.first().map(|(name, _)| Text::of(name)), digest: None, layers })
}

/// Returns the digests of the unpacked layers of an image, of which it has so many.
pub(super) fn unpacked_digests(config: &Value, layers: usize) -> Result<&[Value], Text> {
    let digests = config.pointer("/rootfs/diff_ids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if digests.len() == layers {
        return Ok(digests);
    }
    Err(text!("expected as many layers as the configuration has digests, {}, found {}", digests.len(), layers))
}

/// Makes sure that an image is for the platform that was asked for.
pub(super) fn check_platform(config: &Value, asked: Option<&Platform>) -> Result<(), NoImage> {
    let Some(asked) = asked else { return Ok(()) };
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let variant = Some(text("variant")).filter(|variant| !variant.is_empty());
    let found = Platform { os: text("os"), architecture: text("architecture"), variant };
    if found.answers(asked) {
        return Ok(());
    }
    Err(text!("expected an image for {}, found one for {}", asked.to_string(), found.to_string()).into())
}

/// Reads a small part of an image as JSON.
pub(super) fn json(name: &str, bytes: &[u8]) -> Result<Value, Text> {
    serde_json::from_slice(bytes).map_err(|error| text!("`{}`: expected JSON, found {}", name, error.to_string()))
}
