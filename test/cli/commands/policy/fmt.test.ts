import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordedBytes, recordedFiles } from '../../../hcl/recorded.ts'
import { runLine } from '../../context.ts'

let dir = ''
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'lockstep-policy-fmt-'))))
afterEach(async () => await rm(dir, { recursive: true }))

/** Where the peer's way of printing does harm, and so ours refuses. */
const refused = new Set(['odd-lost-aligned-comment-after-equals.hcl'])

describe('policy fmt', () => {
  it.each(recordedFiles.filter(it => !refused.has(it.file)))(
    'leaves of $file the bytes that the peer leaves, and exits as it does',
    async ({ file, fmt_ok, fmt_error, fmt_output }) => {
      const before = recordedBytes(file)
      await writeFile(join(dir, file), before)
      const { code, stdout, stderr } = await runLine(['policy', 'fmt', file], { cwd: dir })
      const after = await readFile(join(dir, file))
      expect(code).toBe(fmt_ok ? 0 : 1)
      expect(stdout).toBe(fmt_ok ? `Success! Formatted policy: ${file}\n` : '')
      if (fmt_ok) expect(after.toString()).toBe(fmt_output)
      else {
        expect(after).toEqual(Buffer.from(before))
        expect(stderr.startsWith(`${fmt_error ?? ''}\n`)).toBe(true)
      }
    },
  )

  it.each([...refused])('leaves %s as it is, and says where formatting would do harm', async file => {
    await writeFile(join(dir, file), recordedBytes(file))
    const { code, stdout, stderr } = await runLine(['policy', 'fmt', file], { cwd: dir })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^${file}:\\d+:\\d+: error: formatting would lose this comment\n`))
    expect(await readFile(join(dir, file))).toEqual(Buffer.from(recordedBytes(file)))
  })

  it.each([
    [['nowhere.hcl'], 'Error reading source file: open nowhere.hcl: no such file or directory\n'],
    [['.'], 'Error reading source file: read .: is a directory\n'],
    [['~/nowhere.hcl'], `Error reading source file: open /nonexistent/nowhere.hcl: no such file or directory\n`],
    [[], 'Not enough arguments (expected 1, got 0)\n'],
    [['a', 'b'], 'Too many arguments (expected 1, got 2)\n'],
  ])('says of %j what the peer says', async (args, stderr) => {
    expect(await runLine(['policy', 'fmt', ...args], { cwd: dir })).toEqual({ code: 1, stdout: '', stderr })
  })
})
