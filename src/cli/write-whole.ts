import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

/**
 * Puts a text in the place of a file that is there, whole or not at all: a new file renamed over it, with its mode. What may not
 * be written stays, as it would if it were opened; of a link, the file behind it is replaced.
 * @throws what node:fs throws
 */
export function writeWhole(path: string, text: string): void {
  const file = realpathSync(path)
  accessSync(file, constants.W_OK)
  const fresh = `${file}.${process.pid}.lockstep`
  try {
    writeFileSync(fresh, text, { flag: 'wx', mode: statSync(file).mode & 0o777 })
    renameSync(fresh, file)
  } catch (thrown) {
    rmSync(fresh, { force: true })
    throw thrown
  }
}
