//! External references of packages (SPDX 2.3, section 7.21 and annex F).

use super::element::required;
use super::place::Place;
use super::report::Report;
use super::{syntax, text};
use crate::document::Node;
use crate::sbom::spdx2::revise::NEW_REFERENCES;

/// What begins a type that is written as its address.
const ADDRESS: &str = "http://spdx.org/rdf/references/";

/// The categories and the types that each has; `OTHER` has any.
static TYPES: &[(&str, &[&str])] = &[
    ("SECURITY", &["cpe22Type", "cpe23Type", "advisory", "fix", "url", "swid"]),
    ("PACKAGE-MANAGER", &["maven-central", "npm", "nuget", "bower", "purl"]),
    ("PERSISTENT-ID", &["swh", "gitoid"]),
    ("OTHER", &[]),
];

/// Judges a reference.
pub(super) fn judge(one: &Node<'_>, place: &Place<'_>, version: &str, report: &mut Report) {
    const SOURCE: &str = "SPDX 2.3, 7.21";
    required(one, place, &["referenceCategory", "referenceType", "referenceLocator"], SOURCE, report);
    let (Some(category), Some(kind), Some(locator)) =
        (text(one, "referenceCategory"), text(one, "referenceType"), text(one, "referenceLocator"))
    else {
        return;
    };
    if let Some(node) = one.get("referenceLocator").filter(|_| locator.contains(char::is_whitespace)) {
        return report.invalid(node, &place.key("referenceLocator"), "a locator without blanks", SOURCE);
    }
    let category = category.replace('_', "-");
    let Some((_, types)) = TYPES.iter().find(|(known, _)| *known == category) else {
        if let Some(node) = one.get("referenceCategory") {
            report.invalid(node, &place.key("referenceCategory"), "a category of references", SOURCE);
        }
        return;
    };
    let word = kind.strip_prefix(ADDRESS).unwrap_or(kind);
    let is_new = version == "2.2" && NEW_REFERENCES.contains(&word);
    if category != "OTHER" && (!types.contains(&word) || is_new) {
        if let Some(node) = one.get("referenceType") {
            let expected = format!("one of {}", types.join(", "));
            report.inconsistent(node, &place.key("referenceType"), &expected, "SPDX 2.3, annex F");
        }
        return;
    }
    if let (Some(node), false) = (one.get("referenceLocator"), is_sound(word, locator)) {
        let expected = format!("a locator of the type `{word}`");
        report.inconsistent(node, &place.key("referenceLocator"), &expected, "SPDX 2.3, annex F");
    }
}

/// Whether a locator is of the form that its type has.
fn is_sound(kind: &str, locator: &str) -> bool {
    let all = |text: &str, marks: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c));
    match kind {
        "purl" => is_purl(locator),
        "cpe22Type" => {
            let rest = locator.get(..5).filter(|start| start.eq_ignore_ascii_case("cpe:/")).and(locator.get(5..));
            rest.is_some_and(|rest| {
                rest.starts_with(['a', 'h', 'o', 'A', 'H', 'O']) && rest.split(':').count() <= 7 && all(rest, "._-~%:")
            })
        }
        "cpe23Type" => {
            let unescaped = locator.replace("\\\\", "").replace("\\:", "");
            locator.starts_with("cpe:2.3:") && unescaped.split(':').count() == 13
        }
        "maven-central" => (1..=2).contains(&locator.matches(':').count()) && !locator.split(':').any(str::is_empty),
        "npm" => locator.rsplit_once('@').is_some_and(|(name, version)| !name.is_empty() && !version.is_empty()),
        "nuget" => locator.split('/').count() == 2 && !locator.split('/').any(str::is_empty),
        "bower" => locator.split('#').count() == 2 && !locator.split('#').any(str::is_empty),
        "swh" => {
            let parts: Vec<&str> = locator.split(':').collect();
            matches!(parts.as_slice(), ["swh", "1", "snp" | "rel" | "rev" | "dir" | "cnt", digest, ..]
                if digest.split(';').next().is_some_and(|digest| digest.len() == 40 && all(digest, "")))
        }
        "gitoid" => {
            let parts: Vec<&str> = locator.split(':').collect();
            matches!(parts.as_slice(), ["gitoid", "blob" | "tree" | "commit" | "tag", "sha1" | "sha256", digest]
                if matches!(digest.len(), 40 | 64) && all(digest, ""))
        }
        "swid" => locator.starts_with("swid:") && locator.len() > 5,
        "advisory" | "fix" | "url" => syntax::is_uri(locator),
        _ => true,
    }
}

/// Whether a text is a package URL: the place where the judgement of its parts belongs.
fn is_purl(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("pkg:") else { return false };
    let Some((kind, name)) = rest.trim_start_matches('/').split_once('/') else { return false };
    let is_kind = kind.starts_with(|first: char| first.is_ascii_alphabetic())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
    is_kind && !name.split(['@', '?', '#']).next().unwrap_or_default().trim_matches('/').is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn knows_the_form_of_locators() {
        for (kind, locator, expected) in [
            ("purl", "pkg:npm/a@1", true),
            ("purl", "pkg:maven/g/a@1?x=y", true),
            ("purl", "pkg:npm/", false),
            ("purl", "a-purl-1", false),
            ("cpe22Type", "cpe:/a:b:c:1", true),
            ("cpe22Type", "cpe:/x:b", false),
            ("cpe23Type", "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*", true),
            ("cpe23Type", "cpe:2.3:a:b\\:c:c:1:*:*:*:*:*:*:*", true),
            ("cpe23Type", "cpe:2.3:a:b", false),
            ("maven-central", "g:a:1", true),
            ("maven-central", "g", false),
            ("npm", "@a/b@1", true),
            ("npm", "b@", false),
            ("nuget", "a/1", true),
            ("nuget", "a", false),
            ("bower", "a#1", true),
            ("bower", "a", false),
            ("swh", "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2", true),
            ("swh", "swh:2:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2", false),
            ("gitoid", "gitoid:blob:sha1:261eeb9e9f8b2b4b0d119366dda99c6fd7d35c64", true),
            ("gitoid", "gitoid:blob:md5:261eeb9e", false),
            ("swid", "swid:a", true),
            ("swid", "a", false),
            ("advisory", "https://example.com/1", true),
            ("advisory", "CVE-1", false),
            ("anything", "x", true),
        ] {
            assert_eq!(is_sound(kind, locator), expected, "{kind} {locator}");
        }
    }
}
