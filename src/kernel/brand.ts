declare const mark: unique symbol
/** A string or number that has been checked to be what its name says, so that it cannot be mixed up with another. */
export type Brand<T, Name extends string> = T & { readonly [mark]: Name }
