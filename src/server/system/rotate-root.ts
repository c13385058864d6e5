import type { WireObject } from '../../schema/index.ts'
import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import {
  faults,
  type RekeyPort,
  type RekeyStatus,
  type RekeyVerification,
  type ShareBackupPort,
  type SystemPorts,
} from '../logical/index.ts'

const share = {
  key: f.string('One share, hex or base64.', { secret: true }),
  nonce: f.string('Of the attempt.'),
}
const progress = gives.any('How far it is.')
const backupRoute = (path: string, doc: string) =>
  route(path, {
    doc,
    alsoTopLevel: true,
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

const initRoute = (path: string, doc: string) =>
  route(path, {
    doc,
    ops: {
      read: op({ doc: 'Show the attempt.', gives: progress }),
      write: op({ doc: 'Start one.', input: wish, gives: progress }),
      delete: op({ doc: 'End it.', gives: gives.nothing }),
    },
  })
const updateRoute = (path: string) =>
  route(path, { doc: 'Shares that are in force.', ops: { write: op({ doc: 'Give one.', input: share, gives: progress }) } })
const verifyRoute = (path: string) =>
  route(path, {
    doc: 'New shares, given back.',
    ops: {
      read: op({ doc: 'Show how many were.', gives: progress }),
      write: op({ doc: 'Give one back.', input: share, gives: progress }),
      delete: op({ doc: 'Begin again.', gives: progress }),
    },
  })

const routes = {
  init: initRoute('rotate/root/init', 'New shares for old ones.'),
  update: updateRoute('rotate/root/update'),
  verify: verifyRoute('rotate/root/verify'),
  backup: backupRoute('rotate/root/backup', 'Shares that were encrypted, and kept.'),
  rekeyBackup: backupRoute('rekey/backup', 'The same, under the old path.'),
  recoveryInit: initRoute('rotate/recovery/init', 'New recovery shares for old ones, or the first.'),
  recoveryUpdate: updateRoute('rotate/recovery/update'),
  recoveryVerify: verifyRoute('rotate/recovery/verify'),
  recoveryBackup: backupRoute('rotate/recovery/backup', 'Recovery shares that were encrypted, and kept.'),
  rekeyRecoveryBackup: backupRoute('rekey/recovery-key-backup', 'The same, under the old path.'),
  root: route('rotate/root', {
    doc: 'Another root key under the same shares.',
    access: 'sudo',
    ops: { write: op({ doc: 'Make it.', gives: gives.nothing }) },
  }),
}

type Handlers = HandlersOf<typeof routes>

const given = ({ key, nonce }: { readonly key?: string; readonly nonce?: string }): readonly [string, string] => {
  if (!key) throw faults.refused({ why: "missing required field 'key'" })
  if (!nonce) throw faults.refused({ why: "missing required field 'nonce'" })
  return [key, nonce]
}

/** The three steps over one of the two keys; it is asked for at each call, as one of them may not be there. */
const steps = (port: (of: 'status' | 'change') => RekeyPort): Pick<Handlers, 'init' | 'update' | 'verify'> => ({
  init: {
    read: async () => ({ is: 'any', data: shown(port('status').status()) }),
    write: async ({ input }) => {
      const done = await port('change').start({
        shares: input.secretShares,
        threshold: input.secretThreshold,
        pgpKeys: input.pgpKeys,
        backup: input.backup,
        verify: input.requireVerification,
      })
      if (!done.complete) return { is: 'any', data: shown(done.status) }
      // Nobody was asked: there was no attempt, and there is nothing to tell it by.
      const { nonce: _, ...data } = madeOf(done.shares, done.status)
      return { is: 'any', data: { ...data, n: done.status.shares, t: done.status.threshold } }
    },
    async delete() {
      port('change').cancel()
      return { is: 'nothing' }
    },
  },
  update: {
    async write({ input }) {
      const done = await port('change').update(...given(input))
      return { is: 'any', data: done.complete ? madeOf(done.shares, done.status) : shown(done.status) }
    },
  },
  verify: {
    read: async () => ({ is: 'any', data: shownVerification(port('change').verification()) }),
    async write({ input }) {
      const { complete, status } = await port('change').verify(...given(input))
      return { is: 'any', data: complete ? { complete, nonce: status.nonce } : shownVerification(status) }
    },
    delete: async () => ({ is: 'any', data: shownVerification(port('change').restartVerification()) }),
  },
})

export const rotateRoot: Family<SystemPorts> = statefulFamily(routes, ({ seal }: SystemPorts): Handlers => {
  const root = steps(() => seal.rotation)
  const recovery = steps(of => {
    if (seal.recoveryRotation !== undefined) return seal.recoveryRotation
    throw faults.refused({
      why: of === 'status' ? 'unable to look up config: %!w(*errors.errorString=&{recovery not supported})' : 'recovery keys not supported',
    })
  })
  const backupOf = (kept: ShareBackupPort): Handlers['backup'] => ({
    async read() {
      const { nonce, keys } = await kept.read()
      const base64 = Object.entries(keys).map(([print, all]) => [print, all.map(it => Buffer.from(it, 'hex').toString('base64'))] as const)
      return { is: 'any', data: { nonce, keys, keys_base64: Object.fromEntries(base64) } }
    },
    async delete() {
      await kept.delete()
      return { is: 'nothing' }
    },
  })
  return {
    ...root,
    backup: backupOf(seal.backup),
    rekeyBackup: backupOf(seal.backup),
    recoveryInit: recovery.init,
    recoveryUpdate: recovery.update,
    recoveryVerify: recovery.verify,
    recoveryBackup: backupOf(seal.recoveryBackup),
    rekeyRecoveryBackup: backupOf(seal.recoveryBackup),
    root: {
      async write() {
        await seal.rotateRoot()
        return { is: 'nothing' }
      },
    },
  }
})

const madeOf = (shares: readonly Uint8Array[], it: RekeyStatus): WireObject & { readonly nonce: string } => ({
  backup: it.backup,
  complete: true,
  keys: shares.map(share => Buffer.from(share).toString('hex')),
  keys_base64: shares.map(share => Buffer.from(share).toString('base64')),
  nonce: it.nonce,
  pgp_fingerprints: it.pgpFingerprints === undefined ? null : [...it.pgpFingerprints],
  verification_nonce: it.verificationNonce,
  verification_required: it.verificationRequired,
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
        ...(it.pgpFingerprints && { pgp_fingerprints: [...it.pgpFingerprints], backup: it.backup }),
      }
    : { n: 0, required: it.required, started: false, t: 0 }

const shownVerification = (it: RekeyVerification): WireObject => ({
  n: it.shares,
  nonce: it.nonce,
  progress: it.progress,
  started: it.started,
  t: it.threshold,
})
