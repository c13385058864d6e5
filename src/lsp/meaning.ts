import type { Capability } from '../hcl/index.ts'
import { overlap, type PolicyView, type RuleView, type WorkspaceView } from '../reconciler/rules/index.ts'
import { capabilityWords } from './words.ts'

/** What a rule means, for a person, in Markdown: where it answers, what it allows, who holds it, and who answers in its place. */
export function meaningOf(rule: RuleView, policy: PolicyView, view: WorkspaceView): string {
  return [
    `**\`${rule.path}\`** in the policy \`${policy.name}\``,
    ...(rule.expired ? ['It has expired: the server takes it for absent, even if it says deny.'] : []),
    wherePath(rule),
    ...mountLine(rule, view),
    allowed(rule),
    ...limits(rule),
    ...others(rule, policy),
    ...holders(policy, view),
  ].join('\n\n')
}

/** Which paths match. */
function wherePath({ path, rule }: RuleView): string {
  const notes: string[] = []
  const head = path.endsWith('*') ? path.slice(0, -1) : path
  if (path.split('/').includes('+')) notes.push('`+` is any one segment')
  if (path.includes('{{')) notes.push("`{{…}}` is filled in from the token's identity, and a token that lacks it has no such rule")
  if (rule.path !== path) notes.push('the leading slash does not count')
  const example = head.replaceAll(/(?<=^|\/)\+(?=\/|$)/g, 'any')
  const where = !path.endsWith('*')
    ? `Matches this path alone${notes.length === 0 ? '' : `, e.g. \`${example}\``}; a list is also asked for it with a final slash.`
    : `Matches every path that begins so, e.g. \`${example}x\` and \`${example}x/y\`${example.endsWith('/') && example.length > 1 ? `, but not \`${example.slice(0, -1)}\`` : ''}.`
  return notes.length === 0 ? where : `${where} Here ${notes.join('; ')}.`
}

function mountLine({ path }: RuleView, view: WorkspaceView): readonly string[] {
  const mount = view.mountOf(path)
  if (mount === undefined) return []
  return [`Mount: \`${mount.path}\`, ${mount.type}${mount.version === undefined ? '' : ` version ${mount.version}`} (${mount.from.file})`]
}

function allowed({ rule, isDeny }: RuleView): string {
  if (isDeny) return `Allows **nothing**. \`deny\`: ${capabilityWords.deny}.`
  if (rule.capabilities.length === 0) return 'Allows **nothing**, and no wider rule answers here.'
  return ['Allows:', ...rule.capabilities.map((it: Capability) => `- \`${it}\`: ${capabilityWords[it]}`)].join('\n')
}

const seconds = (value: number): string => `${value} s`

function limits({ rule, isDeny }: RuleView): readonly string[] {
  if (isDeny) return []
  const { minWrappingTtl = 0, maxWrappingTtl = 0, paginationLimit = 0, expiration, controlGroup } = rule
  const parameters = (words: string, of: ReadonlyMap<string, readonly unknown[]> | undefined): readonly string[] =>
    of === undefined
      ? []
      : [
          `${words}: ${[...of].map(([name, values]) => `\`${name}\`${values.length === 0 ? '' : ` of ${JSON.stringify(values)}`}`).join(', ')}`,
        ]
  const lines = [
    ...parameters('a write may only have the parameters', rule.allowedParameters),
    ...parameters('a write may not have', rule.deniedParameters),
    ...(rule.requiredParameters === undefined ? [] : [`a write must have: ${rule.requiredParameters.map(it => `\`${it}\``).join(', ')}`]),
    ...(minWrappingTtl > 0 ? [`the answer must be wrapped for at least ${seconds(minWrappingTtl)}`] : []),
    ...(maxWrappingTtl > 0 ? [`the answer must be wrapped for at most ${seconds(maxWrappingTtl)}`] : []),
    ...(paginationLimit > 0 ? [`a list may ask for at most ${paginationLimit} keys at once`] : []),
    ...(rule.listFilterTemplate === undefined ? [] : [`a list shows only keys that may be read at \`${rule.listFilterTemplate}\``]),
    ...(controlGroup === undefined
      ? []
      : [`others must agree: ${controlGroup.factors.map(it => `${it.approvals} of ${it.groupNames.join(', ')}`).join(' and ')}`]),
    ...(expiration === undefined ? [] : [`holds until ${expiration.toISOString()}`]),
  ]
  return lines.length === 0 ? [] : [['Limits:', ...lines.map(it => `- ${it}`)].join('\n')]
}

/** Rules with different paths do not add up, so it matters which one answers. */
function others(rule: RuleView, policy: PolicyView): readonly string[] {
  if (rule.expired) return []
  const { reach } = policy
  const winnerAt = (path: string): readonly RuleView[] =>
    (reach.acl.decide({ path, op: 'read', sudoPath: false }).rule?.sources ?? []).flatMap(it => reach.viewOf(it.rule) ?? [])
  const inPlace = reach
    .rivals(rule)
    .filter(it =>
      reach.witnesses(it).some(path => overlap(rule.path, path) && winnerAt(path).includes(it) && !winnerAt(path).includes(rule)),
    )
  if (inPlace.length === 0) return []
  const lines = inPlace.map(it => `- \`${it.path}\`: ${it.isDeny ? 'deny' : it.rule.capabilities.join(', ') || 'nothing'}`)
  return [['One rule answers for a path, the most specific one. In place of this one, where they match:', ...lines].join('\n')]
}

function holders({ name }: PolicyView, { repository }: WorkspaceView): readonly string[] {
  if (repository === undefined) return []
  const found = repository.holders.filter(it => it.policies.includes(name))
  if (found.length === 0)
    return name === 'default'
      ? ['Every token holds it, unless it is made without.']
      : ['Nothing in this repository gives this policy to a token.']
  return [['Held by:', ...found.map(it => `- \`${it.address}\`${it.together ? '' : ', if it is asked for'}`)].join('\n')]
}
