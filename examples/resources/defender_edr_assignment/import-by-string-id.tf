# Terraform 1.5 and later. With `-generate-config-out=assignments.tf`, Terraform writes the resource block.
import {
  to = defender_edr_assignment.onboarding
  id = "5d0f4c1a-8b72-4e39-a6d5-13c7e9f2b840"
}
