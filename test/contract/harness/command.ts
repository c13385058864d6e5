import { execFile } from 'node:child_process'
import { baoBinary } from './bao.ts'
import { jsonDifferences, lineDifferences, type Pairs } from './compare.ts'
import type { RunningServer } from './server.ts'

/** One run of the peer's own command line, with what it needs to know and what later commands want from it. */
export interface Command {
  /** `<name>` stands for a variable. */
  readonly args: readonly string[]
  readonly stdin?: string
  /** The variable that holds the token; none when absent and nothing is stored. */
  readonly token?: string
  /** Variables to set, each from a dotted path into the JSON that was printed. */
  readonly save?: Readonly<Record<string, string>>
  /** Starts of lines, and JSON fields, that say what product and machine this is. */
  readonly except?: readonly string[]
}

export interface Printed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly at: number
}

/** A person at a terminal of their own, with one server. */
export class Operator {
  readonly server: RunningServer
  readonly variables: Map<string, string>

  constructor(server: RunningServer) {
    this.server = server
    this.variables = new Map()
  }

  async run(command: Command): Promise<Printed> {
    const fill = (text: string): string =>
      text.replaceAll(/<([a-z][a-zA-Z0-9]*)>/g, (whole, name: string) => this.variables.get(name) ?? whole)
    const token = command.token === undefined ? {} : { BAO_TOKEN: this.variables.get(command.token) ?? command.token }
    const env = {
      PATH: process.env['PATH'],
      HOME: this.server.home,
      BAO_ADDR: this.server.address,
      BAO_CLI_NO_COLOR: '1',
      NO_COLOR: '1',
      ...token,
    }
    const printed = await execute(command.args.map(fill), env, command.stdin === undefined ? undefined : fill(command.stdin))
    for (const [name, path] of Object.entries(command.save ?? {})) this.variables.set(name, valueAt(printed.stdout, path))
    return printed
  }
}

/** What somebody who reads or parses the output of one command on both sides would see differ. */
export function printedDifferences(command: Command, peer: Printed, ours: Printed, pairs: Pairs): readonly string[] {
  const except = command.except ?? []
  const codes = peer.code === ours.code ? [] : [`exit code: peer ${peer.code}, ours ${ours.code}`]
  const isJson = [peer, ours].every(({ stdout }) => /^\s*[[{]/.test(stdout))
  const out = isJson
    ? jsonDifferences({ text: peer.stdout, at: peer.at }, { text: ours.stdout, at: ours.at }, pairs, except)
    : lineDifferences(peer.stdout, ours.stdout, pairs, except)
  return [...codes, ...out, ...lineDifferences(peer.stderr, ours.stderr, pairs, except)]
}

function execute(args: readonly string[], env: NodeJS.ProcessEnv, stdin: string | undefined): Promise<Printed> {
  return new Promise(resolve => {
    const child = execFile(baoBinary(), args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr, at: Date.now() })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(stdin ?? '')
  })
}

function valueAt(text: string, path: string): string {
  const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], JSON.parse(text))
  return typeof value === 'string' ? value : JSON.stringify(value)
}
