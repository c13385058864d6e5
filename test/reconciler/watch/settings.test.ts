import { describe, expect, it } from 'vitest'
import { defaultWatchSettings, readWatchSettings, type WatchSettings } from '../../../src/reconciler/watch/index.ts'

const read = (text: string): ReturnType<typeof readWatchSettings> => readWatchSettings({ name: 'watch.yaml', text }, '/etc/lockstep')
const settings = (text: string): WatchSettings => {
  const { value, findings } = read(text)
  if (value === undefined) throw new Error(findings.map(it => it.summary).join('\n'))
  return value
}
const problems = (text: string): readonly string[] =>
  read(text).findings.map(it => `${it.at?.start.line ?? 0}:${it.at?.start.column ?? 0} ${it.summary}`)

describe('the settings of a watch', () => {
  it('have a default for everything', () => {
    expect(settings('mode: apply\n')).toEqual(defaultWatchSettings)
  })

  it('say where the repository is, when to look and whom to tell', () => {
    expect(
      settings(`
repository: https://git.example.org/acme/vault.git
token: { $file: token }
branch: production
path: infra/vault
checkout: ../clone
mode: plan
heal: true
interval: 30s
drift_interval: 0
lock: false
history: 7
listen: "[::1]:8300"
webhook_secret: { $env: HOOK }
retry: { first: 1s, most: 1m }
verify: { allowed_signers: signers, gpg_keys: /keys.asc }
windows:
  - { deny: "22:00-06:00", days: [fri, sat], timezone: Europe/Berlin, reason: nights }
  - { freeze: 2026-12-20T00:00:00Z/2027-01-04T06:00:00Z }
notify:
  - { url: { $env: SLACK }, format: slack, on: [drift, failed] }
  - { url: { $env: HOOKS }, secret: { $env: SIGN } }
`),
    ).toEqual({
      upstream: {
        url: 'https://git.example.org/acme/vault.git',
        branch: 'production',
        path: 'infra/vault',
        checkout: '/etc/clone',
        token: { from: 'file', name: 'token' },
      },
      mode: 'plan',
      heal: true,
      rhythm: { look: 30_000, drift: 0, retry: { first: 1000, most: 60_000 } },
      windows: [
        { is: 'deny', days: new Set([5, 6]), from: 1320, to: 360, timezone: 'Europe/Berlin', reason: 'nights' },
        { is: 'freeze', from: new Date('2026-12-20T00:00:00Z'), to: new Date('2027-01-04T06:00:00Z') },
      ],
      signers: { allowedSigners: '/etc/lockstep/signers', gpgKeys: '/keys.asc' },
      history: 7,
      listen: { host: '::1', port: 8300 },
      webhookSecret: { from: 'env', name: 'HOOK' },
      notices: [
        { url: { from: 'env', name: 'SLACK' }, format: 'slack', on: new Set(['drift', 'failed']) },
        {
          url: { from: 'env', name: 'HOOKS' },
          secret: { from: 'env', name: 'SIGN' },
          format: 'json',
          on: new Set(['applied', 'drift', 'waiting', 'refused', 'broken', 'unverified', 'stopped', 'unsettled', 'failed']),
        },
      ],
    })
  })

  it.each([
    ['moode: apply', '1:1 unknown key "moode" in the settings of the watch; did you mean mode?'],
    ['branch: x', '1:9 branch: means nothing without repository'],
    ['repository: x', '1:13 repository: say in checkout where its clone may lie'],
    ['repository: x\ncheckout: y\npath: ../up', '3:7 path: expected a folder in the repository'],
    ['listen: here', '1:9 listen: expected HOST:PORT, such as 127.0.0.1:8300'],
    ['webhook_secret: { $env: X }', '1:17 webhook_secret: a webhook needs listen as well, for somebody to call it'],
    ['lock_term: 1s', '1:12 lock_term: expected 5s or more'],
    ['interval: 0', '1:11 interval: expected 1s or more'],
    ['verify: {}', '1:1 verify: say whose signatures count, by allowed_signers, gpg_keys or both'],
    ['notify: [{ format: json }]', '1:10 a notice needs a url, by reference: { $env: NAME } or { $file: PATH }'],
    ['notify: [{ url: { $vault: "secret/data/x#y" } }]', '1:17 url: expected { $env: NAME } or { $file: PATH }'],
    ['notify: [{ url: { $env: X }, on: [never] }]', /^1:34 on: "never" is no outcome; expected some of clean, applied/],
    ['windows: [{ deny: "25:00-06:00" }]', '1:19 deny: expected HH:MM-HH:MM, such as 22:00-06:00'],
    ['windows: [{ reason: x }]', '1:11 a window: expected one of deny, allow and freeze'],
    ['windows: [{ allow: "08:00-09:00", timezone: Mars }]', /^1:45 timezone: "Mars" is none that is known/],
    ['windows: [{ allow: "08:00-09:00", days: [monday] }]', /^1:41 days: "monday" is none/],
    ['windows: [{ freeze: tomorrow }]', /^1:21 freeze: expected two times in order/],
  ])('are refused with their place: %s', (text, problem) => {
    expect(problems(`${text}\n`)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)])
  })

  it('hold no secret', () => {
    expect(problems('webhook_secret: hunter2\nlisten: a:1\n')).toEqual(['1:17 webhook_secret is a secret, and stands in clear in a file'])
    expect(problems('notify: [{ url: "https://hooks.example.org/T0/B0" }]\n')).toEqual(
      expect.arrayContaining(['1:17 url is a secret, and stands in clear in a file']),
    )
  })
})
