import type { GitHub } from './connect.ts'
import { createKept, readKept, refPart, removeKept } from './kept-file.ts'

/** Who may plan and apply a target until it is given back. */
export interface Lock {
  readonly pull_request: number
  readonly by: string
  readonly at: string
}

const nameOf = (target: string): string => `locks/${refPart(target)}`

/** A pull request that has the lock already keeps it, as it is. The answer is who has it afterwards. */
export async function takeLock(github: GitHub, target: string, lock: Lock): Promise<Lock> {
  const message = `lockstep: ${target} is locked by #${lock.pull_request}`
  // The one before may be given back between the refusal and the look at it.
  for (let tried = 0; tried < 3; tried++) {
    if (await createKept(github, { name: nameOf(target), message, text: JSON.stringify(lock) })) return lock
    const holder = await lockOf(github, target)
    if (holder !== undefined) return holder
  }
  return { pull_request: 0, by: 'somebody', at: lock.at }
}

/** Undefined: nobody has it. What is not understood is a lock too. */
export async function lockOf(github: GitHub, target: string): Promise<Lock | undefined> {
  const text = await readKept(github, nameOf(target))
  if (text === undefined) return undefined
  try {
    const { pull_request: number, by, at } = JSON.parse(text) as Record<string, unknown>
    if (typeof number === 'number' && typeof by === 'string' && typeof at === 'string') return { pull_request: number, by, at }
  } catch {
    // See above.
  }
  return { pull_request: 0, by: 'somebody', at: '' }
}

/** True: it was this pull request's, and is nobody's any more. Without a pull request, whoever's it was. */
export async function releaseLock(github: GitHub, target: string, pullRequest: number | undefined): Promise<boolean> {
  const holder = await lockOf(github, target)
  if (holder === undefined || (pullRequest !== undefined && holder.pull_request !== pullRequest)) return false
  await removeKept(github, nameOf(target))
  return true
}
