import type { Printer, Secret } from '../../output/index.ts'
import { printHeading, printPath } from './headings.ts'

/** What a new version looks like: where it is, and its metadata. */
export function printVersion(out: Printer, path: string, secret: Secret | undefined, field: string | undefined): number {
  if (secret === undefined) return out.success(`Success! Data written to: ${path}`)
  if (field !== undefined) return out.secretField(secret, field)
  if ((secret.wrap_info?.['ttl'] ?? 0) !== 0 || out.format !== 'table') return out.secret(secret)
  const metadata = secret.data ?? {}
  printPath(out, 'Secret Path', path)
  printHeading(out, 'Metadata', metadata)
  return out.data(metadata)
}
