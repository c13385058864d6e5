import { goDuration, parseDuration, rfc3339Nano, type Seconds } from '../../../kernel/index.ts'
import { f, type FieldsOf, type WireObject } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { PkiMount } from './mount.ts'
import { type AutoTidyConfig, defaultAutoTidy, type TidyConfig } from './settings.ts'

interface TidyWishes {
  readonly tidyCertStore?: boolean
  readonly tidyRevocationList?: boolean
  readonly tidyRevokedCerts?: boolean
  readonly tidyInvalidCerts?: boolean
  readonly tidyRevokedCertIssuerAssociations?: boolean
  readonly tidyExpiredIssuers?: boolean
  readonly tidyMoveLegacyCaBundle?: boolean
  readonly tidyAcme?: boolean
  readonly safetyBuffer?: Seconds
  readonly revokedSafetyBuffer?: Seconds
  readonly issuerSafetyBuffer?: Seconds
  readonly acmeAccountSafetyBuffer?: Seconds
  readonly pageSize?: number
  readonly pauseDuration?: string
}
const fields: FieldsOf<TidyWishes> = {
  tidy_cert_store: f.bool('Whether certificates that ended long ago go.'),
  tidy_revocation_list: f.bool('Use tidy_revoked_certs.'),
  tidy_revoked_certs: f.bool('Whether revoked certificates that ended long ago go, from the lists too.'),
  tidy_invalid_certs: f.bool('Whether what cannot be read goes.'),
  tidy_revoked_cert_issuer_associations: f.bool('Whether it is looked up anew whose certificate a revoked one was.'),
  tidy_expired_issuers: f.bool('Whether issuers that ended long ago go; never the default.'),
  tidy_move_legacy_ca_bundle: f.bool('Without effect: there is no store of old servers here.'),
  tidy_acme: f.bool('Without effect while there is no ACME here.'),
  safety_buffer: f.duration('How long ago a certificate must have ended; 72h.'),
  revoked_safety_buffer: f.duration('The same for revoked ones.'),
  issuer_safety_buffer: f.duration('The same for issuers; 8760h.'),
  acme_account_safety_buffer: f.duration('Without effect while there is no ACME here; 720h.'),
  page_size: f.int('How many are listed at once; 1000.'),
  pause_duration: f.string('How long to wait between two.'),
}
interface AutoWishes extends TidyWishes {
  readonly enabled?: boolean
  readonly intervalDuration?: Seconds
  readonly maintainStoredCertificateCounts?: boolean
  readonly publishStoredCertificateCountMetrics?: boolean
}
const autoFields: FieldsOf<AutoWishes> = {
  ...fields,
  enabled: f.bool('Whether the mount tidies by itself.'),
  interval_duration: f.duration('How often; 12h.'),
  maintain_stored_certificate_counts: f.bool('Whether tidy-status tells how many certificates are kept.'),
  publish_stored_certificate_count_metrics: f.bool('Whether that goes to the metrics too.'),
}
const status = gives.any('What a pass looks at, what it has done so far, and how it ended.')
const auto = gives.any('When and what the mount tidies by itself.')

const routes = {
  tidy: route('tidy', { doc: 'Begins to tidy.', ops: { write: op({ doc: 'Begin.', input: fields, gives: gives.any('null') }) } }),
  cancel: route('tidy-cancel', { doc: 'Ends a tidying that is on its way.', ops: { write: op({ doc: 'End it.', gives: status }) } }),
  status: route('tidy-status', { doc: 'How far it is.', ops: { read: op({ doc: 'Read it.', gives: status }) } }),
  auto: route('config/auto-tidy', {
    doc: 'What the mount tidies by itself.',
    ops: {
      read: op({ doc: 'Read it.', gives: auto }),
      write: op({ doc: 'Change what is given.', input: autoFields, gives: auto }),
    },
  }),
}

const user = (why: string): Error => faults.refused({ why })
const KINDS =
  'tidy_cert_store / tidy_revoked_certs / tidy_invalid_certs / tidy_revoked_cert_issuer_associations / tidy_expired_issuers / tidy_move_legacy_ca_bundle / tidy_acme'

const isAny = (it: TidyConfig): boolean =>
  it.certStore || it.revokedCerts || it.invalidCerts || it.issuerAssociations || it.expiredIssuers || it.legacyBundle || it.acme

