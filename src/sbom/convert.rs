//! A document written in another format or version.

use super::model::{Loss, Losses, Unread};
use super::{Chosen, Document, Origin};

/// A document that was written anew.
pub struct Converted {
    /// Its text.
    pub text: Vec<u8>,
    /// What it does not hold of the other.
    pub losses: Vec<Loss>,
}

/// Writes a document in a format and version.
///
/// In its own format and version it stays what it is; within its family only what the version does not know is lost;
/// between families what neither the model nor the other holds.
#[must_use]
pub fn convert(document: &Document<'_>, chosen: Chosen) -> Converted {
    let Chosen { format, version } = chosen;
    let mut losses = Losses::default();
    if std::ptr::eq(format, document.format) && version == document.version {
        let text = match format.keeps_text {
            true => document.text.as_bytes().to_vec(),
            false => (format.render)(&document.root, version, &mut losses),
        };
        return Converted { text, losses: losses.into_list() };
    }
    if let Some(beyond) = document.format.beyond {
        losses.add(beyond(document));
    }
    if format.family.id == document.format.family.id {
        let revised = (format.family.revise)(document.root.clone(), version);
        let text = (format.render)(&revised.root, version, &mut losses);
        losses.add(revised.losses);
        return Converted { text, losses: losses.into_list() };
    }
    let unread = Unread::remembered();
    let bom = document.model(&unread);
    let written = (format.family.write)(&bom, version, Origin::Document);
    let text = (format.render)(&written.root, version, &mut losses);
    losses.add(written.losses);
    losses.add(unread.losses(&document.root));
    Converted { text, losses: losses.into_list() }
}
