import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runLine } from '../../cli/context.ts'

const top = fileURLToPath(new URL('../../..', import.meta.url))

describe("this repository's own access tests", () => {
  it('hold, and ask every rule of its policies', async () => {
    const { code, stdout, stderr } = await runLine(['test', '-fail-under=100', '-format=json'], { cwd: top })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { coverage } = JSON.parse(stdout) as { coverage: { percent: number; uncovered: readonly unknown[] } }
    expect(coverage).toMatchObject({ percent: 100, uncovered: [] })
  })
})
