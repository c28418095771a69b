//! What a document lacks of a profile, kept from its score.

use serde::{Deserialize, Serialize};

use super::{Offender, Shortfall};
use crate::fact::Places;
use crate::sbom::profile::{Answer, Level, Score, State, Subject};
use crate::text;
use crate::text::Text;

use super::listing::opening;

/// What a document lacks of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lacking {
    /// The id of the profile.
    pub profile: Box<str>,
    /// Each element that it lacks, in the order of the profile.
    pub lacks: Vec<Lack>,
}

/// An element of a profile that a document does not tell as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// The id of the element.
    pub element: Box<str>,
    /// What it means.
    pub meaning: Text,
    /// Where it is filled in, empty where the format has no place for it.
    pub hint: Text,
    /// Whether the document does not pass without it.
    pub is_must: bool,
    /// Whether it is asked of each component, rather than of the document.
    pub of_components: bool,
    /// Of what it is not told.
    pub short: Shortfall,
}

impl Lacking {
    /// Returns what a score says is lacking; what a profile only lets be told lacks nowhere.
    pub(super) fn of(score: &Score, places: &Places<'_>) -> Self {
        let asked = score
            .answers
            .iter()
            .filter(|answer| matches!(answer.state, State::Fail | State::Warn) && answer.element.level != Level::May);
        let mut lacks: Vec<Lack> = asked.map(|answer| lack(score, answer, places)).collect();
        if let Some(error) = score.error.as_ref().filter(|_| !lacks.iter().any(|lack| lack.is_must)) {
            lacks.push(Lack {
                element: "components".into(),
                meaning: error.clone(),
                hint: Text::default(),
                is_must: true,
                of_components: false,
                short: Shortfall::default(),
            });
        }
        Self { profile: score.profile.id.into(), lacks }
    }
}

fn lack(score: &Score, answer: &Answer, places: &Places<'_>) -> Lack {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let lacking = answer.offenders.iter().filter(|one| matches!(one.state, State::Fail | State::Warn));
    let first = lacking.map(|one| Offender {
        label: one.label.clone(),
        told: match &one.note {
            Some(note) => text!("{}: {}", one.told.word(), *note),
            None => Text::trusted(one.told.word()),
        },
        at: opening(one.span, places),
    });
    Lack {
        element: answer.element.id.into(),
        meaning: Text::trusted(answer.element.meaning),
        hint: Text::trusted(answer.element.hint.of(score.family)),
        is_must: answer.element.level == Level::Must && answer.state == State::Fail,
        of_components: answer.element.subject() == Subject::Component,
        short: Shortfall {
            count: count(answer.of.saturating_sub(answer.passed)),
            of: count(answer.of),
            first: first.collect(),
        },
    }
}
