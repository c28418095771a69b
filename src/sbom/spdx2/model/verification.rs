//! The code that verifies the files of a package (SPDX 2.3, section 7.9): as a property it is written as tags have it.

use sha1_smol::Sha1;

use super::component::CODE;
use super::property::{MEMBER, Property};
use crate::document::{Node, Object};
use crate::sbom::model::Fields;
use crate::sbom::spdx2::syntax;

/// What stands before the files that were left out.
const EXCLUDES: &str = " (excludes: ";

/// Reads a code.
pub(super) fn read<'n>(code: &Fields<'n, '_>) -> Option<Property<'n>> {
    let value = code.text("packageVerificationCodeValue")?;
    let files = code.texts("packageVerificationCodeExcludedFiles");
    let text = if files.is_empty() { value.into_owned() } else { format!("{value}{EXCLUDES}{})", files.join(", ")) };
    Some((format!("{MEMBER}{CODE}").into(), text.into()))
}

/// Writes the code that a property states.
pub(super) fn node<'n>(text: &'n str) -> Node<'n> {
    let (value, files) = parted(text);
    let files = files.map(|files| files.split(", ").map(Node::from).collect()).unwrap_or_default();
    Object::new()
        .with_list("packageVerificationCodeExcludedFiles", files)
        .with("packageVerificationCodeValue", value)
        .into()
}

/// Whether a text is a code.
pub(super) fn is_sound(text: &str) -> bool {
    syntax::is_hexadecimal(parted(text).0, Some(40))
}

/// Parts a code from the files that were left out.
fn parted(text: &str) -> (&str, Option<&str>) {
    let parts = text.strip_suffix(')').and_then(|text| text.split_once(EXCLUDES));
    parts.map_or((text, None), |(value, files)| (value, Some(files)))
}

/// Returns the code of files by their SHA1 digests: the digest of all of them in order.
pub(super) fn of<'n>(digests: &[&str]) -> Node<'n> {
    let mut digests: Vec<String> = digests.iter().map(|digest| digest.to_ascii_lowercase()).collect();
    digests.sort_unstable();
    let code = Sha1::from(digests.concat().as_bytes()).hexdigest();
    Object::new().with("packageVerificationCodeValue", code).into()
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::document::render_json;

    #[test]
    fn is_the_digest_of_the_digests_in_order() {
        // Two files, and the code as `sha1sum` has it of the two lines put together.
        let code = of(&["DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"]);
        let text = String::from_utf8(render_json(&code)).unwrap();
        assert!(text.contains("2a6f520ef2c17a239311f8ede54e4039d5500711"), "{text}");
    }
}
