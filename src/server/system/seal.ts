import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import type { SystemPorts } from '../logical/index.ts'

const routes = {
  seal: route('seal', {
    doc: 'Seals the server.',
    access: 'sudo',
    ops: { write: op({ doc: 'Forget the keys; from here on nothing is answered until shares are given again.', gives: gives.nothing }) },
  }),
  keyStatus: route('key-status', {
    doc: 'The encryption key in use.',
    alsoTopLevel: true,
    ops: { read: op({ doc: 'Show its term and age.', gives: gives.any('Term, install time and number of encryptions.') }) },
  }),
  rotate: route('rotate', {
    doc: 'Rotates the encryption key.',
    access: 'sudo',
    ops: { write: op({ doc: 'Use a new key for all that is written from now on.', gives: gives.nothing }) },
  }),
  rotateKeyring: route('rotate/keyring', {
    doc: 'Rotates the encryption key.',
    access: 'sudo',
    ops: { write: op({ doc: 'Use a new key for all that is written from now on.', gives: gives.nothing }) },
  }),
}

export const seal: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => {
  const rotate = async (): Promise<{ is: 'nothing' }> => {
    await ports.seal.rotate()
    return { is: 'nothing' }
  }
  return {
    seal: {
      async write() {
        await ports.seal.seal()
        return { is: 'nothing' }
      },
    },
    keyStatus: {
      async read() {
        const { term, installTime, encryptions } = ports.seal.keyStatus()
        return { is: 'any', data: { encryptions, install_time: installTime, term } }
      },
    },
    rotate: { write: rotate },
    rotateKeyring: { write: rotate },
  }
})
