import { invariant, type Diagnostic } from '../../kernel/index.ts'
import {
  finding,
  fingerprintOf,
  isOwned,
  policyAddress,
  type Address,
  type Kind,
  type LedgerEntry,
  type LiveObject,
  type Step,
  type Subject,
} from '../model/index.ts'
import { movedOfLeftover } from './compare.ts'
import type { PlanInput } from './input.ts'

export interface LeftoverSteps {
  readonly steps: readonly Step[]
  readonly findings: readonly Diagnostic[]
  readonly observed: Readonly<Record<Address, Step['fingerprint']>>
}

/** Behind everything that is created or changed. */
const DELETES = 10
const LAST_RANK = 9

/** It cannot be deleted on any server. */
const undeletable: ReadonlySet<Address> = new Set([policyAddress('default')])

/** What the ledger names and the files no longer do: deleted if we created it, else let go. */
export function leftoverSteps(input: PlanInput, replaced: ReadonlySet<Address>): LeftoverSteps {
  const steps: Step[] = []
  const findings: Diagnostic[] = []
  const observed: Record<Address, Step['fingerprint']> = {}
  for (const { address, subject } of input.leftovers) {
    if (!input.isSelected(address)) continue
    if (input.settings.ignore.some(it => it.attributes === undefined && it.matches(address))) continue
    const entry = input.ledger.entries.get(address)
    invariant(entry, `${address} stands in the ledger`)
    const live = subject?.mount !== undefined && replaced.has(subject.mount) ? undefined : input.seen.live.get(address)
    observed[address] = live === undefined ? 'absent' : fingerprintOf(live.values, [])
    if (subject === undefined) findings.push(unknownType(address))
    else steps.push(stepFor(input, subject, entry, live, findings))
  }
  return { steps, findings, observed }
}

const unknownType = (address: Address): Diagnostic =>
  finding(
    'warning',
    'PLAN0007',
    `${address} is no longer in the files and stays: its mount is now of a type whose insides cannot be managed`,
    {
      about: address,
    },
  )

function stepFor(input: PlanInput, subject: Subject, entry: LedgerEntry, live: LiveObject | undefined, findings: Diagnostic[]): Step {
  const kind = input.kinds[subject.kind]
  invariant(kind, `there is a kind ${subject.kind}`)
  if (live === undefined) return forget(kind, subject, undefined, 'it is neither in the files nor on the server')
  const owner = input.foreign.get(subject.address)
  if (owner !== undefined) return forget(kind, subject, live, `it is no longer in the files, and belongs to "${owner}" now`)
  if (undeletable.has(subject.address))
    return forget(kind, subject, live, 'it is no longer in the files; the server does not let it be deleted')
  const kept = kind.keeps(subject)
  if (kept !== undefined) return forget(kind, subject, live, `it is no longer in the files, and stays: ${kept}`)
  if (kind.isPermanent(subject) && Object.keys(kind.essence(subject, live.values)).length === 0) {
    return forget(kind, subject, live, "it is no longer in the files, and is as the server's defaults")
  }
  if (!isOwned(entry) && input.settings.ownership.adopted === 'keep') {
    findings.push(
      finding('note', 'PLAN0004', `${subject.address} is no longer in the files and stays: it was there before it was managed`, {
        about: subject.address,
        detail: 'delete it by hand, or say ownership.adopted: delete in lockstep.yaml',
      }),
    )
    return forget(kind, subject, live, 'it is no longer in the files; it was not created by us, so it stays')
  }
  const loses = kind.loses(subject, 'delete')
  const name = newNameOf(input, subject)
  return {
    ...base(kind, subject, live),
    action: 'delete',
    moved: movedOfLeftover(kind, subject, entry, live.values),
    ...(name === undefined ? {} : { movedTo: name, notes: [OLD_NAME] }),
    why:
      name !== undefined
        ? `it is called ${name} now`
        : kind.isPermanent(subject)
          ? 'it is no longer in the files, and goes back to the defaults'
          : 'it is no longer in the files',
    ...(loses === undefined ? {} : { loses }),
  }
}

/** Nobody can tell who has such tokens. */
const OLD_NAME = 'tokens that have it by the old name lose it; with until in moved it stays for their sake'

const newNameOf = ({ moves }: PlanInput, { address }: Subject): Address | undefined =>
  [...moves.policies].find(([, from]) => from === address)?.[0]

function base(kind: Kind, subject: Subject, live: LiveObject | undefined): Omit<Step, 'action' | 'moved' | 'why'> {
  return {
    ...subject,
    stage: DELETES + LAST_RANK - kind.rank(subject),
    ...(live === undefined ? {} : { before: live.values }),
    changed: [],
    hidden: [],
    references: {},
    fingerprint: live === undefined ? 'absent' : fingerprintOf(live.values, []),
    notes: [],
  }
}

const forget = (kind: Kind, subject: Subject, live: LiveObject | undefined, why: string): Step => ({
  ...base(kind, subject, live),
  action: 'forget',
  moved: 'repository',
  why,
})
