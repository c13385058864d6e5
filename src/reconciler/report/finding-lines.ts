import type { Diagnostic } from '../../kernel/index.ts'
import { placeText } from '../model/index.ts'
import { harmlessLine, type Colour, type Paint } from './paint.ts'

const COLOURS: Readonly<Record<Diagnostic['severity'], Colour>> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** `policies/a.hcl:3:5: error: …`, which editors and CI systems know how to jump to. */
export function findingLines(finding: Diagnostic, paint: Paint): readonly string[] {
  const place = finding.at === undefined ? '' : `${paint('bold', placeText(finding.at))}: `
  return [
    `${place}${paint(COLOURS[finding.severity], finding.severity)}: ${harmlessLine(finding.summary)} ${paint('dim', `[${finding.code}]`)}`,
    ...(finding.detail === undefined ? [] : [`    ${harmlessLine(finding.detail)}`]),
    ...(finding.related ?? []).map(({ at, note }) => `    ${placeText(at)}: ${harmlessLine(note)}`),
  ]
}

export const renderFindings = (findings: readonly Diagnostic[], paint: Paint): string =>
  findings.map(it => `${findingLines(it, paint).join('\n')}\n`).join('')
