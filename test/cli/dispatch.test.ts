import { describe, expect, it } from 'vitest'
import { CommandFailed, connectionFlags, defineCommand, dispatch, flag, type Command } from '../../src/cli/index.ts'
import { entries, jobs, type Entry } from '../../src/cli/command-table.ts'
import { stage } from './context.ts'

const greet: Command = defineCommand({
  usage: 'greet [options] NAME',
  about: '\nSay hello.\n\n    $ {program} greet world\n',
  flags: {
    loud: flag.bool('Say it loud.'),
    times: flag.int('How often.', { default: 1, group: 'More Options' }),
    secret: flag.string('', { hidden: true }),
  },
  run(ctx, { flags, args }) {
    if (args[0] === 'nobody') throw new CommandFailed('nobody is there', 2)
    if (args[0] === 'bug') throw new TypeError('a bug')
    ctx.stdout.write(`${flags.loud ? 'HELLO' : 'hello'} ${args.join(',')} ${flags.times}\n`)
    return Promise.resolve(args.length)
  },
})

let loads = 0
const table: readonly Entry[] = [
  {
    name: 'greet',
    job: jobs.manage,
    doc: 'Say hello',
    load() {
      loads++
      return Promise.resolve({ command: greet })
    },
  },
  { name: 'kv', job: jobs.secrets, doc: 'Keys and values', about: 'All about keys.' },
  { name: 'kv get', doc: 'Get one', load: () => Promise.resolve({ command: greet }) },
  { name: 'kv metadata', doc: 'More', about: 'All about metadata.' },
  { name: 'kv metadata get', doc: 'Get it', load: () => Promise.resolve({ command: greet }) },
]

async function run(...argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const it = stage({ program: 'bao' })
  const code = await dispatch(it.ctx, argv, table)
  return { code, stdout: it.stdout(), stderr: it.stderr() }
}

describe('dispatch', () => {
  it('runs a command with flags and arguments, and gives its exit code', async () => {
    expect(await run('greet', 'a', '-loud', 'b', '-times=3')).toEqual({ code: 2, stdout: 'HELLO a,b 3\n', stderr: '' })
  })

  it('hands flags that stand before the command on to it', async () => {
    expect(await run('-loud', '-times=2', 'greet', 'a')).toMatchObject({ code: 1, stdout: 'HELLO a 2\n' })
  })

  it('takes the longest name', async () => {
    expect((await run('kv', 'metadata', 'get', 'x')).stdout).toBe('hello x 1\n')
    expect((await run('kv', 'get', 'metadata')).stdout).toBe('hello metadata 1\n')
  })

  it('loads a module only when it is called', async () => {
    const before = loads
    await run('kv', 'get', 'x')
    await run('-h')
    expect(loads).toBe(before)
    await run('greet', 'x')
    expect(loads).toBe(before + 1)
  })

  it('ends with the message and the exit code of what failed', async () => {
    expect(await run('greet', 'nobody')).toEqual({ code: 2, stdout: '', stderr: 'nobody is there\n' })
  })

  it('shows where a mistake of its own is', async () => {
    const { code, stderr } = await run('greet', 'bug')
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'internal error: TypeError: a bug'])
  })

  it('prints the help of a command, grouped and wrapped, without what is hidden', async () => {
    expect(await run('greet', '-h')).toEqual({
      code: 0,
      stderr: '',
      stdout: `Usage: bao greet [options] NAME

  Say hello.

      $ bao greet world

Command Options:

  -loud
      Say it loud.

More Options:

  -times=<int>
      How often. The default is 1.
`,
    })
  })

  it('prints the help of a group: on stdout when asked for, else on stderr with exit code 1', async () => {
    const help = `Usage: bao kv <subcommand> [options] [args]

  All about keys.

Subcommands:
    get         Get one
    metadata    More
`
    expect(await run('kv', '-h')).toEqual({ code: 0, stdout: help, stderr: '' })
    expect(await run('kv')).toEqual({ code: 1, stdout: '', stderr: help })
    expect(await run('kv', 'got')).toEqual({ code: 1, stdout: '', stderr: `unknown command: got; did you mean get?\n\n${help}` })
  })

  it('prints the help of the program by job, with exit code 127 for a command that there is not', async () => {
    const help = `Usage: bao <command> [args]

Work with secrets:
    kv       Keys and values

Manage a server:
    greet    Say hello
`
    expect(await run('--help')).toEqual({ code: 0, stdout: help, stderr: '' })
    expect(await run()).toEqual({ code: 127, stdout: '', stderr: help })
    expect(await run('great')).toEqual({ code: 127, stdout: '', stderr: `unknown command: great; did you mean greet?\n\n${help}` })
    expect(await run('constructor')).toMatchObject({ code: 127 })
  })

  it('writes messages in red on a terminal that wants colour', async () => {
    const it = stage({ terminal: true })
    await dispatch(it.ctx, ['greet', 'nobody'], table)
    expect(it.stderr()).toBe('\u001b[31mnobody is there\u001b[0m\n')
  })
})

describe('the command table', () => {
  it('has no name twice, and a group for every command of two words', () => {
    const names = entries.map(it => it.name)
    expect(new Set(names).size).toBe(names.length)
    const orphans = names.filter(it => it.includes(' ') && !names.includes(it.slice(0, it.lastIndexOf(' '))))
    expect(orphans).toEqual([])
  })

  it('lists every command somewhere: by its job or by its group', () => {
    expect(entries.filter(it => !it.name.includes(' ') && it.job === undefined).map(it => it.name)).toEqual([])
  })

  it.each(entries.filter(it => it.load !== undefined).map(it => [it.name, it] as const))(
    '%s says what it is called and what it is for',
    async (name, entry) => {
      const { command } = await (entry.load as NonNullable<Entry['load']>)()
      expect(command.usage.startsWith(name)).toBe(true)
      expect(command.about.trim()).not.toBe('')
      for (const [key, it] of Object.entries(command.flags)) {
        expect(key).toMatch(/^[a-z][A-Za-z0-9]*$/)
        if (!it.hidden && !Object.hasOwn(connectionFlags, key)) expect(it.doc, `-${key}`).toMatch(/\.$/)
      }
    },
  )
})
