import { describe, expect, it } from 'vitest'
import type { ListenerConfig } from '../../../src/server/config/index.ts'
import { configOf, shown, storage } from './reading.ts'

function listener(body: string, type: string = 'tcp'): ListenerConfig {
  const { value, findings } = configOf(`${storage}listener "${type}" {\n${body}\n}`)
  if (value === undefined) throw new Error(findings.map(shown).join('\n'))
  return value.listeners[0] as ListenerConfig
}

/** Lines count from the listener's first word. */
function refusals(body: string, type: string = 'tcp'): readonly string[] {
  const { findings } = configOf(`${storage}listener "${type}" {\n${body}\n}`)
  return findings.map(it => shown(it).replace(/^(\d+):/, (_, line: string) => `${Number(line) - 2}:`))
}

describe('listener "tcp"', () => {
  it('has the defaults of the peer', () => {
    expect(listener('tls_disable = true')).toMatchObject({ address: { host: '127.0.0.1', port: 8200 }, requireRequestHeader: false })
    expect(listener('tls_disable = true').tls).toBeUndefined()
  })

  const addresses: readonly (readonly [text: string, host: string, port: number])[] = [
    ['127.0.0.1:8200', '127.0.0.1', 8200],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8300', '::1', 8300],
    ['[::]:8200', '::', 8200],
    [':8200', '::', 8200],
    ['localhost', 'localhost', 8200],
    ['vault.internal:443', 'vault.internal', 443],
    ['127.0.0.1:0', '127.0.0.1', 0],
  ]
  for (const [text, host, port] of addresses)
    it(`reads the address ${text}`, () => {
      expect(listener(`address = "${text}"\ntls_disable = 1`).address).toEqual({ host, port })
    })

  it('refuses addresses that are none, and templates of addresses', () => {
    for (const text of ['', '::1', 'a b', '127.0.0.1:99999', '127.0.0.1:x', '[::1'])
      expect(refusals(`address = "${text}"\ntls_disable = true`)).toEqual([
        '1:11 error CONF1002: listener "tcp": address: cannot be read (expected "host:port")',
      ])
    expect(refusals('address = "{{ GetPrivateIP }}:8200"\ntls_disable = true')[0]).toContain('templates of addresses are not supported')
  })

  it('reads limits and timeouts in their units', () => {
    expect(
      listener(`
        tls_disable = "true"
        max_request_size = 1024
        max_request_json_memory = "2048"
        max_request_json_strings = 10
        max_request_duration = "1m30s"
        require_request_header = true
        max_connections = 100
        http_read_header_timeout = 5
        http_read_timeout = "500ms"
        http_idle_timeout = "1h"`),
    ).toMatchObject({
      maxRequestSize: 1024,
      maxRequestJsonMemory: 2048,
      maxRequestJsonStrings: 10,
      maxRequestDuration: 90,
      requireRequestHeader: true,
      maxConnections: 100,
      readHeaderTimeout: 5,
      readTimeout: 1,
      idleTimeout: 3600,
    })
  })

  it('refuses values of another kind, by what was expected', () => {
    expect(
      refusals(
        'tls_disable = "maybe"\nmax_request_size = "big"\nmax_request_duration = "-1s"\nhttp_idle_timeout = ""\nmax_connections = 0',
      ),
    ).toEqual([
      '1:15 error CONF1002: listener "tcp": tls_disable: expected true or false',
      '2:20 error CONF1002: listener "tcp": max_request_size: expected a whole number of at least 1',
      '3:24 error CONF1002: listener "tcp": max_request_duration: expected a duration, such as "90s" or 90',
      '4:21 error CONF1002: listener "tcp": http_idle_timeout: expected a duration, such as "90s" or 90',
      '5:19 error CONF1002: listener "tcp": max_connections: expected a whole number of at least 1',
      '0:1 error CONF3001: listener "tcp": tls_cert_file is missing (set it, or set tls_disable = true where nobody can listen in)',
      '0:1 error CONF3001: listener "tcp": tls_key_file is missing (set it, or set tls_disable = true where nobody can listen in)',
    ])
  })

  it('suggests the word that was meant', () => {
    expect(refusals('tls_disable = true\nadress = "x"\nmax_request_siz = 1')).toEqual([
      '2:1 error CONF1001: listener "tcp": unknown key "adress" (did you mean "address"?)',
      '3:1 error CONF1001: listener "tcp": unknown key "max_request_siz" (did you mean "max_request_size"?)',
    ])
  })

  it('refuses words whose effect is not there, unless they ask for nothing', () => {
    expect(
      refusals(
        'tls_disable = true\nproxy_protocol_behavior = "use_always"\ntls_auto_reload = true\ncors_enabled = true\ntelemetry { unauthenticated_metrics_access = true }',
      ),
    ).toEqual([
      '5:1 error CONF2004: listener "tcp": telemetry is not supported: there are no metrics yet',
      '2:1 error CONF1003: listener "tcp": proxy_protocol_behavior is not supported: the PROXY protocol is not spoken; a proxy that speaks HTTP may use x_forwarded_for_authorized_addrs',
      '3:1 error CONF1003: listener "tcp": tls_auto_reload is not supported: send SIGHUP when the files have changed',
      '4:1 error CONF1003: listener "tcp": cors_enabled is not supported: it is not there yet',
    ])
    expect(
      refusals('tls_disable = true\ntls_auto_reload = false\ndisable_unauthed_rekey_endpoints = true\ncors_enabled = "false"'),
    ).toEqual([])
  })

  it('says what it accepts without effect', () => {
    expect(refusals('tls_disable = true\ncluster_address = "127.0.0.1:8201"')).toEqual([
      '2:1 note CONF9001: listener "tcp": cluster_address has no effect: there is one node',
    ])
  })
})

