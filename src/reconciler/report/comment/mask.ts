import type { Diagnostic, Json } from '../../../kernel/index.ts'
import type { Plan } from '../../model/index.ts'

const MASK = '***'

/** Forms by which secret scanners know a secret, wherever it stands. */
const FORMS =
  /\b(?:hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}\b|gh[pousr]_\w{30,}|github_pat_\w{40,}|glpat-[\w-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}\b|xox[abpr]-[\w-]{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g

/** Shorter values are words that occur by chance; to mask them would hide the plan and betray the value. */
const SHORTEST = 6

/**
 * A plan holds no value of a secret reference. But somebody may have typed one into the text of a policy, a description or a
 * name; and what stands in a pull request is read by many more than the repository's settings. Values that are known to this run
 * and texts in the form of a token are shown as ***. The hash stays that of the plan itself.
 */
export const maskedPlan = (plan: Plan, secrets: Iterable<string>): Plan => masked(plan, maskOf(secrets))

export const maskedFindings = (findings: readonly Diagnostic[], secrets: Iterable<string>): readonly Diagnostic[] =>
  masked(findings, maskOf(secrets))

function maskOf(secrets: Iterable<string>): (text: string) => string {
  // The longest first: one may hold another.
  const known = [...new Set(secrets)].filter(it => it.length >= SHORTEST).sort((a, b) => b.length - a.length)
  return text => known.reduce((it, secret) => it.replaceAll(secret, MASK), text).replace(FORMS, MASK)
}

const masked = <T>(value: T, mask: (text: string) => string): T => deep(value as Json, mask, '') as T

function deep(value: Json, mask: (text: string) => string, key: string): Json {
  if (typeof value === 'string') return key === 'digest' ? value : mask(value)
  if (Array.isArray(value)) return (value as readonly Json[]).map(it => deep(it, mask, key))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [mask(name), deep(it, mask, name)]))
}
