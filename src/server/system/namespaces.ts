import { f, goType, type WireObject } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type NamespaceFacts, type SystemPorts } from '../logical/index.ts'

const facts = {
  custom_metadata: f.map('What its owners note about it: texts.'),
  id: f.string('How tokens, accessors, leases and identities of it end.'),
  locked: f.bool('Whether its API is locked.'),
  path: f.string('Its path from the root namespace.'),
  tainted: f.bool('Whether it is being deleted.'),
  uuid: f.string('What it is called inside the server.'),
}
const settings = {
  custom_metadata: f.map('What its owners note about it: texts.'),
  seal: f.string('A seal of its own; not supported by this server.'),
  pgp_keys: f.texts('Keys to encrypt the shares of such a seal with.'),
}
const path = f.string('Path of the namespace.')
const described = gives.data(facts)
const unlockKey = { unlock_key: f.string('The key that locking gave. Whoever has sudo may do without.', { secret: true }) }
const locking = op({
  doc: 'Refuse all requests to the namespace and to those below it.',
  gives: gives.data({ unlock_key: f.string('What unlocks it. It is kept nowhere.') }),
})
const unlocking = op({ doc: 'Answer again.', input: unlockKey, gives: gives.nothing })
const sealStatus = gives.any('The status.')

const routes = {
  all: route('namespaces', {
    doc: 'The namespaces below this one.',
    ops: {
      list: op({ doc: 'List the children.', gives: gives.keys }),
      scan: op({ doc: 'List the children and all below them.', gives: gives.keys }),
    },
  }),
  one: route('namespaces/{path...}', {
    doc: 'A namespace below this one.',
    params: { path },
    ops: {
      read: op({ doc: 'Read what is known of it.', gives: described }),
      write: op({ doc: 'Make it, or give it other metadata.', input: settings, gives: described }),
      patch: op({ doc: 'Change some of its metadata; null removes.', input: settings, gives: described }),
      delete: op({
        doc: 'Delete it with all that it holds, in the background: leases are revoked at their source first.',
        gives: [gives.data({ status: f.string('`in-progress`.') }), gives.nothing],
      }),
    },
  }),
  lock: route('namespaces/api-lock/lock', { doc: 'Locks the API of this namespace.', ops: { write: locking } }),
  lockChild: route('namespaces/api-lock/lock/{path...}', {
    doc: 'Locks the API of a namespace below this one.',
    params: { path },
    ops: { write: locking },
  }),
  unlock: route('namespaces/api-lock/unlock', { doc: 'Unlocks the API of this namespace.', ops: { write: unlocking } }),
  unlockChild: route('namespaces/api-lock/unlock/{path...}', {
    doc: 'Unlocks the API of a namespace below this one.',
    params: { path },
    ops: { write: unlocking },
  }),
  sealStatus: route('namespaces/{path...}/seal-status', {
    doc: 'The seal of a namespace.',
    params: { path },
    ops: { read: op({ doc: 'Learn that it has none of its own.', gives: sealStatus }) },
  }),
  seal: route('namespaces/{path...}/seal', {
    doc: 'Seals a namespace that has a seal of its own.',
    params: { path },
    ops: { write: op({ doc: 'Learn that it has none.', gives: sealStatus }) },
  }),
  unseal: route('namespaces/{path...}/unseal', {
    doc: 'Unseals a namespace that has a seal of its own.',
    params: { path },
    ops: { write: op({ doc: 'Learn that it has none.', gives: sealStatus }) },
  }),
  deleteSealed: route('namespaces/{path...}/delete-sealed', {
    doc: 'Deletes a namespace that is sealed.',
    params: { path },
    ops: { delete: op({ doc: 'Learn that it is not.', gives: sealStatus }) },
  }),
  visible: route('internal/ui/namespaces', {
    doc: 'The namespaces that a caller may know of.',
    access: 'public',
    ops: { read: op({ doc: 'List the children in which the token may reach anything.', gives: gives.any('Their names.') }) },
  }),
}

