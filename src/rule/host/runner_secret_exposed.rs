//! `host/runner-secret-exposed`: a job of the runner reaches the container daemon, or secrets in its environment.

use super::live;
use super::question::{Question, fail, not_applicable, pass};
use super::unseen::{no_job, patterns, subject};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/runner-secret-exposed",
    level: Level::Deny,
    summary: "a job of the runner reaches the container daemon, or secrets in its environment",
    why: "every step and every dependency that runs in the job reads them, and the daemon is root on the host",
    help: "hand a secret to the one step that needs it, exchange long-lived ones for tokens of the job, and do not \
           mount the socket",
    page: include_str!("runner_secret_exposed.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-526" }],
    judge: Judge::Host { family: crate::host::running::ci_runner::ID, judge },
};

/// Fails for each socket of a container daemon that the job may write to, and each variable that holds a secret by its name.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let runner = &running.ci_runner;
    for expected in question.facts() {
        let Some(service) = &runner.service else {
            answers.add(not_applicable(&expected, subject(&expected), no_job()));
            continue;
        };
        let found: Vec<&Text> = match expected.fact.id.as_str() {
            "host.ci.docker_sock" => runner.sockets.iter().collect(),
            _ => {
                let secret = patterns(&expected.list());
                let allowed: Vec<String> =
                    expected.fact.allow.iter().flat_map(|list| list.split(", ")).map(str::to_owned).collect();
                let allowed = patterns(&allowed);
                let is_secret = |name: &&Text| {
                    secret.is_match(name.as_str().to_ascii_uppercase()) && !allowed.is_match(name.as_str())
                };
                runner.variables.iter().filter(is_secret).collect()
            }
        };
        if found.is_empty() {
            pass(&expected, answers);
        }
        for found in found {
            let draft = match expected.fact.id.as_str() {
                "host.ci.docker_sock" => fail(
                    &expected,
                    Subject::new("file", found.clone()),
                    text!("a job of {} may write to `{}`: whoever may is root on the machine", *service, *found),
                )
                .help(Text::trusted(
                    "do not mount the socket into jobs and keep their user out of its group; build images with buildah, \
                     kaniko or a rootless daemon",
                )),
                _ => fail(
                    &expected,
                    Subject::new("variable", found.clone()),
                    text!("the variable `{}` is in the environment of every step of this job of {}", *found, *service),
                ),
            };
            answers.add(draft.found(found.clone()));
        }
    }
}
