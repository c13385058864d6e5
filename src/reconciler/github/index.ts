/**
 * What Lockstep writes to GitHub: the comments of a pull request, check runs, commit statuses and the issue that tells of a drift.
 * The only importer of @octokit/rest. Knows GitHub's REST API; must not know what a plan is: bodies come in as texts, rendered and
 * made harmless by `report`.
 */
export { type Annotation, type CheckRun, writeCheckRun } from './check-run.ts'
export { type CommitStatus, writeCommitStatus } from './commit-status.ts'
export { connectGitHub, type GitHub, type GitHubOptions } from './connect.ts'
export { type DriftIssue, type IssueOutcome, keepDriftIssue } from './drift-issue.ts'
export { GitHubFailure } from './failure.ts'
export { markerOf } from './marker.ts'
export { type StickyComment, writeStickyComment } from './sticky-comment.ts'
