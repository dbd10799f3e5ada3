data "defender_edr_policy" "default" {
  name = "Default EDR policy"
}

resource "defender_edr_assignment" "default" {
  configuration_policy_id = data.defender_edr_policy.default.id

  assignments = [
    { type = "allDevicesAssignmentTarget" },
  ]
}
