/** What reaches from one namespace into others: paths that lead there, and mounts that move. */
import type { Log, Random } from '../../../kernel/index.ts'
import { faults, type PlacesPort, type RemountStatus } from '../../logical/index.ts'
import { fullPath, NoSuchMount } from '../mounts.ts'
import type { Realm } from './realm.ts'
import type { Realms } from './realms.ts'
import type { Namespace } from './tree.ts'

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`)

export class Places {
  readonly #realms: Realms
  readonly #random: Random
  readonly #log: Log
  readonly #moves = new Map<string, RemountStatus>()
  /** One move after the other, so that no two wait for each other's tables. */
  #moving: Promise<unknown> = Promise.resolve()

  constructor(realms: Realms, random: Random, log: Log) {
    this.#realms = realms
    this.#random = random
    this.#log = log
  }

  portOf(from: Namespace): PlacesPort {
    return {
      mountOf: path => {
        const { realm, rest } = this.#find(from, path)
        const entry = realm?.mounts.route(rest)?.mount.entry
        if (entry === undefined || realm === undefined) return undefined
        return { entry, path: realm.namespace.path.slice(from.path.length) + fullPath(entry), namespace: realm.namespace }
      },
      remount: (source, target) => {
        const done = this.#moving.then(() => this.#remount(from, source, target))
        this.#moving = done.catch(() => undefined)
        return done
      },
      remountStatus: id => this.#moves.get(id),
    }
  }

  #find(from: Namespace, path: string): { readonly realm: Realm | undefined; readonly rest: string } {
    const { namespace, rest } = this.#realms.tree.descend(from, path)
    return { realm: namespace.tainted ? undefined : this.#realms.get(namespace.suffix), rest }
  }

  async #remount(from: Namespace, source: string, target: string): Promise<RemountStatus> {
    const one = this.#find(from, source)
    const other = this.#find(from, target)
    if (one.realm === undefined || other.realm === undefined) throw faults.namespaceNotFound()
    const [sourceAt, targetAt] = [withSlash(one.rest), withSlash(other.rest)]
    const id = this.#random.uuid()
    const status = (word: RemountStatus['status']): RemountStatus => ({
      id,
      source: (one.realm?.namespace.path ?? '') + sourceAt,
      target: (other.realm?.namespace.path ?? '') + targetAt,
      status: word,
    })
    const begun = (): void => void this.#moves.set(id, status('in-progress'))
    try {
      await one.realm.mounts.move(sourceAt, other.realm.mounts, targetAt, begun)
    } catch (cause) {
      if (this.#moves.has(id)) this.#moves.set(id, status('failure'))
      if (cause instanceof NoSuchMount) throw faults.refused({ why: `no matching mount at "${withSlash(source)}"` }, { cause })
      throw cause
    }
    const moved = status('success')
    this.#moves.set(id, moved)
    this.#log.write('info', 'moved a mount', { migration_id: id, from: moved.source, to: moved.target })
    return moved
  }
}
