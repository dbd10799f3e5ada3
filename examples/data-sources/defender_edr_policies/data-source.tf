data "defender_edr_policies" "production" {
  name_prefix = "Production"
}

output "assignments_by_policy" {
  value = {
    for policy in data.defender_edr_policies.production.policies : policy.id => policy.direct_assignment_count
  }
}
