import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, serving, type Serving } from './serving.ts'

/** Whole answers of OpenBao 2.7.2 to requests that HTTP alone decides: no engine is reached. */
interface Recorded {
  readonly sealed: boolean
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
}

const vectors = (name: string): string => readFileSync(new URL(`../../vectors/http/${name}`, import.meta.url), 'utf8')
const compared = ['content-type', 'cache-control', 'strict-transport-security', 'location', 'x-vault-namespace']

describe('the answers of the peer', () => {
  const answers = JSON.parse(vectors('answers.json')) as readonly Recorded[]
  let open: Serving
  let sealed: Serving
  beforeAll(async () => {
    ;[open, sealed] = await Promise.all([serving(), serving()])
    sealed.core.sealed = true
  })
  afterAll(() => Promise.all([open.close(), sealed.close()]))

  for (const { sealed: isSealed, method, path, headers, body, answer } of answers) {
    const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    it(`${method} ${path} ${body ?? ''} ${extra.join(', ')}${isSealed ? ' (sealed)' : ''}`, async () => {
      const ours = await ask((isSealed ? sealed : open).port, { method, path, headers, body })
      expect({ status: ours.status, body: ours.body }).toEqual({ status: answer.status, body: answer.body })
      const shown = Object.fromEntries(compared.filter(it => ours.headers[it] !== undefined).map(it => [it, ours.headers[it]]))
      expect(shown).toEqual(answer.headers)
    })
  }
})
