import type { Json } from '../../kernel/index.ts'
import { kinds, observeMounts, observePolicies } from '../kinds/index.ts'
import { objectAddress, statusOf, textOf, type Address, type TargetReader } from '../model/index.ts'
import { mountTypeOf, type Section } from '../shapes/index.ts'
import type { Described } from '../access/index.ts'
import { factsOf } from './facts.ts'
import { planningReader } from './gathered.ts'

/** Everything on a target that says who can reach what, and what of it could not be looked at. */
export interface LiveAccess {
  readonly resources: readonly Described[]
  readonly notes: readonly string[]
}

const AT_ONCE = 32

/** Reads only. What the token may not see is said in `notes`, never taken for absent. */
export async function liveAccess(target: TargetReader): Promise<LiveAccess> {
  const reader = planningReader(target, AT_ONCE)
  const notes: string[] = []
  await factsOf(reader)
  const [policies, auth, engines] = await Promise.all([
    observePolicies(reader, () => true),
    observeMounts(reader, 'auth'),
    observeMounts(reader, 'engine'),
  ])
  const unread = policies.names.filter(name => name !== 'root' && !policies.live.has(`policy/${name}` as Address))
  if (unread.length > 0) notes.push(`policies that cannot be read: ${unread.join(', ')}`)
  const objects = await Promise.all([
    ...[...auth].map(([mount, { type }]) => holdersOn(reader, mount, type, notes)),
    identities(reader, notes),
  ])
  const mounts = [...engines].map(([address, { type }]) => ({ address, values: { type } }))
  const texts = [...policies.live].map(([address, { values }]) => ({ address, values }))
  return { resources: [...texts, ...mounts, ...objects.flat()], notes: notes.sort() }
}

const givesPolicies = ({ shape }: Section): boolean => Object.values(shape).some(it => it.namesPolicies)

async function holdersOn(reader: TargetReader, mount: Address, type: string, notes: string[]): Promise<readonly Described[]> {
  const known = mountTypeOf('auth', type)
  if (known === undefined) {
    notes.push(`${mount} is of type ${type}, whose roles are not known here`)
    return []
  }
  const sections = Object.values(known.sections).filter(givesPolicies)
  const found = await Promise.all(
    sections.map(async section => {
      if (section.is === 'singleton') return await readAll(reader, mount, type, [objectAddress(mount, section.path)], notes)
      const names = await attempt(() => reader.list(`${mount}${section.path}`), `${mount}${section.path} cannot be listed`, notes)
      return await readAll(
        reader,
        mount,
        type,
        (names ?? []).map(name => objectAddress(mount, `${section.path}/${name}`)),
        notes,
      )
    }),
  )
  return found.flat()
}

async function readAll(
  reader: TargetReader,
  mount: Address,
  type: string,
  addresses: readonly Address[],
  notes: string[],
): Promise<readonly Described[]> {
  const read = addresses.map(async (address): Promise<readonly Described[]> => {
    const subject = { address, kind: 'object', mount, type } as const
    const object = await attempt(async () => kinds['object']?.read(reader, subject, []), `${address} cannot be read`, notes)
    return object === undefined ? [] : [{ address, values: object.values }]
  })
  return (await Promise.all(read)).flat()
}

interface Identity {
  readonly address: Address
  readonly data: Readonly<Record<string, Json>>
}

/** Entities and groups, members by name, as files say them. */
async function identities(reader: TargetReader, notes: string[]): Promise<readonly Described[]> {
  const [entities, groups] = await Promise.all([named(reader, 'entity', notes), named(reader, 'group', notes)])
  const nameOf = new Map([...entities, ...groups].map(({ address, data }) => [textOf(data['id']), address.split('/').at(-1) ?? '']))
  const namesOf = (ids: Json | undefined): readonly string[] => textsOf(ids).flatMap(id => nameOf.get(id) ?? [])
  return [...entities, ...groups].map(({ address, data }) => ({
    address,
    values: {
      id: textOf(data['id']),
      policies: textsOf(data['policies']),
      metadata: data['metadata'] ?? {},
      member_entities: namesOf(data['member_entity_ids']),
      member_groups: namesOf(data['member_group_ids']),
    },
  }))
}

async function named(reader: TargetReader, noun: 'entity' | 'group', notes: string[]): Promise<readonly Identity[]> {
  const folder = `identity/${noun}/name`
  const names = (await attempt(() => reader.list(folder), `${folder} cannot be listed`, notes)) ?? []
  const read = names.map(async (name): Promise<readonly Identity[]> => {
    const path = `${folder}/${name}`
    const answer = await attempt(() => reader.read(path), `${path} cannot be read`, notes)
    return answer?.data === undefined || answer.data === null ? [] : [{ address: path as Address, data: answer.data }]
  })
  return (await Promise.all(read)).flat()
}

const textsOf = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.filter(it => typeof it === 'string') : [])

/** A refusal is noted; no answer at all ends the run. */
async function attempt<T>(work: () => Promise<T>, what: string, notes: string[]): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const status = statusOf(error)
    if (status === undefined) throw error
    notes.push(`${what} (status ${status})`)
    return undefined
  }
}
