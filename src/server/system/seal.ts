import { goDuration } from '../../kernel/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import type { SystemPorts } from '../logical/index.ts'

const rotationInput = {
  enabled: f.bool('Whether it is rotated by itself.'),
  max_operations: f.int('After so many encryptions.'),
  interval: f.duration('After so long; 0 for never.'),
}
const rotationRoute = (path: string) =>
  route(path, {
    doc: 'When the encryption key is rotated by itself.',
    ops: {
      read: op({ doc: 'Show it.', gives: gives.any('The limits.') }),
      write: op({ doc: 'Change it.', input: rotationInput, gives: gives.nothing }),
    },
  })

const routes = {
  rotationConfig: rotationRoute('rotate/config'),
  keyringConfig: rotationRoute('rotate/keyring/config'),
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
  const config: HandlersOf<typeof routes>['rotationConfig'] = {
    async read() {
      const { enabled, interval, maxOperations } = ports.seal.rotationConfig()
      return { is: 'any', data: { enabled, interval: interval === 0 ? 0 : goDuration(interval), max_operations: maxOperations } }
    },
    async write({ input }) {
      await ports.seal.configureRotation({
        ...(input.enabled !== undefined && { enabled: input.enabled }),
        ...(input.maxOperations !== undefined && { maxOperations: input.maxOperations }),
        ...(input.interval !== undefined && { interval: input.interval }),
      })
      return { is: 'nothing' }
    },
  }
  return {
    rotationConfig: config,
    keyringConfig: config,
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
