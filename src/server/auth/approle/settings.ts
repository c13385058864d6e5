/** Single settings of a role, each under a path of its own: what a policy can allow apart from the rest of the role. */
import { seconds } from '../../../kernel/index.ts'
import { f, type WireObject } from '../../../schema/index.ts'
import { gives, op, parsedAddresses, route, statefulFamily, tokenFields, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, isFault, type View } from '../../logical/index.ts'
import { invalidBlock } from './addresses.ts'
import type { Mount } from './mount.ts'
import { legacyPeriod, parsedPolicies, type Role } from './role.ts'
import { periodTooLong } from './roles.ts'

const ROLE = { role_name: f.name('Name of the role.') }
const policies = {
  token_policies: tokenFields.token_policies,
  policies: f.strings('Policies of the token.').deprecated('use token_policies'),
}
const period = {
  token_period: tokenFields.token_period,
  period: f.duration('How long each renewal reaches.').deprecated('use token_period'),
}
const tokenTtl = { token_ttl: tokenFields.token_ttl }
const tokenMaxTtl = { token_max_ttl: tokenFields.token_max_ttl }
const tokenNumUses = { token_num_uses: tokenFields.token_num_uses }
const tokenBoundCidrs = { token_bound_cidrs: tokenFields.token_bound_cidrs }
const bindSecretId = { bind_secret_id: f.bool('Whether a login needs a secret id.') }
const secretIdNumUses = { secret_id_num_uses: f.int('How often a secret id may be used; 0: any number of times.') }
const secretIdTtl = { secret_id_ttl: f.duration('How long a secret id lives; 0: for good.') }
const secretIdBoundCidrs = { secret_id_bound_cidrs: f.strings('CIDR blocks that a login may come from.') }
const boundCidrList = { bound_cidr_list: f.strings('CIDR blocks that a login may come from.').deprecated('use secret_id_bound_cidrs') }
const localSecretIds = { local_secret_ids: f.bool('Whether its secret ids stay with this server.') }
const roleId = { role_id: f.string('The id that a login names.') }

const remove = op({ doc: 'Set it back.', gives: gives.nothing })

const routes = {
  policies: route('role/{role_name}/policies', {
    doc: 'The policies of the tokens of a role.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read them.', gives: gives.data(policies) }),
      write: op({ doc: 'Change them.', input: policies, gives: gives.nothing }),
      delete: remove,
    },
  }),
  period: route('role/{role_name}/period', {
    doc: 'The period of the tokens of a role.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(period) }),
      write: op({ doc: 'Change it.', input: period, gives: gives.nothing }),
      delete: remove,
    },
  }),
  tokenTtl: route('role/{role_name}/token-ttl', {
    doc: 'How long the tokens of a role live at first.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(tokenTtl) }),
      write: op({ doc: 'Change it.', input: tokenTtl, gives: gives.nothing }),
      delete: remove,
    },
  }),
  tokenMaxTtl: route('role/{role_name}/token-max-ttl', {
    doc: 'How long the tokens of a role live at most.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(tokenMaxTtl) }),
      write: op({ doc: 'Change it.', input: tokenMaxTtl, gives: gives.nothing }),
      delete: remove,
    },
  }),
  tokenNumUses: route('role/{role_name}/token-num-uses', {
    doc: 'How often the tokens of a role may be used.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(tokenNumUses) }),
      write: op({ doc: 'Change it.', input: tokenNumUses, gives: gives.nothing }),
      delete: remove,
    },
  }),
  tokenBoundCidrs: route('role/{role_name}/token-bound-cidrs', {
    doc: 'Where the tokens of a role may be used from.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(tokenBoundCidrs) }),
      write: op({ doc: 'Change it.', input: tokenBoundCidrs, gives: gives.nothing }),
      delete: remove,
    },
  }),
  bindSecretId: route('role/{role_name}/bind-secret-id', {
    doc: 'Whether a login needs a secret id.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(bindSecretId) }),
      write: op({ doc: 'Change it.', input: bindSecretId, gives: gives.nothing }),
      delete: remove,
    },
  }),
  secretIdNumUses: route('role/{role_name}/secret-id-num-uses', {
    doc: 'How often a secret id may be used.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(secretIdNumUses) }),
      write: op({ doc: 'Change it.', input: secretIdNumUses, gives: gives.nothing }),
      delete: remove,
    },
  }),
  secretIdTtl: route('role/{role_name}/secret-id-ttl', {
    doc: 'How long a secret id lives.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(secretIdTtl) }),
      write: op({ doc: 'Change it.', input: secretIdTtl, gives: gives.nothing }),
      delete: remove,
    },
  }),
  secretIdBoundCidrs: route('role/{role_name}/secret-id-bound-cidrs', {
    doc: 'Where a login may come from.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(secretIdBoundCidrs) }),
      write: op({ doc: 'Change it.', input: secretIdBoundCidrs, gives: gives.nothing }),
      delete: remove,
    },
  }),
  boundCidrList: route('role/{role_name}/bound-cidr-list', {
    doc: 'The old name of secret-id-bound-cidrs. It can set them, but shows nothing.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read nothing.', gives: gives.data(boundCidrList) }),
      write: op({ doc: 'Change where a login may come from.', input: boundCidrList, gives: gives.nothing }),
      delete: op({ doc: 'Do nothing.', gives: gives.nothing }),
    },
  }),
  localSecretIds: route('role/{role_name}/local-secret-ids', {
    doc: 'Whether the secret ids of a role stay with this server.',
    params: ROLE,
    ops: { read: op({ doc: 'Read it.', gives: gives.data(localSecretIds) }) },
  }),
  roleId: route('role/{role_name}/role-id', {
    doc: 'The id that a login names.',
    params: ROLE,
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(roleId) }),
      write: op({ doc: 'Change it.', input: roleId, gives: gives.nothing }),
    },
  }),
}

