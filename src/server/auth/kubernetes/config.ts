import { createPublicKey, X509Certificate } from 'node:crypto'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, isFault } from '../../logical/index.ts'
import { FileUnreadable } from './local-files.ts'
import type { Config, Mount } from './mount.ts'

const shown = {
  kubernetes_host: f.string('The API server: a URL, or a host with or without a port.'),
  kubernetes_ca_cert: f.string('PEM: the CA that the API server is to be verified by. Absent: that of the pod the server runs in.'),
  pem_keys: f.strings(
    'PEM: public keys or certificates that service account tokens must be signed by. Absent: the API server alone decides.',
  ),
  issuer: f.string('Issuer that tokens must name.').deprecated('leave the issuer to the API server'),
  disable_iss_validation: f.bool('Whether any issuer will do.').deprecated('leave the issuer to the API server'),
  disable_local_ca_jwt: f.bool('Whether CA and token of the pod that the server runs in are left alone.'),
}
const input = {
  ...shown,
  token_reviewer_jwt: f.string(
    'The token that asks the API server. Absent: that of the pod the server runs in, read again every minute, else the token that logs in.',
    { secret: true },
  ),
}

const routes = {
  config: route('config', {
    doc: 'Where the Kubernetes API is, how it is verified and who asks it.',
    ops: {
      read: op({
        doc: 'Read the configuration; of the reviewer token only whether there is one.',
        gives: gives.data({ ...shown, token_reviewer_jwt_set: f.bool('Whether a reviewer token is set.') }),
      }),
      write: op({ doc: 'Write the whole configuration: what is not given is as if it had never been.', input, gives: gives.nothing }),
    },
  }),
}

/** Node would also take a private key, and one of PKCS #1, which the peer does not. */
function checkKey(pem: string): void {
  const [, label] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem) ?? []
  if (label === undefined) throw faults.refused({ why: 'data does not contain any valid public keys' })
  try {
    if (label === 'CERTIFICATE') void new X509Certificate(pem).publicKey
    else if (label === 'PUBLIC KEY') createPublicKey(pem)
    else throw faults.refused({ why: `x509: malformed tbs certificate` })
  } catch (cause) {
    throw isFault(cause) ? cause : faults.refused({ why: 'x509: malformed certificate' }, { cause })
  }
}

export const configRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  config: {
    async read({ view }) {
      const found = await mount.config(view)
      if (found === undefined) throw faults.notFound()
      const { config } = found
      return {
        is: 'wire',
        data: {
          disable_iss_validation: config.disableIssuerValidation,
          disable_local_ca_jwt: config.disableLocal,
          issuer: config.issuer,
          kubernetes_ca_cert: config.ca,
          kubernetes_host: config.host,
          pem_keys: config.pemKeys,
          token_reviewer_jwt_set: config.reviewerToken !== '',
        },
      }
    },

    async write({ input: given, view }) {
      const config: Config = {
        host: given.kubernetesHost ?? '',
        ca: given.kubernetesCaCert ?? '',
        reviewerToken: given.tokenReviewerJwt ?? '',
        pemKeys: given.pemKeys ?? [],
        issuer: given.issuer ?? '',
        disableIssuerValidation: given.disableIssValidation ?? true,
        disableLocal: given.disableLocalCaJwt ?? false,
      }
      if (config.host === '') throw faults.refused({ why: 'no host provided' })
      if (config.disableLocal && config.ca === '') {
        throw faults.refused({ why: 'kubernetes_ca_cert must be given when disable_local_ca_jwt is true' })
      }
      for (const pem of config.pemKeys) checkKey(pem)
      try {
        await mount.caOf(config)
      } catch (cause) {
        if (!(cause instanceof FileUnreadable)) throw cause
        throw faults.refused({ why: cause.message }, { cause })
      }
      await mount.putConfig(view, config)
      return { is: 'nothing' }
    },
  },
}))
