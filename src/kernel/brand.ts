declare const mark: unique symbol
/** A string or number that has been checked to be what its name says, so that it cannot be mixed up with another. */
export type Brand<T, Name extends string> = T & { readonly [mark]: Name }

/** Says that a value is of the brand. Call it only where the value was just checked or made. */
export const brand = <B extends Brand<unknown, string>>(value: B extends Brand<infer T, string> ? T : never): B => value as unknown as B
