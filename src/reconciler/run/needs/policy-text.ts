import { asksForSudo } from '../../../policy/index.ts'
import type { Asked } from './recording.ts'
import type { Requests } from './requests.ts'

/** In the order in which policies are mostly written. */
const ORDER = ['create', 'read', 'update', 'delete', 'list', 'sudo'] as const
type Word = (typeof ORDER)[number]

/** The requests as a policy, one rule a path, sorted. */
export function policyText(head: readonly string[], requests: Requests): string {
  const rules = [...requests]
    .map(([path, asked]) => ({ path: asked.has('list') ? `${path}/` : path, words: wordsOf(path, asked) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, words }) => `path ${JSON.stringify(path)} {\n  capabilities = [${words.map(it => `"${it}"`).join(', ')}]\n}\n`)
  return [`${head.map(it => `# ${it}`).join('\n')}\n`, ...rules].join('\n')
}

function wordsOf(path: string, asked: ReadonlySet<Asked>): readonly Word[] {
  const words = new Set<Word>()
  if (asked.has('read')) words.add('read')
  if (asked.has('list')) words.add('list')
  if (asked.has('delete')) words.add('delete')
  if (asked.has('write')) {
    words.add('update')
    if (tellsNewFromOld(path) && !asked.has('stands')) words.add('create')
  }
  if (asksForSudo(asked.has('list') ? `${path}/` : path)) words.add('sudo')
  return ORDER.filter(it => words.has(it))
}

/** A write to what is not there yet is a `create` where the route looks first; below sys/ none does. */
const tellsNewFromOld = (path: string): boolean => !path.startsWith('sys/')
