import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Host, type View } from '../../logical/index.ts'
import { ALGORITHMS, barcode, BarcodeTooSmall, fromBase32, keyUri, readKeyUri, type Key, type UriWords } from '../../totp/index.ts'
import { keysOf } from './key.ts'

/** What one request may cost: no app reads larger keys or pictures. */
const MOST_BYTES = 1024
const MOST_PIXELS = 8192

const facts = {
  account_name: f.string('Whose key it is; needed when it is made here.'),
  issuer: f.string('The organisation that it is for; needed when it is made here.'),
  algorithm: f.string('Hash of the codes: `SHA1` (the default), `SHA256` or `SHA512`.'),
  digits: f.int('Digits of a code: 6 (the default) or 8.'),
  period: f.duration('How long a code holds; 30 seconds by default.'),
}
const input = {
  ...facts,
  generate: f.bool('Whether the key is made here.'),
  exported: f.bool('Whether a key that is made here is told, once. It is by default.'),
  key_size: f.int('Bytes of a key that is made here; 20 by default.'),
  key: f.string('The key, in base 32, where it was made elsewhere.', { secret: true }),
  url: f.string('A key URI, `otpauth://totp/…`, where it was made elsewhere.', { secret: true }),
  skew: f.int('How many periods a code may be early or late: 0 or 1 (the default).'),
  qr_size: f.int('Pixels of a side of the barcode; 200 by default, none with 0.'),
}
type Input = Decoded<typeof input>

const routes = {
  keys: route('keys', {
    doc: 'The names of all keys.',
    ops: { list: op({ doc: 'List the keys.', input: paging, gives: gives.keys }) },
  }),
  key: route('keys/{name}', {
    doc: 'A key that codes are made of or checked with.',
    params: { name: f.name('Name of the key.', { at: true }) },
    ops: {
      read: op({ doc: 'Describe the key, without the key itself.', gives: gives.data(facts) }),
      write: op({
        doc: 'Make the key, or take it over. What there was of this name is gone.',
        input,
        gives: [
          gives.data({
            barcode: f.string('The same as a PNG, base 64.', { secret: true }),
            url: f.string('The key as a URI for authenticator apps.', { secret: true }),
          }),
          gives.nothing,
        ],
      }),
      delete: op({ doc: 'Delete the key.', gives: gives.nothing }),
    },
  }),
}

/** The URI's words go before those of the request. */
function wordsOf({ url = '' }: Input): UriWords | undefined {
  if (url === '') return undefined
  const words = readKeyUri(url)
  if (words === undefined) throw faults.refused({ why: 'an error occurred while parsing url string' })
  return words
}

function numberIn(words: UriWords | undefined, name: 'digits' | 'period'): number | undefined {
  const text = words?.[name]
  if (text === undefined) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw faults.refused({ why: `an error occurred while parsing ${name} value in url` })
  return Number(text)
}

type Facts = Omit<Key, 'secret'>

/** Checked in the peer's order, which decides what is complained of first. */
function checked(facts: Omit<Facts, 'algorithm'> & { readonly algorithm: string }): Facts {
  const algorithm = ALGORITHMS.find(it => it === facts.algorithm)
  if (algorithm === undefined) throw faults.refused({ why: 'the algorithm value is not valid' })
  if (facts.digits !== 6 && facts.digits !== 8) throw faults.refused({ why: 'the digits value can only be 6 or 8' })
  if (facts.period <= 0) throw faults.refused({ why: 'the period value must be greater than zero' })
  if (facts.skew !== 0 && facts.skew !== 1) throw faults.refused({ why: 'the skew value must be 0 or 1' })
  return { ...facts, algorithm }
}

function secretOf(text: string): string {
  if (text === '') throw faults.refused({ why: 'the key value is required' })
  const read = fromBase32(text)
  if ('wrongAt' in read) throw faults.refused({ why: `invalid key value: illegal base32 data at input byte ${read.wrongAt}` })
  return Buffer.from(read.bytes).toString('hex')
}

