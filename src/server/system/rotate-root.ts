import type { WireObject } from '../../schema/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type RekeyStatus, type RekeyVerification, type SystemPorts } from '../logical/index.ts'

const share = {
  key: f.string('One share, hex or base64.', { secret: true }),
  nonce: f.string('Of the attempt.'),
}
const progress = gives.any('How far it is.')
const noRecovery = (): never => {
  throw faults.refused({ why: 'recovery keys not supported' })
}
const noBackup = (): never => {
  throw faults.refused({ why: 'no backed-up keys found' })
}
const backupRoute = (path: string, doc: string) =>
  route(path, {
    doc,
    ops: {
      read: op({ doc: 'Show them.', gives: gives.any('The shares, encrypted.') }),
      delete: op({ doc: 'Forget them.', gives: gives.nothing }),
    },
  })

const wish = {
  secret_shares: f.int('How many shares there shall be.').default(0),
  secret_threshold: f.int('How many of them it shall take.').default(0),
  pgp_keys: f.strings('Public keys, one a share, to encrypt them with.').default([]),
  backup: f.bool('Keep what was encrypted.').default(false),
  require_verification: f.bool('Let the new shares come into force only when they were given back.').default(false),
}

const routes = {
  init: route('rotate/root/init', {
    doc: 'New shares for old ones.',
    ops: {
      read: op({ doc: 'Show the attempt.', gives: progress }),
      write: op({ doc: 'Start one.', input: wish, gives: progress }),
      delete: op({ doc: 'End it.', gives: gives.nothing }),
    },
  }),
  update: route('rotate/root/update', {
    doc: 'Shares that are in force.',
    ops: { write: op({ doc: 'Give one.', input: share, gives: progress }) },
  }),
  verify: route('rotate/root/verify', {
    doc: 'New shares, given back.',
    ops: {
      read: op({ doc: 'Show how many were.', gives: progress }),
      write: op({ doc: 'Give one back.', input: share, gives: progress }),
      delete: op({ doc: 'Begin again.', gives: progress }),
    },
  }),
  backup: backupRoute('rotate/root/backup', 'Shares that were encrypted, and kept.'),
  rekeyBackup: backupRoute('rekey/backup', 'The same, under the old path.'),
  recoveryBackup: backupRoute('rotate/recovery/backup', 'Recovery shares that were encrypted, and kept.'),
  rekeyRecoveryBackup: backupRoute('rekey/recovery-key-backup', 'The same, under the old path.'),
  root: route('rotate/root', {
    doc: 'Another root key under the same shares.',
    access: 'sudo',
    ops: { write: op({ doc: 'Make it.', gives: gives.nothing }) },
  }),
  recoveryInit: route('rotate/recovery/init', {
    doc: 'New recovery shares for old ones.',
    ops: {
      read: op({ doc: 'Show the attempt.', gives: progress }),
      write: op({ doc: 'Start one.', input: wish, gives: progress }),
    },
  }),
}

export const rotateRoot: Family<SystemPorts> = statefulFamily(routes, ({ seal }: SystemPorts): HandlersOf<typeof routes> => {
  const given = ({ key, nonce }: { readonly key?: string; readonly nonce?: string }): readonly [string, string] => {
    if (!key) throw faults.refused({ why: "missing required field 'key'" })
    if (!nonce) throw faults.refused({ why: "missing required field 'nonce'" })
    return [key, nonce]
  }
  const backup = {
    read: async (): Promise<never> => noBackup(),
    delete: async (): Promise<{ is: 'nothing' }> => ({ is: 'nothing' }),
  }
  return {
    init: {
      read: async () => ({ is: 'any', data: shown(seal.rotation.status()) }),
      write: async ({ input }) => ({
        is: 'any',
        data: shown(
          seal.rotation.start({
            shares: input.secretShares,
            threshold: input.secretThreshold,
            pgpKeys: input.pgpKeys,
            backup: input.backup,
            verify: input.requireVerification,
          }),
        ),
      }),
      async delete() {
        seal.rotation.cancel()
        return { is: 'nothing' }
      },
    },
    update: {
      async write({ input }) {
        const done = await seal.rotation.update(...given(input))
        if (!done.complete) return { is: 'any', data: shown(done.status) }
        const { nonce, verificationNonce, verificationRequired } = done.status
        return {
          is: 'any',
          data: {
            backup: done.backup,
            complete: true,
            keys: done.shares.map(it => Buffer.from(it).toString('hex')),
            keys_base64: done.shares.map(it => Buffer.from(it).toString('base64')),
            nonce,
            pgp_fingerprints: null,
            verification_nonce: verificationNonce,
            verification_required: verificationRequired,
          },
        }
      },
    },
    verify: {
      read: async () => ({ is: 'any', data: shownVerification(seal.rotation.verification()) }),
      async write({ input }) {
        const { complete, status } = await seal.rotation.verify(...given(input))
        return { is: 'any', data: complete ? { complete, nonce: status.nonce } : shownVerification(status) }
      },
      delete: async () => ({ is: 'any', data: shownVerification(seal.rotation.restartVerification()) }),
    },
    backup,
    rekeyBackup: backup,
    recoveryBackup: backup,
    rekeyRecoveryBackup: backup,
    root: {
      async write() {
        await seal.rotateRoot()
        return { is: 'nothing' }
      },
    },
    recoveryInit: {
      async read() {
        throw faults.refused({ why: 'unable to look up config: %!w(*errors.errorString=&{recovery not supported})' })
      },
      write: async () => noRecovery(),
    },
  }
})

const shown = (it: RekeyStatus): WireObject =>
  it.started
    ? {
        n: it.shares,
        nonce: it.nonce,
        progress: it.progress,
        required: it.required,
        started: true,
        t: it.threshold,
        verification_nonce: it.verificationNonce,
        verification_required: it.verificationRequired,
      }
    : { n: 0, required: it.required, started: false, t: 0 }

const shownVerification = (it: RekeyVerification): WireObject => ({
  n: it.shares,
  nonce: it.nonce,
  progress: it.progress,
  started: it.started,
  t: it.threshold,
})
