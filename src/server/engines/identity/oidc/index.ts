/**
 * OpenID Connect identity tokens: named keys, roles that say what a token says, the tokens, and what verifiers need. Knows the identity port
 * and its mount's storage; signs by node:crypto alone.
 */
export { keys, rotateDue } from './keys.ts'
export { roles } from './roles.ts'
export { settings } from './settings.ts'
export { tokens } from './tokens.ts'
