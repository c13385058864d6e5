/**
 * What the `github` commands share: which plan, which repository and which run they are about, and which texts are secrets. Knows
 * the environment of GitHub Actions; must not know what a comment says.
 */
export {
  environmentFlag,
  githubFlags,
  jobFlags,
  openJob,
  repositoryFlags,
  type GitHubFlags,
  type JobFlags,
  type RepositoryFlags,
} from './job.ts'
export { openGitHub } from './open.ts'
export { orGitHubFailed } from './failed.ts'
export { commentOf, pullRequestOf, shaOf } from './event.ts'
export { requestIn, type Request } from './request.ts'
export { appendTo, setOutputs } from './outputs.ts'
