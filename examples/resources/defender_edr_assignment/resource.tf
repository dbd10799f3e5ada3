variable "workstations_group_id" {
  description = "Object id of the Entra group that holds the workstations."
  type        = string
}

variable "kiosks_group_id" {
  description = "Object id of the Entra group that must stay out."
  type        = string
}

# This resource owns all direct assignments of the policy: an apply removes what is not listed here.
resource "defender_edr_assignment" "onboarding" {
  configuration_policy_id = "5d0f4c1a-8b72-4e39-a6d5-13c7e9f2b840"

  assignments = [
    { type = "groupAssignmentTarget", group_id = var.workstations_group_id },
    { type = "exclusionGroupAssignmentTarget", group_id = var.kiosks_group_id },
  ]
}

# Devices of a Configuration Manager site that is attached to the tenant.
resource "defender_edr_assignment" "servers" {
  configuration_policy_id = "e7a93b58-6c14-4d0b-9f82-b05d4e61c3a7"

  assignments = [
    { type = "configurationManagerCollectionAssignmentTarget", collection_id = "SMS00001" },
  ]
}
