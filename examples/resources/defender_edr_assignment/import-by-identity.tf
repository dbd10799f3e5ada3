# Terraform 1.12 and OpenTofu 1.12 and later. The identity is the policy's id in lower case.
import {
  to = defender_edr_assignment.onboarding
  identity = {
    configuration_policy_id = "5d0f4c1a-8b72-4e39-a6d5-13c7e9f2b840"
  }
}
