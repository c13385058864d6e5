/** What one request may cost before anything is known of who sends it. */
export interface Limits {
  /** Bytes of a body; more is refused while it streams in. */
  readonly maxRequestSize: number
  /** Estimated bytes of what the body's JSON would take in memory. */
  readonly maxRequestJsonMemory: number
  /** Strings in the body's JSON, names of members among them: each of them costs the audit log one HMAC. */
  readonly maxRequestJsonStrings: number
  /** Milliseconds from the request's head to its answer. */
  readonly maxRequestDuration: number
}

const MIB = 1024 * 1024

/** The peer's own. */
export const defaultLimits: Limits = {
  maxRequestSize: 32 * MIB,
  maxRequestJsonMemory: 32 * MIB + 512 * 1024,
  maxRequestJsonStrings: 1000,
  maxRequestDuration: 90_000,
}
