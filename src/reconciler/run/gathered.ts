import type { Json } from '../../kernel/index.ts'
import type { TargetAnswer, TargetReader } from '../model/index.ts'
import { boundedReader } from './bounded.ts'

/** Where our own server answers several reads at once. It is a read itself. */
const READ_MANY = 'sys/internal/read-many'
/** Paths of one such request: what the server takes, and what a URL may be long on the way there. */
const MOST = 256
const LONGEST = 6000
/** More names than any list has, lest a policy's pagination limit cut it without a word. */
const WHOLE = '1000000'

interface Waiting {
  /** With a slash at its end: a list. */
  readonly path: string
  settle(answer: Answered | undefined): void
}

interface Answered {
  readonly status?: Json
  readonly data?: Readonly<Record<string, Json>> | null
  readonly errors?: readonly Json[]
}

/** What plans are made with: so many requests at once, and on a server that offers it, few of them. */
export const planningReader = (reader: TargetReader, atOnce: number): TargetReader => gatheredReader(boundedReader(reader, atOnce))

/**
 * A reader that sends what is asked for at the same time as one request, once `sys/seal-status` has said that the server is one that takes
 * it. Whatever is not plainly there or plainly absent in such an answer is asked for again alone, so that every doubt and every
 * refusal is told in the server's words.
 */
function gatheredReader(reader: TargetReader): TargetReader {
  let isOffered = false
  let waiting: Waiting[] = []

  const answerOf = (path: string): Promise<Answered | undefined> =>
    new Promise(settle => {
      // When all that can go on without an answer has gone on.
      if (waiting.length === 0) setImmediate(() => void flush())
      waiting.push({ path, settle })
    })

  async function flush(): Promise<void> {
    const all = waiting
    waiting = []
    await Promise.all(chunks(all).map(sendAll))
  }

  async function sendAll(chunk: readonly Waiting[]): Promise<void> {
    const answers = chunk.length === 1 ? undefined : await ask(chunk.map(it => it.path))
    for (const [i, { path, settle }] of chunk.entries()) {
      const answer = answers?.[i]
      settle(answer?.path === path ? answer : undefined)
    }
  }

  /** Undefined where it did not work out: then each is asked for alone, and has errors of its own. */
  async function ask(paths: readonly string[]): Promise<readonly (Answered & { readonly path?: Json })[] | undefined> {
    try {
      const answers = (await reader.read(READ_MANY, { path: paths, limit: WHOLE }))?.data?.['answers']
      if (Array.isArray(answers)) return answers as readonly (Answered & { readonly path?: Json })[]
    } catch {
      // See above.
    }
    isOffered = false
    return undefined
  }

  return {
    async read(path, query) {
      if (path === 'sys/seal-status') {
        const answer = await reader.read(path, query)
        isOffered = typeof (answer as Readonly<Record<string, unknown>> | undefined)?.['lockstep_version'] === 'string'
        return answer
      }
      if (!isOffered || query !== undefined) return await reader.read(path, query)
      const found = readingOf(await answerOf(path))
      return found === undefined ? await reader.read(path) : found.answer
    },
    async list(path) {
      if (!isOffered) return await reader.list(path)
      return keysOf(await answerOf(`${path}/`)) ?? (await reader.list(path))
    },
  }
}

/** Undefined: it has to be asked for again. */
function readingOf(answered: Answered | undefined): { readonly answer: TargetAnswer | undefined } | undefined {
  if (answered?.status === 200 && typeof answered.data === 'object') return { answer: { data: answered.data } }
  return isAbsent(answered) ? { answer: undefined } : undefined
}

function keysOf(answered: Answered | undefined): readonly string[] | undefined {
  if (isAbsent(answered)) return []
  const keys = answered?.status === 200 ? answered.data?.['keys'] : undefined
  return Array.isArray(keys) && keys.every(it => typeof it === 'string') ? keys : undefined
}

const isAbsent = (answered: Answered | undefined): boolean =>
  answered?.status === 404 && Array.isArray(answered.errors) && answered.errors.length === 0

function chunks(all: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const made: Waiting[][] = []
  let length = 0
  for (const it of all) {
    const own = encodeURIComponent(it.path).length + '&path='.length
    const last = made.at(-1)
    if (last === undefined || last.length === MOST || length + own > LONGEST) {
      made.push([it])
      length = own
    } else {
      last.push(it)
      length += own
    }
  }
  return made
}
