import { digestOf, drifted, movedIds, movedWords, type Changes, type Moved, type Plan, type Step } from '../../model/index.ts'
import { changedByText } from './words.ts'

const MEANS: Readonly<Record<Moved, string>> = {
  repository: 'The files say something else than what was last applied, and nobody has touched the server.',
  target: 'Somebody changed the server; the files say what was last applied.',
  both: 'The files say something else than what was last applied, and somebody changed the server too.',
  new: 'The files describe it and it was never applied.',
}

const LEVELS: Readonly<Record<Moved, 'error' | 'warning' | 'note'>> = { target: 'error', both: 'error', repository: 'warning', new: 'note' }
const kinds = ['target', 'both', 'repository', 'new'] as const

/** SARIF 2.1.0 (OASIS), which code scanning reads: each difference at the place in the files that describes the object. */
export function driftSarif(plan: Plan, changes: Changes): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lockstep drift', rules: kinds.map(rule) } },
        columnKind: 'unicodeCodePoints',
        results: drifted(plan).map(it => result(it, changes)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const rule = (moved: Moved): object => ({
  id: `drift/${movedIds[moved]}`,
  shortDescription: { text: movedWords[moved] },
  fullDescription: { text: MEANS[moved] },
  defaultConfiguration: { level: LEVELS[moved] },
})

function result(step: Step, changes: Changes): object {
  const by = changes.get(step.address)
  const changed = step.changed.length === 0 || step.action !== 'update' ? '' : ` (${step.changed.join(', ')})`
  const lines = [`${step.address}: ${movedWords[step.moved]}${changed}; ${step.why}`, ...(by === undefined ? [] : [changedByText(by)])]
  return {
    ruleId: `drift/${movedIds[step.moved]}`,
    ruleIndex: kinds.indexOf(step.moved),
    level: LEVELS[step.moved],
    message: { text: lines.join('\n') },
    locations: [location(step)],
    partialFingerprints: { 'lockstep/v1': digestOf([step.address, step.moved, step.action]) },
  }
}

/** What no file describes any more is told of at the settings, since a place there must be. */
function location({ address, from }: Step): object {
  const region = from === undefined ? {} : { region: { startLine: from.start.line, startColumn: from.start.column } }
  return {
    physicalLocation: {
      artifactLocation: { uri: (from?.file ?? 'lockstep.yaml').split('/').map(encodeURIComponent).join('/') },
      ...region,
    },
    logicalLocations: [{ fullyQualifiedName: address }],
  }
}
