import { readerOf, type Client, type Envelope } from '../../../client/index.ts'
import type { AliasFacts, GroupFacts, IdentityFacts, Metadata } from '../../../policy/index.ts'
import { answerFor, readAccess, type AskedRequest, type Described } from '../../../reconciler/access/index.ts'
import { policyAddress } from '../../../reconciler/model/index.ts'
import type { ExplainReport } from '../../../reconciler/report/access/index.ts'
import { openLive, type AccessGiven } from '../../access/index.ts'
import { read, secretOf, send, write } from '../../api/index.ts'
import { CommandFailed, type Context } from '../../command.ts'
import type { Secret } from '../../output/index.ts'
import { exitCodes } from '../../reconcile/index.ts'

type Data = NonNullable<Envelope['data']>

/** What a token of the server may do: its policies and its identity are looked up, and judged here. Nothing is written. */
export async function ofToken(
  ctx: Context,
  given: AccessGiven & { readonly flags: { readonly token: string | undefined; readonly accessor: string | undefined } },
  request: AskedRequest,
  said: IdentityFacts | undefined,
): Promise<ExplainReport> {
  const client = await openLive(ctx, given)
  const token = dataOf(await looked(ctx, client, given.flags))
  const names = [...new Set([...textsOf(token['policies']), ...textsOf(token['identity_policies'])])].sort()
  const notes: string[] = []
  const [texts, mounts, facts] = await Promise.all([
    policies(client, names),
    pkiMounts(client, notes),
    said ?? identity(client, token, notes),
  ])
  const access = readAccess([...texts, ...mounts], { now: ctx.clock.now() })
  const answer = answerFor(access, { policies: names, together: true }, request, facts)
  const shown = ['display_name', 'path', 'accessor'].flatMap(key => (textOf(token[key]) === '' ? [] : `${key} ${textOf(token[key])}`))
  const described = new Set([...texts.map(it => it.address as string), 'policy/root'])
  return {
    answer,
    of: shown,
    unknown: names.filter(it => !described.has(policyAddress(it))),
    notes: [...notes, ...access.findings.map(it => `${it.about ?? ''}: ${it.summary}`)],
  }
}

async function looked(
  ctx: Context,
  client: Client,
  { token, accessor }: { readonly token: string | undefined; readonly accessor: string | undefined },
): Promise<Secret | undefined> {
  if (accessor !== undefined) return await write(client, 'auth/token/lookup-accessor', { accessor }, 'POST')
  if (token === 'self') return secretOf(await send(client, { method: 'GET', path: 'auth/token/lookup-self' }))
  const value = token === '-' ? (await ctx.stdin.text()).trim() : token
  return await write(client, 'auth/token/lookup', { token: value }, 'POST')
}

function dataOf(secret: Secret | undefined): Data {
  if (secret?.data !== undefined && secret.data !== null) return secret.data
  throw new CommandFailed('the server says nothing of this token', exitCodes.failed)
}

/** Without the text of one of them nothing could be said, so a refusal ends it. */
async function policies(client: Client, names: readonly string[]): Promise<readonly Described[]> {
  const reader = readerOf(client)
  const found = await Promise.all(
    names.map(async (name): Promise<readonly Described[]> => {
      if (name === 'root') return []
      const text = (await reader.read(`sys/policies/acl/${name}`))?.data?.['policy']
      return typeof text === 'string' ? [{ address: policyAddress(name), values: { policy: text } }] : []
    }),
  )
  // Absent on the server is nothing; the default that this program brings must not stand in for it.
  const held = found.flat()
  const isThere = held.some(it => it.address === policyAddress('default'))
  return isThere ? held : [...held, { address: policyAddress('default'), values: { policy: '# absent' } }]
}

/** Which mounts are of type pki decides where sudo is asked for. */
async function pkiMounts(client: Client, notes: string[]): Promise<readonly Described[]> {
  const mounts = await orNote(
    () => read(client, 'sys/mounts'),
    'mounts cannot be listed, so root-protected paths of pki are not known',
    notes,
  )
  return Object.entries(mounts?.data ?? {}).flatMap(([path, it]) => {
    const type = (it as Readonly<Record<string, unknown>> | null)?.['type']
    return type === 'pki' ? [{ address: `engine/${path}` as Described['address'], values: { type } }] : []
  })
}

async function identity(client: Client, token: Data, notes: string[]): Promise<IdentityFacts | undefined> {
  const id = textOf(token['entity_id'])
  if (id === '') return undefined
  const found = await orNote(() => read(client, `identity/entity/id/${id}`), 'the entity cannot be read, so templates stay open', notes)
  const entity = found?.data
  if (entity === undefined || entity === null) return undefined
  const ids = [...new Set([...textsOf(entity['direct_group_ids']), ...textsOf(entity['inherited_group_ids'])])]
  const groups = await Promise.all(
    ids.map(async (group): Promise<readonly GroupFacts[]> => {
      const data = (await orNote(() => read(client, `identity/group/id/${group}`), `the group ${group} cannot be read`, notes))?.data
      return data === undefined || data === null ? [] : [{ id: group, name: textOf(data['name']), metadata: metadataOf(data['metadata']) }]
    }),
  )
  const aliases = Array.isArray(entity['aliases']) ? (entity['aliases'] as readonly Readonly<Record<string, unknown>>[]) : []
  return {
    entity: { id, name: textOf(entity['name']), metadata: metadataOf(entity['metadata']), aliases: aliases.map(aliasOf) },
    groups: groups.flat(),
  }
}

const aliasOf = (it: Readonly<Record<string, unknown>>): AliasFacts => ({
  id: textOf(it['id']),
  name: textOf(it['name']),
  mountAccessor: textOf(it['mount_accessor']),
  metadata: metadataOf(it['metadata']),
  customMetadata: metadataOf(it['custom_metadata']),
})

async function orNote<T>(work: () => Promise<T>, note: string, notes: string[]): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if ((error as { readonly status?: unknown }).status === undefined) throw error
    notes.push(note)
    return undefined
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(it => typeof it === 'string') : [])
const metadataOf = (value: unknown): Metadata =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).flatMap(([key, it]) => (typeof it === 'string' ? [[key, it]] : [])))
    : {}
