interface Ranked {
  readonly rank: number
}

interface Node<T extends Ranked> {
  /** What the path must say between the parent and here. */
  label: string
  /** Of the rule that ends here. */
  whole: T | undefined
  /** Of the rule that ends in `*` here: anything may follow. */
  open: T | undefined
  /** By the first code unit of the child's label. */
  children: Map<number, Node<T>> | undefined
  /** Where a `+` leads, which takes what is left of the path's segment. Only where a segment begins. */
  any: Node<T> | undefined
  /** The greatest rank at or below this node: a branch that cannot win is not entered. */
  best: number
}

const made = <T extends Ranked>(label: string, best: number): Node<T> => ({
  label,
  whole: undefined,
  open: undefined,
  children: undefined,
  any: undefined,
  best,
})

/**
 * Wildcard rules, letter by letter, so that a path visits only those that agree with it so far: the cost of a question does
 * not depend on how many rules there are. To begin with a text is the same in code units and in UTF-8 bytes, as long as both
 * consist of whole code points.
 */
export class WildcardTree<T extends Ranked> {
  readonly #root: Node<T> = made('', 0)

  /** `text` without its final `*`; a part that is `+` alone stands for any segment, if `segments` says so. */
  add(text: string, rule: T, { starred, segments }: { readonly starred: boolean; readonly segments: boolean }): void {
    let node = this.#root
    node.best = Math.max(node.best, rule.rank)
    for (const piece of segments ? piecesOf(text) : [text]) {
      node = piece === ANY ? (node.any ??= made('', rule.rank)) : descend(node, piece, rule.rank)
      node.best = Math.max(node.best, rule.rank)
    }
    if (starred) node.open = rule
    else node.whole = rule
  }

  /**
   * The rule with the greatest rank among those that fit the path: the first `end` letters of the text, and one slash more if
   * `slash` says so. Nothing is cut out or put together for it, since that would cost more than the question.
   */
  best(text: string, end: number = text.length, slash = false): T | undefined {
    return walk(this.#root, { text, end, length: slash ? end + 1 : end }, 0, undefined)
  }
}

const ANY = Symbol('any segment')

/** Text between the `+` segments, with the slashes that belong to it. */
function piecesOf(text: string): readonly (string | typeof ANY)[] {
  const pieces: (string | typeof ANY)[] = []
  let literal = ''
  for (const [i, part] of text.split('/').entries()) {
    if (i > 0) literal += '/'
    if (part !== '+') {
      literal += part
      continue
    }
    if (literal !== '') pieces.push(literal)
    pieces.push(ANY)
    literal = ''
  }
  if (literal !== '') pieces.push(literal)
  return pieces
}

function descend<T extends Ranked>(from: Node<T>, text: string, rank: number): Node<T> {
  let node = from
  for (let at = 0; at < text.length;) {
    const children: Map<number, Node<T>> = (node.children ??= new Map())
    const first = text.charCodeAt(at)
    const child = children.get(first)
    if (child === undefined) {
      const leaf = made<T>(text.slice(at), rank)
      children.set(first, leaf)
      return leaf
    }
    const shared = sharedLength(child.label, text, at)
    node = shared < child.label.length ? split(child, shared) : child
    node.best = Math.max(node.best, rank)
    children.set(first, node)
    at += shared
  }
  return node
}

function sharedLength(label: string, text: string, at: number): number {
  let shared = 0
  while (shared < label.length && label.charCodeAt(shared) === text.charCodeAt(at + shared)) shared++
  return shared
}

function split<T extends Ranked>(node: Node<T>, at: number): Node<T> {
  const top = made<T>(node.label.slice(0, at), node.best)
  node.label = node.label.slice(at)
  top.children = new Map([[node.label.charCodeAt(0), node]])
  return top
}

/** What lies behind `end` is a slash. */
interface Path {
  readonly text: string
  readonly end: number
  readonly length: number
}

const SLASH = 47
const letterAt = ({ text, end }: Path, at: number): number => (at < end ? text.charCodeAt(at) : SLASH)

/** `from` is how far the path has been used up, and `rival` the best rule so far. */
function walk<T extends Ranked>(start: Node<T>, path: Path, from: number, rival: T | undefined): T | undefined {
  let node = start
  let at = from
  let best = rival
  for (;;) {
    if (best !== undefined && node.best <= best.rank) return best
    best = better(best, node.open)
    if (at === path.length) best = better(best, node.whole)
    const child = at === path.length ? undefined : node.children?.get(letterAt(path, at))
    const follows = child !== undefined && continues(child.label, path, at)
    if (node.any !== undefined) {
      if (follows) best = walk(child, path, at + child.label.length, best)
      at = segmentEnd(path, at)
      node = node.any
    } else if (follows) {
      at += child.label.length
      node = child
    } else return best
  }
}

function segmentEnd({ text, end }: Path, from: number): number {
  if (from >= end) return from
  const slash = text.indexOf('/', from)
  return slash < 0 || slash > end ? end : slash
}

/** The first letter is known to fit. */
function continues(label: string, path: Path, at: number): boolean {
  if (at + label.length > path.length) return false
  for (let i = 1; i < label.length; i++) if (label.charCodeAt(i) !== letterAt(path, at + i)) return false
  return true
}

const better = <T extends Ranked>(a: T | undefined, b: T | undefined): T | undefined =>
  b === undefined || (a !== undefined && a.rank >= b.rank) ? a : b
