import { describe, expect, it } from 'vitest'
import { parseConfig, plainConfig, type ConfigNode } from '../../../src/hcl/config/index.ts'

const parse = (text: string): ReturnType<typeof parseConfig> => parseConfig({ name: 'server.hcl', text })
const read = (text: string): ConfigNode => {
  const { value, findings } = parse(text)
  expect(findings).toEqual([])
  return value as ConfigNode
}

const server = `# a server
ui = true
disable_mlock = false
storage "lmdb" {
  path = "/var/lib/lockstep"
}
listener "tcp" {
  address = "127.0.0.1:8200"
  telemetry { unauthenticated_metrics_access = true }
}
listener "tcp" { address = "[::1]:8200" }
max_lease_ttl = "768h"
numbers = [1, 0x10, 010, 1.5, -2]
options = { a = "b" }
`

describe('parseConfig', () => {
  it('reads attributes, labelled blocks, lists and objects', () => {
    expect(plainConfig(read(server))).toEqual({
      ui: true,
      disable_mlock: false,
      storage: [{ lmdb: { path: '/var/lib/lockstep' } }],
      listener: [
        { tcp: { address: '127.0.0.1:8200', telemetry: [{ unauthenticated_metrics_access: true }] } },
        { tcp: { address: '[::1]:8200' } },
      ],
      max_lease_ttl: '768h',
      numbers: [1, 16, 8, 1.5, -2],
      options: { a: 'b' },
    })
  })

  it('knows the place of names, labels and values', () => {
    const [, , storage] = read(server).entries
    expect(storage).toMatchObject({
      kind: 'block',
      nameAt: { file: 'server.hcl', start: { line: 4, column: 1 } },
      labels: [{ text: 'lmdb', at: { start: { line: 4, column: 9 }, end: { line: 4, column: 15 } } }],
      body: {
        entries: [
          { kind: 'attribute', name: 'path', nameAt: { start: { line: 5, column: 3 } }, value: { at: { start: { line: 5, column: 10 } } } },
        ],
      },
    })
  })

  it('reads the JSON form as the same blocks', () => {
    expect(
      plainConfig(
        read('{"storage": {"lmdb": {"path": "x"}}, "listener": [{"tcp": {"address": "a"}}, {"tcp": {"address": "b"}}], "ui": true}'),
      ),
    ).toEqual({
      storage: [{ lmdb: { path: 'x' } }],
      listener: [{ tcp: { address: 'a' } }, { tcp: { address: 'b' } }],
      ui: true,
    })
  })

  it('refuses an attribute that is set twice and points at both', () => {
    expect(parse('a = 1\nb = 2\na = 3\n')).toMatchObject({
      findings: [{ code: 'HCL4001', at: { start: { line: 3, column: 1 } }, related: [{ at: { start: { line: 1, column: 1 } } }] }],
    })
  })

  it('refuses a last key without value, which the policy parser drops', () => {
    expect(parse('a = 1\nb =')).toMatchObject({ findings: [{ code: 'HCL4003', at: { start: { line: 2, column: 1 } } }] })
  })

  it('refuses numbers that are none', () => {
    expect(parse('a = 08')).toMatchObject({ findings: [{ code: 'HCL4002' }] })
    expect(parse('a = 1e\n')).toMatchObject({ findings: [{ code: 'HCL4002' }] })
  })

  it('passes on what the parser refuses', () => {
    expect(parse('a = [1 2]')).toMatchObject({ findings: [{ code: 'HCL1110', at: { start: { line: 1, column: 8 } } }] })
  })
})
