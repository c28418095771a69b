//! Licence expressions (SPDX 2.3, annex D).

/// Reads an expression of identifiers of the licence list and of those that documents explain; deprecated ones are still
/// identifiers of the list.
pub(super) fn parse(text: &str) -> Result<spdx::Expression, spdx::ParseError> {
    spdx::Expression::parse_mode(text, MODE)
}

/// Whether a text is an expression of identifiers, whatever list they are of.
pub(super) fn is_formed(text: &str) -> bool {
    spdx::Expression::parse_mode(text, spdx::ParseMode { allow_unknown: true, ..MODE }).is_ok()
}

const MODE: spdx::ParseMode = spdx::ParseMode {
    allow_slash_as_or_operator: false,
    allow_imprecise_license_names: false,
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: false,
};

/// Returns what an expression requires all of, each without the brackets around it; the expression itself where it is no
/// list of that kind.
pub(super) fn operands(text: &str) -> Vec<&str> {
    let text = text.trim();
    let mut out = Vec::new();
    let mut depth = 0usize;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => {
                let rest = text.get(at..).unwrap_or_default();
                if rest.starts_with(" OR ") {
                    return vec![text];
                }
                if rest.starts_with(" AND ") {
                    out.extend(text.get(start..at));
                    start = at + " AND ".len();
                }
            }
            _ => {}
        }
    }
    if out.is_empty() {
        return vec![text];
    }
    out.extend(text.get(start..));
    out.into_iter().map(bare).collect()
}

/// Returns an expression as one of several that are required, in brackets where it needs them.
pub(super) fn as_operand(text: &str) -> String {
    let needs = (text.contains(" OR ") || text.contains(" AND ")) && bare(text).len() == text.trim().len();
    if needs { format!("({text})") } else { text.to_owned() }
}

/// Takes away the brackets around the whole of an expression.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return text };
    let mut depth = 1usize;
    for c in inner.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text;
        }
    }
    inner.trim()
}

#[cfg(test)]
mod tests {
    use super::{as_operand, operands};

    #[test]
    fn parts_what_is_required_together() {
        for (text, expected) in [
            ("MIT", vec!["MIT"]),
            ("MIT AND Apache-2.0", vec!["MIT", "Apache-2.0"]),
            ("(MIT OR ISC) AND Apache-2.0", vec!["MIT OR ISC", "Apache-2.0"]),
            ("MIT OR ISC AND Apache-2.0", vec!["MIT OR ISC AND Apache-2.0"]),
            ("(MIT AND ISC)", vec!["(MIT AND ISC)"]),
            ("(MIT) AND (ISC)", vec!["MIT", "ISC"]),
            (") AND (", vec![")", "("]),
        ] {
            assert_eq!(operands(text), expected, "{text}");
        }
    }

    #[test]
    fn puts_brackets_where_they_are_needed() {
        for (text, expected) in [
            ("MIT", "MIT"),
            ("MIT OR ISC", "(MIT OR ISC)"),
            ("(MIT OR ISC)", "(MIT OR ISC)"),
            ("(MIT OR ISC) AND (A OR B)", "((MIT OR ISC) AND (A OR B))"),
        ] {
            assert_eq!(as_operand(text), expected, "{text}");
        }
    }
}
