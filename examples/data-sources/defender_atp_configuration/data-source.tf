data "defender_atp_configuration" "onboarding" {
  display_name = "MDE onboarding, production"
}

resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = data.defender_atp_configuration.onboarding.id

  assignments = [
    { type = "allDevicesAssignmentTarget" },
  ]
}
