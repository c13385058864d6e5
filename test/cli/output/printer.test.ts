import { describe, expect, it } from 'vitest'
import { printerOf, type Printer, type Secret, wrapText } from '../../../src/cli/output/index.ts'
import { stage, type Stage } from '../context.ts'

function printing(format: string, terminal = false, more: { readonly detailed?: boolean } = {}): Stage & { readonly out: Printer } {
  const it = stage({ terminal })
  return { ...it, out: printerOf(it.ctx, { format, ...more }) }
}

const secret: Secret = { request_id: 'r', data: { b: '<2>', a: null }, warnings: ['take care'] }

describe('a printer', () => {
  it.each([
    ['nope', 'Invalid output format: nope'],
    ['raw', 'This command does not support the -format=raw option.'],
  ])('refuses the format %s', (format, message) => {
    expect(() => printing(format)).toThrow(message)
  })

  it('takes formats in any case', () => {
    expect(printing('JSON').out.format).toBe('json')
  })

  it('warns on stderr, where a person reads', () => {
    const table = printing('table')
    table.out.secret(secret)
    expect(table.stderr()).toBe('WARNING! The following warnings were returned from the server:\n\n  * take care\n\n')
    const json = printing('json')
    json.out.secret(secret)
    expect(json.stderr()).toBe('')
  })

  it('warns in yellow on a terminal', () => {
    const it = printing('table', true)
    it.out.warn('mind')
    expect(it.stderr()).toBe('\u001b[33mmind\u001b[0m\n')
  })

  it.each([
    ['table', 'b', '<2>'],
    ['json', 'b', '"\\u003c2\\u003e"'],
    ['yaml', 'b', '<2>\n'],
    ['table', 'request_id', 'r'],
    ['table', 'lease_duration', '0'],
    ['table', 'renewable', 'false'],
    ['json', 'data', '{\n  "a": null,\n  "b": "\\u003c2\\u003e"\n}'],
  ])('prints one field as %s: %s', (format, name, text) => {
    const it = printing(format)
    it.out.secretField(secret, name)
    expect(it.stdout()).toBe(text)
  })

  it('ends a field with a newline on a terminal', () => {
    const it = printing('table', true)
    it.out.secretField(secret, 'b')
    expect(it.stdout()).toBe('<2>\n')
  })

  it.each(['a', 'none', 'toString', '__proto__'])('has no field %s', name => {
    expect(() => printing('table').out.secretField(secret, name)).toThrow(`Field "${name}" not present in secret`)
  })

  it('finds the parts of a login by the names that the table gives them', () => {
    const login: Secret = {
      auth: { client_token: 't', accessor: 'a', lease_duration: 60, renewable: true, policies: ['p'], token_policies: ['p'] },
    }
    const of = (name: string): string => {
      const it = printing('table')
      it.out.secretField(login, name)
      return it.stdout()
    }
    expect(['token', 'token_accessor', 'token_duration', 'token_renewable', 'policies', 'identity_policies'].map(of)).toEqual([
      't',
      'a',
      '60',
      'true',
      '[p]',
      '[]',
    ])
  })

  it('shows what a list tells of its keys, where it is asked to', () => {
    const listed: Secret = { data: { keys: ['b', 'a'], key_info: { a: { ttl: 3600, name: 'x' }, b: { name: 'y' } } } }
    const detailed = printing('table', false, { detailed: true })
    detailed.out.list(listed)
    expect(detailed.stdout()).toBe('Keys    name    ttl\n----    ----    ---\na       x       1h\nb       y       n/a\n')
    const plain = printing('table')
    plain.out.list(listed)
    expect(plain.stdout()).toBe('Keys\n----\na\nb\n')
    const json = printing('json')
    json.out.list(listed)
    expect(json.stdout()).toBe('[\n  "b",\n  "a"\n]\n')
  })

  it('says that something is done where a person reads', () => {
    const [table, json] = [printing('table'), printing('json')]
    table.out.success('done')
    json.out.success('done')
    expect([table.stdout(), json.stdout()]).toEqual(['done\n', ''])
  })
})

describe('wrapText', () => {
  it('breaks lines at blanks, evenly, and leaves a long word whole', () => {
    expect(wrapText(`${'word '.repeat(20)}${'x'.repeat(90)} end`, 2)).toBe(
      `  ${'word '.repeat(10).trim()}\n  ${'word '.repeat(10).trim()}\n  ${'x'.repeat(90)}\n  end`,
    )
  })
})
