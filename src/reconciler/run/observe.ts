import {
  kinds,
  observeApi,
  observeMounts,
  observeObjects,
  observePolicies,
  sectionOf,
  type ListedCollection,
  type ObservedMounts,
  type WantedObject,
} from '../kinds/index.ts'
import { newLedger, storedLedgers, type StoredLedger, type StoredText } from '../ledger/index.ts'
import {
  apiPath,
  classOf,
  homeAddress,
  isMountAddress,
  ledgerFolder,
  mountBelow,
  movedEntries,
  movedKeys,
  movedReader,
  policyAddress,
  restOf,
  textOf,
  type Address,
  type Ledger,
  type LiveObject,
  type MountTable,
  type Moves,
  type Resource,
  type Settings,
  type Subject,
  type Target,
  type TargetReader,
} from '../model/index.ts'
import type { Leftover, Observation } from '../plan/index.ts'
import { builtInMounts, homes, mountTypeOf } from '../shapes/index.ts'
import { factsOf, ownToken } from './facts.ts'
import { homeOf, leftoversOf } from './leftovers.ts'
import { namedObjects } from './named-objects.ts'
import { movedMounts, movesToMake, type FoundMoves } from './moves.ts'
import type { OwnToken } from './own-access.ts'

/** Everything that planning has to know of a target, read once. */
export interface Seen {
  readonly target: Target
  readonly observation: Observation
  readonly leftovers: readonly Leftover[]
  readonly stored: StoredLedger
  /** The same with the names that things shall have. */
  readonly ledger: Ledger
  readonly moves: FoundMoves
  readonly foreign: ReadonlyMap<Address, string>
  /** What was not read, because the ledger is trusted about it. */
  readonly trusted: ReadonlySet<Address>
  /** Undefined: the target does not let the token look at itself. */
  readonly token: OwnToken | undefined
}

export interface Wanted {
  readonly desired: ReadonlyMap<Address, Resource>
  readonly settings: Settings
  /** Nothing else of what the files describe has to be read. */
  readonly isSelected: (address: Address) => boolean
  /** What the ledger is trusted about, so that it is not read. Absent: nothing. */
  readonly isTrusted?: (ledger: Ledger) => ReadonlySet<Address>
}

