/** Secrets that the files name and nobody has given: trying things out must not begin with inventing passwords. */
import { createHmac } from 'node:crypto'

type Env = Readonly<Record<string, string | undefined>>

export interface StandIns {
  /** The environment, in which every other variable has a value too: the same each time, and another for each store. */
  readonly env: Env
  /** Variables that had none and were asked for. */
  readonly asked: ReadonlySet<string>
}

export function standIns(env: Env, key: string): StandIns {
  const asked = new Set<string>()
  const made = new Proxy(env, {
    get(given, name) {
      const value = typeof name === 'string' ? given[name] : undefined
      if (typeof name !== 'string' || (value !== undefined && value !== '')) return value
      asked.add(name)
      return createHmac('sha256', key).update(name).digest('base64url')
    },
  })
  return { env: made, asked }
}
