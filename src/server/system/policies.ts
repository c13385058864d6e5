import type { WireObject } from '../../schema/index.ts'
import { f, type Decoded } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type PolicyRecord, type PolicyWish, type SystemPorts } from '../logical/index.ts'

const fields = {
  policy: f.string('Text of the policy, HCL or JSON; plain or base64.'),
  cas: f.int('Write only if this is the current version; 0 or -1: only if there is none.'),
  cas_required: f.bool('Whether every later write must say cas.'),
  expiration: f.time('When the policy ends.'),
  ttl: f.duration('The same, as a span from now.'),
  allow_slashes_in_identity_templates: f.bool('Let identity values bring slashes into its paths.'),
  allow_wildcards_in_identity_templates: f.bool('Let identity values bring wildcards into its paths.'),
} as const
const withRules = { ...fields, rules: f.string('Old name of policy.').deprecated('use policy') } as const
type Input = Decoded<typeof withRules>

const name = f.some('Name of the policy; case does not count.')
const described = gives.any('The policy with its version.')
const routes = {
  list: route('policies/acl', { doc: 'All ACL policies.', ops: { list: op({ doc: 'List the policies.', gives: gives.keys }) } }),
  acl: route('policies/acl/{name...}', {
    doc: 'An ACL policy.',
    params: { name },
    ops: {
      read: op({ doc: 'Read a policy.', gives: described }),
      list: op({ doc: 'List the policies below a prefix.', gives: gives.keys }),
      write: op({ doc: 'Create or replace a policy.', input: fields, gives: gives.nothing }),
      patch: op({ doc: 'Change what is said of a policy, and leave the rest.', input: fields, gives: gives.any('Nothing.') }),
      delete: op({ doc: 'Delete a policy.', gives: gives.nothing }),
    },
  }),
  detailed: route('policies/detailed/acl', {
    doc: 'All ACL policies with their texts, in one answer.',
    ops: { list: op({ doc: 'List the policies and what they say.', gives: gives.keys }) },
  }),
  detailedBelow: route('policies/detailed/acl/{prefix...}', {
    doc: 'The ACL policies below a prefix with their texts.',
    params: { prefix: f.some('Beginning of their names.') },
    ops: { list: op({ doc: 'List the policies below a prefix and what they say.', gives: gives.keys }) },
  }),
  oldList: route('policy', {
    doc: 'All ACL policies, under the old path.',
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'List the policies.', gives: gives.any('The names, twice.') }),
      list: op({ doc: 'List the policies.', gives: gives.any('The names, twice.') }),
    },
  }),
  old: route('policy/{name...}', {
    doc: 'An ACL policy, under the old path.',
    params: { name },
    alsoTopLevel: true,
    ops: {
      read: op({ doc: 'Read a policy.', gives: described }),
      write: op({ doc: 'Create or replace a policy.', input: withRules, gives: gives.nothing }),
      delete: op({ doc: 'Delete a policy.', gives: gives.nothing }),
    },
  }),
}

export const policies: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => {
  const store = ports.policies
  const read = async (given: string, key: 'policy' | 'rules'): Promise<{ is: 'any'; data: WireObject }> => {
    const record = await store.read(given)
    if (record === undefined) throw faults.notFound()
    return { is: 'any', data: shown(record, key) }
  }
  const detailed = async (prefix: string): Promise<{ is: 'keys'; keys: readonly string[]; info: WireObject }> => {
    const keys = (await store.names()).filter(it => it === 'root' || it.startsWith(prefix))
    const records = await Promise.all(keys.map(it => store.read(it)))
    const info: Record<string, WireObject> = Object.create(null)
    const seen: string[] = []
    for (const [at, record] of records.entries()) {
      // One that was deleted or has expired since the names were read is not there any more.
      if (record === undefined) continue
      seen.push(keys[at] as string)
      info[keys[at] as string] = shown(record, 'policy')
    }
    return { is: 'keys', keys: seen, info }
  }
  const both = async (): Promise<{ is: 'any'; data: WireObject }> => {
    const keys = await store.names()
    return { is: 'any', data: { keys, policies: keys } }
  }
  const remove = async (given: string): Promise<{ is: 'nothing' }> => {
    await store.delete(given)
    return { is: 'nothing' }
  }
  return {
    list: { list: async () => ({ is: 'keys', keys: await store.names() }) },
    acl: {
      read: ({ params }) => read(params.name, 'policy'),
      async list({ params }) {
        const prefix = params.name.endsWith('/') ? params.name : `${params.name}/`
        return { is: 'keys', keys: (await store.names()).filter(it => it.startsWith(prefix)) }
      },
      async write({ params, input, now }) {
        if (!input.policy) throw faults.refused({ why: "'policy' parameter not supplied or empty" })
        await store.write(params.name, wishOf(input, now, input.policy))
        return { is: 'nothing' }
      },
      async patch({ params, input, now }) {
        await store.write(params.name, { ...wishOf(input, now, input.policy || undefined), patch: true })
        return { is: 'any', data: null }
      },
      delete: ({ params }) => remove(params.name),
    },
    detailed: { list: () => detailed('') },
    detailedBelow: { list: ({ params }) => detailed(params.prefix.endsWith('/') ? params.prefix : `${params.prefix}/`) },
    oldList: { read: both, list: both },
    old: {
      read: ({ params }) => read(params.name, 'rules'),
      async write({ params, input, now, warn }) {
        const text = input.policy || input.rules
        if (!text) throw faults.refused({ why: "'policy' parameter not supplied or empty" })
        if (!input.policy && input.rules) warn("'rules' is deprecated, please use 'policy' instead")
        await store.write(params.name, wishOf(input, now, text))
        return { is: 'nothing' }
      },
      delete: ({ params }) => remove(params.name),
    },
  }
})

function wishOf(input: Omit<Input, 'rules' | 'policy'>, now: Date, text: string | undefined): PolicyWish {
  if (input.expiration && input.ttl) throw faults.refused({ why: "cannot supply both 'expiration' and 'ttl' for policies" })
  const expiration = input.expiration ?? (input.ttl ? new Date(now.getTime() + input.ttl * 1000) : undefined)
  return {
    ...(text !== undefined && { text }),
    ...(input.cas !== undefined && { cas: input.cas }),
    ...(input.casRequired !== undefined && { casRequired: input.casRequired }),
    ...(expiration && { expiration }),
    ...(input.allowSlashesInIdentityTemplates !== undefined && { allowSlashes: input.allowSlashesInIdentityTemplates }),
    ...(input.allowWildcardsInIdentityTemplates !== undefined && { allowWildcards: input.allowWildcardsInIdentityTemplates }),
  }
}

const shown = (record: PolicyRecord, key: 'policy' | 'rules'): WireObject => ({
  allow_slashes_in_identity_templates: record.allowSlashes,
  allow_wildcards_in_identity_templates: record.allowWildcards,
  cas_required: record.casRequired,
  ...(record.expiration !== undefined && { expiration: record.expiration }),
  ...(record.modified !== '' && { modified: record.modified }),
  name: record.name,
  [key]: record.text,
  version: record.version,
})
