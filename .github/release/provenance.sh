#!/usr/bin/env bash
# Prints the provenance of the files in a folder, as an in-toto statement with a SLSA v1 predicate: which commit of which
# repository they were built from, and by which run of which workflow.
#
# usage: provenance.sh FOLDER
#
# All else comes from the variables that GitHub's runner sets. The statement carries no signature of its own: it is listed
# in SHA256SUMS, which is signed.
set -euo pipefail

if [ $# -ne 1 ]; then echo 'usage: provenance.sh FOLDER' >&2; exit 2; fi
cd "$1"

# The workflow's path and ref: `owner/name/.github/workflows/release.yml@refs/tags/v1.2.3`.
workflow="${GITHUB_WORKFLOW_REF#"$GITHUB_REPOSITORY/"}"
find . -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort | xargs --delimiter '\n' sha256sum |
  jq --raw-input --slurp \
    --arg repository "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" \
    --arg repository_id "$GITHUB_REPOSITORY_ID" \
    --arg owner_id "$GITHUB_REPOSITORY_OWNER_ID" \
    --arg event "$GITHUB_EVENT_NAME" \
    --arg ref "$GITHUB_REF" \
    --arg commit "$GITHUB_SHA" \
    --arg path "${workflow%@*}" \
    --arg builder "$GITHUB_SERVER_URL/$GITHUB_WORKFLOW_REF" \
    --arg environment "$RUNNER_ENVIRONMENT" \
    --arg run "$GITHUB_RUN_ID/attempts/$GITHUB_RUN_ATTEMPT" '
    {
      _type: "https://in-toto.io/Statement/v1",
      subject: [
        split("\n")[] | select(. != "") | capture("^(?<digest>[0-9a-f]{64})  (?<name>.+)$")
        | {name, digest: {sha256: .digest}}
      ],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          buildType: "https://actions.github.io/buildtypes/workflow/v1",
          externalParameters: {workflow: {ref: $ref, repository: $repository, path: $path}},
          internalParameters: {github: {
            event_name: $event,
            repository_id: $repository_id,
            repository_owner_id: $owner_id,
            runner_environment: $environment
          }},
          resolvedDependencies: [{uri: "git+\($repository)@\($ref)", digest: {gitCommit: $commit}}]
        },
        runDetails: {
          builder: {id: $builder},
          metadata: {invocationId: "\($repository)/actions/runs/\($run)"}
        }
      }
    }'
