import { write } from 'node:fs'
import type { AuditDevice } from '../index.ts'

/** As much of a file handle as is needed here. */
export interface Sink {
  readonly fd: number
  close(): Promise<void>
}

interface Line {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/**
 * Appends lines to something with a file descriptor. One write is on its way at a time; what comes meanwhile goes with the next,
 * so a busy server makes few writes and each line is still written before its request goes on.
 *
 * Invariant: a line that was cut by a failing write (a full disk) does not take the next one with it: that begins on a new line.
 */
export class Lines implements AuditDevice {
  readonly #open: () => Promise<Sink>
  #sink: Sink | undefined
  #queue: Line[] = []
  #running: Promise<void> | undefined
  #cut = false

  constructor(open: () => Promise<Sink>) {
    this.#open = open
  }

  async ready(): Promise<void> {
    this.#sink ??= await this.#open()
  }

  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ text, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue
      this.#queue = []
      try {
        await this.ready()
        await this.#append(batch.map(it => it.text).join(''))
        for (const it of batch) it.resolve()
      } catch (cause) {
        for (const it of batch) it.reject(cause)
      }
    }
    this.#running = undefined
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(this.#cut ? `\n${text}` : text)
    const fd = (this.#sink as Sink).fd
    let from = 0
    try {
      while (from < bytes.length) from += await writeSome(fd, bytes, from)
      this.#cut = false
    } catch (cause) {
      if (from > 0) this.#cut = bytes[from - 1] !== NEWLINE
      throw cause
    }
  }

  async reopen(): Promise<void> {
    await this.#running
    const before = this.#sink
    this.#sink = await this.#open()
    this.#cut = false
    await before?.close()
  }

  async close(): Promise<void> {
    await this.#running
    const sink = this.#sink
    this.#sink = undefined
    await sink?.close()
  }
}

const NEWLINE = 0x0a

const writeSome = (fd: number, bytes: Buffer, from: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, from, bytes.length - from, null, (cause, written) => (cause === null ? resolve(written) : reject(cause)))
  })
