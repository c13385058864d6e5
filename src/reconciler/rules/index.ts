/**
 * The rules of `lockstep lint`, one file and one line each. Knows policies with their meaning, and mounts and roles as values; must
 * not know files, YAML, or the target. To add one: a file with its table, its line here, and `node scripts/reference.ts`.
 */
import { tableBy } from '../../kernel/index.ts'
import { allowedParamsKv2 } from './allowed-params-kv2.ts'
import { badTemplate } from './bad-template.ts'
import { badValue } from './bad-value.ts'
import { base64Text } from './base64-text.ts'
import { controlGroupLost } from './control-group-lost.ts'
import { createWithoutUpdate } from './create-without-update.ts'
import { denyNeverUsed } from './deny-never-used.ts'
import { denyOverridden } from './deny-overridden.ts'
import { doubleLeadingSlash } from './double-leading-slash.ts'
import { duplicateKey } from './duplicate-key.ts'
import { duplicatePath } from './duplicate-path.ts'
import { emptyRule } from './empty-rule.ts'
import { escalation } from './escalation.ts'
import { expiredRule } from './expired-rule.ts'
import { extraLabel } from './extra-label.ts'
import { fmtUnsafe } from './fmt-unsafe.ts'
import { foreignCapability } from './foreign-capability.ts'
import { hcl2Disagrees } from './hcl2-disagrees.ts'
import { hcl2Incompatible } from './hcl2-incompatible.ts'
import { hiddenByDeny } from './hidden-by-deny.ts'
import { jsonPolicy } from './json-policy.ts'
import { kv2Data } from './kv2-data.ts'
import { kv2DeleteOnDataOnly } from './kv2-delete-on-data-only.ts'
import { kv2ListOnData } from './kv2-list-on-data.ts'
import { leadingSlash } from './leading-slash.ts'
import { legacyPolicyKey } from './legacy-policy-key.ts'
import { listNeedsParent } from './list-needs-parent.ts'
import { literalPlus } from './literal-plus.ts'
import { literalStar } from './literal-star.ts'
import { mfaNoEffect } from './mfa-no-effect.ts'
import { missingMount } from './missing-mount.ts'
import { missingPolicyRef } from './missing-policy-ref.ts'
import { nameCase } from './name-case.ts'
import { noDefaultPolicyHint } from './no-default-policy-hint.ts'
import { noLabel } from './no-label.ts'
import { pageFilterNoList } from './page-filter-no-list.ts'
import { paramListBypass } from './param-list-bypass.ts'
import { paramNameCase } from './param-name-case.ts'
import { paramNumberValue } from './param-number-value.ts'
import { paramStarNameValues } from './param-star-name-values.ts'
import { paramStarValue } from './param-star-value.ts'
import { paramsOnListDelete } from './params-on-list-delete.ts'
import { patchMissing } from './patch-missing.ts'
import { plusStar } from './plus-star.ts'
import { repeatedCapability } from './repeated-capability.ts'
import { reservedName } from './reserved-name.ts'
import { rootPolicyRef } from './root-policy-ref.ts'
import { samePathTwoPolicies } from './same-path-two-policies.ts'
import { shadowedRule } from './shadowed-rule.ts'
import { slashStarMissesSelf } from './slash-star-misses-self.ts'
import { soonExpired } from './soon-expired.ts'
import { sudoMissing } from './sudo-missing.ts'
import { sudoNotNeeded } from './sudo-not-needed.ts'
import { syntax } from './syntax.ts'
import { templateAdjacentGlob } from './template-adjacent-glob.ts'
import { templateDeny } from './template-deny.ts'
import { templateUserControlled } from './template-user-controlled.ts'
import { ttlNoLimit } from './ttl-no-limit.ts'
import { unfinishedKey } from './unfinished-key.ts'
import { unknownCapability } from './unknown-capability.ts'
import { unknownKey } from './unknown-key.ts'
import { unknownSelector } from './unknown-selector.ts'
import { unusedPolicy } from './unused-policy.ts'
import { updateWithoutCreate } from './update-without-create.ts'
import { wildcardAll } from './wildcard-all.ts'
import { ownRules } from './lint/index.ts'
import type { Rule } from './rule.ts'

export const rules: Readonly<Record<string, Rule>> = tableBy(
  it => it.id,
  [
    allowedParamsKv2,
    badTemplate,
    badValue,
    base64Text,
    controlGroupLost,
    createWithoutUpdate,
    denyNeverUsed,
    denyOverridden,
    doubleLeadingSlash,
    duplicateKey,
    duplicatePath,
    emptyRule,
    escalation,
    expiredRule,
    extraLabel,
    fmtUnsafe,
    foreignCapability,
    hcl2Disagrees,
    hcl2Incompatible,
    hiddenByDeny,
    jsonPolicy,
    kv2Data,
    kv2DeleteOnDataOnly,
    kv2ListOnData,
    leadingSlash,
    legacyPolicyKey,
    listNeedsParent,
    literalPlus,
    literalStar,
    mfaNoEffect,
    missingMount,
    missingPolicyRef,
    nameCase,
    noDefaultPolicyHint,
    noLabel,
    pageFilterNoList,
    paramListBypass,
    paramNameCase,
    paramNumberValue,
    paramStarNameValues,
    paramStarValue,
    paramsOnListDelete,
    patchMissing,
    plusStar,
    repeatedCapability,
    reservedName,
    rootPolicyRef,
    samePathTwoPolicies,
    shadowedRule,
    slashStarMissesSelf,
    soonExpired,
    sudoMissing,
    sudoNotNeeded,
    syntax,
    templateAdjacentGlob,
    templateDeny,
    templateUserControlled,
    ttlNoLimit,
    unfinishedKey,
    unknownCapability,
    unknownKey,
    unknownSelector,
    unusedPolicy,
    updateWithoutCreate,
    wildcardAll,
    ...ownRules,
  ],
)

export { applyFixes, lint, type Fixed, type LintFinding, type LintInput, type LintOptions } from './lint/index.ts'
export { type Edit, type Example, type Fix, type Problem, type Rule } from './rule.ts'
export { labelAt, overlap, viewWorkspace, type PolicyInput, type PolicyView, type RuleView, type WorkspaceView } from './view/index.ts'
