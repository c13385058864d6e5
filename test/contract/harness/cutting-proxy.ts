import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a client and a server on this machine, and cuts connections where a test says. */
export interface CuttingProxy {
  readonly port: number
  /**
   * The next time that a client sends this text, the server still gets it, but the client loses its connection before it hears of it.
   * `alsoRefuse`: and no client gets through until `heal`.
   */
  cutAt(text: string, alsoRefuse?: boolean): void
  /** The next time that a client sends this text, the server still gets it, but nothing of its answer comes through. Resolves then. */
  silenceAt(text: string): Promise<void>
  heal(): void
  close(): Promise<void>
}

export async function startCuttingProxy(upstreamPort: number): Promise<CuttingProxy> {
  let cut: { readonly text: string; readonly alsoRefuse: boolean } | undefined
  let silence: { readonly text: string; readonly begun: () => void } | undefined
  let refuses = false
  const sockets = new Set<Socket>()
  const server: Server = createServer(client => {
    if (refuses) return void client.destroy()
    const upstream = connect({ port: upstreamPort, host: '127.0.0.1' })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    let isSilent = false
    upstream.on('data', chunk => void (client.destroyed || isSilent || client.write(chunk)))
    upstream.on('close', () => client.destroy())
    // A statement is short: it comes in one piece.
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk)
      if (silence !== undefined && chunk.includes(silence.text)) {
        isSilent = true
        silence.begun()
        silence = undefined
      }
      if (cut === undefined || !chunk.includes(cut.text)) return
      refuses = cut.alsoRefuse
      cut = undefined
      client.destroy()
    })
    // The server is let finish what it was sent.
    client.on('close', () => upstream.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    cutAt(text, alsoRefuse = false) {
      cut = { text, alsoRefuse }
    },
    silenceAt: text => new Promise(begun => (silence = { text, begun })),
    heal() {
      refuses = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
