import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { answerOf } from './schemas.ts'

type Body = Readonly<Record<string, unknown>>
export type Answer = readonly [number, unknown]

export interface Deployment {
  readonly id: number
  readonly sha: string
  readonly environment: string
  readonly task: string
  readonly payload: unknown
  readonly states: string[]
}

/** What a test says about people and pull requests. */
export interface Facts {
  readonly permissions: Map<string, string>
  readonly pulls: Map<number, { state: string; sha: string; repository: string; merged?: string }>
  readonly reviews: { readonly pull: number; readonly login: string; readonly state: string; readonly sha: string }[]
}

const notFound: Answer = [404, { message: 'Not Found' }]
const R = '/repos/{owner}/{repo}'

/**
 * The parts of GitHub's API that no emulator has: statuses, deployments, objects and references of Git, permissions, reviews, reactions,
 * code scanning and apps. Every answer fits GitHub's published schemas.
 */
export class GitHubGaps {
  readonly statuses: Record<string, unknown>[] = []
  readonly deployments: Deployment[] = []
  readonly reactions: { readonly comment: number; readonly content: unknown }[] = []
  readonly sarifs: { readonly ref: unknown; readonly text: string }[] = []
  readonly refs: Map<string, string> = new Map<string, string>()
  readonly facts: Facts = { permissions: new Map(), pulls: new Map(), reviews: [] }
  readonly #objects = new Map<string, unknown>()

  /** Undefined: the operation is none of these. */
  answer(line: string, path: string, url: URL, body: Body): Answer | undefined {
    const ok = (status: number, known: unknown): Answer => [status, answerOf(line, known)]
    const last = decodeURIComponent(path.split('/').at(-1) ?? '')
    const [, encoded = ''] = /\/git\/refs?\/(.+)$/.exec(path) ?? []
    const ref = decodeURIComponent(encoded)
    switch (line) {
      case `POST ${R}/statuses/{sha}`:
        if (String(body['description']).length > 140) return [422, { message: 'description is too long (maximum is 140 characters)' }]
        this.statuses.push(body)
        return ok(201, { state: body['state'], context: body['context'] })
      case `POST ${R}/deployments`: {
        const { ref: sha, environment, task, payload } = body
        const made = { id: this.deployments.length + 1, sha: String(sha), environment: String(environment), task: String(task), payload }
        this.deployments.push({ ...made, states: [] })
        return ok(201, made)
      }
      case `GET ${R}/deployments`:
        return ok(
          200,
          this.deployments.filter(it => ['sha', 'environment', 'task'].every(key => url.searchParams.get(key) === it[key as 'sha'])),
        )
      case `POST ${R}/deployments/{deployment_id}/statuses`: {
        const found = this.deployments.find(it => it.id === Number(path.split('/').at(-2)))
        if (found === undefined) return notFound
        found.states.push(String(body['state']))
        return ok(201, { state: body['state'] })
      }
      case `GET ${R}/git/ref/{ref}`: {
        const sha = this.refs.get(`refs/${ref}`)
        return sha === undefined ? notFound : ok(200, { ref: `refs/${ref}`, object: { type: 'commit', sha } })
      }
      case `POST ${R}/git/refs`: {
        const [name, sha] = [String(body['ref']), String(body['sha'])]
        if (!/^refs\/[^/]+\/./.test(name) || /\.\.|[\s~^:?*[\\]|\.lock$|\/$/.test(name))
          return [422, { message: `${name} is not a valid ref name` }]
        if (this.refs.has(name)) return [422, { message: 'Reference already exists' }]
        if (!this.#objects.has(sha)) return [422, { message: 'Object does not exist' }]
        this.refs.set(name, sha)
        return ok(201, { ref: name, object: { type: 'commit', sha } })
      }
      case `DELETE ${R}/git/refs/{ref}`:
        return this.refs.delete(`refs/${ref}`) ? [204, ''] : [422, { message: 'Reference does not exist' }]
      case `POST ${R}/git/blobs`:
      case `POST ${R}/git/commits`:
      case `POST ${R}/git/trees`:
        return ok(201, { sha: this.#kept(body) })
      case `GET ${R}/git/blobs/{file_sha}`: {
        const found = this.#objects.get(last) as Body | undefined
        return found === undefined ? notFound : ok(200, { sha: last, content: found['content'], encoding: 'base64' })
      }
      case `GET ${R}/git/trees/{tree_sha}`: {
        const found = this.#objects.get(last) as Body | undefined
        return found === undefined ? notFound : ok(200, { sha: last, tree: found['tree'] })
      }
      case `GET ${R}/git/commits/{commit_sha}`: {
        const found = this.#objects.get(last) as Body | undefined
        return found === undefined ? notFound : ok(200, { sha: last, tree: { sha: found['tree'] } })
      }
      case `GET ${R}/collaborators/{username}/permission`: {
        const permission = this.facts.permissions.get(path.split('/').at(-2) ?? '') ?? 'read'
        const legacy = { maintain: 'write', triage: 'read' }[permission] ?? permission
        return ok(200, { permission: legacy, role_name: permission, user: null })
      }
      case `GET ${R}/pulls/{pull_number}`: {
        const found = this.facts.pulls.get(Number(last))
        if (found === undefined) return notFound
        return ok(200, {
          number: Number(last),
          state: found.state,
          head: { sha: found.sha, repo: { full_name: found.repository } },
          base: { ref: 'main' },
        })
      }
      case `GET ${R}/pulls/{pull_number}/reviews`: {
        const own = this.facts.reviews.filter(it => it.pull === Number(path.split('/').at(-2)))
        return ok(
          200,
          own.map(it => ({ state: it.state, commit_id: it.sha, author_association: 'MEMBER', user: { login: it.login } })),
        )
      }
      case `GET ${R}/commits/{commit_sha}/pulls`: {
        const sha = path.split('/').at(-2)
        const own = [...this.facts.pulls].filter(([, it]) => it.merged === sha)
        return ok(
          200,
          own.map(([number]) => ({ number, state: 'closed', merged_at: '2027-01-01T00:00:00Z' })),
        )
      }
      case `POST ${R}/issues/comments/{comment_id}/reactions`:
        this.reactions.push({ comment: Number(path.split('/').at(-2)), content: body['content'] })
        return ok(201, { content: body['content'] })
      case `POST ${R}/code-scanning/sarifs`:
        this.sarifs.push({ ref: body['ref'], text: gunzipSync(Buffer.from(String(body['sarif']), 'base64')).toString() })
        return ok(202, { id: '47177e22-5596-11eb-80a1-c1e54ef945c6' })
      default:
        return undefined
    }
  }

  #kept(body: Body): string {
    const sha = createHash('sha1').update(JSON.stringify(body)).digest('hex')
    this.#objects.set(sha, body)
    return sha
  }
}
