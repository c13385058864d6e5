import { PrefixTree } from './prefix-tree.ts'

interface Ranked {
  readonly rank: number
}

interface Node<T extends Ranked> {
  readonly literals: Map<string, Node<T>>
  any: Node<T> | undefined
  /** Of the rule that ends here, without a final `*`. */
  whole: T | undefined
  /** Of the rules that end in `*`, by the beginning that they ask of the segment which comes next. */
  tails: PrefixTree<T> | undefined
  /** The greatest rank at or below this node: a branch that cannot win is not entered. */
  best: number
}

const emptyNode = <T extends Ranked>(): Node<T> => ({ literals: new Map(), any: undefined, whole: undefined, tails: undefined, best: -1 })

/** Segment rules by their parts, so that a path visits only those that agree with it so far. */
export class SegmentTree<T extends Ranked> {
  readonly #root: Node<T> = emptyNode()
  #empty = true

  set(key: string, value: T): void {
    this.#empty = false
    const starred = key.endsWith('*')
    const parts = (starred ? key.slice(0, -1) : key).split('/')
    const tail = starred ? parts.pop() : undefined
    let node = this.#root
    node.best = Math.max(node.best, value.rank)
    for (const part of parts) {
      node = childOf(node, part)
      node.best = Math.max(node.best, value.rank)
    }
    if (tail === undefined) node.whole = value
    else (node.tails ??= new PrefixTree()).set(tail, value)
  }

  /** The rule with the greatest rank that matches the path, if its rank is greater than that of `rival`. */
  best(path: string, rival: T | undefined): T | undefined {
    return this.#empty ? rival : walk(this.#root, path, 0, rival)
  }
}

function childOf<T extends Ranked>(node: Node<T>, part: string): Node<T> {
  if (part === '+') return (node.any ??= emptyNode())
  const known = node.literals.get(part)
  if (known !== undefined) return known
  const made = emptyNode<T>()
  node.literals.set(part, made)
  return made
}

/** `from` is where the next segment of the path begins; it may be empty, at the end of the path. */
function walk<T extends Ranked>(node: Node<T>, path: string, from: number, rival: T | undefined): T | undefined {
  if (rival !== undefined && node.best <= rival.rank) return rival
  let best = better(rival, node.tails?.longest(path, from))
  const slash = path.indexOf('/', from)
  const literal = node.literals.get(slash < 0 ? path.slice(from) : path.slice(from, slash))
  if (literal !== undefined) best = slash < 0 ? better(best, literal.whole) : walk(literal, path, slash + 1, best)
  const any = node.any
  if (any !== undefined) best = slash < 0 ? better(best, any.whole) : walk(any, path, slash + 1, best)
  return best
}

const better = <T extends Ranked>(a: T | undefined, b: T | undefined): T | undefined =>
  b === undefined || (a !== undefined && a.rank >= b.rank) ? a : b
