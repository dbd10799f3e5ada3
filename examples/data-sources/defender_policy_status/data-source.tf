data "defender_policy_status" "onboarding" {
  device_configuration_id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
}

check "onboarding_is_healthy" {
  assert {
    condition     = data.defender_policy_status.onboarding.error_count == 0
    error_message = "${data.defender_policy_status.onboarding.error_count} devices report an error."
  }
}
