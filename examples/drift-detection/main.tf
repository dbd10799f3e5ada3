terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

provider "defender" {}

resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = "2c9d4e71-86fa-4b03-9e5d-1a7c3f0b8d62"

  assignments = [
    { type = "groupAssignmentTarget", group_id = "7e6f5a4b-3c2d-4e1f-9a0b-8c7d6e5f4a01" },
    { type = "exclusionGroupAssignmentTarget", group_id = "8f7a6b5c-4d3e-4f2a-8b1c-9d8e7f6a5b02" },
  ]
}
