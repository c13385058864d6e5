const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EROFS: 'read-only file system',
}

/** What went wrong with a file in the words of the field's own tools, which name the path as it was said: `open x: permission denied`. */
export function fileError(cause: unknown, path: string): string {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const reason = reasons[code]
  return reason === undefined ? message : `${code === 'EISDIR' ? 'read' : 'open'} ${path}: ${reason}`
}
