/**
 * Orders two strings as their UTF-8 bytes order, which is how the API lists names. `<` compares UTF-16 units, and so puts
 * U+1F512 (two surrogates from 0xD800) before U+FFFD; in UTF-8, as by code point, it comes behind.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Lifts surrogates above the rest of the basic plane, where the code points that they stand for are. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000)
