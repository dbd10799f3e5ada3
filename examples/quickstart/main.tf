# Who gets Microsoft Defender for Endpoint: two onboarding policies and the groups that they go to.
# `cargo run --example quickstart` takes this configuration through plan, apply, drift, repair and destroy.

terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

# Empty on purpose: address and token come from DEFENDER_GRAPH_ENDPOINT and DEFENDER_ACCESS_TOKEN. Against a
# tenant the first is not set.
provider "defender" {}

# A few devices get every change first.
resource "defender_atp_assignment" "pilot" {
  device_configuration_id = var.pilot_policy_id
  assignments = [
    { type = "groupAssignmentTarget", group_id = var.groups["pilot"] },
  ]
}

# Everybody else: two sites, company-owned devices only in one of them, and never the kiosks.
resource "defender_atp_assignment" "production" {
  device_configuration_id = var.production_policy_id
  assignments = [
    {
      type        = "groupAssignmentTarget"
      group_id    = var.groups["berlin"]
      filter_id   = var.company_owned_filter_id
      filter_type = "include"
    },
    { type = "groupAssignmentTarget", group_id = var.groups["madrid"] },
    { type = "exclusionGroupAssignmentTarget", group_id = var.groups["kiosks"] },
  ]
}
