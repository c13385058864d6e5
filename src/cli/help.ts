import type { Command } from './command.ts'
import { type Entry, jobs } from './command-table.ts'
import { flagName, type Flags } from './flag.ts'
import { wrapText } from './output/wrap-text.ts'

function flagHelp(key: string, flags: Flags): string {
  const it = flags[key] as Flags[string]
  const { initial } = it
  const fallback =
    it.value === undefined || !(typeof initial === 'string' || typeof initial === 'number') ? '' : ` The default is ${initial}.`
  const env = it.env === undefined ? '' : ` Also read from ${it.env}.`
  const head = it.value === undefined ? `  -${flagName(key)}` : `  -${flagName(key)}=<${it.value}>`
  return [head, wrapText(`${it.doc}${fallback}${env}`, 6)].join('\n')
}

const ORDER: Readonly<Record<string, number>> = { 'HTTP Options': 0, 'Output Options': 1 }

function flagsHelp(flags: Flags): readonly string[] {
  const shown = Object.keys(flags).filter(key => !(flags[key] as Flags[string]).hidden)
  const groups = [...new Set(shown.map(key => (flags[key] as Flags[string]).group))].sort((a, b) => (ORDER[a] ?? 2) - (ORDER[b] ?? 2))
  return groups.map(group => {
    const keys = shown.filter(key => (flags[key] as Flags[string]).group === group).sort()
    return [`${group}:`, ...keys.map(key => flagHelp(key, flags))].join('\n\n')
  })
}

const indented = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map(line => (line.trim() === '' ? '' : `  ${line}`))
    .join('\n')

export function commandHelp(program: string, command: Command): string {
  const about = indented(command.about).replaceAll('{program}', program)
  return [`Usage: ${program} ${command.usage}`, about, ...flagsHelp(command.flags)].join('\n\n')
}

function listed(entries: readonly Entry[], strip: number, column: number): string {
  const names = entries.map(it => it.name.slice(strip))
  const width = Math.max(column, ...names.map(it => it.length))
  return entries.map((it, i) => `    ${(names[i] as string).padEnd(width)}${it.doc}`).join('\n')
}

export function groupHelp(program: string, group: Entry, children: readonly Entry[]): string {
  const about = indented(group.about ?? '').replaceAll('{program}', program)
  const head = `Usage: ${program} ${group.name} <subcommand> [options] [args]`
  const width = Math.max(...children.map(it => it.name.length - group.name.length - 1)) + 4
  return [head, about, `Subcommands:\n${listed(children, group.name.length + 1, width)}`].filter(it => it !== '').join('\n\n')
}

/** The page without any command: one block a job. */
export function programHelp(program: string, entries: readonly Entry[]): string {
  const used = Object.values(jobs).filter(job => entries.some(it => it.job === job))
  const width = Math.max(...entries.map(it => it.name.length)) + 4
  return [
    `Usage: ${program} <command> [args]`,
    ...used.map(
      job =>
        `${job}:\n${listed(
          entries.filter(it => it.job === job),
          0,
          width,
        )}`,
    ),
  ].join('\n\n')
}
