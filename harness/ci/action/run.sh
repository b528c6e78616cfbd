#!/usr/bin/env bash
# Runs tokenspec with what the action was given, or puts the parts of a run together; shows the summaries of
# the reports, and fails by policy.
# Inputs come through the environment, never through the text of a script.
set -euo pipefail

if [ -n "${INPUT_MERGE:-}" ]; then
  args=(report merge "$INPUT_MERGE" --report-dir "${INPUT_REPORT_DIR:-reports}")
else
  args=(run --report-dir "${INPUT_REPORT_DIR:-reports}" --format terse)
  read -r -a targets <<<"${INPUT_TARGET:-}"
  for target in ${targets[@]+"${targets[@]}"}; do
    if [ "$target" = '*' ]; then args+=(--all-targets); else args+=(--target "$target"); fi
  done
  [ -z "${INPUT_CONFIG:-}" ] || args+=(--config "$INPUT_CONFIG")
  [ -z "${INPUT_KNOWN_FAILURES:-}" ] || args+=(--known-failures "$INPUT_KNOWN_FAILURES")
  [ -z "${INPUT_SHARD:-}" ] || args+=(--shard "$INPUT_SHARD")
  read -r -a further <<<"${INPUT_ARGS:-}"
  args+=(${further[@]+"${further[@]}"})
fi

status=0
"${TOKENSPEC:-tokenspec}" "${args[@]}" || status=$?
echo "status=$status" >>"${GITHUB_OUTPUT:-/dev/null}"
if [ -d "${INPUT_REPORT_DIR:-reports}" ]; then
  # A job summary may have 1 MiB; each of these is far below that.
  find "${INPUT_REPORT_DIR:-reports}" -name summary.md -exec cat {} + >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi
case "$status-${INPUT_FAIL_ON:-errored}" in
  0-*) exit 0 ;;
  1-failed | 1-errored | 3-errored) exit "$status" ;;
  1-never | 3-failed | 3-never) echo "tokenspec ended with $status, which this step does not fail for" ;;
  [13]-*) echo "tokenspec: fail-on is errored, failed or never, and not ${INPUT_FAIL_ON}" >&2; exit 2 ;;
  *) exit "$status" ;;
esac
