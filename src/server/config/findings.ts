import type { Diagnostic, SourceRange } from '../../kernel/index.ts'

/**
 * What can be wrong with a configuration. `CONF1…`: a word or a value; `CONF2…`: blocks; `CONF3…`: the whole; `CONF9…`: notes on what
 * is accepted and has no effect.
 */
export const codes: {
  readonly unknownWord: 'CONF1001'
  readonly badValue: 'CONF1002'
  readonly unsupportedWord: 'CONF1003'
  readonly conflict: 'CONF1004'
  readonly unknownBlock: 'CONF2001'
  readonly badLabel: 'CONF2002'
  readonly repeatedBlock: 'CONF2003'
  readonly unsupportedBlock: 'CONF2004'
  readonly missing: 'CONF3001'
  readonly unreadable: 'CONF3002'
  readonly noEffect: 'CONF9001'
} = {
  unknownWord: 'CONF1001',
  badValue: 'CONF1002',
  unsupportedWord: 'CONF1003',
  conflict: 'CONF1004',
  unknownBlock: 'CONF2001',
  badLabel: 'CONF2002',
  repeatedBlock: 'CONF2003',
  unsupportedBlock: 'CONF2004',
  missing: 'CONF3001',
  unreadable: 'CONF3002',
  noEffect: 'CONF9001',
}

/** Collects what is found while files are read. */
export class Findings {
  readonly list: Diagnostic[] = []

  error(code: string, summary: string, at?: SourceRange, detail?: string): void {
    this.#add('error', code, summary, at, detail)
  }

  note(summary: string, at: SourceRange): void {
    this.#add('note', codes.noEffect, summary, at)
  }

  #add(severity: Diagnostic['severity'], code: string, summary: string, at?: SourceRange, detail?: string): void {
    this.list.push({ code, severity, summary, ...(at !== undefined && { at }), ...(detail !== undefined && { detail }) })
  }
}
