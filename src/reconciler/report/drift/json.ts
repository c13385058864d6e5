import { coveredPercent, drifted, movedIds, planJson, stableJson, type Changes, type Plan } from '../../model/index.ts'

/**
 * The plan as it is, and what `drift` says beside it: of each difference who moved, and, with an audit log, who wrote the object
 * last. Its values are `resource_changes` of the plan.
 */
export function driftJson(plan: Plan, changes: Changes): string {
  const differences = drifted(plan).map(step => {
    const by = changes.get(step.address)
    return {
      address: step.address,
      moved: movedIds[step.moved],
      changed: step.changed,
      ...(by === undefined
        ? {}
        : {
            changed_by: {
              time: by.time,
              operation: by.operation,
              path: by.path,
              ...(by.displayName === undefined ? {} : { display_name: by.displayName }),
              ...(by.entityId === undefined ? {} : { entity_id: by.entityId }),
              ...(by.accessor === undefined ? {} : { accessor: by.accessor }),
              ...(by.remoteAddress === undefined ? {} : { remote_address: by.remoteAddress }),
            },
          }),
    }
  })
  const drift = { differences, covered_percent: coveredPercent(plan.coverage) }
  return `${stableJson({ ...(planJson(plan) as object), drift }, 2)}\n`
}
