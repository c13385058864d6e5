/** Levels of `{` and `[`: far more than a policy needs, far less than the stack holds. */
export const MAX_DEPTH = 1000
