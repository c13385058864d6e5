import {
  coverageClasses,
  coveredPercent,
  type ChangedBy,
  type Coverage,
  type CoverageClass,
  type StandingIgnore,
} from '../../model/index.ts'

/** Who it was, as far as the audit log tells. */
export function changedByText({ time, operation, displayName, entityId, accessor, remoteAddress }: ChangedBy): string {
  const who =
    displayName ??
    (entityId === undefined ? undefined : `entity ${entityId}`) ??
    (accessor === undefined ? 'somebody' : `accessor ${accessor}`)
  return `last ${operation} by ${who}${remoteAddress === undefined ? '' : ` from ${remoteAddress}`} at ${time}`
}

const CLASSES: Readonly<Record<CoverageClass, string>> = {
  policies: 'policies',
  auth_mounts: 'auth mounts',
  secrets_mounts: 'secrets mounts',
  auth_objects: 'objects on auth mounts',
  secrets_objects: 'objects on secrets mounts',
  other: 'others',
}

/** Never rounded up: 99.96 % is not all. */
export const percentText = (coverage: Coverage): string => `${(Math.floor(coveredPercent(coverage) * 10) / 10).toString()} %`

/** `Coverage: 80 %: policies 3 of 4 (2 ignored), …`. */
export function coverageLine(coverage: Coverage): string {
  const parts = coverageClasses.flatMap(kind => {
    const { managed, unmanaged, ignored } = coverage[kind]
    if (managed + unmanaged + ignored === 0) return []
    return [`${CLASSES[kind]} ${managed} of ${managed + unmanaged}${ignored === 0 ? '' : ` (${ignored} ignored)`}`]
  })
  return `Managed: ${percentText(coverage)}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`
}

export function ignoreText({ pattern, attributes, reason, until }: StandingIgnore): string {
  const what = attributes === undefined ? pattern : `${attributes.join(', ')} of ${pattern}`
  return `${what}${until === undefined ? '' : ` until ${until.slice(0, 10)}`}${reason === undefined ? '' : `: ${reason}`}`
}
