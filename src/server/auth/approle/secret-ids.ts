import { goQuote } from '../../../kernel/index.ts'
import { f, type Decoded, type WireObject } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { invalidBlock, notASubset } from './addresses.ts'
import { parsedKeyValues } from './key-values.ts'
import type { KeyedRole, Mount, Salt } from './mount.ts'
import type { Role } from './role.ts'
import {
  deleteSecretId,
  findByAccessor,
  findSecretId,
  isExpired,
  isTooLong,
  nameOf,
  parseSecretId,
  registerSecretId,
  secretIdsOf,
  shownSecretId,
  TOO_LONG,
  type SecretId,
} from './secret-id.ts'

const ROLE = { role_name: f.name('Name of the role.') }
const terms = {
  metadata: f.string('What tokens that it gets will carry: a JSON object of texts, or a=b,c=d; either also in base64.'),
  cidr_list: f.strings('CIDR blocks that a login may come from; within those of the role.'),
  token_bound_cidrs: f.strings('CIDR blocks that its tokens may be used from; within those of the role.'),
  num_uses: f.int('How often it may be used; at most as often as the role says.'),
  ttl: f.duration('How long it lives; at most as long as the role says.'),
}
type Terms = Decoded<typeof terms>
const made = {
  secret_id: f.string('The secret id. It is shown this once.', { secret: true }),
  secret_id_accessor: f.string('Names the secret id, to look it up and to destroy it, but not to log in.'),
  secret_id_num_uses: f.int('How often it may be used; 0: any number of times.'),
  secret_id_ttl: f.duration('How long it lives; 0: for good.'),
}
const shown = {
  cidr_list: f.strings('CIDR blocks that a login may come from.'),
  creation_time: f.string('When it was made.'),
  expiration_time: f.string('When it ends; in the year 1 when it does not.'),
  last_updated_time: f.string('When it was last used, if its uses are counted.'),
  metadata: f.map('What tokens that it gets carry.'),
  secret_id_accessor: made.secret_id_accessor,
  secret_id_num_uses: f.int('How often it may still be used; 0: any number of times.'),
  secret_id_ttl: made.secret_id_ttl,
  token_bound_cidrs: f.strings('CIDR blocks that its tokens may be used from.'),
}
const secretId = { secret_id: f.string('The secret id.', { secret: true }) }
const accessor = { secret_id_accessor: f.string('The accessor of the secret id.') }

const routes = {
  secretIds: route('role/{role_name}/secret-id', {
    doc: 'The secret ids of a role.',
    params: ROLE,
    ops: {
      list: op({ doc: 'List their accessors.', input: paging, gives: gives.keys }),
      write: op({ doc: 'Make a random secret id.', input: terms, gives: gives.data(made) }),
    },
  }),
  custom: route('role/{role_name}/custom-secret-id', {
    doc: 'Secret ids that clients choose.',
    params: ROLE,
    ops: {
      write: op({ doc: 'Take a text of up to 4096 bytes as a secret id.', input: { ...terms, ...secretId }, gives: gives.data(made) }),
    },
  }),
  lookup: route('role/{role_name}/secret-id/lookup', {
    doc: 'A secret id, by itself.',
    params: ROLE,
    ops: { write: op({ doc: 'Read its terms.', input: secretId, gives: [gives.data(shown), gives.nothing] }) },
  }),
  destroy: route('role/{role_name}/secret-id/destroy', {
    doc: 'A secret id, by itself.',
    params: ROLE,
    ops: {
      write: op({ doc: 'Destroy it.', input: secretId, gives: gives.nothing }),
      delete: op({ doc: 'Destroy it.', input: secretId, gives: gives.nothing }),
    },
  }),
  accessorLookup: route('role/{role_name}/secret-id-accessor/lookup', {
    doc: 'A secret id, by its accessor.',
    params: ROLE,
    ops: {
      write: op({
        doc: 'Read its terms.',
        input: accessor,
        gives: [gives.data(shown), gives.nothing, gives.any('With 404: that no such accessor is known.')],
      }),
    },
  }),
  accessorDestroy: route('role/{role_name}/secret-id-accessor/destroy', {
    doc: 'A secret id, by its accessor.',
    params: ROLE,
    ops: {
      write: op({ doc: 'Destroy it.', input: accessor, gives: gives.nothing }),
      delete: op({ doc: 'Destroy it.', input: accessor, gives: gives.nothing }),
    },
  }),
}

