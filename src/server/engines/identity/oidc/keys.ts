import { goQuote } from '../../../../kernel/index.ts'
import { f, type Decoded } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type View } from '../../../logical/index.ts'
import type { State } from '../state.ts'
import { isAlgorithm } from './algorithms.ts'
import { DAY, DEFAULT_KEY, defaultSettings, keysOf, newKey, readKey, rotated, type KeySettings } from './named-key.ts'
import { rolesOf, rolesUsing } from './role.ts'

const fields = {
  rotation_period: f.duration('How often the key that signs is replaced.'),
  verification_ttl: f.duration('How long a replaced key still verifies.'),
  algorithm: f.string('Signature algorithm: RS256, RS384, RS512, ES256, ES384, ES512 or EdDSA.'),
  allowed_client_ids: f.strings('Client ids of the roles that may sign with it; `*`: all.'),
} as const
const name = f.name('Name of the key.')

const routes = {
  key: route('oidc/key/{name}', {
    doc: 'A named key that signs identity tokens.',
    params: { name },
    upsert: true,
    ops: {
      read: op({ doc: 'Read what is set for a key.', gives: gives.data(fields) }),
      write: op({ doc: 'Create or change a key.', input: fields, gives: gives.nothing }),
      delete: op({ doc: 'Delete a key that no role uses.', gives: gives.nothing }),
    },
  }),
  rotate: route('oidc/key/{name}/rotate', {
    doc: 'Replace the key that signs, ahead of time.',
    params: { name },
    ops: {
      write: op({
        doc: 'Rotate a key.',
        input: { verification_ttl: f.duration('How long the replaced key still verifies; else as the key says.') },
        gives: gives.nothing,
      }),
    },
  }),
  list: route('oidc/key', { doc: 'All named keys.', ops: { list: op({ doc: 'List the named keys.', gives: gives.keys }) } }),
}

/** In the peer's words, where the settings do not go together. */
async function checked(view: View, before: KeySettings | undefined, input: Decoded<typeof fields>, name: string): Promise<KeySettings> {
  const next: KeySettings = {
    name,
    algorithm: input.algorithm || before?.algorithm || 'RS256',
    rotationPeriod: input.rotationPeriod ?? before?.rotationPeriod ?? DAY,
    verificationTtl: input.verificationTtl ?? before?.verificationTtl ?? DAY,
    allowedClientIds: input.allowedClientIds ?? before?.allowedClientIds ?? [],
  }
  const refuse = (why: string): never => {
    throw faults.refused({ why })
  }
  if (next.rotationPeriod < 60) refuse('rotation_period must be at least one minute')
  if (next.verificationTtl > 10 * next.rotationPeriod) refuse('verification_ttl cannot be longer than 10x rotation_period')
  if (before !== undefined && next.verificationTtl < before.verificationTtl) {
    for (const role of await rolesUsing(view, name)) {
      const ttl = (await rolesOf(view).get(role))?.ttl ?? 0
      if (ttl > next.verificationTtl)
        refuse(
          `unable to update key ${goQuote(name)} because it is currently referenced by one or more roles with a token ttl greater than ${next.verificationTtl} seconds`,
        )
    }
  }
  if (!isAlgorithm(next.algorithm)) refuse(`unknown signing algorithm ${goQuote(next.algorithm)}`)
  return next
}

export const keys: Family<State> = statefulFamily(routes, ({ host }: State): HandlersOf<typeof routes> => ({
  key: {
    exists: async ({ params, view }) => params.name === DEFAULT_KEY || (await keysOf(view).get(params.name)) !== undefined,
    async read({ params, view }) {
      const key: KeySettings | undefined =
        (await keysOf(view).get(params.name)) ?? (params.name === DEFAULT_KEY ? defaultSettings : undefined)
      if (key === undefined) throw faults.notFound()
      const { rotationPeriod, verificationTtl, algorithm, allowedClientIds } = key
      return {
        is: 'wire',
        data: { algorithm, allowed_client_ids: allowedClientIds, rotation_period: rotationPeriod, verification_ttl: verificationTtl },
      }
    },
    async write({ params, view, input, now }) {
      const before = await readKey(view, params.name, host.random, now.getTime())
      const settings = await checked(view, before, input, params.name)
      // Another algorithm needs other keys; and those are made before the transaction, which may run more than once.
      const fresh =
        before === undefined || before.algorithm !== settings.algorithm ? await newKey(settings, host.random, now.getTime()) : undefined
      await view.transact(async tx => {
        const current = (await keysOf(tx).get(params.name)) ?? before
        const kept = fresh ?? current
        if (kept === undefined) return
        const nextRotation = Math.min(kept.nextRotation, now.getTime() + settings.rotationPeriod * 1000)
        await keysOf(tx).put(params.name, { ...kept, retired: current?.retired ?? [], ...settings, nextRotation })
      })
      return { is: 'nothing' }
    },
    async delete({ params, view }) {
      if (params.name === DEFAULT_KEY) throw faults.refused({ why: `deletion of key ${goQuote(DEFAULT_KEY)} not allowed` })
      const roles = await rolesUsing(view, params.name)
      if (roles.length > 0) {
        const used = `unable to delete key ${goQuote(params.name)} because it is currently referenced by these roles: ${roles.join(', ')}`
        throw faults.refused({ why: used })
      }
      await keysOf(view).delete(params.name)
      return { is: 'nothing' }
    },
  },
  rotate: {
    async write({ params, view, input, now }) {
      const key = await readKey(view, params.name, host.random, now.getTime())
      if (key === undefined) throw faults.refused({ why: `no named key found at ${goQuote(params.name)}` })
      await keysOf(view).put(params.name, await rotated(key, host.random, now.getTime(), input.verificationTtl))
      return { is: 'nothing' }
    },
  },
  list: {
    list: async ({ view }) => ({ is: 'keys', keys: [...new Set([...(await keysOf(view).names()), DEFAULT_KEY])].sort() }),
  },
}))

/** Rotates what is due. */
export async function rotateDue({ host }: State, now: Date): Promise<void> {
  const keys = keysOf(host.view)
  for (const name of await keys.names()) {
    const key = await keys.get(name)
    if (key === undefined || key.nextRotation > now.getTime()) continue
    const next = await rotated(key, host.random, now.getTime())
    await host.view.transact(async tx => {
      const current = await keysOf(tx).get(name)
      if (current?.signing.kid === key.signing.kid) await keysOf(tx).put(name, next)
    })
  }
}
