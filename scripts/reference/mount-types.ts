import type { Attribute, MountType, Section } from '../../src/reconciler/shapes/index.ts'

const FOLDERS: Readonly<Record<string, string>> = { auth: 'roles', engine: 'engines' }

/** `roles/<mount>.yaml`, or the folder itself where there is but one of the kind. */
export const pageName = ({ table, type }: MountType): string => `kinds/${table}-${type}.md`

/** The page about what can be managed on one type of mount. */
export function mountTypePage(it: MountType): string {
  return [
    `# ${titleOf(it)}`,
    '',
    it.doc,
    '',
    isHome(it)
      ? 'Described in files of these names:'
      : `Described in \`${FOLDERS[it.table] ?? it.table}/${it.builtInAt ?? '<mount>'}.yaml\`, under these keys:`,
    '',
    ...Object.entries(it.sections).flatMap(([key, section]) => sectionLines(key, section, isHome(it))),
    'This page is written by `node scripts/reference.ts` from the tables of `src/reconciler/shapes`.',
    '',
  ].join('\n')
}

const isHome = ({ table }: MountType): boolean => FOLDERS[table] === undefined

function titleOf(it: MountType): string {
  if (isHome(it)) return it.type === 'system' ? 'What every server has' : 'Identities'
  return `${it.table === 'auth' ? 'Auth method' : 'Secrets engine'} ${it.type}`
}

function sectionLines(key: string, section: Section, isFile: boolean): readonly string[] {
  return [
    `## ${isFile ? fileName(key, section) : key}`,
    '',
    section.doc,
    '',
    ...(isFile ? homeNotes(key, section) : notesOn(key, section)),
    '',
    '| key | value | default | |',
    '| --- | --- | --- | --- |',
    ...Object.entries(section.shape)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, attribute]) => row(name, attribute)),
    '',
  ]
}

const fileName = (key: string, section: Section): string =>
  section.is === 'collection' && !key.includes('/') ? `${key}/<name>.${section.text === undefined ? 'yaml' : 'hcl'}` : `${key}.yaml`

function homeNotes(key: string, section: Section): readonly string[] {
  if (section.is === 'singleton') return [`At \`${section.path}\`.`]
  return [
    `By name, each at \`${section.path}/<name>\`.${key.includes('/') ? ` Also one a file, in \`${key}/<name>.yaml\`.` : ''}`,
    ...(section.losesOnDelete === undefined ? [] : [`To delete one loses ${section.losesOnDelete}; that needs \`-allow-data-loss\`.`]),
  ]
}

function notesOn(key: string, section: Section): readonly string[] {
  if (section.is === 'singleton') {
    const end = {
      mount: 'It is there with its mount; taken out of the file it goes back to the defaults.',
      write: 'Taken out of the file it is removed.',
      kept: 'Once it was written it stays, since the API has no way to remove it.',
    }[section.begins]
    return [`One for a mount, at \`${section.path}\` below it. ${end}`]
  }
  return [
    `By name, each at \`${section.path}/<name>\` below the mount; also one a file, in \`<mount>/${key}/<name>.yaml\`.`,
    ...(section.foldsNames ? ['The server folds names to lower case.'] : []),
    ...(section.losesOnDelete === undefined ? [] : [`To delete one loses ${section.losesOnDelete}; that needs \`-allow-data-loss\`.`]),
  ]
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  bool: 'true or false',
  duration: 'a duration',
  strings: 'a list of texts',
  pairs: 'a map of texts',
  map: 'a map',
}

function row(name: string, it: Attribute): string {
  const words = (it.field.publishes['enum'] as readonly string[] | undefined)?.filter(word => word !== '')
  const value = it.secret
    ? 'a secret, by reference'
    : words === undefined
      ? (WORDS[it.field.kind] ?? 'any value')
      : words.map(word => `\`${word}\``).join(', ')
  const standard = it.fallback === undefined || it.fallback === '' ? '' : `\`${JSON.stringify(it.fallback)}\``
  const more = [
    it.field.doc,
    ...(it.fixed ? ['Can be said at creation only.'] : []),
    ...(it.aliases.length === 0 ? [] : [`Deprecated names: ${it.aliases.map(alias => `\`${alias}\``).join(', ')}.`]),
    ...(it.unread === 'said' ? ['Goes with every write, and is not compared.'] : []),
  ]
  return `| \`${name}\` | ${value} | ${standard} | ${more.join(' ').replaceAll('|', '\\|')} |`
}

export function mountTypesPage(all: readonly MountType[]): string {
  const rows = all.map(it => `- [${titleOf(it)}](${pageName(it).replace('kinds/', '')}): ${it.doc}`)
  return [
    '# What can be managed',
    '',
    'A mount of any type can be managed as a mount: its description, its tuning, its options. What lives on it can be managed for these',
    'types. The names are those of the API. A secret is never written into a file: it is named as `{ $env: NAME }`, `{ $file: PATH }` or',
    '`{ $vault: "secret/data/app#key" }`. Where the server does not tell what it holds, the ledger remembers a keyed hash of what was',
    'written; `ownership.ledger_key` in lockstep.yaml names the key, by reference.',
    '',
    ...rows.sort(),
    '',
    '## Anything else',
    '',
    '`api/<path>.yaml` holds what is written at any other path of the API, and is compared with what a read of that path answers: only the',
    'keys that the file gives. What comes by reference is tracked by its keyed hash. Write values as the server answers them; `1h` and 3600',
    'are the same.',
    '',
  ].join('\n')
}
