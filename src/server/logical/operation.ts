/** What a request wants of a mount. `write` is create or update; which of the two is asked of the backend before authorisation. */
export type OpName = 'read' | 'list' | 'scan' | 'write' | 'patch' | 'delete'

/** Who may call a route: anyone, a token that the ACL allows, or a token with `sudo` on top. */
export type Access = 'token' | 'public' | 'sudo'
