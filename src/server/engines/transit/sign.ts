import { createHmac, timingSafeEqual } from 'node:crypto'
import { f, type WireObject } from '../../../schema/index.ts'
import {
  decodedBase64,
  type Family,
  gives,
  type HandlersOf,
  op,
  route,
  statefulFamily,
  DEFAULT_HASH,
  opensslHash,
} from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { each, itemsIn, looseItems, textIn, type Item } from './batch.ts'
import { refuseDeleted, typeOf, type KeyRecord, type Mount } from './key.ts'
import { sign, verify, type Manner } from './signing.ts'
import { HMAC, readVersioned, SIGNATURE, versioned } from './versioned.ts'

const NAME = { name: f.name('Name of the key.') }
const HASH = { urlalgorithm: f.some('Hash of the input.') }
const RESULT = gives.any('The result, or `batch_results` with one for each item.')

const input = f.string('The input, base 64.')
const context = f.string('Context of a derived key, base 64.')
const batch = f.json('Several items in place of one, each with its own words and a `reference`.')
const keyVersion = f.int('Version of the key; 0 for the latest.')
const manner = {
  hash_algorithm: f.string(`Hash of the input, ${DEFAULT_HASH} by default; \`none\` for RSA PKCS #1 v1.5 over what is prehashed.`),
  algorithm: f.string('The same.').deprecated('use hash_algorithm'),
  signature_algorithm: f.string('Padding of an RSA signature: `pss` (the default) or `pkcs1v15`.'),
  marshaling_algorithm: f.string('Form of an ECDSA signature: `asn1` (the default) or `jws`.'),
  salt_length: f.string('Of RSA PSS: `auto` (the default), `hash`, or so many bytes.'),
  prehashed: f.bool('Whether the input is the digest.'),
}
const signInput = { input, context, key_version: keyVersion, ...manner, batch_input: batch }
const verifyInput = {
  input,
  context,
  signature: f.string('The signature, with its version.'),
  hmac: f.string('The HMAC, with its version.'),
  ...manner,
  batch_input: batch,
}
const hmacInput = { input, algorithm: f.string(`Hash, ${DEFAULT_HASH} by default.`), key_version: keyVersion, batch_input: batch }

const routes = {
  sign: route('sign/{name}', { doc: 'Signatures.', params: NAME, ops: { write: op({ doc: 'Sign.', input: signInput, gives: RESULT }) } }),
  signBy: route('sign/{name}/{urlalgorithm}', {
    doc: 'Signatures, by a hash.',
    params: { ...NAME, ...HASH },
    ops: { write: op({ doc: 'Sign.', input: signInput, gives: RESULT }) },
  }),
  verify: route('verify/{name}', {
    doc: 'The check of signatures and HMACs.',
    params: NAME,
    ops: { write: op({ doc: 'Verify.', input: verifyInput, gives: RESULT }) },
  }),
  verifyBy: route('verify/{name}/{urlalgorithm}', {
    doc: 'The check of signatures and HMACs, by a hash.',
    params: { ...NAME, ...HASH },
    ops: { write: op({ doc: 'Verify.', input: verifyInput, gives: RESULT }) },
  }),
  hmac: route('hmac/{name}', {
    doc: 'HMACs.',
    params: NAME,
    ops: { write: op({ doc: 'Authenticate.', input: hmacInput, gives: RESULT }) },
  }),
  hmacBy: route('hmac/{name}/{urlalgorithm}', {
    doc: 'HMACs, by a hash.',
    params: { ...NAME, ...HASH },
    ops: { write: op({ doc: 'Authenticate.', input: hmacInput, gives: RESULT }) },
  }),
}

interface Words {
  readonly hashAlgorithm?: string
  readonly algorithm?: string
  readonly signatureAlgorithm?: string
  readonly marshalingAlgorithm?: string
  readonly saltLength?: string
  readonly prehashed?: boolean
}
const firstOf = (...texts: readonly (string | undefined)[]): string | undefined => texts.find(it => it !== undefined && it !== '')

