import type { Address, LedgerEdit, LedgerEntry, Step } from '../model/index.ts'

/** Before anything is created: should this process end before it has told, the ledger still knows whose the object is. */
export function intents(steps: readonly Step[]): ReadonlyMap<Address, LedgerEdit> {
  const creating = steps.filter(it => it.action === 'create' || it.action === 'replace')
  return new Map(creating.map(it => [it.address, before => before ?? { origin: 'creating' }]))
}

/**
 * What is written down of a step that is done.
 *
 * @param isPermanent the object comes with its mount: who made the mount made it
 * @param sealed hashes of the secrets that were written
 */
export function editOf(step: Step, isPermanent: boolean, sealed: LedgerEntry['sealed']): LedgerEdit {
  const applied = {
    ...(step.applied === undefined ? {} : { applied: step.applied }),
    ...(sealed === undefined ? {} : { sealed }),
  }
  switch (step.action) {
    case 'create':
    case 'replace':
      // An adopted object that somebody deleted and we made anew is ours; so is one that we replaced.
      return () => ({ origin: 'created', ...applied })
    case 'update':
    case 'move':
    case 'adopt':
      return (before, all) => {
        const made = before ?? (isPermanent && step.mount !== undefined ? all.get(step.mount) : undefined)
        return { origin: made === undefined || made.origin === 'adopted' ? 'adopted' : 'created', ...applied }
      }
    default:
      return () => undefined
  }
}

/** Takes an intent back that came to nothing. */
export const withdraw: LedgerEdit = before => (before?.origin === 'creating' ? undefined : before)
