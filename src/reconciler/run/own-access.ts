import { parsePolicy } from '../../hcl/index.ts'
import { compileAcl, type Acl, type HeldPolicy } from '../../policy/index.ts'
import { apiPath, ledgerFolder, policyAddress, textOf, type Address, type LiveObject, type Refusal, type Step } from '../model/index.ts'

/** What the target says of the token that a run uses. */
export interface OwnToken {
  readonly policies: readonly string[]
  /** Path by which it was given: `auth/approle/login`. */
  readonly path: string
  /** The role it was given to, as auth methods tell. */
  readonly role?: string
}

export interface OwnAccess {
  readonly token: OwnToken
  /** The policies of the token as they are now. */
  readonly live: ReadonlyMap<Address, LiveObject>
  /** Everything that is managed: what the token must be able to go on with. */
  readonly managed: readonly Address[]
  readonly owner: string
  readonly now: Date
}

/** A guard: the plan must not take away the rights with which it, and the next one, is carried out. */
export const ownAccessGuard =
  (access: OwnAccess) =>
  (steps: readonly Step[]): readonly Refusal[] => [...cutPolicies(access, steps), ...cutLogin(access, steps)]

const OVERRIDE = 'if somebody else goes on from there, say -allow-losing-access'

function cutPolicies(access: OwnAccess, steps: readonly Step[]): readonly Refusal[] {
  const { token } = access
  if (token.policies.includes('root')) return []
  const own = new Set(token.policies.map(policyAddress))
  const touched = steps.filter(it => own.has(it.address) && (it.action === 'update' || it.action === 'delete'))
  if (touched.length === 0) return []
  const after = new Map(touched.map(it => [it.address, it.action === 'delete' ? undefined : textOf(it.after?.['policy'])]))
  const before = aclOf(access, address => textOf(access.live.get(address)?.values['policy']))
  const then = aclOf(access, address => (after.has(address) ? after.get(address) : textOf(access.live.get(address)?.values['policy'])))
  const lost = neededPaths(access, steps).filter(path => losesAt(path, before, then))
  if (lost.length === 0) return []
  const shown = lost.length > 3 ? `${lost.slice(0, 3).join(', ')} and ${lost.length - 3} more` : lost.join(', ')
  return [
    {
      guard: 'own-access',
      summary: `${touched.map(it => it.address).join(', ')} would no longer let the token of this very run manage ${shown}`,
      detail: OVERRIDE,
      about: touched.map(it => it.address),
    },
  ]
}

const CAPABILITIES = ['create', 'read', 'update', 'delete', 'list', 'sudo']

function losesAt(path: string, before: Acl, after: Acl): boolean {
  const had = new Set(before.capabilities(path))
  const has = new Set(after.capabilities(path))
  return CAPABILITIES.some(it => had.has(it) && !has.has(it))
}

function neededPaths({ managed, owner }: OwnAccess, steps: readonly Step[]): readonly string[] {
  const gone = new Set(steps.flatMap(it => (it.action === 'delete' ? it.address : [])))
  return [
    'sys/mounts',
    'sys/auth',
    'sys/policies/acl',
    `sys/policies/acl/${ledgerFolder}${owner}/1.0`,
    ...managed.filter(it => !gone.has(it)).map(apiPath),
  ]
}

function aclOf({ token, now }: OwnAccess, textFor: (address: Address) => string | undefined): Acl {
  const held: HeldPolicy[] = token.policies.flatMap(name => {
    const text = textFor(policyAddress(name))
    const document = text === undefined ? undefined : parsePolicy({ name, text }, { now }).value
    return document === undefined ? [] : [{ ...document, name }]
  })
  return compileAcl(held, { now })
}

/** A move revokes what the mount gave. */
const ENDS: Readonly<Record<'delete' | 'replace' | 'move', string>> = { delete: 'deleted', replace: 'made anew', move: 'moved' }

function cutLogin({ token }: OwnAccess, steps: readonly Step[]): readonly Refusal[] {
  return steps.flatMap(step => {
    if (step.action !== 'delete' && step.action !== 'replace' && step.action !== 'move') return []
    const isMount = step.kind === 'mount' && token.path.startsWith(step.movedFrom ?? step.address)
    const isRole =
      step.action !== 'move' &&
      step.mount !== undefined &&
      token.path.startsWith(step.mount) &&
      step.address.endsWith(`/${token.role ?? '/'}`)
    if (!isMount && !isRole) return []
    return [
      {
        guard: 'own-access',
        summary: `the token of this very run was given by ${step.movedFrom ?? step.address}, which would be ${ENDS[step.action]}`,
        detail: OVERRIDE,
        about: [step.address],
      } as const,
    ]
  })
}
