/**
 * Who can reach what, as a set of resources says: those that give policies to tokens, the policies, and what both mean together.
 * Knows the meaning of policies and the model; must not know files' syntax, HTTP, or where the resources come from: a repository
 * and a target look the same here.
 */
export { readAccess, type Access, type AccessOptions, type Described } from './access.ts'
export { holderDelta } from './delta.ts'
export { policySets, type Holder, type HolderKind } from './holders.ts'
export { answerFor, type Answer, type AskedRequest } from './answer.ts'
export { findHolder, holderWord, HolderNotFound } from './find-holder.ts'
export { identityFacts, UnknownSelector } from './identity-facts.ts'
export { together, type Effective } from './membership.ts'
export { whoCan, type WhoCan } from './who-can.ts'
