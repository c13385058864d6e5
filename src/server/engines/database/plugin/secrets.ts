/**
 * Takes known secrets out of a text that somebody will see. A long secret is taken out wherever it stands. A short one only where
 * it stands as a word: replaced everywhere it would tear other words apart, and the holes would tell what it is.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = [...new Set(secrets.flatMap(formsOf))].toSorted((a, b) => b.length - a.length)
  return known.reduce((left, secret) => left.replace(patternOf(secret), '[password]'), text)
}

const LONG = 6

function formsOf(secret: string): readonly string[] {
  if (secret === '') return []
  return [secret, encodeURIComponent(secret), secret.replaceAll("'", "''"), secret.replaceAll('"', '""')]
}

function patternOf(secret: string): RegExp {
  const literal = secret.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
  return secret.length >= LONG ? new RegExp(literal, 'gu') : new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, 'gu')
}
