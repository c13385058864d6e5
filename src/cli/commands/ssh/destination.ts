/** Where an ssh command goes to: its words are ssh's own (ssh(1)), and are handed on as they are. */
export interface Destination {
  readonly host: string
  readonly user: string | undefined
  readonly port: string | undefined
}

/** Options of ssh without a value. */
const SWITCHES = /^-[46AaCfGgKkMNnqsTtVvXxYy]/

/** undefined: no word names a host. */
export function destinationOf(words: readonly string[]): Destination | undefined {
  const said = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (!word.startsWith('-')) return destination(word, said)
    if (SWITCHES.test(word)) continue
    const value = word.length > 2 ? word.slice(2) : (words[++i] ?? '')
    const [name, text] = optionOf(word.slice(0, 2), value)
    if (name !== undefined && !said.has(name)) said.set(name, text)
  }
  return undefined
}

/** `-p 22`, `-l ann`, `-o Port=22`, `-oUser=ann`. */
function optionOf(letter: string, value: string): readonly [string | undefined, string] {
  if (letter === '-p') return ['port', value]
  if (letter === '-l') return ['user', value]
  const [, name = '', text = ''] = /^\s*(\w+)\s*[= ]\s*(.*)$/.exec(letter === '-o' ? value : '') ?? []
  const lower = name.toLowerCase()
  return [lower === 'port' || lower === 'user' ? lower : undefined, text]
}

function destination(word: string, said: ReadonlyMap<string, string>): Destination {
  const url = /^ssh:\/\/(?:([^@/]*)@)?([^:/]+)(?::(\d+))?/.exec(word)
  const at = word.lastIndexOf('@')
  const [user, host, port] = url === null ? [at < 0 ? undefined : word.slice(0, at), word.slice(at + 1)] : url.slice(1)
  return { host: host ?? '', user: user ?? said.get('user'), port: said.get('port') ?? port }
}
