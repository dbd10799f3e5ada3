variable "workstations_group_id" {
  description = "Object id of the Entra group that holds the workstations."
  type        = string
}

variable "kiosks_group_id" {
  description = "Object id of the Entra group that must stay out."
  type        = string
}

variable "company_owned_filter_id" {
  description = "Id of an assignment filter of platform windows10AndLater."
  type        = string
}

# This resource owns all direct assignments of the policy: an apply removes what is not listed here.
# Assignments from a policy set stay. `inherited_assignments` shows them.
resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294"

  assignments = [
    # Company-owned devices of one group.
    {
      type        = "groupAssignmentTarget"
      group_id    = var.workstations_group_id
      filter_id   = var.company_owned_filter_id
      filter_type = "include"
    },
    # An exclusion takes no filter.
    { type = "exclusionGroupAssignmentTarget", group_id = var.kiosks_group_id },
  ]
}

# Every device in the tenant, with more time for a busy service.
resource "defender_atp_assignment" "everywhere" {
  device_configuration_id = "6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b"

  assignments = [
    { type = "allDevicesAssignmentTarget" },
  ]

  timeouts {
    create = "20m"
    update = "20m"
  }
}

# No direct assignment. The empty set is allowed; leaving `assignments` out is an error.
resource "defender_atp_assignment" "retired" {
  device_configuration_id = "c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72"
  assignments             = []
}

# Graph's own id of each assignment, for scripts that need it.
output "assignment_ids" {
  value = defender_atp_assignment.onboarding.assignment_ids
}
