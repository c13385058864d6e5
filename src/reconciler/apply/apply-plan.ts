import {
  noMoves,
  touchesTarget,
  type Address,
  type LedgerChange,
  type LedgerEdit,
  type Moves,
  type Plan,
  type Resolve,
  type Seal,
  type Sealed,
  type Step,
  type Values,
} from '../model/index.ts'
import { Journal } from './journal.ts'
import { editOf, intents, withdraw } from './ledger-edits.ts'
import { checkLive, movesOf } from './live.ts'
import type { ApplyEvent, ApplyReport, KeptStep, MovedObject, StepFailure } from './report.ts'
import { rollBack } from './roll-back.ts'
import { kindOf, messageOf, runStep, type StepPorts, type StepResult } from './run-step.ts'

export interface ApplyPorts extends Omit<StepPorts, 'secrets' | 'compareAndSet'> {
  readonly resolve: Resolve
  /** Undefined: there is no key, and the ledger says only that secrets were written. */
  readonly seal?: Seal
  /** Merges a change into the ledger on the target. */
  readonly record: (change: LedgerChange) => Promise<void>
  readonly onEvent?: (event: ApplyEvent) => void
  /** Steps of one stage that run at once. */
  readonly parallelism: number
  /** Look at every object again before the first write, so that a plan that was overtaken changes nothing. */
  readonly lookFirst: boolean
  /** Take back what was done when a step fails, as far as it can be taken back. */
  readonly rollBack: boolean
  /** Once it aborts no step is begun; those that run are waited for. */
  readonly signal?: AbortSignal
}

/**
 * Carries out a plan as it is: stage by stage, each step only if its object is still as the plan saw it. Stops at the first
 * failure, takes back what can be taken back, and always says in the ledger what is done.
 */
export async function applyPlan(plan: Plan, ports: ApplyPorts): Promise<ApplyReport> {
  const run = new Run(plan, ports)
  return await run.all()
}

/** Mounts that the ledger has to know by another name. */
const ledgerMovesOf = (steps: readonly Step[]): Moves =>
  new Map(steps.flatMap(it => (it.kind === 'mount' && it.movedFrom !== undefined ? [[it.address, it.movedFrom] as const] : [])))

class Run {
  readonly #plan: Plan
  readonly #ports: ApplyPorts
  readonly #journal: Journal
  readonly #done: Step[] = []
  readonly #rolledBack = new Set<Step>()
  readonly #recordedSteps = new Set<Step>()
  #kept: readonly KeptStep[] = []
  readonly #failed: StepFailure[] = []
  readonly #moved: MovedObject[] = []
  readonly #unknown: Address[] = []
  readonly #begun = new Set<Step>()
  readonly #touched = new Map<Address, Step['action']>()
  #secrets: ReadonlyMap<Address, Values> = new Map()
  #ledger: string | undefined

  constructor(plan: Plan, ports: ApplyPorts) {
    this.#plan = plan
    this.#ports = ports
    this.#journal = new Journal(ports.record)
  }

