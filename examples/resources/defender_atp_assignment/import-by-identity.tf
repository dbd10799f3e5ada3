# Terraform 1.12 and OpenTofu 1.12 and later. The identity is the policy's id in lower case.
import {
  to = defender_atp_assignment.onboarding
  identity = {
    device_configuration_id = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294"
  }
}
