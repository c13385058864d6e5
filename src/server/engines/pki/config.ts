/** What holds for a whole mount: where it is, where clients find what, and how revocation is told. */
import { goDuration, parseDuration } from '../../../kernel/index.ts'
import { f, type FieldsOf } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { rebuiltOrFault } from './crl-warnings.ts'
import type { PkiMount } from './mount.ts'
import { type CrlConfig, type Urls } from './settings.ts'
import { badUrl, isUrl, resolvedUrls } from './urls.ts'

interface UrlWishes {
  readonly issuingCertificates?: readonly string[]
  readonly crlDistributionPoints?: readonly string[]
  readonly deltaCrlDistributionPoints?: readonly string[]
  readonly ocspServers?: readonly string[]
  readonly enableTemplating?: boolean
}
const urlFields: FieldsOf<UrlWishes> = {
  issuing_certificates: f.strings("Where the issuer's certificate is."),
  crl_distribution_points: f.strings('Where its list is.'),
  delta_crl_distribution_points: f.strings('Where the delta of its list is.'),
  ocsp_servers: f.strings('Who answers for it (OCSP).'),
  enable_templating: f.bool('Whether these hold `{{issuer_id}}`, `{{cluster_path}}` or `{{cluster_aia_path}}`.'),
}
interface ClusterWishes {
  readonly path?: string
  readonly aiaPath?: string
}
const clusterFields: FieldsOf<ClusterWishes> = {
  path: f.string('URL of this mount.'),
  aia_path: f.string('URL where its certificates and lists are, if elsewhere.'),
}
type CrlWishes = { readonly [K in keyof CrlConfig]?: CrlConfig[K] }
const crlFields: FieldsOf<CrlWishes> = {
  expiry: f.string('How long a list is good; 72h.'),
  disable: f.bool('Whether there are no lists.'),
  ocsp_disable: f.bool('Whether OCSP is not answered.'),
  ocsp_expiry: f.string('How long an OCSP answer is good; 12h.'),
  auto_rebuild: f.bool('Whether lists are built in time before they end, and not at each revocation.'),
  auto_rebuild_grace_period: f.string('How long before its end a list is built anew; 12h.'),
  enable_delta: f.bool('Whether there are deltas between two lists.'),
  delta_rebuild_interval: f.string('How often deltas are built; 15m.'),
  allow_expired_cert_revocation: f.bool('Whether an expired certificate may be revoked.'),
}

const routes = {
  urls: route('config/urls', {
    doc: 'Where clients find certificates, lists and answers; written into what is issued.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(urlFields) }),
      write: op({ doc: 'Change what is given.', input: urlFields, gives: gives.data(urlFields) }),
    },
  }),
  cluster: route('config/cluster', {
    doc: 'Where this mount is, for templates of URLs.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(clusterFields) }),
      write: op({ doc: 'Change what is given.', input: clusterFields, gives: gives.data(clusterFields) }),
    },
  }),
  crl: route('config/crl', {
    doc: 'How revocation is told.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(crlFields) }),
      write: op({ doc: 'Change what is given.', input: crlFields, gives: gives.data(crlFields) }),
    },
  }),
}

const user = (why: string): Error => faults.refused({ why })
const shownUrls = ({ templated, ...urls }: Urls) => ({ is: 'data' as const, data: { ...urls, enableTemplating: templated } })

export const config: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store } = mount
  return {
    urls: {
      read: async () => shownUrls(await store.urls()),
      async write({ input: { enableTemplating, ...given }, warn }) {
        const before = await store.urls()
        const next: Urls = { ...before, ...given, templated: enableTemplating ?? before.templated }
        if (next.templated) {
          const [first] = await store.issuerIds()
          const resolved = first === undefined ? undefined : resolvedUrls(next, await store.cluster(), first)
          if (resolved !== undefined && 'why' in resolved)
            warn(`issuance may fail: ${resolved.why}\n\nConsider setting the cluster-local address if it is not already set.`)
        } else checkUrls(next)
        await store.putUrls(next)
        return shownUrls(next)
      },
    },
    cluster: {
      read: async () => ({ is: 'data', data: await store.cluster() }),
      async write({ input }) {
        const next = { ...(await store.cluster()), ...input }
        if (input.path !== undefined && !isUrl(input.path))
          throw faults.failedAs({ why: `invalid, non-URL path given to cluster: ${input.path}` })
        if (input.aiaPath !== undefined && !isUrl(input.aiaPath))
          throw faults.failedAs({ why: `invalid, non-URL aia_path given to cluster: ${input.aiaPath}` })
        await store.putCluster(next)
        return { is: 'data', data: next }
      },
    },
    crl: {
      read: async () => ({ is: 'data', data: await store.crlConfig() }),
      async write({ input, warn }) {
        const before = await store.crlConfig()
        const next = { ...before, ...input }
        checkCrl(next, input)
        await store.putCrlConfig(next)
        const isNew =
          before.disable !== next.disable || (before.autoRebuild && !next.autoRebuild) || before.enableDelta !== next.enableDelta
        if (isNew) for (const warning of await rebuiltOrFault(() => mount.crl.rebuild(true))) warn(warning)
        return { is: 'data', data: next }
      },
    },
  }
})

function checkUrls(urls: Urls): void {
  for (const [name, list] of [
    ['issuing_certificates', urls.issuingCertificates],
    ['crl_distribution_points', urls.crlDistributionPoints],
    ['delta_crl_distribution_points', urls.deltaCrlDistributionPoints],
    ['ocsp_servers', urls.ocspServers],
  ] as const) {
    const bad = badUrl(list)
    if (bad !== undefined) throw user(`invalid URL found in Authority Information Access (AIA) parameter ${name}: ${bad}`)
  }
}

function checkCrl(next: CrlConfig, given: CrlWishes): void {
  const expiry = duration('expiry', next.expiry, given.expiry !== undefined)
  const ocsp = duration('ocsp_expiry', next.ocspExpiry, given.ocspExpiry !== undefined)
  if (ocsp < 0) throw user(`ocsp_expiry must be greater than or equal to 0 got: ${goDuration(ocsp)}`)
  const grace = duration('auto_rebuild_grace_period', next.autoRebuildGracePeriod, given.autoRebuildGracePeriod !== undefined)
  const interval = duration('delta_rebuild_interval', next.deltaRebuildInterval, given.deltaRebuildInterval !== undefined)
  if (next.autoRebuild && grace >= expiry)
    throw user(
      `CRL auto-rebuilding grace period (${next.autoRebuildGracePeriod}) must be strictly shorter than CRL expiry (${next.expiry}) value when auto-rebuilding of CRLs is enabled`,
    )
  if (next.enableDelta && interval >= expiry)
    throw user(
      `CRL delta rebuild window (${next.deltaRebuildInterval}) must be strictly shorter than CRL expiry (${next.expiry}) value when delta CRLs are enabled`,
    )
  if (next.enableDelta && !next.autoRebuild)
    throw user('Delta CRLs cannot be enabled when auto rebuilding is disabled as the complete CRL is always regenerated!')
}

function duration(name: string, text: string, isGiven: boolean): number {
  const found = parseDuration(text)
  if (found !== undefined) return found
  if (isGiven) throw user(`given ${name} could not be decoded: ${durationFailure(text)}`)
  return 0
}
function durationFailure(text: string): string {
  const unit = /^[+-]?(?:\d+\.?\d*|\.\d+)([^\d.]*)/.exec(text)?.[1]
  if (unit === undefined) return `time: invalid duration ${JSON.stringify(text)}`
  return unit === ''
    ? `time: missing unit in duration ${JSON.stringify(text)}`
    : `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`
}
