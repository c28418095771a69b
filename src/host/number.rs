//! Numbers as the kernel reads them.

/// Reads a number as the kernel does: decimal, or octal behind `0`, or hexadecimal behind `0x`; what follows blanks counts for
/// nothing (`proc_dointvec` of the kernel, and measured).
#[must_use]
pub fn number(text: &str) -> Option<i64> {
    let text = text.split_ascii_whitespace().next()?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let read = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        i64::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    read.ok().map(|number| sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_kernel_reads_them() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(number(text), expected, "{text}");
        check("1", Some(1));
        check("01", Some(1));
        check("0x1", Some(1));
        check("010", Some(8));
        check("-1", Some(-1));
        check("1 # text", Some(1));
        check("1\t2", Some(1));
        check("", None);
        check("yes", None);
        check("9223372036854775808", None);
    }
}
