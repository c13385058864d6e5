import { f } from '../../../schema/index.ts'
import {
  decodedBase64,
  DEFAULT_HASH,
  digestOf,
  type Family,
  gives,
  type HandlersOf,
  op,
  RANDOM_SOURCES,
  randomText,
  type RandomWish,
  route,
  statefulFamily,
} from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
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

function hashed(
  { input, algorithm, format }: { readonly input?: string; readonly algorithm?: string; readonly format?: string },
  inUrl?: string,
): string {
  if (input === undefined) throw faults.refused({ why: 'input missing' })
  const bytes = decodedBase64(input, 'unable to decode input as base64: ')
  return digestOf(bytes, inUrl ?? algorithm ?? DEFAULT_HASH, format ?? 'hex')
}

export const randomRoutes: Family<Mount> = statefulFamily(routes, ({ host }: Mount): HandlersOf<typeof routes> => {
  const made = (wish: RandomWish, warn: (text: string) => void): string => randomText(host.random, wish, warn)
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
        const wanted = RANDOM_SOURCES.includes(word) ? { source: word, count: bytes, format } : { source, count: word, format }
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
