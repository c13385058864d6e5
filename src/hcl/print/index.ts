/**
 * Tree → text as it should look: byte for byte what the peer's formatter prints, and a refusal where that would lose a comment or
 * change a rule. Knows tokens and comments; not what a policy means, but that it must be one.
 */
export { print, type Printed } from './printer.ts'
export { formatPolicy, type Formatted } from './format-policy.ts'
