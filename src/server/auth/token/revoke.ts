import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { State } from './ports.ts'

const token = f.string('The token to revoke.', { secret: true })

const routes = {
  revoke: route('revoke', {
    doc: 'Revoke a token and all below it.',
    ops: { write: op({ doc: 'Revoke a token and all below it. An unknown one is success.', input: { token }, gives: gives.nothing }) },
  }),
  self: route('revoke-self', {
    doc: 'Revoke the calling token and all below it.',
    ops: { write: op({ doc: 'Revoke the calling token.', gives: gives.nothing }) },
  }),
  accessor: route('revoke-accessor', {
    doc: 'Revoke a token by its accessor.',
    ops: {
      write: op({ doc: 'Revoke a token by its accessor.', input: { accessor: f.string('Accessor of the token.') }, gives: gives.nothing }),
    },
  }),
  orphan: route('revoke-orphan', {
    doc: 'Revoke a token alone; its children become orphans.',
    ops: { write: op({ doc: 'Revoke a token alone; needs sudo.', input: { token }, gives: gives.nothing }) },
  }),
}

export const revoke: Family<State> = statefulFamily(routes, ({ tokens }: State): HandlersOf<typeof routes> => ({
  revoke: {
    async write({ input }) {
      if (!input.token) throw faults.refused({ why: 'missing token ID' })
      const entry = await tokens.lookup(input.token)
      if (entry?.type === 'batch') throw faults.refused({ why: 'batch tokens cannot be revoked' })
      if (entry) await tokens.revokeTree(entry.id)
      return { is: 'nothing' }
    },
  },
  self: {
    async write({ caller }) {
      if (caller.token?.type === 'batch') throw faults.refused({ why: 'batch tokens cannot be revoked' })
      if (caller.token) await tokens.revokeTree(caller.token.id)
      return { is: 'nothing' }
    },
  },
  accessor: {
    async write({ input, warn }) {
      if (!input.accessor) throw faults.refusedAs({ why: 'missing accessor' })
      const entry = await tokens.byAccessor(input.accessor)
      if (entry === undefined) warn('No token found with this accessor')
      else await tokens.revokeTree(entry.id)
      return { is: 'nothing' }
    },
  },
  orphan: {
    async write({ input, caller }) {
      if (!input.token) throw faults.refused({ why: 'missing token ID' })
      if (!caller.sudo) throw faults.refused({ why: 'root or sudo privileges required to revoke and orphan' })
      const entry = await tokens.lookup(input.token)
      if (entry === undefined) throw faults.refused({ why: 'token to revoke not found' })
      if (entry.type === 'batch') throw faults.refused({ why: 'batch tokens cannot be revoked' })
      await tokens.revokeOrphan(entry.id)
      return { is: 'nothing' }
    },
  },
}))
