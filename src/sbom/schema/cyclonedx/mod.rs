//! The XML schemas of CycloneDX 1.2 to 1.7: each read when a document of its version is first met.

use std::sync::OnceLock;

use super::xsd::{Judgement, Schema, Violation};
use crate::document::Fault;
use crate::document::xml::Element;

/// A version of CycloneDX and its schema.
#[derive(Debug)]
pub(crate) struct Version {
    /// The version, such as `1.6`.
    pub version: &'static str,
    /// The namespace of its documents in XML.
    pub namespace: &'static str,
    text: &'static str,
    read: OnceLock<Result<Schema, Fault>>,
}

/// The licence ids, which all versions refer to.
const SPDX: &str = include_str!("spdx.xsd");

/// Every version that has a schema, in order.
pub(crate) static VERSIONS: [Version; 6] = [
    version("1.2", "http://cyclonedx.org/schema/bom/1.2", include_str!("bom-1.2.xsd")),
    version("1.3", "http://cyclonedx.org/schema/bom/1.3", include_str!("bom-1.3.xsd")),
    version("1.4", "http://cyclonedx.org/schema/bom/1.4", include_str!("bom-1.4.xsd")),
    version("1.5", "http://cyclonedx.org/schema/bom/1.5", include_str!("bom-1.5.xsd")),
    version("1.6", "http://cyclonedx.org/schema/bom/1.6", include_str!("bom-1.6.xsd")),
    version("1.7", "http://cyclonedx.org/schema/bom/1.7", include_str!("bom-1.7.xsd")),
];

const fn version(version: &'static str, namespace: &'static str, text: &'static str) -> Version {
    Version { version, namespace, text, read: OnceLock::new() }
}

impl Version {
    /// Returns the version that a document states by its namespace; `None` where it is not a known one.
    #[must_use]
    pub(crate) fn of(root: &Element<'_>) -> Option<&'static Self> {
        let namespace = root.namespace()?;
        VERSIONS.iter().find(|version| version.namespace == namespace)
    }

    /// Returns a version by its number.
    #[must_use]
    pub(crate) fn named(version: &str) -> Option<&'static Self> {
        VERSIONS.iter().find(|known| known.version == version)
    }

    /// Returns the schema.
    ///
    /// # Errors
    /// A fault in the text of the schema, which a test shows there is none of.
    pub(crate) fn schema(&self) -> Result<&Schema, &Fault> {
        self.read.get_or_init(|| Schema::read(&[self.text, SPDX])).as_ref()
    }
}

/// Judges a document by the schema of the version that its namespace states.
#[must_use]
pub(crate) fn judge(root: &Element<'_>) -> Judgement {
    let Some(version) = Version::of(root) else {
        let known: Vec<String> = VERSIONS.iter().map(|version| format!("`{}`", version.namespace)).collect();
        let expected = crate::text!("an element `bom` in one of the namespaces {}", known.join(", "));
        let found = match root.namespace() {
            Some(namespace) => crate::text!("`{}` in `{}`", root.local(), namespace),
            None => crate::text!("`{}` in no namespace", root.local()),
        };
        return Judgement::of(Violation {
            span: root.start_tag(),
            path: crate::text!("/{}", root.local()),
            expected,
            found,
        });
    };
    match version.schema() {
        Ok(schema) => schema.judge(root),
        Err(fault) => Judgement::of(Violation {
            span: root.start_tag(),
            path: crate::text!("/{}", root.local()),
            expected: fault.expected.clone(),
            found: fault.found.clone(),
        }),
    }
}

#[cfg(test)]
mod tests;
