import type { Part, Pattern } from './pattern.ts'

interface Node<T> {
  readonly children: Map<string, Node<T>>
  /** Where a `+` leads. */
  any: Node<T> | undefined
  /** Of closed patterns that end here. */
  readonly ends: T[]
  /** Of open patterns whose last part stands here. */
  readonly opens: T[]
}

const made = <T>(): Node<T> => ({ children: new Map(), any: undefined, ends: [], opens: [] })

/** Patterns by their segments, so that those which overlap a given one are found without asking all. */
export class PatternIndex<T extends { readonly pattern: Pattern }> {
  readonly #root: Node<T> = made()

  constructor(entries: Iterable<T> = []) {
    for (const entry of entries) this.add(entry)
  }

  add(entry: T): void {
    const { parts, open } = entry.pattern
    let node = this.#root
    for (const part of open ? parts.slice(0, -1) : parts) {
      if (!part.whole) node = node.any ??= made()
      else {
        const known = node.children.get(part.text)
        const child: Node<T> = known ?? made()
        if (known === undefined) node.children.set(part.text, child)
        node = child
      }
    }
    if (open) node.opens.push(entry)
    else node.ends.push(entry)
  }

  /** Those that have a path in common with the pattern, in no order. */
  overlapping(pattern: Pattern): readonly T[] {
    const found: T[] = []
    collect(this.#root, pattern, 0, found)
    return found
  }
}

function collect<T extends { readonly pattern: Pattern }>(node: Node<T>, pattern: Pattern, at: number, found: T[]): void {
  const part = pattern.parts[at]
  if (part === undefined) {
    found.push(...node.ends)
    return
  }
  for (const it of node.opens) if (beginsAlike(part, it.pattern.parts[at]?.text ?? '')) found.push(it)
  const isLast = pattern.open && at === pattern.parts.length - 1
  const enter = (child: Node<T>): void => {
    if (isLast) everything(child, found)
    else collect(child, pattern, at + 1, found)
  }
  if (node.any !== undefined) enter(node.any)
  if (part.whole) {
    const child = node.children.get(part.text)
    if (child !== undefined) enter(child)
  } else for (const [text, child] of node.children) if (text.startsWith(part.text)) enter(child)
}

const beginsAlike = (part: Part, text: string): boolean => part.text.startsWith(text) || (!part.whole && text.startsWith(part.text))

function everything<T>(node: Node<T>, found: T[]): void {
  for (const it of node.ends) found.push(it)
  for (const it of node.opens) found.push(it)
  if (node.any !== undefined) everything(node.any, found)
  for (const child of node.children.values()) everything(child, found)
}
