/** Writes docs/reference from what the code says of itself. With -check it only says which pages are not fresh. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { rules } from '../src/reconciler/rules/index.ts'
import { mountTypes } from '../src/reconciler/shapes/index.ts'
import { faultsPage } from './reference/faults.ts'
import { findingsPage } from './reference/findings.ts'
import { mountTypePage, mountTypesPage, pageName } from './reference/mount-types.ts'
import { rulePage, rulesPage } from './reference/rules.ts'

const folder = new URL('../docs/reference/', import.meta.url)
const all = Object.values(rules)
const types = Object.values(mountTypes)
const pages = new Map([
  ['faults.md', faultsPage()],
  ['findings.md', findingsPage()],
  ['kinds/README.md', mountTypesPage(types)],
  ...types.map(it => [pageName(it), mountTypePage(it)] as const),
  ['rules/README.md', rulesPage(all)],
  ...all.map(it => [`rules/${it.id}.md`, rulePage(it)] as const),
])

for (const it of ['kinds/', 'rules/']) await mkdir(new URL(it, folder), { recursive: true })
const isCheck = process.argv.includes('-check')
const stale: string[] = []
for (const [name, fresh] of pages) {
  const page = new URL(name, folder)
  if ((await readFile(page, 'utf8').catch(() => '')) === fresh) continue
  stale.push(name)
  if (!isCheck) await writeFile(page, fresh)
}
// The page of a rule or a type that is gone.
for (const part of ['kinds/', 'rules/']) {
  for (const name of await readdir(new URL(part, folder))) {
    if (pages.has(`${part}${name}`)) continue
    stale.push(`${part}${name}`)
    if (!isCheck) await rm(new URL(`${part}${name}`, folder))
  }
}
if (isCheck && stale.length > 0) {
  console.error(`not what the code says: ${stale.join(', ')}; run: node scripts/reference.ts`)
  process.exitCode = 1
}
