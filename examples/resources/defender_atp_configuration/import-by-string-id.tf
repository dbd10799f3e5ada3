# Terraform 1.5 and later. With `-generate-config-out=policies.tf`, Terraform 1.6 or OpenTofu 1.12 writes the resource block.
import {
  to = defender_atp_configuration.onboarding
  id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
}
