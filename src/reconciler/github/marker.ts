/** What a comment or an issue is about. */
export type MarkedThing = 'plan' | 'drift'

/**
 * The hidden first line by which Lockstep finds what it wrote before: one for each thing and each target of the repository. The
 * name is encoded, so that no target's name can end the comment or look like another's.
 */
export const markerOf = (thing: MarkedThing, target: string, part = 1): string =>
  `<!-- lockstep:${thing} target="${encodeURIComponent(target).replaceAll('-', '%2D')}" part="${part}" -->`

/** Only what stands at the very beginning counts: a text that is quoted further down is not ours. */
export const carries = (body: string | null | undefined, marker: string): boolean =>
  body === marker || (body ?? '').replaceAll('\r\n', '\n').startsWith(`${marker}\n`)

/**
 * Who wrote it. A marker can be copied by anybody who may comment, and an author may edit a comment at any time; so what
 * somebody else wrote is never taken for ours.
 */
export const isBy = (user: { readonly login: string } | null | undefined, author: string): boolean =>
  user?.login.toLowerCase() === author.toLowerCase()
