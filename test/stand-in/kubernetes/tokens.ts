import { randomUUID, type KeyObject } from 'node:crypto'
import { jwtVerify, SignJWT, type JWTPayload } from 'jose'

/** A service account that exists, by `namespace/name`. */
export interface Account {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export interface TokenWish {
  /** Absent: the API server's own audience. Empty: no audience at all, as in a token of old. */
  readonly audiences?: readonly string[]
  /** A token of old, which lay in a Secret and named its account in flat claims. */
  readonly secret?: string
  /** Seconds from now; a token of old has no end. */
  readonly expiresIn?: number
  /** Claims that replace those of an honest token. */
  readonly claims?: JWTPayload
}

export const ISSUER = 'https://kubernetes.default.svc.cluster.local'
export const LEGACY_ISSUER = 'kubernetes/serviceaccount'
const LEGACY = 'kubernetes.io/serviceaccount'

/** Signs what the API server signs: RS256 with a `kid`, claims as TokenRequest gives them or as the token controller did. */
export function sign(key: KeyObject, { namespace, name, uid }: Account, wish: TokenWish = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const sub = `system:serviceaccount:${namespace}:${name}`
  const claims: JWTPayload =
    wish.secret === undefined
      ? {
          aud: [...(wish.audiences ?? [ISSUER])],
          exp: now + (wish.expiresIn ?? 3600),
          iat: now,
          iss: ISSUER,
          jti: randomUUID(),
          'kubernetes.io': {
            namespace,
            node: { name: 'node-1', uid: randomUUID() },
            pod: { name: `${name}-7d9f4c8b6-x2x4z`, uid: randomUUID() },
            serviceaccount: { name, uid },
            warnafter: now + 3607,
          },
          nbf: now,
          sub,
        }
      : {
          iss: LEGACY_ISSUER,
          [`${LEGACY}/namespace`]: namespace,
          [`${LEGACY}/secret.name`]: wish.secret,
          [`${LEGACY}/service-account.name`]: name,
          [`${LEGACY}/service-account.uid`]: uid,
          sub,
        }
  const all: JWTPayload = { ...claims, ...wish.claims }
  if (wish.audiences?.length === 0) delete all.aud
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: 'stand-in' }).sign(key)
}

/** Whom a token stands for, as the API server finds out; throws why it is refused. */
export async function whose(
  key: KeyObject,
  accounts: ReadonlyMap<string, Account>,
  token: string,
  wanted: readonly string[],
): Promise<{ readonly account: Account; readonly audiences: readonly string[] }> {
  const { payload } = await jwtVerify(token.replace(/\s/g, ''), key, { algorithms: ['RS256'], issuer: [ISSUER, LEGACY_ISSUER] })
  const bound = payload['kubernetes.io'] as { namespace: string; serviceaccount: { name: string; uid: string } } | undefined
  const flat = (name: string): string => (payload[`${LEGACY}/${name}`] as string | undefined) ?? ''
  const namespace = bound?.namespace ?? flat('namespace')
  const name = bound?.serviceaccount.name ?? flat('service-account.name')
  const account = accounts.get(`${namespace}/${name}`)
  if (account === undefined) throw new Error(`serviceaccounts "${name}" not found`)
  if (account.uid !== (bound?.serviceaccount.uid ?? flat('service-account.uid'))) {
    throw new Error('service account UID does not match claim')
  }
  const own = payload.aud === undefined ? [ISSUER] : [payload.aud].flat()
  const audiences = (wanted.length === 0 ? [ISSUER] : wanted).filter(it => own.includes(it))
  if (audiences.length === 0) throw new Error(`token audiences ${JSON.stringify(own)} is invalid for the target audiences`)
  return { account, audiences }
}
