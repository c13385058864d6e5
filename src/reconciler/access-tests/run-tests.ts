import type { Diagnostic, SourceRange } from '../../kernel/index.ts'
import { nearest } from '../../kernel/index.ts'
import { reasonClass, reasonText, ruleText, type Explanation } from '../../policy/index.ts'
import {
  answerFor,
  findHolder,
  HolderNotFound,
  together,
  whoCan,
  type Access,
  type Answer,
  type Effective,
  type Holder,
} from '../access/index.ts'
import { errorAt, placeText } from '../model/index.ts'
import type { AccessTest, Expectation, NobodyBut, Subject } from './test.ts'

export interface Failure {
  readonly at: SourceRange
  /** What was expected, and what is so; one line. */
  readonly message: string
  /** The rule that answers, with its place. */
  readonly detail?: string
}

export interface TestResult {
  readonly test: AccessTest
  /** How many requests were judged. */
  readonly checks: number
  readonly failures: readonly Failure[]
  /** What it names and what is not there, so that nothing could be judged. */
  readonly findings: readonly Diagnostic[]
}

export interface TestRun {
  readonly results: readonly TestResult[]
  /** Every explanation that a test looked at: what coverage is counted from. */
  readonly looked: readonly Explanation[]
}

/** Judges every test, offline: nothing is asked of anybody. */
export function runTests(tests: readonly AccessTest[], access: Access): TestRun {
  const run = new Run(access)
  const results = tests.map(it => run.test(it))
  return { results, looked: run.looked }
}

type Judged = Pick<TestResult, 'checks' | 'failures'>
const nothingJudged: Judged = { checks: 0, failures: [] }

class Run {
  readonly looked: Explanation[] = []
  #findings: Diagnostic[] = []
  readonly #access: Access

  constructor(access: Access) {
    this.#access = access
  }

  test(test: AccessTest): TestResult {
    const { body } = test
    this.#findings = []
    const judged = body.is === 'of' ? this.#of(body.subject, body.expectations) : this.#nobodyBut(body)
    return { test, ...judged, findings: this.#findings }
  }

  #of(subject: Subject, expectations: readonly Expectation[]): Judged {
    const held = this.#held(subject)
    if (held === undefined) return nothingJudged
    const failures = expectations.flatMap(it => {
      const answer = answerFor(this.#access, held, it.request, subject.facts)
      this.looked.push(answer.explanation)
      return failureOf(it, answer) ?? []
    })
    return { checks: expectations.length, failures }
  }

  #nobodyBut({ holders, can }: NobodyBut): Judged {
    const named = this.#holders(holders)
    if (named === undefined) return nothingJudged
    const failures = can.flatMap(expectation => {
      const found = whoCan(this.#access, expectation.request)
      const others = found.filter(it => !named.some(({ address }) => address === it.holder.address))
      const own = named.flatMap(holder => {
        const answer = answerFor(this.#access, this.#access.effective(holder), expectation.request)
        this.looked.push(answer.explanation)
        const failure = failureOf(expectation, answer)
        return failure === undefined ? [] : [{ ...failure, message: `${holder.address}: ${failure.message}` }]
      })
      const asked = `${expectation.request.op} ${expectation.request.path}`
      const strangers = others.map(({ holder, answer, depends }): Failure => {
        const detail = ruleDetail(answer.explanation)
        return {
          at: expectation.at,
          message: `${holder.address} can ${asked} too${depends.length > 0 ? ', depending on the identity' : ''}`,
          ...(detail === undefined ? {} : { detail }),
        }
      })
      return [...own, ...strangers]
    })
    return { checks: can.length, failures }
  }

  #held(subject: Subject): Effective | undefined {
    const holders = this.#holders(subject.holders)
    const { policyNames } = this.#access
    const missing = subject.policies.filter(it => !policyNames.has(it.said.toLowerCase()))
    for (const { said, at } of missing) {
      const near = nearest(said, [...policyNames])
      this.#findings.push(errorAt('TEST0001', at, `there is no policy ${said}${near === undefined ? '' : `; did you mean ${near}?`}`))
    }
    if (holders === undefined || missing.length > 0) return undefined
    return together(
      subject.policies.map(it => it.said.toLowerCase()),
      holders.map(it => this.#access.effective(it)),
    )
  }

  /** Undefined where one is not there, which is a finding. */
  #holders(said: Subject['holders']): readonly Holder[] | undefined {
    const found = said.flatMap(it => {
      try {
        return findHolder(this.#access, it.said, it.kind)
      } catch (error) {
        if (!(error instanceof HolderNotFound)) throw error
        this.#findings.push(errorAt('TEST0001', it.at, error.message))
        return []
      }
    })
    return found.length === said.length ? found : undefined
  }
}

function failureOf(expectation: Expectation, answer: Answer): Failure | undefined {
  const message = whatIsWrong(expectation, answer)
  if (message === undefined) return undefined
  const detail = ruleDetail(answer.explanation)
  return { at: expectation.at, message, ...(detail === undefined ? {} : { detail }) }
}

function whatIsWrong({ request, allowed, by, because }: Expectation, { explanation, query }: Answer): string | undefined {
  const { decision } = explanation
  const asked = `${request.op} ${request.path}`
  if (decision.allowed !== allowed) {
    const why = reasonText(explanation, query)
    return allowed ? `${asked} is to be allowed, and is denied: ${why ?? ''}` : `${asked} is to be denied, and is allowed`
  }
  const reason = reasonClass(explanation, request.op)
  if (because !== undefined && reason !== because)
    return `${asked} is to be denied because of ${because}, and is because of ${reason ?? ''}`
  if (by === undefined) return undefined
  const fits = decision.rule?.sources.some(it => it.policy.name === by.policy && (by.path === undefined || it.rule.path === by.path))
  return fits === true
    ? undefined
    : `${asked} is to be answered by a rule of ${by.policy}${by.path === undefined ? '' : ` for "${by.path}"`}`
}

function ruleDetail({ decision }: Explanation): string | undefined {
  const { rule } = decision
  if (rule === undefined) return undefined
  const places = rule.sources.map(it => (it.rule.at === undefined ? it.policy.name : placeText(it.rule.at)))
  return `the rule for "${ruleText(rule)}" answers (${places.join(', ')})`
}
