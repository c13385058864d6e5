import { describe, expect, it } from 'vitest'
import { configOf, plain, shown, storage } from './reading.ts'

const found = (...texts: readonly string[]): readonly string[] => configOf(...texts).findings.map(shown)

describe('a configuration file', () => {
  it('needs a storage and a listener', () => {
    expect(found('')).toEqual([
      '- error CONF3001: no storage is configured (add storage "lmdb" { path = "…" })',
      '- error CONF3001: no listener is configured (add listener "tcp" { … })',
    ])
  })

  it('is read in the words of the field', () => {
    const { value, findings } = configOf(`
      # how a server of the field is configured
      ui            = true
      disable_mlock = true
      api_addr      = "https://vault.example.com:8200"
      cluster_addr  = "https://10.0.0.1:8201"
      cluster_name  = "production"
      default_lease_ttl = "1h"
      max_lease_ttl     = 86400
      lease_revocation_horizon = "24h"
      default_max_request_duration = "30s"
      log_level  = "DEBUG"
      log_format = "json"
      log_file   = "/var/log/lockstep.log"
      pid_file   = "/run/lockstep.pid"
      raw_storage_endpoint = false
      seal "shamir" {}
      storage "lmdb" {
        path     = "/var/lib/lockstep"
        map_size = 1073741824
      }
      listener "tcp" {
        address       = "0.0.0.0:8200"
        tls_cert_file = "/etc/lockstep/cert.pem"
        tls_key_file  = "/etc/lockstep/key.pem"
      }
      listener "unix" {
        address = "/run/lockstep.sock"
        max_request_duration = "5s"
      }`)
    expect(findings.map(shown)).toEqual([
      '3:7 note CONF9001: ui has no effect: there is no web interface yet',
      '4:7 note CONF9001: disable_mlock has no effect: memory is not locked either way: turn swap off, or encrypt it',
    ])
    expect(value).toMatchObject({
      storage: { type: 'lmdb', options: { path: '/var/lib/lockstep', map_size: '1073741824' } },
      listeners: [{ maxRequestDuration: 30 }, { address: { path: '/run/lockstep.sock' }, maxRequestDuration: 5 }],
      apiAddr: 'https://vault.example.com:8200',
      clusterAddr: 'https://10.0.0.1:8201',
      clusterName: 'production',
      defaultLeaseTtl: 3600,
      maxLeaseTtl: 86_400,
      leaseRevocationHorizon: 86_400,
      logLevel: 'debug',
      logFormat: 'json',
      logFile: '/var/log/lockstep.log',
      pidFile: '/run/lockstep.pid',
    })
  })

  it('means the same in JSON, and with types as keys', () => {
    const hcl = configOf(
      `${storage}listener "tcp" {\n address = "a:1"\n tls_disable = true }\nlistener "tcp" { address = "b:2"\n tls_disable = true }`,
    ).value
    const spellings = [
      '{"storage":{"inmem":{}},"listener":[{"tcp":{"address":"a:1","tls_disable":true}},{"tcp":{"address":"b:2","tls_disable":"true"}}]}',
      '{"storage":[{"inmem":{}}],"listener":{"tcp":[{"address":"a:1","tls_disable":1},{"address":"b:2","tls_disable":true}]}}',
      'storage = { inmem = {} }\nlistener { tcp { address = "a:1"\n tls_disable = true } }\nlistener = [{ tcp = { address = "b:2"\n tls_disable = true } }]',
      'backend "INMEM" {}\nlistener "tcp" { address = "a:1"\n tls_disable = true }\nlistener "tcp" { address = "b:2"\n tls_disable = true }',
    ]
    for (const text of spellings) {
      const { value, findings } = configOf(text)
      expect(findings.map(shown)).toEqual([])
      expect(value?.listeners.map(it => it.address)).toEqual(hcl?.listeners.map(it => it.address))
      expect(value?.storage).toMatchObject({ type: 'inmem', options: {} })
    }
  })

  it('lends the default lease times to a server that was told none, or zero', () => {
    for (const text of ['', 'default_lease_ttl = 0\nmax_lease_ttl = "0s"\n'])
      expect(configOf(`${text}${storage}${plain}`).value).toMatchObject({ defaultLeaseTtl: 2_764_800, maxLeaseTtl: 2_764_800 })
  })

  it('is refused with every mistake in it, each with its place and what to do', () => {
    expect(
      found(`api_addrs = "x"
storge "inmem" {}
audit "file" "f" { options { file_path = "/x" } }
telemetry { disable_hostname = true }
raw_storage_endpoint = true
plugin_directory = "/plugins"
seal "awskms" { region = "x" }
ha_storage "consul" {}
log_level = "loud"
max_lease_ttl = "1 fortnight"
storage "raft" { path = "x" }
listener { address = "x" }
ui { }
frobnicate {}
`),
    ).toEqual([
      '2:1 error CONF2001: unknown block "storge" (did you mean "storage"?)',
      '4:1 error CONF2004: telemetry is not supported: there are no metrics yet',
      '7:6 error CONF2002: seal "awskms" is not supported (expected one of shamir, static, transit)',
      '8:1 error CONF2004: ha_storage is not supported: there is one node',
      '11:9 error CONF2002: storage "raft" is not supported (expected one of inmem, lmdb)',
      '12:12 error CONF2002: listener needs a type (write listener "…" { … })',
      '13:1 error CONF1002: ui is no block (write ui = …)',
      expect.stringMatching(/^14:1 error CONF2001: unknown block "frobnicate" \(known here: storage, /),
      '1:1 error CONF1001: unknown key "api_addrs" (did you mean "api_addr"?)',
      '5:1 error CONF1003: raw_storage_endpoint is not supported: sys/raw is not there',
      '6:1 error CONF1003: plugin_directory is not supported: everything is built in; there are no plugins',
      '9:13 error CONF1002: log_level: expected one of trace, debug, info, warn, error',
      '10:17 error CONF1002: max_lease_ttl: expected a duration, such as "90s" or 90',
    ])
  })

  const refused: readonly (readonly [name: string, text: string, words: string])[] = [
    ['that is no HCL', 'storage "inmem" {', 'expected } to close the body'],
    ['that is no JSON', '{"storage": ]}', 'server.hcl'],
    ['that sets a word twice', `${storage}${plain}ui = true\nui = false`, 'ui is set twice'],
    ['with two storages', `${storage}${storage}${plain}`, 'there is one storage'],
    [
      'with an audit device nobody knows',
      `${storage}${plain}audit "floppy" "a" {}`,
      'audit "floppy" is not known (expected one of file, socket)',
    ],
    ['with an audit device that has no path', `${storage}${plain}audit "file" {}`, 'audit needs a type and a path'],
    [
      'with an option of an audit device that is no string',
      `${storage}${plain}audit "file" "a" { options { log_raw = true } }`,
      'audit: options: log_raw: expected a string (quote it)',
    ],
    ['with an unknown word in an audit device', `${storage}${plain}audit "file" "a" { descripton = "x" }`, 'did you mean "description"?'],
    ['with a storage nobody knows', `storage "floppy" {}\n${plain}`, 'storage "floppy" is not known (expected one of inmem, lmdb)'],
    ['with a storage that lacks a word', `storage "lmdb" {}\n${plain}`, 'storage "lmdb": path is missing'],
    [
      'with an unknown word for a storage',
      `storage "lmdb" { paht = "x" }\n${plain}`,
      'storage "lmdb": unknown key "paht" (did you mean "path"?)',
    ],
    ['with a word for a storage that takes none', `storage "inmem" { path = "x" }\n${plain}`, 'unknown key "path" (it takes none)'],
    ['with a list for a storage', `storage "lmdb" { path = ["x"] }\n${plain}`, 'storage "lmdb": path: expected a string'],
    ['with two labels', `storage "inmem" "x" {}\n${plain}`, 'takes no second label'],
    ['with a word in its seal', `${storage}${plain}seal "shamir" { key = "x" }`, 'seal "shamir": unknown key "key"'],
    [
      'with a default lease time above the longest',
      `${storage}${plain}default_lease_ttl = "2h"\nmax_lease_ttl = "1h"`,
      'default_lease_ttl is longer than max_lease_ttl',
    ],
    ['with an address that is no URL', `${storage}${plain}api_addr = "vault:8200"`, 'api_addr: expected a URL'],
    ['with two listeners on one address', `${storage}${plain}${plain}`, 'another listener has the address 127.0.0.1:8200 already'],
    ['with a string for a block', `storage = "inmem"\n${plain}`, 'storage needs a type'],
  ]
  for (const [name, text, words] of refused)
    it(`${name} is refused`, () => {
      const { value, findings } = configOf(text)
      expect(value).toBeUndefined()
      expect(`${findings.map(it => it.at?.file).join()} ${findings.map(shown).join('\n')}`).toContain(words)
    })

  it('never shows a value in its messages', () => {
    const messages = found(
      `log_level = "hunter2"\nlog_file = 5\n${storage}listener "tcp" {\n address = "hunter2 hunter2"\n tls_disable = "hunter2" }`,
    )
    expect(messages.join('\n')).not.toContain('hunter2')
    expect(messages).not.toEqual([])
  })
})

describe('several configuration files', () => {
  it('add their listeners, and a later word replaces an earlier one, but for times, of which the longest counts', () => {
    const { value } = configOf(
      `${storage}${plain}api_addr = "http://a:1"\nmax_lease_ttl = "10h"\ndefault_lease_ttl = "1h"\nlog_level = "info"`,
      'storage "lmdb" { path = "/b" }\nlistener "tcp" { address = "b:1"\n tls_disable = true }\nmax_lease_ttl = "5h"\ndefault_lease_ttl = "2h"\napi_addr = "http://b:1"',
    )
    expect(value).toMatchObject({
      storage: { type: 'lmdb', options: { path: '/b' } },
      apiAddr: 'http://b:1',
      maxLeaseTtl: 36_000,
      defaultLeaseTtl: 7200,
      logLevel: 'info',
    })
    expect(value?.listeners).toHaveLength(2)
  })

  it('may be wrong together: the place is in the file that says it', () => {
    const { findings } = configOf(storage, `${plain}default_lease_ttl = "2000h"`)
    expect(findings.map(it => `${it.at?.file ?? ''} ${shown(it)}`)).toEqual([
      '2.hcl 2:21 error CONF1004: default_lease_ttl is longer than max_lease_ttl',
    ])
  })
})
