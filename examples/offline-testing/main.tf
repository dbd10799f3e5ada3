# A module that gives one onboarding policy to some groups, and never to others.

terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

variable "policy_id" {
  description = "Id of the onboarding policy in Intune."
  type        = string
}

variable "group_ids" {
  description = "Object ids of the groups that get the policy."
  type        = set(string)

  validation {
    condition     = length(var.group_ids) > 0
    error_message = "Name at least one group: with none, no device would be onboarded."
  }
}

variable "excluded_group_ids" {
  description = "Object ids of the groups that never get it."
  type        = set(string)
  default     = []
}

resource "defender_atp_assignment" "this" {
  device_configuration_id = var.policy_id

  assignments = concat(
    [for id in var.group_ids : { type = "groupAssignmentTarget", group_id = id }],
    [for id in var.excluded_group_ids : { type = "exclusionGroupAssignmentTarget", group_id = id }],
  )
}

output "assignment_ids" {
  description = "Graph's id of each assignment."
  value       = defender_atp_assignment.this.assignment_ids
}
