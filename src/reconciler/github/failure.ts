/** GitHub refused, or could not be reached. The message names the request and never holds the token. */
export class GitHubFailure extends Error {}
