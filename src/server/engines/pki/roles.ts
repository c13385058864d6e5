import { f } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { PkiMount } from './mount.ts'
import { DEFAULT, findIssuer, isUnresolved } from './references.ts'
import { checkedRole, newRole, policyTexts, type Role, roleFields, type RoleWishes } from './role.ts'
import { page } from './store.ts'

const shownFields = {
  ...roleFields,
  allow_token_displayname: f.bool('Not in use.'),
}

const routes = {
  roles: route('roles', {
    doc: 'The names of all roles.',
    ops: { list: op({ doc: 'List the roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('roles/{name}', {
    doc: 'A role: what may be issued, and what is written into it.',
    params: { name: f.name('Name of the role.') },
    ops: {
      read: op({ doc: 'Read the role.', gives: gives.data(shownFields) }),
      write: op({
        doc: 'Make the role, or put it in the place of the one of this name.',
        input: roleFields,
        gives: gives.data(shownFields),
      }),
      patch: op({ doc: 'Change what is given.', input: roleFields, gives: gives.data(shownFields) }),
      delete: op({ doc: 'Delete the role. What was issued by it stays valid.', gives: gives.nothing }),
    },
  }),
}

const shown = (role: Role): { readonly is: 'data'; readonly data: Role & { readonly allowTokenDisplayname: boolean } } => ({
  is: 'data',
  data: { ...role, allowTokenDisplayname: false },
})

const LEASES =
  "it is encouraged to disable generate_lease and rely on PKI's native capabilities when possible; this option can cause instance-wide issues with large numbers of issued certificates"
const BOTH = 'mutually exclusive values no_store=true and generate_lease=true were both specified; no_store=true takes priority'

export const roles: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store } = mount

  async function save(name: string, before: Role, wishes: RoleWishes, raw: unknown, warn: (text: string) => void): Promise<Role> {
    const { policyIdentifiers } = wishes
    const given = policyIdentifiers === undefined ? wishes : { ...wishes, policyIdentifiers: policyTexts(raw, policyIdentifiers) }
    const role = checkedRole(before, given)
    const issuer = await findIssuer(store, role.issuerRef)
    if (isUnresolved(issuer)) {
      warn(
        role.issuerRef === DEFAULT
          ? 'Issuing Certificate was set to default, but no default issuing certificate (configurable at /config/issuers) is currently set'
          : `Issuing Certificate was set to ${role.issuerRef} but no issuing certificate currently has that name`,
      )
    }
    if (role.generateLease) warn(LEASES)
    else if (role.noStore && (wishes.generateLease ?? before.generateLease)) warn(BOTH)
    await store.putRole(name, role)
    return role
  }

  return {
    roles: { list: async ({ input }) => ({ is: 'keys', keys: await store.view.list('role/', page(input)) }) },
    role: {
      async read({ params: { name } }) {
        const role = await store.role(name)
        if (role === undefined) throw faults.notFound()
        return shown(role)
      },
      write: async ({ params, input, raw, warn }) => shown(await save(params.name, newRole, input, raw['policy_identifiers'], warn)),
      async patch({ params: { name }, input, raw, warn }) {
        const before = await store.role(name)
        if (before === undefined) throw faults.refused({ why: 'Unable to fetch role entry to patch' })
        return shown(await save(name, before, input, raw['policy_identifiers'], warn))
      },
      async delete({ params: { name } }) {
        await store.view.delete(`role/${name}`)
        return { is: 'nothing' }
      },
    },
  }
})
