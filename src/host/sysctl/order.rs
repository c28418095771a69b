//! In which order lines set keys: what files that could not be read may undo, and which of two names of one setting is set last.

use std::collections::HashMap;

use super::{Loser, MAX_UNREAD, Pattern, Setting, Sysctl};
use crate::host::glob::matches;
use crate::text::Text;

/// Two names of one setting of the kernel.
const SAME: [(&str, &str); 1] = [("net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding")];

/// The order in which lines were read.
#[derive(Default)]
pub(super) struct Order {
    /// How many were.
    pub(super) lines: usize,
    /// Those of each key.
    of: HashMap<Text, Turn>,
    /// That of each pattern that is kept.
    pub(super) patterns: Vec<usize>,
    /// How many stand before each file that could not be read.
    pub(super) unread: Vec<usize>,
}

/// The lines of a key.
struct Turn {
    /// The last that says something of it.
    told: usize,
    /// The one at whose place it is set.
    set: usize,
}

impl Turn {
    /// Returns the line behind which others may undo it: by its other name also those behind where it is set.
    fn that_counts(&self, key: &str) -> usize {
        let has_two_names = SAME.iter().any(|(one, other)| key == *one || key == *other);
        if has_two_names { self.set } else { self.told }
    }
}

impl Order {
    /// Notes that the line that was read last says something of a key, which may stay in its place.
    pub(super) fn told(&mut self, key: &Text, stays: bool) {
        let turn = self.of.entry(key.clone()).or_insert(Turn { told: self.lines, set: self.lines });
        turn.told = self.lines;
        if !stays {
            turn.set = self.lines;
        }
    }
}

impl Sysctl {
    /// Finds out what files that could not be read may undo, and which of two names of one setting is set last.
    pub(super) fn order(&mut self, order: &Order) {
        for (key, setting) in &mut self.settings {
            let line = order.of.get(key).map_or(0, |turn| turn.that_counts(key.as_str()));
            let before = order.unread.partition_point(|at| *at < line);
            setting.undone_by = self.unread.iter().skip(before).take(MAX_UNREAD).cloned().collect();
        }
        for (one, other) in SAME {
            self.same(one, other, order);
        }
    }

    /// Lets two names of one setting say what the one says that is set last, by a line that names it or by a pattern. Programs
    /// write what patterns mean where the patterns stand, among all other lines (measured with systemd 252 and procps 4.0.2).
    fn same(&mut self, one: &str, other: &str, order: &Order) {
        let (by_one, by_other) = (self.is_set(one, order), self.is_set(other, order));
        let turn = |set: &Option<(usize, Setting)>| set.as_ref().map(|(turn, _)| *turn);
        let (last, first, lost) =
            if turn(&by_one) > turn(&by_other) { (by_one, other, by_other) } else { (by_other, one, by_one) };
        let Some((_, mut setting)) = last else { return };
        let key = Text::of(first);
        let lost = self.settings.remove(&key).or(lost.map(|(_, setting)| setting));
        setting.losers.extend(lost.map(|lost| Loser { value: lost.value, place: lost.place }));
        self.settings.insert(key, setting);
    }

