//! Patterns of keys, as `glob(3)` reads them.

/// How many alternatives of a pattern are tried.
const MAX_ALTERNATIVES: usize = 64;

/// Whether a pattern means a key, both with slashes: `*`, `?` and `[…]` never mean a slash, `{a,b}` is one of several.
#[must_use]
pub fn matches(pattern: &str, key: &str) -> bool {
    if !pattern.contains('{') {
        return is_meant(pattern.as_bytes(), key.as_bytes());
    }
    alternatives(pattern).iter().any(|pattern| is_meant(pattern.as_bytes(), key.as_bytes()))
}

fn alternatives(pattern: &str) -> Vec<String> {
    let mut ahead = vec![pattern.to_owned()];
    let mut out = Vec::new();
    let mut made = 0;
    while let Some(pattern) = ahead.pop() {
        let open = pattern.split_once('{').and_then(|(before, rest)| {
            let (inside, after) = rest.split_once('}')?;
            Some((before, inside, after))
        });
        match open {
            Some((before, inside, after)) if made < MAX_ALTERNATIVES => {
                for one in inside.split(',').take(MAX_ALTERNATIVES) {
                    made += 1;
                    ahead.push(format!("{before}{one}{after}"));
                }
            }
            Some(_) | None => out.push(pattern),
        }
    }
    out
}

/// Goes back to the last star alone, so that the time is at most the product of both lengths.
fn is_meant(pattern: &[u8], key: &[u8]) -> bool {
    let (mut pattern, mut key) = (pattern, key);
    let mut last = None;
    loop {
        match (pattern, key) {
            ([], []) => return true,
            ([b'*', rest @ ..], _) => {
                last = Some((rest, key));
                pattern = rest;
                continue;
            }
            ([b'?', rest @ ..], [found, after @ ..]) if *found != b'/' => {
                (pattern, key) = (rest, after);
                continue;
            }
            ([b'[', rest @ ..], [found, after @ ..]) if *found != b'/' => {
                // A bracket without an end is a character.
                let (is_in, rest) = set(rest, *found).unwrap_or((*found == b'[', rest));
                if is_in {
                    (pattern, key) = (rest, after);
                    continue;
                }
            }
            ([expected, rest @ ..], [found, after @ ..]) if expected == found && *expected != b'?' => {
                (pattern, key) = (rest, after);
                continue;
            }
            _ => {}
        }
        // The star takes one character more, and none that is a slash.
        match last {
            Some((after_star, [skipped, further @ ..])) if *skipped != b'/' => {
                last = Some((after_star, further));
                (pattern, key) = (after_star, further);
            }
            Some(_) | None => return false,
        }
    }
}

/// Whether a character is in a set, and what follows the set; `None` where the set has no end.
fn set(inside: &[u8], found: u8) -> Option<(bool, &[u8])> {
    let (is_not, inside) = match inside {
        [b'!' | b'^', rest @ ..] => (true, rest),
        other => (false, other),
    };
    // A bracket that stands first is a character of the set.
    let end = inside.iter().skip(1).position(|byte| *byte == b']')? + 1;
    let (mut members, rest) = (inside.get(..end)?, inside.get(end + 1..)?);
    let mut is_in = false;
    while let [first, others @ ..] = members {
        match others {
            [b'-', last, after @ ..] => {
                is_in |= (*first..=*last).contains(&found);
                members = after;
            }
            _ => {
                is_in |= *first == found;
                members = others;
            }
        }
    }
    Some((is_in != is_not, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_keys() {
        let check =
            |pattern: &str, key: &str, expected: bool| assert_eq!(matches(pattern, key), expected, "{pattern} {key}");
        check("net/ipv4/conf/*/rp_filter", "net/ipv4/conf/all/rp_filter", true);
        check("net/ipv4/conf/*/rp_filter", "net/ipv4/conf/a/b/rp_filter", false);
        check("net/ipv4/conf/eth*/rp_filter", "net/ipv4/conf/eth0.10/rp_filter", true);
        check("net/ipv4/conf/eth?/rp_filter", "net/ipv4/conf/eth10/rp_filter", false);
        check("net/ipv4/conf/eth[0-3]/rp_filter", "net/ipv4/conf/eth2/rp_filter", true);
        check("net/ipv4/conf/eth[!0-3]/rp_filter", "net/ipv4/conf/eth2/rp_filter", false);
        check("net/ipv4/conf/{all,default}/x*", "net/ipv4/conf/default/xy", true);
        check("net/ipv4/conf/{all,default}/x*", "net/ipv4/conf/lo/xy", false);
        check("net/*", "net/a/b", false);
        check("*", "a", true);
        check("a*b*c", "aXbYbc", true);
        check("a[", "a[", true);
        check("a?", "a?", true);
        check("a", "b", false);
    }
}
