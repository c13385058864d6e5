import { f } from '../../../../schema/index.ts'
import { family, gives, op, route, type Family } from '../../../framework/index.ts'
import { faults, type View } from '../../../logical/index.ts'
import { readConfig } from './config.ts'
import { deleteContents, readKey, writeKey, type Key } from './key.ts'
import { withDeleted, withDestroyed, withUndeleted } from './life-cycle.ts'

const PATH = { path: f.string('Location of the secret.') }
const versions = { versions: f.ints('Numbers of the versions. Those that are not there, or destroyed, are passed over.') }

const routes = {
  delete: route('delete/{path...}', {
    doc: 'Deletes versions of a secret, so that they can be restored.',
    params: PATH,
    ops: { write: op({ doc: 'Delete versions.', input: versions, gives: gives.nothing }) },
  }),
  undelete: route('undelete/{path...}', {
    doc: 'Restores deleted versions of a secret.',
    params: PATH,
    ops: { write: op({ doc: 'Restore versions.', input: versions, gives: gives.nothing }) },
  }),
  destroy: route('destroy/{path...}', {
    doc: 'Destroys the data of versions of a secret for good.',
    params: PATH,
    ops: { write: op({ doc: 'Destroy versions.', input: versions, gives: gives.nothing }) },
  }),
}

/** Numbers, or the refusal, which the peer does not spell alike everywhere. */
function given(numbers: readonly number[] | undefined, refusal: string): readonly number[] {
  if (numbers === undefined || numbers.length === 0) throw faults.refused({ why: refusal })
  return numbers
}

async function change(view: View, path: string, how: (key: Key, view: View) => Promise<Key>): Promise<{ readonly is: 'nothing' }> {
  await view.transact(async view => {
    const key = await readKey(view, path)
    if (key !== undefined) await writeKey(view, path, await how(key, view))
  })
  return { is: 'nothing' }
}

export const versionsOfKeys: Family = family(routes, {
  delete: {
    async write({ params: { path }, input, view, now }) {
      const numbers = given(input.versions, 'No version number provided')
      return change(view, path, async key => withDeleted(key, numbers, now.getTime()))
    },
  },
  undelete: {
    async write({ params: { path }, input, view, now }) {
      const numbers = given(input.versions, 'No version number provided')
      return change(view, path, async (key, view) => withUndeleted(key, numbers, await readConfig(view), now.getTime()))
    },
  },
  destroy: {
    async write({ params: { path }, input, view }) {
      const numbers = given(input.versions, 'no version number provided')
      return change(view, path, async (key, view) => {
        for (const number of numbers) if (key.versions[number] !== undefined) await deleteContents(view, key, number)
        return withDestroyed(key, numbers)
      })
    },
  },
})
