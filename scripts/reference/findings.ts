import { hclCodes } from '../../src/hcl/index.ts'
import { findingCodes } from '../../src/reconciler/model/index.ts'

/** The page about every finding that has a code and no rule: of the policy language, of a repository's files, and of a plan. */
export function findingsPage(): string {
  const about = (codes: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(codes).flatMap(([code, doc]) => [`### ${code}`, '', doc, ''])
  return [
    '# Findings',
    '',
    'What is wrong with a file or a plan is told with a place, what was expected, and one of these codes. What the linter finds has',
    '[pages of its own](rules/README.md). This page is written by `node scripts/reference.ts`.',
    '',
    '## The policy language',
    '',
    'HCL1xxx: the text is no HCL (10xx characters, 11xx grammar, 12xx the JSON form). HCL2xxx: it is no policy. HCL3xxx: it cannot be',
    'formatted. HCL4xxx: it is no configuration. Codes are never reused.',
    '',
    ...about(hclCodes),
    '## The files of a repository, and the plan',
    '',
    ...about(
      Object.fromEntries(Object.entries(findingCodes).map(([code, doc]) => [code, `${doc.charAt(0).toUpperCase()}${doc.slice(1)}.`])),
    ),
  ].join('\n')
}
