interface Node<T> {
  label: string
  value: T | undefined
  /** By the first code unit of the child's label. */
  children: Map<number, Node<T>> | undefined
}

/**
 * Finds the longest key that a text begins with, in time that depends on the text and not on the number of keys.
 * For whole code points, beginning in code units and beginning in UTF-8 bytes are the same thing.
 */
export class PrefixTree<T> {
  readonly #root: Node<T> = { label: '', value: undefined, children: undefined }

  set(key: string, value: T): void {
    let node = this.#root
    let at = 0
    while (at < key.length) {
      const children: Map<number, Node<T>> = (node.children ??= new Map())
      const first = key.charCodeAt(at)
      const child = children.get(first)
      if (child === undefined) {
        children.set(first, { label: key.slice(at), value, children: undefined })
        return
      }
      const shared = sharedLength(child.label, key, at)
      if (shared < child.label.length) children.set(first, split(child, shared))
      node = children.get(first) ?? child
      at += shared
    }
    node.value = value
  }

  /** Looks at the text from position `from` on. */
  longest(text: string, from = 0): T | undefined {
    let node = this.#root
    let found = node.value
    let at = from
    while (node.children !== undefined) {
      const child = node.children.get(text.charCodeAt(at))
      if (child === undefined || !text.startsWith(child.label, at)) return found
      at += child.label.length
      node = child
      found = node.value ?? found
    }
    return found
  }
}

function sharedLength(label: string, key: string, at: number): number {
  let shared = 0
  while (shared < label.length && label.charCodeAt(shared) === key.charCodeAt(at + shared)) shared++
  return shared
}

function split<T>(node: Node<T>, at: number): Node<T> {
  const rest = { label: node.label.slice(at), value: node.value, children: node.children }
  return { label: node.label.slice(0, at), value: undefined, children: new Map([[rest.label.charCodeAt(0), rest]]) }
}
