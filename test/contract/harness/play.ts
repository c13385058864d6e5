import { setTimeout as delay } from 'node:timers/promises'
import { send, type RawAnswer } from './http.ts'
import type { Companion, Step } from './scenario.ts'

/** A server being played on, and the values that its answers have given to the scenario's variables. */
export interface Player {
  readonly address: string
  readonly variables: Map<string, string>
  readonly companion: Companion | undefined
}

export function player(address: string, variables: Readonly<Record<string, string>> = {}, companion?: Companion): Player {
  return { address, variables: new Map([['root', 'root'], ...Object.entries({ ...variables, ...companion?.variables })]), companion }
}

export async function play(on: Player, step: Step): Promise<RawAnswer> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const answer = await once(on, step)
    if (isAsked(step, answer) || performance.now() > deadline) {
      save(on, step, answer)
      return answer
    }
    await delay(50)
  }
}

function once(on: Player, step: Step): Promise<RawAnswer> {
  const fill = (text: string, written = (value: string): string => value): string =>
    text.replaceAll(/<([a-z][a-zA-Z0-9]*)>/g, (whole, name: string) => {
      const value = on.variables.get(name)
      return value === undefined ? whole : written(value)
    })
  if (step.method === 'BESIDE') return act(on, fill(step.path))
  const token = step.token === 'none' ? undefined : on.variables.get(step.token ?? 'root')
  const headers = Object.entries(step.headers ?? {}).map(([name, value]) => [name, fill(value)])
  const body = step.raw ?? (step.body === undefined ? undefined : JSON.stringify(step.body))
  return send(on.address, {
    method: step.method,
    path: fill(step.path.startsWith('/') ? step.path : `/v1/${step.path}`),
    headers: { ...(token === undefined ? {} : { 'x-vault-token': token }), ...Object.fromEntries(headers) },
    ...(body === undefined ? {} : { body: step.raw === undefined ? fill(body, inJson) : fill(body) }),
  })
}

/** A variable of more than one line has to be escaped inside a JSON string. */
const inJson = (value: string): string => JSON.stringify(value).slice(1, -1)

async function act({ companion }: Player, what: string): Promise<RawAnswer> {
  if (companion === undefined) throw new Error('this area has nothing beside its servers')
  return asAnswer(await companion.act(what).catch((cause: unknown) => ({ refused: String(cause) })))
}

/** What the companion holds, in the form of an answer. */
export async function stateOf({ companion }: Player): Promise<RawAnswer> {
  return asAnswer(await companion?.state())
}

const asAnswer = (value: unknown): RawAnswer => ({ status: 200, headers: {}, text: JSON.stringify(value ?? null), at: Date.now() })

function isAsked(step: Step, answer: RawAnswer): boolean {
  if (step.until === undefined) return true
  if ('status' in step.until) return answer.status === step.until.status
  return valueAt(answer.text, step.until.path) === step.until.is
}

/** A variable that the answer does not hold keeps a telling name, so that the steps that use it fail readably on both sides. */
function save(on: Player, step: Step, answer: RawAnswer): void {
  for (const [name, path] of Object.entries(step.save ?? {})) {
    const value = valueAt(answer.text, path)
    on.variables.set(name, typeof value === 'string' || typeof value === 'number' ? String(value) : `no-${name}-in-answer`)
  }
}

function valueAt(text: string, path: string): unknown {
  try {
    return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], JSON.parse(text))
  } catch {
    return undefined
  }
}
