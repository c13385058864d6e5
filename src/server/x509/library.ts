import { webcrypto } from 'node:crypto'

let loaded: Promise<typeof import('@peculiar/x509')> | undefined

/** The library, with Node's own cryptography below it. */
export function x509(): Promise<typeof import('@peculiar/x509')> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  const library = await import('@peculiar/x509')
  library.cryptoProvider.set(webcrypto)
  return library
}
