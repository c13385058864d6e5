/** What holds for the words of entities and groups alike, in the peer's words where it is refused. */
import { goQuote, type Random } from '../../../kernel/index.ts'
import { faults, ROOT_NAMESPACE, type Labels } from '../../logical/index.ts'
import { sanitizePolicies } from '../policy-names.ts'

const MOST_LABELS = 64
const LONGEST_KEY = 128
const LONGEST_VALUE = 512

/** Trimmed and lower-cased before it is compared: ` Root` is root. */
export function identityPolicies(given: readonly string[]): readonly string[] {
  const policies = sanitizePolicies(given, false)
  if (policies.includes('root')) throw faults.refused({ why: 'policies cannot contain root' })
  return policies
}

/** The value is not quoted: it may be anything. */
export function checkLabels(labels: Labels, whose: 'entity' | 'group'): void {
  const refuse = (why: string): never => {
    throw faults.failedAs({ why: `invalid ${whose} metadata: ${why}` })
  }
  const pairs = Object.entries(labels)
  if (pairs.length > MOST_LABELS) refuse(`metadata cannot contain more than ${MOST_LABELS} key/value pairs`)
  for (const [key, value] of pairs) {
    const wrong =
      key === ''
        ? 'key cannot be blank'
        : Buffer.byteLength(key) > LONGEST_KEY
          ? `key is too long (limit: ${LONGEST_KEY} characters)`
          : Buffer.byteLength(value) > LONGEST_VALUE
            ? `value is too long (limit: ${LONGEST_VALUE} characters)`
            : undefined
    if (wrong !== undefined) refuse(`failed to load metadata pair (${goQuote(key)}, ${goQuote(value)}): ${wrong}`)
  }
}

/** Of an alias: as the metadata of a KV secret is checked. */
export function checkCustomLabels(labels: Labels): void {
  const refuse = (why: string): never => {
    throw faults.failedAs({ why: `custom_metadata validation failed: ${why}` })
  }
  const pairs = Object.entries(labels)
  if (pairs.length > MOST_LABELS) refuse(`payload must contain at most ${MOST_LABELS} keys, provided ${pairs.length}`)
  for (const [key, value] of pairs) {
    const size = Buffer.byteLength(key)
    if (size === 0 || size > LONGEST_KEY) refuse(`length of key ${goQuote(key)} is ${size} but must be 0 < len(key) <= ${LONGEST_KEY}`)
    const length = Buffer.byteLength(value)
    if (length === 0 || length > LONGEST_VALUE)
      refuse(`length of value for key ${goQuote(key)} is ${length} but must be 0 < len(value) <= ${LONGEST_VALUE}`)
  }
}

/** `entity_7a3d18ee.root`; the last part is the namespace. */
export const givenName = (random: Random, kind: 'entity' | 'group', namespace: string = ROOT_NAMESPACE.id): string =>
  `${kind}_${Buffer.from(random.bytes(4)).toString('hex')}.${namespace}`

export function sameLabels(a: Labels | null, b: Labels | null): boolean {
  const one = Object.entries(a ?? {})
  return one.length === Object.keys(b ?? {}).length && one.every(([key, value]) => b?.[key] === value)
}
