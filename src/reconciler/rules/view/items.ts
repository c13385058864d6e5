import { stringValue, tokenText, type HclTree, type Item, type Literal } from '../../../hcl/index.ts'

/** A literal of a list with what it says. */
export interface Element {
  readonly node: Literal
  readonly text: string
  /** Its place in the list. */
  readonly index: number
}

/** What a key says, whether it is quoted or not. */
export const keyText = (tree: HclTree, token: number): string => stringValue(tree, token) ?? tokenText(tree, token)

const literalText = (tree: HclTree, node: Literal): string => stringValue(tree, node.token) ?? tokenText(tree, node.token)

/** The literals of `key = [ … ]`. */
export function elementsOf(tree: HclTree, item: Item | undefined): readonly Element[] {
  if (item?.value.kind !== 'list') return []
  return item.value.elements.flatMap((node, index) => (node.kind === 'literal' ? [{ node, text: literalText(tree, node), index }] : []))
}
