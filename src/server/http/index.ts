/**
 * HTTP: from bytes to a request of core's port, and from its reply or fault back to bytes, on plain, TLS and Unix sockets; limits
 * are kept before anything else is looked at. Knows kernel and the port of core, nothing else of the server. Must decide nothing:
 * who may do what, and what it means, is core's business; only sys/health, init, unseal, seal-status and leader, which work without
 * a token and while sealed, are answered here, from core's operator.
 */
export { type Product } from './bare/index.ts'
export { addressList, type ForwardedFor } from './forwarded-for.ts'
export { createHttpHandler, type HttpHandler, type HttpHandlerOptions } from './handler.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { type HttpTimeouts, listen, type ListenAddress, type Listener, type ListenOptions, ListenRefused } from './listen.ts'
export { type ListenerTls, TlsFilesRefused, type TlsVersion } from './tls.ts'
