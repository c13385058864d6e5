/**
 * What Lockstep writes to GitHub: the comments of a pull request, check runs, commit statuses and the issue that tells of a drift.
 * The only importer of @octokit/rest. Knows GitHub's REST API; must not know what a plan is: bodies come in as texts, rendered and
 * made harmless by `report`.
 */
export { type AppOptions, installationToken, type InstallationToken } from './app.ts'
export { type Annotation, type CheckRun, writeCheckRun } from './check-run.ts'
export { type SarifUpload, uploadSarif } from './code-scanning.ts'
export { type CommitStatus, writeCommitStatus } from './commit-status.ts'
export { connectGitHub, type GitHub, type GitHubOptions } from './connect.ts'
export { type DeploymentRecord, type DeploymentState, recordDeployment } from './deployment.ts'
export { type DriftIssue, type IssueOutcome, keepDriftIssue } from './drift-issue.ts'
export { GitHubFailure } from './failure.ts'
export { type Lock, lockOf, releaseLock, takeLock } from './lock.ts'
export { markerOf } from './marker.ts'
export {
  atLeast,
  isApproved,
  type Permission,
  permissionOf,
  type PullRequest,
  pullRequestOfCommit,
  react,
  readPullRequest,
  reviewedHash,
  say,
} from './pull-request.ts'
export { type StickyComment, writeStickyComment } from './sticky-comment.ts'
