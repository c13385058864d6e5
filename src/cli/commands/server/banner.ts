import type { ListenerConfig, ServerConfig } from '../../../server/index.ts'
import type { DevKeys } from './dev.ts'

export interface BannerFacts {
  readonly config: ServerConfig
  readonly addresses: readonly string[]
  readonly apiAddress: string
  readonly logLevel: string
  readonly version: string
  readonly apiVersion: string
  readonly node: string
}

function listenerLine(listener: ListenerConfig, address: string): string {
  const type = 'path' in listener.address ? 'unix' : 'tcp'
  return `${type} (addr: "${address}", tls: "${listener.tls === undefined ? 'disabled' : 'enabled'}")`
}

/** The table that is printed before the server answers. */
export function configurationBanner(facts: BannerFacts): string {
  const { config } = facts
  const lines: readonly (readonly [string, string])[] = [
    ['API address', facts.apiAddress],
    ...(config.clusterAddr === undefined ? [] : [['Cluster address', config.clusterAddr] as const]),
    ...config.listeners.map((it, i) => [`Listener ${i + 1}`, listenerLine(it, facts.addresses[i] ?? '')] as const),
    ['Log level', facts.logLevel],
    ['Node.js version', facts.node],
    ...config.seals.map(it => [it.disabled ? 'Old seal' : 'Seal', it.type] as const),
    ['Storage', config.storage.type],
    ['Version', `Lockstep v${facts.version}, API ${facts.apiVersion}`],
  ]
  const width = Math.max(...lines.map(([name]) => name.length)) + 4
  return `==> Lockstep server configuration:\n\n${lines.map(([name, value]) => `${name.padStart(width)}: ${value}`).join('\n')}\n\n`
}

export const STARTED = '==> Lockstep server started! Its log follows.\n\n'

/** The lines with the key and the token are those of the field's own tools: scripts look for them. */
export const devBanner = (
  program: string,
  apiAddress: string,
  caFile: string | undefined,
  { unsealKey, rootToken }: DevKeys,
  stored: boolean,
): string => `\
WARNING: this is a development server. It keeps everything in memory, unsealed, with
one unseal key; all is gone when it ends. Never use it for anything that matters.

Tell clients where it is:

    $ export BAO_ADDR='${apiAddress}' VAULT_ADDR='${apiAddress}'
${caFile === undefined ? '' : `    $ export BAO_CACERT='${caFile}' VAULT_CACERT='${caFile}'\n`}${stored ? `\nThe root token is stored for ${program}, so that you are logged in already.\n` : ''}
The key and the token, in case you want to seal it and unseal it again, or to log in:

Unseal Key: ${unsealKey}
Root Token: ${rootToken}

`
