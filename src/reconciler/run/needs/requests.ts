import { kinds } from '../../kinds/index.ts'
import {
  apiPath,
  isMountAddress,
  ledgerFolder,
  movedReader,
  policyAddress,
  type Address,
  type Resource,
  type Settings,
  type TargetReader,
} from '../../model/index.ts'
import { mountTypeOf } from '../../shapes/index.ts'
import { homeOf } from '../leftovers.ts'
import { RecordingTarget, type Asked } from './recording.ts'

export interface Needed {
  readonly resources: ReadonlyMap<Address, Resource>
  readonly settings: Settings
  /** The name that the policy itself gets: a token's own policies are looked at, lest a plan take them away. */
  readonly policyName: string
}

export type Requests = ReadonlyMap<string, ReadonlySet<Asked>>

/** What planning asks of a target, by path. `lists`: also what only tells of objects that are not managed. */
export async function planRequests(needed: Needed, lists: boolean): Promise<Requests> {
  const target = await readsOf(needed)
  const readers = [target, ...whereItWas(target, needed)]
  if (lists) for (const path of collectionPaths(needed.resources)) for (const reader of readers) await reader.list(path)
  return target.asked
}

/** What planning and applying ask; `deletes`: also to take away what the files no longer describe. */
export async function applyRequests(needed: Needed, deletes: boolean): Promise<Requests> {
  const target = await readsOf(needed)
  for (const resource of needed.resources.values()) {
    const kind = kinds[resource.kind]
    if (kind === undefined) continue
    const values = { ...resource.values, ...Object.fromEntries(Object.keys(resource.references).map(name => [name, ''])) }
    const change = { subject: resource, values, changed: Object.keys(values), compareAndSet: false }
    for (const reader of [target, ...whereItWas(target, needed)]) await kind.read(reader, resource, Object.keys(values))
    await kind.create(target, change)
    await kind.update(target, { ...change, live: { values: resource.values } })
    if (kind.isPermanent(resource)) target.note(apiPath(resource.address), 'stands')
    if (deletes && !kind.isPermanent(resource) && kind.keeps(resource) === undefined) await kind.remove(target, resource)
  }
  for (const { path, how } of movePaths(needed)) target.note(path, how)
  const ledger = `${apiPath(policyAddress(ledgerFolder))}${needed.settings.ownership.owner}/*`
  for (const how of ['read', 'write'] as const) target.note(ledger, how)
  return target.asked
}

/** Texts of policies are asked for one by one, so that the policy need not give those of all others. */
async function readsOf(needed: Needed): Promise<RecordingTarget> {
  const { resources, policyName, settings } = needed
  const target = new RecordingTarget()
  for (const path of ['sys/auth', 'sys/mounts']) target.note(path, 'read')
  target.note('sys/policies/acl', 'list')
  for (const name of ['default', policyName, `${ledgerFolder}*`]) target.note(`sys/policies/acl/${name}`, 'read')
  for (const { from } of settings.moved) if (!isMountAddress(from)) target.note(apiPath(from), 'read')
  for (const resource of resources.values()) {
    // Mounts come with the tables above.
    if (resource.kind !== 'mount')
      for (const reader of [target, ...whereItWas(target, needed)])
        await kinds[resource.kind]?.read(reader, resource, [...Object.keys(resource.values), ...Object.keys(resource.references)])
    for (const { from, name } of Object.values(resource.references)) if (from === 'vault') target.note(name.split('#')[0] ?? name, 'read')
  }
  return target
}

/** What lives on a mount that moves is read where it stands, as long as it stands there. */
function whereItWas(target: TargetReader, { settings }: Needed): readonly TargetReader[] {
  const moves = new Map(settings.moved.flatMap(({ from, to }) => (isMountAddress(from) ? [[to, from] as const] : [])))
  return moves.size === 0 ? [] : [movedReader(target, moves)]
}

/** A mount is moved by a path of its own; a policy's old name is deleted. */
function movePaths({ settings }: Needed): readonly { readonly path: string; readonly how: Asked }[] {
  const remounting = [
    { path: 'sys/remount', how: 'write' },
    { path: 'sys/remount/status/*', how: 'read' },
  ] as const
  return [
    ...(settings.moved.some(it => isMountAddress(it.from)) ? remounting : []),
    ...settings.moved.filter(it => !isMountAddress(it.from)).map(it => ({ path: apiPath(it.from), how: 'delete' as const })),
  ]
}

function collectionPaths(resources: ReadonlyMap<Address, Resource>): readonly string[] {
  const mounts = new Map(
    [...resources.values()].flatMap(it => (it.mount === undefined || it.type === undefined ? [] : [[it.mount, it.type] as const])),
  )
  for (const { address, kind, values } of resources.values()) {
    if (kind === 'mount' && typeof values['type'] === 'string') mounts.set(address, values['type'])
  }
  return [...mounts].flatMap(([mount, type]) =>
    Object.values(mountTypeOf(homeOf(mount), type)?.sections ?? {}).flatMap(it =>
      it.is === 'collection' && it.inOneAnswer !== true ? [apiPath(`${mount}${it.path}` as Address)] : [],
    ),
  )
}
