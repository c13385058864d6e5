import { nearest } from '../../kernel/index.ts'
import type { Access } from './access.ts'
import type { Holder, HolderKind } from './holders.ts'

/** The name means no holder, or several. */
export class HolderNotFound extends Error {}

const WORDS: Readonly<Record<HolderKind, string>> = {
  role: 'role',
  'token-role': 'token role',
  entity: 'entity',
  group: 'group',
}

export const holderWord = (kind: HolderKind): string => WORDS[kind]

/**
 * The holder of an address, or of its end where that is enough to know which: `payments-api` for
 * `auth/approle/role/payments-api`, `approle/payments-api` where several mounts have one.
 * @throws HolderNotFound
 */
export function findHolder(access: Access, said: string, kind?: HolderKind): Holder {
  const among = access.holders.filter(it => kind === undefined || it.kind === kind)
  const exact = among.find(it => it.address === said)
  if (exact !== undefined) return exact
  const found = among.filter(it => namesOf(it).includes(said))
  const [only, second] = found
  const what = kind === undefined ? 'role, entity, group or token role' : WORDS[kind]
  if (only === undefined) {
    const near = nearest(said, among.flatMap(namesOf))
    throw new HolderNotFound(`there is no ${what} ${said}${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  if (second !== undefined) throw new HolderNotFound(`${said} could be ${found.map(it => it.address).join(' or ')}; say which`)
  return only
}

/** Its address, its last part, and that behind its mount's path. */
function namesOf({ address }: Holder): readonly string[] {
  const parts = address.split('/')
  const last = parts.at(-1) ?? ''
  const mount = parts.slice(1, -2).join('/')
  return [address, last, `${mount}/${last}`]
}