/** What a key of the caller's is to be, in whichever of the two forms it came. */
function imported(given: Input): Key {
  const words = wordsOf(given)
  const digits = numberIn(words, 'digits') ?? given.digits ?? 6
  const period = numberIn(words, 'period') ?? given.period ?? 30
  const facts = {
    issuer: words?.issuer ?? given.issuer ?? '',
    accountName: words?.accountName ?? given.accountName ?? '',
    algorithm: words?.algorithm ?? given.algorithm ?? 'SHA1',
    digits,
    period,
    skew: given.skew ?? 1,
  }
  const text = words?.secret ?? given.key ?? ''
  if (text === '') throw faults.refused({ why: 'the key value is required' })
  const known = checked(facts)
  return { ...known, secret: secretOf(text) }
}

function generated(given: Input, random: Host['random']): Key {
  if ((given.key ?? '') !== '') throw faults.refused({ why: 'a key should not be passed if generate is true' })
  if ((given.url ?? '') !== '') throw faults.refused({ why: 'a url should not be passed if generate is true' })
  const { issuer = '', accountName = '', keySize = 20, algorithm = 'SHA1', digits = 6, period = 30, skew = 1 } = given
  if (keySize <= 0) throw faults.refused({ why: 'the key_size value must be greater than zero' })
  if (keySize > MOST_BYTES) throw faults.refused({ why: `the key_size value must not be greater than ${MOST_BYTES}` })
  if (accountName === '') throw faults.refused({ why: 'the account_name value is required for generated keys' })
  if (issuer === '') throw faults.refused({ why: 'the issuer value is required for generated keys' })
  const facts = checked({ issuer, accountName, algorithm, digits, period, skew })
  return { ...facts, secret: Buffer.from(random.bytes(keySize)).toString('hex') }
}

/** A key that is written again as it was has not forgotten which codes were taken. */
async function replace(view: View, name: string, key: Key): Promise<void> {
  const before = await keysOf(view).get(name)
  const codesOf = ({ secret, algorithm, digits, period }: Key): string => JSON.stringify([secret, algorithm, digits, period])
  const same = before?.used !== undefined && codesOf(before) === codesOf(key)
  await keysOf(view).put(name, same ? { ...key, used: before.used } : key)
}

type Told = { readonly url: string; readonly barcode?: string }

function told(key: Key, size: number): Told {
  const url = keyUri(key)
  if (size === 0) return { url }
  try {
    return { url, barcode: Buffer.from(barcode(url, size)).toString('base64') }
  } catch (cause) {
    throw faults.failedAs(
      { why: `failed to generate QR code image: ${cause instanceof BarcodeTooSmall ? cause.message : 'the key does not fit into one'}` },
      { cause },
    )
  }
}

export const keys: Family<Host> = statefulFamily(routes, ({ random }: Host): HandlersOf<typeof routes> => ({
  keys: {
    async list({ view, input: { after, limit } }) {
      return {
        is: 'keys',
        keys: await keysOf(view).names('', { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }),
      }
    },
  },
  key: {
    async read({ params, view }) {
      const key = await keysOf(view).get(params.name)
      if (key === undefined) throw faults.notFound()
      const { accountName, issuer, algorithm, digits, period } = key
      return { is: 'wire', data: { account_name: accountName, algorithm, digits, issuer, period } }
    },
    async write({ params, input, view }) {
      const { generate = false, exported = true, qrSize = 200 } = input
      if (qrSize < 0) throw faults.refused({ why: 'the qr_size value must be greater than or equal to zero' })
      if (qrSize > MOST_PIXELS) throw faults.refused({ why: `the qr_size value must not be greater than ${MOST_PIXELS}` })
      const key = generate ? generated(input, random) : imported(input)
      const answer = generate && exported ? told(key, qrSize) : undefined
      await view.transact(tx => replace(tx, params.name, key))
      return answer === undefined ? { is: 'nothing' } : { is: 'data', data: answer }
    },
    async delete({ params, view }) {
      await keysOf(view).delete(params.name)
      return { is: 'nothing' }
    },
  },
}))
