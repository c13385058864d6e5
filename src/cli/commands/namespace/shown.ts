import type { Printer, Secret } from '../../output/index.ts'

/** What is known of a namespace, or one field of it. */
export function printNamespace(out: Printer, secret: Secret | undefined, field?: string): number {
  if (secret === undefined) return 0
  if ((secret.wrap_info?.['ttl'] ?? 0) !== 0) return out.secret(secret)
  return field === undefined ? out.data(secret.data ?? {}) : out.secretField(secret, field)
}
