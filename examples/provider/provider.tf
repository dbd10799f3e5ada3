terraform {
  required_providers {
    defender = {
      source  = "defender-atp/defender"
      version = "~> 0.1"
    }
  }
}

# The client secret comes from ARM_CLIENT_SECRET, or a pipeline signs in without one. Every other argument can come from
# the environment, too; the block may then be empty or missing.
provider "defender" {
  tenant_id = "b3c1a9d2-6f47-4e0a-8d15-7c9e2f4a6b10"
  client_id = "6d2f8b54-1c3e-4a97-b0e8-59f7a1d4c326"
}

# All direct assignments of one onboarding policy.
resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294"

  assignments = [
    { type = "groupAssignmentTarget", group_id = "7e6f5a4b-3c2d-4e1f-9a0b-8c7d6e5f4a01" },
    { type = "exclusionGroupAssignmentTarget", group_id = "8f7a6b5c-4d3e-4f2a-8b1c-9d8e7f6a5b02" },
  ]
}
