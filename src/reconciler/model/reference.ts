/**
 * A value that a file does not hold but names: `{ $env: NAME }`, `{ $file: PATH }`, `{ $vault: 'secret/data/app#password' }`.
 * What it stands for is fetched when it is needed, lives in memory only, and is never printed, stored or hashed.
 */
export type Reference = { readonly from: 'env' | 'file' | 'vault'; readonly name: string }

export const referenceKeys: Readonly<Record<string, Reference['from']>> = { $env: 'env', $file: 'file', $vault: 'vault' }

export const referenceText = ({ from, name }: Reference): string => `{ $${from}: ${name} }`

/** Fetches what a reference stands for. Rejects with words that name the reference and never what it stands for. */
export type Resolve = (reference: Reference) => Promise<string>
