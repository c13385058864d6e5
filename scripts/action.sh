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

case $COMMAND in
  lint)
    lockstep fmt -check -diff "$LOCKSTEP_DIR/policies" || code=$?
    lockstep lint -format=github || code=$?
    lockstep test || code=$?
    ;;
  plan)
    if [ -n "$SNAPSHOT" ]; then
      make_plan "-snapshot=$SNAPSHOT" "-snapshot-key=$SNAPSHOT_KEY"
    else
      log_in
      make_plan
    fi
    [ "$COMMENT" != true ] || lockstep github comment -plan="$plan"
    [ "$CHECK" != true ] || lockstep github check -plan="$plan"
    ;;
  apply)
    log_in
    make_plan -commit=HEAD
    if [ "$code" = 0 ] && [ -n "$PLAN_HASH" ] && ! grep -q "\"digest\": \"$PLAN_HASH\"" "$plan"; then
      echo '::error::the server or the files have changed since the plan was reviewed: review the new one'
      echo 'failure_reason=hash-changed' >>"$GITHUB_OUTPUT"
      code=3
    fi
    [ "$code" != 0 ] || lockstep apply "$plan" || code=$?
    ;;
  drift)
    log_in
    make_plan -commit=HEAD
    if [ "$code" != 0 ] && [ "$code" != 3 ]; then exit "$code"; fi
    code=0
    [ "$ISSUE" != true ] || lockstep github drift-issue -plan="$plan"
    ;;
  snapshot)
    log_in
    key=$(mktemp)
    trap 'rm -f "$plan" "$key"' EXIT
    printf '%s\n' "$SNAPSHOT_SIGNING_KEY" >"$key"
    lockstep snapshot take -commit=HEAD "-out=$SNAPSHOT" "-key=$key" || code=$?
    ;;
  *)
    echo "::error::unknown command: expected lint, plan, apply, drift or snapshot"
    code=1
    ;;
esac
exit "$code"
