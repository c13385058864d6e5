import { drifted, movedIds, movedWords, type Changes, type Plan, type Step } from '../../model/index.ts'
import { escapedXml } from '../xml.ts'
import { changedByText } from './words.ts'

/** A test an object; one that differs is a failure. */
export function driftJunit(plan: Plan, changes: Changes): string {
  const steps = new Map(drifted(plan).map(it => [it.address as string, it]))
  const names = [...new Set([...Object.keys(plan.observed), ...steps.keys()])].sort()
  const head = `name="lockstep drift" tests="${names.length}" failures="${steps.size}" errors="0"`
  const cases = names.map(name => testCase(name, steps.get(name), changes))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n  <testsuite ${head}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`
}

function testCase(name: string, step: Step | undefined, changes: Changes): string {
  const file = step?.from === undefined ? '' : ` file="${escapedXml(step.from.file)}" line="${step.from.start.line}"`
  const open = `    <testcase name="${escapedXml(name)}" classname="lockstep.drift"${file}`
  if (step === undefined) return `${open}/>\n`
  const by = changes.get(step.address)
  const lines = [
    `${step.action}: ${step.why}`,
    ...(step.changed.length === 0 ? [] : [`attributes: ${step.changed.join(', ')}`]),
    ...(by === undefined ? [] : [changedByText(by)]),
  ]
  return `${open}>\n      <failure type="${movedIds[step.moved]}" message="${movedWords[step.moved]}">${escapedXml(lines.join('\n'))}</failure>\n    </testcase>\n`
}
