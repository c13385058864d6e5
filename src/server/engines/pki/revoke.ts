/** Certificates that are not to be trusted any more. */
import { rfc3339Nano } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, op, route, type SecretKind, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { Certificate, DerError, readPem, readPrivateKey, spkiOf, familyOf } from '../../x509/index.ts'
import { issuerOf } from './crl-builder.ts'
import { rebuiltOrFault } from './crl-warnings.ts'
import type { PkiMount } from './mount.ts'
import { coloned, dashed, type Revocation } from './store.ts'

const about = {
  serial_number: f.string('Serial number of the certificate.'),
  certificate: f.string('The certificate itself (PEM), which an issuer of this mount must have signed.'),
}
const revoked = {
  revocation_time: f.int('When it was revoked (seconds since 1970).'),
  revocation_time_rfc3339: f.string('The same (RFC 3339).'),
  state: f.string('`revoked`.'),
}

const routes = {
  revoke: route('revoke', {
    doc: 'Revokes a certificate.',
    ops: { write: op({ doc: 'Revoke it.', input: about, gives: [gives.data(revoked), gives.any('null, for one that is expired')] }) },
  }),
  withKey: route('revoke-with-key', {
    doc: 'Revokes a certificate for whoever has its key.',
    ops: {
      write: op({
        doc: 'Revoke it.',
        input: { ...about, private_key: f.string("The certificate's private key (PEM).", { secret: true }) },
        gives: [gives.data(revoked), gives.any('null, for one that is expired')],
      }),
    },
  }),
}

const user = (why: string): Error => faults.refused({ why })
const failure = (why: string): Error => faults.failedAs({ why })
const TOO_SHORT = 'was too short; perhaps a path was passed to the API rather than the contents of a PEM file'

type Answer =
  | {
      readonly is: 'data'
      readonly data: { readonly revocationTime: number; readonly revocationTimeRfc3339: string; readonly state: string }
    }
  | { readonly is: 'any'; readonly data: null }

const shown = ({ at }: Revocation): Answer => ({
  is: 'data',
  data: { revocationTime: Math.floor(at / 1000), revocationTimeRfc3339: rfc3339Nano(at).replace(/\.?0*Z$/, 'Z'), state: 'revoked' },
})

/** A certificate that was handed in, and whether it is not kept yet. */
interface Found {
  readonly certificate: Certificate
  readonly isNew: boolean
}

export const revoke: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store } = mount

  async function find(serial: string | undefined, pem: string | undefined): Promise<Found> {
    if (serial === undefined && pem === undefined) throw user('The serial number or certificate to revoke must be provided.')
    if (serial !== undefined && pem !== undefined) throw user('Must provide either the certificate or the serial to revoke; not both.')
    if (pem !== undefined) return handedIn(pem)
    if (serial === '' || serial === undefined) throw user('The serial number must be provided')
    const der = await store.certificate(serial)
    if (der === undefined) throw user(`certificate with serial ${serial} not found.`)
    return { certificate: new Certificate(der), isNew: false }
  }

  async function handedIn(pem: string): Promise<Found> {
    if (pem.length < 75) throw failure(`provided certificate data ${TOO_SHORT}`)
    const block = readPem(pem)?.block
    if (block === undefined) throw failure('certificate contains no PEM data')
    let certificate: Certificate
    try {
      certificate = new Certificate(block.bytes)
    } catch (cause) {
      if (!(cause instanceof DerError)) throw cause
      throw failure(`certificate could not be parsed: x509: ${cause.message}`)
    }
    const stored = await store.certificate(certificate.serialNumber)
    if (stored !== undefined) {
      if (!certificate.der.equals(stored))
        throw failure("certificate with same serial but unequal value already present in this cluster's storage; refusing to revoke")
      return { certificate, isNew: false }
    }
    if ((await store.issuers()).some(it => certificate.isSignedBy(it.certificate))) return { certificate, isNew: true }
    throw failure(
      'unable to verify signature on presented cert from any present issuer in this mount; certificates from previous CAs will need to have their issuing CA and key re-imported if revocation is necessary',
    )
  }

  async function run({ certificate, isNew }: Found, now: Date, warn: (text: string) => void): Promise<Answer> {
    if (isNew) await store.putCertificate(certificate.serialNumber, certificate.der)
    return revokeCertificate(mount, certificate, now, warn)
  }

  return {
    revoke: {
      write: async ({ input: { serialNumber, certificate }, now, warn }) => run(await find(serialNumber, certificate), now, warn),
    },
    withKey: {
      async write({ input: { serialNumber, certificate, privateKey }, now, warn }) {
        if ((serialNumber !== undefined) !== (certificate !== undefined)) {
          if (privateKey === undefined) throw user('Must have private key to revoke via the /revoke-with-key path.')
          if (privateKey.length < 64) throw user(`Provided data for private_key ${TOO_SHORT}?`)
        }
        const found = await find(serialNumber, certificate)
        checkKey(privateKey ?? '', found.certificate)
        return run(found, now, warn)
      },
    },
  }
})

