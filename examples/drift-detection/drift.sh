#!/bin/sh
# Says whether the tenant is still as configured. Changes nothing, neither in the tenant nor in the state.
# Exit code: 0 as configured, 2 not as configured, 1 (or another) not known.
set -u

# Another program than the one on the PATH, if need be.
terraform=${TERRAFORM:-terraform}

# -lock=false: a run that only looks must not keep an apply waiting.
"$terraform" plan -input=false -lock=false -no-color -detailed-exitcode
code=$?

case $code in
  0)
    echo "No drift: the tenant is as configured."
    ;;
  2)
    # A plan that only compares tenant and state tells which of the two was changed.
    "$terraform" plan -refresh-only -input=false -lock=false -no-color -detailed-exitcode >/dev/null
    case $? in
      0) echo "Not applied: the configuration was changed, the tenant was not." ;;
      2) echo "Drift: the tenant was changed elsewhere. The plan above shows what an apply does about it." ;;
      *) code=1 ;;
    esac
    ;;
esac

if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then
  echo "Not known: terraform plan failed. This says nothing about the tenant."
fi
exit "$code"
