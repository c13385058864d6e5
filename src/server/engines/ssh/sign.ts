import { f, type Decoded } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Call, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { checkKeyToMake, checkKeyToSign } from './allowed-keys.ts'
import { certify } from './certificate.ts'
import { issuerBy } from './issuer.ts'
import type { Mount } from './mount.ts'
import { makeKeyPair } from './private-key.ts'
import { KeyRefused, parsePublicKey, type SshPublicKey } from './public-key.ts'
import { rolesOf, type CaRole, type Role } from './role.ts'
import { certType, criticalOptions, extensions, keyId, principals, ttlOf } from './wishes.ts'

const wishFields = {
  cert_type: f.string('What the certificate is for: `user` (the default) or `host`.'),
  critical_options: f.map('Critical options.'),
  extensions: f.map('Extensions.'),
  key_id: f.string('Key ID, which hosts log.'),
  ttl: f.duration('How long it holds.'),
  valid_principals: f.string('Users, or names of hosts, that it is for; with commas.'),
}
type WishInput = Decoded<typeof wishFields>
const signedFields = {
  issuer_id: f.string('The issuer that signed.'),
  serial_number: f.string('Serial number: hexadecimal.'),
  signed_key: f.string('The certificate, as a line of a `*-cert.pub` file.'),
}
const params = { role: f.name('Name of the role.', { at: true }) }

const routes = {
  sign: route('sign/{role}', {
    doc: 'Certificates for keys that were made elsewhere.',
    params,
    ops: {
      write: op({
        doc: 'Sign a public key.',
        input: { ...wishFields, public_key: f.string('The key, as a line of an authorized_keys file.') },
        gives: gives.data(signedFields),
      }),
    },
  }),
  issue: route('issue/{role}', {
    doc: 'Keys with their certificates.',
    params,
    ops: {
      write: op({
        doc: 'Make a key and sign it.',
        input: {
          ...wishFields,
          key_bits: f.int('How large the key is.'),
          key_type: f.string('What kind of key: `rsa` (the default), `ec` or `ed25519`.'),
        },
        gives: gives.data({
          ...signedFields,
          private_key: f.string('The key, in PEM. Told once.', { secret: true }),
          private_key_type: f.string('What kind of key.'),
        }),
      }),
    },
  }),
}

interface Signed {
  readonly issuerId: string
  readonly serialNumber: string
  readonly signedKey: string
}

const MISSING =
  'default_extension templating enabled with at least one extension requiring identity templating. However, this request lacked identity entity information, causing one or more extensions to be skipped from the generated certificate.'

/** What a call says of the certificate, whichever of the two it is. */
type Asked = Pick<Call, 'caller' | 'now' | 'warn'> & { readonly view: View; readonly input: WishInput; readonly roleName: string }

async function signed({ host, signers }: Mount, asked: Asked, role: CaRole, key: SshPublicKey): Promise<Signed> {
  const { input, caller, now, view, warn, roleName } = asked
  const id = keyId(input.keyId ?? '', role, roleName, key, caller)
  const type = certType(input.certType ?? 'user', role)
  const names = await principals(type, input.validPrincipals, role, host, caller)
  const ttl = ttlOf(input.ttl, role, host)
  const critical = criticalOptions(input.criticalOptions ?? {}, role)
  const { options, missing } = await extensions(input.extensions ?? {}, role, host, caller)
  const issuer = await issuerBy(view, role.issuerRef)
  const serial = Buffer.from(host.random.bytes(8)).readBigUInt64BE()
  const second = Math.floor(now.getTime() / 1000)
  const signedKey = await certify(
    {
      key,
      serial,
      type,
      keyId: id,
      principals: names,
      validAfter: BigInt(Math.max(0, second - role.notBeforeDuration)),
      validBefore: BigInt(second + ttl),
      criticalOptions: critical,
      extensions: options,
      nonce: host.random.bytes(32),
    },
    signers.of(issuer),
    role.algorithmSigner,
  )
  if (missing) warn(MISSING)
  return { issuerId: issuer.id, serialNumber: serial.toString(16), signedKey }
}

function keyIn(text: string): SshPublicKey {
  if (text === '') throw faults.refused({ why: 'missing public_key' })
  try {
    return parsePublicKey(text)
  } catch (cause) {
    if (cause instanceof KeyRefused) throw faults.refused({ why: `failed to parse public_key as SSH key: ${cause.message}` }, { cause })
    throw cause
  }
}

/** A role of passwords allows no certificate of either type. */
function noCertificates(role: Role): Error {
  return faults.refused({ why: role.keyType === 'otp' ? "cert_type 'user' is not allowed by role" : 'invalid key type' })
}

export const signing: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  sign: {
    async write({ params: { role: roleName }, input, ...call }) {
      const role = await rolesOf(call.view).get(roleName)
      if (role === undefined) throw faults.refused({ why: `Unknown role: ${roleName}` })
      const key = keyIn(input.publicKey ?? '')
      if (role.keyType !== 'ca') throw noCertificates(role)
      checkKeyToSign(key, role)
      try {
        return { is: 'data', data: await signed(mount, { ...call, input, roleName }, role, key) }
      } catch (cause) {
        if (cause instanceof KeyRefused) throw faults.failedAs({ why: cause.message }, { cause })
        throw cause
      }
    },
  },
  issue: {
    async write({ params: { role: roleName }, input, ...call }) {
      const role = await rolesOf(call.view).get(roleName)
      if (role === undefined) throw faults.refused({ why: `unknown role: ${roleName}` })
      if (role.keyType !== 'ca') throw faults.refused({ why: `role key type '${role.keyType}' not allowed to issue key pairs` })
      const { keyType = 'rsa', keyBits = 0 } = input
      checkKeyToMake(keyType, keyBits, role)
      try {
        const pair = await makeKeyPair(keyType, keyBits, mount.host.random)
        const facts = await signed(mount, { ...call, input, roleName }, role, parsePublicKey(pair.publicKey))
        return { is: 'data', data: { ...facts, privateKey: pair.privateKey, privateKeyType: keyType } }
      } catch (cause) {
        if (cause instanceof KeyRefused) throw faults.refused({ why: cause.message }, { cause })
        throw cause
      }
    },
  },
}))
