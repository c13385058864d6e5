import { MarkupKind, type Hover } from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import {
  firstToken,
  lastToken,
  rangeOf,
  rangeOfToken,
  stringValue,
  tokenText,
  type Capability,
  type HclTree,
  type Item,
  type Value,
} from '../hcl/index.ts'
import type { SourceRange } from '../kernel/index.ts'
import { labelAt, type WorkspaceView } from '../reconciler/rules/index.ts'
import { rangeIn } from './diagnostics.ts'
import { meaningOf } from './meaning.ts'
import { capabilityWords, nestedKeyWords, ruleKeyWords } from './words.ts'

/** What a word of a policy means: a capability, an attribute, or else the rule around it. */
export function hoverAt(document: TextDocument, offset: number, view: WorkspaceView): Hover | null {
  const [policy] = view.policies
  const rule = policy?.rules.find(it => holds(rangeOf(it.tree, it.item), offset))
  if (policy === undefined || rule === undefined) return null
  const word = wordAt(rule.tree, rule.item, offset)
  if (word !== undefined) return shown(document, word.at, word.text)
  return shown(document, labelAt(rule), meaningOf(rule, policy, view))
}

const holds = ({ start, end }: SourceRange, offset: number): boolean => start.offset <= offset && offset <= end.offset

const shown = (document: TextDocument, at: SourceRange, value: string): Hover => ({
  contents: { kind: MarkupKind.Markdown, value },
  range: rangeIn(document, at),
})

interface Word {
  readonly at: SourceRange
  readonly text: string
}

function wordAt(tree: HclTree, rule: Item, offset: number): Word | undefined {
  return within(tree, rule.value, offset, ruleKeyWords)
}

function within(tree: HclTree, value: Value, offset: number, keys: Readonly<Record<string, string>>): Word | undefined {
  if (value.kind !== 'object') return undefined
  for (const item of value.items) {
    const [key] = item.keys as readonly [number]
    const name = stringValue(tree, key) ?? tokenText(tree, key)
    const at = rangeOfToken(tree, key)
    const words = Object.hasOwn(keys, name) ? keys[name] : undefined
    if (holds(at, offset)) return words === undefined ? undefined : { at, text: `**\`${name}\`**: ${words}` }
    if (!isInside(tree, item, offset)) continue
    if (name === 'capabilities' || name === 'controlled_capabilities') return capabilityAt(tree, item.value, offset)
    return within(tree, item.value, offset, nestedKeyWords[name] ?? {})
  }
  return undefined
}

const isInside = (tree: HclTree, item: Item, offset: number): boolean =>
  tree.tokens.start(firstToken(item)) <= offset && offset <= tree.tokens.end(lastToken(item))

function capabilityAt(tree: HclTree, list: Value, offset: number): Word | undefined {
  if (list.kind !== 'list') return undefined
  for (const element of list.elements) {
    if (element.kind !== 'literal') continue
    const at = rangeOfToken(tree, element.token)
    const name = stringValue(tree, element.token) ?? ''
    if (holds(at, offset) && Object.hasOwn(capabilityWords, name))
      return { at, text: `**\`${name}\`**: ${capabilityWords[name as Capability]}` }
  }
  return undefined
}
