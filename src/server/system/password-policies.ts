import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const routes = {
  list: route('policies/password', {
    doc: 'All password policies.',
    ops: { list: op({ doc: 'List the password policies.', gives: gives.keys }) },
  }),
  policy: route('policies/password/{name...}', {
    doc: 'A password policy: how long the passwords are that engines make by it, and of which characters.',
    params: { name: f.some('Name of the policy; `NAME/generate` read makes a password by the policy.') },
    ops: {
      read: op({
        doc: 'Read a password policy, or generate a password by it.',
        gives: gives.data({ policy: f.string('Text of the policy.'), password: f.string('The password.', { secret: true }) }),
      }),
      write: op({
        doc: 'Create or replace a password policy.',
        input: { policy: f.string('Text of the policy, HCL or JSON; plain or base64.') },
        gives: gives.nothing,
      }),
      delete: op({ doc: 'Delete a password policy.', gives: gives.nothing }),
    },
  }),
}

const GENERATE = '/generate'

/** Names may have slashes, so no template can tell `NAME/generate` apart; such a path is never the name of a policy. */
export const passwordPolicies: Family<SystemPorts> = statefulFamily(
  routes,
  ({ passwordPolicies: store }: SystemPorts): HandlersOf<typeof routes> => {
    const refuseGenerate = (name: string): void => {
      if (name.endsWith(GENERATE)) throw faults.unsupportedOperation()
    }
    return {
      list: { list: async () => ({ is: 'keys', keys: await store.names() }) },
      policy: {
        async read({ params: { name } }) {
          if (name.endsWith(GENERATE)) {
            const password = await store.generate(name.slice(0, -GENERATE.length))
            if (password === undefined) throw faults.missingAs({ why: 'policy does not exist' })
            return { is: 'data', data: { password } }
          }
          const policy = await store.read(name)
          if (policy === undefined) throw faults.missingAs({ why: 'policy does not exist' })
          return { is: 'data', data: { policy } }
        },
        async write({ params: { name }, input }) {
          refuseGenerate(name)
          if (!input.policy) throw faults.refusedAs({ why: 'missing policy' })
          await store.write(name, input.policy)
          return { is: 'nothing' }
        },
        async delete({ params: { name } }) {
          refuseGenerate(name)
          await store.delete(name)
          return { is: 'nothing' }
        },
      },
    }
  },
)
