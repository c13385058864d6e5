/**
 * A hosts file with ports, for demonstrations and tests: names of a cluster (`kubernetes.default.svc:443`) lead to where its stand-ins
 * listen. Preloaded into a process (NODE_OPTIONS=--import=…); LOCKSTEP_DEMO_HOSTS holds `name:port=host:port`, parted by commas. The
 * name stays the one that certificates are checked for.
 */
import { Socket } from 'node:net'

const entries = (process.env.LOCKSTEP_DEMO_HOSTS ?? '').split(',').filter(it => it.includes('='))
const places = new Map(entries.map(it => it.split('=')))

const moved = (host, port) => {
  const place = places.get(`${host}:${port}`)
  if (place === undefined) return undefined
  const at = place.lastIndexOf(':')
  return { host: place.slice(0, at), port: Number(place.slice(at + 1)) }
}

const connect = Socket.prototype.connect
/** Options, `port, host`, or what Node.js makes of either within itself: a list that begins with options. */
Socket.prototype.connect = function (...args) {
  const [first, second] = args
  if (typeof first === 'number' || typeof first === 'string') {
    const place = moved(second, first)
    if (place !== undefined) args.splice(0, 2, place.port, place.host)
  } else if (Array.isArray(first)) {
    const place = moved(first[0]?.host, first[0]?.port)
    if (place !== undefined) first[0] = { ...first[0], ...place }
  } else {
    const place = moved(first?.host, first?.port)
    if (place !== undefined) args[0] = { ...first, ...place }
  }
  return connect.apply(this, args)
}
