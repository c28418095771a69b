//! The two files in which an archive of Java says what it is: `pom.properties`, and the main section of `MANIFEST.MF`.

use std::collections::HashMap;

/// Names and values.
#[derive(Default)]
pub(super) struct Properties(HashMap<String, String>);

impl Properties {
    /// Reads `pom.properties`, as Maven writes it: `NAME=VALUE`, one a line.
    pub(super) fn of_pom(bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).map(String::from_utf8_lossy);
        let pair = |line: std::borrow::Cow<'_, str>| {
            let (name, value) = line.split_once(['=', ':'])?;
            (!name.trim_start().starts_with(['#', '!'])).then(|| (name.trim().to_owned(), value.trim().to_owned()))
        };
        Self(lines.filter_map(pair).collect())
    }

    /// Reads the main section of `MANIFEST.MF` (JAR File Specification, "JAR Manifest"): `NAME: VALUE`, lines of 72 bytes, a
    /// blank in front of those that go on with the one above, an empty one behind the last. Names are in lower case.
    pub(super) fn of_manifest(bytes: &[u8]) -> Self {
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut rest = bytes;
        while let Some(end) =
            rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).or((!rest.is_empty()).then_some(rest.len()))
        {
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
            match (line, fields.last_mut()) {
                ([], None) => {}
                ([], Some(_)) => break,
                ([b' ', more @ ..], Some(field)) => field.extend_from_slice(more),
                _ => fields.push(line.to_vec()),
            }
        }
        let pair = |field: &Vec<u8>| {
            let text = String::from_utf8_lossy(field);
            let (name, value) = text.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        };
        Self(fields.iter().filter_map(pair).collect())
    }

    /// Returns a value, `None` where it is empty or was to be filled in.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty() && !value.contains("${"))
    }
}
