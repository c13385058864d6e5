import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../src/reconciler/model/index.ts'
import {
  checkSummary,
  driftIssueText,
  failureComment,
  failureOutputs,
  jobSummary,
  maskedPlan,
  outputsText,
  planAnnotations,
  planComments,
  planHeadline,
  planOutputs,
} from '../../../src/reconciler/report/comment/index.ts'
import { pack } from '../../../src/reconciler/report/comment/pack.ts'
import { FakeTarget } from '../harness/fake-target.ts'
import { workspace } from '../harness/repository.ts'
import { applied, folder, planOf, put } from '../harness/run.ts'
import { sample } from '../harness/sample.ts'

const golden = (name: string): string => fileURLToPath(new URL(`../../golden/reconciler/${name}`, import.meta.url))
const withoutHash = (text: string): string => text.replace(/(<sub>plan <code>)[\w-]{22}/g, '$1…')
const options = { target: 'production', url: 'https://github.example/acme/x/actions/runs/1?a=1&b=2' }

/** An escalation, a loss of data, a change on the server, a warning. */
async function eventful(): Promise<Plan> {
  const [dir, target] = [await folder(sample), new FakeTarget()]
  await applied(dir, target)
  await put(dir, {
    'policies/ci.hcl': 'path "sys/policies/acl/*" {\n  capabilities = ["create", "update"]\n}\n',
    'engines/secret.yaml': 'type: kv-v2\nlocal: true\ndescription: what teams keep\nconfig: { max_versions: 5 }\n',
  })
  await target.write('auth/token/roles/deploy', { orphan: false, token_period: 3600 })
  return await planOf(dir, target)
}

const HOSTILE = [
  '# ``` ```` ~~~',
  '# </details></summary></code><img src=x onerror=alert(1)><!-- lockstep:plan -->',
  '# @acme/admins please approve, fixes #1, GH-2, :tada:',
  '# \u001b[2K\u001b[1Ahidden \u202e desrever \u2066 x \u200b\u00ad\u061c\u2028',
  '| a | b |',
  '[click](https://evil.test) ![](https://evil.test/x.png)',
].join('\n')

