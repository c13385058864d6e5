/** A process of its own over a store, for the tests that kill it or let it run out of disk. Says what happens line by line. */
import { writeSync } from 'node:fs'
import { openLmdb } from '../../../../src/server/storage/lmdb/index.ts'

const [, , task, path = ''] = process.argv
/** Not through a buffer, which a kill would empty. The pipe may be full for a moment. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

const storage = await openLmdb({ path })
say('open')

switch (task) {
  case 'hold':
    setInterval(() => undefined, 60_000)
    break
  case 'commit': {
    // Two records a commit, so that half of one would show. Says a number only when its commit is acknowledged.
    const value = (i: number): Buffer => Buffer.alloc(300, i)
    await Promise.all(
      Array.from({ length: 2_000 }, async (_, i) => {
        // Not all at once: with a few on their way there are many groups to be killed in.
        for (let before = i % 40; before > 0; before--) await storage.get(`left/${i}`)
        await storage.commit({
          expect: [[`left/${i}`, undefined]],
          put: [
            [`left/${i}`, value(i)],
            [`right/${i}`, value(i)],
          ],
        })
        say(`done ${i}`)
      }),
    )
    say('all')
    break
  }
  case 'fill': {
    let kept = 0
    try {
      for (;;) {
        await storage.commit({
          put: [
            [`fill/${kept}`, Buffer.alloc(400_000, kept)],
            [`mark/${kept}`, Buffer.from('x')],
          ],
        })
        kept++
      }
    } catch (error) {
      say(`refused ${(error as { code: string }).code} after ${kept}`)
    }
    let readable = 0
    while ((await storage.get(`fill/${readable}`)) !== undefined) readable++
    say(`readable ${readable}`)
    // What a commit frees makes room, from the commit after the next on.
    await storage.commit({ delete: Array.from({ length: kept - 2 }, (_, i) => `fill/${i}`) })
    await storage.commit({ put: [['small', Buffer.alloc(1)]] })
    say(`freed ${String(await storage.commit({ put: [['after', Buffer.alloc(400_000)]] }))}`)
    await storage.close()
    break
  }
  default:
    say(`unknown task ${String(task)}`)
}
