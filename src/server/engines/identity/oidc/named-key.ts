/**
 * A named key: a pair that signs, a pair that will sign next (its public half is published already, so that verifiers that cache
 * have it in time), and the public halves of pairs that signed before, until what they signed has run out.
 */
import type { Random } from '../../../../kernel/index.ts'
import { collection, type Collection, type View } from '../../../logical/index.ts'
import { makePrivateKey, publicJwk, type Jwk } from './algorithms.ts'

export interface Pair {
  readonly kid: string
  readonly privateKey: string
}
/** Spans in seconds, moments in epoch milliseconds. */
export interface NamedKey {
  readonly name: string
  readonly algorithm: string
  readonly rotationPeriod: number
  readonly verificationTtl: number
  readonly allowedClientIds: readonly string[]
  readonly signing: Pair
  readonly next: Pair
  readonly retired: readonly { readonly jwk: Jwk; readonly until: number }[]
  readonly nextRotation: number
}

/** Every server has it. */
export const DEFAULT_KEY = 'default'
export const DAY = 86_400

export const keysOf = (view: View): Collection<NamedKey> => collection(view, 'oidc/key/')

async function newPair(algorithm: string, random: Random): Promise<Pair> {
  return { kid: random.uuid(), privateKey: await makePrivateKey(algorithm) }
}

export type KeySettings = Pick<NamedKey, 'name' | 'algorithm' | 'rotationPeriod' | 'verificationTtl' | 'allowedClientIds'>
export const defaultSettings: KeySettings = {
  name: DEFAULT_KEY,
  algorithm: 'RS256',
  rotationPeriod: DAY,
  verificationTtl: DAY,
  allowedClientIds: ['*'],
}

export async function newKey(settings: KeySettings, random: Random, now: number): Promise<NamedKey> {
  const [signing, next] = await Promise.all([newPair(settings.algorithm, random), newPair(settings.algorithm, random)])
  return { ...settings, signing, next, retired: [], nextRotation: now + settings.rotationPeriod * 1000 }
}

/** `verificationTtl`: how long the key that signed until now is still published; absent: as the key says. */
export async function rotated(
  key: NamedKey,
  random: Random,
  now: number,
  verificationTtl: number = key.verificationTtl,
): Promise<NamedKey> {
  const jwk = publicJwk(key.signing.privateKey, key.signing.kid, key.algorithm)
  const retired = [...key.retired.filter(it => it.until > now), { jwk, until: now + verificationTtl * 1000 }]
  return {
    ...key,
    signing: key.next,
    next: await newPair(key.algorithm, random),
    retired: retired.filter(it => it.until > now),
    nextRotation: now + key.rotationPeriod * 1000,
  }
}

/** Of everything that this key signed, or will sign, and that may still be valid. */
export const publicKeys = (key: NamedKey, now: number): readonly Jwk[] => [
  publicJwk(key.signing.privateKey, key.signing.kid, key.algorithm),
  publicJwk(key.next.privateKey, key.next.kid, key.algorithm),
  ...key.retired.filter(it => it.until > now).map(it => it.jwk),
]

export async function readKey(view: View, name: string, random: Random, now: number): Promise<NamedKey | undefined> {
  const known = await keysOf(view).get(name)
  if (known !== undefined || name !== DEFAULT_KEY) return known
  const made = await newKey(defaultSettings, random, now)
  return view.transact(async tx => {
    const there = await keysOf(tx).get(name)
    if (there !== undefined) return there
    await keysOf(tx).put(name, made)
    return made
  })
}
