import { f, type Decoded, type WireObject } from '../../../schema/index.ts'
import {
  family,
  gives,
  noTokenSettings,
  op,
  paging,
  parsedAddresses,
  route,
  shownTokenSettings,
  tokenFields,
  withTokenWishes,
  type Family,
  type HandlersOf,
  type TokenSettings,
} from '../../framework/index.ts'
import { collection, faults, type Collection, type View } from '../../logical/index.ts'
import { hashed } from './password.ts'

/** A user as kept, `user/<name>`. */
export interface User extends TokenSettings {
  /** Of bcrypt. */
  readonly passwordHash: string
  /** Set by the words of old clients; shown back to them, and equal to the new ones. */
  readonly policies?: readonly string[]
  readonly ttl?: number
  readonly maxTtl?: number
  readonly boundCidrs?: readonly string[]
}

export const users = (view: View): Collection<User> => collection<User>(view, 'user/')

const secretWords = {
  password: f.string('Password of the user, up to 72 bytes.', { secret: true }),
  password_hash: f.string('A bcrypt hash of the password, made elsewhere; in place of `password`.', { secret: true }),
}
const policyWords = {
  token_policies: tokenFields.token_policies,
  policies: f.strings('Policies of the token.').deprecated('use token_policies'),
}
const oldWords = {
  policies: policyWords.policies,
  ttl: f.duration('How long the token lives at first.').deprecated('use token_ttl'),
  max_ttl: f.duration('How long the token lives at most.').deprecated('use token_max_ttl'),
  bound_cidrs: f.strings('Where the token may be used from.').deprecated('use token_bound_cidrs'),
}
const input = { ...secretWords, ...oldWords, ...tokenFields }
type Input = Decoded<typeof input>

const USERNAME = { username: f.name('Name of the user; upper and lower case are one.') }

const routes = {
  list: route('users', {
    doc: 'The names of all users.',
    ops: { list: op({ doc: 'List the users.', input: paging, gives: gives.keys }) },
  }),
  user: route('users/{username}', {
    doc: 'A user, who logs in with a password.',
    params: USERNAME,
    upsert: true,
    ops: {
      read: op({ doc: 'Read the user, without the password.', gives: gives.data({ ...tokenFields, ...oldWords }) }),
      write: op({ doc: 'Make the user, or change the settings that are given.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the user. Tokens live on, but are not renewed.', gives: gives.nothing }),
    },
  }),
  password: route('users/{username}/password', {
    doc: 'The password of a user: what a policy may allow without the rest.',
    params: USERNAME,
    ops: { write: op({ doc: 'Change the password.', input: secretWords, gives: gives.nothing }) },
  }),
  policies: route('users/{username}/policies', {
    doc: 'The policies of a user: what a policy may allow without the rest.',
    params: USERNAME,
    ops: { write: op({ doc: 'Change the policies.', input: policyWords, gives: gives.nothing }) },
  }),
}

const fresh: User = { ...noTokenSettings, passwordHash: '' }

/** Trimmed, in lower case, sorted, each once; with `root` among them, that alone. */
export function parsedPolicies(names: readonly string[]): readonly string[] {
  const clean = new Set(names.map(it => it.trim().toLowerCase()).filter(it => it !== ''))
  return clean.has('root') ? ['root'] : [...clean].sort()
}

/** The new word wins; the old one is kept, and shown, only when it was spoken. */
function withPolicies(user: User, given: Pick<Input, 'policies' | 'tokenPolicies'>): User {
  const { policies: _, ...plain } = user
  if (given.tokenPolicies !== undefined) {
    // As they were written: a login puts them in order.
    const policies = given.tokenPolicies
    return { ...plain, tokenPolicies: policies, ...(given.policies !== undefined && { policies }) }
  }
  if (given.policies === undefined) return user
  const policies = parsedPolicies(given.policies)
  return { ...plain, tokenPolicies: policies, policies }
}

function withSpan(user: User, given: Input, old: 'ttl' | 'maxTtl', name: 'tokenTtl' | 'tokenMaxTtl'): User {
  const { [old]: _, ...plain } = user
  const [spoken, value] = [given[old], given[name]]
  if (value !== undefined) return { ...plain, ...(spoken !== undefined && { [old]: value }) }
  return spoken === undefined ? user : { ...plain, [old]: spoken, [name]: spoken }
}

