import { goDuration } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { family, gives, op, route, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { codeOf, stepAt, take, type Key } from '../../totp/index.ts'
import { keysOf } from './key.ts'

const routes = {
  code: route('code/{name}', {
    doc: 'Codes of a key: made here, or checked here.',
    params: { name: f.name('Name of the key.', { at: true }) },
    ops: {
      read: op({
        doc: 'Make the code of this moment.',
        gives: gives.data({
          code: f.string('The code.', { secret: true }),
          generated: f.int('When it was made: seconds since 1970.'),
          expire_time: f.int('When its period ends: seconds since 1970.'),
          period: f.string('How long a period is.'),
        }),
      }),
      write: op({
        doc: 'Check a code. Each is taken once.',
        input: { code: f.string('The code to check.', { secret: true }) },
        gives: gives.data({ valid: f.bool('Whether it holds now.') }),
      }),
    },
  }),
}

async function known(view: View, name: string): Promise<Key> {
  const key = await keysOf(view).get(name)
  if (key === undefined) throw faults.refused({ why: `unknown key: ${name}` })
  return key
}

/** RFC 6238, section 5.2: a code that was taken is not taken again, by nobody and not after a restart. */
async function takeOnce(view: View, name: string, code: string, now: Date): Promise<boolean> {
  const key = await known(view, name)
  if (Buffer.byteLength(code) !== key.digits) throw faults.refused({ why: 'invalid number of digits for the code' })
  const taken = take(key, code, now)
  if (taken.is === 'used') throw faults.refused({ why: 'code already used; wait until the next time period' })
  if (taken.is === 'taken') await keysOf(view).put(name, taken.key)
  return taken.is === 'taken'
}

const handlers: HandlersOf<typeof routes> = {
  code: {
    async read({ params, view, now }) {
      const key = await known(view, params.name)
      const step = stepAt(key, now)
      return {
        is: 'data',
        data: {
          code: codeOf(key, step),
          generated: Math.floor(now.getTime() / 1000),
          expireTime: (step + 1) * key.period,
          period: goDuration(key.period),
        },
      }
    },
    async write({ params, input: { code = '' }, view, now }) {
      if (code === '') throw faults.refused({ why: 'the code value is required' })
      return { is: 'data', data: { valid: await view.transact(tx => takeOnce(tx, params.name, code, now)) } }
    },
  },
}

export const codes: Family = family(routes, handlers)
