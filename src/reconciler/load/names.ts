import { ledgerFolder, type MountTable } from '../model/index.ts'
import { reservedRoots } from '../shapes/index.ts'

/** What the API's names may not hold, or what would mean something else inside a policy, a list or a shell. */
const SEGMENT = /^[^\s\p{Cc}/\\*+?#%,;"'`{}[\]<>|]+$/u

export function pathProblem(path: string): string | undefined {
  for (const segment of path.split('/')) {
    if (segment === '') return 'a name between two slashes is empty'
    if (segment === '.' || segment === '..') return 'it goes up or stays in the tree'
    if (!SEGMENT.test(segment)) return `"${segment}" holds a character that a name cannot have`
  }
  return undefined
}

const RESERVED_POLICIES: ReadonlySet<string> = new Set(['root', 'response-wrapping', 'control-group'])

export function policyNameProblem(name: string): string | undefined {
  if (RESERVED_POLICIES.has(name)) return `${name} is built into the server and cannot be written`
  if (`${name}/`.startsWith(ledgerFolder)) return `${ledgerFolder} is where Lockstep keeps its ledger`
  return pathProblem(name)
}

export function mountPathProblem(table: MountTable, path: string): string | undefined {
  const [root = ''] = path.split('/')
  if (reservedRoots[table].includes(root))
    return `${table === 'auth' ? 'auth/' : ''}${root}/ is built into the server and cannot be mounted`
  return pathProblem(path)
}

const WORD = /^\w(?:[\w.-]*\w)?$/

export const objectNameProblem = (name: string, names: RegExp = WORD): string | undefined =>
  names.test(name)
    ? undefined
    : names === WORD
      ? 'a name has letters, digits and _, with . and - inside'
      : 'it holds a character that a name cannot have'
