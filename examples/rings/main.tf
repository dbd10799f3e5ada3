# Rolls an onboarding policy out in rings. Each ring has a policy of its own, because Intune counts devices by policy, and
# opens only while the ring before it is healthy.

terraform {
  required_version = ">= 1.5"

  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

variable "rings" {
  description = "The rings in their order: the policy of each, and the groups that get it."
  type = list(object({
    name                    = string
    device_configuration_id = string
    group_ids               = set(string)
  }))
}

variable "open" {
  description = "How many rings may have their policy. Raise it by one to go on."
  type        = number

  validation {
    condition     = var.open >= 0 && floor(var.open) == var.open
    error_message = "Write a whole number of rings."
  }
}

variable "min_successes" {
  description = "How many devices of a ring must have the policy before the next ring opens."
  type        = number
  default     = 10
}

variable "max_failures" {
  description = "How many devices of a ring may report errors, failures or conflicts."
  type        = number
  default     = 0
}

# No data source depends on a resource, so all of them are read in every plan, never later.
data "defender_policy_status" "ring" {
  count = length(var.rings)

  device_configuration_id = var.rings[count.index].device_configuration_id
}

data "defender_atp_assignment" "ring" {
  count = length(var.rings)

  device_configuration_id = var.rings[count.index].device_configuration_id
}

data "defender_policy_conflicts" "all" {}

locals {
  open_rings = { for index, ring in var.rings : ring.name => merge(ring, { index = index }) if index < var.open }

  failures = [
    for status in data.defender_policy_status.ring : status.error_count + status.failed_count + status.conflict_count
  ]

  is_healthy = [
    for index, status in data.defender_policy_status.ring :
    status.of_current_version && local.failures[index] <= var.max_failures && status.success_count >= var.min_successes
  ]

  # A ring that has its policy keeps it, whatever becomes of the ring before.
  has_policy = [for ring in data.defender_atp_assignment.ring : length(ring.assignments) > 0]
}

resource "defender_atp_assignment" "ring" {
  for_each = local.open_rings

  device_configuration_id = each.value.device_configuration_id
  assignments             = [for id in each.value.group_ids : { type = "groupAssignmentTarget", group_id = id }]

  lifecycle {
    precondition {
      condition = (
        each.value.index == 0 || local.has_policy[each.value.index] || local.is_healthy[max(each.value.index - 1, 0)]
      )
      error_message = "The ring before ${each.key} is not healthy yet. Set open = ${each.value.index} to leave ${each.key} out for now."
    }
  }
}

# Warns in every plan and apply, and stops nothing.
check "rings_are_healthy" {
  assert {
    condition     = alltrue([for index, failures in local.failures : failures <= var.max_failures if local.has_policy[index]])
    error_message = "More devices than allowed report a problem. By ring: ${join(", ", [for index, ring in var.rings : "${ring.name} ${local.failures[index]}"])}."
  }
}

check "no_conflicts" {
  assert {
    condition = length([
      for conflict in data.defender_policy_conflicts.all.conflicts : conflict
      if length(setintersection(conflict.policies[*].id, [for ring in var.rings : lower(ring.device_configuration_id)])) > 0
    ]) == 0
    error_message = "Another policy contradicts the policy of a ring on some devices."
  }
}
