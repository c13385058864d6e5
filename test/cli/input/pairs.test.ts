import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { listPairs, pairsOf, textPairs } from '../../../src/cli/input/index.ts'
import { parseJson, stringifyJson } from '../../../src/kernel/index.ts'
import { stage } from '../context.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lockstep-pairs-'))
writeFileSync(join(cwd, 'text'), 'from a file\n')
writeFileSync(join(cwd, 'data.json'), '{"z": 1.50, "a": [1]}')
writeFileSync(join(cwd, 'list.json'), '[1]')
afterAll(() => rmSync(cwd, { recursive: true }))

const read = (args: readonly string[], stdin = '', nonInteractive = false): Promise<Readonly<Record<string, unknown>>> =>
  pairsOf(stage({ cwd, stdin }).ctx, args, { nonInteractive })

describe('pairsOf', () => {
  it.each<[readonly string[], string, Record<string, unknown>]>([
    [['a=b', 'c='], '', { a: 'b', c: '' }],
    [['a=b=c'], '', { a: 'b=c' }],
    [['=b'], '', { '': 'b' }],
    [[''], '', {}],
    [['a=@text'], '', { a: 'from a file\n' }],
    [['a=\\@text', 'b=\\x', 'c=\\'], '', { a: '@text', b: '\\x', c: '\\' }],
    [['a=-'], 'from stdin\n', { a: 'from stdin\n' }],
    [['a=1', 'a=2', 'a=3'], '', { a: ['1', '2', '3'] }],
    [['-'], '{"x": {"y": null}}', { x: { y: null } }],
    [['-'], '{"x": "}"} and more', { x: '}' }],
    [['-', 'x=2'], '{"x": 1}', { x: [1, '2'] }],
    [['-'], 'null', {}],
    [['__proto__=a', 'constructor=b'], '', JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, unknown>],
  ])('reads %j', async (args, stdin, expected) => {
    expect(await read(args, stdin)).toEqual(expected)
  })

  it('keeps the numbers of a file as they are written, and orders the keys', async () => {
    expect(stringifyJson(await read(['@data.json', 'b=c']))).toBe('{"a":[1],"b":"c","z":1.50}')
  })

  it.each<[readonly string[], string, string]>([
    [['nokey'], '', 'Failed to parse K=V data: "nokey": format must be key=value'],
    [['a=@none'], '', 'Failed to parse K=V data: "a=…": no such file'],
    [['@none'], '', 'Failed to parse K=V data: "@none": no such file'],
    [['@list.json'], '', 'Failed to parse K=V data: "@list.json": expected a JSON object'],
    [['-'], '', 'Failed to parse K=V data: "-": expected a JSON object, found nothing'],
    [['-'], '{"password": hunter2}', 'Failed to parse K=V data: "-": not valid JSON'],
    [['a=-', 'b=-'], 'x', 'Failed to parse K=V data: "b=…": stdin was read already'],
  ])('refuses %j', async (args, stdin, message) => {
    await expect(read(args, stdin)).rejects.toThrow(message)
  })

  it('does not wait for stdin where nothing may be asked', async () => {
    expect(await read(['a=-'], 'typed', true)).toEqual({ a: '' })
  })
})

describe('textPairs and listPairs', () => {
  const data = parseJson('{"text":"a","yes":true,"no":false,"n":1.50,"none":null}') as Record<string, unknown>

  it('turn values into the text that a query and an option can hold', () => {
    expect(textPairs(data)).toEqual({ text: 'a', yes: '1', no: '0', n: '1.50', none: '' })
    expect(listPairs({ a: ['x', 1], b: 'y' })).toEqual({ a: ['x', '1'], b: ['y'] })
  })

  it('refuse what is no text', () => {
    expect(() => textPairs({ a: { b: 1 } })).toThrow('"a" is neither text nor a number')
  })
})
