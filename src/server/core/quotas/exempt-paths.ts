/** What no quota counts: paths, each with all that begins with it; `!` in front takes a longer one out again. */
export class ExemptPaths {
  readonly #prefixes: readonly { readonly text: string; readonly exempt: boolean }[]

  constructor(paths: readonly string[]) {
    this.#prefixes = paths
      .map(path => ({ text: path.replace(/^!/, '').replace(/\*$/, ''), exempt: !path.startsWith('!') }))
      .sort((a, b) => b.text.length - a.text.length)
  }

  has(path: string): boolean {
    for (const { text, exempt } of this.#prefixes) if (path.startsWith(text)) return exempt
    return false
  }
}