describe('TLS of a listener', () => {
  const files = 'tls_cert_file = "c"\ntls_key_file = "k"\n'

  it('reads versions, suites and client certificates', () => {
    expect(
      listener(`${files}
        tls_min_version = "TLS13"
        tls_max_version = "tls13"
        tls_cipher_suites = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256"
        tls_client_ca_file = "ca"
        tls_require_and_verify_client_cert = true`).tls,
    ).toEqual({
      certFile: 'c',
      keyFile: 'k',
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      cipherSuites: ['ECDHE-RSA-AES128-GCM-SHA256'],
      clientCaFile: 'ca',
      requireAndVerifyClientCert: true,
      disableClientCerts: false,
    })
    expect(listener(files).tls).toEqual({
      certFile: 'c',
      keyFile: 'k',
      minVersion: 'TLSv1.2',
      requireAndVerifyClientCert: false,
      disableClientCerts: false,
    })
  })

  const refused: readonly (readonly [name: string, body: string, words: string])[] = [
    ['is never off by accident', '', 'tls_cert_file is missing'],
    ['needs the key of its certificate', 'tls_cert_file = "c"', 'tls_key_file is missing'],
    ['refuses versions that are not safe', `${files}tls_min_version = "tls10"`, 'tls_min_version: expected one of tls12, tls13'],
    [
      'refuses a highest version below the lowest',
      `${files}tls_min_version = "tls13"\ntls_max_version = "tls12"`,
      'tls_max_version is below tls_min_version',
    ],
    [
      'refuses suites that are not safe',
      `${files}tls_cipher_suites = "TLS_RSA_WITH_AES_128_CBC_SHA"`,
      '"TLS_RSA_WITH_AES_128_CBC_SHA" is not among the safe ones',
    ],
    ['cannot verify clients without a CA', `${files}tls_require_and_verify_client_cert = true`, 'tls_client_ca_file is missing'],
    [
      'cannot both require and disable client certificates',
      `${files}tls_client_ca_file = "ca"\ntls_require_and_verify_client_cert = true\ntls_disable_client_certs = true`,
      'contradicts',
    ],
    ['cannot verify clients when it is off', 'tls_disable = true\ntls_client_ca_file = "ca"', 'needs TLS, which tls_disable turns off'],
  ]
  for (const [name, body, words] of refused)
    it(name, () => {
      expect(refusals(body).join('\n')).toContain(words)
    })
})

describe('X-Forwarded-For of a listener', () => {
  it('is trusted only from those who are named, and refused from others unless that is said', () => {
    expect(
      listener('tls_disable = true\nx_forwarded_for_authorized_addrs = "10.0.0.0/8, ::1"\nx_forwarded_for_hop_skips = "1"').forwardedFor,
    ).toEqual({
      authorizedAddrs: ['10.0.0.0/8', '::1'],
      hopSkips: 1,
      rejectNotPresent: true,
      rejectNotAuthorized: true,
    })
    expect(
      listener(
        'tls_disable = true\nx_forwarded_for_authorized_addrs = ["10.0.0.1"]\nx_forwarded_for_reject_not_present = false\nx_forwarded_for_reject_not_authorized = "false"',
      ).forwardedFor,
    ).toMatchObject({ rejectNotPresent: false, rejectNotAuthorized: false })
  })

  it('refuses what is no address, and words that would do nothing', () => {
    expect(refusals('tls_disable = true\nx_forwarded_for_authorized_addrs = "10.0.0.0/8,proxy"')[0]).toContain(
      '"proxy" is no IP address and no CIDR block',
    )
    expect(refusals('tls_disable = true\nx_forwarded_for_authorized_addrs = "10.0.0.0/33"')[0]).toContain('is no IP address')
    expect(refusals('tls_disable = true\nx_forwarded_for_hop_skips = 1')[0]).toContain(
      'does nothing without x_forwarded_for_authorized_addrs',
    )
  })
})

describe('listener "unix"', () => {
  it('is plain, and needs a path', () => {
    expect(listener('address = "/run/lockstep.sock"\nsocket_mode = "0660"', 'unix')).toMatchObject({
      address: { path: '/run/lockstep.sock', mode: 0o660 },
    })
    expect(refusals('', 'unix')).toEqual(['0:1 error CONF3001: listener "unix": address is missing (expected the path of the socket)'])
    expect(refusals('address = "/x"\nsocket_mode = "rw"', 'unix')[0]).toContain('socket_mode: expected three octal digits')
    expect(refusals('tls_disable = true\nsocket_mode = "600"')[0]).toContain('socket_mode is of a unix listener')
  })
})

describe('a listener of another type', () => {
  it('is refused', () => {
    expect(refusals('', 'udp')).toEqual(
      [
        '0:10 error CONF2002: listener "udp" is not known (expected tcp or unix)',
        '- error CONF3001: no listener is configured (add listener "tcp" { … })',
      ].slice(0, 1),
    )
  })
})
