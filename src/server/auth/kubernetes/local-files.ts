/** The files that Kubernetes gives a pod: whom to trust, and who the pod is. They are replaced while the pod runs. */
import { readFile } from 'node:fs/promises'
import type { Clock } from '../../../kernel/index.ts'

/** Where every pod finds them. */
export const POD_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Kubernetes asks its clients to read the token again once a minute (changelog of 1.21); the CA lives for years. */
const TOKEN_AGE = 60_000
const CA_AGE = 3_600_000

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
}

/** A file that cannot be read, with the path and the reason in words. */
export class FileUnreadable extends Error {
  constructor(path: string, cause: unknown) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    super(`open ${path}: ${REASONS[code] ?? code}`, { cause })
  }
}

/** A file as it was when it was last read, at most `age` milliseconds ago. */
function kept(path: string, age: number, clock: Clock): () => Promise<string> {
  let known: { readonly text: string; readonly until: number } | undefined
  return async () => {
    const now = clock.now().getTime()
    if (known !== undefined && now < known.until) return known.text
    try {
      const text = (await readFile(path, 'utf8')).trim()
      known = { text, until: now + age }
      return text
    } catch (cause) {
      throw new FileUnreadable(path, cause)
    }
  }
}

export interface LocalFiles {
  /** Both reject with FileUnreadable. */
  token(): Promise<string>
  ca(): Promise<string>
}

export const localFiles = (folder: string, clock: Clock): LocalFiles => ({
  token: kept(`${folder}/token`, TOKEN_AGE, clock),
  ca: kept(`${folder}/ca.crt`, CA_AGE, clock),
})
