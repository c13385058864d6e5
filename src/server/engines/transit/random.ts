import { createHash } from 'node:crypto'
import { f } from '../../../schema/index.ts'
import { decodedBase64, type Family, gives, type HandlersOf, op, route, statefulFamily } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { DEFAULT_HASH, opensslHash } from './hashes.ts'
import type { Mount } from './key.ts'

const format = (fallback: string): ReturnType<typeof f.string> => f.string(`\`hex\` or \`base64\`; ${fallback} by default.`)
const hashInput = {
  input: f.string('The input, base 64.'),
  algorithm: f.string(`Hash, ${DEFAULT_HASH} by default.`),
  format: format('hex'),
}
const hashGives = gives.data({ sum: f.string('The digest.') })
const randomInput = {
  bytes: f.int('How many bytes; 32 by default.'),
  format: format('base64'),
  source: f.string('`platform` (the default), `seal` or `all`.'),
}
const randomGives = gives.data({ random_bytes: f.string('The bytes.', { secret: true }) })
const SOURCE = { source: f.some('`platform`, `seal` or `all`.') }
const BYTES = { urlbytes: f.some('How many bytes, or where they come from.') }

const routes = {
  hash: route('hash', { doc: 'Digests.', ops: { write: op({ doc: 'Hash.', input: hashInput, gives: hashGives }) } }),
  hashBy: route('hash/{urlalgorithm}', {
    doc: 'Digests, by a hash.',
    params: { urlalgorithm: f.some('The hash.') },
    ops: { write: op({ doc: 'Hash.', input: hashInput, gives: hashGives }) },
  }),
  random: route('random', { doc: 'Random bytes.', ops: { write: op({ doc: 'Make them.', input: randomInput, gives: randomGives }) } }),
  randomOf: route('random/{urlbytes}', {
    doc: 'Random bytes.',
    params: BYTES,
    ops: { write: op({ doc: 'Make them.', input: randomInput, gives: randomGives }) },
  }),
  randomFrom: route('random/{source}/{urlbytes}', {
    doc: 'Random bytes from a source.',
    params: { ...SOURCE, ...BYTES },
    ops: { write: op({ doc: 'Make them.', input: { bytes: randomInput.bytes, format: randomInput.format }, gives: randomGives }) },
  }),
}

const SOURCES = ['platform', 'seal', 'all']
const MOST = 128 * 1024

function hashed(
  { input, algorithm, format }: { readonly input?: string; readonly algorithm?: string; readonly format?: string },
  inUrl?: string,
): string {
  if (input === undefined) throw faults.refused({ why: 'input missing' })
  const bytes = decodedBase64(input, 'unable to decode input as base64: ')
  const name = inUrl ?? algorithm ?? DEFAULT_HASH
  const encoding = format ?? 'hex'
  if (encoding !== 'hex' && encoding !== 'base64')
    throw faults.refused({ why: `unsupported encoding format ${encoding}; must be "hex" or "base64"` })
  const hash = name === 'sha1' ? undefined : opensslHash(name)
  if (hash === undefined) throw faults.refused({ why: `unsupported algorithm ${name}` })
  return createHash(hash).update(bytes).digest(encoding)
}

interface Wanted {
  readonly source: string
  readonly count: string | number
  readonly format: string | undefined
}

export const randomRoutes: Family<Mount> = statefulFamily(routes, ({ host }: Mount): HandlersOf<typeof routes> => {
  const made = ({ source, count, format: encoding = 'base64' }: Wanted, warn: (text: string) => void): string => {
    if (typeof count === 'string' && !/^[+-]?\d{1,15}$/.test(count))
      throw faults.refused({ why: `error parsing url-set byte count: strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax` })
    const size = Number(count)
    if (size < 1) throw faults.refused({ why: "'bytes' cannot be less than 1" })
    if (size > MOST) throw faults.refused({ why: `'bytes' should be less than ${MOST}` })
    if (encoding !== 'hex' && encoding !== 'base64')
      throw faults.refused({ why: `unsupported encoding format ${JSON.stringify(encoding)}; must be "hex" or "base64"` })
    if (!SOURCES.includes(source))
      throw faults.refused({ why: `unsupported entropy source ${JSON.stringify(source)}; must be "platform" or "seal", or "all"` })
    if (source === 'seal') warn('no seal/entropy augmentation available, using platform entropy source')
    return Buffer.from(host.random.bytes(size)).toString(encoding)
  }
  return {
    hash: {
      async write({ input }) {
        return { is: 'data', data: { sum: hashed(input) } }
      },
    },
    hashBy: {
      async write({ input, params }) {
        return { is: 'data', data: { sum: hashed(input, params.urlalgorithm) } }
      },
    },
    random: {
      async write({ input: { bytes = 32, source = 'platform', format }, warn }) {
        return { is: 'data', data: { randomBytes: made({ source, count: bytes, format }, warn) } }
      },
    },
    randomOf: {
      async write({ params: { urlbytes: word }, input: { bytes = 32, source = 'platform', format }, warn }) {
        const wanted = SOURCES.includes(word) ? { source: word, count: bytes, format } : { source, count: word, format }
        return { is: 'data', data: { randomBytes: made(wanted, warn) } }
      },
    },
    randomFrom: {
      async write({ params: { source, urlbytes: count }, input: { format }, warn }) {
        return { is: 'data', data: { randomBytes: made({ source, count, format }, warn) } }
      },
    },
  }
})
