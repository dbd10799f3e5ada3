# Which devices get Microsoft Defender for Endpoint: two onboarding policies and their groups.
# `cargo run --example quickstart` runs plan, apply, drift, repair and destroy with this configuration.

terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

# Address and token come from DEFENDER_GRAPH_ENDPOINT and DEFENDER_ACCESS_TOKEN. With a tenant, do not set the first.
provider "defender" {}

# A few devices get every change first.
resource "defender_atp_assignment" "pilot" {
  device_configuration_id = var.pilot_policy_id
  assignments = [
    { type = "groupAssignmentTarget", group_id = var.groups["pilot"] },
  ]
}

# All others: two sites, one of them with company-owned devices only, and never the kiosks.
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
