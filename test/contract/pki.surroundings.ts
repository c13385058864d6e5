import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  basicConstraints,
  encodeName,
  extendedKeyUsage,
  type Extension,
  EXTENDED_KEY_USAGE,
  generateKey,
  keyPem,
  makeCertificate,
  makeRequest,
  NO_NAMES,
  OID,
  pkcs8,
  signatureAlgorithms,
  spkiOf,
  subjectAltName,
  subjectKeyIdentifier,
  toPem,
  usualAlgorithm,
} from '../../src/server/x509/index.ts'
import type { Surroundings } from './harness/scenario.ts'

async function csr(key: KeyObject, commonName: string, extensions: readonly Extension[] = [], more: object = {}): Promise<string> {
  const der = await makeRequest(
    { subject: encodeName({ commonName, ...more }), spki: spkiOf(key), extensions, algorithm: usualAlgorithm(key) },
    key,
  )
  return toPem('CERTIFICATE REQUEST', der)
}

async function ca(key: KeyObject, commonName: string, isCa: boolean, keyUsage: readonly Extension[] = []): Promise<string> {
  const name = encodeName({ commonName })
  const der = await makeCertificate(
    {
      serial: Buffer.from('0102030405060708090a0b0c0d0e0f1011121314', 'hex'),
      algorithm: signatureAlgorithms.ECDSAWithSHA256,
      issuer: name,
      subject: name,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 86_400_000),
      spki: spkiOf(key),
      extensions: [basicConstraints({ isCa }), subjectKeyIdentifier(Buffer.alloc(20, 7)), ...keyUsage],
    },
    key,
  )
  return toPem('CERTIFICATE', der)
}

/** Requests, certificates and keys that both servers are given. */
export async function requestsAndBundles(): Promise<Surroundings> {
  const key = await generateKey('ec', 256)
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const names = (more: object): readonly Extension[] => [subjectAltName({ ...NO_NAMES, ...more }, false)]
  const plain = await csr(key, 'a.example')
  const broken = toPem(
    'CERTIFICATE REQUEST',
    Buffer.concat([Buffer.from(plain.replaceAll(/-----.*-----|\n/g, ''), 'base64').subarray(0, -1), Buffer.from([0])]),
  )
  return {
    variables: {
      plain,
      broken,
      key: keyPem(pkcs8(key)),
      small: await csr(small, 'a.example'),
      rsa: await csr(await generateKey('rsa', 2048), 'a.example'),
      edwards: await csr(await generateKey('ed25519', 0), 'a.example'),
      // What somebody may try to get past a role (GHSA-g892-p242-8g86).
      dns: await csr(key, 'a.example', names({ dns: ['b.example', 'evil.org'] })),
      email: await csr(key, 'a.example', names({ email: ['me@evil.org'] })),
      address: await csr(key, 'a.example', names({ ip: ['11.0.0.1'] })),
      uri: await csr(key, 'a.example', names({ uri: ['spiffe://evil/x'] })),
      other: await csr(key, 'a.example', names({ other: [{ oid: '1.2.3', value: 'evil' }] })),
      fine: await csr(key, 'a.example', names({ dns: ['b.example'], ip: ['10.0.0.1'] })),
      aCa: await csr(key, 'a.example', [basicConstraints({ isCa: true })]),
      usages: await csr(key, 'a.example', [extendedKeyUsage([EXTENDED_KEY_USAGE.codesigning])]),
      subject: await csr(key, 'a.example', [], { organization: ['Evil'], serialNumber: '9', extra: [{ type: OID.userId, value: 'root' }] }),
      nameless: await csr(key, ''),
      intermediate: await csr(key, 'Intermediate', [basicConstraints({ isCa: true })]),
      anchor: await ca(key, 'Anchor', true),
      leaf: await ca(key, 'Leaf', false),
      otherKey: keyPem(pkcs8(await generateKey('ec', 256))),
    },
    stop: async () => undefined,
  }
}
