data "defender_atp_assignment" "onboarding" {
  device_configuration_id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
}

output "excluded_groups" {
  value = [
    for target in data.defender_atp_assignment.onboarding.assignments : target.group_id
    if target.type == "exclusionGroupAssignmentTarget"
  ]
}
