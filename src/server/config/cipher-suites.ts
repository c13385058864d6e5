/** The suites of TLS 1.2 that may be asked for, by their standard names (RFC 5289, RFC 7905), and OpenSSL's names for them. */
const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
}

/** Those of TLS 1.3 are all in force, and cannot be chosen. */
const OF_1_3 = new Set(['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])

/** OpenSSL's names, or the first that is not among the safe ones. */
export function opensslSuites(names: readonly string[]): { readonly suites: readonly string[] } | { readonly refused: string } {
  const chosen = names.filter(it => !OF_1_3.has(it))
  const refused = chosen.find(it => !Object.hasOwn(SUITES, it))
  return refused === undefined ? { suites: [...new Set(chosen.map(it => SUITES[it] as string))] } : { refused }
}

export const knownSuites: readonly string[] = Object.keys(SUITES)
