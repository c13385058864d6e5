import { isAbsolute, resolve } from 'node:path'
import type { Checked, Diagnostic, SourceFile } from '../../kernel/index.ts'
import { readYaml } from '../load/index.ts'
import { errorAt, hasErrors, nodeWords, textOf, type MapNode, type Reference, type SourceNode, type Values } from '../model/index.ts'
import { readAttributes, type ReadAttributes, type Shape } from '../shapes/index.ts'
import type { Signers } from '../git/index.ts'
import { outcomes, type RunKind, type RunOutcome } from './run.ts'
import { noticeShape, retryShape, verifyShape, watchShape } from './settings-shape.ts'
import type { Window } from './window.ts'
import { readWindows } from './window-setting.ts'
import type { WatchRhythm } from './watch.ts'

export interface NoticeSettings {
  readonly url: Reference
  readonly secret?: Reference
  readonly format: 'json' | 'slack'
  readonly on: ReadonlySet<RunOutcome>
}

/**
 * How a watch works. Not part of lockstep.yaml: what decides whether a commit may be applied must not come with that commit.
 */
export interface WatchSettings {
  readonly upstream?: {
    readonly url: string
    readonly branch: string
    readonly path: string
    readonly checkout: string
    readonly token?: Reference
  }
  readonly mode: RunKind
  readonly heal: boolean
  readonly rhythm: WatchRhythm
  readonly windows: readonly Window[]
  readonly signers?: Signers
  readonly lock?: { readonly term: number }
  readonly history: number
  readonly listen?: { readonly host: string; readonly port: number }
  readonly webhookSecret?: Reference
  readonly notices: readonly NoticeSettings[]
}

const LISTS = ['retry', 'verify', 'windows', 'notify']

/** The settings of an empty file: a folder, watched every minute, with a lock. */
export const defaultWatchSettings: WatchSettings = {
  mode: 'apply',
  heal: false,
  rhythm: { look: 60_000, drift: 600_000, retry: { first: 10_000, most: 600_000 } },
  windows: [],
  lock: { term: 60_000 },
  history: 50,
  notices: [],
}

/** Paths in the file are relative to its folder. */
export function readWatchSettings(file: SourceFile, folder: string): Checked<WatchSettings> {
  const yaml = readYaml(file)
  if (yaml.value === undefined) return { findings: yaml.findings }
  const root = yaml.value
  if (root.is !== 'map') return { findings: [errorAt('LOAD0004', root.at, `the file: expected a map, found ${nodeWords(root)}`)] }
  const reader = new Reader(folder)
  const value = reader.read(root)
  return hasErrors(reader.findings) || value === undefined ? { findings: reader.findings } : { value, findings: reader.findings }
}

class Reader {
  readonly findings: Diagnostic[] = []
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  read(root: MapNode): WatchSettings | undefined {
    const plain = { ...root, entries: root.entries.filter(it => !LISTS.includes(it.key) && !it.key.startsWith('x-')) }
    const read = this.#attributes(plain, watchShape, 'the settings of the watch')
    const parts = new Map(root.entries.map(it => [it.key, it.value]))
    const retry = this.#part(parts.get('retry'), retryShape, 'retry')
    const verify = this.#part(parts.get('verify'), verifyShape, 'verify')
    const windows = readWindows(parts.get('windows'), this.findings)
    const notices = this.#list(parts.get('notify'), 'notify').flatMap(it => this.#notice(it))
    if (read === undefined) return undefined
    const { values, references, at } = read
    for (const [key, reference] of Object.entries(references)) {
      if (key === 'token' || key === 'webhook_secret') this.#hasNoTarget(key, reference, read)
      else this.#refuse(at[key] ?? root.at, `${key}: expected a value; only the secrets are given by reference`)
    }
    const listen = this.#listen(read)
    if (references['webhook_secret'] !== undefined && listen === undefined)
      this.#refuse(at['webhook_secret'] ?? root.at, 'webhook_secret: a webhook needs listen as well, for somebody to call it')
    const term = milliseconds(values, 'lock_term')
    if (values['lock'] !== false && term < 5_000) this.#refuse(at['lock_term'] ?? root.at, 'lock_term: expected 5s or more')
    if (milliseconds(values, 'interval') < 1_000) this.#refuse(at['interval'] ?? root.at, 'interval: expected 1s or more')
    const signers = verify === undefined ? undefined : this.#signers(verify, root)
    return {
      ...this.#upstream(read, root),
      mode: values['mode'] === 'plan' ? 'plan' : 'apply',
      heal: values['heal'] === true,
      rhythm: {
        look: milliseconds(values, 'interval'),
        drift: milliseconds(values, 'drift_interval'),
        retry:
          retry === undefined
            ? defaultWatchSettings.rhythm.retry
            : { first: milliseconds(retry.values, 'first'), most: milliseconds(retry.values, 'most') },
      },
      windows,
      ...(signers === undefined ? {} : { signers }),
      ...(values['lock'] === false ? {} : { lock: { term } }),
      history: Number(values['history']),
      ...(listen === undefined ? {} : { listen }),
      ...(references['webhook_secret'] === undefined ? {} : { webhookSecret: references['webhook_secret'] }),
      notices,
    }
  }

