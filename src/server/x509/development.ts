import { KeyObject, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type { Clock, Random } from '../../kernel/index.ts'
import { x509 } from './library.ts'

export interface DevelopmentCertificates {
  /** PEM: what clients are to trust. Its private key is gone already. */
  readonly ca: string
  /** PEM: the server's certificate, signed by `ca`. */
  readonly cert: string
  /** PEM (SEC 1): the private key of `cert`. */
  readonly key: string
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }

/** A CA of this moment and a server certificate for these names and addresses: ten years and one year, ECDSA P-256. */
export async function developmentCertificates(
  names: readonly string[],
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<DevelopmentCertificates> {
  const library = await x509()
  const now = clock.now().getTime()
  const extendedKeyUsage = new library.ExtendedKeyUsageExtension([library.ExtendedKeyUsage.serverAuth, library.ExtendedKeyUsage.clientAuth])
  const authority = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const ca = await library.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(random),
    name: 'CN=Lockstep Dev CA',
    notBefore: new Date(now - MINUTE),
    notAfter: new Date(now + 3650 * DAY),
    signingAlgorithm: SIGNATURE,
    keys: authority,
    extensions: [
      new library.KeyUsagesExtension(library.KeyUsageFlags.keyCertSign, true),
      extendedKeyUsage,
      new library.BasicConstraintsExtension(true, undefined, true),
      await library.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  })
  const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const cert = await library.X509CertificateGenerator.create({
    serialNumber: serial(random),
    subject: [{ CN: [names[0] ?? 'localhost'] }],
    issuer: ca.subject,
    notBefore: new Date(now - MINUTE),
    notAfter: new Date(now + 365 * DAY),
    signingAlgorithm: SIGNATURE,
    publicKey: own.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature, true),
      extendedKeyUsage,
      await library.SubjectKeyIdentifierExtension.create(own.publicKey),
      await library.AuthorityKeyIdentifierExtension.create(ca),
      new library.SubjectAlternativeNameExtension(
        names.map(value => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    ],
  })
  const key = KeyObject.from(own.privateKey).export({ type: 'sec1', format: 'pem' }).toString()
  return { ca: `${ca.toString('pem')}\n`, cert: `${cert.toString('pem')}\n`, key }
}

/** RFC 5280 section 4.1.2.2: positive, 20 octets at most, here 159 bits that nobody can guess. */
function serial(random: Random): string {
  const bytes = Buffer.from(random.bytes(20))
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0)
  return bytes.toString('hex')
}
