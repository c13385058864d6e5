import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonBody } from '../../src/server/http/json-body.ts'
import { scanJson } from '../../src/server/http/json-scan.ts'
import { defaultLimits } from '../../src/server/http/limits.ts'
import { parseMediaType } from '../../src/server/http/media-type.ts'
import { parseQuery, queryData } from '../../src/server/http/query.ts'
import { isRelative, parseTarget } from '../../src/server/http/request-target.ts'
import { isFault } from '../../src/server/logical/index.ts'

const limits = { ...defaultLimits, maxRequestJsonStrings: 100_000 }

function outcome<T>(work: () => T): { readonly value: T } | { readonly refused: string } {
  try {
    return { value: work() }
  } catch (thrown) {
    if (isFault(thrown) && thrown.status === 400) return { refused: thrown.wire[0] ?? '' }
    throw thrown
  }
}

/** JSON texts, and texts that one edit has made wrong, or not. */
const nearJson = fc
  .tuple(fc.json({ maxDepth: 5 }), fc.nat(), fc.nat(3), fc.constantFrom(...Array.from('{}[]":,\\ \n0123456789eE+-.utrfalsn/x\u0001é')))
  .map(([text, at, how, character]) => {
    const i = text.length === 0 ? 0 : at % text.length
    if (how === 0) return text
    if (how === 1) return text.slice(0, i) + text.slice(i + 1)
    return how === 2 ? text.slice(0, i) + character + text.slice(i) : text.slice(0, i)
  })

describe('the reader of bodies', () => {
  it('takes exactly what JSON.parse takes, when it is one value', () => {
    fc.assert(
      fc.property(nearJson, text => {
        const native = outcome(() => {
          try {
            return JSON.parse(text) as unknown
          } catch {
            return undefined
          }
        })
        const scanned = outcome(() => scanJson(text, limits))
        const whole = 'value' in scanned && scanned.value.kind !== undefined && text.slice(scanned.value.end).trim() === ''
        const parsed = 'value' in native && native.value !== undefined
        // A number beyond a float64 is JSON to JavaScript, and none to the API.
        fc.pre(!/\d[eE]\+?\d{3}|\d{309}/.test(text))
        expect(whole).toBe(parsed)
      }),
      { numRuns: 3000 },
    )
  })

  it('gives an object as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), object => {
        const text = JSON.stringify(object)
        expect(JSON.parse(JSON.stringify(parseJsonBody(text, limits)))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses with a fault of 400 whatever it does not take, and never with another error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearJson), text => {
        outcome(() => parseJsonBody(text, limits))
      }),
    )
  })
})

const targets = fc
  .array(
    fc.constantFrom(
      '/',
      '/v1',
      '.',
      '..',
      '%2e',
      '%2E',
      '%2f',
      '//',
      'a',
      'sys',
      '%',
      '%zz',
      '%00',
      '%c3%a9',
      '%ff',
      '?',
      '&',
      'list=true',
      ';',
      '\\',
      '#',
      ' ',
      '\u00e9',
      'http://x',
    ),
    {
      maxLength: 12,
    },
  )
  .map(parts => parts.join(''))

describe('the reader of targets', () => {
  it('never throws, and lets no unprintable character and no step through', () => {
    fc.assert(
      fc.property(fc.oneof(targets, fc.string()), target => {
        const read = parseTarget(target)
        if (read.is !== 'path') return
        expect(read.path.startsWith('/')).toBe(true)
        expect(/[\u0000-\u001f\u007f]/.test(read.path)).toBe(false) // eslint-disable-line no-control-regex
        // Where nothing is redirected, a step can only have been encoded, and is refused as such.
        if (read.redirect === undefined && read.path.split('/').some(it => it === '.' || it === '..'))
          expect(isRelative(read.path)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('sends a client to a clean path of the same server, once', () => {
    fc.assert(
      fc.property(targets, target => {
        const read = parseTarget(target)
        if (read.is !== 'path' || read.redirect === undefined) return
        expect(read.redirect).toMatch(/^\/(?!\/)[\u0021-\u007e]*$/)
        const again = parseTarget(read.redirect)
        if (again.is === 'path') expect(again.redirect).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })
})

describe('the readers of queries and content types', () => {
  it('never throw, and give back what was encoded', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), fields => {
        const well = Object.entries(fields).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()] as const)
        const text = new URLSearchParams(Object.fromEntries(well)).toString()
        const names = new Set(well.map(([name]) => name))
        const data = queryData(parseQuery(text))
        for (const name of names) if (name !== 'help') expect(Object.hasOwn(data, name)).toBe(true)
      }),
    )
    fc.assert(fc.property(fc.string(), text => void queryData(parseQuery(text))))
    fc.assert(fc.property(fc.string(), text => void parseMediaType(text)))
  })
})
