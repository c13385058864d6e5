/** How many requests may come, and from where: the rules, and the gate that counts. Knows nothing of HTTP and of engines. */
export { Quotas, type Place } from './quotas.ts'
