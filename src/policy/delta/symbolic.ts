import type { PathRule } from '../../hcl/policy/index.ts'
import type { HeldPolicy } from '../compile.ts'
import { isTemplated } from '../template.ts'

/**
 * Templates of a holder that nobody knows yet: each selector stands for one text without separators, the same on both sides and
 * unlike every text that a policy says. Characters for private use keep its place while rules are compared.
 */
const [OPEN, CLOSE] = ['\ue000', '\ue001']
const HIDDEN: Readonly<Record<string, string>> = { '/': '\ue002', '*': '\ue003', '+': '\ue004' }
const SHOWN: ReadonlyMap<string, string> = new Map(Object.entries(HIDDEN).map(([shown, hidden]) => [hidden, shown]))

/** `known`: every selector that can have a value has one. `unknown`: none has, and the rules with one disappear. */
export type Values = 'known' | 'unknown'

export const holdsTemplates = (policies: readonly HeldPolicy[]): boolean =>
  policies.some(it => it.rules.some(rule => isTemplated(rule.path)))

const made: Readonly<Record<Values, WeakMap<HeldPolicy, HeldPolicy>>> = { known: new WeakMap(), unknown: new WeakMap() }

/** The same for the same policy, so that the same rules stay the same. */
export function withSymbols(policy: HeldPolicy, values: Values): HeldPolicy {
  const known = made[values].get(policy)
  if (known !== undefined) return known
  const fresh = replaced(policy, values)
  made[values].set(policy, fresh)
  return fresh
}

function replaced(policy: HeldPolicy, values: Values): HeldPolicy {
  const rules = policy.rules.flatMap((rule): readonly PathRule[] => {
    if (!isTemplated(rule.path)) return [rule]
    const path = values === 'known' ? symbolic(rule.path) : undefined
    return path === undefined ? [] : [{ ...rule, path }]
  })
  return { ...policy, rules }
}

/** Undefined where the server would drop the rule whoever asks. */
function symbolic(path: string): string | undefined {
  const [head = '', ...pieces] = path.split('{{')
  if (head.includes('}}')) return undefined
  let text = head
  for (const piece of pieces) {
    const [selector = '', rest, ...more] = piece.split('}}')
    const name = selector.trim()
    if (rest === undefined || more.length > 0 || !SELECTOR.test(name)) return undefined
    text += `${OPEN}${name.replaceAll(/[/*+]/g, it => HIDDEN[it] ?? it)}${CLOSE}${rest}`
  }
  return text
}

const SELECTOR =
  /^(?:identity\.entity\.(?:id|name|metadata\..*|aliases\.[^.]*\.(?:id|name|(?:custom_)?metadata\..*))|identity\.groups\.(?:ids|names)\.[^.]*\.(?:id|name|metadata\..*)|time\.now(?:\.(?:plus|minus)\..+)?)$/su

export const isSymbolic = (key: string): boolean => key.includes(OPEN)

/** As the policy says it. */
export const shownText = (text: string): string =>
  text.replaceAll(/[\ue000-\ue004]/g, it => (it === OPEN ? '{{' : it === CLOSE ? '}}' : (SHOWN.get(it) ?? it)))
