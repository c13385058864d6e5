import { attribute, type Shape } from '../attribute.ts'
import type { MountType, Singleton } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'

const config: Shape = {
  max_versions: attribute.count('How many versions of a secret are kept; 0 for ten.'),
  cas_required: attribute.flag('Whether every write must say which version it replaces.'),
  delete_version_after: attribute.signedSpan('After what time a version is deleted; 0 for never.', {
    toWire: value => `${Number(value)}s`,
  }),
}

const optionsOf = (mount: Values): Readonly<Record<string, string>> => (mount['options'] ?? {}) as Readonly<Record<string, string>>

const settings: Singleton = {
  is: 'singleton',
  begins: 'mount',
  doc: 'What holds for every secret of the mount that does not say otherwise.',
  path: 'config',
  shape: config,
  refuses: mount => (optionsOf(mount)['version'] === '2' ? undefined : 'only version 2 has a config'),
}

export const kv: MountType = {
  type: 'kv',
  table: 'engine',
  doc: 'Secrets as they are written; version 2 keeps older ones.',
  aliases: { 'kv-v1': { version: '1' }, 'kv-v2': { version: '2' } },
  canonicalOptions: options => ({ ...options, version: options['version'] ?? '1' }),
  optionsReplace: (before, after) =>
    Number(after['version']) < Number(before['version']) ? 'version 2 cannot become version 1 in place' : undefined,
  sections: { config: settings },
}
