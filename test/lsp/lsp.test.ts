import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cursorIn, editorOf, type Editor, type Marked, type Position } from './editor.ts'

const policy = (path: string, ...capabilities: readonly string[]): string =>
  `path "${path}" {\n  capabilities = [${capabilities.map(it => `"${it}"`).join(', ')}]\n}\n`

const files: Readonly<Record<string, string>> = {
  'lockstep.yaml': 'version: 1\n',
  'engines/secret.yaml': 'type: kv-v2\n',
  'roles/approle.yaml': 'type: approle\nroles:\n  app:\n    token_policies: [app]\n',
  'policies/app.hcl': policy('secret/data/app', 'read'),
}

interface Edit {
  readonly range: { readonly start: Position; readonly end: Position }
  readonly newText: string
}

interface Action {
  readonly title: string
  readonly kind: string
  readonly isPreferred?: boolean
  readonly diagnostics?: readonly Marked[]
  readonly edit: { readonly changes: Readonly<Record<string, readonly Edit[]>> }
}

interface Offer {
  readonly label: string
  readonly textEdit: Edit
}

/** A text with edits made, as an editor makes them. */
function edited(text: string, edits: readonly Edit[]): string {
  const lines = text.split('\n')
  const offset = ({ line, character }: Position): number =>
    lines.slice(0, line).reduce((sum, it) => sum + it.length + 1, 0) + Math.min(character, lines[line]?.length ?? 0)
  return edits
    .toSorted((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce((it, { range, newText }) => it.slice(0, offset(range.start)) + newText + it.slice(offset(range.end)), text)
}

let editor: Editor
const start = async (): Promise<void> => void (editor = await editorOf(files))
const leave = async (): Promise<void> => expect(await editor.leave()).toBe(0)

const document = (path: string): { readonly textDocument: { readonly uri: string } } => ({ textDocument: { uri: editor.uri(path) } })

describe('diagnostics', () => {
  beforeEach(start)
  afterEach(leave)

  it('are of the whole repository before a file is opened, and gone when what they say is', async () => {
    await editor.written('policies/team/stray.hcl', policy('secrets/data/x', 'read'))
    const marks = await editor.codes('policies/team/stray.hcl', ['unused-policy', 'missing-mount'])
    expect(marks[1]).toMatchObject({
      source: 'lockstep',
      severity: 2,
      message: 'no mount of this repository is at secrets/\ndid you mean secret/?',
      range: { start: { line: 0, character: 5 }, end: { line: 0, character: 21 } },
    })
    expect(marks[1]?.codeDescription.href).toMatch(/^file:.*\/docs\/reference\/rules\/missing-mount\.md$/)
    await editor.written('policies/team/stray.hcl', policy('secret/data/x', 'read'))
    await editor.codes('policies/team/stray.hcl', ['unused-policy'])
    await editor.written('roles/approle.yaml', 'type: approle\nroles:\n  app:\n    token_policies: [app, team/stray]\n')
    await editor.codes('policies/team/stray.hcl', [])
  })

  it('follow what is typed, and are of the text in the editor, not of the file', async () => {
    editor.open('policies/app.hcl', 'path "secret/data/app" {\n  capabilities = ["reed"]\n}\n')
    const [mark] = await editor.codes('policies/app.hcl', ['unknown-capability'])
    expect(mark).toMatchObject({ severity: 1, range: { start: { line: 1, character: 18 }, end: { line: 1, character: 24 } } })
    editor.change('policies/app.hcl', 'path "secret/data/app" {\n  capabilities = ["read"\n')
    expect((await editor.codes('policies/app.hcl', ['syntax']))[0]?.message).toContain('expected')
    editor.change('policies/app.hcl', policy('secret/data/app', 'read'))
    await editor.codes('policies/app.hcl', [])
    editor.close('policies/app.hcl')
  })

  it('count characters as the protocol does', async () => {
    editor.open('policies/app.hcl', '/* 😀 */ path "secrets/x" {\n  capabilities = ["read"]\n}\n')
    const [mark] = await editor.codes('policies/app.hcl', ['missing-mount'])
    expect(mark?.range.start).toEqual({ line: 0, character: 14 })
  })

  it('know mounts as they are in the editor', async () => {
    editor.open('policies/app.hcl', files['policies/app.hcl'] ?? '')
    await editor.codes('policies/app.hcl', [])
    editor.open('engines/secret.yaml', 'type: kv\n')
    await editor.save('engines/secret.yaml', 'type: kv-v2\n')
    editor.change('engines/secret.yaml', 'type: kv-v2\nconfig:\n  max_version: 3\n')
    const [mark] = await editor.codes('engines/secret.yaml', ['LOAD0003'])
    expect(mark?.range.start).toEqual({ line: 2, character: 2 })
    expect(mark?.codeDescription.href).toMatch(/\/docs\/reference\/findings\.md#load0003$/)
  })

  it('are of a file that belongs to no repository too', async () => {
    editor.open('../outside-of-any.hcl', 'path "x" {}\n')
    await editor.codes('../outside-of-any.hcl', ['empty-rule'])
    editor.close('../outside-of-any.hcl')
    await editor.codes('../outside-of-any.hcl', [])
  })
})

describe('hover', () => {
  beforeAll(start)
  afterAll(leave)

  const hover = async (path: string, marked: string): Promise<string> => {
    const { text, position } = cursorIn(marked)
    editor.open(path, text)
    const found = await editor.request<{ contents: { value: string } } | null>('textDocument/hover', { ...document(path), position })
    return found?.contents.value ?? ''
  }

  it('tells what a rule means: paths, capabilities, limits, holders, and what answers in its place', async () => {
    const text = await hover(
      'policies/app.hcl',
      'path "secret/data/a|pp/*" {\n  capabilities = ["read"]\n  max_wrapping_ttl = "5m"\n}\n\npath "secret/data/app/admin" {\n  capabilities = ["deny"]\n}\n',
    )
    expect(text.split('\n').filter(it => it !== '')).toEqual([
      '**`secret/data/app/*`** in the policy `app`',
      'Matches every path that begins so, e.g. `secret/data/app/x` and `secret/data/app/x/y`, but not `secret/data/app`.',
      'Mount: `secret/`, kv version 2 (engines/secret.yaml)',
      'Allows:',
      '- `read`: read (GET)',
      'Limits:',
      '- the answer must be wrapped for at most 300 s',
      'One rule answers for a path, the most specific one. In place of this one, where they match:',
      '- `secret/data/app/admin`: deny',
      'Held by:',
      '- `auth/approle/role/app`',
    ])
  })

  it('tells what a capability and an attribute mean', async () => {
    expect(await hover('policies/app.hcl', 'path "secret/data/app" {\n  capabilities = ["pa|tch"]\n}\n')).toMatch(
      /^\*\*`patch`\*\*: change a part/,
    )
    expect(await hover('policies/app.hcl', 'path "secret/data/app" {\n  capa|bilities = ["patch"]\n}\n')).toMatch(
      /^\*\*`capabilities`\*\*: What a token/,
    )
  })

  it('explains one segment, templates, and that a policy is held by nobody', async () => {
    const text = await hover('policies/other.hcl', 'path "/+/data/{{identity.entity.id}}" {\n  capabilities = ["read|"]\n }')
    expect(text).toMatch(/^\*\*`read`/)
    const rule = await hover('policies/other.hcl', 'pa|th "/+/data/{{identity.entity.id}}" {\n  capabilities = ["read"]\n }')
    expect(rule).toContain('`+` is any one segment')
    expect(rule).toContain("filled in from the token's identity")
    expect(rule).toContain('the leading slash does not count')
    expect(rule).toContain('Nothing in this repository gives this policy to a token.')
  })

  it('is silent where nothing can be said', async () => {
    expect(await hover('policies/app.hcl', '# a com|ment\n')).toBe('')
    expect(await hover('engines/secret.yaml', 'ty|pe: kv-v2\n')).toBe('')
  })
})

describe('completion', () => {
  beforeAll(start)
  afterAll(leave)

  const offers = async (marked: string): Promise<readonly { readonly label: string; readonly becomes: string }[]> => {
    const { text, position } = cursorIn(marked)
    editor.open('policies/new.hcl', text)
    const found = await editor.request<readonly Offer[]>('textDocument/completion', { ...document('policies/new.hcl'), position })
    return found.map(it => ({ label: it.label, becomes: edited(text, [it.textEdit]) }))
  }
  const labels = async (marked: string): Promise<readonly string[]> => (await offers(marked)).map(it => it.label)

  it('offers the capabilities that a list does not have', async () => {
    expect(await labels('path "a" {\n  capabilities = ["read", "|", "list"]\n}\n')).toEqual([
      'create',
      'update',
      'delete',
      'scan',
      'patch',
      'sudo',
      'deny',
    ])
    const [first] = await offers('path "a" {\n  capabilities = ["cr|"]\n}\n')
    expect(first?.becomes).toBe('path "a" {\n  capabilities = ["create"]\n}\n')
    expect((await offers('path "a" {\n  capabilities = [|]\n}\n'))[0]?.becomes).toBe('path "a" {\n  capabilities = ["create"]\n}\n')
  })

  it('offers the mounts of the repository, what lies below them, and what every server has', async () => {
    const found = await offers('path "|" {\n}\n')
    expect(found.map(it => it.label)).toEqual(
      expect.arrayContaining([
        'secret/',
        'secret/data/',
        'secret/metadata/',
        'auth/approle/',
        'auth/approle/role/app',
        'sys/mounts',
        'sys/seal',
        'cubbyhole/',
      ]),
    )
    expect(found.find(it => it.label === 'secret/data/')?.becomes).toBe('path "secret/data/" {\n}\n')
  })

  it('offers the attributes that a body does not have', async () => {
    const found = await labels('path "a" {\n  capabilities = ["read"]\n  |\n}\n')
    expect(found).toContain('min_wrapping_ttl')
    expect(found).not.toContain('capabilities')
    expect((await offers('path "a" {\n  pagi|\n}\n')).find(it => it.label === 'pagination_limit')?.becomes).toContain(
      '  pagination_limit = $1\n',
    )
    expect(await labels('path "a" {\n  control_group {\n    |\n  }\n}\n')).toEqual(['factor', 'ttl', 'self_auth_allowed'])
    expect(await labels('|')).toEqual(['path'])
  })

  it('offers nothing in comments, in other strings, and for values it does not know', async () => {
    for (const marked of [
      '# pa|',
      'path "a" { // |',
      'path "a" {\n  comment = "|"\n}\n',
      'path "a" {\n  pagination_limit = |\n}\n',
      'engines "|"',
    ])
      expect(await labels(marked)).toEqual([])
  })
})

describe('formatting', () => {
  beforeAll(start)
  afterAll(leave)

  const format = async (text: string): Promise<string> => {
    editor.open('policies/app.hcl', text)
    const edits = await editor.request<readonly Edit[]>('textDocument/formatting', {
      ...document('policies/app.hcl'),
      options: { tabSize: 2, insertSpaces: true },
    })
    return edited(text, edits)
  }

  it('makes a document what fmt makes of it', async () => {
    expect(await format('path "a" {\ncapabilities=["read"]\n}\n\n\n# é😀\npath "b" {}')).toBe(
      'path "a" {\n  capabilities = ["read"]\n}\n\n# é😀\npath "b" {}\n',
    )
  })

  it('leaves what it would harm, and what is no policy', async () => {
    for (const text of ['path "a" {\n  min_wrapping_ttl = "1s"\n  max_wrapping_ttl = # why\n    "90m"\n}\n', 'path "a" {'])
      expect(await format(text)).toBe(text)
  })
})

describe('code actions', () => {
  beforeAll(start)
  afterAll(leave)

  const actions = async (path: string, text: string, line: number, only?: readonly string[]): Promise<readonly Action[]> => {
    editor.open(path, text)
    const range = { start: { line, character: 0 }, end: { line, character: 200 } }
    return await editor.request('textDocument/codeAction', {
      ...document(path),
      range,
      context: { diagnostics: [], ...(only && { only }) },
    })
  }
  const made = (text: string, action: Action | undefined): string => edited(text, Object.values(action?.edit.changes ?? {})[0] ?? [])

  it('mend what is safe, one by one or all, and take a finding away', async () => {
    const text = 'path "secret/data/app" {\n  capabilities = ["read", "read"]\n}\n'
    const found = await actions('policies/app.hcl', text, 1)
    expect(found.map(it => [it.kind, it.isPreferred === true])).toEqual([
      ['quickfix', true],
      ['quickfix', false],
      ['source.fixAll.lockstep', false],
    ])
    const clean = policy('secret/data/app', 'read')
    expect(found[0]?.diagnostics?.[0]?.code).toBe('repeated-capability')
    expect([made(text, found[0]), made(text, found[2])]).toEqual([clean, clean])
    expect(made(text, found[1])).toBe(text.replace('  cap', '  # lockstep:ignore repeated-capability: \n  cap'))
  })

  it('are those that are asked for', async () => {
    const text = 'path "secret/data/app" {\n  capabilities = ["read", "read"]\n}\n'
    expect((await actions('policies/app.hcl', text, 0, ['source.fixAll'])).map(it => it.kind)).toEqual(['source.fixAll.lockstep'])
    expect(await actions('policies/app.hcl', text, 2)).toEqual([expect.objectContaining({ kind: 'source.fixAll.lockstep' })])
    expect(await actions('policies/app.hcl', text, 2, ['refactor'])).toEqual([])
  })
})
