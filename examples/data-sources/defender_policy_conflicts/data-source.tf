check "no_second_onboarding_policy" {
  data "defender_policy_conflicts" "onboarding" {
    device_configuration_id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
  }

  assert {
    condition     = length(data.defender_policy_conflicts.onboarding.conflicts) == 0
    error_message = "Another policy conflicts with the onboarding policy on some devices."
  }
}
