/**
 * What the `github` commands share: which plan, which repository and which run they are about, and which texts are secrets. Knows
 * the environment of GitHub Actions; must not know what a comment says.
 */
export { githubFlags, jobFlags, openJob, type GitHubFlags, type JobFlags } from './job.ts'
export { openGitHub } from './open.ts'
export { orGitHubFailed } from './failed.ts'
export { pullRequestOf, shaOf } from './event.ts'
