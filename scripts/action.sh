#!/bin/bash
# What action.yml runs: public commands of lockstep, one after the other, which anybody can run by hand.
set -euo pipefail

lockstep() { "$ACTION/bin/lockstep" "$@"; }

[ -z "$TARGET" ] || export LOCKSTEP_ENVIRONMENT=$TARGET
[ -z "$ADDRESS" ] || export VAULT_ADDR=$ADDRESS

# Tokens go through standard input and the environment, never through arguments, which everybody on the machine can read.
log_in() {
  [ -n "$ROLE" ] || return 0
  if [ -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    echo '::error::the job has no OIDC token: give it "permissions: id-token: write"'
    return 1
  fi
  local reply jwt
  reply=$(printf 'header = "Authorization: bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
    curl --silent --show-error --fail --retry 3 --config - "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$AUDIENCE")
  jwt=$(printf '%s' "$reply" | sed -n 's/.*"value" *: *"\([^"]*\)".*/\1/p')
  VAULT_TOKEN=$(printf '%s' "$jwt" | lockstep write -field=token "auth/$AUTH_MOUNT/login" "role=$ROLE" jwt=-)
  export VAULT_TOKEN
  echo "::add-mask::$VAULT_TOKEN"
}

# A plan that a guard refuses is a plan too (3), and is shown before the job fails.
plan=$(mktemp)
trap 'rm -f "$plan"' EXIT
code=0
make_plan() {
  lockstep plan -json "$@" >"$plan" || code=$?
  lockstep github summary -plan="$plan"
}

# Where the run is of no pull request, it is named.
of_pull_request=(${PULL_REQUEST:+"-pull-request=$PULL_REQUEST"})
of_commit=(${SHA:+"-sha=$SHA"})

# Another pull request may have applied what is not merged yet.
hold() {
  [ "${LOCK:-}" = true ] || return 0
  lockstep github lock "${of_pull_request[@]}" "$@"
}

record() {
  [ "${DEPLOYMENT:-}" = true ] || return 0
  lockstep github deployment -plan="$plan" -state="$1" "${of_commit[@]}"
}

case $COMMAND in
  lint)
    lockstep fmt -check -diff "$LOCKSTEP_DIR/policies" || code=$?
    lockstep lint -format=github || code=$?
    lockstep test || code=$?
    ;;
  plan)
    hold
    if [ -n "$SNAPSHOT" ]; then
      make_plan "-snapshot=$SNAPSHOT" "-snapshot-key=$SNAPSHOT_KEY"
    else
      log_in
      make_plan
    fi
    [ "$COMMENT" != true ] || lockstep github comment -plan="$plan" "${of_pull_request[@]}"
    [ "$CHECK" != true ] || lockstep github check -plan="$plan" "${of_commit[@]}"
    ;;
  apply)
    if [ -n "${PULL_REQUEST:-}" ]; then hold; else hold -check; fi
    if [ "${REVIEWED:-}" = true ]; then PLAN_HASH=$(lockstep github reviewed "${of_pull_request[@]}"); fi
    log_in
    make_plan -commit=HEAD
    if [ "$code" = 0 ] && [ -n "$PLAN_HASH" ] && ! grep -q "\"digest\": \"$PLAN_HASH\"" "$plan"; then
      echo '::error::the server or the files have changed since the plan was reviewed: review the new one'
      echo 'failure_reason=hash-changed' >>"$GITHUB_OUTPUT"
      code=3
    fi
    if [ "$code" = 0 ]; then
      record in_progress
      lockstep apply "$plan" || code=$?
      if [ "$code" = 0 ]; then record success; else record failure; fi
    fi
    ;;
  drift)
    log_in
    make_plan -commit=HEAD
    if [ "$code" != 0 ] && [ "$code" != 3 ]; then exit "$code"; fi
    code=0
    [ "$ISSUE" != true ] || lockstep github drift-issue -plan="$plan"
    if [ "${SARIF:-}" = true ]; then
      report=$(mktemp)
      trap 'rm -f "$plan" "$report"' EXIT
      lockstep drift -commit=HEAD -format=sarif >"$report" || [ "$?" = 2 ]
      lockstep github code-scanning -sarif="$report"
    fi
    ;;
  snapshot)
    log_in
    key=$(mktemp)
    trap 'rm -f "$plan" "$key"' EXIT
    printf '%s\n' "$SNAPSHOT_SIGNING_KEY" >"$key"
    lockstep snapshot take -commit=HEAD "-out=$SNAPSHOT" "-key=$key" || code=$?
    ;;
  request)
    lockstep github request
    ;;
  unlock)
    lockstep github unlock "${of_pull_request[@]}"
    ;;
  *)
    echo "::error::unknown command: expected lint, plan, apply, drift, snapshot, request or unlock"
    code=1
    ;;
esac
exit "$code"
