import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, isFault, type SystemPorts } from '../logical/index.ts'

const progress = gives.any('How far it is.')
const routes = {
  attempt: route('generate-root-token/attempt', {
    doc: 'A new root token for a quorum of shares.',
    ops: {
      read: op({ doc: 'Show the attempt.', gives: progress }),
      write: op({
        doc: 'Start one.',
        input: {
          otp: f.string('A one-time pad of the length of a token; one is made without it.', { secret: true }).default(''),
          pgp_key: f.string('A public key to encrypt the token with.').default(''),
        },
        gives: progress,
      }),
      delete: op({ doc: 'End it.', gives: gives.nothing }),
    },
  }),
  update: route('generate-root-token/update', {
    doc: 'Shares for it.',
    ops: {
      write: op({
        doc: 'Give one.',
        input: { key: f.string('One share, hex or base64.', { secret: true }), nonce: f.string('Of the attempt.') },
        gives: progress,
      }),
    },
  }),
  decode: route('decode-token', {
    doc: 'The token from what the last share gave.',
    access: 'public',
    ops: {
      write: op({
        doc: 'Take the pad off.',
        input: {
          encoded_token: f.string('As it was given.', { secret: true }).default(''),
          otp: f.string('The pad.', { secret: true }).default(''),
        },
        gives: gives.data({ token: f.string('The token.', { secret: true }).required() }),
      }),
    },
  }),
}

export const generateRoot: Family<SystemPorts> = statefulFamily(routes, ({ seal }: SystemPorts): HandlersOf<typeof routes> => {
  const generation = seal.rootGeneration
  return {
    attempt: {
      async read() {
        const { nonce, progress: given, required, started, pgpFingerprint } = generation.status()
        const known = { complete: false, otp: '', otp_length: generation.otpLength, progress: given, required, started }
        return { is: 'any', data: started ? { ...known, nonce, pgp_fingerprint: pgpFingerprint } : known }
      },
      async write({ input }) {
        const { nonce, otp, progress: given, required, pgpFingerprint } = generation.start({ otp: input.otp, pgpKey: input.pgpKey })
        return {
          is: 'any',
          data: {
            complete: false,
            nonce,
            otp,
            otp_length: generation.otpLength,
            pgp_fingerprint: pgpFingerprint,
            progress: given,
            required,
            started: true,
          },
        }
      },
      async delete() {
        generation.cancel()
        return { is: 'nothing' }
      },
    },
    update: {
      async write({ input: { key, nonce } }) {
        if (!nonce) throw faults.refused({ why: 'nonce is required' })
        if (!key) throw faults.refused({ why: 'key is required' })
        const done = await generation.update(key, nonce).catch((cause: unknown) => {
          throw isFault(cause) && cause.status === 400 ? faults.failedAs({ why: cause.wire[0] ?? '' }, { cause }) : cause
        })
        return {
          is: 'any',
          data: {
            complete: done.encodedToken !== undefined,
            encoded_token: done.encodedToken ?? '',
            nonce: done.nonce,
            pgp_fingerprint: done.pgpFingerprint,
            progress: done.progress,
            required: done.required,
            started: true,
          },
        }
      },
    },
    decode: {
      async write({ input }) {
        return { is: 'data', data: { token: seal.decodeRootToken(input.encodedToken, input.otp) } }
      },
    },
  }
})
