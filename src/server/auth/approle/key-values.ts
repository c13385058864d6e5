/** The metadata of a secret id as clients write it: a JSON object of texts, or `a=b,c=d`, either also in base64. */
import { goQuote } from '../../../kernel/index.ts'
import { faults } from '../../logical/index.ts'

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/

/** Throws what is wrong with it. */
export function parsedKeyValues(given: string): Readonly<Record<string, string>> {
  const bare = given.replace(/[\r\n]/g, '')
  const text = (BASE64.test(bare) ? Buffer.from(bare, 'base64').toString() : given).trim()
  return text === '' ? {} : (asJson(text) ?? asPairs(text))
}

const refused = (why: string): ReturnType<typeof faults.refused> => faults.refused({ why: `failed to parse metadata: ${why}` })

function asJson(text: string): Readonly<Record<string, string>> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value as Readonly<Record<string, unknown>>)
  if (entries.some(([, it]) => it !== null && typeof it !== 'string')) return undefined
  for (const [key, it] of entries) if (it === null || it === '') throw refused(`invalid value for key ${goQuote(key)}`)
  return Object.fromEntries(entries) as Readonly<Record<string, string>>
}

/** The names are in lower case: so the peer sorts them, and so it keeps them. */
function asPairs(text: string): Readonly<Record<string, string>> {
  const pairs = text
    .split(',')
    .map(it => it.trim().toLowerCase())
    .filter(it => it !== '')
    .sort()
  return Object.fromEntries(pairs.map(pair))
}

function pair(text: string): readonly [string, string] {
  const [key, value, ...more] = text.split('=').map(it => it.trim())
  if (key === undefined || value === undefined || more.length > 0) {
    throw refused('failed to parse the input: invalid <key,value> format')
  }
  if (key === '' || value === '') {
    throw refused(`failed to parse the input: invalid <key,value> pair: key: ${goQuote(key)} value: ${goQuote(value)}`)
  }
  return [key, value]
}
