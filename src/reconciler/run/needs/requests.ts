import { kinds } from '../../kinds/index.ts'
import { apiPath, isMountAddress, ledgerFolder, policyAddress, type Address, type Resource, type Settings } from '../../model/index.ts'
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
  if (lists) for (const path of collectionPaths(needed.resources)) target.note(path, 'list')
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
    await kind.read(target, resource, Object.keys(values))
    await kind.create(target, change)
    await kind.update(target, { ...change, live: { values: resource.values } })
    if (kind.isPermanent(resource)) target.note(apiPath(resource.address), 'stands')
    if (deletes && !kind.isPermanent(resource) && kind.keeps(resource) === undefined) await kind.remove(target, resource)
  }
  for (const path of remountPaths(needed)) target.note(path.path, path.how)
  const ledger = `${apiPath(policyAddress(ledgerFolder))}${needed.settings.ownership.owner}/*`
  for (const how of ['read', 'write'] as const) target.note(ledger, how)
  return target.asked
}

/** Texts of policies are asked for one by one, so that the policy need not give those of all others. */
async function readsOf({ resources, policyName }: Needed): Promise<RecordingTarget> {
  const target = new RecordingTarget()
  for (const path of ['sys/auth', 'sys/mounts']) target.note(path, 'read')
  target.note('sys/policies/acl', 'list')
  for (const name of ['default', policyName, `${ledgerFolder}*`]) target.note(`sys/policies/acl/${name}`, 'read')
  for (const resource of resources.values()) {
    // Mounts come with the tables above.
    if (resource.kind !== 'mount')
      await kinds[resource.kind]?.read(target, resource, [...Object.keys(resource.values), ...Object.keys(resource.references)])
    for (const { from, name } of Object.values(resource.references)) if (from === 'vault') target.note(name.split('#')[0] ?? name, 'read')
  }
  return target
}

/** A mount is moved by a path of its own; while it is on its way, what lives on it is read where it was. */
function remountPaths({ settings }: Needed): readonly { readonly path: string; readonly how: Asked }[] {
  if (!settings.moved.some(it => isMountAddress(it.from))) return []
  return [
    { path: 'sys/remount', how: 'write' },
    { path: 'sys/remount/status/*', how: 'read' },
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
