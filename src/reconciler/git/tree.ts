/** A file of a commit. */
export interface Blob {
  readonly path: string
  readonly id: string
  readonly size: number
  /** Why its content is not a file's. */
  readonly problem?: string
}

const ENTRY = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t([^]+)$/

const PROBLEMS: Readonly<Record<string, string>> = {
  '120000': 'the file is a symbolic link, which is not followed; put the text itself here',
  '160000': 'it is a submodule, which is not read',
}

/** The output of `git ls-tree -r -l -z`. */
export function blobsOf(text: string, prefix: string): readonly Blob[] {
  return text.split('\0').flatMap(entry => {
    const [, mode = '', , id = '', size = '', path = ''] = ENTRY.exec(entry) ?? []
    if (path === '') return []
    const problem = PROBLEMS[mode]
    return [{ path: path.slice(prefix.length), id, size: Number(size), ...(problem === undefined ? {} : { problem }) }]
  })
}
