import type { Example, Rule } from '../../src/reconciler/rules/index.ts'

/** The page about one rule. */
export function rulePage({ id, severity, doc, why, bad, good }: Rule): string {
  return [
    `# ${id}`,
    '',
    `Severity: ${severity}, unless lockstep.yaml sets another: \`lint: { rules: { ${id}: off } }\`.`,
    '',
    doc,
    '',
    '## Why',
    '',
    why,
    '',
    '## Wrong',
    '',
    ...blocks(bad),
    '## Right',
    '',
    ...blocks(good),
    'This page is written by `node scripts/reference.ts` from the rule itself.',
    '',
  ].join('\n')
}

export function rulesPage(rules: readonly Rule[]): string {
  const rows = rules.map(({ id, severity, doc }) => `- [\`${id}\`](${id}.md) (${severity}): ${doc}`)
  return [
    '# What the linter finds',
    '',
    'Each rule has a page with its reason, an example and its right form. A finding is taken away by a comment with a reason: behind',
    'something for its line, above a block for the block, and in the comment that opens a file, with an empty line behind it, for the',
    'whole file.',
    '',
    '```hcl',
    '# lockstep:ignore escalation: only the apply job of the protected branch has it',
    'path "sys/policies/acl/*" {',
    '  capabilities = ["create", "update"]',
    '}',
    '```',
    '',
    ...rows.sort(),
    '',
  ].join('\n')
}

function blocks(example: Example): readonly string[] {
  if (typeof example === 'string') return block(example, example.startsWith('{') ? 'json' : 'hcl')
  return Object.entries(example).flatMap(([path, text]) => [`\`${path}\`:`, '', ...block(text, path.endsWith('.hcl') ? 'hcl' : 'text')])
}

const block = (text: string, language: string): readonly string[] => [`\`\`\`${language}`, ...text.trimEnd().split('\n'), '```', '']
