import { describe, expect, it } from 'vitest'
import { CommandFailed, flag, type Flags } from '../../src/cli/index.ts'
import { HelpWanted, parseArgs, readEnv } from '../../src/cli/parse.ts'

const flags = {
  format: flag.string('', { default: 'table', env: 'BAO_FORMAT' }),
  field: flag.string(''),
  force: flag.bool('', { aliases: ['f'] }),
  renewable: flag.bool('', { default: true }),
  casRequired: flag.maybe(''),
  limit: flag.int('', { default: -1 }),
  ttl: flag.duration('', { env: 'BAO_WRAP_TTL' }),
  policy: flag.strings(''),
  metadata: flag.pairs(''),
} satisfies Flags

const parse = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): ReturnType<typeof parseArgs> =>
  parseArgs(flags, argv, env)
const value = (argv: readonly string[], key: keyof typeof flags): unknown => parse(argv).flags[key]

describe('parseArgs', () => {
  it.each([
    [['-format=json', 'a'], 'json', ['a']],
    [['--format=json', 'a'], 'json', ['a']],
    [['-format', 'json', 'a'], 'json', ['a']],
    [['a', '-format=json'], 'json', ['a']],
    [['a', '--format', 'json', 'b'], 'json', ['a', 'b']],
    [['-format=', 'a'], '', ['a']],
    [['-format=a=b'], 'a=b', []],
    [['-', '-format=json'], 'json', ['-']],
    [['--', '-format=json', '-h'], 'table', ['-format=json', '-h']],
    [['-format=yaml', '-format=json'], 'json', []],
  ])('reads %j', (argv, format, args) => {
    const given = parse(argv)
    expect([given.flags['format'], given.args]).toEqual([format, args])
  })

  it('knows which flags were given', () => {
    expect([...parse(['-force', '-limit=3']).set]).toEqual(['force', 'limit'])
  })

  it.each([
    [['-force'], 'force', true],
    [['-f'], 'force', true],
    [['-force=false'], 'force', false],
    [['-force=0'], 'force', false],
    [['-force=T'], 'force', true],
    [[], 'force', false],
    [[], 'renewable', true],
    [[], 'casRequired', undefined],
    [['-cas-required'], 'casRequired', true],
    [['-cas-required=false'], 'casRequired', false],
    [['-limit=5'], 'limit', 5],
    [['-limit=-1'], 'limit', -1],
    [['-limit', '-1'], 'limit', -1],
    [['-limit=0x10'], 'limit', 16],
    [['-limit=010'], 'limit', 8],
    [['-ttl=1h30m'], 'ttl', 5400],
    [['-ttl=90'], 'ttl', 90],
    [['-ttl=2d'], 'ttl', 172_800],
    [['-ttl=system'], 'ttl', -1],
    [[], 'ttl', undefined],
    [['-policy=a', '-policy', ' b '], 'policy', ['a', 'b']],
    [['-policy=a,b'], 'policy', ['a,b']],
    [['-metadata=a=b', '-metadata=c=d=e'], 'metadata', new Map([['a', 'b'], ['c', 'd=e']])], // prettier-ignore
  ] as const)('gives %j the value of its kind', (argv, key, expected) => {
    expect(value(argv, key)).toEqual(expected)
  })

  it('does not take the word behind a switch for its value', () => {
    expect(parse(['-force', 'false'])).toMatchObject({ flags: { force: true }, args: ['false'] })
  })

  it.each([
    ['-nope', 'flag provided but not defined: -nope'],
    ['-formt=json', 'flag provided but not defined: -formt; did you mean -format?'],
    ['-limit=five', 'invalid value for flag -limit: expected int'],
    ['-force=maybe', 'invalid value for flag -force: expected true or false'],
    ['-metadata=a', 'invalid value for flag -metadata: expected key=value'],
    ['-field', 'flag needs an argument: -field'],
    ['---x', 'bad flag syntax: ---x'],
    ['-=x', 'bad flag syntax: -=x'],
  ])('refuses %s', (word, message) => {
    expect(() => parse([word])).toThrow(new CommandFailed(message))
  })

  it('does not show the value that it refuses', () => {
    expect(() => parse(['-ttl=hvs.secret'])).not.toThrow(/hvs/)
  })

  it.each(['-h', '-help', '--help'])('wants help for %s, wherever it stands', word => {
    expect(() => parse(['a', word, 'b'])).toThrow(HelpWanted)
  })

  it('reads a variable where the flag is not given', () => {
    expect(parse([], { BAO_FORMAT: 'json' }).flags['format']).toBe('json')
    expect(parse(['-format=yaml'], { BAO_FORMAT: 'json' }).flags['format']).toBe('yaml')
    expect(parse([], { BAO_WRAP_TTL: '1m' }).flags['ttl']).toBe(60)
    expect(parse([], { BAO_FORMAT: 'json' }).set.size).toBe(0)
  })

  it('leaves a variable aside that it cannot read', () => {
    expect(parse([], { BAO_WRAP_TTL: 'often' }).flags['ttl']).toBeUndefined()
  })
})

describe('readEnv', () => {
  it.each([
    [{ BAO_ADDR: 'b', VAULT_ADDR: 'v' }, 'b'],
    [{ VAULT_ADDR: 'v' }, 'v'],
    [{ BAO_ADDR: '', VAULT_ADDR: 'v' }, ''],
    [{}, undefined],
  ])('reads %j', (env, expected) => {
    expect(readEnv(env, 'BAO_ADDR')).toBe(expected)
  })
})
