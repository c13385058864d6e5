import { CompletionItemKind, InsertTextFormat, type CompletionItem, type Range } from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { capabilities } from '../hcl/index.ts'
import type { WorkspaceView } from '../reconciler/rules/index.ts'
import { cursorAt, type Cursor } from './cursor.ts'
import { knownPaths } from './known-paths.ts'
import { capabilityWords, nestedKeyWords, ruleKeyWords } from './words.ts'

interface Offer {
  readonly label: string
  readonly kind: CompletionItemKind
  readonly about: string
  readonly insert?: string
}

/** Lists whose elements are capabilities. */
const ofCapabilities = new Set(['capabilities', 'controlled_capabilities'])

/** What may stand at a place of a policy text. */
export function completionsAt(
  document: TextDocument,
  offset: number,
  view: WorkspaceView,
  hasSnippets: boolean,
): readonly CompletionItem[] {
  const text = document.getText()
  const cursor = cursorAt(text, offset)
  if (cursor.isComment) return []
  const range = { start: document.positionAt(startOf(cursor, text, offset)), end: document.positionAt(endOf(cursor, text, offset)) }
  return offersAt(cursor, text, offset, view).map(it => itemOf(it, range, hasSnippets))
}

function offersAt(cursor: Cursor, text: string, offset: number, view: WorkspaceView): readonly Offer[] {
  const { bodies, words, list, string, isValue, set } = cursor
  if (list !== undefined && ofCapabilities.has(words[0] ?? '')) return capabilityOffers(cursor, text.slice(offset))
  if (string !== undefined && bodies.length === 0 && words.length === 1 && words[0] === 'path' && !isValue) return pathOffers(view)
  const isKey = string === undefined && !isValue && (words.length === 0 || (words.length === 1 && /[\w.-]$/.test(text.slice(0, offset))))
  if (!isKey) return []
  const [outer] = bodies
  if (outer === undefined)
    return [
      { label: 'path', kind: CompletionItemKind.Keyword, about: 'A rule for a path.', insert: 'path "$1" {\n  capabilities = ["$2"]\n}' },
    ]
  if (outer[0] !== 'path') return []
  const keys = bodies.length === 1 ? ruleKeyWords : (nestedKeyWords[bodies.at(-1)?.[0] ?? ''] ?? {})
  return Object.entries(keys).flatMap(([key, about]) => (set.has(key) ? [] : keyOffer(key, about)))
}

function capabilityOffers({ list = [], string }: Cursor, after: string): readonly Offer[] {
  const later = [...(/^[^\]\n]*/.exec(after)?.[0] ?? '').matchAll(/"([a-z]+)"/g)].map(it => it[1])
  const taken = new Set([...list, ...later])
  return capabilities.flatMap(it =>
    taken.has(it)
      ? []
      : { label: it, kind: CompletionItemKind.EnumMember, about: capabilityWords[it], insert: string === undefined ? `"${it}"` : it },
  )
}

const pathOffers = (view: WorkspaceView): readonly Offer[] =>
  knownPaths(view).map(({ path, about }) => ({ label: path, kind: CompletionItemKind.Folder, about, insert: path }))

const bodied = new Set(['allowed_parameters', 'denied_parameters', 'control_group', 'factor', 'identity'])
const listed = new Set(['capabilities', 'required_parameters', 'mfa_methods', 'controlled_capabilities', 'group_names'])
const plainValued = new Set(['pagination_limit', 'approvals', 'self_auth_allowed'])

function keyOffer(label: string, about: string): Offer {
  const equals = label.endsWith('_parameters') && bodied.has(label) ? ' =' : ''
  const insert = bodied.has(label)
    ? `${label}${label === 'factor' ? ' "$1"' : equals} {\n  $0\n}`
    : `${label} = ${listed.has(label) ? '["$1"]' : plainValued.has(label) ? '$1' : '"$1"'}`
  return { label, kind: CompletionItemKind.Property, about, insert }
}

/** An editor without snippets gets the same without its stops. */
const itemOf = ({ label, kind, about, insert = label }: Offer, range: Range, hasSnippets: boolean): CompletionItem => ({
  label,
  kind,
  documentation: about,
  filterText: insert.startsWith('"') ? `"${label}"` : label,
  insertTextFormat: hasSnippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
  textEdit: { range, newText: hasSnippets ? escaped(insert, kind) : insert.replaceAll(/\$\d/g, '') },
})

/** Paths are text, whatever stands in them. */
const escaped = (insert: string, kind: CompletionItemKind): string =>
  kind === CompletionItemKind.Folder ? insert.replaceAll(/[\\$}]/g, it => `\\${it}`) : insert

function startOf({ string }: Cursor, text: string, offset: number): number {
  if (string !== undefined) return string.start
  return offset - (/[\p{L}\p{N}_.-]*$/u.exec(text.slice(0, offset))?.[0].length ?? 0)
}

/** What is written behind the cursor in the same string is replaced too. */
function endOf({ string }: Cursor, text: string, offset: number): number {
  return string === undefined ? offset : offset + (/^[^"\n{}[\],]*(?=")/.exec(text.slice(offset))?.[0].length ?? 0)
}
