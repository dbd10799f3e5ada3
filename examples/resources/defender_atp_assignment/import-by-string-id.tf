# Terraform 1.5 and later. With `-generate-config-out=assignments.tf`, Terraform 1.6 or OpenTofu 1.12 writes the resource block.
import {
  to = defender_atp_assignment.onboarding
  id = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294"
}