/** @throws the fault for a key that is not the certificate's */
function checkKey(pem: string, certificate: Certificate): void {
  const block = readPem(pem)?.block
  if (block === undefined) throw failure('provided key PEM block contained no data or failed to parse')
  const key = readPrivateKey(block.bytes)
  if (key === undefined) throw failure('failed to parse provided private key: it is of no form that is known')
  if (familyOf(key) !== familyOf(certificate.publicKey))
    throw failure("provided private key type does not match certificate's public key type")
  if (!spkiOf(key).equals(certificate.spki)) throw failure("provided private key does not match certificate's public key")
}

/** Two seconds, so that a list is not built for one that ends meanwhile. */
const GRACE_MS = 2000

/** Revokes it, and has it on the list where lists are built at once. Revoked twice is revoked the first time. */
export async function revokeCertificate(
  mount: PkiMount,
  certificate: Certificate,
  now: Date,
  warn: (text: string) => void,
): Promise<Answer> {
  const { store } = mount
  const serial = certificate.serialNumber
  const name = dashed(serial)
  const issuers = await store.issuers()
  const own = issuers.find(it => it.record.serialNumber === serial)
  if (own !== undefined) throw user(`adding issuer (id: ${own.record.id}) to its own CRL is not allowed`)
  const config = await store.crlConfig()
  const fresh: Revocation = { certificate: certificate.der.toString('base64'), at: now.getTime(), issuer: issuerOf(certificate, issuers) }
  const isExpired = certificate.notAfter.getTime() < now.getTime() + GRACE_MS
  const known = await store.transact(async tx => {
    const before = await tx.revocations.get(name)
    if (before === undefined && (!isExpired || config.allowExpiredCertRevocation)) await tx.revocations.put(name, fresh)
    return before
  })
  if (known !== undefined) return shown(known)
  if (isExpired && !config.allowExpiredCertRevocation) {
    warn(
      `certificate with serial ${coloned(name)} already expired; refusing to add to CRL. Enable 'AllowExpiredCertRevocation' to allow revoking expired certificates.`,
    )
    return { is: 'any', data: null }
  }
  if (!config.autoRebuild) for (const warning of await rebuiltOrFault(() => mount.crl.rebuild(false))) warn(warning)
  else if (config.enableDelta) await mount.crl.noteRevoked(name)
  return shown(fresh)
}

/** A lease on a certificate: at its end it is revoked. */
export const certificateSecret: SecretKind<PkiMount> = {
  name: 'pki',
  doc: 'A certificate.',
  async revoke(mount, internal, { now }) {
    const serial = String((internal as { readonly serial_number?: unknown }).serial_number)
    const der = await mount.store.certificate(serial)
    // Tidied away: it had expired long before.
    if (der === undefined) return
    const certificate = new Certificate(der)
    if (!certificate.isCa) await revokeCertificate(mount, certificate, now, () => undefined)
  },
}
