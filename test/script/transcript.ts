/**
 * Transcripts of command lines. A line is
 *
 *     $ kv put secret/a user='an app' > answer      a command; what it prints is kept as <answer>
 *     $ BAO_TOKEN=<child> read secret/a             with a variable of its own; an empty value unsets it
 *     < {"a": 1}                                    a line of its stdin
 *     ! only REGEX                                  of the next command's stdout only these lines are compared
 *     ! code                                        … only its exit code
 *     # what this is about
 *     -- policy.hcl --                              the rest are files in the folder that the commands run in
 *
 * and, in transcripts that say what is to be seen, behind a command
 *
 *     text                                          a line of its stdout (`|` before one that begins with a sign of the above)
 *     2> text                                       a line of its stderr
 *     ? 1                                           its exit code, unless 0
 */
export interface Step {
  readonly line: number
  readonly text: string
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string | undefined
  readonly keep: string | undefined
  readonly compare: 'all' | 'code' | RegExp
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  readonly code: number
}

export interface Transcript {
  readonly steps: readonly Step[]
  readonly files: Readonly<Record<string, string>>
}

/** Words as a shell splits them: blanks, single and double quotes, a backslash before any sign. */
function splitWords(text: string): readonly string[] {
  const words: string[] = []
  for (const [whole] of text.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+/g)) {
    words.push(
      whole.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
        (_, single?: string, double?: string, bare?: string) => single ?? double?.replace(/\\(.)/g, '$1') ?? bare ?? '',
      ),
    )
  }
  return words
}

interface Draft {
  line: number
  text: string
  stdin: string[]
  compare: Step['compare']
  stdout: string[]
  stderr: string[]
  code: number
}

function stepOf(draft: Draft): Step {
  const [, command = '', keep] = /^(.*?)(?: > ([a-z]\w*))?$/.exec(draft.text) ?? []
  const words = [...splitWords(command)]
  const env: Record<string, string> = {}
  for (let match; (match = /^([A-Z_]+)=(.*)$/.exec(words[0] ?? '')) !== null; words.shift()) env[match[1] as string] = match[2] as string
  const stdin = draft.stdin.length === 0 ? undefined : `${draft.stdin.join('\n')}\n`
  return { ...draft, words, env, stdin, keep }
}

export function parseTranscript(text: string): Transcript {
  const [script = '', ...parts] = text.split(/^-- (\S+) --\n/m)
  const files: Record<string, string> = {}
  for (let i = 0; i < parts.length; i += 2) files[parts[i] as string] = parts[i + 1] as string
  const drafts: Draft[] = []
  let compare: Step['compare'] = 'all'
  for (const [i, line] of script.split('\n').entries()) {
    const last = drafts.at(-1)
    if (line === '' || line.startsWith('# ') || line === '#') continue
    if (line.startsWith('$ ')) {
      drafts.push({ line: i + 1, text: line.slice(2), stdin: [], compare, stdout: [], stderr: [], code: 0 })
      compare = 'all'
    } else if (line === '! code') compare = 'code'
    else if (line.startsWith('! only ')) compare = new RegExp(line.slice('! only '.length))
    else if (last === undefined) throw new Error(`line ${i + 1}: ${line} stands before the first command`)
    else if (line.startsWith('< ')) last.stdin.push(line.slice(2))
    else if (line.startsWith('2> ') || line === '2>') last.stderr.push(line.slice(3))
    else if (line.startsWith('? ')) last.code = Number(line.slice(2))
    else last.stdout.push(line.replace(/^\|/, ''))
  }
  return { steps: drafts.map(stepOf), files }
}
