data "defender_assignment_filter" "company_owned" {
  display_name = "Company-owned Windows devices"
}

data "defender_group" "workstations" {
  display_name = "Workstations"
}

resource "defender_atp_configuration" "onboarding" {
  display_name         = "MDE onboarding, production"
  description          = "Managed by Terraform"
  allow_sample_sharing = true
  package              = "auto_from_connector"
}

resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = defender_atp_configuration.onboarding.id

  assignments = [
    {
      type        = "groupAssignmentTarget"
      group_id    = data.defender_group.workstations.id
      filter_id   = data.defender_assignment_filter.company_owned.id
      filter_type = "include"
    },
  ]
}
