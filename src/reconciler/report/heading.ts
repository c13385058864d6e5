import type { Plan, Source, Target } from '../model/index.ts'
import { harmlessLine } from './paint.ts'

export const shortCommit = (commit: string): string => commit.slice(0, 10)

/** What stands on the one side of a plan. */
export function sourceText(source: Source): string {
  if (source.kind === 'folder') return 'the folder as it lies (it is no Git repository)'
  const commit = source.commit === undefined ? 'before the first commit' : `commit ${shortCommit(source.commit)}`
  const subject = source.subject === undefined || source.subject === '' ? '' : ` "${harmlessLine(source.subject).slice(0, 60)}"`
  if (source.kind === 'commit') return `${commit}${subject}`
  return source.dirty.length === 0 ? `${commit}${subject}` : `the work tree on ${commit}${subject}`
}

/** What stands on the other. */
export function targetText(target: Target): string {
  const namespace = target.namespace === undefined ? '' : `, namespace ${harmlessLine(target.namespace)}`
  return `${harmlessLine(target.address)} (${harmlessLine(target.product ?? `version ${target.version}`)}${namespace})`
}

const MOST = 10

/** Files that nobody committed are part of a plan that is made from the work tree, and are named so that nobody is surprised. */
export function dirtyLines({ source }: Plan): readonly string[] {
  const { dirty, kind } = source
  if (dirty.length === 0 || kind === 'folder') return []
  const shown = dirty.slice(0, MOST).map(harmlessLine)
  const rest = dirty.length > MOST ? ` and ${dirty.length - MOST} more` : ''
  const what = kind === 'commit' ? 'not committed, so not in this plan' : 'not committed, and in this plan'
  return [`${what}: ${shown.join(', ')}${rest}`]
}