  #upstream({ values, references, at }: ReadAttributes, root: MapNode): Pick<WatchSettings, 'upstream'> {
    const url = textOf(values['repository'])
    if (url === '') {
      for (const key of ['token', 'branch', 'path', 'checkout'])
        if (at[key] !== undefined) this.#refuse(at[key], `${key}: means nothing without repository`)
      return {}
    }
    const path = textOf(values['path'])
    if (isAbsolute(path) || path.split('/').includes('..')) this.#refuse(at['path'] ?? root.at, 'path: expected a folder in the repository')
    const checkout = textOf(values['checkout'])
    if (checkout === '') this.#refuse(at['repository'] ?? root.at, 'repository: say in checkout where its clone may lie')
    const token = references['token']
    const upstream = { url, branch: textOf(values['branch']), path, checkout: resolve(this.#folder, checkout) }
    return { upstream: { ...upstream, ...(token === undefined ? {} : { token }) } }
  }

  #listen({ values, at }: ReadAttributes): WatchSettings['listen'] {
    const text = textOf(values['listen'])
    if (text === '') return undefined
    const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
    if (host !== undefined && Number(port) <= 65_535) return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
    this.#refuse(at['listen'], 'listen: expected HOST:PORT, such as 127.0.0.1:8300')
    return undefined
  }

  #signers({ values }: ReadAttributes, root: MapNode): Signers {
    const [ssh, gpg] = [textOf(values['allowed_signers']), textOf(values['gpg_keys'])]
    if (ssh === '' && gpg === '') this.#refuse(root.at, 'verify: say whose signatures count, by allowed_signers, gpg_keys or both')
    return {
      ...(ssh === '' ? {} : { allowedSigners: resolve(this.#folder, ssh) }),
      ...(gpg === '' ? {} : { gpgKeys: resolve(this.#folder, gpg) }),
    }
  }

  #notice(node: SourceNode): readonly NoticeSettings[] {
    const read = this.#part(node, noticeShape, 'a notice')
    if (read === undefined) return []
    const { values, references, at } = read
    const { url, secret } = references
    if (url === undefined) {
      this.#refuse(node.at, 'a notice needs a url, by reference: { $env: NAME } or { $file: PATH }')
      return []
    }
    for (const [key, reference] of Object.entries(references)) this.#hasNoTarget(key, reference, read)
    const said = values['on'] as readonly string[]
    const unknown = said.find(it => !(outcomes as readonly string[]).includes(it))
    if (unknown !== undefined) this.#refuse(at['on'], `on: "${unknown}" is no outcome; expected some of ${outcomes.join(', ')}`)
    return [
      {
        url,
        ...(secret === undefined ? {} : { secret }),
        format: values['format'] === 'slack' ? 'slack' : 'json',
        on: new Set(said.length === 0 ? outcomes.filter(it => it !== 'clean') : (said as readonly RunOutcome[])),
      },
    ]
  }

  /** They are needed before, and when, there is no server to ask. */
  #hasNoTarget(key: string, { from }: Reference, { at }: ReadAttributes): void {
    if (from === 'vault') this.#refuse(at[key], `${key}: expected { $env: NAME } or { $file: PATH }`)
  }

  #list(node: SourceNode | undefined, what: string): readonly SourceNode[] {
    if (node === undefined) return []
    if (node.is === 'list') return node.items
    this.#refuse(node.at, `${what}: expected a list, found ${nodeWords(node)}`)
    return []
  }

  #part(node: SourceNode | undefined, shape: Shape, what: string): ReadAttributes | undefined {
    if (node === undefined) return undefined
    if (node.is === 'map') return this.#attributes(node, shape, what)
    this.#refuse(node.at, `${what}: expected a map, found ${nodeWords(node)}`)
    return undefined
  }

  #attributes(node: MapNode, shape: Shape, what: string): ReadAttributes | undefined {
    const read = readAttributes(node, shape, what)
    this.findings.push(...read.findings)
    return read.value
  }

  #refuse(at: Parameters<typeof errorAt>[1], why: string): void {
    this.findings.push(errorAt('LOAD0004', at, why))
  }
}

const milliseconds = (values: Values, key: string): number => Number(values[key]) * 1000
