data "defender_onboarding_status" "tenant" {}

output "not_onboarded" {
  value = data.defender_onboarding_status.tenant.non_compliant_device_count
}