const missing = (field: string): ReturnType<typeof faults.refused> => faults.refused({ why: `missing ${field}` })
const noRole = (name: string): string => `role ${goQuote(name)} does not exist`
const noAccessor = (text: string): string => `failed to find accessor entry for secret_id_accessor: ${goQuote(text)}`

/** The terms of a new secret id, which are never wider than its role's. Checked in the peer's order. */
function termsOf(role: Role, given: Terms): Pick<SecretId, 'cidrs' | 'tokenCidrs' | 'numUses' | 'ttl' | 'metadata'> {
  if (!role.bindSecretId) throw faults.refused({ why: 'bind_secret_id is not set on the role' })
  const { cidrList: cidrs = [], tokenBoundCidrs: tokenCidrs = [], numUses = role.secretIdNumUses, ttl = role.secretIdTtl } = given
  checkBlocks('CIDR blocks', cidrs, role.secretIdBoundCidrs ?? [])
  checkBlocks('token CIDR blocks', tokenCidrs, role.tokenBoundCidrs ?? [])
  if (numUses < 0) throw faults.refused({ why: 'num_uses cannot be negative' })
  if (role.secretIdNumUses > 0 && (numUses === 0 || numUses > role.secretIdNumUses)) {
    throw faults.refused({ why: "num_uses cannot be higher than the role's secret_id_num_uses" })
  }
  if (role.secretIdTtl > 0 && (ttl === 0 || ttl > role.secretIdTtl)) {
    throw faults.refused({ why: "ttl cannot be longer than the role's secret_id_ttl" })
  }
  return { cidrs, tokenCidrs, numUses, ttl, metadata: parsedKeyValues(given.metadata ?? '') }
}

function checkBlocks(what: string, given: readonly string[], ofRole: readonly string[]): void {
  const wrong = invalidBlock(given)
  if (wrong !== undefined) throw faults.failedAs({ why: `failed to validate ${what}: ${wrong}` })
  const outside = notASubset(ofRole, given)
  if (outside !== undefined) throw faults.failedAs({ why: outside })
}

