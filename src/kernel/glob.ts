/** Whether `text` fits a pattern in which `*` stands for any text, also an empty one. Linear: patterns come from operators, texts from strangers. */
export function globFits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === pattern
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

export const globFitsAny = (patterns: readonly string[], text: string): boolean => patterns.some(it => globFits(it, text))