    /// Returns at which line a key is set, and to what.
    fn is_set(&self, key: &str, order: &Order) -> Option<(usize, Setting)> {
        let named = Text::of(key);
        if let Some(setting) = self.settings.get(&named) {
            // A line that takes the key out writes nothing, and no pattern does.
            let turn = order.of.get(&named).filter(|_| setting.value.is_some())?;
            return Some((turn.set, setting.clone()));
        }
        let at = self.patterns.iter().rposition(|pattern| matches(pattern.key.as_str(), key))?;
        let (Pattern { value, place, .. }, turn) = (self.patterns.get(at)?, order.patterns.get(at)?);
        // What could not be read may name the key, wherever it stands.
        let undone_by = self.unread.iter().take(MAX_UNREAD).cloned().collect();
        Some((*turn, Setting { value: Some(value.clone()), place: place.clone(), undone_by, losers: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::line::Place;
    use crate::host::sysctl::{Effective, Program, normal, read};
    use crate::tree::TreePath;

    /// Reads files, given by their names and their lines, in this order.
    fn read_all(program: Program, files: &[(&str, &str)]) -> Sysctl {
        let mut out = Sysctl { program, ..Sysctl::default() };
        let mut order = Order::default();
        for (name, text) in files {
            let path = TreePath::new(format!("etc/sysctl.d/{name}").as_bytes()).unwrap();
            for assignment in read(text.as_bytes()) {
                order.lines += 1;
                let place = Place { path: path.clone(), line: Some(assignment.line) };
                out.assign(assignment, place, &mut order);
            }
        }
        out.order(&order);
        out
    }

    /// Returns what a key is set to, and where.
    fn effective(sysctl: &Sysctl, key: &str) -> String {
        match sysctl.effective(&normal(key)) {
            Effective::Set { value, place, .. } => format!("{} {}", *value, place.shown()),
            Effective::NotSet { removed } => format!("not set {:?}", removed.map(|place| place.shown().to_string())),
            Effective::Unknown(_) => "unknown".to_owned(),
        }
    }

    #[test]
    fn of_two_names_of_one_setting_the_one_that_is_set_last_counts() {
        let check = |program: Program, files: &[(&str, &str)], expected: &str| {
            let sysctl = read_all(program, files);
            for key in ["net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"] {
                assert_eq!(effective(&sysctl, key), expected, "{program:?} {key} {files:?}");
            }
        };
        let (first, other) = (("10", "net.ipv4.ip_forward = 0"), ("20", "net.ipv4.conf.all.forwarding = 1"));
        check(Program::Systemd, &[first, other], "1 /etc/sysctl.d/20:1");
        check(Program::Systemd, &[other, first], "0 /etc/sysctl.d/10:1");
        // The same again stays where it stands under systemd alone, and another value does not (both measured).
        let again = ("30", "net.ipv4.ip_forward = 0");
        check(Program::Systemd, &[first, other, again], "1 /etc/sysctl.d/20:1");
        check(Program::Procps, &[first, other, again], "0 /etc/sysctl.d/30:1");
        let changed = ("15", "net.ipv4.ip_forward = 1");
        check(Program::Systemd, &[first, changed, other, again], "0 /etc/sysctl.d/30:1");
        // A line that takes a name out writes nothing.
        let taken_out = ("30", "-net.ipv4.ip_forward");
        check(Program::Systemd, &[first, other, taken_out], "1 /etc/sysctl.d/20:1");
    }

    #[test]
    fn a_pattern_sets_the_other_name_where_the_pattern_stands() {
        let check = |program: Program, files: &[(&str, &str)], expected: &str| {
            assert_eq!(effective(&read_all(program, files), "net.ipv4.ip_forward"), expected, "{program:?} {files:?}");
        };
        let (line, pattern) = (("10", "net.ipv4.ip_forward = 0"), ("20", "net.ipv4.conf.*.forwarding = 1"));
        for program in [Program::Systemd, Program::Procps] {
            check(program, &[pattern], "1 /etc/sysctl.d/20:1");
            check(program, &[line, pattern], "1 /etc/sysctl.d/20:1");
            check(program, &[pattern, line], "0 /etc/sysctl.d/10:1");
            // A pattern leaves alone what a line names or takes out, or what it does not mean.
            check(program, &[("05", "net.ipv4.conf.all.forwarding = 0"), line, pattern], "0 /etc/sysctl.d/10:1");
            check(program, &[line, pattern, ("30", "-net.ipv4.conf.all.forwarding")], "0 /etc/sysctl.d/10:1");
            check(program, &[line, ("20", "net.ipv4.conf.e*.forwarding = 1")], "0 /etc/sysctl.d/10:1");
        }
        // The pattern itself stays where it stood under systemd, and goes to the end with another value.
        check(Program::Systemd, &[pattern, line, ("30", "net.ipv4.conf.*.forwarding = 1")], "0 /etc/sysctl.d/10:1");
        let moved = ("30", "net.ipv4.conf.*.forwarding = 2");
        check(Program::Systemd, &[pattern, line, moved], "2 /etc/sysctl.d/30:1");
        check(Program::Busybox, &[line, pattern], "0 /etc/sysctl.d/10:1");
    }
}
