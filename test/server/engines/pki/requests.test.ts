import { beforeAll, describe, expect, it } from 'vitest'
import { pki } from '../../../../src/server/engines/pki/index.ts'
import { Certificate, KEY_USAGE, OID, readPem } from '../../../../src/server/x509/index.ts'
import { requestsAndBundles } from '../../../contract/pki.surroundings.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'

/** Each way to have a request signed by a role that allows a.example and 10.0.0.0/8. */
const PATHS = ['sign/web', 'issuer/default/sign/web'] as const
const SMUGGLED = ['dns', 'email', 'address', 'uri', 'other'] as const

let requests: Readonly<Record<string, string>> = {}
beforeAll(async () => {
  requests = (await requestsAndBundles()).variables
})

async function mounted(): Promise<Mounted> {
  const at = new Mounted(pki)
  await at.ask('write', 'root/generate/internal', { common_name: 'Root', key_type: 'ec', ttl: '700h' })
  await at.ask('write', 'roles/web', {
    allowed_domains: 'a.example,b.example',
    allow_bare_domains: true,
    key_type: 'ec',
    allowed_ip_sans_cidr: '10.0.0.0/8',
  })
  return at
}
const certificate = (answer: Answer): Certificate => {
  const { data } = answer.reply as { readonly data: { readonly certificate: string } }
  return new Certificate(readPem(data.certificate)?.block.bytes ?? Buffer.alloc(0))
}

describe('GHSA-g892-p242-8g86: names inside a request for signing', () => {
  describe.each(PATHS)('at %s', path => {
    it.each(SMUGGLED)('are held against the role: %s', async name => {
      const answer = await (await mounted()).ask('write', path, { csr: requests[name], ttl: '1h' })
      expect(answer.status).toBe(400)
    })

    it.each(SMUGGLED)('do not count at all where the role does not take them: %s', async name => {
      const at = await mounted()
      await at.ask('patch', 'roles/web', { use_csr_sans: false, use_csr_common_name: false })
      const { names } = certificate(await at.ask('write', path, { csr: requests[name], common_name: 'b.example', ttl: '1h' }))
      expect(names).toEqual({ dns: ['b.example'], email: [], ip: [], uri: [], other: [] })
    })

    it('count where they are allowed', async () => {
      const { names } = certificate(await (await mounted()).ask('write', path, { csr: requests['fine'], ttl: '1h' }))
      expect(names).toEqual({ dns: ['b.example', 'a.example'], email: [], ip: ['10.0.0.1'], uri: [], other: [] })
    })

    it.each(['aCa', 'usages', 'subject'])('bring nothing else with them: %s', async name => {
      const at = await mounted()
      await at.ask('patch', 'roles/web', { allowed_serial_numbers: '9', allowed_user_ids: 'root' })
      const made = certificate(await at.ask('write', path, { csr: requests[name], ttl: '1h' }))
      expect(made.isCa).toBe(false)
      expect(made.keyUsage & (KEY_USAGE.certSign | KEY_USAGE.crlSign)).toBe(0)
      const usages = made.extensions.find(it => it.id === OID.extendedKeyUsage)?.value.toString('hex')
      expect(usages).toBe('301406082b0601050507030106082b06010505070302')
      expect(made.subject.relative.flat().some(it => it.value === 'Evil')).toBe(false)
    })
  })
})

describe('a request for signing', () => {
  it.each(['sign/web', 'sign-verbatim', 'root/sign-intermediate'])('that its key did not sign is refused at %s', async path => {
    const answer = await (await mounted()).ask('write', path, { csr: requests['broken'], ttl: '1h' })
    expect(answer).toEqual({ status: 400, reply: { errors: ['request signature invalid'] } })
  })

  it('makes no CA, taken verbatim', async () => {
    expect(certificate(await (await mounted()).ask('write', 'sign-verbatim', { csr: requests['aCa'], ttl: '1h' })).isCa).toBe(false)
  })

  it('of a weak key is refused', async () => {
    const at = await mounted()
    await at.ask('write', 'roles/any', { allow_any_name: true, key_type: 'any' })
    expect((await at.ask('write', 'sign/any', { csr: requests['small'], ttl: '1h' })).status).toBe(400)
  })
})
