import type { Random } from '../../../kernel/index.ts'
import type { PasswordPolicy } from './policy.ts'

/** Draws before a policy counts as one that no password meets: some milliseconds. */
const DRAWS = 2000
/** One byte of randomness chooses a character. */
const LARGEST_CHARSET = 256

export type Generated = { readonly password: string } | { readonly error: string }

/**
 * Every password that meets the policy is equally likely: whole passwords are drawn from all characters, until one meets the
 * rules. The cost is bounded; a policy that asks for what hardly ever comes of a draw fails, as it does at the peer after a second.
 */
export function generatePassword({ length, rules }: PasswordPolicy, random: Random): Generated {
  const characters = [...new Set(rules.flatMap(it => it.charset))]
  if (characters.length > LARGEST_CHARSET)
    return { error: 'unable to generate random characters: charset is too long: limited to 255 characters' }
  const wanted = rules.map(({ charset, minChars }) => ({ charset: new Set(charset), minChars }))
  for (let draw = 0; draw < DRAWS; draw++) {
    const drawn = drawCharacters(characters, length, random)
    if (wanted.every(({ charset, minChars }) => drawn.filter(it => charset.has(it)).length >= minChars)) return { password: drawn.join('') }
  }
  return { error: 'timed out generating string' }
}

/** Bytes over the last full multiple of the number of characters are thrown away, else the first ones would come more often. */
function drawCharacters(characters: readonly string[], length: number, random: Random): readonly string[] {
  const limit = LARGEST_CHARSET - (LARGEST_CHARSET % characters.length)
  const drawn: string[] = []
  while (drawn.length < length) {
    for (const byte of random.bytes(length - drawn.length + 8)) {
      if (byte < limit && drawn.length < length) drawn.push(characters[byte % characters.length] as string)
    }
  }
  return drawn
}
