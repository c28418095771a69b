//! Names and values, for which SPDX 2 has no place of its own: each is an annotation (SPDX 2.3, section 12).
//!
//! An annotation of ours holds one as JSON, `{"name":"…","value":"…"}`, and becomes a property again when it is read. An
//! annotation of others is read as a property too, under a name that says who made it, when and of what type, and becomes
//! the same annotation again when it is written.

use std::borrow::Cow;

use crate::document::{Node, Object};
use crate::sbom::model::{Fields, Words};
use crate::sbom::spdx2::syntax;

/// Who makes our annotations.
pub(super) const ANNOTATOR: &str = "Tool: portcullis";

/// What begins the name of a property that is an annotation of others: its type, its time and who made it follow.
pub(super) const ANNOTATION: &str = "spdx:annotation ";

/// What begins the name of a property that stands for a member of SPDX 2 which the model does not know.
pub(super) const MEMBER: &str = "spdx:";

/// What begins the name of a property that stands for something of the model which SPDX 2 does not know.
pub(super) const OURS: &str = "portcullis:";

/// A name and its value.
pub(super) type Property<'a> = (Words<'a>, Words<'a>);

/// A property that is written.
#[derive(serde::Serialize)]
struct Rendered<'t> {
    name: &'t str,
    value: &'t str,
}

/// A property that is read.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parsed {
    name: String,
    value: String,
}

/// Reads the annotations of a document, package or file, and its reviews.
pub(super) fn read<'n>(fields: &Fields<'n, '_>, out: &mut Vec<Property<'n>>) {
    for annotation in fields.objects("annotations") {
        let text = |key| annotation.text(key).unwrap_or_default();
        let (annotator, kind, date, comment) =
            (text("annotator"), text("annotationType"), text("annotationDate"), text("comment"));
        let ours = (annotator == ANNOTATOR).then(|| serde_json::from_str::<Parsed>(&comment).ok()).flatten();
        out.push(match ours {
            Some(Parsed { name, value }) => (Cow::Owned(name), Cow::Owned(value)),
            None => (Cow::Owned(format!("{ANNOTATION}{kind} {date} {annotator}")), comment),
        });
    }
    // What was a review became an annotation of that type (section 13).
    for review in fields.objects("revieweds") {
        let text = |key| review.text(key).unwrap_or_default();
        let name = format!("{ANNOTATION}REVIEW {} {}", text("reviewDate"), text("reviewer"));
        out.push((Cow::Owned(name), text("comment")));
    }
}

/// Writes annotations. `date` is when ours were made.
pub(super) fn nodes<'n>(properties: impl IntoIterator<Item = (&'n str, &'n str)>, date: &'n str) -> Vec<Node<'n>> {
    properties.into_iter().map(|(name, value)| node(name, value, date)).collect()
}

/// Writes one whose name and value are made for it.
pub(super) fn owned<'n>(name: &str, value: &str, date: &'n str) -> Node<'n> {
    annotation("OTHER".to_owned(), date.into(), ANNOTATOR.into(), ours(name, value).into())
}

fn node<'n>(name: &str, value: &'n str, date: &'n str) -> Node<'n> {
    if let Some(mut parts) = name.strip_prefix(ANNOTATION).map(|rest| rest.splitn(3, ' '))
        && let (Some(kind @ ("OTHER" | "REVIEW")), Some(date), Some(annotator)) =
            (parts.next(), parts.next(), parts.next())
        && syntax::is_time(date)
        && syntax::is_creator(annotator)
    {
        return annotation(kind.to_owned(), date.to_owned().into(), annotator.to_owned().into(), value.into());
    }
    owned(name, value, date)
}

/// Returns the comment that holds a name and its value.
fn ours(name: &str, value: &str) -> String {
    // Nothing fails that writes to memory. A text of tags and values ends at `</text>`.
    serde_json::to_string(&Rendered { name, value }).unwrap_or_default().replace("</", "<\\/")
}

fn annotation<'n>(kind: String, date: Node<'n>, annotator: Node<'n>, comment: Node<'n>) -> Node<'n> {
    Object::new()
        .with("annotationDate", date)
        .with("annotationType", kind)
        .with("annotator", annotator)
        .with("comment", comment)
        .into()
}

/// Takes the values of every property of this name.
pub(super) fn take<'n>(properties: &mut Vec<Property<'n>>, name: &str) -> Vec<Words<'n>> {
    properties.extract_if(.., |(known, _)| *known == name).map(|(_, value)| value).collect()
}
