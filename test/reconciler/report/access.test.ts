import { describe, expect, it } from 'vitest'
import { sortAccess, type AccessEntry } from '../../../src/reconciler/model/index.ts'
import { diffJson, diffMarkdown, plain, renderDiff } from '../../../src/reconciler/report/index.ts'

const entry = (more: object): AccessEntry => ({
  holders: ['auth/approle/role/app' as never],
  change: 'gained',
  capabilities: ['read'],
  path: 'kv/*',
  except: [],
  witness: 'kv/x',
  limitsBefore: [],
  limitsAfter: [],
  answeredBefore: [],
  answeredAfter: [],
  ...more,
})

const wide = { path: 'kv/*', policies: ['wide'], denies: false }
const entries = sortAccess([
  entry({
    change: 'lost',
    path: 'kv/app',
    answeredBefore: [wide],
    answeredAfter: [{ path: 'kv/app', policies: ['narrow'], denies: true }],
  }),
  entry({ change: 'narrowed', path: 'kv/b', limitsAfter: ['must send a|b'], answeredBefore: [wide], answeredAfter: [wide] }),
  entry({ change: 'widened', path: 'kv/c', limitsBefore: ['may send only x'] }),
  entry({ except: ['a', 'b', 'c', 'd', 'e', 'f'].map(it => `kv/${it}`), until: '2026-12-24T00:00:00.000Z' }),
  entry({ holders: ['policy/lonely'], capabilities: ['list', 'sudo'], path: 'kv/\u202e*_x', lists: true, unresolved: true }),
  entry({ path: 'sys/policies/acl/*', capabilities: ['update'], escalates: 'rewrite any policy, its own too' }),
])

describe('changes of access', () => {
  it('are shown with what they mean, escalations first', () => {
    expect(renderDiff(entries, { paint: plain, full: false })).toMatchInlineSnapshot(`
      "Access: 4 gains, 2 losses; 1 of them an escalation
        +! gained update on sys/policies/acl/*
            auth/approle/role/app
            lets its holder rewrite any policy, its own too
        + gained read on kv/* except kv/a, kv/b, kv/c, kv/d and 2 more
            auth/approle/role/app, until 2026-12-24T00:00:00.000Z
        + gained list, sudo on lists of kv/\\u{202e}*_x
            whoever holds policy/lonely, where a template of its policies cannot be resolved
        > widened read on kv/c
            auth/approle/role/app
            no longer limited
            before: may send only x
        < narrowed read on kv/b
            auth/approle/role/app
            limited: must send a|b
            path "kv/*" of wide answers
        - lost read on kv/app
            auth/approle/role/app
            path "kv/app" of narrow (deny) answers now, in place of path "kv/*" of wide
      "
    `)
  })

  it('are a table in Markdown, in which nothing is obeyed', () => {
    expect(diffMarkdown(entries)).toMatchInlineSnapshot(`
      "### Access: 4 gains, 2 losses; 1 of them an escalation

      | change | capabilities | path | for | notes |
      | --- | --- | --- | --- | --- |
      | :warning: **gained** | update | <code>sys/policies/acl/&#42;</code> | auth/approle/role/app | lets its holder rewrite any policy, its own too |
      | gained | read | <code>kv/&#42; except kv/a, kv/b, kv/c, kv/d and 2 more</code> | auth/approle/role/app, until 2026-12-24T00:00:00.000Z |  |
      | gained | list, sudo | <code>lists of kv/&#92;u{202e}&#42;&#95;x</code> | whoever holds policy/lonely, where a template of its policies cannot be resolved |  |
      | widened | read | <code>kv/c</code> | auth/approle/role/app | no longer limited<br>before: may send only x |
      | narrowed | read | <code>kv/b</code> | auth/approle/role/app | limited: must send a\\|b<br>path "kv/\\*" of wide answers |
      | lost | read | <code>kv/app</code> | auth/approle/role/app | path "kv/app" of narrow (deny) answers now, in place of path "kv/\\*" of wide |
      "
    `)
  })

  it('are cut short for people, and whole for machines', () => {
    const many = Array.from({ length: 60 }, (_it, i) => entry({ path: `kv/${i}` }))
    expect(renderDiff(many, { paint: plain, full: false })).toContain('    and 40 more; -full and -json show all\n')
    expect(renderDiff(many, { paint: plain, full: true })).not.toContain('more; -full')
    expect(diffMarkdown(many)).toContain('… and 10 more; the JSON plan has them all.')
    expect((JSON.parse(diffJson(many, { old: 'a', new: 'b' })) as { access_changes: object[] }).access_changes).toHaveLength(60)
  })

  it('are none where there are none', () => {
    expect(renderDiff([], { paint: plain, full: false })).toBe('Nobody gains or loses access.\n')
    expect(diffMarkdown([])).toBe('Nobody gains or loses access.\n')
  })
})
