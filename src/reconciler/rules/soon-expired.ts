import { problemAt } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachRuleBut } from './view/index.ts'

const DAYS = 14
const DAY = 86_400_000

export const soonExpired: Rule = {
  id: 'soon-expired',
  severity: 'warning',
  doc: `A rule that expires within ${DAYS} days.`,
  why: 'What it allows ends without a change of the file, and what it denies begins to be allowed.',
  bad: 'path "secret/data/app" {\n  capabilities = ["read"]\n  expiration   = "2026-12-01T00:00:00Z"\n}\n',
  good: 'path "secret/data/app" {\n  capabilities = ["read"]\n  expiration   = "2046-12-01T00:00:00Z"\n}\n',
  check: eachRuleBut(
    rule => rule.rule.expiration === undefined,
    function* (rule, { now }) {
      const moment = rule.rule.expiration
      if (moment === undefined || moment.getTime() - now.getTime() > DAYS * DAY) return
      const day = moment.toISOString().slice(0, 10)
      yield problemAt(rule, 'expiration', `the rule for "${rule.rule.path}" expires on ${day}`, {
        hint: 'move its expiration, or plan for its end',
      })
    },
  ),
}
