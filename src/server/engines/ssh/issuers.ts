import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import {
  belong,
  defaultId,
  DEFAULT,
  findIssuer,
  issuerBy,
  issuersOf,
  noDefault,
  referenceOf,
  setDefault,
  withKey,
  type Issuer,
} from './issuer.ts'
import type { Mount } from './mount.ts'
import { makeKeyPair, readPrivateKey, type KeyPair } from './private-key.ts'
import { KeyRefused, parsePublicKey } from './public-key.ts'
import { rolesOf } from './role.ts'

const NAME = /^\w(?:[\w.-]*\w)?$/

const shownFields = {
  issuer_id: f.string('Identifier of the issuer.'),
  issuer_name: f.string('Its name, if it has one.'),
  public_key: f.string('Its public key, as a line of an authorized_keys file.'),
}
const nameField = f.string('A name for the issuer, unlike every other, and not `default`.')
const keyInput = {
  issuer_name: nameField,
  private_key: f.string('The key that signs, in PEM, where it was made elsewhere.', { secret: true }),
  public_key: f.string('The public key that belongs to it.'),
  generate_signing_key: f.bool('Whether the key is made here. It is, unless one is given.'),
  key_type: f.string(
    'What kind of key is made: `ssh-rsa` (the default), `ssh-ed25519`, `ecdsa-sha2-nistp256`, …; also `rsa`, `ec`, `ed25519`.',
  ),
  key_bits: f.int('How large it is: bits of an RSA key (4096 by default), or of the curve of an `ec` key (256).'),
}
type KeyInput = Decoded<typeof keyInput>
const setDefaultField = f.bool('Whether it becomes the default issuer.')
const REFERENCE = { issuer_ref: f.name('`default`, or the identifier or name of an issuer.') }

const routes = {
  ca: route('config/ca', {
    doc: 'The default issuer, by the name that it had when there was only one.',
    ops: {
      read: op({ doc: 'Show the default issuer, without its private key.', gives: gives.data(shownFields) }),
      write: op({ doc: 'Make or take over a key, and let it be the default issuer.', input: keyInput, gives: gives.data(shownFields) }),
      delete: op({ doc: 'Delete all issuers.', gives: gives.nothing }),
    },
  }),
  default: route('config/issuers', {
    doc: 'Which issuer signs where none is named.',
    ops: {
      read: op({ doc: 'Show the default issuer.', gives: gives.any('`default`: its identifier.') }),
      write: op({
        doc: 'Choose the default issuer.',
        input: { default: f.string('Identifier or name.') },
        gives: gives.any('`default`: its identifier.'),
      }),
    },
  }),
  import: route('issuers/import', {
    doc: 'A further issuer, without a name unless one is given.',
    ops: {
      write: op({ doc: 'Make or take over a key.', input: { ...keyInput, set_default: setDefaultField }, gives: gives.data(shownFields) }),
    },
  }),
  importNamed: route('issuers/import/{issuer_name}', {
    doc: 'A further issuer with a name.',
    params: { issuer_name: f.name('Its name.') },
    ops: {
      write: op({
        doc: 'Make or take over a key.',
        input: { ...withoutName(), set_default: setDefaultField },
        gives: gives.data(shownFields),
      }),
    },
  }),
  issuers: route('issuers', {
    doc: 'The identifiers of all issuers.',
    ops: { list: op({ doc: 'List the issuers.', input: paging, gives: gives.keys }) },
  }),
  issuer: route('issuer/{issuer_ref}', {
    doc: 'An issuer.',
    params: REFERENCE,
    ops: {
      read: op({ doc: 'Show the issuer, without its private key.', gives: gives.data(shownFields) }),
      write: op({ doc: 'Rename the issuer.', input: { issuer_name: nameField }, gives: gives.data(shownFields) }),
      delete: op({ doc: 'Delete the issuer.', gives: gives.nothing }),
    },
  }),
  publicKey: route('public_key', {
    doc: "The default issuer's public key, as it is.",
    access: 'public',
    ops: { read: op({ doc: 'Read it.', gives: gives.raw('text/plain') }) },
  }),
  issuerPublicKey: route('issuer/{issuer_ref}/public_key', {
    doc: "An issuer's public key, as it is.",
    access: 'public',
    params: REFERENCE,
    ops: { read: op({ doc: 'Read it.', gives: gives.raw('text/plain') }) },
  }),
}

function withoutName(): Omit<typeof keyInput, 'issuer_name'> {
  const { issuer_name: _, ...rest } = keyInput
  return rest
}

const shown = ({
  id,
  name,
  publicKey,
}: Issuer): { readonly issuerId: string; readonly issuerName: string; readonly publicKey: string } => ({
  issuerId: id,
  issuerName: name,
  publicKey,
})