  async all(): Promise<ApplyReport> {
    const { steps } = this.#plan
    this.#secrets = await this.#resolveAll(steps)
    if (!this.#isStopped && this.#ports.lookFirst) await this.#lookAtAll(steps)
    if (this.#isStopped || steps.length === 0) return this.#report()
    const intended = intents(steps)
    if (intended.size > 0 && !(await this.#write({ entries: intended }))) return this.#report()
    try {
      const stages = [...new Set(steps.map(it => it.stage))].sort((a, b) => a - b)
      for (const stage of stages) {
        if (this.#isStopped) break
        await this.#pool(
          steps.filter(it => it.stage === stage),
          step => this.#run(step),
        )
        if (stage !== stages.at(-1)) await this.#record()
      }
      await this.#rollBackIfBroken()
    } finally {
      await this.#recordEnd(intended)
    }
    return this.#report()
  }

  get #isStopped(): boolean {
    return this.#failed.length > 0 || this.#moved.length > 0 || this.#ledger !== undefined || this.#ports.signal?.aborted === true
  }

  /** Before any write: a value that cannot be found must not leave half an apply behind. */
  async #resolveAll(steps: readonly Step[]): Promise<ReadonlyMap<Address, Values>> {
    const secrets = new Map<Address, Values>()
    await this.#pool(
      steps.filter(it => touchesTarget(it) && Object.keys(it.references).length > 0),
      async step => {
        const kind = kindOf(this.#ports.kinds, step)
        const values: Record<string, Values[string]> = {}
        for (const [name, reference] of Object.entries(step.references)) {
          try {
            const value = kind.resolved(step, name, await this.#ports.resolve(reference))
            if (value === undefined)
              this.#failed.push({ step, message: `${name}: what its reference stands for is not what is expected here` })
            else values[name] = value
          } catch (error) {
            this.#failed.push({ step, message: `${name}: ${messageOf(error)}` })
          }
        }
        secrets.set(step.address, values)
      },
    )
    return secrets
  }

  async #lookAtAll(steps: readonly Step[]): Promise<void> {
    const replaced = new Set(
      steps.flatMap(it => (it.kind === 'mount' && (it.action === 'replace' || it.action === 'create') ? it.address : [])),
    )
    const unmoved = movesOf(steps)
    const looked = steps.filter(it => it.mount === undefined || !replaced.has(it.mount))
    await this.#pool(
      looked.filter(it => !this.#isMadeByMount(it)),
      async step => {
        try {
          const { moved } = await checkLive(this.#ports.writer, kindOf(this.#ports.kinds, step), step, unmoved)
          if (moved !== undefined) this.#moved.push(moved)
        } catch (error) {
          this.#failed.push({ step, message: messageOf(error) })
        }
      },
    )
  }

  /** A config that appears when its mount is changed cannot be looked at before. */
  #isMadeByMount(step: Step): boolean {
    return step.fingerprint === 'absent' && step.mount !== undefined && kindOf(this.#ports.kinds, step).isPermanent(step)
  }

  async #pool(steps: readonly Step[], work: (step: Step) => Promise<void>): Promise<void> {
    let next = 0
    const worker = async (): Promise<void> => {
      for (let step = steps[next++]; step !== undefined; step = steps[next++]) await work(step)
    }
    await Promise.all(Array.from({ length: Math.min(this.#ports.parallelism, steps.length) }, worker))
  }

  async #run(step: Step): Promise<void> {
    if (this.#isStopped) return
    const { onEvent } = this.#ports
    this.#begun.add(step)
    onEvent?.({ is: 'started', step })
    this.#take(step, await runStep(this.#stepPorts, step, this.#touched))
  }

  get #stepPorts(): StepPorts {
    return { ...this.#ports, secrets: this.#secrets, compareAndSet: this.#plan.target.compareAndSet }
  }

  /** Whoever stops a run may want to see how far it came; whatever else ends it early must not leave a half. */
  async #rollBackIfBroken(): Promise<void> {
    const isBroken = this.#failed.length > 0 || this.#moved.length > 0 || this.#ledger !== undefined
    if (!isBroken || !this.#ports.rollBack) return
    const broken = this.#failed.map(it => it.step).filter(it => this.#begun.has(it))
    if (this.#done.length + broken.length === 0) return
    this.#ports.onEvent?.({ is: 'rolling-back', count: this.#done.length })
    const { undone, kept } = await rollBack(this.#stepPorts, { done: this.#done, broken }, (steps, work) => this.#pool(steps, work))
    for (const step of undone) this.#rolledBack.add(step)
    this.#kept = kept
  }

  #take(step: Step, result: StepResult): void {
    const { onEvent } = this.#ports
    if (result.is === 'done') {
      this.#done.push(step)
      if (step.kind === 'mount') this.#touched.set(step.address, step.action)
      onEvent?.({ is: 'finished', step, count: this.#done.length, of: this.#plan.steps.length })
      return
    }
    if (result.is === 'moved') this.#moved.push(result.moved)
    else {
      this.#failed.push({ step, message: result.message })
      if (result.isUnknown) this.#unknown.push(step.address)
      onEvent?.({ is: 'failed', step, message: result.message })
    }
  }

  get #standing(): readonly Step[] {
    return this.#done.filter(it => !this.#rolledBack.has(it))
  }

  async #record(more: Omit<LedgerChange, 'entries'> & { readonly entries?: ReadonlyMap<Address, LedgerEdit> } = {}): Promise<void> {
    const news = this.#standing.filter(it => !this.#recordedSteps.has(it))
    const { entries = new Map(), moves = noMoves } = more
    if (news.length === 0 && entries.size === 0 && moves.size === 0) return
    const isWhole = this.#standing.length === this.#plan.steps.length
    const { source } = this.#plan
    const isWritten = await this.#write({
      entries: new Map([...entries, ...news.map(it => [it.address, this.#editOf(it)] as const)]),
      moves: new Map([...moves, ...ledgerMovesOf(news)]),
      ...(source.repository === undefined ? {} : { repository: source.repository }),
      ...(isWhole && source.commit !== undefined && source.dirty.length === 0 ? { commit: source.commit } : {}),
    })
    if (isWritten) for (const step of news) this.#recordedSteps.add(step)
  }

  #editOf(step: Step): LedgerEdit {
    const kind = kindOf(this.#ports.kinds, step)
    const written = touchesTarget(step) ? { ...step.after, ...this.#secrets.get(step.address) } : {}
    const names = kind.unread(step).tracked.filter(name => written[name] !== undefined)
    const seal = (name: string): Sealed => this.#ports.seal?.(step.address, name, written[name] ?? null) ?? '-'
    const sealed = names.length === 0 ? undefined : Object.fromEntries(names.map(name => [name, seal(name)]))
    return editOf(step, kind.isPermanent(step), sealed)
  }

  /** Without its ledger an apply goes no further: what it made would be nobody's. */
  async #write(change: LedgerChange): Promise<boolean> {
    try {
      await this.#journal.write(change)
      this.#ledger = undefined
      return true
    } catch (error) {
      this.#ledger = messageOf(error)
      return false
    }
  }

  /** Intents that came to nothing are taken back; those of which it is not known stay, and the next plan finds out. */
  async #recordEnd(intended: ReadonlyMap<Address, LedgerEdit>): Promise<void> {
    const back = new Map(
      [...ledgerMovesOf([...this.#rolledBack].filter(it => this.#recordedSteps.has(it)))].map(([to, from]) => [from, to]),
    )
    const kept = this.#kept.map(it => it.step.address)
    const settled = new Set<Address>([...this.#standing.map(it => it.address), ...this.#unknownNow, ...kept])
    const void_ = [...intended.keys()].filter(it => !settled.has(it))
    const restored = this.#journal.restoring(
      [...this.#rolledBack].map(it => it.address),
      back,
    )
    await this.#record({ entries: new Map([...void_.map(it => [it, withdraw] as const), ...restored]), moves: back })
  }

  /** What was taken back is known to be as it was. */
  get #unknownNow(): readonly Address[] {
    const undone = new Set([...this.#rolledBack].map(it => it.address))
    return this.#unknown.filter(it => !undone.has(it))
  }

  #report(): ApplyReport {
    const isDone = this.#standing.length === this.#plan.steps.length
    return {
      outcome: this.#moved.length > 0 ? 'moved' : isDone && this.#ledger === undefined ? 'done' : 'failed',
      done: this.#standing,
      rolledBack: [...this.#rolledBack].filter(it => touchesTarget(it) && (this.#done.includes(it) || this.#unknown.includes(it.address))),
      kept: this.#kept,
      failed: this.#failed,
      moved: this.#moved,
      left: this.#plan.steps.filter(it => !this.#begun.has(it)),
      unknown: this.#unknownNow,
      ...(this.#ledger === undefined ? {} : { ledger: this.#ledger }),
    }
  }
}
