import { describe, expect, it } from 'vitest'
import { ManualClock, silentLog } from '../../../src/kernel/index.ts'
import type { AuditDevice } from '../../../src/server/audit/index.ts'
import { DEVICE_TIMEOUT_MS, Outlet } from '../../../src/server/audit/outlet.ts'

/** A device whose lines are taken when the test says so. */
class Slow implements AuditDevice {
  readonly lines: { readonly line: string; readonly done: () => void; readonly fail: (cause: Error) => void }[] = []
  write(line: string): Promise<void> {
    return new Promise((resolve, reject) => this.lines.push({ line, done: resolve, fail: reject }))
  }
  async reopen(): Promise<void> {}
  async close(): Promise<void> {}
}

const start = (): { clock: ManualClock; device: Slow; outlet: Outlet } => {
  const clock = new ManualClock(new Date('2026-01-01T00:00:00Z'))
  const device = new Slow()
  return { clock, device, outlet: new Outlet('slow/', device, clock, silentLog) }
}

describe('a device that hangs', () => {
  it('counts as failed when the time is over', async () => {
    const { clock, outlet } = start()
    const taken = outlet.write('a\n')
    clock.advance(DEVICE_TIMEOUT_MS)
    expect(await taken).toBe(false)
  })

  it('is not asked again until it answers, so that it costs the time once', async () => {
    const { clock, device, outlet } = start()
    const first = outlet.write('a\n')
    clock.advance(DEVICE_TIMEOUT_MS)
    await first
    expect(await outlet.write('b\n')).toBe(false)
    expect(device.lines).toHaveLength(1)
    device.lines[0]?.done()
    await Promise.resolve()
    const again = outlet.write('c\n')
    device.lines[1]?.done()
    expect(await again).toBe(true)
  })

  it('that fails in time is asked again at once', async () => {
    const { device, outlet } = start()
    const first = outlet.write('a\n')
    device.lines[0]?.fail(new Error('gone'))
    expect(await first).toBe(false)
    const second = outlet.write('b\n')
    device.lines[1]?.done()
    expect(await second).toBe(true)
  })

  it('gives each entry its own time', async () => {
    const { clock, device, outlet } = start()
    const first = outlet.write('a\n')
    clock.advance(DEVICE_TIMEOUT_MS - 1000)
    const second = outlet.write('b\n')
    device.lines[0]?.done()
    expect(await first).toBe(true)
    clock.advance(2000)
    device.lines[1]?.done()
    expect(await second).toBe(true)
  })
})