/** The words of a refusal are the peer's, but those of a pair that is none. */
async function keysOf(given: Omit<KeyInput, 'issuerName'>, { host }: Mount): Promise<KeyPair & { readonly made: boolean }> {
  const { publicKey = '', privateKey = '', generateSigningKey, keyType = 'ssh-rsa', keyBits = 0 } = given
  const [none, both] = [publicKey === '' && privateKey === '', publicKey !== '' && privateKey !== '']
  if (generateSigningKey === true && !none)
    throw faults.refused({ why: 'public_key and private_key must not be set when generate_signing_key is set to true' })
  if (generateSigningKey === true || (none && generateSigningKey === undefined)) {
    try {
      return { ...(await makeKeyPair(keyType, keyBits, host.random)), made: true }
    } catch (cause) {
      if (cause instanceof KeyRefused) throw faults.failedAs({ why: cause.message }, { cause })
      throw cause
    }
  }
  if (none) throw faults.refused({ why: 'missing public_key' })
  if (!both)
    throw faults.refused({
      why: 'only one of public_key and private_key set; both must be set to use, or both must be blank to auto-generate',
    })
  checkPair(publicKey, privateKey)
  return { publicKey, privateKey, made: false }
}

function checkPair(publicKey: string, privateKey: string): void {
  refusing('could not parse public_key provided value: ', () => parsePublicKey(publicKey))
  const key = refusing('could not parse private_key provided value: ', () => readPrivateKey(privateKey))
  // Hosts would trust another key than the one that signs.
  if (!belong(publicKey, key)) throw faults.refused({ why: 'public_key does not belong to private_key' })
}

function refusing<T>(before: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof KeyRefused) throw faults.refused({ why: before + cause.message }, { cause })
    throw cause
  }
}

/** `own`: the issuer that may go by this name already. */
async function checkedName(view: View, text: string | undefined, own?: Issuer): Promise<string> {
  const name = (text ?? '').trim()
  if (name === '') throw faults.refused({ why: 'expected non-empty issuer name' })
  if (name.toLowerCase() === DEFAULT) throw faults.refused({ why: "reserved keyword 'default' can not be used as issuer name" })
  if (!NAME.test(name)) throw faults.refused({ why: 'issuer name contained invalid characters' })
  const other = await findIssuer(view, name)
  if (other !== undefined && own?.name !== name) throw faults.refused({ why: 'issuer name already in use' })
  return name
}

interface Imported {
  readonly issuer: Issuer
  readonly isKnown: boolean
}
async function keep(view: View, pair: KeyPair & { readonly made: boolean }, name: string, id: string, first: boolean): Promise<Imported> {
  const known = pair.made ? undefined : await withKey(view, pair.publicKey)
  if (known !== undefined) return { issuer: known, isKnown: true }
  const isFirst = (await issuersOf(view).names()).length === 0
  const issuer = { id, name, publicKey: pair.publicKey, privateKey: pair.privateKey }
  await issuersOf(view).put(id, issuer)
  if (isFirst || first) await setDefault(view, id)
  return { issuer, isKnown: false }
}

const NAME_IN_PATH = "Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [issuer_name]"
const KNOWN = 'An issuer with the provided public key already exists, returning the existing issuer'
const [MOST_LOOKED_AT, MOST_FOUND] = [100, 10]

/** How many roles name the issuer so: told when it no longer goes by that name. */
async function inUse(view: View, name: string): Promise<string | undefined> {
  let [found, looked] = [0, 0]
  for (const it of await rolesOf(view).names()) {
    const role = await rolesOf(view).get(it)
    if (role?.keyType === 'ca' && role.issuerRef === name && ++found >= MOST_FOUND) break
    if (++looked >= MOST_LOOKED_AT) break
  }
  if (found >= MOST_FOUND || looked >= MOST_LOOKED_AT)
    return found === 0
      ? `Unable to check if any roles referenced this issuer by '${name}'`
      : `The name '${name}' was in use by at least ${found} roles`
  return found > 0 ? `${found} roles reference '${name}'` : undefined
}

