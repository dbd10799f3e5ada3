# Terraform 1.12 and OpenTofu 1.12 and later. The identity is the policy's id in lower case.
import {
  to = defender_atp_configuration.onboarding
  identity = {
    id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
  }
}
