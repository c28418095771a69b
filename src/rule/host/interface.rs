//! How the kernel puts together what settings say of all network interfaces and of one.

use crate::host::running::sysctl::Values;

/// The interfaces that have settings, without the one that leads nowhere but back.
pub(super) struct Interfaces<'a> {
    ipv4: Vec<&'a str>,
    ipv6: Vec<&'a str>,
}

impl<'a> Interfaces<'a> {
    pub(super) fn of(values: &'a Values) -> Self {
        let of = |protocol: &str| values.interfaces(protocol).into_iter().filter(|name| *name != "lo").collect();
        Self { ipv4: of("ipv4"), ipv6: of("ipv6") }
    }

    /// Returns the names below `net.ipv4` or `net.ipv6`.
    pub(super) fn of_keys(&self, before: &str) -> &[&'a str] {
        match before {
            "net.ipv4" => &self.ipv4,
            "net.ipv6" => &self.ipv6,
            _ => &[],
        }
    }
}

/// Returns the value that takes effect on an interface (`include/linux/inetdevice.h`, `ipv6_accept_ra`), given how the fact
/// says that they are combined; its own where nothing is.
pub(super) fn combined(key: &str, how: Option<&str>, all: i64, own: i64, forwards: bool) -> i64 {
    // A host that forwards asks both before it takes a redirect, and takes no advertisement unless told so twice.
    let how = match how {
        Some("or") if forwards && key == "net.ipv4.conf.all.accept_redirects" => Some("and"),
        how => how,
    };
    let is_on = |value: i64| value != 0;
    match how {
        Some("max") => all.max(own),
        Some("min") => all.min(own),
        Some("or") => i64::from(is_on(all) || is_on(own)),
        Some("and") => i64::from(is_on(all) && is_on(own)),
        _ if forwards && own == 1 && key == "net.ipv6.conf.all.accept_ra" => 0,
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_combined_as_the_kernel_does() {
        let check = |key: &str, how: Option<&str>, values: (i64, i64), forwards: bool, expected: i64| {
            assert_eq!(combined(key, how, values.0, values.1, forwards), expected, "{key} {how:?} {values:?}");
        };
        let redirects = "net.ipv4.conf.all.accept_redirects";
        check(redirects, Some("or"), (0, 1), false, 1);
        check(redirects, Some("or"), (0, 1), true, 0);
        check(redirects, Some("or"), (1, 1), true, 1);
        check("net.ipv4.conf.all.rp_filter", Some("max"), (0, 1), false, 1);
        check("net.ipv4.conf.all.rp_filter", Some("max"), (2, 1), false, 2);
        check("net.ipv4.conf.all.accept_source_route", Some("and"), (1, 0), false, 0);
        check("net.ipv4.conf.all.accept_source_route", Some("and"), (1, 2), false, 1);
        check("net.ipv6.conf.all.accept_source_route", Some("min"), (0, -1), false, -1);
        check("net.ipv6.conf.all.accept_ra", None, (0, 1), false, 1);
        check("net.ipv6.conf.all.accept_ra", None, (0, 1), true, 0);
        check("net.ipv6.conf.all.accept_ra", None, (0, 2), true, 2);
        check("net.ipv4.conf.all.forwarding", None, (1, 0), false, 0);
    }
}
