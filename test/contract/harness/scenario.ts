/** The words that contract scenarios are written in: tables of requests, as data, played against two servers and compared. */
import type { MoreConfig } from './server.ts'

export interface Step {
  readonly method: string
  /** Below `/v1/` unless it starts with a slash. `<name>` stands for a variable. */
  readonly path: string
  /** Sent as JSON; `<name>` inside a string stands for a variable. */
  readonly body?: unknown
  /** Sent as it stands, in place of `body`. */
  readonly raw?: string
  /** The variable that holds the token; `root` when absent, `none` for no token. */
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Variables to set, each from a dotted path into the answer's JSON. */
  readonly save?: Readonly<Record<string, string>>
  /** Repeat the request until the answer has this status, or this value at this path: for what a server does in the background. */
  readonly until?: { readonly status: number } | { readonly path: string; readonly is: unknown }
  /** Dotted paths in the answer that say what product and machine this is, so that they differ by right. */
  readonly except?: readonly string[]
}

export interface Scenario {
  readonly name: string
  readonly steps: readonly Step[]
}

/** A system outside, such as a database, and what of it the steps name as variables. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** A system of each side's own, beside its server, so that what the two do to it can be compared. */
export interface Companion {
  readonly variables: Readonly<Record<string, string>>
  /** Does what a step of the method BESIDE says; the value is compared like an answer. */
  act(what: string): Promise<unknown>
  /** What it holds: compared after each step. */
  state(): Promise<unknown>
  stop(): Promise<void>
}

/** What is compared in one test file: each area is played on a pair of servers of its own. */
export interface Area {
  readonly name: string
  readonly server: 'dev' | 'inmem'
  /** What stands in the configuration of both servers too. */
  readonly config?: MoreConfig
  readonly scenarios: readonly Scenario[]
  /** What both servers talk to while it is played. */
  readonly surroundings?: () => Promise<Surroundings>
  /** What each of them has for itself; asked for twice. */
  readonly companion?: () => Promise<Companion>
}

type More = Omit<Step, 'method' | 'path' | 'body'>

export function scenario(name: string, ...steps: readonly Step[]): Scenario {
  return { name, steps }
}

export function get(path: string, more: More = {}): Step {
  return { method: 'GET', path, ...more }
}
export function list(path: string, more: More = {}): Step {
  return { method: 'LIST', path, ...more }
}
export function post(path: string, body?: unknown, more: More = {}): Step {
  return { method: 'POST', path, body, ...more }
}
export function put(path: string, body?: unknown, more: More = {}): Step {
  return { method: 'PUT', path, body, ...more }
}
export function del(path: string, more: More = {}): Step {
  return { method: 'DELETE', path, ...more }
}
/** PATCH with the media type that KV asks for. */
export function patch(path: string, body: unknown, more: More = {}): Step {
  return { method: 'PATCH', path, body, ...more, headers: { 'content-type': 'application/merge-patch+json', ...more.headers } }
}
/** A request with a body that `JSON.stringify` would not write. */
export function raw(method: string, path: string, text: string, more: More = {}): Step {
  return { method, path, raw: text, ...more }
}
/** Something done to the companion, behind the server's back. */
export function beside(what: string, more: Omit<Step, 'method' | 'path'> = {}): Step {
  return { method: 'BESIDE', path: what, ...more }
}
export function call(method: string, path: string, more: Omit<Step, 'method' | 'path'> = {}): Step {
  return { method, path, ...more }
}
