import { f } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type MfaMethod } from '../../../logical/index.ts'
import type { State } from '../state.ts'

const method = { method_id: f.string('Identifier of the method.') }
const both = { ...method, entity_id: f.string('Identifier of the entity.') }
const told = [
  gives.data({
    url: f.string('The secret as a URI for authenticator apps.', { secret: true }),
    barcode: f.string('The same as a PNG, base 64.', { secret: true }),
  }),
  gives.nothing,
]

const routes = {
  generate: route('mfa/method/totp/generate', {
    doc: "A secret for the caller's own entity.",
    ops: { write: op({ doc: 'Make it, unless there is one. Told once.', input: method, gives: told }) },
  }),
  adminGenerate: route('mfa/method/totp/admin-generate', {
    doc: 'A secret for any entity.',
    ops: { write: op({ doc: 'Make it, unless there is one. Told once.', input: both, gives: told }) },
  }),
  adminDestroy: route('mfa/method/totp/admin-destroy', {
    doc: 'The secret of an entity that lost its app.',
    ops: { write: op({ doc: 'Forget it.', input: both, gives: gives.nothing }) },
  }),
}

type Told = { readonly is: 'data'; readonly data: { readonly url: string; readonly barcode: string } } | { readonly is: 'nothing' }

export const mfaSecrets: Family<State> = statefulFamily(routes, ({ mfa, identity }: State): HandlersOf<typeof routes> => {
  const known = async (id: string): Promise<MfaMethod> => {
    const found = await mfa.method(id)
    if (found === undefined) throw faults.refused({ why: `configuration for method ID "${id}" does not exist` })
    return found
  }
  const generate = async (id: string, entityId: string, warn: (text: string) => void): Promise<Told> => {
    if (id === '') throw faults.refused({ why: 'missing method ID' })
    if (entityId === '') throw faults.refused({ why: 'missing entityID' })
    const of = await known(id)
    const secret = await mfa.generate(of, entityId)
    if (secret !== undefined) return { is: 'data', data: secret }
    warn(`Entity already has a secret for MFA method "${of.name}"`)
    return { is: 'nothing' }
  }
  return {
    generate: { write: ({ input: { methodId = '' }, caller, warn }) => generate(methodId, caller.token?.entityId ?? '', warn) },
    adminGenerate: { write: ({ input: { methodId = '', entityId = '' }, warn }) => generate(methodId, entityId, warn) },
    adminDestroy: {
      async write({ input: { methodId = '', entityId = '' } }) {
        if (methodId === '') throw faults.refused({ why: 'missing method ID' })
        if (entityId === '') throw faults.refused({ why: 'missing entity ID' })
        if ((await identity.entity({ by: 'id', id: entityId })) === undefined) throw faults.refused({ why: 'invalid entity ID' })
        await mfa.destroy(await known(methodId), entityId)
        return { is: 'nothing' }
      },
    },
  }
})
