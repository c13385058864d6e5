import { isUtf8 } from 'node:buffer'

/**
 * Statements as the API takes them: each text is one statement, or several between semicolons, or a JSON list of them; any of
 * it may come in base64.
 */
export function statementTexts(statements: readonly string[]): readonly string[] {
  return statements.flatMap(textsOf).filter(text => text.trim() !== '')
}

/** The texts split at every semicolon, for databases that take one statement at a time. */
export function splitStatements(statements: readonly string[]): readonly string[] {
  return statementTexts(statements)
    .flatMap(text => text.split(';'))
    .map(text => text.trim())
    .filter(text => text !== '')
}

function textsOf(statement: string): readonly string[] {
  const text = fromBase64(statement.trim())
  if (!text.startsWith('[')) return [text]
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every(it => typeof it === 'string') ? list : [text]
  } catch {
    return [text]
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** A word of letters may look like base64, but hardly ever means a text then. */
function fromBase64(text: string): string {
  if (text === '' || !BASE64.test(text)) return text
  const bytes = Buffer.from(text, 'base64')
  return isUtf8(bytes) ? bytes.toString() : text
}
