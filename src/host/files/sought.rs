//! The names that are looked for in lists, nearly all of whose files nobody asked about.

use std::collections::HashSet;

use super::compare::parted;

/// How many bits tell names that are not looked for.
const BITS: usize = 1 << 16;

/// The last parts of the paths that are looked for.
pub(super) struct SoughtNames<'a> {
    names: HashSet<&'a [u8]>,
    /// A bit for each that some name sets: to look it up takes a tenth of the time that a set of names takes.
    bits: Vec<u64>,
}

impl<'a> SoughtNames<'a> {
    pub(super) fn new(names: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut out = Self { names: HashSet::new(), bits: vec![0; BITS / 64] };
        for name in names {
            let (word, bit) = place(name);
            if let Some(word) = out.bits.get_mut(word) {
                *word |= bit;
            }
            out.names.insert(name);
        }
        out
    }

    /// Whether the last part of a path is looked for.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        let name = parted(path).1;
        let (word, bit) = place(name);
        self.bits.get(word).is_some_and(|word| word & bit != 0) && self.names.contains(name)
    }
}

/// Returns the word and the bit of a name: by its length, and bytes at its ends and in its middle.
fn place(name: &[u8]) -> (usize, u64) {
    let byte = |at: usize| usize::from(name.get(at).copied().unwrap_or_default());
    let middle = byte(name.len() / 2);
    let hash = name.len() ^ byte(0) << 3 ^ byte(name.len().saturating_sub(1)) << 6 ^ middle << 8;
    ((hash % BITS) / 64, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_looked_for_are_known_and_no_others() {
        let names: Vec<String> = (0..2_000).map(|at| format!("name-{at}.service")).collect();
        let sought = SoughtNames::new(names.iter().map(String::as_bytes));
        for name in &names {
            assert!(sought.has(name.as_bytes()), "{name}");
            assert!(sought.has(format!("/usr/lib/{name}").as_bytes()), "{name}");
            assert!(!sought.has(format!("/usr/lib/{name}x").as_bytes()), "{name}");
            assert!(!sought.has(format!("{name}/").as_bytes()), "{name}");
        }
        assert!(!sought.has(b""));
        assert!(SoughtNames::new([b"".as_slice()]).has(b"a/"));
        assert!(!SoughtNames::new([]).has(b"a"));
    }
}
