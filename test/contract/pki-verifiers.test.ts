import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from './harness/http.ts'
import { startOurs, type RunningServer } from './harness/server.ts'

const run = promisify(execFile)
type Data = Readonly<Record<string, unknown>>

describe('what others say of our certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pki-'))
  let server: RunningServer
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `${text}\n`)
    return join(folder, name)
  }
  async function ask(method: string, path: string, body?: object): Promise<Data> {
    const headers = { 'x-vault-token': 'root' }
    const answer = await send(server.address, { method, path: `/v1/${path}`, headers, ...(body && { body: JSON.stringify(body) }) })
    expect(answer.status, `${path}: ${answer.text}`).toBeLessThan(300)
    return answer.text === '' ? {} : ((JSON.parse(answer.text) as { readonly data: Data | null }).data ?? {})
  }
  const raw = async (path: string): Promise<string> => (await send(server.address, { method: 'GET', path: `/v1/${path}` })).text

  let python: NodeJS.ProcessEnv = process.env

  beforeAll(async () => {
    server = await startOurs('dev')
    // The machine's own where it is new enough, else one beside the other tools of the tests.
    const isThere = await run('python3', ['-c', 'from cryptography.x509 import Certificate; Certificate.verify_directly_issued_by']).then(
      () => true,
      () => false,
    )
    if (isThere) return
    const target = fileURLToPath(new URL('../../.cache/pki-verifiers', import.meta.url))
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', target, '--upgrade', 'cryptography==48.0.0'])
    python = { ...process.env, PYTHONPATH: target }
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  /** A root, an intermediate below it, a leaf of that, and one that is revoked. */
  async function hierarchy(
    mount: string,
    keyType: string,
  ): Promise<Readonly<Record<'root' | 'intermediate' | 'leaf' | 'revoked', string>>> {
    const [above, below] = [`${mount}-root`, `${mount}-int`]
    for (const it of [above, below]) await ask('POST', `sys/mounts/${it}`, { type: 'pki' })
    const { certificate: root } = await ask('POST', `${above}/issuers/generate/root/internal`, {
      common_name: 'Root',
      key_type: keyType,
      ttl: '700h',
    })
    await ask('POST', `${below}/config/urls`, {
      ocsp_servers: `${server.address}/v1/${below}/ocsp`,
      crl_distribution_points: `${server.address}/v1/${below}/crl`,
    })
    const { csr } = await ask('POST', `${below}/intermediate/generate/internal`, { common_name: 'Intermediate', key_type: keyType })
    const { certificate: intermediate } = await ask('POST', `${above}/issuer/default/sign-intermediate`, {
      csr,
      ttl: '600h',
      max_path_length: 0,
    })
    await ask('POST', `${below}/intermediate/set-signed`, { certificate: `${String(intermediate)}\n${String(root)}` })
    await ask('POST', `${below}/roles/web`, {
      allowed_domains: 'example.com',
      allow_subdomains: true,
      key_type: keyType,
      ttl: '1h',
      allowed_uri_sans: '*',
      allowed_other_sans: '*',
      policy_identifiers: '1.3.6.1.4.1.1',
      country: 'DE',
      organization: 'Acme',
    })
    const wish = { common_name: 'a.example.com', alt_names: 'b.example.com', ip_sans: '10.0.0.1,fd00::1', uri_sans: 'spiffe://a/b' }
    const { certificate: leaf } = await ask('POST', `${below}/issue/web`, wish)
    const { certificate: revoked, serial_number } = await ask('POST', `${below}/issue/web`, { ...wish, other_sans: '1.2.3;UTF8:x' })
    await ask('POST', `${below}/revoke`, { serial_number })
    return { root: String(root), intermediate: String(intermediate), leaf: String(leaf), revoked: String(revoked) }
  }

  const KEYS = ['ec', 'rsa', 'ed25519'] as const
  describe.each(KEYS)('with keys of the type %s', type => {
    let made: Awaited<ReturnType<typeof hierarchy>>
    beforeAll(async () => {
      made = await hierarchy(type, type)
    })

    it('OpenSSL verifies the chain, strictly, against the list, and by OCSP', async () => {
      const root = file(`${type}-root.pem`, made.root)
      const intermediate = file(`${type}-int.pem`, made.intermediate)
      const [leaf, revoked] = [file(`${type}-leaf.pem`, made.leaf), file(`${type}-revoked.pem`, made.revoked)]
      const lists = file(`${type}-crl.pem`, `${await raw(`${type}-int/crl/pem`)}\n${await raw(`${type}-root/crl/pem`)}`)
      const chain = [
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'b.example.com',
        '-CAfile',
        root,
        '-untrusted',
        intermediate,
      ]
      const verify = (certificate: string): string => {
        const { stdout, stderr } = spawnSync('openssl', ['verify', ...chain, '-crl_check_all', '-CRLfile', lists, certificate], {
          encoding: 'utf8',
        })
        return stdout + stderr
      }
      expect(verify(leaf)).toContain('OK')
      expect(verify(revoked)).toContain('certificate revoked')
      const ocsp = [
        'ocsp',
        '-issuer',
        intermediate,
        '-CAfile',
        root,
        '-verify_other',
        intermediate,
        '-url',
        `${server.address}/v1/${type}-int/ocsp`,
      ]
      const { stdout, stderr } = await run('openssl', [...ocsp, '-cert', leaf, '-cert', revoked].slice(0, -2))
      expect(`${stdout}${stderr}`).toMatch(/Response verify OK[\s\S]*leaf\.pem: good|leaf\.pem: good[\s\S]*Response verify OK/)
      const other = await run('openssl', [...ocsp, '-cert', revoked, '-no_nonce'])
      expect(other.stdout).toContain('revoked.pem: revoked')
    })

    it("Python's cryptography verifies the chain and reads the list and the request", async () => {
      const root = file(`${type}-root.pem`, made.root)
      const intermediate = file(`${type}-int.pem`, made.intermediate)
      const leaf = file(`${type}-leaf.pem`, made.leaf)
      const list = file(`${type}-one.pem`, await raw(`${type}-int/crl/pem`))
      const script = [
        'import sys',
        'from cryptography import x509',
        'root, inter, leaf = [x509.load_pem_x509_certificate(open(p, "rb").read()) for p in sys.argv[1:4]]',
        'leaf.verify_directly_issued_by(inter); inter.verify_directly_issued_by(root)',
        'crl = x509.load_pem_x509_crl(open(sys.argv[4], "rb").read())',
        'assert crl.is_signature_valid(inter.public_key()) and len(crl) == 1',
        'for cert in (root, inter, leaf): list(cert.extensions)',
        'print("verified")',
      ].join('\n')
      const { stdout } = await run('python3', ['-c', script, root, intermediate, leaf, list], { env: python })
      expect(stdout).toContain('verified')
    })
  })
})
