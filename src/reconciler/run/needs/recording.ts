import type { TargetAnswer, TargetWriter } from '../../model/index.ts'

/** `stands`: it is there with its mount, so that no write makes it. */
export type Asked = 'read' | 'list' | 'write' | 'delete' | 'stands'

/** A target that only writes down what is asked of it: the kinds themselves tell which requests an object needs. */
export class RecordingTarget implements TargetWriter {
  readonly asked: Map<string, Set<Asked>> = new Map()

  read(path: string): Promise<TargetAnswer | undefined> {
    return this.#note(path, 'read', { data: {} })
  }

  list(path: string): Promise<readonly string[]> {
    return this.#note(path, 'list', [])
  }

  write(path: string): Promise<TargetAnswer | undefined> {
    return this.#note(path, 'write', undefined)
  }

  delete(path: string): Promise<void> {
    return this.#note(path, 'delete', undefined)
  }

  note(path: string, how: Asked): void {
    const known = this.asked.get(path)
    if (known === undefined) this.asked.set(path, new Set([how]))
    else known.add(how)
  }

  #note<T>(path: string, how: Asked, answer: T): Promise<T> {
    this.note(path, how)
    return Promise.resolve(answer)
  }
}
