/**
 * Letter by letter, as Go lower-cases and so as the API compares names that have no case: `İ` becomes `i` alone, and `Σ`
 * is `σ` also at the end of a word, where JavaScript's own toLowerCase answers otherwise.
 */
export function lowerCase(text: string): string {
  if (/^[\0-@[-\x7f]*$/.test(text)) return text
  let lower = ''
  for (const character of text) lower += character === 'İ' ? 'i' : character.toLowerCase()
  return lower
}