describe('the comments of a plan', () => {
  it('begin with escalations and losses, then say how much changes, and fold the rest', async () => {
    const texts = planComments(await eventful(), options)
    expect(texts).toHaveLength(1)
    await expect(texts.map(withoutHash).join('')).toMatchFileSnapshot(golden('comment.md'))
  })

  it('say that nothing changes', async () => {
    const [dir, target] = [await folder(sample), new FakeTarget()]
    await applied(dir, target)
    expect(planComments(await planOf(dir, target), options).join('')).toContain('**No changes**')
  })

  it('show hostile texts, and do not obey them', async () => {
    const name = 'a@acme.b'
    const plan = await planOf(
      await folder({
        'policies/a.hcl': `${HOSTILE}\n`.replaceAll(/^(?!#)/gm, '# '),
        'roles/approle.yaml': `type: approle\ndescription: ${JSON.stringify(HOSTILE)}\n`,
        [`policies/${name}.hcl`]: '# x\n',
      }),
      new FakeTarget(),
    )
    const text = planComments(plan, { target: '@acme/x <b>' }).join('')
    await expect(withoutHash(text)).toMatchFileSnapshot(golden('comment-hostile.md'))
    expect(/[\p{Cc}\p{Cf}\u2028]/u.test(text.replaceAll('\n', ''))).toBe(false)
    const prose = withoutFences(text)
    expect(prose).not.toMatch(/@[\w]/)
    expect(prose.replaceAll(/<\/?(?:details|summary|code|sub)>/g, '')).not.toMatch(/(?<!\\)[<`]/)
  })

  it('are cut below the length of a comment, each with the hash, and no fence left open', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 80 }, (_, i) => [
        `policies/p${i}.hcl`,
        Array.from({ length: 80 }, (__, n) => `path "${'x'.repeat(60)}${n}" {}\n`).join(''),
      ]),
    )
    const plan = await planOf(await folder(files), new FakeTarget())
    const texts = planComments(plan, options)
    expect(texts.length).toBeGreaterThan(2)
    expect(texts).toHaveLength(5)
    for (const text of texts) {
      expect(text.length).toBeLessThan(65_536 - 500)
      expect(text).toContain(plan.digest)
      expect(openFences(text)).toBe(0)
      expect(text.split('<details>').length).toBe(text.split('</details>').length)
    }
    expect(texts.at(-1)).toMatch(/… and \d+ more; the saved plan has them all\./)
    expect(Buffer.byteLength(jobSummary(plan, options))).toBeLessThan(1024 ** 2)
    expect(Buffer.byteLength(checkSummary(plan, options))).toBeLessThan(65_536)
  })

  it('hold one policy that is longer than a comment', async () => {
    const long = Array.from({ length: 1500 }, (_, n) => `path "secret/data/${'y'.repeat(40)}/${n}" {}\n`).join('')
    const texts = planComments(
      await planOf(await folder({ 'policies/long.hcl': `# ${'z'.repeat(70_000)}\n${long}` }), new FakeTarget()),
      options,
    )
    expect(texts.length).toBeGreaterThan(1)
    expect(texts.map(openFences)).toEqual(texts.map(() => 0))
    expect(texts.join('')).toContain('/1499"')
  })

  it('say what is wrong where there is no plan', () => {
    const { findings } = workspace({ 'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_polices: [] }\n' })
    const text = failureComment(findings, options)
    expect(text).toContain('**Plan: failed**')
    expect(text).toContain('<code>roles/a.yaml:3:9</code>')
    expect(failureOutputs(findings)).toMatchObject({ failure_reason: 'LOAD0003', findings: 1, changes: false })
    expect(planAnnotations(findings)).toMatchObject([{ path: 'roles/a.yaml', startLine: 3, level: 'failure', title: 'LOAD0003' }])
  })
})

describe('the other texts', () => {
  it('count for the steps of a workflow, a line each', async () => {
    const plan = await eventful()
    const outputs = planOutputs(plan)
    expect(outputs).toMatchObject({ changes: true, to_destroy: 1, drift: true, failure_reason: 'data-loss', plan_hash: plan.digest })
    expect(outputsText(outputs)).toMatch(/^(?:[a-z_]+=[\w,.-]*\n){9}$/)
    expect(planHeadline(plan)).toMatch(/^Plan: .*; 1 escalation of access; \d loss(es)? of data; refused by data-loss$/)
    expect(planAnnotations(plan.findings, plan.steps).map(it => it.title)).toContain('Loss of data')
  })

  it('tell a drift, what was changed on the server first', async () => {
    const plan = await eventful()
    const issue = driftIssueText(plan, options)
    expect(issue?.title).toMatch(/^Drift: production: \d+ objects differ$/)
    expect(issue?.body).toContain('| <code>auth/token/roles/deploy</code> | changed on the server | orphan, token\\_period |')
    const [dir, target] = [await folder(sample), new FakeTarget()]
    await applied(dir, target)
    expect(driftIssueText(await planOf(dir, target), options)).toBeUndefined()
  })
})

describe('secrets', () => {
  it('are masked wherever somebody typed them, and the hash stays', async () => {
    const planted = { known: 'planted-secret-value', form: `hvs.${'A'.repeat(24)}` }
    const files = {
      'policies/a.hcl': `# ${planted.known} ${planted.form}\n`,
      'roles/approle.yaml': `type: approle\ndescription: ${planted.known}\nroles:\n  ci: { role_id: { $env: CI_ROLE_ID }, token_policies: [${planted.form}] }\n`,
    }
    const plan = await planOf(await folder(files), new FakeTarget(), { env: { CI_ROLE_ID: planted.known } })
    const masked = maskedPlan(plan, [planted.known, 'x'])
    expect(masked.digest).toBe(plan.digest)
    const text = [...planComments(masked, options), jobSummary(masked, options), checkSummary(masked, options)].join('')
    const issue = driftIssueText(masked, options)
    for (const secret of Object.values(planted)) expect(`${text}${issue?.body ?? ''}`).not.toContain(secret)
    expect(text).toContain('+# *** ***')
  })
})

describe('pack', () => {
  const row = fc.string({ maxLength: 120 }).map(it => it.replaceAll('\n', ' '))
  const block = fc.record({ open: fc.constant(['(']), rows: fc.array(row, { maxLength: 12 }), close: fc.constant([')']) })

  it('keeps every text below its length, and loses nothing that fits in rows', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.integer({ min: 200, max: 800 }), (blocks, longest) => {
        const texts = pack(blocks, { longest, most: 1000, leftOut: count => `${count} left out` })
        expect(texts.every(it => it.length <= longest)).toBe(true)
        const rows = texts.flatMap(it => it.split('\n')).filter(it => !['', '(', ')'].includes(it))
        const wanted = blocks.flatMap(it => it.rows).filter(it => !['', '(', ')'].includes(it))
        expect(rows).toEqual(wanted)
      }),
    )
  })

  it('says how much it left out', () => {
    const blocks = Array.from({ length: 9 }, () => ({ open: [], rows: ['x'.repeat(90)], close: [] }))
    const texts = pack(blocks, { longest: 120, most: 3, leftOut: count => `${count} left out` })
    expect(texts).toHaveLength(3)
    expect(texts.at(-1)).toContain('6 left out')
  })
})

const fenceLine = /^(`{3,})(\w*)$/

/** How many fences stand open at the end, by the rule of CommonMark. */
function openFences(text: string): number {
  let open = ''
  for (const line of text.split('\n')) {
    const [, run = '', info = ''] = fenceLine.exec(line) ?? []
    if (run === '') continue
    if (open === '') open = run
    else if (info === '' && run.length >= open.length) open = ''
  }
  return open === '' ? 0 : 1
}

function withoutFences(text: string): string {
  let open = ''
  return text
    .split('\n')
    .filter(line => {
      const [, run = '', info = ''] = fenceLine.exec(line) ?? []
      const isInside = open !== ''
      if (run !== '' && open === '') open = run
      else if (run !== '' && info === '' && run.length >= open.length) open = ''
      return !isInside && run === ''
    })
    .join('\n')
}
