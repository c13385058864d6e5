/** Writes docs/reference from what the code says of itself. With -check it only says which pages are not fresh. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { rules } from '../src/reconciler/rules/index.ts'
import { faultsPage } from './reference/faults.ts'
import { findingsPage } from './reference/findings.ts'
import { rulePage, rulesPage } from './reference/rules.ts'

const folder = new URL('../docs/reference/', import.meta.url)
const all = Object.values(rules)
const pages = new Map([
  ['faults.md', faultsPage()],
  ['findings.md', findingsPage()],
  ['rules/README.md', rulesPage(all)],
  ...all.map(it => [`rules/${it.id}.md`, rulePage(it)] as const),
])

await mkdir(new URL('rules/', folder), { recursive: true })
const isCheck = process.argv.includes('-check')
const stale: string[] = []
for (const [name, fresh] of pages) {
  const page = new URL(name, folder)
  if ((await readFile(page, 'utf8').catch(() => '')) === fresh) continue
  stale.push(name)
  if (!isCheck) await writeFile(page, fresh)
}
// The page of a rule that is gone.
for (const name of await readdir(new URL('rules/', folder))) {
  if (pages.has(`rules/${name}`)) continue
  stale.push(`rules/${name}`)
  if (!isCheck) await rm(new URL(`rules/${name}`, folder))
}
if (isCheck && stale.length > 0) {
  console.error(`not what the code says: ${stale.join(', ')}; run: node scripts/reference.ts`)
  process.exitCode = 1
}
