import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A lock between processes: a file that holds its owner's pid. It is made by link(2), which fails when the name exists, so a
 * reader never sees a half-written pid. A lock whose owner is gone is moved aside first, so that only one waiter takes it over.
 */
export async function withLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true })
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    let told = false
    while (!take(mine, path)) {
      const owner = Number(read(path) ?? '0')
      if (owner === 0) continue
      if (isAlive(owner)) {
        if (!told) onWait(owner)
        told = true
        await delay(100)
      } else moveAside(path, owner)
    }
    try {
      return await work()
    } finally {
      rmSync(path, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

function take(mine, path) {
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A lock that another waiter has taken over in between is put back. */
function moveAside(path, deadOwner) {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
    if (Number(read(aside)) !== deadOwner) take(aside, path)
    rmSync(aside, { force: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