type Shown = Promise<{ readonly is: 'wire'; readonly data: WireObject }>
type Done = Promise<{ readonly is: 'nothing' }>

const missing = (field: string): ReturnType<typeof faults.refused> => faults.refused({ why: `missing ${field}` })

function checkedBlocks(blocks: readonly string[]): readonly string[] {
  if (blocks.length === 0) throw missing('bound_cidr_list')
  const wrong = invalidBlock(blocks)
  if (wrong !== undefined) throw faults.refused({ why: `failed to validate CIDR blocks: ${wrong}` })
  return blocks
}

function checkedAddresses(texts: readonly string[]): readonly string[] {
  try {
    return parsedAddresses(texts)
  } catch (cause) {
    if (!isFault(cause)) throw cause
    throw faults.refused({ why: `failed to parse token_bound_cidrs: ${cause.wire.join()}` }, { cause })
  }
}

export const settings: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const show = async (view: View, name: string, shown: (role: Role) => WireObject): Shown => {
    const found = await mount.role(view, name)
    if (found === undefined) throw faults.notFound()
    return { is: 'wire', data: shown(found.role) }
  }
  const rewrite = async (view: View, name: string, change: (role: Role) => Role): Promise<boolean> => {
    const salt = await mount.salt(view)
    if (salt === undefined) return false
    return view.transact(async view => {
      const before = (await mount.role(view, name))?.role
      if (before !== undefined) await mount.writeRole(view, salt, change(before), before)
      return before !== undefined
    })
  }
  const change = async (view: View, name: string, how: (role: Role) => Role): Done => {
    if (!(await rewrite(view, name, how))) throw faults.unsupportedPath()
    return { is: 'nothing' }
  }
  const reset = async (view: View, name: string, how: (role: Role) => Role): Done => {
    await rewrite(view, name, how)
    return { is: 'nothing' }
  }
  const maxTtl = (): number => mount.host.leaseDefaults().maxTtl

  return {
    policies: {
      read: ({ params, view }) =>
        show(view, params.roleName, it => ({
          ...(it.policies.length > 0 && { policies: it.policies }),
          token_policies: it.tokenPolicies,
        })),
      write: ({ params, input, view }) =>
        change(view, params.roleName, role => {
          const given = input.tokenPolicies ?? input.policies
          if (given === undefined) throw missing('token_policies')
          const tokenPolicies = parsedPolicies(given)
          return { ...role, tokenPolicies, policies: input.policies === undefined ? [] : tokenPolicies }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, tokenPolicies: [], policies: [] })),
    },

    period: {
      read: ({ params, view }) =>
        show(view, params.roleName, it => ({ ...(it.period > 0 && { period: it.period }), token_period: it.tokenPeriod })),
      write: ({ params, input, view }) =>
        change(view, params.roleName, role => {
          if (input.tokenPeriod === undefined && input.period === undefined) throw missing('period')
          const next = {
            ...role,
            ...legacyPeriod({
              ...(input.period !== undefined && { old: input.period }),
              ...(input.tokenPeriod !== undefined && { new: input.tokenPeriod }),
            }),
          }
          if (next.tokenPeriod > maxTtl()) throw faults.refused({ why: periodTooLong(next.period, maxTtl()) })
          return next
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, tokenPeriod: 0, period: 0 })),
    },

    tokenTtl: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ token_ttl: it.tokenTtl })),
      write: ({ params, input: { tokenTtl }, view }) =>
        change(view, params.roleName, role => {
          if (tokenTtl === undefined) throw missing('token_ttl')
          if (role.tokenMaxTtl > 0 && tokenTtl > role.tokenMaxTtl) {
            throw faults.refused({ why: 'token_ttl should not be greater than token_max_ttl' })
          }
          return { ...role, tokenTtl }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, tokenTtl: 0 })),
    },

    tokenMaxTtl: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ token_max_ttl: it.tokenMaxTtl })),
      write: ({ params, input: { tokenMaxTtl }, view }) =>
        change(view, params.roleName, role => {
          if (tokenMaxTtl === undefined) throw missing('token_max_ttl')
          if (tokenMaxTtl > 0 && role.tokenTtl > tokenMaxTtl) {
            throw faults.refused({ why: 'token_max_ttl should be greater than or equal to token_ttl' })
          }
          return { ...role, tokenMaxTtl }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, tokenMaxTtl: 0 })),
    },

    tokenNumUses: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ token_num_uses: it.tokenNumUses })),
      write: ({ params, input: { tokenNumUses }, view }) =>
        change(view, params.roleName, role => {
          if (tokenNumUses === undefined) throw missing('token_num_uses')
          return { ...role, tokenNumUses }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, tokenNumUses: 0 })),
    },

    tokenBoundCidrs: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ token_bound_cidrs: it.tokenBoundCidrs })),
      write: ({ params, input: { tokenBoundCidrs }, view }) =>
        change(view, params.roleName, role =>
          tokenBoundCidrs === undefined ? role : { ...role, tokenBoundCidrs: checkedAddresses(tokenBoundCidrs) },
        ),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, tokenBoundCidrs: null })),
    },

    bindSecretId: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ bind_secret_id: it.bindSecretId })),
      write: ({ params, input: { bindSecretId }, view }) =>
        change(view, params.roleName, role => {
          if (bindSecretId === undefined) throw missing('bind_secret_id')
          return { ...role, bindSecretId }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, bindSecretId: true })),
    },

    secretIdNumUses: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ secret_id_num_uses: it.secretIdNumUses })),
      write: ({ params, input: { secretIdNumUses }, view }) =>
        change(view, params.roleName, role => {
          if (secretIdNumUses === undefined) throw missing('secret_id_num_uses')
          if (secretIdNumUses < 0) throw faults.refused({ why: 'secret_id_num_uses cannot be negative' })
          return { ...role, secretIdNumUses }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, secretIdNumUses: 0 })),
    },

    secretIdTtl: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ secret_id_ttl: it.secretIdTtl })),
      write: ({ params, input: { secretIdTtl }, view }) =>
        change(view, params.roleName, role => {
          if (secretIdTtl === undefined) throw missing('secret_id_ttl')
          return { ...role, secretIdTtl }
        }),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, secretIdTtl: seconds(0) })),
    },

    secretIdBoundCidrs: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ secret_id_bound_cidrs: it.secretIdBoundCidrs })),
      write: ({ params, input: { secretIdBoundCidrs: given }, view }) =>
        change(view, params.roleName, role => (given === undefined ? role : { ...role, secretIdBoundCidrs: checkedBlocks(given) })),
      delete: ({ params, view }) => reset(view, params.roleName, role => ({ ...role, secretIdBoundCidrs: null })),
    },

    boundCidrList: {
      async read({ params, view, warn }) {
        const shown = await show(view, params.roleName, () => ({ bound_cidr_list: null }))
        warn('The "bound_cidr_list" field is deprecated and will be removed. Please use "secret_id_bound_cidrs" instead.')
        return shown
      },
      write: ({ params, input: { boundCidrList: given }, view }) =>
        change(view, params.roleName, role => (given === undefined ? role : { ...role, secretIdBoundCidrs: checkedBlocks(given) })),
      delete: ({ params, view }) => reset(view, params.roleName, role => role),
    },

    localSecretIds: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ local_secret_ids: it.localSecretIds })),
    },

    roleId: {
      read: ({ params, view }) => show(view, params.roleName, it => ({ role_id: it.roleId })),
      write: ({ params, input, view }) =>
        change(view, params.roleName, role => {
          const { roleId = '' } = input
          if (roleId === '') throw missing('role_id')
          return { ...role, roleId }
        }),
    },
  }
})
