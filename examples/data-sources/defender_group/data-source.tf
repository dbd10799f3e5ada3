data "defender_group" "pilot" {
  display_name = "Defender pilot devices"
}

resource "defender_atp_assignment" "pilot" {
  device_configuration_id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"

  assignments = [
    { type = "groupAssignmentTarget", group_id = data.defender_group.pilot.id },
  ]

  lifecycle {
    precondition {
      condition     = data.defender_group.pilot.device_count < 500
      error_message = "The pilot group has ${data.defender_group.pilot.device_count} devices. A pilot has fewer than 500."
    }
  }
}
