data "defender_atp_configurations" "all" {}

# Policies that reach nobody.
output "unassigned" {
  value = [
    for policy in data.defender_atp_configurations.all.configurations : policy.display_name
    if policy.direct_assignment_count + policy.inherited_assignment_count == 0
  ]
}
