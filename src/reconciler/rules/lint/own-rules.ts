import type { Rule } from '../rule.ts'

/** What is found about the use of the linter itself, after all other rules have spoken. */
const silent = (): readonly [] => []

export const unusedSuppression: Rule = {
  id: 'unused-suppression',
  severity: 'note',
  everywhere: true,
  doc: 'A comment suppresses a rule that finds nothing there.',
  why: 'It was written for a problem that is gone, and would hide the next one.',
  bad: `# lockstep:ignore empty-rule: granted next week\npath "secret/data/app" {\n  capabilities = ["read"]\n}\n`,
  good: `path "secret/data/app" {\n  capabilities = ["read"]\n}\n`,
  check: silent,
}

export const suppressionWithoutReason: Rule = {
  id: 'suppression-without-reason',
  severity: 'warning',
  doc: 'A comment suppresses a rule and does not say why.',
  why: 'Whoever reads the file next cannot tell a decision from a convenience, and does not dare to remove it.',
  bad: `# lockstep:ignore empty-rule\npath "secret/data/app" {}\n`,
  good: `# lockstep:ignore empty-rule: hides secret/* of the shared policy on purpose\npath "secret/data/app" {}\n`,
  check: silent,
}

export const unknownRule: Rule = {
  id: 'unknown-rule',
  severity: 'error',
  doc: 'A suppression or lockstep.yaml names a rule that does not exist.',
  why: 'It suppresses or sets nothing: the name is mistyped, or the rule has another one now.',
  bad: `# lockstep:ignore empty-rules: granted next week\npath "secret/data/app" {\n  capabilities = ["read"]\n}\n`,
  good: `path "secret/data/app" {\n  capabilities = ["read"]\n}\n`,
  check: silent,
}

export const ownRules: readonly Rule[] = [unusedSuppression, suppressionWithoutReason, unknownRule]
