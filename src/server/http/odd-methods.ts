/**
 * LIST, SCAN and HELP, which the API has and HTTP's registry has not: Node's parser knows the registered methods only, and calls
 * anything else an error. The error says where in the bytes it happened. There the connection gets a new parser, to which the odd
 * word is shown as a registered one that means nothing here, with a note of what it really was; so the request is answered as every
 * other, with its body, its pipelined neighbours and the connection kept alive. Ordinary requests pay nothing for it.
 *
 * States of a connection: plain (Node reads the socket itself) → ours (a stream hands the socket's bytes on to the parser, and is
 * replaced by another at each odd method). At any time one parser is the current one; those before it are deaf.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Registered (RFC 2068), and asked of nobody. */
const STAND_IN = 'LINK'

/** Each with the place of the character at which Node's parser knows that it is none of its own. */
const ODD: readonly (readonly [string, number])[] = [
  ['LIST', 2],
  ['SCAN', 1],
  ['HELP', 2],
]

export interface ParseError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

export interface OddMethods {
  /** Call first for each request: it names the method that was sent. */
  note(request: IncomingMessage, response: ServerResponse): void
  /** The last answer that a connection was to give. */
  last(stream: Duplex): ServerResponse | undefined
  /** Whether the error was an odd method, or comes from a parser that was replaced: then there is nothing left to do. */
  take(server: Server, error: ParseError, stream: Duplex): boolean
}

interface Line {
  readonly socket: Socket
  current: Duplex
}

/** `connection`: the event with which the server takes a stream that speaks HTTP; a TLS server would begin a handshake at another. */
export function oddMethods(connection: 'connection' | 'secureConnection'): OddMethods {
  const names = new WeakMap<Duplex, string>()
  const lines = new WeakMap<Duplex, Line>()
  const latest = new WeakMap<Duplex, ServerResponse>()

  function proceed(server: Server, stream: Duplex, { method, rest }: Found): void {
    const line = lines.get(stream)
    if (stream.destroyed || line === undefined) return
    const before = line.current
    const next = handOn(line)
    line.current = next
    lines.set(next, line)
    names.set(next, method)
    // What the parser before had not yet read belongs to the next one.
    next.push(rest)
    if (before !== line.socket) {
      for (let chunk: unknown = before.read(); chunk !== null; chunk = before.read()) next.push(chunk)
      before.destroy()
    }
    server.emit(connection, next)
    line.socket.resume()
  }

  return {
    note(request, response) {
      const { socket } = request
      latest.set(socket, response)
      if (request.method !== STAND_IN) return
      const name = names.get(socket)
      if (name === undefined) return
      names.delete(socket)
      request.method = name
    },

    last: stream => latest.get(stream),

    take(server, error, stream) {
      const line = lines.get(stream)
      if (line !== undefined && line.current !== stream) return true
      if (error.code !== 'HPE_INVALID_METHOD' || error.rawPacket === undefined) return false
      const found = find(error.rawPacket, error.bytesParsed ?? 0)
      if (found === undefined) return false
      if (line === undefined) {
        // Before the pause: a socket that is paused while Node reads its handle natively is never read again.
        const fresh = { socket: stream as Socket, current: stream }
        lines.set(stream, fresh)
        listen(fresh)
      }
      stream.pause()
      const before = latest.get(stream)
      // Answers leave in the order of their requests.
      if (before === undefined || before.closed) proceed(server, stream, found)
      else before.once('close', () => proceed(server, stream, found))
      return true
    },
  }
}

interface Found {
  readonly method: string
  /** The packet from the method on, with the stand-in in its place. */
  readonly rest: Buffer
}

function find(packet: Buffer, failedAt: number): Found | undefined {
  for (const [method, fails] of ODD) {
    const start = failedAt - fails
    // The first letters may have come in a packet before.
    const rest = `${method} `.slice(Math.max(0, -start))
    const from = Math.max(0, start)
    const end = from + rest.length
    if (packet.toString('latin1', from, end) === rest)
      return { method, rest: Buffer.concat([Buffer.from(`${STAND_IN} `), packet.subarray(end)]) }
  }
  return undefined
}

/** A stream that is the socket to whoever holds it, but for what it reads, which is pushed into it. */
function handOn(line: Line): Duplex {
  const { socket } = line
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, encoding, done) => void socket.write(chunk as Buffer, encoding, done),
    final: done => void socket.end(done),
    destroy: (error, done) => {
      if (line.current === stream) socket.destroy()
      done(error)
    },
  })
  return Object.assign(stream, {
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    /** Node's server sets for how long an idle connection is kept, and ends one after its last answer. */
    setTimeout: (ms: number) => void socket.setTimeout(ms),
    destroySoon: () => void stream.end(() => stream.destroy()),
  })
}

/** From now on the socket's bytes go to the current stream. */
function listen(line: Line): void {
  const { socket } = line
  socket.setTimeout(0)
  socket.on('data', (chunk: Buffer) => {
    if (!line.current.push(chunk)) socket.pause()
  })
  socket.on('end', () => line.current.push(null))
  socket.on('close', () => line.current.destroy())
}
