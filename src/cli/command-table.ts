import type { Command } from './command.ts'

/** One line of the command table. Without `load` it is a group, whose commands are the entries behind its name and a blank. */
export interface Entry {
  readonly name: string
  /** One line for the lists in the help. */
  readonly doc: string
  /** The heading under which the program's help lists it. Entries with a blank in the name are listed by their group. */
  readonly job?: (typeof jobs)[keyof typeof jobs]
  readonly about?: string
  readonly load?: () => Promise<{ readonly command: Command }>
}

/** The headings of the program's help, in this order. */
export const jobs: {
  readonly reconcile: 'Keep a server in lockstep with a repository'
  readonly serve: 'Run a server'
  readonly secrets: 'Work with secrets'
  readonly manage: 'Manage a server'
} = {
  reconcile: 'Keep a server in lockstep with a repository',
  serve: 'Run a server',
  secrets: 'Work with secrets',
  manage: 'Manage a server',
}

export const entries: readonly Entry[] = [
  { name: 'version', job: jobs.manage, doc: 'Print the version', load: () => import('./commands/version.ts') },
]