function withCidrs(user: User, given: Input): User {
  const { boundCidrs: _, ...plain } = user
  if (given.tokenBoundCidrs !== undefined)
    return { ...plain, ...(given.boundCidrs !== undefined && user.tokenBoundCidrs !== null && { boundCidrs: user.tokenBoundCidrs }) }
  if (given.boundCidrs === undefined) return user
  const boundCidrs = parsedAddresses(given.boundCidrs)
  return { ...plain, tokenBoundCidrs: boundCidrs, boundCidrs }
}

/** What is given on top of what is there, in the peer's order, which decides what is complained of first. */
function changed(user: User, given: Input): User {
  const { password: _p, passwordHash: _h, policies: _o, ttl: _t, maxTtl: _m, boundCidrs: _b, ...wishes } = given
  const withToken = withPolicies(withTokenWishes(user, wishes), given)
  return withCidrs(withSpan(withSpan(withToken, given, 'ttl', 'tokenTtl'), given, 'maxTtl', 'tokenMaxTtl'), given)
}

const shown = (user: User): WireObject => ({
  ...shownTokenSettings(user),
  ...(user.policies && user.policies.length > 0 && { policies: user.policies }),
  ...(user.ttl !== undefined && { ttl: user.ttl }),
  ...(user.maxTtl !== undefined && { max_ttl: user.maxTtl }),
  ...(user.boundCidrs && { bound_cidrs: user.boundCidrs }),
})

/** Changes a user that is there, in one transaction. What `make` gives must not depend on when it is called. */
async function change(view: View, name: string, make: (user: User) => User): Promise<void> {
  await view.transact(async tx => {
    const user = await users(tx).get(name)
    if (user === undefined) throw noSuchUser()
    await users(tx).put(name, make(user))
  })
}
const noSuchUser = (): Error => faults.failedAs({ why: 'username does not exist' })
const nameOf = ({ username }: { readonly username: string }): string => username.toLowerCase()

const handlers: HandlersOf<typeof routes> = {
  list: {
    async list({ view, input: { after, limit } }) {
      return {
        is: 'keys',
        keys: await users(view).names('', { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }),
      }
    },
  },
  user: {
    async exists({ params, view }) {
      return (await users(view).get(nameOf(params))) !== undefined
    },
    async read({ params, view }) {
      const user = await users(view).get(nameOf(params))
      if (user === undefined) throw faults.notFound()
      return { is: 'wire', data: shown(user) }
    },
    async write({ params, input, view }) {
      const name = nameOf(params)
      // Refused before the work of a hash is done.
      const before = await users(view).get(name)
      const { password, passwordHash } = input
      changed(before ?? fresh, input)
      const wants = before === undefined || (password ?? '') !== '' || (passwordHash ?? '') !== ''
      const kept = wants ? await hashed({ password, passwordHash }) : undefined
      await view.transact(async tx => {
        const user = (await users(tx).get(name)) ?? fresh
        const next = { ...changed(user, input), ...(kept !== undefined && { passwordHash: kept }) }
        // Deleted since, by somebody who did not want it to come back without a password.
        if (next.passwordHash === '') throw noSuchUser()
        await users(tx).put(name, next)
      })
      return { is: 'nothing' }
    },
    async delete({ params, view }) {
      await users(view).delete(nameOf(params))
      return { is: 'nothing' }
    },
  },
  password: {
    async write({ params, input: { password, passwordHash }, view }) {
      if ((await users(view).get(nameOf(params))) === undefined) throw noSuchUser()
      const kept = await hashed({ password, passwordHash })
      await change(view, nameOf(params), user => ({ ...user, passwordHash: kept }))
      return { is: 'nothing' }
    },
  },
  policies: {
    async write({ params, input, view }) {
      const { tokenPolicies } = input
      const given = { ...input, ...(tokenPolicies && { tokenPolicies: parsedPolicies(tokenPolicies) }) }
      await change(view, nameOf(params), user => withPolicies(user, given))
      return { is: 'nothing' }
    },
  },
}

export const userRoutes: Family = family(routes, handlers)
