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

  validation {
    condition     = alltrue([for ring in var.rings : length(ring.group_ids) > 0])
    error_message = "Name at least one group for each ring. To leave a ring out, lower open."
  }

  validation {
    condition     = length(distinct([for ring in var.rings : lower(ring.device_configuration_id)])) == length(var.rings)
    error_message = "Give each ring a policy of its own."
  }
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
  open_rings = {
    for index, ring in var.rings : ring.name => merge(ring, { index = index, before = max(index - 1, 0) })
    if index < var.open
  }

  # Read from the tenant, not from the state. A ring that has its policy keeps it, whatever happens to the ring before.
  has_policy = [for ring in data.defender_atp_assignment.ring : length(ring.assignments) > 0]

  # If Intune leaves out the conflict count or the version, they are null. Nulls must not break plans that open no ring.
  failures = [
    for status in data.defender_policy_status.ring :
    status.error_count + status.failed_count + coalesce(status.conflict_count, 0)
  ]
  is_current = [for status in data.defender_policy_status.ring : status.of_current_version == true]

  # A ring without its policy is never healthy: its counts are zero or those of an earlier rollout.
  is_healthy = [
    for index, status in data.defender_policy_status.ring : alltrue([
      local.has_policy[index],
      local.is_current[index],
      local.failures[index] <= var.max_failures,
      status.success_count >= var.min_successes,
    ])
  ]

  reports = [
    for index, ring in var.rings : join(", ", [
      "${ring.name}: ${local.has_policy[index] ? "assigned" : "not assigned"}",
      "${data.defender_policy_status.ring[index].success_count} successes (at least ${var.min_successes})",
      "${local.failures[index]} failures (at most ${var.max_failures})",
      "counts of ${local.is_current[index] ? "the current" : "an older"} version",
    ])
  ]

  # Where later rings have their policies, a lower number would take these away.
  ways_out = [
    for index, ring in var.rings :
    anytrue(slice(local.has_policy, index, length(var.rings)))
    ? "Take ${ring.name} out of rings for now, since later rings have their policies."
    : "Set open = ${index} to leave ${ring.name} out for now."
  ]

  conflicts = [
    for conflict in data.defender_policy_conflicts.all.conflicts : join(" and ", conflict.policies[*].display_name)
    if length(setintersection(conflict.policies[*].id, [for ring in var.rings : lower(ring.device_configuration_id)])) > 0
  ]
}

resource "defender_atp_assignment" "ring" {
  for_each = local.open_rings

  device_configuration_id = each.value.device_configuration_id
  assignments             = [for id in each.value.group_ids : { type = "groupAssignmentTarget", group_id = id }]

  lifecycle {
    precondition {
      condition = anytrue([
        each.value.index == 0,
        local.has_policy[each.value.index],
        local.is_healthy[each.value.before],
      ])
      error_message = "The ring before ${each.key} is not healthy yet. ${local.reports[each.value.before]}. ${local.ways_out[each.value.index]}"
    }
  }
}

# Warns in every plan and apply, and stops nothing.
check "rings_are_healthy" {
  assert {
    condition     = alltrue([for index, failures in local.failures : failures <= var.max_failures if local.has_policy[index]])
    error_message = "More devices than allowed report a problem.\n${join("\n", local.reports)}"
  }
}

check "no_conflicts" {
  assert {
    condition     = length(local.conflicts) == 0
    error_message = "Policies conflict on some devices: ${join("; ", local.conflicts)}."
  }
}
