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
    // Two thousand on their way at any time, and no end: whenever the kill comes, it comes in the middle. Two records a
    // commit, so that half of one would show. Says a number only when its commit is acknowledged.
    let next = 0
    await Promise.all(
      Array.from({ length: 2_000 }, async () => {
        for (;;) {
          const i = next++
          const value = Buffer.alloc(300, i)
          await storage.commit({
            expect: [[`left/${i}`, undefined]],
            put: [
              [`left/${i}`, value],
              [`right/${i}`, value],
            ],
          })
          say(`done ${i}`)
        }
      }),
    )
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
