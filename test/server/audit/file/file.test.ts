import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/kernel/index.ts'
import { file } from '../../../../src/server/audit/file/index.ts'
import { Lines } from '../../../../src/server/audit/file/lines.ts'
import type { AuditDevice } from '../../../../src/server/audit/index.ts'

const open = (options: Readonly<Record<string, string>>): Promise<AuditDevice> => file.open(options, { clock: systemClock })

describe('the file device', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'))
    path = join(folder, 'below', 'audit.log')
  })
  afterEach(() => rm(folder, { recursive: true }))
  const modeOf = async (at: string): Promise<number> => (await stat(at)).mode & 0o777

  it('appends lines in the order in which they were given', async () => {
    const device = await open({ file_path: path })
    await Promise.all(['a\n', 'b\n', 'c\n'].map(line => device.write(line)))
    await device.close()
    const again = await open({ path })
    await again.write('d\n')
    await again.close()
    expect(await readFile(path, 'utf8')).toBe('a\nb\nc\nd\n')
  })

  it('is readable by its owner alone unless told, and never executable', async () => {
    await (await open({ file_path: path })).close()
    expect(await modeOf(path)).toBe(0o600)
    await (await open({ file_path: path, mode: '0777' })).close()
    expect(await modeOf(path)).toBe(0o666)
    await (await open({ file_path: path, mode: '0000' })).close()
    expect(await modeOf(path)).toBe(0o666)
  })

  it('goes on in a new file when it is opened anew', async () => {
    const device = await open({ file_path: path })
    await device.write('before\n')
    await rename(path, `${path}.1`)
    await device.write('moved\n')
    await device.reopen()
    await device.write('after\n')
    await device.close()
    expect(await readFile(`${path}.1`, 'utf8')).toBe('before\nmoved\n')
    expect(await readFile(path, 'utf8')).toBe('after\n')
  })

  it.each([
    [{}, 'file_path is required'],
    [{ file_path: '/tmp', mode: '0600' }, 'sanity check failed; unable to open "/tmp" for writing: open /tmp: is a directory'],
    [{ file_path: '/nowhere', mode: '0000' }, 'stat /nowhere: no such file or directory'],
    [{ file_path: '/nowhere', mode: '9' }, 'strconv.ParseUint: parsing "9": invalid syntax'],
  ])('refuses %j', async (options, why) => {
    await expect(open(options as Readonly<Record<string, string>>)).rejects.toThrow(why)
  })

  it('reports a full disk to whoever waits for the line', async () => {
    const device = await open({ file_path: '/dev/full' })
    await expect(device.write('a\n')).rejects.toMatchObject({ code: 'ENOSPC' })
    await device.close()
  })

  it('never joins a line to one that a failing write has cut', async () => {
    await writeFile(join(folder, 'log'), '')
    const { open: openFile } = await import('node:fs/promises')
    const handle = await openFile(join(folder, 'log'), 'a')
    const full = await openFile('/dev/full', 'a')
    let fd = handle.fd
    const lines = new Lines(async () => ({
      get fd() {
        return fd
      },
      close: async () => undefined,
    }))
    await lines.write('whole\n')
    fd = full.fd
    await expect(lines.write('lost\n')).rejects.toThrow('ENOSPC')
    fd = handle.fd
    await lines.write('next\n')
    expect(await readFile(join(folder, 'log'), 'utf8')).toBe('whole\nnext\n')
    await handle.close()
    await full.close()
  })
})
