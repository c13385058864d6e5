import { faultCatalogue } from '../../src/server/logical/index.ts'

/** The page about everything that can stop a request. */
export function faultsPage(): string {
  const rows = Object.entries(faultCatalogue).map(([code, { status, doc }]) => `- **\`${code}\`** (${status}): ${doc}`)
  return [
    '# What stops a request',
    '',
    'Every error of the server is one of these; the words on the wire are part of the API and are those of OpenBao 2.7.2. This page is',
    'written by `node scripts/reference.ts` from `src/server/logical/faults.ts`.',
    '',
    ...rows.sort(),
    '',
  ].join('\n')
}
