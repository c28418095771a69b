//! `host/sshd-match`: a block of the SSH server's settings loosens for some what holds for all.

use super::question::{Question, at, fail, not_applicable, pass};
use super::sshd_setting::{by_word, shown};
use crate::finding::{Level, Reference, Subject};
use crate::host::sshd::{Narrow, Setting};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/sshd-match",
    level: Level::Deny,
    summary: "a Match block of sshd_config loosens for some what holds for all",
    why: "who reads the top of the file, or asks `sshd -T`, does not see it",
    help: "take the line out of the block, and look at what counts for somebody with `sshd -T -C user=NAME,host=HOST,addr=ADDRESS`",
    page: include_str!("sshd_match.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-16" }],
    judge: Judge::Host { family: "sshd", judge },
};

/// The rule whose facts count here too.
const SETTINGS: &str = "host/sshd-setting";

/// Fails for each setting of a block that is not as expected where the one for all is.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let sshd = &question.host.sshd;
    for expected in question.policy.expected(SETTINGS) {
        let Some(key) = expected.fact.key.as_deref() else { continue };
        if !sshd.is_there {
            let subject = Subject::new("setting", text!("{}", *key));
            let reason =
                Text::trusted("there is no SSH server: neither `/usr/sbin/sshd` nor `/etc/ssh/sshd_config` is there");
            answers.add(not_applicable(&expected, subject, reason));
            continue;
        }
        let keyword = key.to_ascii_lowercase();
        let whole = sshd.settings.get(&keyword);
        // The first block that loosens is told; more of them stand beside it.
        let loose: Vec<&Narrow> = sshd
            .matches
            .iter()
            .filter(|narrow| narrow.keyword == keyword && loosens(&expected, narrow, whole))
            .collect();
        let Some(first) = loose.first() else {
            pass(&expected, answers);
            continue;
        };
        let holds = match whole {
            Some(Setting::File { value, place, .. }) => text!("{} in {}", *value, place.shown()),
            Some(Setting::Default { value }) => text!("{} by default", *value),
            Some(Setting::Version | Setting::Unread { .. }) | None => text!("not known"),
        };
        let message = text!(
            "{} is {} for `Match {}` in {}: for all it is {}, expected {}",
            *key,
            shown(&expected, &first.value),
            first.criteria,
            text!("{}{}", first.place.shown(), by_word(first.word.as_ref())),
            holds,
            expected.words()
        );
        let draft = fail(&expected, Subject::new("setting", text!("{}", *key)), message);
        let draft = draft.with("criteria", first.criteria.clone()).found(first.value.clone());
        answers.add(at(
            draft.with_related(loose.iter().skip(1).take(20).map(|narrow| narrow.place.location())),
            &first.place,
        ));
    }
}

/// Whether a block sets what is not expected, where what holds for all is or is not known, or is less far from it.
fn loosens(expected: &Expected<'_>, narrow: &Narrow, whole: Option<&Setting>) -> bool {
    if expected.accepts(narrow.value.as_str()) == Some(true) {
        return false;
    }
    let Some(Setting::File { value, .. } | Setting::Default { value }) = whole else { return true };
    if expected.accepts(value.as_str()) == Some(true) {
        return true;
    }
    match (narrow.value.as_str().parse::<u64>(), value.as_str().parse::<u64>()) {
        (Ok(0), Ok(whole)) => whole != 0,
        (Ok(narrow), Ok(whole)) => whole != 0 && narrow > whole,
        _ => false,
    }
}
