import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { applyPhase, standingRefusals } from '../../../src/reconciler/index.ts'
import { encodePlan, type Plan } from '../../../src/reconciler/model/index.ts'
import {
  applyJson,
  coloured,
  findingsJson,
  plain,
  renderApplied,
  renderDrift,
  renderFindings,
  renderMarkdown,
  renderPlan,
} from '../../../src/reconciler/report/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'
import { workspace, type Files } from '../harness/repository.ts'
import { applied, folder, planOf, put, take } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

/** The expected texts stand in test/golden; `vitest -u` writes them anew, and the difference is then reviewed. */
const golden = (name: string): string => fileURLToPath(new URL(`../../golden/reconciler/${name}`, import.meta.url))

/** A digest says that something changed, and the text beside it says what. */
const withoutDigest = (text: string): string => text.replace(/("(?:digest|files)": "|<sub>plan )[\w-]{22}/g, '$1…')

async function settled(): Promise<{ dir: string; target: FakeTarget }> {
  const [dir, target] = [await folder(sample), new FakeTarget()]
  await applied(dir, target)
  return { dir, target }
}

/** A bit of everything: changes on both sides, a delete, a replacement, strangers. */
async function eventful(): Promise<Plan> {
  const { dir, target } = await settled()
  await put(dir, {
    'policies/payments/read.hcl': sample['policies/payments/read.hcl']?.replace('["read"]', '["read", "list"]') ?? '',
    'policies/new.hcl': 'path "new" {\n  capabilities = ["read"]\n}\n',
    'roles/approle.yaml': `type: approle
description: machines of all teams
tune: { default_lease_ttl: 1h, max_lease_ttl: 48h }
roles:
  ci:
    token_policies: [ci, new, nowhere]
    token_ttl: 90m
    role_id: { $env: CI_ROLE_ID }
`,
    'engines/secret.yaml': 'type: kv-v2\nlocal: true\ndescription: what teams keep\nconfig: { max_versions: 5 }\n',
  })
  await take(dir, 'roles/approle/roles/ops.yaml')
  target.policies.set('ci', { text: '# by hand\npath "auth/approle/role/ci/secret-id" {\n  capabilities = ["update"]\n}\n', version: 7 })
  await target.write('auth/token/roles/deploy', { orphan: false, token_period: 3600 })
  await target.write('sys/policies/acl/theirs', { policy: '# theirs' })
  return await planOf(dir, target, { env: { CI_ROLE_ID: 'planted-marker' } })
}

describe('the terminal', () => {
  it('shows a first plan', async () => {
    const plan = await planOf(await folder(sample), new FakeTarget())
    await expect(renderPlan(plan, { paint: plain })).toMatchFileSnapshot(golden('first-plan.txt'))
  })

  it('shows a first plan shortly', async () => {
    const plan = await planOf(await folder(sample), new FakeTarget())
    await expect(renderPlan(plan, { paint: plain, full: false })).toMatchFileSnapshot(golden('first-plan-short.txt'))
  })

  it('shows changes of every kind, and what refuses them', async () => {
    await expect(renderPlan(await eventful(), { paint: plain })).toMatchFileSnapshot(golden('eventful-plan.txt'))
  })

  it('shows the same in colours', async () => {
    await expect(renderPlan(await eventful(), { paint: coloured })).toMatchFileSnapshot(golden('eventful-plan.ansi'))
  })

  it('shows what was allowed', async () => {
    const plan = await eventful()
    const standing = standingRefusals(plan, { dataLoss: true })
    const text = renderPlan(plan, { paint: plain, consented: new Set(plan.refusals.filter(it => !standing.includes(it))) })
    expect(text).toMatch(/^Allowed: replacing engine\/secret\/ loses every secret/m)
    expect(text).not.toContain('Refused')
  })

  it('shows a drift by who moved', async () => {
    await expect(renderDrift(await eventful(), { paint: plain })).toMatchFileSnapshot(golden('drift.txt'))
  })

  it('begins with "No changes." when there are none', async () => {
    const { dir, target } = await settled()
    const text = renderPlan(await planOf(dir, target), { paint: plain })
    expect(
      text
        .split('\n')
        .filter(it => it !== '')
        .at(-1),
    ).toBe('No changes. 9 managed objects on the server, all as the files say.')
  })

  it('shows what became of an apply that failed', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    const plan = await planOf(dir, target)
    target.before = request => {
      if (request === 'POST sys/mounts/secret') throw new Refused(403, 'POST sys/mounts/secret: 403 permission denied')
    }
    const result = await applyPhase(plan, { writer: target, env: {}, dir, lookFirst: true, parallelism: 1 })
    const report = result.is === 'applied' ? result.report : undefined
    await expect(report === undefined ? '' : renderApplied(report, plain)).toMatchFileSnapshot(golden('failed-apply.txt'))
    await expect(withoutDigest(applyJson(plan, report, undefined))).toMatchFileSnapshot(golden('failed-apply.json'))
  })

  it('shows what the files do wrong', async () => {
    const broken: Files = {
      'policies/a.hcl': 'path "x" {\n  capabilities = ["reed"]\n}\n',
      'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_polices: [] }\n',
      'roles/b.yaml': 'type: approle\nroles:\n  ci: {}\n',
      'roles/b/roles/ci.yaml': '{}\n',
    }
    const { findings } = workspace(broken)
    await expect(renderFindings(findings, plain)).toMatchFileSnapshot(golden('findings.txt'))
    await expect(findingsJson(findings)).toMatchFileSnapshot(golden('findings.json'))
  })

  it('shows escape sequences, and does not obey them', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# \u001b[2K\u001b[1Ahidden\u202e\n' }), new FakeTarget()]
    target.policies.set('a', { text: '# other \u001b]0;x\u0007\r\n', version: 1 })
    const text = renderPlan(await planOf(dir, target), { paint: plain })
    expect(/[\p{Cc}\u202e]/u.test(text.replaceAll('\n', ''))).toBe(false)
    expect(text).toContain('+# \\u{1b}[2K\\u{1b}[1Ahidden\\u{202e}')
  })
})

describe('JSON', () => {
  it('has the names that the field’s tools for plans read', async () => {
    const plan = await eventful()
    await expect(withoutDigest(encodePlan(plan))).toMatchFileSnapshot(golden('eventful-plan.json'))
    expect(encodePlan(plan)).not.toContain('planted-marker')
  })
})

describe('Markdown', () => {
  it('puts what would be lost first, and folds the details', async () => {
    await expect(withoutDigest(renderMarkdown(await eventful()))).toMatchFileSnapshot(golden('eventful-plan.md'))
  })

  it('stays below the length of a comment', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`policies/p${i}.hcl`, `path "${'x'.repeat(300)}" {}\n`]))
    const text = renderMarkdown(await planOf(await folder(files), new FakeTarget()))
    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/… and \d+ more; the whole plan is in the log\./)
  })

  it('cannot be left by what a policy says', async () => {
    const [dir, target] = [await folder({ 'policies/a.hcl': '# ```\n# </details> <b>\n' }), new FakeTarget()]
    expect(renderMarkdown(await planOf(dir, target))).toContain('\n````diff\n+# ```\n+# </details> <b>\n````\n')
  })
})
