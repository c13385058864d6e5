import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from './harness/http.ts'
import { lockstep, startOurs, type RunningServer } from './harness/server.ts'
import { startSshd, type Sshd } from './harness/sshd.ts'

type Data = Readonly<Record<string, string>>

describe('a real sshd', () => {
  let server: RunningServer
  let sshd: Sshd
  let key: string

  async function write(path: string, body: object): Promise<Data> {
    const { status, text } = await send(server.address, {
      method: 'POST',
      path: `/v1/${path}`,
      headers: { 'x-vault-token': 'root' },
      body: JSON.stringify(body),
    })
    expect([path, status, status < 300 ? '' : text]).toEqual([path, status === 204 ? 204 : 200, ''])
    return text === '' ? {} : (JSON.parse(text) as { readonly data: Data }).data
  }

  beforeAll(async () => {
    server = await startOurs('dev')
    await write('sys/mounts/ssh', { type: 'ssh' })
    await write('sys/mounts/hosts', { type: 'ssh' })
    const { public_key: userCa = '' } = await write('ssh/config/ca', { key_type: 'ed25519' })
    await write('hosts/config/ca', { key_type: 'ecdsa-sha2-nistp256' })
    await write('hosts/roles/host', { key_type: 'ca', allow_host_certificates: true, allowed_domains: '*' })
    sshd = await startSshd({
      userCa,
      hostCertificate: async publicKey =>
        (await write('hosts/sign/host', { public_key: publicKey, cert_type: 'host', valid_principals: '127.0.0.1' }))['signed_key'] ?? '',
    })
    const role = { key_type: 'ca', allow_user_certificates: true, allowed_users: sshd.user, allowed_extensions: '*' }
    await write('ssh/roles/people', { ...role, default_extensions: { 'permit-pty': '' } })
    await write('ssh/roles/other', { ...role, allowed_users: 'somebody-else', default_user: 'somebody-else' })
    key = join(sshd.home, 'client')
    expect(sshd.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]).code).toBe(0)
  }, 120_000)
  afterAll(async () => {
    await sshd?.stop()
    await server?.stop()
  })

  const publicKey = (): string => sshd.run('ssh-keygen', ['-y', '-f', key]).out
  const place = (name: string, text: string): string => {
    const path = join(sshd.home, name)
    writeFileSync(path, text)
    chmodSync(path, 0o600)
    return path
  }
  const target = (): readonly string[] => [`${sshd.user}@127.0.0.1`, 'echo welcome']
  const common = (more: readonly string[]): readonly string[] => {
    const options = ['-F', 'none', '-p', String(sshd.port), '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes']
    return [...options, ...more, ...target()]
  }
  const anyHost = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']

  it('lets in whoever has a certificate, and nobody without', async () => {
    const { signed_key: signed = '' } = await write('ssh/sign/people', { public_key: publicKey(), valid_principals: sshd.user })
    const certificate = place('client-cert.pub', signed)
    const into = sshd.run('ssh', common([...anyHost, '-i', key, '-o', `CertificateFile=${certificate}`]))
    expect([into.code, into.out], `${into.err}\n${sshd.log()}`).toEqual([0, 'welcome\n'])
    const out = sshd.run('ssh', common([...anyHost, '-i', key, '-o', 'CertificateFile=none']))
    expect(out.code).toBe(255)
  })

  it('refuses a certificate for somebody else, and one for other addresses', async () => {
    const other = await write('ssh/sign/other', { public_key: publicKey() })
    const asOther = sshd.run(
      'ssh',
      common([...anyHost, '-i', key, '-o', `CertificateFile=${place('other-cert.pub', other['signed_key'] ?? '')}`]),
    )
    expect(asOther.code).toBe(255)
    await expect.poll(() => sshd.log()).toContain('name is not a listed principal')
    await write('ssh/roles/elsewhere', {
      key_type: 'ca',
      allow_user_certificates: true,
      allowed_users: '*',
      default_user: sshd.user,
      default_critical_options: { 'source-address': '10.0.0.0/8' },
    })
    const elsewhere = await write('ssh/sign/elsewhere', { public_key: publicKey() })
    const fromHere = sshd.run(
      'ssh',
      common([...anyHost, '-i', key, '-o', `CertificateFile=${place('far-cert.pub', elsewhere['signed_key'] ?? '')}`]),
    )
    expect(fromHere.code).toBe(255)
    await expect.poll(() => sshd.log()).toContain('not from a permitted source address')
  })

  it.each(['rsa', 'ec', 'ed25519'])('takes a key of type %s that the server made', async type => {
    const issued = await write('ssh/issue/people', {
      key_type: type,
      valid_principals: sshd.user,
      ...(type === 'rsa' && { key_bits: 2048 }),
    })
    const own = place(`issued-${type}`, issued['private_key'] ?? '')
    const certificate = place(`issued-${type}-cert.pub`, issued['signed_key'] ?? '')
    const into = sshd.run('ssh', common([...anyHost, '-i', own, '-o', `CertificateFile=${certificate}`]))
    expect([into.code, into.out], into.err).toEqual([0, 'welcome\n'])
  })

  it.each(['ssh-rsa', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-ed25519'])('reads what a CA with a key %s signs', async type => {
    const name = type.replace(/.*-/, '')
    await write(`ssh/issuers/import/${name}`, { key_type: type, ...(type === 'ssh-rsa' && { key_bits: 2048 }) })
    await write(`ssh/roles/${name}`, { key_type: 'ca', allow_user_certificates: true, allowed_users: '*', issuer_ref: name })
    const { signed_key: signed = '' } = await write(`ssh/sign/${name}`, {
      public_key: publicKey(),
      valid_principals: 'a,b',
      extensions: {},
      critical_options: { 'force-command': '/bin/true' },
    })
    const told = sshd.run('ssh-keygen', ['-L', '-f', place(`${name}-cert.pub`, signed)])
    expect(told.code, told.err).toBe(0)
    expect(told.out).toMatch(/user certificate\n[^]*Principals: \n\s+a\n\s+b\n\s+Critical Options: \n\s+force-command \/bin\/true\n/)
    expect(told.out).toContain(`(using ${type === 'ssh-rsa' ? 'rsa-sha2-256' : type})`)
  })

  it('is logged in to by `lockstep ssh`, and known by the CA of hosts', async () => {
    const run = (...args: readonly string[]): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> =>
      new Promise(done => {
        execFile(
          lockstep,
          ['ssh', ...args],
          {
            env: { PATH: process.env['PATH'], HOME: sshd.home, VAULT_ADDR: server.address, VAULT_TOKEN: 'root', ...sshd.env },
            timeout: 30_000,
          },
          (error, out, err) => done({ code: error === null ? 0 : error.code, out, err }),
        ).stdin?.end()
      })
    const words = ['-mode=ca', '-role=people', `-private-key-path=${key}`, `-ssh-executable=${sshd.ssh}`]
    const hosts = ['-host-key-mount-point=hosts', '-host-key-hostnames=*']
    const options = ['-F', 'none', '-p', String(sshd.port), '-o', 'BatchMode=yes']
    const into = await run(...words, ...hosts, '--', ...options, `${sshd.user}@127.0.0.1`, 'echo welcome; exit 7')
    expect([into.code, into.out], into.err).toEqual([7, 'welcome\n'])
    const printed = await run(...words, '-no-exec', '-field=signed_key', `${sshd.user}@127.0.0.1`)
    expect([printed.code, printed.out.slice(0, 32)]).toEqual([0, 'ssh-ed25519-cert-v01@openssh.com'])
    await write('ssh/roles/once', { key_type: 'otp', default_user: sshd.user, cidr_list: '127.0.0.0/8' })
    const otp = await run('-mode=otp', '-role=once', '-no-exec', '-format=json', `${sshd.user}@127.0.0.1`)
    const { data } = JSON.parse(otp.out) as { readonly data: Data }
    expect(data).toMatchObject({ ip: '127.0.0.1', key_type: 'otp', username: sshd.user, port: 22 })
    expect(await write('ssh/verify', { otp: data['key'] })).toEqual({ ip: '127.0.0.1', role_name: 'once', username: sshd.user })
  })
})
