/** Distinguished names (RFC 5280, section 4.1.2.4). */
import { type Element, Reader, readOid } from './der-reader.ts'
import { oid, sequence, setOf, TAG, text } from './der.ts'
import { OID } from './oids.ts'

export interface Attribute {
  readonly type: string
  readonly value: string
}

/** What a subject is made from. Several values of one kind stand side by side in one relative name. */
export interface Subject {
  readonly country?: readonly string[]
  readonly organization?: readonly string[]
  readonly organizationalUnit?: readonly string[]
  readonly locality?: readonly string[]
  readonly province?: readonly string[]
  readonly streetAddress?: readonly string[]
  readonly postalCode?: readonly string[]
  readonly commonName?: string
  readonly serialNumber?: string
  /** Behind all others, each a relative name of its own. */
  readonly extra?: readonly Attribute[]
}

const ORDER = ['country', 'province', 'locality', 'streetAddress', 'postalCode', 'organization', 'organizationalUnit'] as const

export function encodeName(subject: Subject): Buffer {
  const relative = (attributes: readonly Attribute[]): Buffer =>
    setOf(attributes.map(({ type, value }) => sequence(oid(type), text(value))))
  const sets = ORDER.flatMap(kind => {
    const values = subject[kind] ?? []
    return values.length === 0 ? [] : [relative(values.map(value => ({ type: OID[kind], value })))]
  })
  if (subject.commonName) sets.push(relative([{ type: OID.commonName, value: subject.commonName }]))
  if (subject.serialNumber) sets.push(relative([{ type: OID.serialNumber, value: subject.serialNumber }]))
  for (const attribute of subject.extra ?? []) sets.push(relative([attribute]))
  return sequence(...sets)
}

export interface Name {
  /** As it stands in the certificate: names are compared by these bytes. */
  readonly raw: Buffer
  readonly relative: readonly (readonly Attribute[])[]
}

export function readName(element: Element): Name {
  const sets = new Reader(element.content)
  const relative: Attribute[][] = []
  while (!sets.done) {
    const set = sets.inside(TAG.set)
    const attributes: Attribute[] = []
    while (!set.done) {
      const pair = set.inside()
      const type = readOid(pair.read(TAG.oid))
      attributes.push({ type, value: readText(pair.read()) })
      pair.end()
    }
    relative.push(attributes)
  }
  return { raw: element.raw, relative }
}

function readText({ tag, content }: Element): string {
  if (tag === TAG.utf8) return content.toString()
  if (tag === TAG.bmp)
    return Buffer.from(content.subarray(0, content.length & ~1))
      .swap16()
      .toString('utf16le')
  return content.toString('latin1')
}

/** All values of a kind, in their order. */
export const valuesOf = ({ relative }: Name, type: string): readonly string[] =>
  relative.flatMap(set => set.filter(it => it.type === type).map(it => it.value))

/** The last value of a kind, as a reader that overwrites would keep it. */
export const valueOf = (name: Name, type: string): string => valuesOf(name, type).at(-1) ?? ''

const SHORT: Readonly<Record<string, string>> = {
  [OID.country]: 'C',
  [OID.organization]: 'O',
  [OID.organizationalUnit]: 'OU',
  [OID.commonName]: 'CN',
  [OID.serialNumber]: 'SERIALNUMBER',
  [OID.locality]: 'L',
  [OID.province]: 'ST',
  [OID.streetAddress]: 'STREET',
  [OID.postalCode]: 'POSTALCODE',
}

/** RFC 2253: the most exact part first. */
export function showName({ relative }: Name): string {
  const part = ({ type, value }: Attribute): string => {
    const short = SHORT[type]
    if (short === undefined) return `${type}=#${text(value).toString('hex')}`
    return `${short}=${value.replaceAll(/[,+"\\<>;]|^[ #]| $/g, it => `\\${it}`)}`
  }
  return relative
    .toReversed()
    .map(set => set.map(part).join('+'))
    .join(',')
}
