import { parseSync, Visitor } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { read, under } from './repository.ts'

/** Time, chance and the terminal come in as arguments everywhere but here. */
const free = ['src/cli/', 'src/kernel/']

/** A lock on a store names the process that holds it. Nothing else of the process is anybody's business below the command line. */
const ofProcess = new Set(['pid', 'kill'])

interface Use {
  readonly what: string
  readonly start: number
}

function usesOf(path: string): readonly string[] {
  const source = read(path)
  const found: Use[] = []
  new Visitor({
    NewExpression: ({ callee, arguments: args, start }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date' && args.length === 0) found.push({ what: 'new Date()', start })
    },
    MemberExpression: ({ object, property, start }) => {
      if (object.type !== 'Identifier' || property.type !== 'Identifier') return
      const what = `${object.name}.${property.name}`
      if (object.name === 'console' || what === 'Date.now' || what === 'Math.random') found.push({ what, start })
      if (object.name === 'process' && !ofProcess.has(property.name)) found.push({ what, start })
      if (object.name === 'globalThis') found.push({ what, start })
    },
  }).visit(parseSync(path, source).program)
  return found.map(({ what, start }) => `${path}:${source.slice(0, start).split('\n').length} ${what}`)
}

describe('console, process, the clock and chance', () => {
  it('are used by the command line and the kernel only', () => {
    const sources = under('src').filter(path => !free.some(folder => path.startsWith(folder)))
    expect(sources.flatMap(usesOf)).toEqual([])
  })

  it('are found where they are used', () => {
    expect(usesOf('test/architecture/forbidden-globals.sample.ts')).toHaveLength(5)
  })
})
