#!/bin/sh
# Reports whether the tenant matches the configuration. Changes neither the tenant nor the state.
# Exit code: 0 if it matches, 2 if it differs, 1 (or another) if the plan failed.
set -u

# To use another program than the terraform on the PATH, set TERRAFORM.
terraform=${TERRAFORM:-terraform}

# -lock=false: a run that only reads must not block an apply.
"$terraform" plan -input=false -lock=false -no-color -detailed-exitcode
code=$?

case $code in
  0)
    echo "No drift: the tenant matches the configuration."
    ;;
  2)
    # A refresh-only plan compares the tenant with the state, so it shows which side has changed.
    "$terraform" plan -refresh-only -input=false -lock=false -no-color -detailed-exitcode >/dev/null
    case $? in
      0) echo "Not applied: the configuration has changed, the tenant has not." ;;
      2) echo "Drift: the tenant was changed outside of Terraform. The plan above is what an apply would do." ;;
      *) code=1 ;;
    esac
    ;;
esac

if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then
  echo "Not known: terraform plan failed, so nothing is known about the tenant."
fi
exit "$code"
