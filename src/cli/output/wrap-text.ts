/** The widest line of help and of messages. */
const WIDTH = 78

/**
 * Breaks a text at its blanks into lines as even as they can be: the least sum of squares of what is left free. Greedy
 * filling would leave ragged ends where the field's tools, whose messages ours stand beside, have none.
 */
function wrapLines(text: string, width: number): readonly string[] {
  const words = text.trim().split(/\s+/)
  const free = (from: number, to: number): number => width - words.slice(from, to).join(' ').length
  const best: { readonly cost: number; readonly next: number }[] = Array.from({ length: words.length + 1 }, () => ({
    cost: 0,
    next: words.length,
  }))
  for (let from = words.length - 1; from >= 0; from--) {
    let chosen = { cost: Number.POSITIVE_INFINITY, next: words.length }
    for (let to = from + 1; to <= words.length; to++) {
      const left = free(from, to)
      // A single word that is too long stands alone.
      if (left < 0 && to > from + 1) break
      const last = to === words.length
      const cost = (last && left >= 0 ? 0 : left ** 2) + (best[to] as { readonly cost: number }).cost
      if (cost < chosen.cost) chosen = { cost, next: to }
    }
    best[from] = chosen
  }
  const lines: string[] = []
  for (let from = 0; from < words.length;) {
    const { next } = best[from] as { readonly next: number }
    lines.push(words.slice(from, next).join(' '))
    from = next
  }
  return lines
}

/** Wrapped, each line behind `pad` blanks. */
export const wrapText = (text: string, pad = 0): string =>
  wrapLines(text, WIDTH - pad)
    .map(line => ' '.repeat(pad) + line)
    .join('\n')
