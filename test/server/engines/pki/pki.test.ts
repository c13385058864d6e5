import { X509Certificate, createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pki } from '../../../../src/server/engines/pki/index.ts'
import { Certificate, RevocationList } from '../../../../src/server/x509/index.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'

const dataOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  (answer.reply as { readonly data: Readonly<Record<string, unknown>> }).data
const text = (answer: Answer, name: string): string => String(dataOf(answer)[name])
const errorsOf = (answer: Answer): string => String((answer.reply as { readonly errors?: readonly string[] }).errors?.[0])

/** A mount with a root of an EC key. */
async function rooted(more: object = {}): Promise<{ readonly at: Mounted; readonly root: X509Certificate }> {
  const at = new Mounted(pki)
  const made = await at.ask('write', 'root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '700h', ...more })
  expect(made.status).toBe(200)
  return { at, root: new X509Certificate(text(made, 'certificate')) }
}

describe('a certificate by a role', () => {
  it('is signed by the root, for its key, for its names and no others', async () => {
    const { at, root } = await rooted()
    await at.ask('write', 'roles/web', { allowed_domains: 'example.com', allow_subdomains: true, key_type: 'ec' })
    const made = await at.ask('write', 'issue/web', { common_name: 'a.example.com', ip_sans: '10.0.0.1', ttl: '1h' })
    const leaf = new X509Certificate(text(made, 'certificate'))
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.checkPrivateKey(createPrivateKey(text(made, 'private_key')))).toBe(true)
    expect(leaf.subjectAltName).toBe('DNS:a.example.com, IP Address:10.0.0.1')
    expect(leaf.ca).toBe(false)
    expect(leaf.serialNumber.toLowerCase()).toBe(text(made, 'serial_number').replaceAll(':', ''))
  })

  it.each(['b.example.org', 'example.com', 'xexample.com', 'a.b@example.com', '*.*.example.com'])(
    'is refused for %s',
    async common_name => {
      const { at } = await rooted()
      await at.ask('write', 'roles/web', { allowed_domains: 'example.com', allow_subdomains: true, key_type: 'ec' })
      const refused = await at.ask('write', 'issue/web', { common_name })
      expect(refused.status).toBe(400)
      expect(errorsOf(refused)).toContain('not allowed by this role')
    },
  )

  it.each(['rsa', 'ec', 'ed25519', 'mldsa'])('has a key of the type %s where the role says so', async key_type => {
    const { at } = await rooted()
    await at.ask('write', 'roles/any', { allow_any_name: true, key_type })
    const made = await at.ask('write', 'issue/any', { common_name: 'a.example.com', ttl: '1h' })
    expect(text(made, 'private_key_type')).toBe(key_type)
    const leaf = new Certificate(Buffer.from(text(made, 'certificate').replaceAll(/-----.*-----|\n/g, ''), 'base64'))
    expect(leaf.publicKey.asymmetricKeyType).toMatch(new RegExp(`^${key_type.slice(0, 2)}`))
  })
})

describe('a certificate that was revoked', () => {
  it('stands on the list at once, and once', async () => {
    const { at } = await rooted()
    await at.ask('write', 'roles/any', { allow_any_name: true, key_type: 'ec' })
    const serial = text(await at.ask('write', 'issue/any', { common_name: 'a.example.com', ttl: '1h' }), 'serial_number')
    const first = await at.ask('write', 'revoke', { serial_number: serial })
    const second = await at.ask('write', 'revoke', { serial_number: serial })
    expect(second).toEqual(first)
    const outcome = await at.backend.handle(at.request('read', 'crl', {}))
    const list = new RevocationList((outcome as { readonly body: Uint8Array }).body)
    expect(list.revoked.map(it => Buffer.from(it.serial).toString('hex').replace(/^00/, ''))).toEqual([serial.replaceAll(':', '')])
  })
})
