import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { typeOf, type KeyRecord, type Mount, type Version } from './key.ts'
import { pem } from './shown.ts'
import { rawPublic } from './signing.ts'

const PARAMS = {
  type: f.some('What is wanted: `encryption-key`, `signing-key`, `hmac-key`, `public-key` or `certificate-chain`.'),
  name: f.name('Name of the key.'),
}
const KEYS = gives.any('The secrets by version.')

const routes = {
  all: route('export/{type}/{name}', {
    doc: 'The secrets of an exportable key.',
    params: PARAMS,
    ops: { read: op({ doc: 'Read them, every version that decrypts.', gives: KEYS }) },
  }),
  one: route('export/{type}/{name}/{version}', {
    doc: 'The secret of one version of an exportable key.',
    params: { ...PARAMS, version: f.some('Number of the version, or `latest`.') },
    ops: { read: op({ doc: 'Read it.', gives: KEYS }) },
  }),
}

const TYPES = ['encryption-key', 'signing-key', 'hmac-key', 'public-key', 'certificate-chain']
const isPublic = (type: string): boolean => type === 'public-key' || type === 'certificate-chain'

function check(key: KeyRecord, type: string): void {
  const { encrypts, signs } = typeOf(key)
  const refused = (why: string): Error => faults.refused({ why })
  if (!isPublic(type) && !key.exportable) throw refused('private key material is not exportable')
  if (type === 'encryption-key' && !encrypts) throw refused('encryption not supported for the key')
  if (type === 'signing-key' && !signs) throw refused('signing not supported for the key')
  if (type === 'certificate-chain' && !signs) throw refused('certificate chain not supported for keys that do not support signing')
}

/** One version in the form in which tools take it over: PEM of the old kinds (RFC 8017, RFC 5915), the rest base 64. */
export function exported(version: Version, type: string): string {
  const { family, name } = version.type
  if (type === 'hmac-key') return version.record.hmacKey
  if (type === 'certificate-chain') {
    if (version.record.certificates === undefined)
      throw faults.failedAs({ why: 'selected key version does not have a certificate chain imported' })
    return version.record.certificates.trim()
  }
  if (type === 'public-key') {
    if (family === 'ed25519') return rawPublic(version.public)
    if (family === 'ecdsa' || family === 'rsa') return pem(version).trim()
    throw faults.failedAs({ why: `unknown key type ${name} for export type public-key` })
  }
  if (family === 'cipher' || family === 'ed25519') return version.record.secret ?? ''
  const own = version.private
  if (own === undefined) return ''
  return own
    .export({ type: family === 'rsa' ? 'pkcs1' : 'sec1', format: 'pem' })
    .toString()
    .trim()
}

function numbersOf(key: KeyRecord, wanted: string | undefined): readonly number[] {
  const oldest = Math.max(1, key.minDecryptionVersion)
  if (wanted === undefined) return Array.from({ length: key.latestVersion - oldest + 1 }, (_, i) => oldest + i)
  if (wanted === 'latest') return [key.latestVersion]
  if (!/^[+-]?\d{1,15}$/.test(wanted)) throw faults.refused({ why: 'invalid key version' })
  const number = Number(wanted)
  if (number < key.minDecryptionVersion) throw faults.refused({ why: 'version for export is below minimum decryption version' })
  if (number > key.latestVersion) throw faults.refused({ why: 'version does not exist or cannot be found' })
  return [number]
}

export const exportRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const read = async (
    view: View,
    name: string,
    type: string,
    wanted?: string,
  ): Promise<{ readonly is: 'any'; readonly data: Readonly<Record<string, unknown>> }> => {
    if (!TYPES.includes(type)) throw faults.refused({ why: `invalid export type: ${type}` })
    const key = await mount.key(view, name)
    if (key === undefined) throw faults.notFound()
    check(key, type)
    if (key.softDeleted) throw faults.failedAs({ why: 'refusing to use soft-deleted key' })
    const keys: Record<string, string> = {}
    for (const number of numbersOf(key, wanted)) keys[number] = exported(await mount.version(view, key, number), type)
    return { is: 'any', data: { name, type: key.type, keys } }
  }
  return {
    all: { read: ({ params: { type, name }, view }) => read(view, name, type) },
    one: { read: ({ params: { type, name, version }, view }) => read(view, name, type, version) },
  }
})
