//! The official schemas, and documents judged by them.

mod classes;
mod fit;
mod instance;
mod json;

use std::sync::OnceLock;

pub(super) use classes::Classes;
pub(super) use json::{MAX_VIOLATIONS, Schema};

/// A file that other schemas refer to: its address and its text.
type Other = (&'static str, &'static str);

/// What the schemas of CycloneDX refer to.
static CYCLONEDX_OTHERS: &[Other] = &[
    ("http://cyclonedx.org/schema/spdx.schema.json", include_str!("cyclonedx/spdx.schema.json")),
    ("http://cyclonedx.org/schema/jsf-0.82.schema.json", include_str!("cyclonedx/jsf-0.82.schema.json")),
    (
        "http://cyclonedx.org/schema/cryptography-defs.schema.json",
        include_str!("cyclonedx/cryptography-defs.schema.json"),
    ),
];

/// Names a schema and builds it once.
macro_rules! schema {
    ($file:literal, $others:expr) => {{
        static SCHEMA: Schema = Schema::new(include_str!($file), $others);
        &SCHEMA
    }};
}

/// Returns the JSON schema of a version of CycloneDX.
pub(super) fn cyclonedx(version: &str) -> Option<&'static Schema> {
    Some(match version {
        "1.2" => schema!("cyclonedx/bom-1.2.schema.json", CYCLONEDX_OTHERS),
        "1.3" => schema!("cyclonedx/bom-1.3.schema.json", CYCLONEDX_OTHERS),
        "1.4" => schema!("cyclonedx/bom-1.4.schema.json", CYCLONEDX_OTHERS),
        "1.5" => schema!("cyclonedx/bom-1.5.schema.json", CYCLONEDX_OTHERS),
        "1.6" => schema!("cyclonedx/bom-1.6.schema.json", CYCLONEDX_OTHERS),
        "1.7" => schema!("cyclonedx/bom-1.7.schema.json", CYCLONEDX_OTHERS),
        _ => return None,
    })
}

/// Returns the schema of SPDX 3.0.1 class by class.
pub(super) fn spdx3() -> &'static Classes {
    static CLASSES: OnceLock<Classes> = OnceLock::new();
    CLASSES.get_or_init(|| Classes::of(include_str!("spdx/spdx-3.0.1.schema.json")))
}

/// Returns the JSON schema of a version of SPDX.
///
/// That of 2.2 describes a document inside a member `Document`, which no document has; what stands there is the schema.
pub(super) fn spdx(version: &str) -> Option<&'static Schema> {
    Some(match version {
        "2.2" => {
            static SCHEMA: Schema = Schema::part(include_str!("spdx/spdx-2.2.schema.json"), "/properties/Document");
            &SCHEMA
        }
        "2.3" => schema!("spdx/spdx-2.3.1.schema.json", &[]),
        "3.0.1" => schema!("spdx/spdx-3.0.1.schema.json", &[]),
        _ => return None,
    })
}