function mannerOf(given: Words, inUrl: string | undefined): Manner {
  const hash = firstOf(inUrl, given.hashAlgorithm, given.algorithm) ?? DEFAULT_HASH
  const marshaling = firstOf(given.marshalingAlgorithm) ?? 'asn1'
  const padding = firstOf(given.signatureAlgorithm) ?? 'pss'
  const prehashed = given.prehashed ?? false
  const refused = (why: string): Error => faults.refused({ why })
  if (hash !== 'none' && opensslHash(hash) === undefined) throw refused(`invalid hash algorithm ${JSON.stringify(hash)}`)
  if (hash === 'none' && (!prehashed || padding !== 'pkcs1v15'))
    throw refused('hash_algorithm=none requires both prehashed=true and signature_algorithm=pkcs1v15')
  if (marshaling !== 'asn1' && marshaling !== 'jws') throw refused(`invalid marshaling type ${JSON.stringify(marshaling)}`)
  const salt = saltOf(firstOf(given.saltLength) ?? 'auto')
  return { hash, prehashed, marshaling, padding: padding as Manner['padding'], salt }
}

function saltOf(text: string): Manner['salt'] {
  if (text === 'auto' || text === 'hash') return text
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text)
  throw faults.refused({ why: `salt length neither 'auto', 'hash', nor an int: ${text}` })
}

function refusePadding(key: KeyRecord, { padding }: Manner): void {
  if (typeOf(key).family === 'rsa' && padding !== 'pss' && padding !== 'pkcs1v15')
    throw faults.failedAs({ why: `unsupported rsa signature algorithm ${String(padding)}` })
}

/** A version to sign with; here the peer answers 500. */
function versionToSign(key: KeyRecord, asked: number): number {
  const refused = (why: string): Error => faults.failedAs({ why: `requested version for signing is ${why}` })
  if (asked === 0) return key.latestVersion
  if (asked < 0) throw refused('negative')
  if (asked > key.latestVersion) throw refused('higher than the latest key version')
  if (asked < key.minEncryptionVersion) throw refused('less than the minimum encryption key version')
  return asked
}

function contextIn(item: Item, batched: boolean): Buffer | undefined {
  const text = textIn(item, 'context')
  if (text === '') return undefined
  try {
    return decodedBase64(text)
  } catch (cause) {
    throw batched ? faults.refused({ why: 'failed to base64-decode context' }, { cause }) : cause
  }
}
const inputIn = (item: Item): Buffer => decodedBase64(textIn(item, 'input'), 'unable to decode input as base64: ')

function refuseNone(item: Item, why: string): void {
  if (item['input'] === undefined || item['input'] === null) throw faults.refused({ why })
}

interface Call {
  readonly params: { readonly name: string; readonly urlalgorithm?: string }
  readonly raw: WireObject
  readonly view: View
}
type Answer = { readonly is: 'any'; readonly data: WireObject }

async function signed(mount: Mount, { params, raw, view }: Call, given: Words & { readonly keyVersion?: number }): Promise<Answer> {
  const manner = mannerOf(given, params.urlalgorithm)
  const key = await mount.key(view, params.name)
  if (key === undefined) throw faults.refused({ why: 'signing key not found' })
  refuseDeleted(key)
  if (!typeOf(key).signs) throw faults.refused({ why: `key type ${key.type} does not support signing` })
  const one = async (item: Item, batched: boolean): Promise<WireObject> => {
    const bytes = inputIn(item)
    const context = contextIn(item, batched)
    refusePadding(key, manner)
    const number = versionToSign(key, given.keyVersion ?? 0)
    const { signature, publicKey } = await sign(key, await mount.version(view, key, number), bytes, context, manner)
    return { signature: versioned(number, signature), key_version: number, ...(publicKey !== undefined && { public_key: publicKey }) }
  }
  const items = itemsIn(raw, "'' ")
  if (items === undefined) return { is: 'any', data: await one(raw, false) }
  const { results } = await each(looseItems(items), { key_version: 0 }, item => {
    refuseNone(item, 'missing input')
    return one(item, true)
  })
  return { is: 'any', data: { batch_results: results } }
}

/** Which of the two the items are to be checked by: all by the same. */
function kindOf(items: readonly Item[]): 'signature' | 'hmac' {
  const [signatures, hmacs] = (['signature', 'hmac'] as const).map(name => items.filter(it => textIn(it, name) !== '').length) as [
    number,
    number,
  ]
  if (signatures === 0 && hmacs === 0) throw faults.refused({ why: "no batch_input elements have 'signature' or 'hmac'" })
  if (signatures > 0 && hmacs > 0)
    throw faults.refused({ why: "elements of batch_input must all provide 'signature' or all provide 'hmac'" })
  const kind = hmacs > 0 ? 'hmac' : 'signature'
  if (Math.max(signatures, hmacs) < items.length) throw faults.refused({ why: `some elements of batch_input are missing '${kind}'` })
  return kind
}

