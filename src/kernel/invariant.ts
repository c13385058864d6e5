/** For what only a mistake in this program can break. Not for bad input, which is a Diagnostic or a fault. */
export function invariant(holds: unknown, what: string): asserts holds {
  if (holds === undefined || holds === null || holds === false) throw new Error(`broken invariant: ${what}`)
}