export async function observe(
  source: TargetReader,
  place: { readonly address: string; readonly namespace?: string },
  wanted: Wanted,
): Promise<Seen> {
  // What there is to be read depends on little, so nearly all of it is asked for at once.
  const isWantedPolicy = (name: string): boolean =>
    name === 'default' || name.startsWith(ledgerFolder) || wanted.desired.has(policyAddress(name))
  const [target, token, auth, engines, policies] = await Promise.all([
    factsOf(source),
    ownToken(source),
    observeMounts(source, 'auth'),
    observeMounts(source, 'engine'),
    observePolicies(source, isWantedPolicy),
  ])
  const owner = wanted.settings.ownership.owner
  const ledgers = storedLedgers(ledgerTexts(policies.live))
  const stored = ledgers.get(owner) ?? newLedger(owner)
  const moves = movesToMake({
    ...wanted,
    moved: wanted.settings.moved,
    mounts: new Map([...auth, ...engines]),
    ledger: stored.ledger,
  })
  // From here on everything has the name that it shall have.
  const renamed: Moves = new Map([...moves.mounts, ...moves.written])
  const foreign = movedKeys(foreignObjects(ledgers, owner), renamed)
  const ledger: Ledger = { ...stored.ledger, entries: movedEntries(stored.ledger.entries, renamed) }
  const reader = movedReader(source, moves.mounts)
  const trusted = new Set([...(wanted.isTrusted?.(ledger) ?? [])].filter(wanted.isSelected))
  const unseen = { ...wanted, isSelected: (address: Address) => wanted.isSelected(address) && !trusted.has(address) }
  const mounts = movedMounts(new Map([...auth, ...engines, ...everyServerHas]), moves.mounts)
  const leftovers = leftoversOf(ledger, wanted.desired, mounts)
  const live = new Map(policies.live)
  const there = new Set(policies.names)
  const unread = [...leftovers.map(it => it.address), ...(token?.policies ?? []).map(policyAddress)]
  const listed = listedCollections(wanted, leftovers, mounts)
  const [objects, api] = await Promise.all([
    observeObjects(reader, wantedObjects(unseen, leftovers, mounts), listed),
    observeApi(
      reader,
      apiResources(wanted, leftovers).filter(it => hasMount(it.address, mounts)),
    ),
    ...unread
      .filter(it => classOf(it) === 'policy' && !live.has(it) && there.has(restOf(it)))
      .map(async address => {
        const policy = await kinds['policy']?.read(reader, { address, kind: 'policy' }, [])
        if (policy !== undefined) live.set(address, policy)
      }),
  ])
  for (const [address, object] of [...objects.live, ...api]) live.set(address, object)
  const managedMounts = [...wanted.desired.keys(), ...leftovers.map(it => it.address)].filter(isMountAddress)
  for (const address of managedMounts) {
    const mount = mounts.get(address)
    if (mount !== undefined) live.set(address, mount.live())
  }
  const named = await namedObjects(reader, {
    ...unseen,
    mounts,
    there: new Set([...live.keys(), ...objects.others]),
    isListed: folder => listed.some(it => `${it.mount}${it.collection}` === folder) && !objects.unlisted.includes(apiPath(folder)),
  })
  const strange = [
    ...policies.names.filter(name => !isBuiltInPolicy(name)).map(policyAddress),
    ...[...mounts.keys()].filter(it => isTable(it) && !isBuiltInMount(it)),
    ...objects.others,
  ]
  const compareAndSet = [...policies.live.values()].some(it => it.version !== undefined)
  const observation: Observation = {
    live,
    mounts: new Set(mounts.keys()),
    policies: there,
    named,
    ignored: strange.filter(it => isStranger(wanted, ledger, foreign, it) && isIgnored(wanted, it)),
    unmanaged: {
      policies: policies.names.filter(name => isUnmanaged(wanted, ledger, foreign, policyAddress(name)) && !isBuiltInPolicy(name)).sort(),
      auth: strangers('auth', mounts, wanted, ledger, foreign),
      engines: strangers('engine', mounts, wanted, ledger, foreign),
      objects: objects.others.filter(it => isUnmanaged(wanted, ledger, foreign, it)),
      unlisted: objects.unlisted,
    },
  }
  return { target: { ...target, ...place, compareAndSet }, observation, leftovers, stored, ledger, moves, foreign, trusted, token }
}

function ledgerTexts(live: ReadonlyMap<Address, LiveObject>): ReadonlyMap<string, StoredText> {
  return new Map(
    [...live].flatMap(([address, { values, version }]) => {
      const name = restOf(address)
      if (classOf(address) !== 'policy' || !name.startsWith(ledgerFolder)) return []
      return [[name, { text: textOf(values['policy']), ...(version === undefined ? {} : { version }) }] as const]
    }),
  )
}

function foreignObjects(ledgers: ReadonlyMap<string, StoredLedger>, owner: string): ReadonlyMap<Address, string> {
  const foreign = new Map<Address, string>()
  for (const [name, { ledger }] of ledgers) if (name !== owner) for (const address of ledger.entries.keys()) foreign.set(address, name)
  return foreign
}

/** Objects that can be there: their mount is, and is of the type that the files think. */
function wantedObjects({ desired, isSelected }: Wanted, leftovers: readonly Leftover[], mounts: ObservedMounts): readonly WantedObject[] {
  const described = [...desired.values()].filter(it => it.kind === 'object' && isSelected(it.address))
  return [
    ...described.map(it => ({ subject: it, extra: [...Object.keys(it.values), ...Object.keys(it.references)] })),
    ...leftovers.flatMap(({ subject }) => (subject?.kind === 'object' ? [{ subject, extra: [] }] : [])),
  ].filter(({ subject }) => canBeThere(subject, mounts))
}