async function verified(mount: Mount, call: Call, given: Words): Promise<Answer> {
  const { params, raw } = call
  const batch = itemsIn(raw, "'' ")
  const items = batch && looseItems(batch)
  const single = (['signature', 'hmac'] as const).find(it => raw[it] !== undefined)
  const kind = items ? kindOf(items) : single
  if (kind === undefined) throw faults.refused({ why: "neither a 'signature' nor an 'hmac' were given to verify" })
  const one =
    kind === 'hmac' ? await hmacVerifier(mount, call, given) : await signatureVerifier(mount, call, mannerOf(given, params.urlalgorithm))
  if (items === undefined) return { is: 'any', data: { valid: await one(raw, false) } }
  const { results } = await each(items, kind === 'signature' ? { valid: false } : {}, async item => {
    refuseNone(item, 'missing input')
    return { valid: await one(item, true) }
  })
  return { is: 'any', data: { batch_results: results } }
}

type Verifier = (item: Item, batched: boolean) => Promise<boolean>

async function signatureVerifier(mount: Mount, { params, view }: Call, manner: Manner): Promise<Verifier> {
  const key = await mount.key(view, params.name)
  if (key === undefined) throw faults.refused({ why: 'signature verification key not found' })
  refuseDeleted(key)
  if (!typeOf(key).signs) throw faults.refused({ why: `key type ${key.type} does not support verification` })
  return async (item, batched) => {
    const bytes = inputIn(item)
    const context = contextIn(item, batched)
    const { version, text } = readVersioned(textIn(item, 'signature'), key, SIGNATURE)
    refusePadding(key, manner)
    return verify(key, await mount.version(view, key, version), bytes, text, context, manner)
  }
}

async function hmacVerifier(mount: Mount, { params, view }: Call, given: Words): Promise<Verifier> {
  const hash = hmacHash(params.urlalgorithm, given)
  const key = await mount.key(view, params.name)
  if (key === undefined) throw faults.refused({ why: 'encryption key not found' })
  refuseDeleted(key)
  return async item => {
    const bytes = inputIn(item)
    const { version, text } = readVersioned(textIn(item, 'hmac'), key, HMAC)
    const expected = createHmac(hash, (await mount.version(view, key, version)).hmac)
      .update(bytes)
      .digest()
    const found = decodedBase64(text, 'unable to decode verification HMAC as base64: ')
    return found.length === expected.length && timingSafeEqual(found, expected)
  }
}

function hmacHash(inUrl: string | undefined, { algorithm, hashAlgorithm }: Words): string {
  const hash = opensslHash(firstOf(inUrl, hashAlgorithm, algorithm) ?? DEFAULT_HASH)
  if (hash === undefined) throw faults.refused({ why: "unsupported algorithm '\\x00'" })
  return hash
}

async function authenticated(
  mount: Mount,
  { params, raw, view }: Call,
  given: { readonly algorithm?: string; readonly keyVersion?: number },
): Promise<Answer> {
  const key = await mount.key(view, params.name)
  if (key === undefined) throw faults.refused({ why: 'encryption key not found' })
  refuseDeleted(key)
  const { keyVersion: asked = 0 } = given
  if (asked > key.latestVersion || asked < 0)
    throw faults.refused({ why: `key version does not exist; latest key version is ${key.latestVersion}` })
  if (asked !== 0 && asked < key.minEncryptionVersion)
    throw faults.refused({ why: 'cannot generate HMAC: version is too old (disallowed by policy)' })
  const number = asked === 0 ? key.latestVersion : asked
  const version = await mount.version(view, key, number)
  const hash = hmacHash(params.urlalgorithm, given)
  const one = async (item: Item): Promise<WireObject> => {
    refuseNone(item, 'missing input for HMAC')
    return { hmac: versioned(number, createHmac(hash, version.hmac).update(inputIn(item)).digest('base64')) }
  }
  const items = itemsIn(raw, "'' ")
  if (items === undefined) return { is: 'any', data: await one(raw) }
  return { is: 'any', data: { batch_results: (await each(looseItems(items), {}, one)).results } }
}

export const signRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  sign: { write: call => signed(mount, call, call.input) },
  signBy: { write: call => signed(mount, call, call.input) },
  verify: { write: call => verified(mount, call, call.input) },
  verifyBy: { write: call => verified(mount, call, call.input) },
  hmac: { write: call => authenticated(mount, call, call.input) },
  hmacBy: { write: call => authenticated(mount, call, call.input) },
}))