export const namespaces: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => {
  const store = ports.namespaces
  const listed = async (deep: boolean): Promise<{ is: 'keys'; keys: readonly string[]; info: WireObject }> => {
    const found = store.list(deep)
    return { is: 'keys', keys: found.map(it => it.path), info: Object.fromEntries(found.map(it => [it.path, shown(it.facts)])) }
  }
  const lock = async (at: string): Promise<{ is: 'data'; data: { unlockKey: string } }> => ({
    is: 'data',
    data: { unlockKey: await store.lock(at) },
  })
  type Unlocking = {
    readonly input: { readonly unlockKey?: string }
    readonly caller: { readonly sudo: boolean }
    readonly warn: (text: string) => void
  }
  const unlock = async (at: string, { input, caller, warn }: Unlocking): Promise<{ is: 'nothing' }> => {
    const key = input.unlockKey || undefined
    if (key === undefined && !caller.sudo) throw faults.failedAs({ why: 'provided empty key' })
    await store.unlock(at, key)
    if (key === undefined) warn('Namespace unlocked using sudo capabilities')
    return { is: 'nothing' }
  }
  const refuseSeal = (): Promise<never> => Promise.reject(faults.refused({ why: 'namespace is not sealable' }))
  return {
    all: { list: () => listed(false), scan: () => listed(true) },
    one: {
      async read({ params }) {
        const found = store.find(params.path)
        if (found === undefined) throw faults.notFound()
        return { is: 'wire', data: shown(found) }
      },
      async write({ params, input }) {
        if (input.seal) throw faults.refused({ why: 'namespaces with a seal of their own are not supported by this server' })
        return { is: 'wire', data: shown(await store.write(params.path, texts(input.customMetadata ?? {}))) }
      },
      async patch({ params, input, raw }) {
        const change = changes(input.customMetadata ?? {})
        return {
          is: 'wire',
          data: shown(await store.change(params.path, before => (raw['custom_metadata'] === null ? {} : merged(before, change)))),
        }
      },
      async delete({ params, warn }) {
        if (await store.delete(params.path)) return { is: 'data', data: { status: 'in-progress' } }
        warn('requested namespace does not exist')
        return { is: 'nothing' }
      },
    },
    lock: { write: () => lock('') },
    lockChild: { write: ({ params }) => lock(params.path) },
    unlock: { write: call => unlock('', call) },
    unlockChild: { write: call => unlock(call.params.path, call) },
    sealStatus: { read: refuseSeal },
    seal: { write: refuseSeal },
    unseal: { write: refuseSeal },
    deleteSealed: { delete: () => Promise.reject(faults.refused({ why: 'namespace is not sealed' })) },
    visible: {
      async read({ caller }) {
        if (caller.badToken) throw faults.tokenRefused()
        const { token } = caller
        if (token === undefined) throw faults.failed({ why: 'client token empty' })
        const keys: string[] = []
        for (const { path: at } of store.list(false)) if (await ports.policies.mayReach(token, at)) keys.push(at)
        return { is: 'any', data: keys.length === 0 ? {} : { keys } }
      },
    },
  }
})

const shown = (it: NamespaceFacts): WireObject => ({
  custom_metadata: it.metadata,
  id: it.id,
  locked: it.locked,
  path: it.path,
  tainted: it.tainted,
  uuid: it.uuid,
})

type Texts = Readonly<Record<string, string>>

function texts(given: WireObject): Texts {
  for (const value of Object.values(given))
    if (typeof value !== 'string') throw faults.refused({ why: 'custom_metadata values must be strings' })
  return given as Texts
}

function changes(given: WireObject): Readonly<Record<string, string | null>> {
  for (const value of Object.values(given))
    if (typeof value !== 'string' && value !== null)
      throw faults.refused({ why: `metadata patch can only have string or null values, got ${goType(value)}` })
  return given as Readonly<Record<string, string | null>>
}

const merged = (before: Texts, change: Readonly<Record<string, string | null>>): Texts =>
  Object.fromEntries(Object.entries({ ...before, ...change }).filter((it): it is [string, string] => it[1] !== null))