export const issuers: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const bring = async (
    view: View,
    given: KeyInput & { readonly setDefault?: boolean | undefined },
    warn: (text: string) => void,
    always: boolean,
  ): Promise<Issuer> => {
    const { issuerName } = given
    const pair = await keysOf(given, mount)
    const id = mount.host.random.uuid()
    const { issuer, isKnown } = await view.transact(async tx => {
      const name = always || issuerName === undefined ? '' : await checkedName(tx, issuerName)
      return keep(tx, pair, name, id, always || given.setDefault === true)
    })
    if (isKnown) warn(KNOWN)
    return issuer
  }
  return {
    ca: {
      async read({ view }) {
        return { is: 'data', data: shown(await issuerBy(view, DEFAULT)) }
      },
      async write({ input, view, warn }) {
        return { is: 'data', data: shown(await bring(view, input, warn, true)) }
      },
      async delete({ view, warn }) {
        const count = await view.transact(async tx => {
          const ids = await issuersOf(tx).names()
          for (const id of ids) await issuersOf(tx).delete(id)
          await setDefault(tx, '')
          return ids.length
        })
        mount.signers.forget()
        if (count > 0) warn(`Deleted ${count} issuers, including default issuer if configured.`)
        return { is: 'nothing' }
      },
    },
    default: {
      async read({ view }) {
        const id = await defaultId(view)
        if (id === '') throw noDefault()
        return { is: 'any', data: { default: id } }
      },
      async write({ input, view, warn }) {
        const reference = referenceOf(input.default ?? '')
        if (reference === '' || reference === DEFAULT)
          throw faults.refused({ why: "invalid issuer specification; must be non-empty and can't be 'default'." })
        const { id, before } = await view.transact(async tx => {
          const issuer = await findIssuer(tx, reference)
          if (issuer === undefined)
            throw faults.failedAs({ why: `error resolving issuer reference: unable to find issuer for reference: ${reference}` })
          const earlier = await defaultId(tx)
          if (earlier !== issuer.id) await setDefault(tx, issuer.id)
          return { id: issuer.id, before: earlier }
        })
        if (before === id) {
          warn('The default issuer is already set to the specified issuer.')
          return { is: 'any', data: null }
        }
        if (before !== '')
          warn(
            `Previous default (${before}) has been updated with the issuer '${reference}'${id === reference ? '' : ` (resolved to ${id})`}`,
          )
        return { is: 'any', data: { default: id } }
      },
    },
    import: {
      async write({ input: { issuerName, ...input }, view, warn }) {
        const issuer = await bring(view, input, warn, false)
        if (issuerName !== undefined) warn(NAME_IN_PATH)
        return { is: 'data', data: shown(issuer) }
      },
    },
    importNamed: {
      async write({ params, input, view, warn }) {
        return { is: 'data', data: shown(await bring(view, { ...input, issuerName: params.issuerName }, warn, false)) }
      },
    },
    issuers: {
      async list({ view, input: { after, limit } }) {
        const page = { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }
        const [ids, chosen] = [await issuersOf(view).names('', page), await defaultId(view)]
        const info: Record<string, unknown> = {}
        for (const id of ids) {
          const issuer = await issuersOf(view).get(id)
          if (issuer !== undefined) info[id] = { is_default: id === chosen, issuer_name: issuer.name, public_key: issuer.publicKey }
        }
        return { is: 'keys', keys: ids, info }
      },
    },
    issuer: {
      async read({ params, view }) {
        return { is: 'data', data: shown(await issuerBy(view, referenceOf(params.issuerRef))) }
      },
      async write({ params, input, view, warn }) {
        const changed = await view.transact(async tx => {
          const issuer = await issuerBy(tx, referenceOf(params.issuerRef))
          const name = input.issuerName === undefined ? '' : await checkedName(tx, input.issuerName, issuer)
          if (name === issuer.name) return { issuer, before: undefined }
          const next = { ...issuer, name }
          await issuersOf(tx).put(issuer.id, next)
          return { issuer: next, before: issuer.name }
        })
        const told = changed.before === undefined ? undefined : await inUse(view, changed.before)
        if (told !== undefined) warn(told)
        return { is: 'data', data: shown(changed.issuer) }
      },
      async delete({ params, view, warn }) {
        const reference = referenceOf(params.issuerRef)
        const issuer = await findIssuer(view, reference)
        if (issuer === undefined) return { is: 'nothing' }
        for (const name of [issuer.name, issuer.id].filter(it => it !== '')) {
          const told = await inUse(view, name)
          if (told !== undefined) warn(told)
        }
        const wasDefault = await view.transact(async tx => {
          await issuersOf(tx).delete(issuer.id)
          const was = (await defaultId(tx)) === issuer.id
          if (was) await setDefault(tx, '')
          return was
        })
        mount.signers.forget()
        if (wasDefault) {
          warn(
            `Deleted issuer ${issuer.id} (via issuer_ref ${reference}); this was configured as the default issuer. Operations without an explicit issuer will not work until a new default is configured.`,
          )
          const told = await inUse(view, DEFAULT)
          if (told !== undefined) warn(told)
        }
        return { is: 'nothing' }
      },
    },
    publicKey: {
      async read({ view }) {
        return { is: 'raw', body: Buffer.from((await issuerBy(view, DEFAULT)).publicKey) }
      },
    },
    issuerPublicKey: {
      async read({ params, view }) {
        return { is: 'raw', body: Buffer.from((await issuerBy(view, referenceOf(params.issuerRef))).publicKey) }
      },
    },
  }
})
