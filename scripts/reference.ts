/** Writes docs/reference/faults.md from the catalogue in the code. With -check it only says whether the page is fresh. */
import { readFile, writeFile } from 'node:fs/promises'
import { faultsPage } from './reference/faults.ts'

const page = new URL('../docs/reference/faults.md', import.meta.url)
const fresh = faultsPage()
if (!process.argv.includes('-check')) await writeFile(page, fresh)
else if ((await readFile(page, 'utf8').catch(() => '')) !== fresh) {
  console.error('docs/reference/faults.md is not what the code says; run: node scripts/reference.ts')
  process.exitCode = 1
}