/** What is given of a tidying, on top of what there was. */
function merged(before: TidyConfig, given: TidyWishes): TidyConfig {
  return {
    certStore: given.tidyCertStore ?? before.certStore,
    revokedCerts: given.tidyRevokedCerts ?? before.revokedCerts,
    invalidCerts: given.tidyInvalidCerts ?? before.invalidCerts,
    issuerAssociations: given.tidyRevokedCertIssuerAssociations ?? before.issuerAssociations,
    expiredIssuers: given.tidyExpiredIssuers ?? before.expiredIssuers,
    legacyBundle: given.tidyMoveLegacyCaBundle ?? before.legacyBundle,
    acme: given.tidyAcme ?? before.acme,
    safetyBuffer: given.safetyBuffer ?? before.safetyBuffer,
    ...(before.revokedSafetyBuffer !== undefined && { revokedSafetyBuffer: before.revokedSafetyBuffer }),
    ...(given.revokedSafetyBuffer !== undefined && { revokedSafetyBuffer: given.revokedSafetyBuffer }),
    issuerSafetyBuffer: given.issuerSafetyBuffer ?? before.issuerSafetyBuffer,
    acmeAccountSafetyBuffer: given.acmeAccountSafetyBuffer ?? before.acmeAccountSafetyBuffer,
    pauseDuration: before.pauseDuration,
    pageSize: given.pageSize ?? before.pageSize,
  }
}

function pause(text: string, refused: string): number {
  const found = parseDuration(text)
  if (found === undefined) throw user(`${refused}: time: invalid duration ${JSON.stringify(text)}`)
  if (found < 0) throw user('received invalid, negative pause_duration')
  return found
}

/** One pass by hand. @throws a fault for what makes no sense */
function wishedOnce(given: TidyWishes): TidyConfig {
  const config = merged(defaultAutoTidy, given)
  const revoked = config.revokedCerts || (given.tidyRevocationList ?? false)
  const buffer = config.revokedSafetyBuffer ?? config.safetyBuffer
  if (config.safetyBuffer < 1) throw user('safety_buffer must be greater than zero')
  if (buffer < 1) throw user('revokedSafetyBuffer must be greater than zero')
  if (config.issuerSafetyBuffer < 1) throw user('issuer_safety_buffer must be greater than zero')
  if (config.acmeAccountSafetyBuffer < 1) throw user('acme_account_safety_buffer must be greater than zero')
  const pauseDuration = given.pauseDuration ? pause(given.pauseDuration, 'Error parsing pause_duration') : 0
  if (config.pageSize > 0 && config.pageSize < 5) throw user('page_size must be greater than five')
  return { ...config, revokedCerts: revoked, revokedSafetyBuffer: buffer, pauseDuration }
}

function wishedAuto(before: AutoTidyConfig, given: AutoWishes): AutoTidyConfig {
  if (given.safetyBuffer !== undefined && given.safetyBuffer < 1)
    throw user(`given safety_buffer must be at least one second; got: ${given.safetyBuffer}`)
  if (given.revokedSafetyBuffer !== undefined && given.revokedSafetyBuffer < 1)
    throw user(`revoked_safety_buffer must be at least one second; got: ${given.revokedSafetyBuffer}`)
  const pauseDuration =
    given.pauseDuration === undefined ? before.pauseDuration : pause(given.pauseDuration, 'unable to parse given pause_duration')
  if (given.pageSize !== undefined && given.pageSize < 5) throw user('page_size must be at least 5')
  if (given.issuerSafetyBuffer !== undefined && given.issuerSafetyBuffer < 1)
    throw user(`given safety_buffer must be at least one second; got: ${given.issuerSafetyBuffer}`)
  if (given.acmeAccountSafetyBuffer !== undefined && given.acmeAccountSafetyBuffer < 1)
    throw user(`given acme_account_safety_buffer must be at least one second; got: ${given.acmeAccountSafetyBuffer}`)
  const next: AutoTidyConfig = {
    ...merged(before, given),
    pauseDuration,
    enabled: given.enabled ?? before.enabled,
    interval: given.intervalDuration ?? before.interval,
    maintainCounts: given.maintainStoredCertificateCounts ?? before.maintainCounts,
    publishMetrics: given.publishStoredCertificateCountMetrics ?? before.publishMetrics,
  }
  if (next.enabled && !isAny(next))
    throw user(`Auto-tidy enabled but no tidy operations were requested. Enable at least one tidy operation to be run (${KINDS}).`)
  if (next.publishMetrics && !next.maintainCounts)
    throw user(
      'Can not publish a running storage metrics count to metrics without first maintaining that count.  Enable `maintain_stored_certificate_counts` to enable `publish_stored_certificate_count_metrics`.',
    )
  return next
}

