import { goQuote, type Random } from '../../../../kernel/index.ts'
import { f } from '../../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults } from '../../../logical/index.ts'
import type { State } from '../state.ts'
import { fill, RESTRICTED, type Holder } from './claims-template.ts'
import { DAY, readKey } from './named-key.ts'
import { rolesOf } from './role.ts'

const fields = {
  key: f.string('Named key that signs the tokens.'),
  template: f.string('Further claims: a JSON object with `{{identity.entity.name}}` and the like in it; plain or base64.'),
  ttl: f.duration('How long a token is valid.'),
  client_id: f.string('Audience of the tokens; random when none is given.'),
} as const
const name = f.name('Name of the role.')

const routes = {
  role: route('oidc/role/{name}', {
    doc: 'A kind of identity token.',
    params: { name },
    upsert: true,
    ops: {
      read: op({ doc: 'Read a role.', gives: gives.data(fields) }),
      write: op({ doc: 'Create or change a role.', input: fields, gives: gives.nothing }),
      delete: op({ doc: 'Delete a role.', gives: gives.nothing }),
    },
  }),
  list: route('oidc/role', { doc: 'All roles.', ops: { list: op({ doc: 'List the roles.', gives: gives.keys }) } }),
}

/** Somebody, to see whether a template can be filled at all. */
const anybody: Holder = {
  entity: { id: '', name: '', metadata: null, policies: [], disabled: false, created: 0, updated: 0, aliases: [], mergedIds: [] },
  groups: [],
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
function clientId(random: Random): string {
  let text = ''
  while (text.length < 26) for (const byte of random.bytes(32)) if (byte < 248 && text.length < 26) text += LETTERS[byte % 62]
  return text
}

function templateOf(given: string, now: number): string {
  const isBase64 = given !== '' && given.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(given)
  const template = isBase64 ? Buffer.from(given, 'base64').toString() : given
  if (template === '') return ''
  const filled = fill(template, anybody, now)
  if ('error' in filled) throw faults.refused({ why: filled.error })
  const restricted = Object.keys(filled.claims).find(it => RESTRICTED.includes(it))
  if (restricted !== undefined)
    throw faults.refused({ why: `top level key ${goQuote(restricted)} not allowed. Restricted keys: ${RESTRICTED.join(', ')}` })
  return template
}

export const roles: Family<State> = statefulFamily(routes, ({ host }: State): HandlersOf<typeof routes> => ({
  role: {
    exists: async ({ params, view }) => (await rolesOf(view).get(params.name)) !== undefined,
    async read({ params, view }) {
      const role = await rolesOf(view).get(params.name)
      if (role === undefined) throw faults.notFound()
      return { is: 'wire', data: { client_id: role.clientId, key: role.key, template: role.template, ttl: role.ttl } }
    },
    async write({ params, view, input, now }) {
      const before = await rolesOf(view).get(params.name)
      const keyName = input.key ?? before?.key ?? ''
      if (keyName === '') throw faults.refused({ why: 'the key parameter is required' })
      const template = input.template === undefined ? (before?.template ?? '') : templateOf(input.template, now.getTime())
      const ttl = input.ttl ?? before?.ttl ?? DAY
      const key = await readKey(view, keyName, host.random, now.getTime())
      if (key === undefined) throw faults.refused({ why: `cannot find key ${goQuote(keyName)}` })
      if (ttl > key.verificationTtl)
        throw faults.refused({ why: "a role's token ttl cannot be longer than the verification_ttl of the key it references" })
      const id = (input.clientId ?? before?.clientId) || clientId(host.random)
      await rolesOf(view).put(params.name, { key: keyName, template, ttl, clientId: id })
      return { is: 'nothing' }
    },
    async delete({ params, view }) {
      await rolesOf(view).delete(params.name)
      return { is: 'nothing' }
    },
  },
  list: { list: async ({ view }) => ({ is: 'keys', keys: await rolesOf(view).names() }) },
}))
