import { f } from '../../schema/index.ts'
import {
  decodedBase64,
  DEFAULT_HASH,
  digestOf,
  gives,
  op,
  RANDOM_SOURCES,
  randomText,
  route,
  statefulFamily,
  type Family,
  type HandlersOf,
} from '../framework/index.ts'
import type { SystemPorts } from '../logical/index.ts'

const hashInput = {
  input: f.string('The input, base 64.').default(''),
  algorithm: f.string('The hash.').default(DEFAULT_HASH),
  format: f.string('`hex` or `base64`.').default('hex'),
}
const hashGives = gives.data({ sum: f.string('The digest.') })
const randomInput = {
  bytes: f.int('How many bytes.').default(32),
  format: f.string('`hex` or `base64`.').default('base64'),
}
const randomGives = gives.data({ random_bytes: f.string('The bytes.', { secret: true }) })
/** The peer's pattern has both in the URL, empty where nothing stands. */
const inUrlOnly = { source: f.string('Only in the URL.'), urlbytes: f.string('Only in the URL.') }

const routes = {
  hash: route('tools/hash', { doc: 'Digests.', ops: { write: op({ doc: 'Hash.', input: hashInput, gives: hashGives }) } }),
  hashBy: route('tools/hash/{urlalgorithm}', {
    doc: 'Digests, by a hash.',
    params: { urlalgorithm: f.some('The hash.') },
    ops: { write: op({ doc: 'Hash.', input: hashInput, gives: hashGives }) },
  }),
  random: route('tools/random', {
    doc: 'Random bytes.',
    ops: { write: op({ doc: 'Make them.', input: { ...randomInput, ...inUrlOnly }, gives: randomGives }) },
  }),
  randomOf: route('tools/random/{urlbytes}', {
    doc: 'Random bytes.',
    params: { urlbytes: f.some('How many bytes, or where they come from: `platform`, `seal` or `all`.') },
    ops: { write: op({ doc: 'Make them.', input: randomInput, gives: randomGives }) },
  }),
  randomFrom: route('tools/random/{source}/{urlbytes}', {
    doc: 'Random bytes from a source.',
    params: { source: f.some('`platform`, `seal` or `all`.'), urlbytes: f.some('How many bytes.') },
    ops: { write: op({ doc: 'Make them.', input: randomInput, gives: randomGives }) },
  }),
}

const bytesOf = (input: string): Uint8Array => decodedBase64(input, 'unable to decode input as base64: ')

export const tools: Family<SystemPorts> = statefulFamily(routes, ({ random }: SystemPorts): HandlersOf<typeof routes> => ({
  hash: {
    write: async ({ input: { input, algorithm, format } }) => ({ is: 'data', data: { sum: digestOf(bytesOf(input), algorithm, format) } }),
  },
  hashBy: {
    write: async ({ input: { input, format }, params }) => ({
      is: 'data',
      data: { sum: digestOf(bytesOf(input), params.urlalgorithm, format) },
    }),
  },
  random: {
    async write({ input: { bytes: count, format, source, urlbytes }, warn }) {
      const ignored = [source !== undefined && 'source', urlbytes !== undefined && 'urlbytes'].filter(it => it !== false)
      if (ignored.length > 0)
        warn(`Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [${ignored.join(' ')}]`)
      return { is: 'data', data: { randomBytes: randomText(random, { source: 'platform', count, format }, warn) } }
    },
  },
  randomOf: {
    async write({ params: { urlbytes: word }, input: { bytes, format }, warn }) {
      const wanted = RANDOM_SOURCES.includes(word) ? { source: word, count: bytes } : { source: 'platform', count: word }
      return { is: 'data', data: { randomBytes: randomText(random, { ...wanted, format }, warn) } }
    },
  },
  randomFrom: {
    write: async ({ params: { source, urlbytes: count }, input: { format }, warn }) => ({
      is: 'data',
      data: { randomBytes: randomText(random, { source, count, format }, warn) },
    }),
  },
}))
