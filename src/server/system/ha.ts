import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import type { SystemPorts } from '../logical/index.ts'

const routes = {
  status: route('ha-status', {
    doc: 'The nodes of the cluster.',
    alsoTopLevel: true,
    ops: { read: op({ doc: 'Show them.', gives: gives.any('The nodes, with what they last said of themselves.') }) },
  }),
  stepDown: route('step-down', {
    doc: 'Lets another node lead.',
    access: 'sudo',
    ops: { write: op({ doc: 'Step down; without another node nothing changes.', gives: gives.nothing }) },
  }),
}

/** There is one node, and it leads. */
export const ha: Family<SystemPorts> = statefulFamily(routes, (ports: SystemPorts): HandlersOf<typeof routes> => ({
  status: {
    async read() {
      const { apiAddress, hostName, version } = ports.facts()
      const node = {
        hostname: hostName,
        api_address: apiAddress,
        cluster_address: clusterAddressOf(apiAddress),
        active_node: true,
        last_echo: null,
        version,
      }
      return { is: 'any', data: { nodes: [node] } }
    },
  },
  stepDown: { write: async () => ({ is: 'nothing' }) },
}))

/** Where other nodes would find it: one port further, over TLS, unless it is a socket. */
function clusterAddressOf(apiAddress: string): string {
  const url = URL.parse(apiAddress)
  if (url === null || !url.protocol.startsWith('http')) return ''
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return `https://${url.hostname}:${port + 1}`
}
