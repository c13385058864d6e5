import { holderDelta, readAccess, type Described } from '../access/index.ts'
import { classOf, ledgerFolder, restOf, touchesTarget, type AccessEntry, type Address, type LiveObject, type Step } from '../model/index.ts'

/**
 * What carrying out the steps changes of who can reach what. Both sides are what was seen of the target, so what is not selected stays as
 * it is. A policy whose text was not read gives nothing on either side.
 */
export function accessAfter(live: ReadonlyMap<Address, LiveObject>, steps: readonly Step[], now: Date): readonly AccessEntry[] {
  if (!steps.some(it => touchesTarget(it) && maySpeakOfAccess(it.address))) return []
  const before = new Map(
    [...live].filter(([address]) => maySpeakOfAccess(address)).map(([address, { values }]) => [address, described(address, values)]),
  )
  const after = new Map(before)
  for (const step of steps) {
    const { address, action } = step
    if (action === 'delete') after.delete(address)
    else if (touchesTarget(step) && step.after !== undefined && maySpeakOfAccess(address))
      after.set(address, described(address, step.after))
  }
  // What lives on a mount goes with it.
  const gone = steps.filter(it => it.kind === 'mount' && it.action === 'delete').map(it => it.address)
  for (const address of after.keys()) if (gone.some(it => address.startsWith(it))) after.delete(address)
  return holderDelta(readAccess(before.values(), { now }), readAccess(after.values(), { now }), now)
}

const described = (address: Address, values: Described['values']): Described => ({ address, values })

/** Secrets engines give no policies to anybody, and ledgers are policies that say nothing. */
function maySpeakOfAccess(address: Address): boolean {
  const home = classOf(address)
  return home !== 'engine' && !(home === 'policy' && restOf(address).startsWith(ledgerFolder))
}
