//! Values as the two forms write them.

use std::borrow::Cow;

use crate::document::Value;
use crate::sbom::schema::xsd::Builtin;

/// Returns a text as its type has it; what is not of the type stays a text.
pub(super) fn typed(kind: Option<Builtin>, text: Cow<'_, str>) -> Value<'_> {
    let Some(kind) = kind else { return Value::String(text) };
    let normalized = match text {
        Cow::Borrowed(text) => kind.normalized(text),
        Cow::Owned(text) => Cow::Owned(kind.normalized(&text).into_owned()),
    };
    match kind {
        Builtin::Boolean if matches!(normalized.as_ref(), "true" | "1") => Value::Boolean(true),
        Builtin::Boolean if matches!(normalized.as_ref(), "false" | "0") => Value::Boolean(false),
        Builtin::Decimal | Builtin::Integer | Builtin::NonNegativeInteger | Builtin::PositiveInteger
            if kind.holds(&normalized) =>
        {
            Value::Number(number(normalized))
        }
        _ => Value::String(normalized),
    }
}

/// Returns a number of XML Schema as JSON writes it: no plus, no zeros before it, digits on both sides of the point.
fn number(text: Cow<'_, str>) -> Cow<'_, str> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    let written = format!("{sign}{whole}{point}{fraction}");
    if written == text { text } else { Cow::Owned(written) }
}

/// The exponent to which a number is written out.
const MAX_EXPONENT: usize = 400;

/// Returns a number of JSON as XML Schema writes it: without an exponent, and a whole number without a point. One with an
/// exponent beyond reason stays as it is, which is then not valid.
pub(super) fn decimal(kind: Option<Builtin>, number: &str) -> Cow<'_, str> {
    let is_whole = matches!(kind, Some(Builtin::Integer | Builtin::NonNegativeInteger | Builtin::PositiveInteger));
    let is_written_out = !number.contains(['e', 'E']);
    if is_written_out && (!is_whole || !number.contains('.')) {
        return Cow::Borrowed(number);
    }
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (is_negative, size) = match exponent.strip_prefix('-') {
        Some(size) => (true, size),
        None => (false, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    let Some(size) = size.parse::<usize>().ok().filter(|size| *size <= MAX_EXPONENT) else {
        return Cow::Borrowed(number);
    };
    let digits = format!("{whole}{fraction}");
    let (digits, point) = if is_negative {
        let missing = (size + 1).saturating_sub(whole.len());
        (format!("{}{digits}", "0".repeat(missing)), whole.len() + missing - size)
    } else {
        let missing = size.saturating_sub(fraction.len());
        (format!("{digits}{}", "0".repeat(missing)), whole.len() + size)
    };
    let (whole, fraction) = digits.split_at_checked(point).unwrap_or((&digits, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if fraction.bytes().all(|digit| digit == b'0') {
        return Cow::Owned(format!("{sign}{whole}"));
    }
    // Zeros behind the point are kept as they are written.
    Cow::Owned(format!("{sign}{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json_are_written_without_exponents() {
        let cases = [
            ("1", "1"),
            ("-0", "-0"),
            ("1.50", "1.50"),
            ("1e3", "1000"),
            ("-1.25E+1", "-12.5"),
            ("1.5e-3", "0.0015"),
            ("12.5e-1", "1.25"),
            ("0.0", "0.0"),
            ("120e-1", "12"),
            ("1e999999999999", "1e999999999999"),
        ];
        for (number, written) in cases {
            assert_eq!(decimal(Some(Builtin::Decimal), number), written, "{number}");
        }
        assert_eq!(decimal(Some(Builtin::Integer), "10.0"), "10");
        assert_eq!(decimal(Some(Builtin::Integer), "10.5"), "10.5");
    }

    #[test]
    fn numbers_of_xml_are_read_as_json_has_them() {
        let cases =
            [("+7", "7"), ("007", "7"), ("-.5", "-0.5"), ("5.", "5"), ("1.50", "1.50"), (" 1 ", "1"), ("-0", "-0")];
        for (text, number) in cases {
            assert_eq!(typed(Some(Builtin::Decimal), Cow::Borrowed(text)), Value::Number(number.into()), "{text}");
        }
        assert_eq!(typed(Some(Builtin::Integer), Cow::Borrowed("1.5")), Value::String("1.5".into()));
        assert_eq!(typed(Some(Builtin::Boolean), Cow::Borrowed("yes")), Value::String("yes".into()));
        assert_eq!(typed(Some(Builtin::Boolean), Cow::Borrowed("1")), Value::Boolean(true));
    }
}