function shownConfig(it: TidyConfig): WireObject {
  return {
    tidy_cert_store: it.certStore,
    tidy_revoked_certs: it.revokedCerts,
    tidy_invalid_certs: it.invalidCerts,
    tidy_revoked_cert_issuer_associations: it.issuerAssociations,
    tidy_expired_issuers: it.expiredIssuers,
    tidy_move_legacy_ca_bundle: it.legacyBundle,
    tidy_acme: it.acme,
    safety_buffer: it.safetyBuffer,
    revoked_safety_buffer: it.revokedSafetyBuffer ?? it.safetyBuffer,
    issuer_safety_buffer: it.issuerSafetyBuffer,
    acme_account_safety_buffer: it.acmeAccountSafetyBuffer,
    pause_duration: goDuration(it.pauseDuration),
    page_size: it.pageSize,
  }
}
const shownAuto = (it: AutoTidyConfig) => ({
  is: 'any' as const,
  data: {
    ...shownConfig(it),
    enabled: it.enabled,
    interval_duration: it.interval,
    maintain_stored_certificate_counts: it.maintainCounts,
    publish_stored_certificate_count_metrics: it.publishMetrics,
  },
})

/** Without a pass so far, all but these are null. */
const NOTHING_YET: WireObject = {
  ...Object.fromEntries(Object.keys(shownConfig(defaultAutoTidy)).map(key => [key, null])),
  state: 'Inactive',
  error: null,
  time_started: null,
  time_finished: null,
  message: null,
  cert_store_deleted_count: null,
  revoked_cert_deleted_count: null,
  missing_issuer_cert_count: null,
  current_cert_store_count: null,
  current_revoked_cert_count: null,
  total_acme_account_count: null,
  acme_account_deleted_count: null,
  acme_account_revoked_count: null,
  acme_orders_deleted_count: null,
}

export const tidyRoutes: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, tidy, host } = mount

  async function shownStatus() {
    const counts = (await store.autoTidy()).maintainCounts
      ? {
          current_cert_store_count: (await store.view.list('cert/')).length,
          current_revoked_cert_count: (await store.view.list('revoked/')).length,
        }
      : {}
    const { status: it } = tidy
    const base = { ...NOTHING_YET, internal_backend_uuid: host.mount().accessor, ...counts }
    if (it === undefined) return { is: 'any' as const, data: base }
    const isOver = it.finished !== undefined
    return {
      is: 'any' as const,
      data: {
        ...base,
        ...shownConfig(it.config),
        // As the peer has it: that alone is not told.
        tidy_invalid_certs: false,
        state: it.state,
        error: it.error ?? null,
        time_started: rfc3339Nano(it.started.getTime()),
        ...(it.finished !== undefined && { time_finished: rfc3339Nano(it.finished.getTime()) }),
        message: isOver && it.state === 'Finished' ? null : it.progress.message,
        cert_store_deleted_count: it.progress.certificatesDeleted,
        revoked_cert_deleted_count: it.progress.revokedDeleted,
        missing_issuer_cert_count: it.progress.missingIssuers,
        last_auto_tidy_finished: rfc3339Nano(tidy.last.getTime()),
        total_acme_account_count: 0,
        acme_account_deleted_count: 0,
        acme_account_revoked_count: 0,
        acme_orders_deleted_count: 0,
      },
    }
  }

  return {
    tidy: {
      async write({ input, warn }) {
        const config = wishedOnce(input)
        if (!tidy.start(config)) {
          warn('Tidy operation already in progress.')
          return { is: 'any', data: null }
        }
        warn(
          isAny(config)
            ? "Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs."
            : `Manual tidy requested but no tidy operations were set. Enable at least one tidy operation to be run (${KINDS}).`,
        )
        return { is: 'any', data: null, status: 202 }
      },
    },
    cancel: {
      async write({ warn }) {
        if (!tidy.isRunning) {
          warn('Tidy operation cannot be cancelled as none is currently running.')
          return { is: 'any', data: null }
        }
        tidy.cancel()
        return shownStatus()
      },
    },
    status: { read: shownStatus },
    auto: {
      read: async () => shownAuto(await store.autoTidy()),
      async write({ input }) {
        const next = wishedAuto(await store.autoTidy(), input)
        await store.putAutoTidy(next)
        return shownAuto(next)
      },
    },
  }
})