/** Where nothing is mounted a read is an error, and not a clean "there is no such thing". */
function hasMount(address: Address, mounts: ObservedMounts): boolean {
  const path = apiPath(address)
  return mountBelow((path.startsWith('auth/') ? path : `engine/${path}`) as Address, mounts.keys()) !== undefined
}

/** Of what is to go, only whether it is there matters. */
function apiResources(
  { desired, isSelected }: Wanted,
  leftovers: readonly Leftover[],
): readonly Pick<Resource, 'address' | 'kind' | 'values' | 'references'>[] {
  return [
    ...[...desired.values()].filter(it => it.kind === 'api' && isSelected(it.address)),
    ...leftovers.flatMap(({ subject }) => (subject?.kind === 'api' ? [{ ...subject, values: {}, references: {} }] : [])),
  ]
}

/** What needs no mount to be there. */
const everyServerHas: ObservedMounts = new Map(homes.map(({ home, type }) => [homeAddress(home), { type, live: () => ({ values: {} }) }]))

function canBeThere({ address, mount, type }: Subject, mounts: ObservedMounts): boolean {
  const there = mount === undefined ? undefined : mounts.get(mount)
  if (mount === undefined || there === undefined || there.type !== type) return false
  const section = sectionOf(mount, type, address)
  // On a kv mount of version 1, `config` is a secret of somebody.
  return section?.is === 'collection' || section?.refuses?.(there.live().values) === undefined
}

function listedCollections({ desired }: Wanted, leftovers: readonly Leftover[], mounts: ObservedMounts): readonly ListedCollection[] {
  const addresses = [...desired.values(), ...leftovers.flatMap(it => it.subject ?? [])]
  const managed = new Set(addresses.flatMap(it => (it.kind === 'mount' ? it.address : (it.mount ?? []))))
  return [...managed].flatMap(mount => {
    const type = mounts.get(mount)?.type
    const sections = type === undefined ? {} : (mountTypeOf(homeOf(mount), type)?.sections ?? {})
    return Object.values(sections).flatMap(it => {
      if (it.is !== 'collection') return []
      // Nobody manages all of what every server has, nor has the right to look at it.
      const isAsked =
        homes.every(({ home }) => homeAddress(home) !== mount) || addresses.some(({ address }) => address.startsWith(`${mount}${it.path}/`))
      return isAsked
        ? [{ mount, collection: it.path, inOneAnswer: it.inOneAnswer === true, answerKey: it.answerKey, builtIn: it.builtIn }]
        : []
    })
  })
}

const isIgnored = ({ settings }: Wanted, address: Address): boolean =>
  settings.ignore.some(it => it.attributes === undefined && it.matches(address))

const isStranger = (wanted: Wanted, ledger: Ledger, foreign: ReadonlyMap<Address, string>, address: Address): boolean =>
  !wanted.desired.has(address) && !ledger.entries.has(address) && !foreign.has(address)

const isUnmanaged = (wanted: Wanted, ledger: Ledger, foreign: ReadonlyMap<Address, string>, address: Address): boolean =>
  isStranger(wanted, ledger, foreign, address) && !isIgnored(wanted, address)

const builtIn: ReadonlySet<string> = new Set(
  (['auth', 'engine'] as const).flatMap(table => builtInMounts[table].map(it => `${table}/${it}/`)),
)
const isBuiltInMount = (address: Address): boolean => builtIn.has(address)

const isBuiltInPolicy = (name: string): boolean =>
  name.startsWith(ledgerFolder) || ['root', 'default', 'response-wrapping', 'control-group', 'default-ceiling'].includes(name)

const isTable = (address: Address): boolean => classOf(address) === 'auth' || classOf(address) === 'engine'

function strangers(
  table: MountTable,
  mounts: ObservedMounts,
  wanted: Wanted,
  ledger: Ledger,
  foreign: ReadonlyMap<Address, string>,
): readonly Address[] {
  return [...mounts.keys()].filter(it => classOf(it) === table && !isBuiltInMount(it) && isUnmanaged(wanted, ledger, foreign, it)).sort()
}
