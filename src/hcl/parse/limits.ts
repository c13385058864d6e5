/** Levels of `{` and `[`: far more than a policy needs, far less than the stack holds. */
export const MAX_DEPTH = 1000

/** Units of a text; the server's own limit is 32 MiB a request. */
export const MAX_LENGTH: number = 32 * 1024 * 1024

/** Keys that may be copied while JSON's nested objects become labels: a deep and wide text would make them a product. */
export const MAX_COPIED_KEYS = 4_000_000

/** Findings about one text that are reported one by one; more help nobody. */
export const MAX_FINDINGS = 100
