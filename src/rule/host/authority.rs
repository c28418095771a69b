//! What rules about certificate authorities share.

use std::collections::HashSet;

use super::question::Question;
use crate::policy::host::Expected;
use crate::text;
use crate::text::Text;

/// Returns the fingerprints that the policy lets pass, without the colons that some tools write.
pub(super) fn allowed(expected: &Expected<'_>) -> HashSet<String> {
    let plain = |text: &String| text.chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase();
    expected.list().iter().map(plain).collect()
}

/// Returns whom a certificate is of, with its SHA-256.
pub(super) fn who(question: &Question<'_>, print: &str) -> Text {
    match question.host.catrust.authorities.get(print) {
        Some(authority) => text!("`{}` (SHA-256 {})", authority.name, print),
        None => text!("a certificate that cannot be understood (SHA-256 {})", print),
    }
}
