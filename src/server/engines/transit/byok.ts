import { constants, createCipheriv, publicEncrypt } from 'node:crypto'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { KWP } from './import.ts'
import { typeOf, type Mount, type Version } from './key.ts'

const PARAMS = {
  destination: f.name('Name of the RSA key for which it is encrypted: the other mount’s wrapping key, imported here.'),
  source: f.name('Name of the key.'),
}
const KEYS = gives.any('The encrypted secrets by version.')
const routes = {
  all: route('byok-export/{destination}/{source}', {
    doc: 'The secrets of a key, encrypted for another server.',
    params: PARAMS,
    ops: { read: op({ doc: 'Read them.', gives: KEYS }) },
  }),
  one: route('byok-export/{destination}/{source}/{version}', {
    doc: 'The secret of one version of a key, encrypted for another server.',
    params: { ...PARAMS, version: f.some('Number of the version, or `latest`.') },
    ops: { read: op({ doc: 'Read it.', gives: KEYS }) },
  }),
}

/** What `import` of the other server takes. */
function wrapped(destination: Version, source: Version, random: Mount['host']['random']): string {
  const ephemeral = random.bytes(32)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const head = publicEncrypt({ key: destination.public, padding, oaepHash: 'sha256' }, ephemeral)
  const { family } = source.type
  const raw = family === 'cipher' || family === 'hmac'
  const secret = raw ? source.bytes : source.private?.export({ type: 'pkcs8', format: 'der' })
  if (secret === undefined) throw faults.failedAs({ why: 'key version does not have a private part' })
  const wrapping = createCipheriv(KWP.cipher, ephemeral, KWP.iv)
  return Buffer.concat([head, wrapping.update(secret), wrapping.final()]).toString('base64')
}

export const byokRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const read = async (
    view: View,
    to: string,
    from: string,
    wanted?: string,
  ): Promise<{ readonly is: 'any'; readonly data: Readonly<Record<string, unknown>> }> => {
    const destination = await mount.key(view, to)
    if (destination === undefined) throw faults.failedAs({ why: 'no such destination key to export to' })
    const source = await mount.key(view, from)
    if (source === undefined) throw faults.failedAs({ why: 'no such source key for export' })
    if (source.softDeleted || destination.softDeleted) throw faults.failedAs({ why: 'refusing to use soft-deleted key' })
    if (!source.exportable) throw faults.refused({ why: 'key is not exportable' })
    if (typeOf(destination).family !== 'rsa') throw faults.failedAs({ why: 'unsupported key type in use; must be a rsa key' })
    const key = await mount.version(view, destination, destination.latestVersion)
    const numbers =
      wanted === undefined
        ? all(source.minDecryptionVersion, source.latestVersion)
        : [chosen(wanted, source.minDecryptionVersion, source.latestVersion)]
    const keys: Record<string, string> = {}
    for (const number of numbers) keys[number] = wrapped(key, await mount.version(view, source, number), mount.host.random)
    return { is: 'any', data: { name: source.name, type: source.type, keys } }
  }
  return {
    all: { read: ({ params: { destination, source }, view }) => read(view, destination, source) },
    one: { read: ({ params: { destination, source, version }, view }) => read(view, destination, source, version) },
  }
})

const all = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - Math.max(1, from) + 1 }, (_, i) => Math.max(1, from) + i)

function chosen(wanted: string, oldest: number, latest: number): number {
  if (wanted === 'latest') return latest
  if (!/^[+-]?\d{1,15}$/.test(wanted)) throw faults.refused({ why: 'invalid key version' })
  const number = Number(wanted)
  if (number < oldest) throw faults.refused({ why: 'version for export is below minimum decryption version' })
  if (number > latest) throw faults.refused({ why: 'version does not exist or cannot be found' })
  return number
}