export const secretIds: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const make = async (view: View, name: string, text: string, given: Terms, now: number): Promise<{ is: 'wire'; data: WireObject }> => {
    if (text === '') throw missing('secret_id')
    const maxTtl = mount.host.leaseDefaults().maxTtl
    const accessor = mount.host.random.uuid()
    const salt = await mount.salt(view)
    return view.transact(async view => {
      const found = salt && (await mount.role(view, name))
      if (salt === undefined || found === undefined) throw faults.missing({ why: noRole(name) })
      const terms = termsOf(found.role, given)
      if (isTooLong(text)) throw faults.failedAs({ why: `failed to store secret_id: failed to create HMAC of secret ID: ${TOO_LONG}` })
      const span = Math.min(terms.ttl, maxTtl)
      const expires = span === 0 ? 0 : now + span * 1000
      await registerSecretId(view, salt, found.role, nameOf(found, text), { ...terms, accessor, created: now, updated: now, expires }, now)
      return {
        is: 'wire',
        data: { secret_id: text, secret_id_accessor: accessor, secret_id_num_uses: terms.numUses, secret_id_ttl: span },
      }
    })
  }

  /** The role, and the name of the record that such a secret id would have. */
  const sought = async (view: View, name: string, text: string): Promise<{ readonly found: KeyedRole; readonly record: string }> => {
    if (text === '') throw missing('secret_id')
    const found = await mount.role(view, name)
    if (found === undefined) throw faults.failedAs({ why: noRole(name) })
    if (isTooLong(text)) throw faults.failedAs({ why: `failed to create HMAC of secret_id: ${TOO_LONG}` })
    return { found, record: nameOf(found, text) }
  }

  const destroy = async (view: View, name: string, text: string): Promise<{ is: 'nothing' }> => {
    const salt = await mount.salt(view)
    await view.transact(async view => {
      const { found, record } = await sought(view, name, text)
      const bytes = await secretIdsOf(view, found.role).get(record)
      if (salt && bytes) await deleteSecretId(view, salt, found.role, record, parseSecretId(bytes).accessor)
    })
    return { is: 'nothing' }
  }

  const named = async (view: View, name: string, text: string): Promise<{ readonly role: Role; readonly salt: Salt }> => {
    if (text === '') throw missing('secret_id_accessor')
    const salt = await mount.salt(view)
    const found = await mount.role(view, name)
    if (salt === undefined || found === undefined) throw faults.failedAs({ why: noRole(name) })
    return { role: found.role, salt }
  }

  const destroyByAccessor = async (view: View, name: string, text: string, now: number): Promise<{ is: 'nothing' }> => {
    await view.transact(async view => {
      const { role, salt } = await named(view, name, text)
      const at = await findByAccessor(view, salt, role, text, now)
      if (at === 'unknown') throw faults.failedAs({ why: noAccessor(text) })
      if (at === undefined) throw faults.forbidden({ why: 'invalid secret id accessor' })
      await deleteSecretId(view, salt, role, at.name, text)
    })
    return { is: 'nothing' }
  }

  return {
    secretIds: {
      async list({ params, input, view, now }) {
        const found = await mount.role(view, params.roleName)
        if (found === undefined) throw faults.refused({ why: noRole(params.roleName) })
        const at = secretIdsOf(view, found.role)
        const keys: string[] = []
        for (const name of await at.list('', input)) {
          const bytes = await at.get(name)
          const it = bytes && parseSecretId(bytes)
          if (it && !isExpired(it, now.getTime())) keys.push(it.accessor)
        }
        return { is: 'keys', keys }
      },
      write: ({ params, input, view, now }) => make(view, params.roleName, mount.host.random.uuid(), input, now.getTime()),
    },

    custom: {
      write: ({ params, input, view, now }) => make(view, params.roleName, input.secretId ?? '', input, now.getTime()),
    },

    lookup: {
      async write({ params, input, view, now }) {
        const { found, record } = await sought(view, params.roleName, input.secretId ?? '')
        const it = await findSecretId(view, found.role, record, now.getTime())
        return it === undefined ? { is: 'nothing' } : { is: 'wire', data: shownSecretId(it) }
      },
    },

    destroy: {
      write: ({ params, input, view }) => destroy(view, params.roleName, input.secretId ?? ''),
      delete: ({ params, input, view }) => destroy(view, params.roleName, input.secretId ?? ''),
    },

    accessorLookup: {
      async write({ params, input, view, now }) {
        const text = input.secretIdAccessor ?? ''
        const { role, salt } = await named(view, params.roleName, text)
        const at = await findByAccessor(view, salt, role, text, now.getTime())
        if (at === undefined) return { is: 'nothing' }
        if (at === 'unknown') return { is: 'any', status: 404, data: { error: noAccessor(text) } }
        return { is: 'wire', data: shownSecretId(at.secretId) }
      },
    },

    accessorDestroy: {
      write: ({ params, input, view, now }) => destroyByAccessor(view, params.roleName, input.secretIdAccessor ?? '', now.getTime()),
      delete: ({ params, input, view, now }) => destroyByAccessor(view, params.roleName, input.secretIdAccessor ?? '', now.getTime()),
    },
  }
})
