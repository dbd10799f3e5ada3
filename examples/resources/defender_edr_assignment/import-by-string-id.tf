# Terraform 1.5 and later. With `-generate-config-out=assignments.tf`, Terraform 1.6 or OpenTofu 1.12 writes the resource block.
import {
  to = defender_edr_assignment.onboarding
  id = "5d0f4c1a-8b72-4e39-a6d5-13c7e9f2b840"
}
