/** The commits of others' actions stand here and nowhere else. A checkout leaves no token behind for later steps. */
const checkout = `      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
`
const node = `      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0
        with:
          node-version: 24
`
/** No right that a job does not ask for; of two runs for one branch, the newer one counts. */
const newestOnly = `permissions: {}

concurrency:
  group: \${{ github.workflow }}-\${{ github.ref }}
  cancel-in-progress: true
`

/**
 * The workflows of a new repository. Each job has the rights that it needs and no others; everything but the checkout goes through
 * the one action, at the commit that the user named. The other actions are those of this repository's own workflows, at the same commits.
 *
 * @param action `OWNER/NAME@SHA` of Lockstep's action
 */
export const workflowFiles = (action: string): Readonly<Record<string, string>> => ({
  '.github/workflows/lint.yml': `# No credentials: safe on pull requests from forks too.
name: lint

on:
  push:
    branches: [main]
  pull_request:

${newestOnly}
jobs:
  lint:
    name: lint
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: lint
`,
  '.github/workflows/plan.yml': `# What a pull request would do to the server, by a role that can only read. The server is named by the variable LOCKSTEP_ADDR.
name: plan

on:
  pull_request:

${newestOnly}
jobs:
  plan:
    name: plan
    # A fork gets no token to log in with; it is planned with a snapshot, below.
    if: vars.LOCKSTEP_ADDR != '' && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read # the files
      id-token: write # logs in to the server
      pull-requests: write # the comment
      checks: write # the check with its annotations
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: plan
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-plan

  fork:
    name: plan of a fork
    # No token and no secret: planned with what the server answered when the workflow "snapshot" asked it.
    if: vars.LOCKSTEP_ADDR != '' && github.event.pull_request.head.repo.full_name != github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read # the files and the snapshot
    steps:
${checkout}${checkout}          # Whose signature counts is not for the fork to say.
          ref: \${{ github.event.pull_request.base.sha }}
          path: .lockstep-base
          sparse-checkout: snapshot.pub
          sparse-checkout-cone-mode: false
${node}      - name: Get the snapshot
        env:
          GH_TOKEN: \${{ github.token }}
          GH_REPO: \${{ github.repository }}
        run: gh release download lockstep-snapshot --pattern snapshot.json --dir "$RUNNER_TEMP"
      - id: lockstep
        uses: ${action}
        with:
          command: plan
          snapshot: \${{ runner.temp }}/snapshot.json
          snapshot-key: .lockstep-base/snapshot.pub
          comment: 'false'
          check: 'false'
`,
  '.github/workflows/apply.yml': `# On merge: plans, waits for whoever protects the environment, and applies that very plan. If the server or the files have changed
# meanwhile, the plan has another hash and is not applied.
name: apply

on:
  push:
    branches: [main]

permissions: {}

# One after the other, and never cut off in the middle.
concurrency:
  group: apply
  cancel-in-progress: false

jobs:
  plan:
    name: plan
    if: vars.LOCKSTEP_ADDR != ''
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read # the files
      id-token: write # logs in to the server
    outputs:
      changes: \${{ steps.lockstep.outputs.changes }}
      plan_hash: \${{ steps.lockstep.outputs.plan_hash }}
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: plan
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-plan
          comment: 'false'
          check: 'false'

  apply:
    name: apply
    needs: plan
    if: needs.plan.outputs.changes == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    environment: production
    permissions:
      contents: read # the files
      id-token: write # logs in to the server
      pull-requests: read # which one was merged, for the lock
      deployments: write # the record
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: apply
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-apply
          plan-hash: \${{ needs.plan.outputs.plan_hash }}
          lock: 'true'
          deployment: 'true'
`,
  '.github/workflows/comments.yml': `# "/lockstep plan", "/lockstep apply" and "/lockstep unlock" in comments of pull requests, by those who may write to the repository. A
# target is locked for a pull request from its plan to its merge. All of it runs by the default branch's files.
name: comments

on:
  # It runs the default branch's files alone; what a comment says is compared with three words, and decided by the author's right.
  issue_comment: # zizmor: ignore[dangerous-triggers]
    types: [created]
  pull_request:
    types: [closed]

permissions: {}

concurrency:
  group: comments-\${{ github.event.issue.number || github.event.pull_request.number }}
  cancel-in-progress: false

jobs:
  request:
    name: request
    if: >-
      vars.LOCKSTEP_ADDR != '' && github.event_name == 'issue_comment' && github.event.issue.pull_request
      && startsWith(github.event.comment.body, '/lockstep ')
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
      pull-requests: write # the answer beside the comment
    outputs:
      request: \${{ steps.lockstep.outputs.request }}
      pull_request: \${{ steps.lockstep.outputs.pull_request }}
      sha: \${{ steps.lockstep.outputs.sha }}
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: request

  plan:
    name: plan
    needs: request
    if: needs.request.outputs.request == 'plan'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: write # the lock
      id-token: write # logs in to the server
      pull-requests: write # the comment
      checks: write # the check with its annotations
    steps:
${checkout}${checkout}          # The commit that was looked at, and no newer one. Its files are read, and nothing of it is run.
          ref: \${{ needs.request.outputs.sha }}
          path: .lockstep-request
${node}      - id: lockstep
        uses: ${action}
        with:
          command: plan
          directory: .lockstep-request
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-plan
          pull-request: \${{ needs.request.outputs.pull_request }}
          sha: \${{ needs.request.outputs.sha }}
          lock: 'true'

  apply:
    name: apply
    needs: request
    if: needs.request.outputs.request == 'apply'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    environment: production
    permissions:
      contents: write # the lock
      id-token: write # logs in to the server
      pull-requests: read # the hash that was reviewed
      deployments: write # the record
    steps:
${checkout}${checkout}          # The commit that was looked at, and no newer one. Its files are read, and nothing of it is run.
          ref: \${{ needs.request.outputs.sha }}
          path: .lockstep-request
${node}      - id: lockstep
        uses: ${action}
        with:
          command: apply
          directory: .lockstep-request
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-apply
          pull-request: \${{ needs.request.outputs.pull_request }}
          sha: \${{ needs.request.outputs.sha }}
          reviewed: 'true'
          lock: 'true'
          deployment: 'true'

  unlock:
    name: unlock
    needs: request
    if: needs.request.outputs.request == 'unlock'
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: write # the lock
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: unlock
          pull-request: \${{ needs.request.outputs.pull_request }}

  closed:
    name: unlock what is closed
    # A fork's pull request has no lock, and no right to give one back.
    if: >-
      vars.LOCKSTEP_ADDR != '' && github.event_name == 'pull_request'
      && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: write # the lock
    steps:
${checkout}          ref: \${{ github.event.pull_request.base.sha }}
${node}      - id: lockstep
        uses: ${action}
        with:
          command: unlock
          pull-request: \${{ github.event.pull_request.number }}
`,
  '.github/workflows/drift.yml': `# Looks every hour whether somebody has changed the server behind the repository's back. One issue tells of it, and is closed when
# the drift is gone.
name: drift

on:
  schedule:
    - cron: 17 * * * *
  workflow_dispatch:

permissions: {}

concurrency:
  group: drift
  cancel-in-progress: false

jobs:
  drift:
    name: drift
    if: vars.LOCKSTEP_ADDR != ''
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read # the files
      id-token: write # logs in to the server
      issues: write # the issue
      security-events: write # code scanning, where the variable LOCKSTEP_CODE_SCANNING is true
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: drift
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-plan
          sarif: \${{ vars.LOCKSTEP_CODE_SCANNING == 'true' }}
`,
  '.github/workflows/snapshot.yml': `# What the server answers, signed, so that pull requests of forks can be planned without a token. "lockstep snapshot keygen" makes the keys:
# the private one is the secret LOCKSTEP_SNAPSHOT_KEY, the public one is committed as snapshot.pub.
name: snapshot

on:
  push:
    branches: [main]
  schedule:
    - cron: 47 3 * * *
  workflow_dispatch:

permissions: {}

concurrency:
  group: snapshot
  cancel-in-progress: false

jobs:
  snapshot:
    name: snapshot
    if: vars.LOCKSTEP_ADDR != '' && vars.LOCKSTEP_SNAPSHOTS == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    environment: snapshot
    permissions:
      contents: write # the release that holds it
      id-token: write # logs in to the server
    steps:
${checkout}${node}      - id: lockstep
        uses: ${action}
        with:
          command: snapshot
          address: \${{ vars.LOCKSTEP_ADDR }}
          role: lockstep-plan
          snapshot: \${{ runner.temp }}/snapshot.json
          snapshot-signing-key: \${{ secrets.LOCKSTEP_SNAPSHOT_KEY }}
      - name: Publish it
        env:
          GH_TOKEN: \${{ github.token }}
          GH_REPO: \${{ github.repository }}
        run: |
          gh release view lockstep-snapshot >/dev/null 2>&1 ||
            gh release create lockstep-snapshot --prerelease --title 'Snapshot of the server' --notes 'For plans of forks.'
          gh release upload lockstep-snapshot "$RUNNER_TEMP/snapshot.json" --clobber
`,
})
