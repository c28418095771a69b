//! The elements that may stand in another, and their order: an automaton of positions, which decides each child by
//! looking at where the one before stood.
//!
//! XML Schema demands that a child never matches two particles (unique particle attribution), so there is one position
//! at a time and no way back; a model that breaks this is refused.

use super::{Declaration, Wildcard};

/// A content model.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The particles, in the order of the schema.
    pub positions: Vec<Position>,
    first: Vec<usize>,
    follow: Vec<Vec<usize>>,
    is_last: Vec<bool>,
    is_nullable: bool,
}

/// A particle.
#[derive(Debug)]
pub(crate) struct Position {
    /// What may stand there.
    pub term: Term,
    /// Whether it may stand there more than once, by itself or with the group it is part of.
    pub is_repeated: bool,
    /// Whether it may stand more than once by itself.
    pub is_repeated_itself: bool,
}

/// What may stand at a position.
#[derive(Debug)]
pub(crate) enum Term {
    /// An element.
    Element(Declaration),
    /// Elements that are not declared.
    Any(Wildcard),
}

/// A group of particles as the schema writes it.
#[derive(Debug)]
pub(super) enum Particle {
    Term(Term, Occurs),
    Sequence(Vec<Self>, Occurs),
    Choice(Vec<Self>, Occurs),
}

/// How often a particle may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurs {
    pub(super) is_optional: bool,
    pub(super) is_repeated: bool,
}

/// A part of the automaton: where it begins and ends.
#[derive(Default)]
struct Part {
    first: Vec<usize>,
    last: Vec<usize>,
    is_nullable: bool,
}

impl Model {
    /// Builds the model of a group; answers with the name of an element that two particles match.
    pub(super) fn new(group: Particle) -> Result<Self, String> {
        let mut model = Self::default();
        let part = model.add(group, false);
        model.first = part.first;
        model.is_nullable = part.is_nullable;
        model.is_last = vec![false; model.positions.len()];
        for position in part.last {
            if let Some(is_last) = model.is_last.get_mut(position) {
                *is_last = true;
            }
        }
        for places in model.follow.iter().chain([&model.first]) {
            let mut names: Vec<&str> = places.iter().filter_map(|place| model.name(*place)).collect();
            names.sort_unstable();
            if let Some(name) = names.windows(2).find_map(|pair| pair.first().filter(|name| pair.last() == Some(name)))
            {
                return Err((*name).to_owned());
            }
        }
        Ok(model)
    }

    /// Returns the position of a child behind the one at `state`, or the first of all where that is `None`.
    pub(super) fn next(
        &self,
        state: Option<usize>,
        namespace: Option<&str>,
        local: &str,
        target: &str,
    ) -> Option<usize> {
        self.after(state).iter().copied().find(|place| self.matches(*place, namespace, local, target))
    }

    /// Returns the declarations of the elements that may stand here, with their positions.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (&Position, &Declaration)> {
        self.positions.iter().filter_map(|position| match &position.term {
            Term::Element(declaration) => Some((position, declaration)),
            Term::Any(_) => None,
        })
    }

    /// Returns the position that is the first in the schema of those that may follow `state` and that `is_wanted`.
    pub(crate) fn next_of(
        &self,
        state: Option<usize>,
        is_wanted: impl Fn(&Declaration) -> bool,
    ) -> Option<(usize, &Position, &Declaration)> {
        let places = self.after(state).iter().copied();
        let wanted = places.filter_map(|place| match self.positions.get(place) {
            Some(position @ Position { term: Term::Element(declaration), .. }) if is_wanted(declaration) => {
                Some((place, position, declaration))
            }
            _ => None,
        });
        wanted.min_by_key(|(place, ..)| *place)
    }

    /// Returns any position that a child could stand at.
    pub(super) fn anywhere(&self, namespace: Option<&str>, local: &str, target: &str) -> Option<usize> {
        (0..self.positions.len()).find(|place| self.matches(*place, namespace, local, target))
    }

    /// Whether the content may end behind `state`.
    #[must_use]
    pub(crate) fn may_end(&self, state: Option<usize>) -> bool {
        state.map_or(self.is_nullable, |place| self.is_last.get(place).copied().unwrap_or(false))
    }

    /// Returns what may stand behind `state`, by name; elements of other namespaces are told as such.
    pub(super) fn expected(&self, state: Option<usize>) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for place in self.after(state) {
            let name = self.name(*place).unwrap_or("an element of another namespace");
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Returns the positions that may follow `state`, or be the first where that is `None`.
    #[must_use]
    pub(crate) fn after(&self, state: Option<usize>) -> &[usize] {
        state.map_or(self.first.as_slice(), |place| self.follow.get(place).map_or(&[], Vec::as_slice))
    }

    fn name(&self, place: usize) -> Option<&str> {
        match &self.positions.get(place)?.term {
            Term::Element(declaration) => Some(&declaration.name),
            Term::Any(_) => None,
        }
    }

    fn matches(&self, place: usize, namespace: Option<&str>, local: &str, target: &str) -> bool {
        self.positions.get(place).is_some_and(|position| match &position.term {
            Term::Element(declaration) => declaration.name == local && namespace == Some(target),
            Term::Any(wildcard) => wildcard.allows(namespace, target),
        })
    }

    fn add(&mut self, particle: Particle, is_repeated: bool) -> Part {
        let (mut part, occurs) = match particle {
            Particle::Term(term, occurs) => {
                let place = self.positions.len();
                self.positions.push(Position {
                    term,
                    is_repeated: is_repeated || occurs.is_repeated,
                    is_repeated_itself: occurs.is_repeated,
                });
                self.follow.push(Vec::new());
                (Part { first: vec![place], last: vec![place], is_nullable: false }, occurs)
            }
            Particle::Sequence(particles, occurs) => {
                let mut whole = Part { is_nullable: true, ..Part::default() };
                for particle in particles {
                    let next = self.add(particle, is_repeated || occurs.is_repeated);
                    self.join(&whole.last, &next.first);
                    if whole.is_nullable {
                        whole.first.extend_from_slice(&next.first);
                    }
                    if !next.is_nullable {
                        whole.last.clear();
                    }
                    whole.last.extend_from_slice(&next.last);
                    whole.is_nullable &= next.is_nullable;
                }
                (whole, occurs)
            }
            Particle::Choice(particles, occurs) => {
                let mut whole = Part::default();
                for particle in particles {
                    let next = self.add(particle, is_repeated || occurs.is_repeated);
                    whole.first.extend_from_slice(&next.first);
                    whole.last.extend_from_slice(&next.last);
                    whole.is_nullable |= next.is_nullable;
                }
                (whole, occurs)
            }
        };
        if occurs.is_repeated {
            self.join(&part.last.clone(), &part.first);
        }
        part.is_nullable |= occurs.is_optional;
        part
    }

    fn join(&mut self, last: &[usize], first: &[usize]) {
        for place in last {
            let Some(follow) = self.follow.get_mut(*place) else { continue };
            for next in first {
                if !follow.contains(next) {
                    follow.push(*next);
                }
            }
        }
    }
}
