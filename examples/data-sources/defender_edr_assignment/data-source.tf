data "defender_edr_assignment" "default" {
  configuration_policy_id = "7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f18"
}

output "targets" {
  value = data.defender_edr_assignment.default.assignments
}
