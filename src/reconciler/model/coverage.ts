import { classOf, isMountAddress, type Address } from './address.ts'

/** What is counted apart: `other` is what lives on no auth or secrets mount. */
export type CoverageClass = 'policies' | 'auth_mounts' | 'secrets_mounts' | 'auth_objects' | 'secrets_objects' | 'other'

export interface Covered {
  readonly managed: number
  readonly unmanaged: number
  readonly ignored: number
}

/** How much of what stands on a target the files describe. What an ignore rule names counts on neither side. */
export type Coverage = Readonly<Record<CoverageClass, Covered>>

/** An ignore rule that holds, as people are reminded of it. */
export interface StandingIgnore {
  readonly pattern: string
  readonly attributes?: readonly string[]
  readonly reason?: string
  /** RFC 3339. */
  readonly until?: string
}

export const coverageClasses: readonly CoverageClass[] = [
  'policies',
  'auth_mounts',
  'secrets_mounts',
  'auth_objects',
  'secrets_objects',
  'other',
]

export function coverageClassOf(address: Address): CoverageClass {
  const home = classOf(address) as string
  if (home === 'policy') return 'policies'
  if (home !== 'auth' && home !== 'engine') return 'other'
  if (isMountAddress(address)) return home === 'auth' ? 'auth_mounts' : 'secrets_mounts'
  return home === 'auth' ? 'auth_objects' : 'secrets_objects'
}

export function coverageOf(sides: Readonly<Record<keyof Covered, Iterable<Address>>>): Coverage {
  const count = (addresses: Iterable<Address>, kind: CoverageClass): number =>
    [...addresses].filter(it => coverageClassOf(it) === kind).length
  return Object.fromEntries(
    coverageClasses.map(kind => [
      kind,
      { managed: count(sides.managed, kind), unmanaged: count(sides.unmanaged, kind), ignored: count(sides.ignored, kind) },
    ]),
  ) as Record<CoverageClass, Covered>
}

/** Of what could be managed, in percent; 100 where there is nothing. */
export function coveredPercent(coverage: Coverage): number {
  const all = Object.values(coverage)
  const managed = all.reduce((sum, it) => sum + it.managed, 0)
  const of = managed + all.reduce((sum, it) => sum + it.unmanaged, 0)
  return of === 0 ? 100 : (managed / of) * 100
}
