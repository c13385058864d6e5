/** Policies whose names are made of claims: `env-{{ .environment }}`. */
import { createHash } from 'node:crypto'
import { parseTextTemplate, runTextTemplate, TemplateFailure, type Clock, type Random } from '../../../kernel/index.ts'
import type { Claims } from './claims.ts'

/** The message is the peer's. */
export class TemplateRefused extends Error {}

function worded<T>(before: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof TemplateFailure) throw new TemplateRefused(before + cause.message, { cause })
    throw cause
  }
}

/** Throws TemplateRefused for the first that cannot be read. */
export function checkPolicyTemplates(policies: readonly string[]): void {
  for (const [i, policy] of policies.entries()) {
    worded(`failed to parse template policy [${i}]: unable to parse template: `, () => parseTextTemplate(policy))
  }
}

/** Those that come out empty are left out. A claim that is not there is an error: a policy must never be named by half. */
export function policiesFrom(
  policies: readonly string[],
  claims: Claims,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): readonly string[] {
  const ports = {
    now: clock.now(),
    randomText: (length: number): string => Buffer.from(random.bytes(length)).toString('base64url').slice(0, length),
    uuid: (): string => random.uuid(),
    sha256: (text: string): string => createHash('sha256').update(text).digest('hex'),
  }
  const names = policies.map((policy, i) => {
    const template = worded(`failed to parse template policy [${i}]: unable to parse template: `, () => parseTextTemplate(policy))
    return worded(`failed to template policy [${i}]: unable to apply template: `, () =>
      runTextTemplate(template, claims as Parameters<typeof runTextTemplate>[1], ports, 'keys'),
    )
  })
  return [...new Set(names.filter(it => it !== ''))]
}
